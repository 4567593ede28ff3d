/* fuzz_package.c - a package's archive: it is unpacked or refused, nothing gets out of its directory, and what was unpacked
 * packs and unpacks to the same digest. */
#include "place.h"

#include "runtime/package.h"

#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static int look(const char *path, const struct stat *sb, int type, struct FTW *at)
{
	(void)path, (void)type, (void)at;
	check(S_ISREG(sb->st_mode) || S_ISDIR(sb->st_mode) || S_ISLNK(sb->st_mode), "a device or the like");
	check(S_ISLNK(sb->st_mode) || !(sb->st_mode & (S_ISUID | S_ISGID)), "a set-user-id bit");
	return 0;
}

/* Beside what was put there. */
static void nothing_else(void)
{
	DIR *d = opendir(place());

	check(d, "no directory");
	for (struct dirent *e; (e = readdir(d));)
		check(e->d_name[0] == '.' || !strcmp(e->d_name, "archive") || !strcmp(e->d_name, "into"), "something got out");
	closedir(d);
}

/* The digest of what lies in a directory. */
static void digest(const char *dir, const char *copy, char to[PACKAGE_DIGEST], struct arena *a)
{
	const char *from = place_path(dir);
	char *why = NULL;

	check(package_gather(&from, 1, place_path(copy), to, &why, a), "not gathered");
}

static void again(struct arena *a)
{
	char first[PACKAGE_DIGEST], second[PACKAGE_DIGEST], unused[PACKAGE_DIGEST];
	char *why = NULL;

	digest("into", "copy", first, a);
	check(package_pack(place_path("into"), place_path("archive"), &why, a), "not packed again");
	check(package_unpack(place_path("archive"), place_path("second"), unused, &why, a), "not unpacked again");
	digest("second", "copy2", second, a);
	check(!strcmp(first, second), "packed and unpacked it is another");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rlimit most = { 16 << 20, 16 << 20 }; /* a few bytes can be a file of any size */
	char unused[PACKAGE_DIGEST];
	char *why = NULL;
	struct arena *a;
	bool ok;

	if (size > 1 << 16)
		return 0;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &most);
	a = arena_new();
	place_put("archive", data, size);
	ok = package_unpack(place_path("archive"), place_path("into"), unused, &why, a);
	check(ok || (why && *why), "refused without a word");
	nothing_else();
	nftw(place_path("into"), look, 16, FTW_PHYS);
	if (ok)
		again(a);
	place_clear();
	arena_free(a);
	return 0;
}
