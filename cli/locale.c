/* locale.c - where the message catalogues are: beside a program that was built here, else where it was installed. */
#include "base/buf.h"
#include "base/intl.h"
#include "cli/load.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* build/release/locale; PREFIX/share/locale from PREFIX/bin */
static const char *const places[] = { "locale", "../share/locale" };

void locale_open(void)
{
	char self[PATH_MAX];
	struct stat st;

	if (!intl_wanted())
		return;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n <= 0)
		return;
	self[n] = 0;
	*strrchr(self, '/') = 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct buf dir;
		buf_init(&dir, 2 * PATH_MAX);
		buf_addf(&dir, "%s/%s", self, places[i]);
		bool is_dir = stat(buf_str(&dir), &st) == 0 && S_ISDIR(st.st_mode);
		if (is_dir)
			intl_open(buf_str(&dir));
		buf_free(&dir);
		if (is_dir)
			return;
	}
}
