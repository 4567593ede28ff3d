/* plan_job.c - plan_job, why_job: look without a lock, show, keep. */
#include "base/intl.h"
#include "base/io.h"
#include "base/json.h"
#include "runtime/notify.h"
#include "runtime/plan_show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *plan_base(const struct job *j)
{
	char *ws = realpath(*j->dir ? j->dir : ".", NULL);
	struct buf b;
	char *base;

	buf_init(&b, 1 << 16);
	buf_addf(&b, "%s/.weft", ws && strcmp(ws, "/") ? ws : "");
	base = xstrdup(buf_str(&b));
	buf_free(&b);
	free(ws);
	return base;
}

void plan_look_end(struct looking *l)
{
	plan_free(l->plan);
	if (l->journal)
		journal_close(l->journal);
	free(l->base);
}

int plan_look(struct looking *l, const struct job *j, const struct run_options *o, struct diags *d)
{
	*l = (struct looking){ .base = plan_base(j) };
	if (j->cyclic)
		return 3;
	l->journal = journal_open(l->base, false, d);
	l->plan = l->journal ? plan_new(j, o, l->journal, d) : NULL;
	if (!l->plan)
		return 4;
	return plan_targets(l->plan) ? 0 : 64;
}

/* ---- keeping a plan ---- */

static void add_each(struct plan *p, struct jw *w)
{
	uint64_t *each = xcalloc((size_t)p->job->ntask + 1, sizeof(*each));
	struct digest d = plan_digest(p, each);
	char text[DIGEST_TEXT];

	digest_hex(d, text);
	jw_kstr(w, "digest", text);
	jw_key(w, "tasks");
	jw_open(w, '[');
	for (uint32_t t = 0; t < p->job->ntask; t++) {
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)each[t]);
		jw_str(w, text);
	}
	jw_close(w);
	free(each);
}

static void keep_text(struct plan *p, struct buf *b)
{
	struct jw w;
	char *cwd = getcwd(NULL, 0);

	jw_init(&w, b, 1);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.keptplan/1");
	jw_kstr(&w, "dir", cwd ? cwd : ".");
	jw_key(&w, "arguments");
	jw_open(&w, '[');
	for (const char *const *s = p->opt->saved_for; s && *s; s++)
		jw_str(&w, *s);
	jw_close(&w);
	jw_kint(&w, "run", (int64_t)p->counts.runs);
	add_each(p, &w);
	jw_close(&w);
	buf_addc(b, '\n');
	free(cwd);
}

static bool keep(struct plan *p)
{
	const char *tmp = arena_printf(p->arena, "%s.tmp", p->opt->save);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct buf b;
	bool ok = fd >= 0;

	buf_init(&b, 1u << 31);
	keep_text(p, &b);
	ok = ok && write_all(fd, buf_str(&b), b.len);
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	ok = ok && rename(tmp, p->opt->save) == 0;
	buf_free(&b);
	if (ok)
		return true;
	diag_error(p->d, E1005, NOSPAN, "cannot write `%s`: %s", p->opt->save, strerror(errno));
	unlink(tmp);
	return false;
}

/* ---- the entries ---- */

int plan_job(const struct job *j, const struct run_options *o, struct diags *d)
{
	struct looking l;
	int rc = plan_look(&l, j, o, d);

	if (!rc) {
		plan_decide_all(l.plan);
		notify_check(l.plan->job, o, d);
		(o->json ? plan_json : plan_print)(l.plan, o->out);
		if (o->save && !keep(l.plan))
			rc = 4;
		else if (o->any_change && (l.plan->counts.runs || l.plan->counts.unknown))
			rc = 2;
		if (o->save && !rc && !o->json)
			fprintf(o->err, _("kept in %s; run exactly this: weft run %s\n"), o->save, o->save);
	}
	plan_look_end(&l);
	return rc;
}

int why_job(const struct job *j, const struct run_options *o, const char *target, struct diags *d)
{
	struct looking l;
	struct target t;
	int rc = plan_look(&l, j, o, d);

	if (!rc) {
		plan_decide_all(l.plan);
		rc = target_read(l.plan->job, l.plan->actor, target, d, &t) ? 0 : 64;
	}
	if (!rc)
		(o->json ? why_json : why_print)(l.plan, t, o->out);
	plan_look_end(&l);
	return rc;
}
