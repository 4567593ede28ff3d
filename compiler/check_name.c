/* check_name.c - names: what the service takes for jobs and tasks (reference e.1), and ports that hide other names. */
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <string.h>

enum { JOB_NAME = 64, TASK_NAME = 32 };

static bool legal(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z') && !(s[i] >= '0' && s[i] <= '9') && s[i] != '_' && s[i] != '-')
			return false;
	return true;
}

const char *name_fault(const char *s, size_t n)
{
	if (n == 0)
		return N_("it is empty");
	if (!legal(s, n))
		return N_("only letters, digits, `_` and `-` are allowed");
	if (s[0] >= '0' && s[0] <= '9')
		return N_("it starts with a digit");
	return NULL;
}

void check_job_name(struct session *s)
{
	const char *nm = name_str(s->names, s->job->name);
	size_t n = name_len(s->names, s->job->name);
	const char *fault = name_fault(nm, n);

	if (!fault && n > JOB_NAME)
		fault = N_("it is longer than 64 characters");
	if (fault && s->job->name_span.lo)
		diag_error(s->diags, E0209, s->job->name_span, "workflow name `%s` is not allowed: %s", nm, tr(fault));
}

static bool task_name_fault(struct session *s, const struct jtask *t)
{
	const char *nm = name_str(s->names, t->name), *fault = name_fault(nm, name_len(s->names, t->name));

	if (fault && !t->bad) {
		diag_error(s->diags, E0209, t->name_span, "task name `%s` is not allowed: %s", nm, tr(fault));
		return true;
	}
	if (name_len(s->names, t->name) <= TASK_NAME)
		return false;
	diag_error(s->diags, W0201, t->name_span, "task name `%s` is longer than %d characters", nm, TASK_NAME);
	diag_note(s->diags, "BatchCompute refuses it; other engines take it");
	return true;
}

void check_task_names(struct session *s)
{
	uint32_t i;

	for (i = 0; i < s->job->ntask; i++)
		task_name_fault(s, &s->job->task[i]);
}

static const char *const builtins[] = { "cpu", "mem", "time", "index", "instance", "attempt" };

static void shadow_port(struct session *s, const struct jtask *t, const struct jport *p)
{
	const char *nm = name_str(s->names, p->name);
	size_t i;

	for (i = 0; i < t->ndim; i++)
		if (t->dim[i].var == p->name) {
			diag_error(s->diags, E0213, p->name_span, "port `%s` of task `%s` has the name of a loop variable", nm,
				name_str(s->names, t->name));
			diag_at(s->diags, t->dim[i].span, "`%s` runs over this", nm);
			return;
		}
	for (i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (nm[0] == builtins[i][0] && !strcmp(nm, builtins[i])) {
			diag_error(s->diags, W0202, p->name_span, "port `%s` hides the built-in name `%s`", nm, nm);
			diag_help(s->diags, "give the port another name: ~{%s} is its path here, not the built-in value", nm);
			return;
		}
}

void check_shadow(struct session *s)
{
	uint32_t i, k;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		for (k = 0; k < t->nin; k++)
			shadow_port(s, t, &t->in[k]);
		for (k = 0; k < t->nout; k++)
			shadow_port(s, t, &t->out[k]);
	}
}
