/* arena.c - chunks linked newest first; a mark names a chunk and how full it was. */
#include "base/arena.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHUNK_MIN = 16 * 1024, CHUNK_MAX = 8 * 1024 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

struct chunk {
	struct chunk *prev;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};
struct arena {
	struct chunk *top;
	size_t held;
};

static _Noreturn void out_of_memory(void)
{
	static const char text[] = "weft: out of memory\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	_exit(71);
}

void memory_large(void *p, size_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), lo = (uintptr_t)p / page * page, hi = ((uintptr_t)p + n + page - 1) / page * page;

	if (n >= HUGE_PAGE)
		madvise((void *)lo, hi - lo, MADV_HUGEPAGE);
}

/* With what malloc keeps before a block: realloc cannot move a mapping of which only a part is marked, and would copy it. */
static void *marked(void *p, size_t n)
{
	memory_large((char *)p - 1, n + 1);
	return p;
}

void *xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		out_of_memory();
	return marked(p, n);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return marked(p, n * size);
}

void *xrealloc(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		out_of_memory();
	p = realloc(p, all ? all : 1);
	if (!p)
		out_of_memory();
	return marked(p, all);
}

char *xstrndup(const char *s, size_t n)
{
	char *p;

	if (n == SIZE_MAX)
		out_of_memory();
	p = xmalloc(n + 1);
	if (n)
		memcpy(p, s, n);
	p[n] = 0;
	return p;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

void *grow(void *p, uint32_t *cap, uint32_t need, size_t size)
{
	uint32_t c = *cap ? *cap : 16;

	if (need <= *cap)
		return p;
	while (c < need)
		c = c > UINT32_MAX / 2 ? UINT32_MAX : c * 2;
	*cap = c;
	return xrealloc(p, c, size);
}

void memory_give_back(void)
{
	malloc_trim(0);
}

struct arena *arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a, (struct arena_mark){ NULL, 0 });
	free(a);
}

/* A new chunk on top that has room for n bytes, as large as all there is: an arena that is emptied begins small again. */
static void add_chunk(struct arena *a, size_t n)
{
	size_t size = a->held < CHUNK_MIN ? CHUNK_MIN : a->held > CHUNK_MAX ? CHUNK_MAX : a->held;
	struct chunk *c;

	if (size < n)
		size = n;
	if (size > SIZE_MAX - sizeof(*c))
		out_of_memory();
	c = xmalloc(sizeof(*c) + size);
	c->prev = a->top;
	c->used = 0;
	c->size = size;
	a->top = c;
	a->held += sizeof(*c) + size;
}

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t al = _Alignof(max_align_t);
	void *p;

	if (n > SIZE_MAX - al)
		out_of_memory();
	n = n ? (n + al - 1) & ~(al - 1) : al;
	if (!a->top || a->top->size - a->top->used < n)
		add_chunk(a, n);
	p = a->top->data + a->top->used;
	a->top->used += n;
	return p;
}

void *arena_zalloc(struct arena *a, size_t n, size_t size)
{
	size_t all;
	void *p;

	if (__builtin_mul_overflow(n, size, &all))
		out_of_memory();
	p = arena_alloc(a, all);
	memset(p, 0, all);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p;

	if (n == SIZE_MAX)
		out_of_memory();
	p = arena_alloc(a, n + 1);
	if (n)
		memcpy(p, s, n);
	p[n] = 0;
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int n;
	char *p;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return arena_strdup(a, "");
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->top, a->top ? a->top->used : 0 };
}

void arena_reset(struct arena *a, struct arena_mark m)
{
	while (a->top && a->top != m.chunk) {
		struct chunk *c = a->top;

		a->top = c->prev;
		a->held -= sizeof(*c) + c->size;
		free(c);
	}
	if (a->top)
		a->top->used = m.used;
}

size_t arena_held(const struct arena *a)
{
	return a->held;
}
