/* site.h - what site files say about the place where workflows run: engines, stores, quotas, partitions, machine types.
 *
 * Plain data: compiler/site.c reads it, checks, engines and stores look things up.  The words are in site.def.
 * A NULL site is an empty one: every look-up takes it. */
#ifndef WEFT_JOB_SITE_H
#define WEFT_JOB_SITE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/source.h"
#include "job/settings.h"

enum site_kind {
#define BLOCK(id, word, label, what) SITE_##id,
#define KEY(block, key, type, flags, what)
#include "job/site.def"
#undef BLOCK
#undef KEY
	SITE_KINDS
};
enum site_key {
#define BLOCK(id, word, label, what)
#define KEY(block, key, type, flags, what) SK_##block##_##key,
#include "job/site.def"
#undef BLOCK
#undef KEY
	SITE_KEYS
};
struct site_kind_info {
	const char *word, *what;
	bool label;
};
struct site_key_info {
	const char *word, *what;
	uint8_t kind; /* enum site_kind */
	uint8_t type; /* enum set_type */
	bool path;
};
extern const struct site_kind_info site_kinds[SITE_KINDS];
extern const struct site_key_info site_keys[SITE_KEYS];

struct site_value {
	uint16_t key;
	uint16_t n; /* LIST: items */
	struct span span, name_span;
	union {
		int64_t i; /* INT, BOOL, DUR (ms), SIZE (bytes) */
		double d;
		const char *s; /* a path is absolute */
		const char *const *list;
	};
};
struct site_block {
	uint8_t kind;
	const char *name; /* "" when it has none; a store's is oss://BUCKET or nas://HOST:/PATH, without / at the end */
	struct span span, name_span;
	struct site_value *v;
	uint32_t n, cap;
};
struct site {
	struct arena *arena; /* names and texts */
	struct site_block *b; /* sorted by kind and name */
	uint32_t n, cap;
	const char *path[2]; /* the files it was read from, the strongest first */
	uint32_t npath;
};

struct site *site_new(void);
void site_free(struct site *s);
/* The block, NULL if there is none; name "" for blocks without one. */
const struct site_block *site_find(const struct site *s, enum site_kind k, const char *name);
/* All blocks of a kind, in order of their names: the first, and how many. */
const struct site_block *site_all(const struct site *s, enum site_kind k, uint32_t *n);
/* A value of a block, NULL when it or the block is missing. */
const struct site_value *site_value(const struct site_block *b, enum site_key k);
/* Values of a block, or `otherwise`. */
int64_t site_int(const struct site_block *b, enum site_key k, int64_t otherwise);
double site_num(const struct site_block *b, enum site_key k, double otherwise);
const char *site_str(const struct site_block *b, enum site_key k, const char *otherwise);
/* The kind or the key of this word; SITE_KINDS, SITE_KEYS if there is none. */
enum site_kind site_kind_find(const char *word);
enum site_key site_key_find(enum site_kind k, const char *word);
/* For reading: the block, made if new; and a place for a value in it.  Sort when all are there, then look up. */
struct site_block *site_block_add(struct site *s, enum site_kind k, const char *name);
struct site_value *site_value_add(struct site_block *b, enum site_key k);
void site_sort(struct site *s);
/* For images (job/jobimage.h): append all of it, NULL too; and back from n bytes, fewer than 8 of padding counted in,
 * NULL when they are damaged. */
bool site_write(const struct site *s, struct buf *out);
struct site *site_read(const void *p, size_t n);

#endif
