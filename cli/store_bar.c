/* store_bar.c - how far a long copy has come: one line on a terminal; and signals, which end it between two writes. */
#include "cli/store.h"

#include "runtime/loop.h"
#include "runtime/text.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { FIRST_MS = 1000, EVERY_MS = 100, WIDTH = 24 };

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	stopped = sig;
}

void bar_open(struct store_bar *b, bool wanted)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = stop }, old;

	for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++)
		if (sigaction(sigs[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
	*b = (struct store_bar){ .on = wanted && isatty(STDERR_FILENO), .begun = clock_ms() };
	b->next = b->begun + FIRST_MS;
}

static void draw(struct store_bar *b, int64_t now)
{
	struct buf t;
	int64_t ms = now - b->begun ? now - b->begun : 1;

	buf_init(&t, 4096);
	buf_adds(&t, "\r\033[K");
	if (b->total > 0) {
		int full = (int)(b->bytes >= b->total ? WIDTH : b->bytes * WIDTH / b->total);
		buf_addc(&t, '[');
		for (int i = 0; i < WIDTH; i++)
			buf_addc(&t, i < full ? '#' : '.');
		buf_addf(&t, "] %3d%%  ", (int)(b->bytes >= b->total ? 100 : b->bytes * 100 / b->total));
	} else {
		text_count(&t, b->files);
		buf_adds(&t, b->files == 1 ? " file  " : " files  ");
	}
	text_bytes(&t, b->bytes);
	buf_adds(&t, "  ");
	text_bytes(&t, b->bytes / ms * 1000 + b->bytes % ms * 1000 / ms);
	buf_adds(&t, "/s");
	fwrite(t.p, 1, t.len, stderr);
	fflush(stderr);
	buf_free(&t);
	b->drawn = true;
}

bool bar_more(void *bar, int64_t n)
{
	struct store_bar *b = bar;
	int64_t now;

	b->bytes += n;
	if (!b->on || (now = clock_ms()) < b->next)
		return !stopped;
	draw(b, now);
	b->next = now + EVERY_MS;
	return !stopped;
}

void bar_close(struct store_bar *b)
{
	if (b->drawn)
		fputs("\r\033[K", stderr);
	b->drawn = b->on = false;
}

bool bar_stopped(void)
{
	return stopped != 0;
}

void bar_die(void)
{
	if (!stopped)
		return;
	fflush(stdout);
	signal(stopped, SIG_DFL);
	raise(stopped);
}
