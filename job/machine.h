/* machine.h - what is known of machine types, images and regions: tables (machines.def, images.def, regions.def) and what
 * a site file adds to them. */
#ifndef WEFT_JOB_MACHINE_H
#define WEFT_JOB_MACHINE_H

#include "base/diag.h"
#include "job/site.h"

struct machine {
	const char *name;
	double cpu;   /* cores; 0: not known */
	int64_t mem;  /* bytes; 0: not known */
	bool old;     /* ephemeral disks only, no VPC */
	const char *regions; /* separated by blanks, "" everywhere */
	const struct site_block *site; /* the site file's block, NULL if it has none */
};
/* The type by name, from both; false when neither knows it. */
bool machine_find(const struct site *s, const char *name, struct machine *m);
/* The largest cores and memory of any type that is known, and whether the site file names types at all: then only those
 * count. */
bool machine_most(const struct site *s, double *cpu, int64_t *mem);
/* Is the type offered in this region, as far as is known? */
bool machine_in(const struct machine *m, const char *region);
/* Try every known type as a proposal. */
void machine_suggest(const struct site *s, struct suggest *sg);

struct image {
	const char *name;
	bool windows, docker;
};
/* One of the service's own, NULL if it is none. */
const struct image *image_find(const char *name);
void image_suggest(struct suggest *sg);

bool region_known(const char *name);
void region_suggest(struct suggest *sg);

#endif
