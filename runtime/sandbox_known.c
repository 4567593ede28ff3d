/* sandbox_known.c - what the kernel of a machine allows, noted in a directory of the run for those that come after on the same
 * machine: trying costs as much as a small instance does.
 *
 * DIR/machine.HOST: "weft-machine 1 BOOT UID USER OVERLAY", BOOT a digest of the boot's id.  What does not hold any more shows when an
 * attempt is started. */
#include "runtime/sandbox.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/digest.h"
#include "runtime/record.h"
#include "runtime/remote.h"

enum { LINE_MAX_BYTES = 256 };

static const char *file_name(struct arena *a)
{
	struct utsname u;

	return uname(&u) == 0 && !strchr(u.nodename, '/') ? arena_printf(a, "machine.%s", u.nodename) : NULL;
}

/* What a note of this boot and user begins with; NULL: there is nothing to go by. */
static const char *head(struct arena *a)
{
	unsigned char id[16];
	char hex[DIGEST_TEXT];

	if (!rec_boot_id(id))
		return NULL;
	digest_hex(digest_of(id, sizeof(id), 0), hex);
	return arena_printf(a, "weft-machine 1 %s %lu ", hex, (unsigned long)geteuid());
}

bool sandbox_known(struct sandbox *sb, const char *dir, bool overlay)
{
	struct arena *a = arena_new();
	const char *file = file_name(a), *want = head(a), *p;
	size_t n;
	int user, layers;
	bool ok;

	p = file && want ? remote_read(a, dir, file, LINE_MAX_BYTES, &n) : NULL;
	ok = p && !strncmp(p, want, strlen(want)) && sscanf(p + strlen(want), "%1d %1d", &user, &layers) == 2 && (layers || !overlay);
	if (ok)
		sandbox_allowed(sb, user, layers);
	arena_free(a);
	return ok;
}

void sandbox_note(const struct sandbox *sb, const char *dir)
{
	struct arena *a = arena_new();
	const char *file = file_name(a), *text = head(a);

	if (file && text && sb->kind == SB_NAMESPACES) {
		text = arena_printf(a, "%s%d %d\n", text, sb->user, sb->overlay);
		remote_write(dir, file, text, strlen(text)); /* without it the next one tries for itself */
	}
	arena_free(a);
}
