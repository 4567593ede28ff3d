/* report_html.c - the page: what ran, what failed, when, with what; one file that asks for nothing and runs nothing. */
#include "cli/report.h"

#include "base/version.h"
#include "cli/look.h"
#include "runtime/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MOST = 1 << 12, ROWS = 300 /* of a table */ };

/* ---- text ---- */

static const char *entity(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void html_text(struct buf *b, const char *s)
{
	struct buf safe;

	buf_init(&safe, 4 * TEXT_MOST);
	text_safe(&safe, s, strlen(s), TEXT_MOST);
	for (const char *p = buf_str(&safe); *p; p++) {
		const char *as = entity(*p);

		as ? buf_adds(b, as) : buf_addc(b, *p);
	}
	buf_free(&safe);
}

void html_textf(struct buf *b, const char *fmt, ...)
{
	struct arena *a = arena_new();
	va_list ap;

	va_start(ap, fmt);
	html_text(b, arena_vprintf(a, fmt, ap));
	va_end(ap);
	arena_free(a);
}

static void section(struct buf *b, const char *id, const char *head)
{
	buf_addf(b, "<section id=\"%s\"><h2>%s</h2>\n", id, head);
}

static void table(struct buf *b, const char *label, const char *const *heads)
{
	buf_addf(b, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table><thead><tr>", label);
	for (; *heads; heads++) /* "-Value": a column of text */
		buf_addf(b, "<th scope=\"col\"%s>%s</th>", **heads == '-' ? " class=\"text\"" : "", *heads + (**heads == '-'));
	buf_adds(b, "</tr></thead><tbody>\n");
}

static void table_end(struct buf *b)
{
	buf_adds(b, "</tbody></table></div>\n");
}

static void more(struct buf *b, uint64_t n, const char *what)
{
	if (!n)
		return;
	buf_adds(b, "<p class=\"dim\">and ");
	text_count(b, n);
	buf_addf(b, " more %s</p>\n", what);
}

/* ---- the head ---- */

static void field(struct buf *b, const char *head, const char *s)
{
	if (!*s)
		return;
	buf_addf(b, "<dt>%s</dt><dd>", head);
	html_text(b, s);
	buf_adds(b, "</dd>\n");
}

static void add_state(const struct report *r, struct buf *b)
{
	const struct past_run *p = r->run;
	bool ok = p->life == PAST_ENDED && !p->end.exit;

	buf_addf(b, "<p class=\"state %s\">", ok ? "ok" : p->life == PAST_LIVE || p->end.exit == 7 ? "warn" : "bad");
	if (p->life != PAST_ENDED)
		html_textf(b, "%s %s", p->life == PAST_LIVE ? "\u25b6" : "\u2717", look_state(p));
	else
		html_textf(b, "%s, exit status %d", ok ? "\u2713 finished" : p->end.exit == 7 ? "\u2713 finished with tolerated failures" :
			"\u2717 failed", p->end.exit);
	buf_adds(b, "</p>\n");
}

static void add_summary(const struct report *r, struct buf *b)
{
	const struct past_run *p = r->run;
	struct buf t;

	buf_init(&t, 1 << 10);
	add_state(r, b);
	buf_adds(b, "<dl>\n");
	look_sums(&t, p);
	field(b, "Instances", buf_str(&t));
	buf_reset(&t);
	look_when(&t, p->run.time_ms);
	field(b, "Begun", buf_str(&t));
	buf_reset(&t);
	look_took(&t, p->life == PAST_LIVE ? -1 : p->end.wall_ms);
	field(b, "Took", buf_str(&t));
	field(b, "Workflow", p->run.source);
	field(b, "Command", p->run.command);
	field(b, "Engine", p->run.engine);
	buf_adds(b, "</dl>\n");
	buf_free(&t);
}

static void add_head(const struct report *r, struct buf *b)
{
	buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	html_textf(b, "%s, run %u", r->run->run.job, r->run->run.run);
	buf_adds(b, "</title>\n<style>\n");
	buf_adds(b, report_style);
	buf_adds(b, "</style>\n</head>\n<body>\n<header><h1>");
	html_text(b, r->run->run.job);
	buf_addf(b, " <small>run %u</small></h1>\n", r->run->run.run);
	add_summary(r, b);
	buf_adds(b, "<nav aria-label=\"Sections\"><ul>");
	if (r->kinds.n)
		buf_adds(b, "<li><a href=\"#failures\">Failures</a></li>");
	if (r->t->shaped)
		buf_adds(b, "<li><a href=\"#graph\">Graph</a></li>");
	buf_adds(b, r->t->nrow ? "<li><a href=\"#time\">Time</a></li><li><a href=\"#resources\">Resources</a></li>" : "");
	buf_adds(b, r->t->nparam ? "<li><a href=\"#parameters\">Parameters</a></li>" : "");
	buf_adds(b, r->t->nout ? "<li><a href=\"#outputs\">Outputs</a></li>" : "");
	buf_adds(b, "</ul></nav></header>\n<main>\n");
}

/* ---- failures ---- */

static void add_kind(struct buf *b, const struct kind *k)
{
	struct buf cause;

	buf_init(&cause, 1 << 12);
	kind_cause(&cause, &k->a);
	buf_adds(b, "<div class=\"fail\"><p><strong>");
	html_text(b, k->a.who.task);
	if (*k->a.who.key)
		html_textf(b, "[%s]", k->a.who.key);
	buf_adds(b, "</strong>");
	if (k->n > 1)
		html_textf(b, " and %llu more", (unsigned long long)k->n - 1);
	buf_adds(b, ": ");
	html_text(b, buf_str(&cause));
	buf_addf(b, ", attempt %u</p>\n", k->a.attempt);
	if (k->n > 1) {
		buf_adds(b, "<p>Instances ");
		for (uint64_t i = 0; i < k->n && i < KIND_KEYS; i++)
			html_textf(b, "%s%s", i ? ", " : "", k->key[i]);
		if (k->n > KIND_KEYS)
			html_textf(b, " and %llu more", (unsigned long long)k->n - KIND_KEYS);
		buf_adds(b, "</p>\n");
	}
	if (*k->a.text) {
		buf_adds(b, "<p>");
		buf_reset(&cause);
		kind_why(&cause, &k->a);
		html_text(b, buf_str(&cause));
		buf_adds(b, "</p>\n");
	}
	if (*k->a.id) {
		buf_adds(b, "<p class=\"dim\">");
		html_text(b, k->a.id);
		buf_adds(b, "</p>\n");
	}
	buf_adds(b, "</div>\n");
	buf_free(&cause);
}

static void add_failures(const struct report *r, struct buf *b)
{
	if (!r->kinds.n)
		return;
	section(b, "failures", "Failures");
	for (uint32_t i = 0; i < r->kinds.n; i++)
		add_kind(b, &r->kinds.v[i]);
	more(b, r->kinds.more, "failures of other kinds");
	buf_adds(b, "</section>\n");
}

/* ---- resources ---- */

static void cell_bytes(struct buf *b, int64_t n)
{
	buf_adds(b, "</td><td>");
	n > 0 ? text_bytes(b, n) : (void)buf_addc(b, '-');
}

static void add_use(const struct report *r, struct buf *b, const struct tally_task *t)
{
	struct buf s;

	buf_init(&s, 1 << 12);
	report_state(&s, r, t);
	buf_adds(b, "<tr><th scope=\"row\">");
	html_text(b, t->name);
	buf_adds(b, "</th><td>");
	html_text(b, buf_str(&s));
	buf_adds(b, "</td><td>");
	t->timed ? text_time(b, t->wall_ms / (int64_t)t->timed) : (void)buf_addc(b, '-');
	buf_adds(b, "</td><td>");
	look_took(b, t->longest_ms);
	buf_adds(b, "</td><td>");
	report_cpus(b, t->cpu);
	buf_adds(b, "</td><td>");
	report_cpus(b, report_used(t));
	cell_bytes(b, t->mem);
	cell_bytes(b, t->max_rss);
	buf_adds(b, "</td></tr>\n");
	buf_free(&s);
}

static void add_resources(const struct report *r, struct buf *b)
{
	static const char *const heads[] = { "Task", "Instances", "Mean time", "Longest", "CPUs asked", "used", "Memory asked", "peak", NULL };
	uint32_t n = r->t->nrow < ROWS ? r->t->nrow : ROWS;

	if (!n)
		return;
	section(b, "resources", "Resources");
	if (r->nadvice)
		buf_adds(b, "<ul>\n");
	for (uint32_t i = 0; i < r->nadvice; i++) {
		buf_adds(b, "<li>");
		html_text(b, r->advice[i]);
		buf_adds(b, "</li>\n");
	}
	if (r->nadvice)
		buf_adds(b, "</ul>\n");
	table(b, "What tasks asked for and used", heads);
	for (uint32_t i = 0; i < n; i++)
		add_use(r, b, &r->t->task[r->t->row[i]]);
	table_end(b);
	more(b, r->t->nrow - n, "tasks");
	buf_adds(b, "<p class=\"dim\">What the last attempt of each instance took; what a task's first instance asked for.</p></section>\n");
}

/* ---- parameters and outputs ---- */

static void add_params(const struct report *r, struct buf *b)
{
	static const char *const heads[] = { "Parameter", "-Value", NULL };
	uint32_t n = r->t->nparam < ROWS ? r->t->nparam : ROWS;

	if (!n)
		return;
	section(b, "parameters", "Parameters");
	table(b, "Parameters", heads);
	for (uint32_t i = 0; i < n; i++) {
		const struct rec_param *p = &r->t->param[i];

		buf_adds(b, "<tr><th scope=\"row\">");
		html_text(b, p->name);
		buf_adds(b, "</th><td class=\"text mono\">");
		p->secret ? (void)buf_adds(b, "<span class=\"dim\">secret, not recorded</span>") : html_text(b, p->value);
		buf_adds(b, "</td></tr>\n");
	}
	table_end(b);
	more(b, r->t->nparam - n, "parameters");
	buf_adds(b, "</section>\n");
}

static void cell_digest(struct buf *b, struct digest d)
{
	char text[DIGEST_TEXT];

	digest_hex(d, text);
	buf_addf(b, "</td><td class=\"mono\">%s</td></tr>\n", text);
}

static void add_files(const struct report *r, struct buf *b)
{
	static const char *const heads[] = { "-File", "Task", "Digest", NULL };

	buf_adds(b, "<details><summary>Files</summary>\n");
	table(b, "Files", heads);
	for (uint32_t i = 0; i < r->t->nfile; i++) {
		const struct tally_file *f = &r->t->file[i];

		buf_adds(b, "<tr><td class=\"text mono\">");
		html_text(b, f->path);
		buf_adds(b, "</td><td>");
		html_text(b, r->t->task[f->task].name);
		cell_digest(b, f->digest);
	}
	table_end(b);
	more(b, r->t->nout - r->t->nfile, "outputs");
	buf_adds(b, "</details>\n");
}

static void add_outputs(const struct report *r, struct buf *b)
{
	static const char *const heads[] = { "Task", "Outputs", "Digest of all", NULL };
	uint32_t n = r->t->nrow < ROWS ? r->t->nrow : ROWS;

	if (!r->t->nout)
		return;
	section(b, "outputs", "Outputs");
	buf_adds(b, "<p>What this run made. Equal digests mean equal names and contents.</p>\n");
	table(b, "Outputs by task", heads);
	for (uint32_t i = 0; i < n; i++) {
		const struct tally_task *t = &r->t->task[r->t->row[i]];

		if (!t->nout)
			continue;
		buf_adds(b, "<tr><th scope=\"row\">");
		html_text(b, t->name);
		buf_adds(b, "</th><td>");
		text_count(b, t->nout);
		cell_digest(b, t->outs);
	}
	table_end(b);
	if (r->t->nfile)
		add_files(r, b);
	buf_adds(b, "</section>\n");
}

void report_html(const struct report *r, struct buf *b)
{
	add_head(r, b);
	add_failures(r, b);
	report_graph(r, b);
	report_gantt(r, b);
	add_resources(r, b);
	add_params(r, b);
	add_outputs(r, b);
	buf_adds(b, "</main>\n<footer>weft " WEFT_VERSION "</footer>\n</body>\n</html>\n");
}
