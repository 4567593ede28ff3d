/* digest.c - see digest.h. */
#include "base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/arena.h"

enum { CHUNK = 1 << 18 };

_Static_assert(sizeof(XXH3_state_t) <= sizeof(((struct digester *)0)->state), "digester holds the library's state");

static XXH3_state_t *state(const struct digester *d)
{
	return (XXH3_state_t *)(uintptr_t)d->state;
}

void digest_begin(struct digester *d, uint64_t seed)
{
	XXH3_INITSTATE(state(d)); /* else a seed left in this memory stands for a secret that no longer is there */
	XXH3_128bits_reset_withSeed(state(d), seed);
}

void digest_add(struct digester *d, const void *p, size_t n)
{
	if (n)
		XXH3_128bits_update(state(d), p, n);
}

void digest_int(struct digester *d, uint64_t v)
{
	digest_add(d, &v, sizeof(v));
}

void digest_text(struct digester *d, const void *p, size_t n)
{
	digest_int(d, n);
	digest_add(d, p, n);
}

void digest_strs(struct digester *d, const char *s)
{
	digest_text(d, s, strlen(s));
}

struct digest digest_end(const struct digester *d)
{
	XXH128_hash_t h = XXH3_128bits_digest(state(d));

	return (struct digest){ h.low64, h.high64 };
}

struct digest digest_of(const void *p, size_t n, uint64_t seed)
{
	XXH128_hash_t h = XXH3_128bits_withSeed(p, n, seed);

	return (struct digest){ h.low64, h.high64 };
}

uint64_t digest_hash64(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

uint32_t digest_hash32(const void *p, size_t n)
{
	return (uint32_t)XXH3_64bits(p, n);
}

bool digest_fd(int fd, uint64_t seed, struct digest *out)
{
	struct digester d;
	char *chunk = xmalloc(CHUNK);
	ssize_t n;

	digest_begin(&d, seed);
	while ((n = read(fd, chunk, CHUNK)) > 0 || (n < 0 && errno == EINTR))
		digest_add(&d, chunk, n > 0 ? (size_t)n : 0);
	free(chunk);
	*out = digest_end(&d);
	return n == 0;
}

bool digest_equal(struct digest a, struct digest b)
{
	return a.lo == b.lo && a.hi == b.hi;
}

void digest_hex(struct digest d, char out[DIGEST_TEXT])
{
	snprintf(out, DIGEST_TEXT, "%016llx%016llx", (unsigned long long)d.hi, (unsigned long long)d.lo);
}
