/* history_table.h - sets of records in the journal, found by the strings they begin with.
 *
 * An entry is one word: 40 bits of the record's offset, 23 of the hash, one flag; what is compared stays in the
 * journal.  Open addressing with linear probing; the place is monotonic in the hash, so that a table grows by half
 * without reading a record again.  Journals above 1 TB are not looked into further. */
#ifndef WEFT_RUNTIME_HISTORY_TABLE_H
#define WEFT_RUNTIME_HISTORY_TABLE_H

#include "runtime/journal.h"
#include "runtime/record.h"

struct table {
	uint64_t *v;
	uint32_t *aux;  /* one more number an entry, when `wide` */
	uint64_t n, slots;
	bool wide;
	bool outs;      /* entries are outputs of RK_DONE: aux is the output's place in the payload */
};
struct table_key { /* what a payload begins with: a, then b, both with their NUL; an output's path is in a */
	const void *a, *b;
	size_t an, bn;
	uint64_t hash;
};

/* Key of one string or two (b may be NULL); n counts the NULs. */
struct table_key table_key(uint64_t seed, const void *a, size_t an, const void *b, size_t bn);
/* The entry, NULL if there is none. */
uint64_t *table_get(const struct table *t, const struct journal *j, const struct table_key *k);
/* Set it to a record; the offset it had, 0 if it is new.  Its flag is cleared, aux set. */
uint64_t table_set(struct table *t, const struct journal *j, const struct table_key *k, uint64_t off, uint32_t aux);
void table_free(struct table *t);
uint64_t table_bytes(const struct table *t);
/* The output at a place in RK_DONE's payload. */
bool table_out(const unsigned char *p, size_t n, uint32_t at, struct rec_out *o);

static inline uint64_t entry_off(uint64_t e)
{
	return e >> 24;
}

static inline bool entry_flag(uint64_t e)
{
	return e & 1;
}

/* Another record in the place of the old one, without a flag. */
static inline uint64_t entry_move(uint64_t e, uint64_t off)
{
	return off << 24 | (e & 0xfffffe);
}

#endif
