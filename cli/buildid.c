/* buildid.c - the note that the linker left in this program (--build-id). */
#include "cli/buildid.h"

#include <link.h>
#include <stdint.h>
#include <string.h>

struct found {
	const unsigned char *id;
	size_t n;
};

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* The notes of one segment. */
static void notes(struct found *f, const unsigned char *p, size_t n)
{
	ElfW(Nhdr) h;
	while (n >= sizeof h) {
		memcpy(&h, p, sizeof h);
		size_t name = padded(h.n_namesz), desc = padded(h.n_descsz);
		if (name > n - sizeof h || desc > n - sizeof h - name)
			return;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 && memcmp(p + sizeof h, "GNU", 4) == 0)
			*f = (struct found){ p + sizeof h + name, h.n_descsz };
		p += sizeof h + name + desc;
		n -= sizeof h + name + desc;
	}
}

static int look(struct dl_phdr_info *info, size_t size, void *ctx)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		if (ph->p_type == PT_NOTE)
			notes(ctx, (const unsigned char *)(uintptr_t)(info->dlpi_addr + ph->p_vaddr), ph->p_memsz);
	}
	return 1; /* the first object is the program */
}

const unsigned char *build_id(size_t *n)
{
	struct found f = { 0 };
	dl_iterate_phdr(look, &f);
	*n = f.n;
	return f.n >= 8 ? f.id : NULL;
}
