/* store_rm.c - weft store rm: remove objects, and prefixes after a question. */
#include "cli/store.h"

#include "runtime/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct removal {
	struct store_cmd *c;
	struct store_bar bar;
	uint64_t n;
	bool ok;
};

static void failed(struct removal *r, const char *shown)
{
	diag_error(r->c->d, E0925, NOSPAN, "cannot remove `%s`: %s", shown, strerror(errno));
	r->ok = false;
}

static void drop(struct removal *r, struct transfer *t, struct spot *p, const char *key, const char *rel)
{
	struct arena_mark mark = arena_mark(r->c->a);
	const char *shown = spot_text(r->c, p, key);
	if (r->c->dry || r->c->verbose)
		printf("remove %s\n", shown);
	if (!r->c->dry && !transfer_drop(t, rel))
		failed(r, shown);
	else
		r->n++;
	arena_reset(r->c->a, mark);
	bar_more(&r->bar, 0);
}

static void drop_below(struct removal *r, struct transfer *t, struct spot *p)
{
	struct objects *all = objects_open(p->root, p->key, OBJECTS_DEEP);
	struct object o;
	struct buf rel;
	int rc;
	buf_init(&rel, 1 << 30);
	while ((rc = objects_next(all, &o)) > 0 && !bar_stopped()) {
		buf_reset(&rel);
		buf_addf(&rel, "%s%s%s", p->key, *p->key ? "/" : "", o.key);
		drop(r, t, p, o.key, buf_str(&rel));
	}
	if (rc < 0)
		failed(r, spot_text(r->c, p, o.key));
	buf_free(&rel);
	objects_close(all);
}

static uint64_t count(struct spot *p)
{
	struct objects *all = objects_open(p->root, p->key, OBJECTS_DEEP);
	struct object o;
	uint64_t n = 0;
	while (objects_next(all, &o) > 0)
		n++;
	objects_close(all);
	return n;
}

/* A yes from the terminal; nothing else is one. */
static bool asked(struct spot *p)
{
	struct buf b;
	char line[16];
	uint64_t n = count(p);
	buf_init(&b, 1 << 30);
	text_count(&b, n);
	buf_adds(&b, n == 1 ? " object below " : " objects below ");
	text_safe(&b, p->text, strlen(p->text), SIZE_MAX);
	fprintf(stderr, "remove %s? [y/N] ", buf_str(&b));
	buf_free(&b);
	if (!fgets(line, sizeof line, stdin))
		line[0] = 0;
	return line[0] == 'y' || line[0] == 'Y';
}

static bool remove_place(struct removal *r, struct spot *p)
{
	struct transfer t;
	bool whole = p->kind == SPOT_DIR;
	if (whole && !r->c->dry && !r->c->yes && !asked(p))
		return true;
	transfer_open(&t, p->root);
	if (whole)
		drop_below(r, &t, p);
	else
		drop(r, &t, p, "", p->key);
	transfer_close(&t);
	return r->ok;
}

/* Look at all operands before anything is removed; EXIT_OK when all can be. */
static int look(struct removal *r, struct spot *p)
{
	struct store_cmd *c = r->c;
	int rc = EXIT_OK;
	for (uint32_t i = 0; i < c->narg; i++) {
		bool ok = spot_open(c, &p[i], c->arg[i], false);
		if (ok && (p[i].kind == SPOT_NONE || (p[i].kind != SPOT_DIR && p[i].slash)))
			ok = spot_missing(c, &p[i]);
		if (ok && p[i].kind == SPOT_DIR && !c->recursive) {
			ok = diag_error(c->d, E0924, NOSPAN, "`%s` is a directory", p[i].shown);
			diag_help(c->d, "remove what lies below it: -r");
		}
		if (ok && p[i].kind == SPOT_DIR && !c->dry && !c->yes && !isatty(STDIN_FILENO) && rc == EXIT_OK)
			rc = opts_error(c->o, "what lies below %s is removed after a question only: give --yes", p[i].shown);
		rc = ok ? rc : EXIT_FAILED;
	}
	return rc;
}

int store_rm(struct store_cmd *c)
{
	struct removal r = { .c = c, .ok = true };
	struct spot *p = xcalloc(c->narg, sizeof *p);
	for (uint32_t i = 0; i < c->narg; i++)
		p[i].root = -1;
	int rc = look(&r, p);
	bar_open(&r.bar, false);
	for (uint32_t i = 0; i < c->narg && rc == EXIT_OK && !bar_stopped(); i++)
		remove_place(&r, &p[i]);
	for (uint32_t i = 0; i < c->narg; i++)
		spot_close(&p[i]);
	free(p);
	return rc ? rc : r.ok ? EXIT_OK : EXIT_FAILED;
}
