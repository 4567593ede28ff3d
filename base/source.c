/* source.c - texts side by side in one position space, a one-byte gap between them. */
#include "base/source.h"

#include "base/arena.h"
#include "base/deps.h"
#include "base/diag.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 30, MAX_ENCODING_ERRORS = 5, MAX_ENTRIES = 10000 };

enum state { ST_TEXT, ST_FILE /* read and recorded */, ST_LAZY /* not read yet */, ST_GONE /* not to be had */ };
struct entry {
	struct source s; /* first: a source is its entry */
	uint8_t state;   /* enum state */
	bool file;       /* source_load's */
	struct digest digest; /* ST_FILE, ST_LAZY */
	uint32_t *line;  /* offsets of line starts, NULL until asked for */
	uint32_t nline;
	uint32_t seen, chr; /* the last place asked for: offset, column in characters */
};
struct overlay {
	const char *path, *text;
	size_t len;
};
struct sources {
	struct arena *arena;
	struct overlay *overlay;
	uint32_t noverlay, overlaycap;
	struct entry **v;
	uint32_t n, cap;
	uint32_t next; /* base of the next source */
	struct deps *deps;
	uint64_t seed; /* of the digests */
};

struct sources *sources_new(void)
{
	struct sources *ss = xcalloc(1, sizeof(*ss));

	ss->arena = arena_new();
	ss->next = 1;
	return ss;
}

void sources_free(struct sources *ss)
{
	if (!ss)
		return;
	for (uint32_t i = 0; i < ss->n; i++) {
		free(ss->v[i]->s.text);
		free(ss->v[i]->line);
	}
	free(ss->v);
	free(ss->overlay);
	arena_free(ss->arena);
	free(ss);
}

static void push(struct sources *ss, struct entry *e)
{
	ss->next = e->s.base + e->s.len + 1;
	ss->v = grow(ss->v, &ss->cap, ss->n + 1, sizeof(*ss->v));
	ss->v[ss->n++] = e;
}

/* Take over a text that ends in two NULs; NULL after a diagnostic. */
static struct entry *add(struct sources *ss, const char *path, char *text, size_t len, struct diags *d)
{
	struct entry *e;

	if (len > FILE_MAX || len + 1 > UINT32_MAX - ss->next) {
		free(text);
		diag_error(d, E0902, NOSPAN, "file `%s` is too large: more than %s", path,
			len > FILE_MAX ? "1 GB" : _("4 GB of text in all"));
		return NULL;
	}
	e = arena_zalloc(ss->arena, 1, sizeof(*e));
	e->s = (struct source){ arena_strdup(ss->arena, path), text, ss->next, (uint32_t)len };
	push(ss, e);
	return e;
}

/* Everything up to the end, or a byte more than the limit. */
static char *slurp(int fd, size_t hint, size_t *len)
{
	size_t cap = hint + 4096, n = 0;
	char *p = xmalloc(cap + 2);

	for (;;) {
		ssize_t k;

		if (n == cap) {
			cap *= 2;
			p = xrealloc(p, cap + 2, 1);
		}
		k = read(fd, p + n, cap - n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0) {
			free(p);
			return NULL;
		}
		n += (size_t)k;
		if (!k || n > FILE_MAX)
			break;
	}
	p[n] = p[n + 1] = 0;
	*len = n;
	return p;
}

/* *ST: what was read, as it is after reading. */
static char *read_file(const char *path, size_t *len, struct stat *st)
{
	char *text = NULL;
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;

	if (fd < 0)
		return NULL;
	if (fstat(fd, st) == 0)
		text = slurp(fd, S_ISREG(st->st_mode) && st->st_size < FILE_MAX ? (size_t)st->st_size : 0, len);
	if (text && fstat(fd, st)) {
		free(text);
		text = NULL;
	}
	if (fd != STDIN_FILENO) {
		int e = errno;

		close(fd);
		errno = e;
	}
	return text;
}

static char *copied(const char *text, size_t len)
{
	char *p = xmalloc(len + 2);

	if (len)
		memcpy(p, text, len);
	p[len] = p[len + 1] = 0;
	return p;
}

void sources_overlay(struct sources *ss, const char *path, const char *text, size_t len)
{
	ss->overlay = grow(ss->overlay, &ss->overlaycap, ss->noverlay + 1, sizeof(*ss->overlay));
	ss->overlay[ss->noverlay++] = (struct overlay){ arena_strdup(ss->arena, path), arena_strndup(ss->arena, text, len), len };
}

/* The text that was put over a file, NULL if none was. */
static const struct overlay *overlay_of(const struct sources *ss, const char *path)
{
	for (uint32_t i = ss->noverlay; i-- > 0;)
		if (!strcmp(ss->overlay[i].path, path))
			return &ss->overlay[i];
	return NULL;
}

bool source_is_file(const struct source *s)
{
	return ((const struct entry *)s)->file && strcmp(s->path, "<stdin>") != 0;
}

static const struct source *load_overlay(struct sources *ss, const struct overlay *o, struct diags *d)
{
	struct entry *e = add(ss, o->path, copied(o->text, o->len), o->len, d);

	if (!e)
		return NULL;
	e->file = true;
	e->state = ST_TEXT;
	return &e->s;
}

/* A name in its directory that is nearly the same, or the same without its ending. */
static void suggest_file(const char *path, struct diags *d)
{
	const char *slash = strrchr(path, '/');
	int n = slash ? (int)(slash + 1 - path) : 0;
	struct suggest sg = { .to = path + n };
	const char *weft = arena_printf(d->arena, "%s.weft", path);
	DIR *dir = opendir(n ? arena_strndup(d->arena, path, (size_t)n) : ".");
	struct dirent *e;

	for (int i = 0; dir && i < MAX_ENTRIES && (e = readdir(dir)); i++)
		suggest_copy(&sg, d->arena, e->d_name);
	if (dir)
		closedir(dir);
	if (access(weft, F_OK) == 0)
		diag_help(d, "did you mean `%s`?", weft);
	else if (suggest_best(&sg))
		diag_help(d, "did you mean `%s`?", arena_printf(d->arena, "%.*s%s", n, path, suggest_best(&sg)));
}

const struct source *source_load(struct sources *ss, const char *path, struct diags *d)
{
	const struct overlay *over = overlay_of(ss, path);
	size_t len = 0;
	struct stat st;
	struct entry *e;
	struct digest digest;
	char *text;

	if (over)
		return load_overlay(ss, over, d);
	text = read_file(path, &len, &st);
	if (!text) {
		bool none = errno == ENOENT;

		diag_error(d, E0901, NOSPAN, "cannot read file `%s`: %s", path, strerror(errno));
		if (none)
			suggest_file(path, d);
		return NULL;
	}
	digest = deps_file(ss->deps, path, &st, text, len);
	if (ss->deps && !strcmp(path, "-"))
		deps_lost(ss->deps);
	e = add(ss, strcmp(path, "-") ? path : "<stdin>", text, len, d);
	if (!e)
		return NULL;
	e->file = true;
	e->state = ss->deps ? ST_FILE : ST_TEXT;
	e->digest = digest;
	return &e->s;
}

const struct source *source_add(struct sources *ss, const char *path, const char *text, size_t len, struct diags *d)
{
	struct entry *e;

	e = add(ss, path, len > FILE_MAX ? NULL : copied(text, len), len, d);
	return e ? &e->s : NULL;
}

static void bad_byte(const struct source *s, size_t i, struct diags *d)
{
	struct span sp = { s->base + (uint32_t)i, s->base + (uint32_t)i + 1 };

	if (!s->text[i]) {
		diag_error(d, E0001, sp, "NUL byte in the file");
		diag_help(d, "a workflow is UTF-8 text; this may be UTF-16 or no text at all");
		return;
	}
	diag_error(d, E0002, sp, "byte 0x%02x is not valid UTF-8", (unsigned)(unsigned char)s->text[i]);
	diag_help(d, "save the file as UTF-8; one in GBK is converted with: iconv -f GBK -t UTF-8");
}

static void blank_bom(const struct source *s)
{
	if (s->len >= 3 && !memcmp(s->text, "\xef\xbb\xbf", 3))
		memset(s->text, ' ', 3);
}

bool source_check(const struct source *s, struct diags *d)
{
	const unsigned char *p = (const unsigned char *)s->text;
	size_t i = 0;
	int bad = 0;

	blank_bom(s);
	while (i < s->len) {
		size_t k;
		uint64_t w;

		if (s->len - i >= 8) { /* eight ASCII bytes, none NUL */
			memcpy(&w, p + i, 8);
			if (!((w | (w - 0x0101010101010101u)) & 0x8080808080808080u)) {
				i += 8;
				continue;
			}
		}
		k = p[i] ? utf8_len(p + i, s->len - i) : 0;
		if (k) {
			i += k;
			continue;
		}
		bad_byte(s, i, d);
		if (++bad == MAX_ENCODING_ERRORS)
			break;
		for (i++; i < s->len && p[i] && (p[i] & 0xc0) == 0x80; i++)
			;
	}
	return !bad;
}

/* ---- texts that are read when a place in them is asked for ---- */

void sources_record(struct sources *ss, struct deps *d)
{
	ss->deps = d;
	if (d)
		ss->seed = deps_seed(d);
}

uint64_t sources_seed(const struct sources *ss)
{
	return ss->seed;
}

struct deps *sources_deps(const struct sources *ss)
{
	return ss->deps;
}

uint32_t sources_count(const struct sources *ss)
{
	return ss->n;
}

struct source_info sources_info(const struct sources *ss, uint32_t i)
{
	const struct entry *e = ss->v[i];

	return (struct source_info){ e->s.path, e->file ? NULL : e->s.text, e->s.base, e->s.len,
		e->state == ST_FILE || e->state == ST_LAZY, e->digest };
}

bool sources_restore(struct sources *ss, const struct source_info *in, uint64_t seed)
{
	struct entry *e;

	if (in->base < ss->next || in->len > FILE_MAX || in->len + 1 > UINT32_MAX - in->base)
		return false;
	e = arena_zalloc(ss->arena, 1, sizeof(*e));
	e->s = (struct source){ arena_strdup(ss->arena, in->path), NULL, in->base, in->len };
	e->file = !in->text;
	e->state = in->text ? ST_TEXT : in->known ? ST_LAZY : ST_GONE;
	e->digest = in->digest;
	if (in->text)
		e->s.text = copied(in->text, in->len);
	push(ss, e);
	ss->seed = seed;
	return true;
}

/* Is the text there?  It is read now if it was left out. */
static bool has_text(const struct sources *ss, struct entry *e)
{
	size_t len = 0;
	struct stat st;
	char *text;

	if (e->state != ST_LAZY)
		return e->state != ST_GONE;
	text = read_file(e->s.path, &len, &st);
	if (!text || len != e->s.len || !digest_equal(digest_of(text, len, ss->seed), e->digest)) {
		free(text);
		e->state = ST_GONE;
		return false;
	}
	e->s.text = text;
	e->state = ST_FILE;
	blank_bom(&e->s);
	return true;
}

/* ---- places ---- */

const struct source *source_at(const struct sources *ss, uint32_t pos)
{
	uint32_t lo = 0, hi = ss->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct source *s = &ss->v[mid]->s;

		if (pos < s->base)
			hi = mid;
		else if (pos > s->base + s->len)
			lo = mid + 1;
		else
			return has_text(ss, ss->v[mid]) ? s : NULL;
	}
	return NULL;
}

static void make_lines(struct entry *e)
{
	const char *t = e->s.text, *end = t + e->s.len, *nl;
	uint32_t cap = 0, n = 0;

	e->line = grow(NULL, &cap, 1, sizeof(*e->line));
	e->line[n++] = 0;
	while (t < end && (nl = memchr(t, '\n', (size_t)(end - t)))) {
		t = nl + 1;
		e->line = grow(e->line, &cap, n + 1, sizeof(*e->line));
		e->line[n++] = (uint32_t)(t - e->s.text);
	}
	e->nline = n;
}

/* The column of off in the line that starts at lo, counted on from the last one asked for. */
static uint32_t characters(struct entry *e, uint32_t lo, uint32_t off)
{
	uint32_t i = lo, chr = 1;

	if (e->seen > lo && e->seen <= off) {
		i = e->seen;
		chr = e->chr;
	}
	for (; i < off; i++)
		chr += ((unsigned char)e->s.text[i] & 0xc0) != 0x80;
	e->seen = off;
	e->chr = chr;
	return chr;
}

struct place source_place(struct sources *ss, uint32_t pos)
{
	const struct source *s = pos ? source_at(ss, pos) : NULL;
	struct entry *e = (struct entry *)s;
	struct place pl = { .src = s };
	uint32_t off, lo = 0, hi;

	if (!s)
		return pl;
	if (!e->line)
		make_lines(e);
	off = pos - s->base;
	for (hi = e->nline; hi - lo > 1;) {
		uint32_t mid = lo + (hi - lo) / 2;

		*(e->line[mid] <= off ? &lo : &hi) = mid;
	}
	pl.line = lo + 1;
	pl.lo = e->line[lo];
	pl.hi = lo + 1 < e->nline ? e->line[lo + 1] - 1 : s->len;
	if (pl.hi > pl.lo && s->text[pl.hi - 1] == '\r')
		pl.hi--;
	pl.col = off - pl.lo + 1;
	pl.chr = characters(e, pl.lo, off);
	return pl;
}

const char *source_text(const struct sources *ss, struct span sp)
{
	const struct source *s = sp.lo ? source_at(ss, sp.lo) : NULL;

	return s ? s->text + (sp.lo - s->base) : NULL;
}
