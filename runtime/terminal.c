/* terminal.c - see terminal.h. */
#include "runtime/terminal.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { CHUNK = 1 << 14 };

void terminal_resize(struct terminal *t)
{
	struct winsize w;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &w) == 0)
		ioctl(t->master, TIOCSWINSZ, &w);
}

bool terminal_open(struct terminal *t)
{
	char name[128];

	*t = (struct terminal){ .slave = -1 };
	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->master >= 0 && grantpt(t->master) == 0 && unlockpt(t->master) == 0 && ptsname_r(t->master, name, sizeof(name)) == 0)
		t->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->slave < 0) {
		int e = errno;

		if (t->master >= 0)
			close(t->master);
		t->master = -1;
		errno = e;
		return false;
	}
	terminal_resize(t);
	return true;
}

void terminal_join(struct terminal *t)
{
	struct termios raw;

	close(t->slave);
	t->slave = -1;
	if (tcgetattr(STDIN_FILENO, &t->saved) < 0)
		return;
	raw = t->saved;
	cfmakeraw(&raw);
	t->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static bool ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* One read and its writing; 1, 0 at the end, -1 when there is nothing. */
static int hand_on(int from, int to)
{
	char chunk[CHUNK];
	ssize_t n;

	if (!ready(from))
		return -1;
	n = read(from, chunk, sizeof(chunk));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -1;
	return n > 0 && write_all(to, chunk, (size_t)n);
}

bool terminal_pump(struct terminal *t)
{
	if (!t->in_over && hand_on(STDIN_FILENO, t->master) == 0)
		t->in_over = true;
	return hand_on(t->master, STDOUT_FILENO) != 0;
}

void terminal_close(struct terminal *t)
{
	while (t->master >= 0 && hand_on(t->master, STDOUT_FILENO) > 0)
		;
	if (t->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->saved);
	if (t->slave >= 0)
		close(t->slave);
	if (t->master >= 0)
		close(t->master);
	t->master = t->slave = -1;
}
