/* check_unused.c - names of the source that nothing refers to (the lowering has collected them). */
#include "compiler/check.h"
#include "job/idmap.h"

#include <string.h>

static void each_unused(struct session *s, enum unused_kind kind, void (*fn)(struct session *s, const struct unused *u))
{
	uint32_t i;

	for (i = 0; i < s->nunused; i++)
		if (s->unused[i].kind == kind)
			fn(s, &s->unused[i]);
}

/* ---- parameters: commands see them as variables, too ---- */

struct words {
	const struct session *s;
	struct idmap *map; /* parameters without a use */
	bool *seen;
};

static bool part_of_word(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Every word of a command's text that is the name of such a parameter. */
static void words_in(struct words *w, const char *p)
{
	uint32_t i;
	size_t n;

	for (; *p; p += n ? n : 1) {
		for (n = 0; part_of_word(p[n]); n++)
			;
		i = n ? idmap_get(w->map, name_find(w->s->names, p, n)) : UINT32_MAX;
		if (i != UINT32_MAX)
			w->seen[i] = true;
	}
}

static void words_of_commands(struct words *w)
{
	const struct job *j = w->s->job;
	uint32_t i;
	jxid x;

	for (i = 0; i < j->ntask; i++) {
		x = j->task[i].command;
		if (j->x[x].op == JX_STR)
			words_in(w, name_str(j->names, j->x[x].a));
		for (x = j->x[x].op == JX_CAT ? j->x[x].a : 0; x; x = j->x[x].next)
			if (j->x[x].op == JX_STR)
				words_in(w, name_str(j->names, j->x[x].a));
	}
}

static void say_param(struct session *s, const struct unused *u)
{
	diag_error(s->diags, W0210, u->span, "parameter `%s` is not used", name_str(s->names, u->name));
	if (u->exported)
		diag_note(s->diags, "no command names the variable $%s, either", name_str(s->names, u->name));
	diag_help(s->diags, "remove it; where a program reads it by itself, write # weft: allow(unused-param) at its end");
}

void check_unused_params(struct session *s)
{
	struct words w = { .s = s };
	uint32_t i;

	for (i = 0; i < s->nunused && s->unused[i].kind != UNUSED_PARAM; i++)
		;
	if (i == s->nunused)
		return;
	w.map = idmap_new(s->job->arena, s->nunused);
	w.seen = arena_zalloc(s->job->arena, s->nunused, sizeof *w.seen);
	for (i = 0; i < s->nunused; i++)
		if (s->unused[i].kind == UNUSED_PARAM && s->unused[i].exported)
			idmap_add(w.map, s->unused[i].name, i);
	words_of_commands(&w);
	for (i = 0; i < s->nunused; i++)
		if (s->unused[i].kind == UNUSED_PARAM && !w.seen[i])
			say_param(s, &s->unused[i]);
}

/* ---- the others ---- */

static void say_let(struct session *s, const struct unused *u)
{
	diag_error(s->diags, W0211, u->span, "value `%s` is not used", name_str(s->names, u->name));
}

void check_unused_lets(struct session *s)
{
	each_unused(s, UNUSED_LET, say_let);
}

static void say_table(struct session *s, const struct unused *u)
{
	diag_error(s->diags, W0212, u->span, "table `%s` is not used", name_str(s->names, u->name));
}

void check_unused_tables(struct session *s)
{
	each_unused(s, UNUSED_TABLE, say_table);
}

static void say_column(struct session *s, const struct unused *u)
{
	diag_error(s->diags, W0213, u->span, "column `%s` is not used", name_str(s->names, u->name));
	diag_help(s->diags, "columns that are not listed are not read");
}

void check_unused_columns(struct session *s)
{
	each_unused(s, UNUSED_COLUMN, say_column);
}

static void say_cluster(struct session *s, const struct unused *u)
{
	diag_error(s->diags, W0214, u->span, "cluster `%s` is not used", name_str(s->names, u->name));
	diag_help(s->diags, "a task runs on it with cluster = %s", name_str(s->names, u->name));
}

void check_unused_clusters(struct session *s)
{
	each_unused(s, UNUSED_CLUSTER, say_cluster);
}
