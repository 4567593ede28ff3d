/* command.c - the command of one instance: a program's words, or a script.
 *
 * Text of the template is split (command) or kept (script).  A value is one word and never split, a list is one
 * word an item; raw(x) is treated like text of the template. */
#include "job/eval.h"
#include "job/words.h"

#include <string.h>

/* Where parts of a template go; text and value return false when out of room. */
struct sink {
	struct jctx *c;
	struct words *words; /* a command */
	struct shell *shell; /* a script for a shell */
	struct buf *out;     /* a script */
};

static bool put_text(struct sink *k, const char *s, size_t n)
{
	if (k->words)
		return words_text(k->words, s, n);
	if (k->shell)
		shell_text(k->shell, s, n);
	return buf_add(k->out, s, n);
}

static bool put_word(struct sink *k, const char *s, size_t n)
{
	if (k->words)
		return words_value(k->words, s, n);
	return k->shell ? shell_value(k->shell, k->out, s, n) : buf_add(k->out, s, n);
}

static bool put_value(struct sink *k, const struct jvalue *v)
{
	struct buf b;
	bool ok;

	buf_init(&b, EVAL_TEXT);
	ok = jvalue_text(v, &b) && (v->raw ? put_text(k, buf_str(&b), b.len) : put_word(k, buf_str(&b), b.len));
	buf_free(&b);
	return ok;
}

/* May items become words of their own here? */
static bool splits(const struct sink *k)
{
	return k->words ? !k->words->quote : k->shell && shell_splits(k->shell);
}

static bool put_list(struct sink *k, const struct jvalue *v)
{
	if (v->raw || !splits(k))
		return put_value(k, v);
	for (uint32_t i = 0; i < v->list.n; i++) {
		if (i && k->words)
			words_break(k->words);
		else if (i && !buf_addc(k->out, ' '))
			return false;
		if (!put_value(k, &v->list.v[i]))
			return false;
	}
	return true;
}

static bool put_part(struct sink *k, jxid id)
{
	const struct job *j = k->c->job;
	const struct jx *x = &j->x[id];
	struct jvalue v;

	if (x->op == JX_STR && !(x->flags & JXF_VALUE))
		return put_text(k, name_str(j->names, x->a), name_len(j->names, x->a));
	if (!jx_eval(k->c, id, &v))
		return false;
	return v.type == JT_LIST ? put_list(k, &v) : put_value(k, &v);
}

/* `each` (NULL: nobody) is told where every part of a script ends. */
static bool put_template(struct sink *k, jxid id, script_part_fn *each, void *ctx)
{
	const struct job *j = k->c->job;
	const struct jx *e = &j->x[id];

	k->c->error = NULL;
	for (jxid x = e->op == JX_CAT ? e->a : id; x; x = e->op == JX_CAT ? j->x[x].next : 0) {
		if (!put_part(k, x))
			return false;
		if (each)
			each(ctx, j->x[x].op == JX_STR && !(j->x[x].flags & JXF_VALUE), k->out->len);
	}
	return true;
}

bool task_argv(struct jctx *c, char ***argv, size_t *argc)
{
	const struct jtask *t = eval_task(c);
	struct words w;
	struct sink k = { .c = c, .words = &w };
	bool ok, closed;

	if (!t)
		return false;
	words_init(&w, c->arena);
	ok = put_template(&k, t->command, NULL, NULL);
	closed = words_finish(&w, argv, argc);
	if (!ok)
		return c->error ? false : FAIL(c, "the command is too long");
	if (!closed)
		return FAIL(c, "a quote of the command is not closed");
	return *argc || FAIL(c, "the command is empty");
}

bool task_script(struct jctx *c, struct buf *out)
{
	return task_script_parts(c, out, NULL, NULL);
}

bool task_script_parts(struct jctx *c, struct buf *out, script_part_fn *each, void *ctx)
{
	const struct jtask *t = eval_task(c);
	struct shell sh;
	struct sink k = { .c = c, .out = out };
	bool ok;

	if (!t)
		return false;
	shell_init(&sh, c->arena);
	if (interp_is_shell(c->job, t->interp))
		k.shell = &sh;
	ok = put_template(&k, t->command, each, ctx);
	shell_free(&sh);
	return ok || c->error ? ok : FAIL(c, "the script is too long");
}
