/* filecopy.c - a private mapping of which every page is made ours at once: half the time of read() into fresh memory.
 * A mapping that is read later would kill us when the disk dies or somebody cuts the file. */
#include "base/filecopy.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

static void *by_mapping(int fd, size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (madvise(p, n, MADV_POPULATE_WRITE) == 0)
		return p;
	munmap(p, n);
	return NULL;
}

static void *by_reading(int fd, size_t n)
{
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t done = 0;

	if (p == MAP_FAILED)
		return NULL;
	while (done < n) {
		ssize_t k = pread(fd, p + done, n - done, (off_t)done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			munmap(p, n);
			errno = k ? errno : EIO;
			return NULL;
		}
		done += (size_t)k;
	}
	return p;
}

void *file_copy(int fd, size_t n)
{
	void *p = by_mapping(fd, n);

	return p ? p : by_reading(fd, n);
}

void file_copy_free(void *p, size_t n)
{
	if (p)
		munmap(p, n);
}
