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

static void again(const char *digest, struct arena *a)
{
	char second[PACKAGE_DIGEST];
	char *why = NULL;

	check(package_pack(place_path("into"), place_path("archive"), &why, a), "not packed again");
	mkdir(place_path("second"), 0700);
	check(package_unpack(place_path("archive"), place_path("second"), second, &why, a), "not unpacked again");
	check(!strcmp(digest, second), "packed and unpacked it is another");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rlimit most = { 16 << 20, 16 << 20 }; /* a few bytes can be a file of any size */
	char digest[PACKAGE_DIGEST];
	char *why = NULL;
	struct arena *a;
	bool ok;

	if (size > 1 << 16)
		return 0;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &most);
	a = arena_new();
	place_put("archive", data, size);
	mkdir(place_path("into"), 0700);
	ok = package_unpack(place_path("archive"), place_path("into"), digest, &why, a);
	check(ok || (why && *why), "refused without a word");
	nothing_else();
	nftw(place_path("into"), look, 16, FTW_PHYS);
	if (ok)
		again(digest, a);
	place_clear();
	arena_free(a);
	return 0;
}
