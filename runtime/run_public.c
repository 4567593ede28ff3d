/* run_public.c - what may be shown: secrets are blotted out of everything that reaches a screen or a record. */
#include "runtime/driver.h"
#include "runtime/text.h"

#include <string.h>

#define BLOT "***"

static bool has_secrets(const struct run *r)
{
	return r->job->nsecret && r->opt->secret_values;
}

/* Does a secret stand at p?  The length of the longest one, else 0. */
static size_t secret_at(const struct run *r, const char *p, size_t n)
{
	size_t best = 0;

	for (uint32_t i = 0; i < r->job->nsecret; i++) {
		const char *v = r->opt->secret_values[i];
		size_t len = v ? strlen(v) : 0;

		if (len > best && len <= n && !memcmp(p, v, len))
			best = len;
	}
	return best;
}

const char *run_public(const struct run *r, struct arena *a, const char *s, size_t *n)
{
	const char *clean;
	struct buf b;

	if (!has_secrets(r))
		return s;
	buf_init(&b, 4 * *n + sizeof(BLOT));
	for (size_t i = 0; i < *n;) {
		size_t k = secret_at(r, s + i, *n - i);

		if (k)
			buf_adds(&b, BLOT);
		else
			buf_addc(&b, s[i]);
		i += k ? k : 1;
	}
	clean = arena_strndup(a, buf_str(&b), b.len);
	*n = b.len;
	buf_free(&b);
	return clean;
}

char **run_words(const struct run *r, struct arena *a, char *const *argv)
{
	size_t n = 0, dir = strlen(r->dir);
	char **v;

	while (argv && argv[n])
		n++;
	v = arena_zalloc(a, n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		bool inside = !strncmp(argv[i], r->dir, dir) && argv[i][dir] == '/';
		const char *s = inside ? arena_printf(a, "%s%s", r->shown, argv[i] + dir) : argv[i];
		size_t len = strlen(s);

		v[i] = (char *)run_public(r, a, s, &len);
	}
	return v;
}

void run_again(const struct run_options *o, const char *flag, struct buf *b)
{
	buf_addf(b, "weft %s", o->word ? o->word : "run");
	if (flag)
		buf_addf(b, " %s", flag);
	if (o->source)
		text_command(b, (char *[]){ (char *)(uintptr_t)o->source, NULL });
	if (o->repeat)
		text_command(b, o->repeat);
}
