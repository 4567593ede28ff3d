/* test_disk.c - what is at paths, remembered in a table that grows while it is asked. */
#include "runtime/disk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "tests/unit/tap.h"

enum { OLD = 1000000000 };

static char dir[] = "/tmp/weft-disk.XXXXXX";

static void write_old(int at, const char *file, const char *text)
{
	const struct timespec t[2] = { { OLD, 0 }, { OLD, 0 } };
	int fd = openat(at, file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !futimens(fd, t) && !close(fd));
}

/* A file that is looked at again keeps what is known of it, however full the table is. */
static void check_again(int at)
{
	char path[32];
	struct disk *f = disk_new(dir, NULL, NULL, 1);
	const struct fstate *s;
	struct digest was;

	write_old(at, "file", "text");
	while ((s = disk_digest(f, "file", NULL, true)) && !s->stamp) { /* until the clock has gone on: only then is it trusted */
		usleep(1000);
		disk_changed(f, "file");
	}
	ok(s && s->known);
	was = s ? s->digest : (struct digest){ 0, 0 };
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "not-there-%d", i);
		is_int(disk_look(f, path, true)->kind, FK_NONE);
		disk_check(f, "file");
		s = disk_look(f, "file", true);
		ok(s->kind == FK_FILE && s->known && digest_equal(s->digest, was));
	}
	write_old(at, "file", "other");
	disk_check(f, "file");
	s = disk_digest(f, "file", NULL, true);
	ok(s && s->known && !digest_equal(s->digest, was));
	disk_free(f);
}

/* What somebody may be writing yet is not believed while the clock cannot tell; what an attempt has left is. */
static void check_young(int at)
{
	struct disk *f = disk_new(dir, NULL, NULL, 1);
	struct timespec now;
	const struct fstate *s;
	struct stat sb;
	int64_t age;

	do { /* until it was looked at in time */
		write_old(at, "file", "text");
		s = disk_made(f, "file", false);
		clock_gettime(CLOCK_REALTIME, &now);
		ok(s && s->known && fstatat(at, "file", &sb, 0) == 0);
		age = (now.tv_sec - sb.st_ctim.tv_sec) * INT64_C(1000000000) + now.tv_nsec - sb.st_ctim.tv_nsec;
	} while (age >= 20000000);
	ok(s && !s->stamp);
	s = disk_made(f, "file", true);
	ok(s && s->stamp == disk_stamp(&sb));
	disk_free(f);
}

int main(void)
{
	int at;

	ok(mkdtemp(dir) != NULL);
	at = open(dir, O_RDONLY | O_DIRECTORY);
	check_again(at);
	check_young(at);
	unlinkat(at, "file", 0);
	close(at);
	rmdir(dir);
	return tap_end();
}
