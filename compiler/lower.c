/* lower.c - tree -> job: the order of the steps, and helpers that all of them use. */
#include "compiler/lower.h"

#include <stdlib.h>
#include <string.h>

const char *str(const struct lower *L, name nm)
{
	return name_str(L->names, nm);
}

struct jtask *task_now(struct lower *L)
{
	return L->task == NOTASK ? NULL : &L->j->task[L->task];
}

bool said_before(struct lower *L, name nm)
{
	uint32_t where = L->task == NOTASK ? 0x3fffffff - L->cur : L->task;

	return keymap_put(&L->keys, SPACE_BAD | where, nm, 1) != 0;
}

static void words_intern(struct lower *L)
{
	const struct { name *to; const char *text; } w[] = {
		{ &L->w_index, "index" }, { &L->w_instance, "instance" }, { &L->w_attempt, "attempt" },
		{ &L->w_cpu, "cpu" }, { &L->w_mem, "mem" }, { &L->w_time, "time" }, { &L->w_env, "env" },
		{ &L->w_cluster, "cluster" }, { &L->w_instances, "instances" }, { &L->w_image, "image" },
		{ &L->w_defaults, "defaults" }, { &L->w_temp, "temp" }, { &L->w_doc, "doc" },
		{ &L->w_choices, "choices" }, { &L->w_min, "min" }, { &L->w_max, "max" }, { &L->w_fail, "fail" },
		{ &L->w_label, "label" }, { &L->w_name, "name" },
	};
	size_t i;

	for (i = 0; i < sizeof w / sizeof *w; i++)
		*w[i].to = name_ofs(L->names, w[i].text);
}

static void try_name(struct lower *L, struct suggest *sg, name nm)
{
	if (nm && L->budget) {
		L->budget--;
		suggest_try(sg, str(L, nm));
	}
}

struct suggest suggest_name(struct lower *L, name nm)
{
	struct suggest sg = { .to = str(L, nm) };
	const struct jtask *t = task_now(L);
	uint32_t i;

	for (i = 0; t && i < t->ndim; i++)
		try_name(L, &sg, t->dim[i].var);
	for (i = 0; t && i < t->nin && L->budget; i++)
		try_name(L, &sg, t->in[i].name);
	for (i = 0; t && i < t->nout && L->budget; i++)
		try_name(L, &sg, t->out[i].name);
	for (i = 0; i < L->scope[L->cur].nsym && L->budget; i++)
		try_name(L, &sg, L->sym[L->scope[L->cur].sym0 + i].name);
	return sg;
}

/* The directory a path lies in: "." for a bare name. */
static const char *dir_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return arena_strdup(a, ".");
	return slash == path ? arena_strdup(a, "/") : arena_strndup(a, path, (size_t)(slash - path));
}

/* A job name out of a file's name: its stem, with what BatchCompute does not allow replaced. */
static name job_name_of(struct lower *L, const char *path)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t n = dot && dot != base ? (size_t)(dot - base) : strlen(base), i;
	char *s = arena_strndup(L->tmp, base, n > 64 ? 64 : n);

	for (i = 0; s[i]; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s[i]))
			s[i] = '-';
	if (s[0] >= '0' && s[0] <= '9')
		return name_ofs(L->names, arena_printf(L->tmp, "w-%.62s", s));
	return name_ofs(L->names, s[0] ? s : "workflow");
}

static void settings_of_job(struct lower *L, nid workflow)
{
	struct block b = { 0 };
	nid kid = ast_kid(L->a, workflow);
	struct node *n = workflow ? &L->a->v[kid] : NULL;
	name nm;

	if (!workflow)
		return;
	if (kid && n->kind == N_STRING) {
		if (!ast_plain(L->a, kid, &nm))
			diag_error(L->d, E0409, n->span, "the name of a workflow cannot hold `~{ }`");
		else
			L->j->name = nm;
		L->j->name_span = n->span;
	}
	block_lower(L, kid ? ast_next(L->a, kid) : 0, S_JOB, &b);
	L->j->set = b.set;
	L->j->nset = b.nset;
}

static void begin(struct lower *L, struct session *s)
{
	struct job *j = job_new(s->names, s->sources);

	*L = (struct lower){ .s = s, .j = j, .a = &s->ast, .names = s->names, .d = s->diags, .tmp = arena_new(),
		.task = NOTASK, .budget = 500000 };
	buf_init(&L->text, (size_t)1 << 28);
	s->job = j;
	j->dir = dir_of(j->arena, s->main->path);
	words_intern(L);
	set_index(L);
	j->name = job_name_of(L, s->main->path);
}

static void end(struct lower *L)
{
	keymap_free(&L->keys);
	free(L->first);
	buf_free(&L->text);
	free(L->sym);
	free(L->edge);
	free(L->scope);
	free(L->t);
	free(L->val);
	free(L->table);
	free(L->pool);
	free(L->field);
	free(L->column);
	free(L->set);
	free(L->env);
	free(L->map);
	free(L->cause);
	arena_free(L->tmp);
}

bool lower(struct session *s)
{
	struct lower L;

	begin(&L, s);
	scopes_collect(&L);
	tasks_declare(&L);
	values_lower(&L);
	L.cur = 0;
	settings_of_job(&L, L.scope[0].workflow);
	maps_of_options(&L);
	tasks_lower(&L);
	pools_lower(&L);
	edges_finish(&L);
	unused_collect(&L);
	site_defaults(s);
	end(&L);
	return s->diags->errors == 0;
}
