/* stamps.c - see stamps.h. */
#include "runtime/stamps.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "runtime/disk.h"
#include "runtime/store.h"

enum { THREADS = 8, BATCH = 256, ALONE = 4 * BATCH /* fewer are not worth a thread */ };

struct asking {
	int dir;
	const char *text;
	const uint32_t *off;
	uint32_t n;
	uint64_t *stamp;
	atomic_uint next; /* what was not taken yet */
};

static uint64_t ask(int dir, const char *file)
{
	struct stat sb;

	if (store_is_url(file) || fstatat(dir, file, &sb, 0) || !S_ISREG(sb.st_mode))
		return 0;
	return disk_stamp(&sb);
}

/* Take batches until there are none. */
static void *ask_on(void *arg)
{
	struct asking *a = arg;

	for (;;) {
		uint32_t i = atomic_fetch_add(&a->next, BATCH), end = a->n - i < BATCH ? a->n : i + BATCH;

		if (i >= a->n)
			return NULL;
		for (; i < end; i++)
			a->stamp[i] = ask(a->dir, a->text + a->off[i]);
	}
}

static uint32_t helpers(uint32_t n)
{
	cpu_set_t set;
	int cpus = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return n < ALONE || cpus < 2 ? 0 : (uint32_t)(cpus < THREADS ? cpus : THREADS) - 1;
}

void stamps_ask(int dir, const char *text, const uint32_t *off, uint32_t n, uint64_t *stamp)
{
	struct asking a = { .dir = dir, .text = text, .off = off, .n = n, .stamp = stamp };
	pthread_t helper[THREADS];
	uint32_t most = helpers(n), began = 0;
	sigset_t all, was;

	sigfillset(&all); /* signals are for the thread that waits for them */
	pthread_sigmask(SIG_SETMASK, &all, &was);
	while (began < most && pthread_create(&helper[began], NULL, ask_on, &a) == 0)
		began++;
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	ask_on(&a);
	while (began)
		pthread_join(helper[--began], NULL);
}
