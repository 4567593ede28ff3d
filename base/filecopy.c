/* filecopy.c - read into pages of our own.  A mapping of the file, a private one too, would kill us when the disk dies or somebody
 * cuts the file: what is cut off goes from all mappings, even those pages that were made ours. */
#include "base/filecopy.h"

#include "base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

static bool read_whole(int fd, char *p, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t k = pread(fd, p + done, n - done, (off_t)done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			errno = k ? errno : EIO;
			return false;
		}
		done += (size_t)k;
	}
	return true;
}

void *file_copy(int fd, size_t n)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int e;

	if (p == MAP_FAILED)
		return NULL;
	memory_large(p, n);
	madvise(p, n, MADV_POPULATE_WRITE); /* all at once; a kernel that does not know it makes them one by one */
	if (read_whole(fd, p, n))
		return p;
	e = errno;
	munmap(p, n);
	errno = e;
	return NULL;
}

void file_copy_free(void *p, size_t n)
{
	if (p)
		munmap(p, n);
}
