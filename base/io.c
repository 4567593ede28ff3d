/* io.c - see io.h. */
#include "base/io.h"

#include <errno.h>
#include <unistd.h>

bool write_all(int fd, const void *p, size_t n)
{
	for (const char *from = p; n;) {
		ssize_t k = write(fd, from, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		from += k;
		n -= (size_t)k;
	}
	return true;
}
