/* export_check.c - what plain scripts cannot do: refused before anything is written, all of it at once. */
#include "runtime/export_impl.h"

#include <string.h>

static bool refuse(struct export *x, uint32_t task, struct span sp, const char *why, const char *help)
{
	export_refuse(x, E1100, task, sp, why);
	diag_help(x->d, "%s", help);
	return false;
}

static bool has_container(const struct export *x, const struct jtask *t, struct span *sp)
{
	const struct jval *v = task_set(t, SET_CONTAINER_IMAGE);

	for (uint32_t i = 0; i < t->nenv; i++)
		if (!strcmp(name_str(x->j->names, t->env[i].name), "BATCH_COMPUTE_DOCKER_IMAGE")) {
			*sp = t->env[i].span;
			return true;
		}
	if (!v || !name_len(x->j->names, v->s))
		return false;
	*sp = v->span;
	return true;
}

static bool check_globs(struct export *x, uint32_t task)
{
	const struct jtask *t = &x->j->task[task];

	for (uint32_t i = 0; i < t->nout; i++)
		if (t->out[i].count == PORT_GLOB)
			return refuse(x, task, t->out[i].path_span, _("what `glob` finds is known only after it has run"),
				_("name the files, or make the output a directory; `weft run --engine slurm` runs it as it is"));
	return true;
}

static bool check_task(struct export *x, uint32_t task)
{
	const struct jtask *t = &x->j->task[task];
	struct span sp = NOSPAN;
	bool ok = check_globs(x, task);

	if (t->count < 0)
		ok = refuse(x, task, t->count_span.hi ? t->count_span : t->name_span, _("its instances are known only while running"),
			_("give it instances that are known before, or use `weft run --engine slurm`"));
	if (t->nmap)
		ok = refuse(x, task, t->map[0].span, _("a script can mount nothing"),
			_("use ports (`in`, `out`) with oss:// paths, or `weft run --engine slurm`"));
	if (has_container(x, t, &sp))
		ok = refuse(x, task, sp, _("its command runs in a container"), _("start the container in the command itself"));
	if (t->run == RUN_NONE)
		ok = refuse(x, task, t->name_span, _("it has no command"), _("give it a `run`"));
	return export_options_check(x, task) && ok;
}

static bool check_secrets(struct export *x)
{
	for (uint32_t i = 0; i < x->j->nsecret; i++) {
		x->status = 3;
		diag_error(x->d, E1101, x->j->secret[i].span, "the secret `%s` would be written into the scripts",
			name_str(x->j->names, x->j->secret[i].name));
		diag_help(x->d, "let the command read it from a file, or from a variable that `env_pass` names");
	}
	return !x->j->nsecret;
}

bool export_check(struct export *x)
{
	bool ok = check_secrets(x);

	for (uint32_t t = 0; t < x->j->ntask; t++)
		if (!x->j->task[t].skipped)
			ok = check_task(x, t) && ok;
	return ok;
}
