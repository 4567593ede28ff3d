/* clean.c - clean_job: what successes recorded and the workflow no longer makes. */
#include "base/intl.h"
#include "base/json.h"
#include "runtime/driver.h"
#include "runtime/plan.h"
#include "runtime/progress.h"
#include "runtime/session.h"
#include "runtime/stage_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct clean {
	struct plan *p;
	struct arena *a;
	struct remade made;      /* everything the workflow makes now */
	bool dry;
	uint32_t removed, kept, failed;
	struct buf forget;       /* RK_FORGET records to write: task NUL key NUL */
	struct jw *w;
};

static void note_made(struct clean *c)
{
	struct plan *p = c->p;

	for (uint32_t t = 0; t < p->job->ntask; t++)
		for (int64_t i = 0; i < p->job->task[t].count; i++) {
			struct arena_mark m = arena_mark(c->a);
			struct action act;

			if (action_outputs(p->actor, t, i, c->a, &act))
				for (uint32_t k = 0; k < act.nout; k++)
					remade_add(&c->made, act.out[k].name);
			arena_reset(c->a, m);
		}
}

/* Is the instance still in the workflow, and does it still find this file by a pattern or publish it by a mount? */
static bool still_made(struct clean *c, const struct rec_done *r, const struct rec_out *o)
{
	const struct job *j = c->p->job;
	name nm = name_find(j->names, r->who.task, strlen(r->who.task));
	uint32_t t = nm ? job_task(j, nm) : UINT32_MAX;

	if (remade_has(&c->made, o->path))
		return true;
	if (t == UINT32_MAX)
		return false;
	if (j->task[t].count < 0)
		return true; /* cannot be told */
	if (*r->who.key ? instance_find(j, t, r->who.key) < 0 : j->task[t].ndim || j->task[t].counted)
		return false;
	return o->port == UINT32_MAX || (o->port < j->task[t].nout && j->task[t].out[o->port].count == PORT_GLOB);
}

static void say(struct clean *c, const char *path, const char *what)
{
	struct buf b;

	if (c->w) {
		jw_open(c->w, '{');
		jw_kstr(c->w, "path", path);
		jw_kstr(c->w, "what", what);
		jw_close(c->w);
		return;
	}
	buf_init(&b, 1 << 16);
	text_safe(&b, path, strlen(path), 1 << 15);
	fprintf(c->p->opt->out, "%-8s %s\n", what, buf_str(&b));
	buf_free(&b);
}

static bool remove_path(struct clean *c, const char *path)
{
	const char *place = disk_place(c->p->disk, c->a, path), *slash = strrchr(place, '/');
	int dir;
	bool ok;

	if (!slash || !slash[1])
		return false;
	dir = open(slash == place ? "/" : arena_strndup(c->a, place, (size_t)(slash - place)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = dir >= 0 && fs_remove(dir, slash + 1);
	if (dir >= 0)
		close(dir);
	return ok;
}

/* One recorded file: gone already, changed since, or ours to remove. */
static bool one_file(struct clean *c, const struct rec_out *o)
{
	struct fstate hint = { .known = true, .stamp = o->stamp, .digest = o->digest };
	const struct fstate *s = disk_digest(c->p->disk, o->path, &hint, false);

	if (!s)
		return disk_look(c->p->disk, o->path, false)->kind == FK_NONE;
	if (!digest_equal(s->digest, o->digest)) {
		c->kept++;
		say(c, o->path, "changed");
		return false;
	}
	if (!c->dry && !remove_path(c, o->path)) {
		c->failed++;
		say(c, o->path, "failed");
		return false;
	}
	c->removed++;
	say(c, o->path, c->dry ? "stale" : "removed");
	return !c->dry;
}

static bool one_record(void *ctx, const struct rec_done *r)
{
	struct clean *c = ctx;
	bool any = false, all = true;
	struct rec_out o;

	for (const unsigned char *at = r->outs; rec_out_next(r, &at, &o);)
		if (!still_made(c, r, &o)) {
			any = true;
			all = one_file(c, &o) && all;
		} else {
			all = false;
		}
	if (any && all) {
		buf_add(&c->forget, r->who.task, strlen(r->who.task) + 1);
		buf_add(&c->forget, r->who.key, strlen(r->who.key) + 1);
	}
	return true;
}

/* What has no file left is forgotten. */
static bool forget(struct clean *c)
{
	struct buf b;

	if (!c->forget.len || c->dry)
		return true;
	session_begin(c->p->journal);
	buf_init(&b, 1 << 20);
	for (const char *s = c->forget.p; s < c->forget.p + c->forget.len;) {
		struct rec_forget r = { { s, s + strlen(s) + 1 } };

		buf_reset(&b);
		rec_write_forget(&b, &r);
		journal_append(c->p->journal, RK_FORGET, b.p, b.len);
		s = r.who.key + strlen(r.who.key) + 1;
	}
	buf_free(&b);
	return journal_flush(c->p->journal) && journal_sync(c->p->journal);
}

static void sum_up(struct clean *c)
{
	const struct run_options *o = c->p->opt;

	if (c->w) {
		jw_close(c->w);
		jw_kint(c->w, c->dry ? "stale" : "removed", c->removed);
		jw_kint(c->w, "changed", c->kept);
		jw_kint(c->w, "failed", c->failed);
		jw_close(c->w);
		buf_addc(c->w->b, '\n');
		fwrite(buf_str(c->w->b), 1, c->w->b->len, o->out);
		return;
	}
	if (!c->removed && !c->kept && !c->failed) {
		fprintf(o->out, _("nothing is stale\n"));
		return;
	}
	fprintf(o->out, c->dry ? _("%u stale, %u changed since and kept\n") : _("%u removed, %u changed since and kept\n"), c->removed,
		c->kept);
}

static int clean(struct plan *p, bool dry)
{
	struct clean c = { .p = p, .a = arena_new(), .dry = dry };
	struct buf b;
	struct jw w;
	int rc;

	buf_init(&c.forget, (size_t)1 << 32);
	buf_init(&b, (size_t)1 << 32);
	if (p->opt->json) {
		c.w = &w;
		jw_init(&w, &b, 0);
		jw_open(&w, '{');
		jw_kstr(&w, "schema", "weft.clean/1");
		jw_key(&w, "files");
		jw_open(&w, '[');
	}
	note_made(&c);
	history_each(p->h, one_record, &c);
	rc = c.failed || !forget(&c) ? 4 : 0;
	sum_up(&c);
	remade_clear(&c.made);
	buf_free(&c.forget);
	buf_free(&b);
	arena_free(c.a);
	return rc;
}

/* Only list: nothing is written, and a run that goes on is no hindrance. */
static int clean_list(const struct job *j, const struct run_options *o, struct diags *d)
{
	struct looking l;
	int rc = plan_look(&l, j, o, d);

	if (!rc)
		rc = clean(l.plan, true);
	plan_look_end(&l);
	return rc;
}

static int clean_all(const struct job *j, const struct run_options *o, struct diags *d)
{
	struct run_result res = { 0 };
	struct run r = { .job = j, .opt = o, .d = d, .res = &res, .lock = -1, .arena = arena_new() };
	int rc = run_dir_lock(&r);

	if (!rc) {
		r.journal = journal_open(r.base, true, d);
		r.plan = r.journal ? plan_new(j, o, r.journal, d) : NULL;
		rc = r.plan ? clean(r.plan, false) : 4;
	}
	plan_free(r.plan);
	if (r.journal)
		journal_close(r.journal);
	if (r.lock >= 0)
		close(r.lock);
	arena_free(r.arena);
	return rc;
}

int clean_job(const struct job *j, const struct run_options *o, bool dry, struct diags *d)
{
	return (dry ? clean_list : clean_all)(j, o, d);
}
