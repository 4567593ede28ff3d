/* cfg.c - job.cfg of the bcs command -> the tree that the equivalent weft text would give.
 *
 * [DEFAULT] becomes `workflow` (what is about the job) and `defaults` (what all tasks have); a section becomes a
 * task.  Keys that go together (enum cfg_group) go to `defaults` when no task has one of its own, so that merging is
 * the compiler's; else every task gets what the old tool would have worked out for it. */
#include "lang/cfg.h"

#include "lang/cfgline.h"
#include "lang/front.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TIMEOUT = 86400 };

static struct cfg_val value_of(struct cfg_entry *e)
{
	return (struct cfg_val){ .e = e };
}

/* ---- simple settings ---- */

static void timeout(struct cfg *c, uint32_t section, bool own, struct nlist *to)
{
	struct cfg_val v;
	int64_t n;

	if (!(own ? cfg_fetch_own(c, section, K_timeout, &v) : cfg_fetch(c, section, K_timeout, &v))) {
		if (!section || !own)
			ast_append(c->a, to, cfg_set(c, "timeout", NOSPAN, cfg_duration(c, DEFAULT_TIMEOUT * 1000LL, NOSPAN)));
		return;
	}
	if (cfg_count(c, &v, DEFAULT_TIMEOUT, &n))
		ast_append(c->a, to, cfg_set(c, "timeout", v.e->key_span, cfg_duration(c, n * 1000, cfg_all(&v))));
}

static void nodes(struct cfg *c, uint32_t section, bool own, struct nlist *to)
{
	struct cfg_val v;
	int64_t n;

	if (!(own ? cfg_fetch_own(c, section, K_nodes, &v) : cfg_fetch(c, section, K_nodes, &v)) || !cfg_count(c, &v, 1, &n))
		return;
	ast_append(c->a, to, cfg_set(c, "instances", v.e->key_span,
		cfg_literal(c, N_INT, cfg_all(&v), "%lld", (long long)n)));
}

static void pack(struct cfg *c, uint32_t section, struct nlist *to)
{
	struct cfg_val v;

	if (cfg_fetch(c, section, K_pack, &v))
		ast_append(c->a, to, cfg_set_list(c, "package", &v, false));
}

static void input(struct cfg *c, uint32_t section, struct nlist *to)
{
	struct cfg_val v;
	bool b;

	if (cfg_fetch(c, section, K_locale, &v))
		ast_append(c->a, to, cfg_set_string(c, "locale", &v));
	if (cfg_fetch(c, section, K_lock, &v) && cfg_bool(c, &v, &b))
		ast_append(c->a, to, cfg_set_bool(c, "lock", &v, b));
}

/* The statements of a task that [DEFAULT] does not say for all; those of `defaults` when section is 0. */
static void statements(struct cfg *c, uint32_t section, const bool *shared, struct nlist *to)
{
	bool all = !section; /* `defaults` says what is shared */

	if (shared[G_PACK] == all)
		pack(c, section, to);
	if (!all || shared[G_TIMEOUT])
		timeout(c, section, shared[G_TIMEOUT], to);
	if (!all || shared[G_NODES])
		nodes(c, section, shared[G_NODES], to);
	if (!all || shared[G_ENV])
		cfg_env(c, section, shared[G_ENV], to);
	if (shared[G_INPUT] == all)
		input(c, section, to);
	if (shared[G_POOL] == all)
		cfg_pool(c, section, to);
	if (shared[G_MAPS] == all)
		cfg_maps(c, section, to);
}

/* ---- tasks ---- */

static nid run_node(struct cfg *c, uint32_t section, const char *task, struct span span)
{
	struct cfg_val v = value_of(NULL);
	nid run, text;

	if (cfg_fetch(c, section, K_cmd, &v)) {
		text = cfg_string_part(c, &v, v.all);
	} else {
		if (!cfg_entry(c, section, K_cmd) || !cfg_entry(c, section, K_cmd)->bad) {
			diag_error(c->d, E0172, span, "task `%s` has no command", task);
			diag_help(c->d, "write cmd = PROGRAM ARGUMENTS in its section or in [DEFAULT]");
		}
		text = cfg_string(c, "true", 4, span);
	}
	run = ast_new(c->a, N_RUN, ast_at(c->a, text)->span, 0);
	ast_add(c->a, run, text);
	return run;
}

static nid task_node(struct cfg *c, uint32_t section, const char *task, struct span span, const bool *shared,
	struct nlist after)
{
	struct nlist l = { 0, 0 };
	struct span whole = span;
	nid body, n;

	if (section)
		statements(c, section, shared, &l);
	if (after.head) {
		if (l.tail)
			c->a->v[l.tail].next = after.head;
		else
			l.head = after.head;
		l.tail = after.tail;
	}
	ast_append(c->a, &l, run_node(c, section, task, span));
	body = ast_new(c->a, N_BODY, whole, 0);
	ast_adopt(c->a, body, l);
	n = ast_new(c->a, N_TASK, whole, name_ofs(c->names, task));
	if (!cfg_plain_name(task, strlen(task)))
		c->a->v[n].flags |= NF_QUOTED;
	ast_set_name_span(c->a, n, span);
	ast_add(c->a, n, body);
	return n;
}

/* A file with [DEFAULT] only is one task, as a command without a file is. */
static nid only_task(struct cfg *c, const bool *shared)
{
	struct cfg_entry *cmd = cfg_entry_own(c, 0, K_cmd);
	uint32_t end = c->src->base + c->src->len;

	if (c->lost)
		return 0;
	if (!cmd) {
		diag_error(c->d, E0184, c->default_written ? c->sec[0].span : (struct span){ end, end }, "the file has no task");
		diag_help(c->d, "a task is a section [NAME] with a key cmd");
		return 0;
	}
	diag_error(c->d, W0178, cmd->key_span, "the file has no task section: it is taken as one task, `task`");
	diag_help(c->d, "write a section [NAME] above cmd");
	return task_node(c, 0, "task", cmd->key_span, shared, (struct nlist){ 0, 0 });
}

static void tasks(struct cfg *c, const bool *shared, struct nlist *file)
{
	struct nlist *after = xcalloc(c->nsec, sizeof *after);

	cfg_deps(c, after);
	for (uint32_t s = 1; s < c->nsec; s++)
		ast_append(c->a, file, task_node(c, s, name_str(c->names, c->sec[s].name), c->sec[s].span, shared, after[s]));
	if (c->nsec == 1)
		ast_append(c->a, file, only_task(c, shared));
	free(after);
}

/* ---- the file ---- */

static nid defaults_node(struct cfg *c, bool *shared)
{
	struct nlist l = { 0, 0 };
	nid n;

	for (unsigned g = 0; g < G_COUNT; g++)
		shared[g] = g > G_CMD && cfg_group_shared(c, (enum cfg_group)g);
	statements(c, 0, shared, &l);
	if (!l.head)
		return 0;
	n = ast_new(c->a, N_DEFAULTS, c->sec[0].span, 0);
	ast_adopt(c->a, n, l);
	return n;
}

static void whole_file(struct cfg *c, bool alone, struct nlist *file)
{
	bool shared[G_COUNT] = { false };

	cfg_vars(c);
	ast_append(c->a, file, cfg_workflow(c));
	if (!alone)
		ast_append(c->a, file, defaults_node(c, shared));
	tasks(c, shared, file);
	cfg_check_keys(c);
}

static bool parse(struct ast *a, const struct source *src, const struct cfg_line *line, bool alone, struct diags *d)
{
	struct cfg c = { .a = a, .names = a->names, .d = d, .src = src, .arena = arena_new(), .budget = 1000000 };
	uint32_t errors = d->errors;
	struct nlist file = { 0, 0 };

	cfg_open(&c);
	if (!alone)
		cfg_read(&c);
	if (line)
		cfg_options(&c, line);
	if (alone && cfg_line_is_each(line)) {
		cfg_each(&c, &file);
	} else {
		if (alone)
			cfg_line_task(&c);
		whole_file(&c, alone, &file);
	}
	a->root = ast_new(a, N_FILE, (struct span){ src->base, src->base + src->len }, 0);
	ast_adopt(a, a->root, file);
	arena_free(c.arena);
	free(c.sec);
	free(c.e);
	free(c.var);
	free(c.slot);
	return d->errors == errors;
}

bool parse_jobcfg(struct ast *a, const struct source *src, struct diags *d)
{
	return parse(a, src, NULL, false, d);
}

bool parse_cfgline(struct ast *a, const struct source *src, const struct cfg_line *line, struct diags *d)
{
	return parse(a, src, line, !strcmp(src->path, CFG_LINE_PATH), d);
}
