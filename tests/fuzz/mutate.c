/* mutate.c - COUNT mutations of real files through a whole front end: never a crash, a hang or an empty message.
 *
 *   mutate COUNT SEED FILE...      FRONT (a path that chooses the front end) is set when it is built
 *
 * A mutation is one to eight edits: bytes changed, removed, doubled, taken from another file, words of the language
 * put in, the end cut off.  What is running is printed before it runs, so that a crash names its file and seed; the
 * same seed and files give the same inputs. */
#include "whole.h"

#include "base/arena.h"
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_INPUT = 1 << 20, SECONDS_EACH = 30 };

static uint64_t state;

/* xorshift64*, Vigna 2016: enough to choose places. */
static uint32_t below(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return n ? (uint32_t)((state * 2685821657736338717u) >> 33) % n : 0;
}

static bool load(const char *path, struct buf *b)
{
	char part[65536];
	FILE *f = fopen(path, "rb");
	size_t n;

	buf_init(b, MAX_INPUT);
	while (f && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(b, part, n);
	return f && !fclose(f);
}

static const char *const words[] = { "{", "}", "[", "]", "(", ")", "\"", "~{", "~~{", "->", "..", "=", ",", "\n", "\\", "\t",
	"%(a)s", "$a", "[DEFAULT]", "task ", "for x in ", "run {\n", "null", "-1", "1e999", "99999999999999999999", "0", "[*]", ".",
	"\xe4\xbb\xbb", "\xff", "\x1b[31m", "use \"x.weft\" as x", "\"Weft\": {", "true", "oss://", ";", "#", "\r" };

/* out = head of b, `with`, b from `resume` on. */
static void splice(struct buf *b, struct buf *out, uint32_t at, uint32_t resume, const char *with, size_t n)
{
	struct buf t = *b;

	buf_reset(out);
	buf_add(out, buf_str(b), at);
	buf_add(out, with, n);
	buf_add(out, buf_str(b) + resume, b->len - resume);
	*b = *out;
	*out = t;
}

static void edit(struct buf *b, struct buf *spare, const struct buf *other)
{
	uint32_t len = (uint32_t)b->len, at = below(len + 1), n = 1 + below(16), to = at + n < len ? at + n : len;
	char byte = (char)below(256);
	const char *w = words[below(sizeof(words) / sizeof(*words))];
	uint32_t from = below((uint32_t)other->len), most = (uint32_t)other->len - from;

	switch (below(6)) {
	case 0:
		splice(b, spare, at, at < len ? at + 1 : at, &byte, 1);
		break;
	case 1:
		splice(b, spare, at, to, "", 0);
		break;
	case 2:
		splice(b, spare, at, at, buf_str(b) + at, to - at);
		break;
	case 3:
		splice(b, spare, at, at, buf_str(other) + from, below(most < 200 ? most : 200));
		break;
	case 4:
		splice(b, spare, at, at, w, strlen(w));
		break;
	default:
		splice(b, spare, at, below(8) ? at : len, "", 0);
	}
}

static const char *one(const struct buf *file, const struct buf *other)
{
	struct buf b, spare;
	const char *fault;

	buf_init(&b, MAX_INPUT);
	buf_init(&spare, MAX_INPUT);
	buf_add(&b, buf_str(file), file->len);
	for (uint32_t i = below(8) + 1; i--;)
		edit(&b, &spare, other);
	alarm(SECONDS_EACH); /* a hang ends as a crash */
	fault = whole(FRONT, buf_str(&b), b.len);
	alarm(0);
	buf_free(&b);
	buf_free(&spare);
	return fault;
}

int main(int argc, char **argv)
{
	uint32_t count = argc > 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0, nfile = argc > 3 ? (uint32_t)argc - 3 : 0;
	uint64_t seed = argc > 3 ? strtoull(argv[2], NULL, 10) : 0;
	struct buf *file = xcalloc(nfile + 1, sizeof(*file));
	int failed = 0;

	for (uint32_t i = 0; i < nfile; i++)
		failed += !load(argv[3 + i], &file[i]);
	for (uint32_t i = 0; i < count; i++) {
		state = (seed + i + 1) * 0x9e3779b97f4a7c15u;
		uint32_t f = below(nfile);
		printf("# %s seed %llu file %s\n", FRONT, (unsigned long long)(seed + i), argv[3 + f]);
		fflush(stdout);
		const char *fault = one(&file[f], &file[below(nfile)]);
		printf("%sok %u - %s\n", fault ? "not " : "", i + 1, fault ? fault : "holds");
		failed += fault != NULL;
	}
	for (uint32_t i = 0; i < nfile; i++)
		buf_free(&file[i]);
	free(file);
	return failed > 0;
}
