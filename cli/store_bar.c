/* store_bar.c - how far a long copy has come: one line on a terminal; and signals, which end it between two writes. */
#include "cli/store.h"

#include "runtime/loop.h"
#include "runtime/text.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { FIRST_MS = 1000, EVERY_MS = 100, COUNT_MS = 3000, WIDTH = 24, FILE_BYTES = 64 << 10 /* what a file costs besides its bytes */ };

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

/* How much of the work is done, 0 to 1. */
static double share(const struct store_bar *b)
{
	double all = (double)b->total + (double)b->all * FILE_BYTES, done = (double)(b->bytes + b->passed) + (double)b->files * FILE_BYTES;

	if (!b->all) /* a single file */
		done = (double)b->bytes;
	return done < all ? done / all : 1;
}

static void add_share(struct buf *t, double done)
{
	buf_addc(t, '[');
	for (int i = 0; i < WIDTH; i++)
		buf_addc(t, i < (int)(done * WIDTH) ? '#' : '.');
	buf_addf(t, "] %3d%%  ", (int)(done * 100));
}

static void add_files(struct buf *t, const struct store_bar *b)
{
	text_count(t, b->files);
	if (b->all) {
		buf_adds(t, " of ");
		text_count(t, b->all);
	}
	buf_adds(t, b->files == 1 && !b->all ? " file  " : " files  ");
}

static void draw(struct store_bar *b, int64_t now)
{
	bool whole = b->total > 0 || b->all;
	double done = whole ? share(b) : 0;
	int64_t ms = now - b->begun ? now - b->begun : 1;
	struct buf t;

	buf_init(&t, 4096);
	buf_adds(&t, "\r\033[K");
	if (whole)
		add_share(&t, done);
	if (b->all || !whole)
		add_files(&t, b);
	text_bytes(&t, b->bytes);
	buf_adds(&t, "  ");
	text_bytes(&t, b->bytes / ms * 1000 + b->bytes % ms * 1000 / ms);
	buf_adds(&t, "/s");
	if (done > 0.05 && done < 1) {
		buf_adds(&t, "  ");
		text_time(&t, (int64_t)((double)ms / done * (1 - done)));
		buf_adds(&t, " left");
	}
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

bool bar_file(struct store_bar *b, int64_t passed)
{
	b->files++;
	b->passed += passed;
	return bar_more(b, 0);
}

bool bar_counts(const struct store_bar *b)
{
	return b->on && !stopped && clock_ms() < b->begun + COUNT_MS;
}

void bar_whole(struct store_bar *b, uint64_t files, int64_t bytes)
{
	b->all = files;
	b->total = bytes;
	b->begun = clock_ms(); /* counting is over */
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
