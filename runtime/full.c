/* full.c - file systems without room. */
#include "runtime/full.h"

#include <errno.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What a failed write leaves, and an archiver's block, is less than this. */
enum { ROOM_BYTES = 1 << 20 };

bool full_at(const char *path)
{
	struct statvfs v;
	fsblkcnt_t left;

	if (statvfs(path, &v) || !v.f_blocks)
		return false;
	left = geteuid() ? v.f_bavail : v.f_bfree; /* some of it is root's */
	return (uint64_t)left * v.f_frsize < ROOM_BYTES || (v.f_files && !v.f_ffree);
}

bool full_help(struct diags *d, int err)
{
	if (err == ENOSPC || err == EDQUOT)
		diag_help(d, "make room: `.weft/runs` holds logs of earlier runs, and work directories of what failed in them");
	return false;
}
