/* look.c - see look.h. */
#include "cli/look.h"

#include "cli/cmd.h"
#include "cli/load.h"
#include "runtime/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- the workspace ---- */

/* Are both names of one directory, as . and .. are at the root? */
static bool at_root(const char *here, const char *above)
{
	struct stat a, b;

	return stat(here, &a) || stat(above, &b) || (a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* Is this a workspace of this user, or may it be one?  That of somebody else above, say in /tmp, is not where this user works;
 * one of which the system cannot say anything is not passed over. */
static bool is_base(const char *path, bool above)
{
	struct stat st;

	if (stat(path, &st))
		return errno != ENOENT && errno != ENOTDIR && errno != EACCES;
	return S_ISDIR(st.st_mode) && (!above || !geteuid() || st.st_uid == geteuid());
}

/* .weft in this directory or one above, seen from here; heap, NULL if there is none. */
static char *find_base(void)
{
	struct buf here, b;

	buf_init(&here, 1 << 16);
	buf_init(&b, 1 << 16);
	for (;;) {
		buf_reset(&b);
		buf_addf(&b, "%s.weft", buf_str(&here));
		if (is_base(buf_str(&b), here.len))
			break;
		buf_reset(&b);
		buf_addf(&b, "%s../.", buf_str(&here));
		if (at_root(here.len ? here.p : ".", buf_str(&b)) || !buf_adds(&here, "../")) {
			buf_free(&b);
			break;
		}
	}
	buf_free(&here);
	return b.p;
}

static bool read_runs(struct look *l)
{
	l->j = journal_open(l->base, false, l->d);
	if (!l->j)
		return false;
	l->holder = past_holder(l->base);
	l->run = past_runs(l->j, l->holder, &l->nrun);
	return true;
}

int look_fail(struct look *l, int rc)
{
	diags_finish(l->d);
	load_report(l->d, l->o, stderr);
	return rc;
}

int look_open(struct look *l, const struct opts *o)
{
	*l = (struct look){ .o = o, .sources = sources_new() };
	l->d = diags_new(l->sources);
	l->base = find_base();
	if (!l->base || read_runs(l))
		return look_fail(l, EXIT_OK); /* damage is said */
	return look_fail(l, EXIT_UNREACHABLE);
}

bool look_again(struct look *l)
{
	journal_close(l->j);
	free(l->run);
	l->run = NULL;
	l->nrun = 0;
	if (read_runs(l))
		return true;
	look_fail(l, EXIT_UNREACHABLE);
	return false;
}

void look_close(struct look *l)
{
	journal_close(l->j);
	diags_free(l->d);
	sources_free(l->sources);
	free(l->run);
	free(l->base);
}

static bool number(const char *s, uint32_t *n)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(s, &end, 10);
	*n = (uint32_t)v;
	return !errno && end != s && !*end && *s != '-' && v >= 1 && v <= UINT32_MAX;
}

bool look_number(const struct opts *o, const char *opt, uint32_t *n)
{
	const char *v = opts_value(o, opt);

	if (!v || number(v, n))
		return true;
	opts_error(o, "--%s wants a number from 1 on, not %s", opt, v);
	return false;
}

const struct past_run *look_run(struct look *l, const char *text)
{
	uint32_t n = 0;

	if (!l->nrun) {
		diag_error(l->d, E1073, NOSPAN, "nothing has run here");
		return NULL;
	}
	if (!text)
		return &l->run[l->nrun - 1];
	if (number(text, &n))
		for (uint32_t i = l->nrun; i-- > 0;)
			if (l->run[i].run.run == n)
				return &l->run[i];
	diag_error(l->d, E1073, NOSPAN, "there is no run `%s`", text);
	diag_help(l->d, "runs %u to %u are known: weft history", l->run[0].run.run, l->run[l->nrun - 1].run.run);
	return NULL;
}

int look_open_run(struct look *l, const struct opts *o, const char *text, const struct past_run **run)
{
	int rc = look_open(l, o);

	*run = rc ? NULL : look_run(l, text);
	return rc || *run ? rc : look_fail(l, EXIT_USAGE);
}

/* ---- texts ---- */

void look_label(struct buf *b, const struct rec_who *w)
{
	text_safe(b, w->task, strlen(w->task), 4096);
	if (!*w->key)
		return;
	buf_addc(b, '[');
	text_safe(b, w->key, strlen(w->key), 4096);
	buf_addc(b, ']');
}

void look_when(struct buf *b, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	char text[64];
	struct tm tm;

	if (ms < 0 || !localtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		buf_addc(b, '-');
	else
		buf_adds(b, text);
}

void look_kwhen(struct jw *w, const char *key, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	char text[64], all[80];
	struct tm tm;

	jw_key(w, key);
	if (ms < 0 || !gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm)) {
		jw_null(w);
		return;
	}
	snprintf(all, sizeof(all), "%s.%03dZ", text, (int)(ms % 1000));
	jw_str(w, all);
}

void look_took(struct buf *b, int64_t ms)
{
	if (ms < 0)
		buf_addc(b, '-');
	else
		text_time(b, ms);
}

void look_count(struct buf *b, uint64_t n, const char *word)
{
	if (!n)
		return;
	if (b->len)
		buf_adds(b, ", ");
	text_count(b, n);
	buf_addf(b, " %s", word);
}

const char *look_state(const struct past_run *r)
{
	static char text[32];

	if (r->life == PAST_LIVE)
		return "running";
	if (r->life == PAST_CUT)
		return "interrupted";
	snprintf(text, sizeof(text), "exit %d", r->end.exit);
	return text;
}

void look_sums(struct buf *b, const struct past_run *r)
{
	struct buf t;

	buf_init(&t, 1 << 10);
	look_count(&t, r->end.failed, "failed");
	look_count(&t, r->end.ok, "ok");
	look_count(&t, r->end.current, "current");
	look_count(&t, r->end.cut, "cut off");
	look_count(&t, r->end.skipped, "skipped");
	look_count(&t, r->end.cancelled, "cancelled");
	look_count(&t, r->end.retried, "retried");
	buf_adds(b, t.len ? buf_str(&t) : r->life == PAST_ENDED ? "nothing to do" : "nothing done");
	buf_free(&t);
}

/* ---- JSON ---- */

void look_json_run(struct jw *w, const struct past_run *r)
{
	static const char *const life[] = { "ended", "running", "interrupted" };

	jw_kint(w, "number", r->run.run);
	jw_kstr(w, "job", r->run.job);
	jw_kstr(w, "source", r->run.source);
	jw_kstr(w, "command", r->run.command);
	jw_kstr(w, "engine", r->run.engine);
	jw_kint(w, "pid", r->pid);
	jw_kstr(w, "state", life[r->life]);
	look_kwhen(w, "begin", r->run.time_ms);
	look_kwhen(w, "end", r->life == PAST_ENDED ? r->end.time_ms : -1);
	if (r->life == PAST_ENDED)
		jw_kint(w, "wall_ms", r->end.wall_ms);
	if (r->life == PAST_ENDED)
		jw_kint(w, "exit", r->end.exit);
	jw_kint(w, "ok", r->end.ok);
	jw_kint(w, "failed", r->end.failed);
	jw_kint(w, "current", r->end.current);
	jw_kint(w, "cut", r->end.cut);
	jw_kint(w, "skipped", r->end.skipped);
	jw_kint(w, "cancelled", r->end.cancelled);
	jw_kint(w, "retried", r->end.retried);
}

void look_json_tasks(struct jw *w, const struct past *p, enum past_life life)
{
	bool live = life == PAST_LIVE;

	jw_key(w, "tasks");
	jw_open(w, '[');
	for (uint32_t i = 0; i < past_ntask(p); i++) {
		const struct past_task *t = past_task(p, i);

		jw_open(w, '{');
		jw_kstr(w, "task", t->name);
		jw_kint(w, "done", (int64_t)t->n[PAST_DONE]);
		jw_kint(w, "running", live ? (int64_t)t->n[PAST_RUNNING] : 0);
		jw_kint(w, "lost", live ? 0 : (int64_t)t->n[PAST_RUNNING]);
		jw_kint(w, "failed", (int64_t)(t->n[PAST_FAILED] + (live ? 0 : t->n[PAST_AGAIN])));
		jw_kint(w, "again", live ? (int64_t)t->n[PAST_AGAIN] : 0);
		jw_kint(w, "cancelled", (int64_t)t->n[PAST_CANCELLED]);
		jw_kint(w, "wall_ms", t->wall_ms);
		jw_close(w);
	}
	jw_close(w);
}

void look_put(struct buf *b)
{
	fwrite(buf_str(b), 1, b->len, stdout);
	buf_reset(b);
}
