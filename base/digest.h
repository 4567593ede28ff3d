/* digest.h - 128-bit digests of bytes and files (XXH3, header-only libxxhash).
 *
 * They notice accidents at memory speed; the seed, random for each workspace, keeps files made elsewhere from
 * having equal digests on purpose. */
#ifndef WEFT_BASE_DIGEST_H
#define WEFT_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
	uint64_t lo, hi;
};
struct digester { /* state of a running digest; on the stack */
	_Alignas(64) unsigned char state[576];
};
enum { DIGEST_TEXT = 33 };

void digest_begin(struct digester *d, uint64_t seed);
void digest_add(struct digester *d, const void *p, size_t n);
/* The length, then the bytes: lists of these are unambiguous. */
void digest_text(struct digester *d, const void *p, size_t n);
void digest_strs(struct digester *d, const char *s);
void digest_int(struct digester *d, uint64_t v);
struct digest digest_end(const struct digester *d);
/* At once. */
struct digest digest_of(const void *p, size_t n, uint64_t seed);
uint32_t digest_hash32(const void *p, size_t n);
uint64_t digest_hash64(const void *p, size_t n, uint64_t seed);
/* All that can be read from a descriptor, from where it is.  false with errno. */
bool digest_fd(int fd, uint64_t seed, struct digest *out);
bool digest_equal(struct digest a, struct digest b);
/* 32 hexadecimal digits. */
void digest_hex(struct digest d, char out[DIGEST_TEXT]);

#endif
