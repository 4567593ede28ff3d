/* jsonread.c - read JSON, with recovery: what is missing is assumed, what is wrong is read as it was meant. */
#include "lang/jsonread.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

struct level {
	uint32_t node, last; /* the array or object, its last child */
	bool comma;          /* a comma stands behind the last child */
	bool deep;           /* something in it was too deep */
	struct span comma_span;
};
struct reader {
	struct jdoc *doc;
	const char *s;
	uint32_t len, pos, base;
	struct diags *d;
	struct level stack[JSON_DEPTH];
	uint32_t depth;
	uint32_t skip; /* nesting below the limit that is only skipped */
	uint32_t errors;
	struct buf text;
};

const char *json_type_text(const struct jnode *n)
{
	static const char *const text[] = { [JSON_BAD] = N_("something unreadable"), [JSON_NULL] = "null",
		[JSON_BOOL] = N_("a boolean"), [JSON_NUMBER] = N_("a number"), [JSON_STRING] = N_("a string"),
		[JSON_ARRAY] = N_("a list"), [JSON_OBJECT] = N_("an object") };

	return tr(text[n->type]);
}

static struct span span_of(const struct reader *r, uint32_t lo, uint32_t hi)
{
	return (struct span){ r->base + lo, r->base + hi };
}

/* May another error be reported?  Garbage has no end of them. */
static bool more(struct reader *r)
{
	return r->errors++ < JSON_ERRORS;
}

/* ---- blanks and comments ---- */

static uint32_t comment_end(const struct reader *r)
{
	uint32_t i = r->pos;
	bool block = r->s[i] == '/' && i + 1 < r->len && r->s[i + 1] == '*';

	if (!block) {
		while (i < r->len && r->s[i] != '\n')
			i++;
		return i;
	}
	for (i += 2; i + 1 < r->len; i++)
		if (r->s[i] == '*' && r->s[i + 1] == '/')
			return i + 2;
	return r->len;
}

static bool at_comment(const struct reader *r)
{
	char c = r->s[r->pos];

	return c == '#' || (c == '/' && r->pos + 1 < r->len && (r->s[r->pos + 1] == '/' || r->s[r->pos + 1] == '*'));
}

static void skip_blank(struct reader *r)
{
	for (; r->pos < r->len; r->pos++) {
		if (at_comment(r)) {
			uint32_t end = comment_end(r);

			if (more(r)) {
				diag_error(r->d, E0149, span_of(r, r->pos, end), "a comment in JSON");
				diag_help(r->d, "leave it out; comments are for .weft files");
				diag_fix(r->d, span_of(r, r->pos, end), "%s", "");
			}
			r->pos = end;
			if (r->pos >= r->len)
				return;
		}
		if (!strchr(" \t\r\n", r->s[r->pos]))
			return;
	}
}

/* ---- strings ---- */

static void put_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		buf_addc(b, (char)(0xC0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_addc(b, (char)(0xE0 | c >> 12));
		buf_addc(b, (char)(0x80 | (c >> 6 & 63)));
		buf_addc(b, (char)(0x80 | (c & 63)));
	} else {
		buf_addc(b, (char)(0xF0 | c >> 18));
		buf_addc(b, (char)(0x80 | (c >> 12 & 63)));
		buf_addc(b, (char)(0x80 | (c >> 6 & 63)));
		buf_addc(b, (char)(0x80 | (c & 63)));
	}
}

/* Four hexadecimal digits at i, UINT32_MAX if there are none. */
static uint32_t hex4(const struct reader *r, uint32_t i)
{
	uint32_t v = 0;

	if (i + 4 > r->len)
		return UINT32_MAX;
	for (uint32_t k = i; k < i + 4; k++) {
		char c = r->s[k];
		uint32_t x = c >= '0' && c <= '9'		? (uint32_t)(c - '0')
			     : (c | 32) >= 'a' && (c | 32) <= 'f' ? (uint32_t)((c | 32) - 'a' + 10)
								  : 16;

		if (x > 15)
			return UINT32_MAX;
		v = v * 16 + x;
	}
	return v;
}

static void bad_escape(struct reader *r, uint32_t lo, uint32_t hi, const char *why)
{
	if (more(r))
		diag_error(r->d, E0141, span_of(r, lo, hi), "%s", tr(why));
}

/* \uXXXX at pos, perhaps the first half of a pair. */
static void unicode(struct reader *r)
{
	uint32_t lo = r->pos, c = hex4(r, lo + 2), low;

	if (c == UINT32_MAX) {
		bad_escape(r, lo, lo + 2, N_("`\\u` without four hexadecimal digits"));
		r->pos += 2;
		return;
	}
	r->pos += 6;
	if (c >= 0xD800 && c < 0xDC00 && r->pos + 6 <= r->len && r->s[r->pos] == '\\' && r->s[r->pos + 1] == 'u') {
		low = hex4(r, r->pos + 2);
		if (low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			r->pos += 6;
		}
	}
	if (!c || (c >= 0xD800 && c < 0xE000))
		bad_escape(r, lo, lo + 6, c ? N_("half of a surrogate pair") : N_("a NUL character in a string"));
	else
		put_utf8(&r->text, c);
}

static void escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = r->pos + 1 < r->len ? r->s[r->pos + 1] : 0;
	const char *at = c ? strchr(from, c) : NULL;

	if (c == 'u') {
		unicode(r);
		return;
	}
	if (at) {
		buf_addc(&r->text, to[at - from]);
		r->pos += 2;
		return;
	}
	bad_escape(r, r->pos, r->pos + 1 + (c && c != '\n' && !(c & 0x80)), N_("an escape that JSON does not have"));
	buf_addc(&r->text, '\\');
	r->pos++;
}

/* The rest of a string up to its quote, decoded into r->text; false when it is not closed on its line. */
static bool string_body(struct reader *r, char quote, bool *plain)
{
	*plain = true;
	while (r->pos < r->len && r->s[r->pos] != quote && r->s[r->pos] != '\n') {
		char c = r->s[r->pos];

		if (c == '\\') {
			*plain = false;
			escape(r);
			continue;
		}
		if ((unsigned char)c < 32 && c != '\r') {
			bad_escape(r, r->pos, r->pos + 1,
				   c == '\t' ? N_("a tab in a string: it is written `\\t`") : N_("a control character in a string"));
		}
		buf_addc(&r->text, c);
		r->pos++;
	}
	return r->pos < r->len && r->s[r->pos] == quote;
}

/* A string at pos, in any quotes.  Its node's text and span are set. */
static void string(struct reader *r, struct jnode *n)
{
	uint32_t lo = r->pos;
	char quote = r->s[r->pos++];
	bool closed;

	buf_reset(&r->text);
	closed = string_body(r, quote, &n->plain);
	r->pos += closed;
	n->type = JSON_STRING;
	n->closed = closed;
	n->span = span_of(r, lo, r->pos);
	n->text = r->text.len ? name_of(r->doc->names, buf_str(&r->text), r->text.len) : 0;
	if (!closed && more(r)) {
		diag_error(r->d, E0141, n->span, "a string that is not closed on its line");
		diag_help(r->d, "a line break inside a string is written `\\n`");
	} else if (quote != '"' && more(r)) {
		diag_error(r->d, E0141, n->span, "a string in single quotes");
		diag_help(r->d, "JSON strings stand in double quotes");
	}
	n->plain &= closed;
}

/* ---- words and numbers ---- */

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c & 0x80 ||
		(c && strchr("_-+.", c));
}

/* As in RFC 8259: -? int frac? exp? */
static bool is_number(const char *s, size_t n)
{
	size_t i = n && s[0] == '-', lo = i;

	while (i < n && s[i] >= '0' && s[i] <= '9')
		i++;
	if (i == lo || (s[lo] == '0' && i > lo + 1))
		return false;
	if (i < n && s[i] == '.') {
		for (lo = ++i; i < n && s[i] >= '0' && s[i] <= '9'; i++)
			;
		if (i == lo)
			return false;
	}
	if (i < n && (s[i] | 32) == 'e') {
		i += 1 + (i + 1 < n && (s[i + 1] == '+' || s[i + 1] == '-'));
		for (lo = i; i < n && s[i] >= '0' && s[i] <= '9'; i++)
			;
		if (i == lo)
			return false;
	}
	return i == n;
}

static bool is(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && !memcmp(s, word, n);
}

/* What a word that is no JSON plainly means. */
static const char *meant(const char *s, size_t n, struct jnode *v)
{
	bool yes = is(s, n, "True") || is(s, n, "TRUE"), no = is(s, n, "False") || is(s, n, "FALSE");

	v->type = yes || no ? JSON_BOOL : is(s, n, "None") || is(s, n, "nil") || is(s, n, "undefined") ? JSON_NULL : JSON_BAD;
	v->value = yes;
	return yes ? "true" : no ? "false" : v->type == JSON_NULL ? "null" : NULL;
}

static void bad_word(struct reader *r, const char *s, size_t n, struct jnode *v)
{
	const char *word = meant(s, n, v);
	bool digits = (s[0] >= '0' && s[0] <= '9') || s[0] == '-' || s[0] == '+' || s[0] == '.';

	if (!more(r))
		return;
	diag_error(r->d, E0142, v->span, digits ? N_("a number that JSON does not have") : N_("a word that JSON does not have"));
	if (word) {
		diag_help(r->d, "write `%s`", word);
		diag_fix(r->d, v->span, "%s", word);
	} else if (!digits) {
		diag_help(r->d, "a text stands in double quotes");
	}
}

/* A number, true, false, null, or something that is meant to be one. */
static void word(struct reader *r, struct jnode *v)
{
	uint32_t lo = r->pos;
	const char *s = r->s + lo;
	size_t n;

	while (r->pos < r->len && word_char(r->s[r->pos]))
		r->pos++;
	n = r->pos - lo;
	v->span = span_of(r, lo, r->pos);
	v->text = name_of(r->doc->names, s, n);
	if (is_number(s, n))
		v->type = JSON_NUMBER;
	else if (is(s, n, "true") || is(s, n, "false"))
		v->type = JSON_BOOL, v->value = n == 4;
	else if (is(s, n, "null"))
		v->type = JSON_NULL;
	else
		bad_word(r, s, n, v);
}

/* ---- structure ---- */

static uint32_t add_node(struct reader *r, struct jnode n)
{
	struct jdoc *doc = r->doc;

	if (doc->n == doc->cap)
		doc->v = grow(doc->v, &doc->cap, doc->n + 1, sizeof *doc->v);
	doc->v[doc->n] = n;
	return doc->n++;
}

static struct level *top(struct reader *r)
{
	return &r->stack[r->depth - 1];
}

static void link_node(struct reader *r, uint32_t id)
{
	struct level *l;

	if (!r->depth) {
		if (!r->doc->root)
			r->doc->root = id;
		return;
	}
	l = top(r);
	if (l->last)
		r->doc->v[l->last].next = id;
	else
		r->doc->v[l->node].kid = id;
	l->last = id;
	l->comma = false;
}

static void open(struct reader *r, struct jnode n)
{
	uint32_t id;

	n.type = r->s[r->pos] == '{' ? JSON_OBJECT : JSON_ARRAY;
	n.span = span_of(r, r->pos, r->pos + 1);
	r->pos++;
	if (r->depth == JSON_DEPTH) {
		for (uint32_t i = 1; i < r->depth; i++)
			r->stack[i].deep = true;
		if (!r->skip++ && more(r))
			diag_error(r->d, E0144, n.span, "JSON nested more than %d levels deep", JSON_DEPTH);
		return;
	}
	id = add_node(r, n);
	link_node(r, id);
	r->stack[r->depth++] = (struct level){ .node = id };
}

static bool is_object(const struct reader *r)
{
	return r->depth && r->doc->v[r->stack[r->depth - 1].node].type == JSON_OBJECT;
}

static void pop(struct reader *r, uint32_t hi)
{
	struct level *l = top(r);

	if (l->comma && l->comma_span.hi && more(r)) {
		diag_error(r->d, E0140, l->comma_span, "a comma behind the last item");
		diag_fix(r->d, l->comma_span, "%s", "");
	}
	r->doc->v[l->node].span.hi = r->base + hi;
	if (l->deep)
		r->doc->v[l->node].type = JSON_BAD;
	r->depth--;
}

/* Is a bracket of this kind open somewhere? */
static bool open_below(const struct reader *r, uint8_t type)
{
	for (uint32_t i = r->depth; i-- > 0;)
		if (r->doc->v[r->stack[i].node].type == type)
			return true;
	return false;
}

static void close(struct reader *r)
{
	uint8_t type = r->s[r->pos] == '}' ? JSON_OBJECT : JSON_ARRAY;
	struct span sp = span_of(r, r->pos, r->pos + 1);

	if (r->skip) {
		r->skip--;
		r->pos++;
		return;
	}
	if (!open_below(r, type)) {
		if (more(r))
			diag_error(r->d, E0140, sp, "a `%c` that closes nothing", r->s[r->pos]);
		r->pos++;
		return;
	}
	while (r->doc->v[top(r)->node].type != type) {
		struct span at = r->doc->v[top(r)->node].span;

		if (more(r)) {
			diag_error(r->d, E0140, sp, "a `%c` where `%c` is due", r->s[r->pos], type == JSON_OBJECT ? ']' : '}');
			diag_at(r->d, (struct span){ at.lo, at.lo + 1 }, "opened here");
		}
		pop(r, r->pos);
	}
	pop(r, ++r->pos);
}

static void comma(struct reader *r)
{
	struct span sp = span_of(r, r->pos, r->pos + 1);

	r->pos++;
	if (r->skip)
		return;
	if (!r->depth || !top(r)->last || top(r)->comma) {
		if (more(r))
			diag_error(r->d, E0140, sp, "a comma that separates nothing");
		return;
	}
	top(r)->comma = true;
	top(r)->comma_span = sp;
}

/* Before a further item: a comma must have been there. */
static void need_comma(struct reader *r)
{
	struct level *l;
	uint32_t hi;

	if (!r->depth || r->skip)
		return;
	l = top(r);
	if (!l->last || l->comma)
		return;
	hi = r->doc->v[l->last].span.hi;
	if (more(r)) {
		diag_error(r->d, E0140, (struct span){ hi - 1, hi }, "no comma behind this item");
		diag_fix(r->d, (struct span){ hi, hi }, ",");
	}
}

/* Between key and value. */
static void colon(struct reader *r, const struct jnode *key)
{
	skip_blank(r);
	if (r->pos < r->len && r->s[r->pos] == ':') {
		r->pos++;
		skip_blank(r);
		return;
	}
	if (more(r)) {
		diag_error(r->d, E0140, key->span, "a key without `:` and a value");
		diag_help(r->d, "members of an object are written \"key\": value");
	}
	if (r->pos < r->len && r->s[r->pos] == '=') {
		r->pos += 1 + (r->pos + 1 < r->len && r->s[r->pos + 1] == '>');
		skip_blank(r);
	}
}

static bool starts_value(char c)
{
	return c == '"' || c == '\'' || c == '{' || c == '[' || word_char(c);
}

static void value(struct reader *r, struct jnode n)
{
	char c = r->s[r->pos];

	if (c == '{' || c == '[') {
		open(r, n);
		return;
	}
	if (c == '"' || c == '\'')
		string(r, &n);
	else
		word(r, &n);
	if (r->skip)
		return;
	link_node(r, add_node(r, n));
	if (n.type == JSON_STRING && !n.closed && r->depth) { /* its comma was taken for text */
		top(r)->comma = true;
		top(r)->comma_span = NOSPAN;
	}
}

/* A key, its colon and its value (or the opening of it). */
static void member(struct reader *r)
{
	struct jnode key = { 0 }, n = { 0 };
	char c = r->s[r->pos];

	if (c == '{' || c == '[') {
		if (more(r))
			diag_error(r->d, E0140, span_of(r, r->pos, r->pos + 1), "a value without a key in an object");
		value(r, n);
		return;
	}
	if (c == '"' || c == '\'') {
		string(r, &key);
	} else {
		word(r, &key);
		if (key.type != JSON_BAD && more(r))
			diag_error(r->d, E0142, key.span, "a key that is no string");
	}
	n.key = key.text;
	n.key_span = key.span;
	colon(r, &key);
	if (r->pos < r->len && starts_value(r->s[r->pos])) {
		value(r, n);
		return;
	}
	n.type = JSON_BAD;
	n.span = key.span;
	if (more(r))
		diag_error(r->d, E0140, key.span, "a key without a value");
	if (!r->skip)
		link_node(r, add_node(r, n));
}

static void stray(struct reader *r)
{
	uint32_t lo = r->pos++;

	while (r->pos < r->len && !strchr(" \t\r\n,{}[]\"'#/", r->s[r->pos]) && !word_char(r->s[r->pos]))
		r->pos++;
	if (more(r))
		diag_error(r->d, E0140, span_of(r, lo, r->pos), "something that does not belong here");
}

/* Behind the whole: nothing may follow; said once. */
static bool extra(struct reader *r)
{
	if (r->depth || r->skip || !r->doc->root)
		return false;
	if (more(r))
		diag_error(r->d, E0140, span_of(r, r->pos, r->pos + 1), "something behind the end of the JSON");
	r->pos = r->len;
	return true;
}

static void step(struct reader *r)
{
	char c = r->s[r->pos];

	if (extra(r))
		return;
	if (c == '}' || c == ']')
		close(r);
	else if (c == ',')
		comma(r);
	else if (!starts_value(c))
		stray(r);
	else {
		need_comma(r);
		if (is_object(r) && !r->skip)
			member(r);
		else
			value(r, (struct jnode){ 0 });
	}
}

static void unclosed(struct reader *r)
{
	struct span at = r->doc->v[top(r)->node].span;

	if (more(r)) {
		diag_error(r->d, E0140, span_of(r, r->len, r->len), r->depth > 1 ?
			   N_("the JSON ends too early: %u brackets are open") : N_("the JSON ends too early: %u bracket is open"),
			   r->depth);
		diag_at(r->d, (struct span){ at.lo, at.lo + 1 }, "the last of them is opened here");
	}
	while (r->depth) {
		top(r)->comma = false;
		pop(r, r->len);
	}
}

/* ---- keys given twice ---- */

static void duplicates(struct reader *r)
{
	struct jdoc *doc = r->doc;
	uint32_t n = names_count(doc->names) + 1;
	uint32_t *first = xcalloc(n, sizeof *first); /* by key: the last member that had it */
	uint32_t *owner = xcalloc(n, sizeof *owner); /* and its object */

	for (uint32_t o = 1; o < doc->n; o++)
		for (uint32_t m = doc->v[o].type == JSON_OBJECT ? doc->v[o].kid : 0; m; m = doc->v[m].next) {
			name key = doc->v[m].key;

			if (owner[key] == o && more(r)) {
				diag_error(r->d, E0143, doc->v[m].key_span, "key `%s` is given twice", name_str(doc->names, key));
				diag_at(r->d, doc->v[first[key]].key_span, "first given here");
			}
			if (owner[key] != o)
				first[key] = m;
			owner[key] = o;
		}
	free(first);
	free(owner);
}

bool json_read(struct jdoc *doc, const struct source *src, struct names *names, struct diags *d)
{
	uint32_t errors = d->errors;
	struct reader r = { .doc = doc, .s = src->text, .len = src->len, .base = src->base, .d = d };

	*doc = (struct jdoc){ .names = names };
	add_node(&r, (struct jnode){ 0 });
	buf_init(&r.text, SIZE_MAX / 2);
	for (skip_blank(&r); r.pos < r.len; skip_blank(&r))
		step(&r);
	if (r.depth)
		unclosed(&r);
	if (!doc->root && d->errors == errors)
		diag_error(d, E0140, span_of(&r, 0, 0), "the file holds no JSON");
	duplicates(&r);
	buf_free(&r.text);
	return d->errors == errors;
}

void json_doc_free(struct jdoc *doc)
{
	free(doc->v);
	*doc = (struct jdoc){ 0 };
}
