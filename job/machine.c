/* machine.c - the tables of machine types, images and regions, and look-ups in them (a few dozen rows). */
#include "job/machine.h"

#include <string.h>

enum { OLD = 1 };

static const struct row {
	const char *name, *regions;
	int cpu, gb, flags;
} rows[] = {
#define MACHINE(name, cpu, gb, flags, regions) { name, regions, cpu, gb, flags },
#include "job/machines.def"
#undef MACHINE
};
static const struct image images[] = {
#define IMAGE(name, windows, docker) { name, windows, docker },
#include "job/images.def"
#undef IMAGE
};
static const char *const regions[] = {
#define REGION(name) name,
#include "job/regions.def"
#undef REGION
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

bool machine_find(const struct site *s, const char *name, struct machine *m)
{
	const struct site_value *vpc;
	size_t i;

	*m = (struct machine){ .name = name, .regions = "", .site = site_find(s, SITE_MACHINE, name) };
	for (i = 0; i < COUNT(rows) && strcmp(rows[i].name, name); i++)
		;
	if (i < COUNT(rows)) {
		m->cpu = rows[i].cpu;
		m->mem = (int64_t)rows[i].gb << 30;
		m->old = rows[i].flags & OLD;
		m->regions = rows[i].regions;
	}
	if (m->site) {
		m->cpu = (double)site_int(m->site, SK_MACHINE_cpu, (int64_t)m->cpu);
		m->mem = site_int(m->site, SK_MACHINE_mem, m->mem);
		vpc = site_value(m->site, SK_MACHINE_vpc);
		m->old = vpc ? !vpc->i : m->old;
	}
	return m->site || i < COUNT(rows);
}

bool machine_most(const struct site *s, double *cpu, int64_t *mem)
{
	uint32_t n, k;
	const struct site_block *b = site_all(s, SITE_MACHINE, &n);
	size_t i;

	*cpu = 0;
	*mem = 0;
	for (k = 0; k < n; k++) {
		struct machine m;

		machine_find(s, b[k].name, &m);
		*cpu = m.cpu > *cpu ? m.cpu : *cpu;
		*mem = m.mem > *mem ? m.mem : *mem;
	}
	for (i = 0; !n && i < COUNT(rows); i++) {
		*cpu = rows[i].cpu > *cpu ? rows[i].cpu : *cpu;
		*mem = (int64_t)rows[i].gb << 30 > *mem ? (int64_t)rows[i].gb << 30 : *mem;
	}
	return n > 0;
}

static bool word_in(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (; *list; list += strcspn(list, " "), list += strspn(list, " "))
		if (!strncmp(list, word, n) && (list[n] == ' ' || !list[n]))
			return true;
	return false;
}

bool machine_in(const struct machine *m, const char *region)
{
	const struct site_value *own = site_value(m->site, SK_MACHINE_regions);
	uint32_t i;

	for (i = 0; own && i < own->n; i++)
		if (!strcmp(own->list[i], region))
			return true;
	return !own && (!*m->regions || word_in(m->regions, region));
}

void machine_suggest(const struct site *s, struct suggest *sg)
{
	uint32_t n, k;
	const struct site_block *b = site_all(s, SITE_MACHINE, &n);
	size_t i;

	for (k = 0; k < n && k < 1000; k++)
		suggest_try(sg, b[k].name);
	for (i = 0; i < COUNT(rows); i++)
		suggest_try(sg, rows[i].name);
}

const struct image *image_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(images); i++)
		if (!strcmp(images[i].name, name))
			return &images[i];
	return NULL;
}

void image_suggest(struct suggest *sg)
{
	size_t i;

	for (i = 0; i < COUNT(images); i++)
		suggest_try(sg, images[i].name);
}

bool region_known(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(regions); i++)
		if (!strcmp(regions[i], name))
			return true;
	return false;
}

void region_suggest(struct suggest *sg)
{
	size_t i;

	for (i = 0; i < COUNT(regions); i++)
		suggest_try(sg, regions[i]);
}
