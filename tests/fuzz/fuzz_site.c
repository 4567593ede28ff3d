/* fuzz_site.c - a site file: it is understood or there are diagnostics, and its image says the same. */
#include "place.h"

#include "compiler/session.h"

#include <stdlib.h>
#include <string.h>

static void image(const struct site *s)
{
	struct buf b, c;
	struct site *t;
	void *copy;

	buf_init(&b, 1 << 24);
	buf_init(&c, 1 << 24);
	check(site_write(s, &b), "not written");
	copy = xmalloc(b.len + 1); /* not a byte more than there is may be read */
	memcpy(copy, buf_str(&b), b.len);
	t = site_read(copy, b.len);
	check(t, "its image cannot be read");
	check(site_write(t, &c) && b.len == c.len && !memcmp(buf_str(&b), buf_str(&c), b.len), "its image is another");
	site_free(t);
	free(copy);
	buf_free(&b);
	buf_free(&c);
}

static void print(const struct session *s)
{
	struct diag_style st = { .unicode = true };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	diags_print_human(s->diags, f, &st);
	diags_print_json(s->diags, f);
	fclose(f);
	check(!s->diags->n || n, "diagnostics print nothing");
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session *s;

	if (size > 1 << 16)
		return 0;
	place_put("fuzz.site", data, size);
	s = session_new(&(struct session_options){ 0 });
	check(session_compile(s, place_path("fuzz.site")) == !s->diags->errors, "errors are not counted");
	print(s);
	if (!s->diags->errors)
		image(s->site);
	session_free(s);
	place_clear();
	return 0;
}
