/* lower_run.c - run "..." and run { ... }: the template of a task's command. */
#include "compiler/lower_text.h"

#include <string.h>

static bool blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == 0;
}

static bool words_ok(struct lower *L, nid n, jxid x)
{
	struct arena_mark m = arena_mark(L->tmp);
	const struct jx *e = &L->j->x[x];
	char **argv;
	size_t argc;
	bool ok = true;

	if (e->op == JX_STR && blank(str(L, e->a))) {
		diag_error(L->d, E0306, span_of(L, n), "the command of task `%s` is empty", str(L, task_now(L)->name));
		return false;
	}
	if (e->op == JX_STR && strpbrk(str(L, e->a), "'\"\\"))
		ok = words_split(L->tmp, str(L, e->a), &argv, &argc);
	arena_reset(L->tmp, m);
	if (!ok) {
		diag_error(L->d, E0304, span_of(L, n), "a quote in the command of task `%s` is not closed", str(L, task_now(L)->name));
		diag_help(L->d, "a command is split into words at blanks; quote with '...' or \"...\"");
	}
	return ok;
}

void run_lower(struct lower *L, nid n)
{
	struct jtask *t = task_now(L);
	nid e = ast_kid(L->a, n);
	bool script = e && at(L, e)->kind == N_SCRIPT;
	struct val v;

	if (!e || (!script && at(L, e)->kind != N_STRING))
		return;
	L->where = IN_COMMAND;
	v = template_lower(L, e, script, true);
	L->where = 0;
	t->run = script || at(L, n)->name ? RUN_SCRIPT : RUN_COMMAND;
	t->interp = at(L, n)->name;
	t->command_span = span_of(L, e);
	t->command = v.kind == V_X ? v.a : 0;
	if (v.kind == V_X && t->run == RUN_COMMAND)
		words_ok(L, e, v.a);
	if (v.kind == V_X && script && L->j->x[v.a].op == JX_STR && blank(str(L, L->j->x[v.a].a)))
		diag_error(L->d, E0306, t->command_span, "the script of task `%s` is empty", str(L, t->name));
}
