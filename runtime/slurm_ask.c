/* slurm_ask.c - what instances ask Slurm for: cpus, memory, time, and the settings of `slurm { }`. */
#include "runtime/engine_slurm.h"

#include <math.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000, SETTINGS_MAX = 64, CPUS_MAX = 1000000,
	NICE_STEP = 100 /* what sbatch --nice alone means */, NICE_MAX = 2147483645 };

static const char path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* ---- values ---- */

static bool evaluate(struct jctx *c, const struct jval *v, double *out)
{
	struct jvalue x;

	if (!v)
		return true;
	if (!jx_eval(c, v->x, &x))
		return false;
	*out = x.type == JT_FLOAT ? x.d : (double)x.i;
	return true;
}

bool slurm_need(struct stager *st, const struct job *j, struct attempt_id id, struct slurm_ask *out, struct arena *a,
	const char **why)
{
	const struct jtask *t = &j->task[id.task];
	double cpu = 1, mem = 0;
	struct jctx c;
	int64_t ms;

	stager_context(st, id, a, &c);
	if (!evaluate(&c, task_set(t, SET_CPU), &cpu) || !evaluate(&c, task_set(t, SET_MEM), &mem)) {
		*why = c.error;
		return false;
	}
	if (!(cpu > 0) || cpu > CPUS_MAX || !(mem >= 0)) {
		*why = arena_printf(a, "%g cpus and %g bytes of memory cannot be asked for", cpu, mem);
		return false;
	}
	ms = stage_time_limit(st, id);
	out->cpus = (uint32_t)ceil(cpu - 1e-9);
	out->mb = (uint64_t)ceil(mem / (1 << 20));
	/* weft itself ends the command in time: Slurm's own limit, which knows no seconds, is the net below */
	out->minutes = (uint32_t)(ms / MINUTE_MS + 2);
	return true;
}

static bool constant(const struct run *r, uint32_t task)
{
	static const enum setting set[] = { SET_CPU, SET_MEM, SET_TIME };

	for (size_t i = 0; i < sizeof(set) / sizeof(*set); i++) {
		const struct jval *v = task_set(&r->job->task[task], set[i]);

		if (v && !jx_constant(r->job, v->x))
			return false;
	}
	return true;
}

bool slurm_ask_of(struct slurm *s, struct attempt_id id, struct slurm_ask *out, struct arena *a, const char **why)
{
	struct slurm_ask *f;

	if (!s->fixed)
		s->fixed = xcalloc((size_t)s->r->job->ntask + 1, sizeof(*s->fixed));
	f = &s->fixed[id.task];
	if (f->minutes) {
		*out = *f;
		return true;
	}
	if (!slurm_need(s->r->stager, s->r->job, id, out, a, why))
		return false;
	if (constant(s->r, id.task))
		*f = *out;
	return true;
}

/* ---- settings ---- */

/* Properties that carry what weft needs; nobody else may set them. */
static const char *const own[] = { "name", "array", "script", "environment", "current_working_directory", "standard_output",
	"standard_error", "standard_input", "requeue", "dependency", "argv", "tasks", "open_mode", "user_id", "group_id" };

static bool is_own(const char *key)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(own[i], key))
			return true;
	return false;
}

static bool check_pair(struct slurm *s, const struct jtask *t, const struct jval *v, const char *key, const char *value)
{
	const char *nm = name_str(s->r->job->names, t->name), *want = NULL, *like;
	struct buf b;
	struct jw w;
	bool ok;

	if (is_own(key))
		return diag_error(s->r->d, E1084, v->span, "task `%s` sets `%s`, which weft sets itself", nm, key);
	if (!slurm_has(s->api, key)) {
		like = slurm_similar(s->api, key);
		diag_error(s->r->d, E1084, v->span, "task `%s` sets `%s`, which jobs of Slurm's %s do not have", nm, key,
			slurm_version(s->api));
		if (like)
			diag_help(s->r->d, "did you mean `%s`?", like);
		return false;
	}
	buf_init(&b, 1 << 20);
	jw_init(&w, &b, 0);
	jw_open(&w, '{');
	ok = slurm_put(s->api, &w, key, value, &want);
	buf_free(&b);
	return ok || diag_error(s->r->d, E1084, v->span, "`%s` of task `%s` is not %s: %s", key, nm, want, value);
}

bool slurm_ask_check(struct slurm *s)
{
	const struct job *j = s->r->job;
	bool ok = true;

	s->top = INT64_MIN;
	for (uint32_t t = 0; t < j->ntask; t++) {
		int64_t priority = task_int(&j->task[t], SET_TASK_PRIORITY);
		const struct jval *v = j->task[t].skipped ? NULL : task_set(&j->task[t], SET_SLURM);

		for (uint32_t i = 0; v && i < v->n; i++)
			ok = check_pair(s, &j->task[t], v, name_str(j->names, v->list[2 * i]), name_str(j->names, v->list[2 * i + 1])) && ok;
		s->top = !j->task[t].skipped && priority > s->top ? priority : s->top;
	}
	return ok;
}

/* ---- the submission ---- */

struct setting_text {
	const char *key, *value;
};
struct settings_list {
	struct setting_text v[SETTINGS_MAX + 16];
	uint32_t n;
};

/* A later value takes the place of an earlier one. */
static void set(struct settings_list *l, const char *key, const char *value)
{
	uint32_t i = 0;

	while (i < l->n && strcmp(l->v[i].key, key) != 0)
		i++;
	if (i < sizeof(l->v) / sizeof(*l->v) && value) {
		l->v[i] = (struct setting_text){ key, value };
		l->n += i == l->n;
	}
}

static const char *user_name(void)
{
	struct passwd *pw = getpwuid(geteuid());

	return pw ? pw->pw_name : "user";
}

/* "count-weft-0123456789abcdef-17" */
static const char *job_name(const struct slurm *s, const struct sub *u, struct arena *a)
{
	const char *task = name_str(s->r->job->names, s->r->job->task[u->task].name);

	return arena_printf(a, "%.*s%s%u", NAME_TASK_MAX, task, s->mark, u->number);
}

/* Whose turn it is among our own jobs: in Slurm a user can only step back. */
static const char *nice_of(const struct slurm *s, uint32_t task, struct arena *a)
{
	int64_t below = s->top - task_int(&s->r->job->task[task], SET_TASK_PRIORITY);

	if (below <= 0)
		return NULL;
	return arena_printf(a, "%lld", (long long)(below > NICE_MAX / NICE_STEP ? NICE_MAX : below * NICE_STEP));
}

static void collect(struct slurm *s, const struct sub *u, struct settings_list *l, struct arena *a)
{
	const struct job *j = s->r->job;
	const struct jval *v = task_set(&j->task[u->task], SET_SLURM);

	set(l, "name", job_name(s, u, a));
	set(l, "array", arena_printf(a, "0-%u", u->n - 1));
	set(l, "current_working_directory", s->dir);
	set(l, "standard_input", "/dev/null");
	set(l, "standard_output", "/dev/null");
	set(l, "standard_error", arena_printf(a, "%s/log/%u.%%a", s->dir, u->number));
	set(l, "environment", arena_printf(a, "PATH=%s,USER=%s", path, user_name()));
	set(l, "tasks", "1");
	set(l, "cpus_per_task", arena_printf(a, "%u", u->ask.cpus));
	if (u->ask.mb)
		set(l, "memory_per_node", arena_printf(a, "%llu", (unsigned long long)u->ask.mb));
	set(l, "time_limit", arena_printf(a, "%u", u->ask.minutes));
	set(l, "nice", nice_of(s, u->task, a));
	set(l, "partition", s->partition);
	set(l, "account", s->account);
	set(l, "qos", s->qos);
	for (uint32_t i = 0; v && i < v->n && i < SETTINGS_MAX; i++)
		set(l, name_str(j->names, v->list[2 * i]), name_str(j->names, v->list[2 * i + 1]));
}

void slurm_body(struct slurm *s, const struct sub *u, struct buf *b)
{
	struct arena *a = arena_new();
	const char *script = arena_printf(a, "%s%u \"$SLURM_ARRAY_TASK_ID\"\n", s->script_head, u->number), *want;
	struct settings_list *l = arena_zalloc(a, 1, sizeof(*l));
	struct jw w;

	collect(s, u, l, a);
	slurm_body_open(s->api, &w, b, script);
	for (uint32_t i = 0; i < l->n; i++)
		if (slurm_has(s->api, l->v[i].key))
			slurm_put(s->api, &w, l->v[i].key, l->v[i].value, &want);
	slurm_body_close(s->api, &w, script);
	arena_free(a);
}
