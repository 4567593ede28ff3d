/* sandbox_lean.c - see sandbox_lean.h. */
#include "runtime/sandbox_lean.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"

#if defined(__SANITIZE_ADDRESS__)
enum { LEAN = 0 }; /* the sanitizer's own memory has to go along */
#else
enum { LEAN = 1 };
#endif
enum { EVERY = 64 /* forks between two looks */, LARGE = 1 << 20, HEAP = 1 << 16, THREAD = 1 << 18 };
extern char end[]; /* of the program's own variables: end(3) */

/* ---- packing ---- */

static struct {
	char *base;
	size_t cap, used;
} area;

static size_t round_up(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

static size_t string_size(const char *s)
{
	return s ? round_up(strlen(s) + 1) : 0;
}

static size_t vector_size(char *const *v)
{
	size_t n = 1, sum = 0;

	for (; *v; v++, n++)
		sum += string_size(*v);
	return sum + round_up(n * sizeof(*v));
}

static size_t pack_size(const struct sb_spawn *sp)
{
	size_t sum = 4096 + vector_size(sp->argv) + vector_size(sp->env) + vector_size(sp->exe) + string_size(sp->workdir);

	for (uint32_t i = 0; i < sp->nop; i++) {
		const struct sb_op *o = &sp->op[i];

		sum += sizeof(*o) + string_size(o->from) + string_size(o->to) + string_size(o->type) + string_size(o->data);
	}
	return sum + sp->ncgroup * sizeof(int);
}

static bool reserve(size_t n)
{
	void *p;

	area.used = 0;
	if (n <= area.cap)
		return true;
	if (area.base)
		munmap(area.base, area.cap);
	area.cap = 0;
	n = (n * 2 + 0xffff) & ~(size_t)0xffff;
	p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	area.base = p == MAP_FAILED ? NULL : p;
	area.cap = area.base ? n : 0;
	/* it may have become part of a mapping that was marked */
	return area.base && madvise(area.base, area.cap, MADV_DOFORK) == 0;
}

static void *keep(const void *p, size_t n)
{
	void *q = area.base + area.used;

	area.used += round_up(n);
	if (n)
		memcpy(q, p, n);
	return q;
}

static char *keep_string(const char *s)
{
	return s ? keep(s, strlen(s) + 1) : NULL;
}

static char **keep_vector(char *const *v)
{
	size_t n = 0;
	char **q;

	while (v[n])
		n++;
	q = keep(v, (n + 1) * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		q[i] = keep_string(v[i]);
	return q;
}

bool lean_pack(const struct sandbox **sb, const struct sb_spawn **sp)
{
	struct sb_spawn *q;
	struct sb_op *op;

	if (!LEAN || !reserve(pack_size(*sp) + sizeof(**sb) + sizeof(**sp)))
		return false;
	q = keep(*sp, sizeof(**sp));
	q->argv = keep_vector(q->argv);
	q->env = keep_vector(q->env);
	q->exe = keep_vector(q->exe);
	q->workdir = keep_string(q->workdir);
	q->cgroup = keep(q->cgroup, q->ncgroup * sizeof(int));
	op = keep(q->op, q->nop * sizeof(*op));
	for (uint32_t i = 0; i < q->nop; i++) {
		op[i].from = keep_string(op[i].from);
		op[i].to = keep_string(op[i].to);
		op[i].type = keep_string(op[i].type);
		op[i].data = keep_string(op[i].data);
	}
	q->op = op;
	*sp = q;
	*sb = keep(*sb, sizeof(**sb));
	return true;
}

/* ---- marking ---- */

/* All but what lies around this thread's own data, which the C library needs. */
static void mark(uintptr_t lo, uintptr_t hi)
{
	uintptr_t self = (uintptr_t)&errno & ~(uintptr_t)0xffff, from = self - THREAD, to = self + THREAD;

	if (to <= lo || from >= hi) {
		madvise((void *)lo, hi - lo, MADV_DONTFORK);
		return;
	}
	if (from > lo)
		madvise((void *)lo, from - lo, MADV_DONTFORK);
	if (to < hi)
		madvise((void *)to, hi - to, MADV_DONTFORK);
}

/* "7f00-7f10 rw-p 0000 00:00 0   [heap]" */
static void look(char *line)
{
	char *tail;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), heap = ((uintptr_t)end + page - 1) / page * page;
	uintptr_t lo = strtoull(line, &tail, 16), hi;

	if (*tail != '-')
		return;
	hi = strtoull(tail + 1, &tail, 16);
	if (strncmp(tail, " rw-p 00000000 00:00 0", 22) != 0)
		return;
	tail += 22;
	tail += strspn(tail, " ");
	if (strcmp(tail, "[heap]") == 0)
		lo = lo < heap && heap < hi ? heap : lo;
	else if (*tail || hi - lo < LARGE)
		return;
	if (hi - lo >= HEAP)
		mark(lo, hi);
}

static bool read_maps(struct buf *b)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	char chunk[8192];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(b, chunk, (size_t)n);
	if (fd >= 0)
		close(fd);
	return n == 0 && b->len;
}

void lean_mark(void)
{
	static unsigned calls;
	struct buf b;

	if (!LEAN || calls++ % EVERY != 0)
		return;
	buf_init(&b, 16 << 20);
	if (read_maps(&b))
		for (char *p = b.p, *nl; (nl = strchr(p, '\n')); p = nl + 1) {
			*nl = 0;
			look(p);
		}
	buf_free(&b);
	madvise(area.base, area.cap, MADV_DOFORK);
}
