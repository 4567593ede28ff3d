/* arena.h - bump allocator, and the only place that calls malloc.
 *
 * Rule: whoever creates the arena frees it; no one frees a node; nothing in a
 * longer-lived arena points into a shorter-lived one.  Out of memory is never
 * returned: the process says so and exits 71 (sysexits EX_OSERR). */
#ifndef WEFT_BASE_ARENA_H
#define WEFT_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct arena_mark {
	void *chunk;
	size_t used;
};

/* Make an empty arena; free it with arena_free. */
struct arena *arena_new(void);
/* Free the arena and everything in it; NULL is fine. */
void arena_free(struct arena *a);
/* n bytes, aligned for any object, not cleared; n may be 0. */
void *arena_alloc(struct arena *a, size_t n);
/* n * size bytes, cleared; overflow counts as out of memory. */
void *arena_zalloc(struct arena *a, size_t n, size_t size);
/* A NUL-terminated copy of n bytes. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
/* printf into the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Remember a point, and drop everything allocated since. */
struct arena_mark arena_mark(const struct arena *a);
void arena_reset(struct arena *a, struct arena_mark m);
/* Bytes held from the system, for budgets and reports. */
size_t arena_held(const struct arena *a);

/* malloc family that never returns NULL; freed with free(). */
void *xmalloc(size_t n);
/* What was freed goes back to the system, before something that takes long. */
void memory_give_back(void);
/* Ask for pages of 2 MB in a mapping, before it is filled: a fault for each of 4 KB is a good part of what filling it costs.
 * Nothing is done for less than one of them.  The family above does it by itself. */
void memory_large(void *p, size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);

/* Grow a heap array so that `need` elements fit: doubles *cap, returns the array. */
void *grow(void *p, uint32_t *cap, uint32_t need, size_t size);

#endif
