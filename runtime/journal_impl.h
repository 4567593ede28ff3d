/* journal_impl.h - what journal.c (the life of a journal) and journal_file.c (bytes of the file) share. */
#ifndef WEFT_RUNTIME_JOURNAL_IMPL_H
#define WEFT_RUNTIME_JOURNAL_IMPL_H

#include "runtime/journal.h"

#include <endian.h>
#include <string.h>

enum {
	JOURNAL_VERSION = 1,
	JOURNAL_HEADER = 40, /* bytes before the first record */
	FRAME_HEAD = 8,      /* u32 length, u8 kind, u24 check of these and all before */
	FRAME_OVER = JOURNAL_OVERHEAD, /* with the u32 check behind the payload */
};

struct segment { /* a mapped part of the file; the newest covers the most */
	struct segment *older;
	unsigned char *p;
	size_t len;
	uint64_t base; /* offset in the file of p */
	uint64_t from; /* offset of the first record to be read here */
};
struct chunk { /* records to be written; never moves */
	struct chunk *next;
	uint64_t off; /* of p in the file */
	size_t len, cap, done; /* done: bytes written, whole records */
	unsigned char p[];
};
struct journal {
	char *path;
	int dirfd, fd; /* -1: there is none (a reader's) */
	bool write, touched;
	bool dirty;         /* written since the last fdatasync */
	int broken;         /* errno of an fdatasync that failed: nothing is promised from then on */
	uint64_t seed;
	uint64_t end;       /* of the whole records in the file */
	uint64_t tail;      /* end and what is queued */
	uint64_t unheld;    /* where the end was when journal_unhold was called last */
	uint64_t chain;     /* the check that the record at `tail` goes on from */
	struct segment *seg, *old; /* old: of files replaced since, for pointers given out */
	struct chunk *first, *last;
};

enum journal_tail { TAIL_CLEAN, TAIL_TORN, TAIL_DAMAGED, TAIL_ERROR /* errno */ };
enum journal_head { HEAD_GOOD, HEAD_NEWER, HEAD_DAMAGED, HEAD_ERROR /* errno */ };

static inline uint32_t get_u32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline void put_u32(unsigned char *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

/* Read the header: seed and the chain's start. */
enum journal_head journal_head_read(struct journal *j);
/* Write a header for j->seed; false with errno. */
bool journal_head_write(struct journal *j);
/* Follow whole records from j->end on. */
enum journal_tail journal_scan(struct journal *j, uint64_t size);
/* Make what lies from j->end to `to` readable, also before it is written; false with errno. */
bool journal_map(struct journal *j, uint64_t to);
void journal_unmap(struct segment *s);
/* Pages that were read need not stay in memory; they are read again when somebody looks there. */
void journal_unhold(struct journal *j);
/* A record's frame, n bytes of payload; returns the chain after it. */
uint64_t journal_frame(unsigned char *at, uint8_t kind, const void *p, size_t n, uint64_t chain);
/* Write queued chunks; on failure nothing but whole records stays.  false with errno. */
bool journal_write_out(struct journal *j);

#endif
