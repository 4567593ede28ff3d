/* fuzz_cache.c - what .weft/cache holds besides jobs (prop_image has those), with sums that are right.  The first byte chooses:
 * remembered actions, the record of what a compiled plan was made from, the image of a site file.  Each is refused, or
 * everything in it can be asked for. */
#include "place.h"

#include "base/deps.h"
#include "compiler/session.h"
#include "runtime/recall.h"
#include "runtime/recall_impl.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY = 5 };

static const struct job *the_job(void)
{
	static const char text[] = "workflow \"f\"\ntask a for i in 1..4 {\n  out o = \"a.~{i}\"\n  run \"touch ~{o}\"\n}\n"
		"task b {\n  out o = \"b\"\n  run \"touch ~{o}\"\n}\n";
	static struct session *s;

	if (s)
		return s->job;
	s = session_new(&(struct session_options){ 0 });
	check(session_compile_text(s, "f.weft", text, sizeof(text) - 1), "the job does not compile");
	return s->job;
}

/* Counts of a byte each, then the arrays, as long as the counts say. */
static size_t make(const uint8_t *data, size_t size, unsigned char **file)
{
	const struct job *j = the_job();
	struct recall_head h = { .magic = RECALL_MAGIC, .key = KEY, .ntask = j->ntask, .ninst = data[0] % 16, .nref = data[1],
		.nname = data[2], .ntext = data[3] };
	size_t n = sizeof(h);
	const size_t part[] = { (h.ninst + 1u) * sizeof(struct recall_inst), (h.ntask + 1u) * sizeof(recall_first),
		h.nref * sizeof(uint32_t), (h.nname + 1u) * sizeof(uint32_t), (size_t)h.ntext };

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++)
		n += (part[i] + 7) & ~(size_t)7;
	*file = xcalloc(1, n);
	memcpy(*file + sizeof(h), data + 4, size - 4 < n - sizeof(h) ? size - 4 : n - sizeof(h));
	h.sum = digest_of(*file + sizeof(h), n - sizeof(h), KEY);
	memcpy(*file, &h, sizeof(h));
	return n;
}

static void actions(const uint8_t *data, size_t size)
{
	unsigned char *file;
	struct recall *r;
	struct recalled out;
	size_t sum = 0, n;

	if (size < 4)
		return;
	n = make(data, size, &file);
	place_put("actions", file, n);
	free(file);
	r = recall_open(place_path("actions"), KEY, the_job());
	check(!truncate(place_path("actions"), 0), "no file"); /* what becomes of the file later does not matter */
	for (uint32_t t = 0; r && t < the_job()->ntask; t++)
		for (uint32_t i = 0; i < the_job()->task[t].count; i++) {
			if (!recall_get(r, t, i, &out))
				continue;
			for (uint32_t k = 0; k < out.nin; k++)
				sum += strlen(recall_name(r, out.in[k]));
			for (uint32_t k = 0; k < out.nout; k++)
				sum += strlen(recall_name(r, out.out[k]));
		}
	check(sum < (size_t)1 << 24, "names that are longer than the file");
	recall_free(r);
}

static void record(const uint8_t *data, size_t size)
{
	bool changed = false;
	void *copy;

	if (size && memchr(data, '/', size)) /* nothing outside is looked at */
		return;
	check(!chdir(place()), "no directory");
	place_put("a", "a", 1);
	copy = xmalloc(size + 1);
	memcpy(copy, data, size);
	deps_hold(copy, size, KEY, &changed);
	free(copy);
}

static void site(const uint8_t *data, size_t size)
{
	uint8_t *copy = xmalloc(size + 1);
	struct site *s;
	struct buf b;

	memcpy(copy, data, size);
	s = site_read(copy, size);
	buf_init(&b, 1 << 24);
	if (s) {
		check(site_write(s, &b), "not written again");
		site_find(s, (enum site_kind)0, "x");
	}
	site_free(s);
	buf_free(&b);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const what[])(const uint8_t *, size_t) = { actions, record, site };

	if (!size || size > 1 << 16)
		return 0;
	what[data[0] % 3](data + 1, size - 1);
	place_clear();
	return 0;
}
