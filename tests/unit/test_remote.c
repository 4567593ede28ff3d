/* test_remote.c - the marks that a machine and a driver take from each other: exactly one gets each of them. */
#include "runtime/remote.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/stage_fs.h"
#include "tests/unit/tap.h"

static bool there(const char *dir, const char *file)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return access(path, F_OK) == 0;
}

static void drop(const char *dir, const char *file)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	unlink(path);
}

static void begun(const char *dir)
{
	is_int(remote_mark(dir, "begun", 1, 0, "machine"), MARK_OURS);
	is_int(remote_mark(dir, "begun", 1, 0, "driver"), MARK_TAKEN);
	is_int(remote_mark(dir, "begun", 1, 1, "driver"), MARK_OURS);
}

/* The machine has element 0. */
static void claimed(const char *dir)
{
	is_int(remote_claim(dir, 1, 0, "machine"), MARK_OURS);
	ok(there(dir, "claim/1.0"));
	is_int(remote_mark(dir, "claim", 1, 0, "driver"), MARK_TAKEN);
	is_int(remote_claim(dir, 1, 0, "machine"), MARK_OURS); /* the answer to the first try was lost */
}

static void given_up(const char *dir)
{
	is_int(remote_mark(dir, "begun", 1, 2, "machine"), MARK_OURS);
	is_int(remote_mark(dir, "claim", 1, 2, "driver"), MARK_OURS);
	is_int(remote_claim(dir, 1, 2, "machine"), MARK_TAKEN);
}

/* Somebody has removed what it would be another name of. */
static void without_the_first(const char *dir)
{
	is_int(remote_mark(dir, "begun", 1, 3, "machine"), MARK_OURS);
	drop(dir, "begun/1.3");
	is_int(remote_claim(dir, 1, 3, "machine"), MARK_OURS);
	is_int(remote_mark(dir, "claim", 1, 3, "driver"), MARK_TAKEN);
	ok(there(dir, "claim/1.3"));
}

int main(void)
{
	char dir[] = "/tmp/weft-remote.XXXXXX";

	if (!mkdtemp(dir) || !remote_make(dir))
		return 1;
	begun(dir);
	claimed(dir);
	given_up(dir);
	without_the_first(dir);
	fs_remove(AT_FDCWD, dir);
	return tap_end();
}
