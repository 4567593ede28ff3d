/* publishing.c - see publishing.h. */
#include "runtime/publishing.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct publishing {
	struct publish *p;
	struct arena *a; /* of the thread */
	int over;        /* eventfd */
	pthread_t thread;
	bool ok;
	char *why;
};

static void *commit(void *arg)
{
	struct publishing *g = arg;
	uint64_t one = 1;

	g->ok = publish_commit(g->p, &g->why, g->a);
	while (write(g->over, &one, sizeof(one)) < 0) /* it has room for that; EINTR */
		;
	return NULL;
}

static void free_it(struct publishing *g)
{
	if (g->over >= 0)
		close(g->over);
	arena_free(g->a);
	free(g);
}

static bool begin(struct publishing *g)
{
	sigset_t all, was;
	bool ok;

	g->over = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (g->over < 0)
		return false;
	sigfillset(&all); /* signals are for the loop */
	pthread_sigmask(SIG_SETMASK, &all, &was);
	ok = pthread_create(&g->thread, NULL, commit, g) == 0;
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return ok;
}

struct publishing *publishing_start(struct publish *p)
{
	struct publishing *g = xcalloc(1, sizeof(*g));

	g->p = p;
	g->a = arena_new();
	if (begin(g))
		return g;
	free_it(g);
	return NULL;
}

int publishing_fd(const struct publishing *g)
{
	return g->over;
}

bool publishing_over(struct publishing *g, bool *ok, char **why, struct arena *a)
{
	uint64_t n;

	if (read(g->over, &n, sizeof(n)) < 0)
		return false;
	pthread_join(g->thread, NULL);
	*ok = g->ok;
	*why = g->ok ? NULL : arena_strdup(a, g->why);
	publish_free(g->p);
	free_it(g);
	return true;
}

void publishing_stop(struct publishing *g)
{
	publish_stop(g->p);
}

void publishing_abandon(struct publishing *g)
{
	publish_stop(g->p);
	pthread_detach(g->thread);
}
