/* race.h - who reads and writes which paths, and which of these meet without an order between them.
 *
 * A claim is one port, mapping or log directory of one task.  Claims of one path are found through a table of all paths;
 * claims of sets of paths through the directory that their constant part lies in.  Only those that meet are asked for
 * their order, so that nothing is compared each with each.  What is made one by one, compared or searched has a budget;
 * beyond it nothing is reported (doc/checks.md). */
#ifndef WEFT_COMPILER_RACE_H
#define WEFT_COMPILER_RACE_H

#include "compiler/order.h"
#include "compiler/pathset.h"
#include "compiler/session.h"

enum claim_what {
	CLAIM_IN,   /* input port */
	CLAIM_OUT,  /* output port */
	CLAIM_GLOB, /* output port, by pattern */
	CLAIM_MAP,  /* mount, input, output */
	CLAIM_LOG,  /* stdout, stderr, log: files of names that nobody else writes, in a directory */
};
struct claim {
	uint32_t task, number; /* of the port */
	uint8_t what;
	bool read, write;
	bool area; /* a directory, of which nobody says which files */
	bool many;  /* each path belongs to several instances */
	bool elems; /* each path belongs to several elements of a family */
	name text; /* the path, when it is one; else 0 */
	struct pathset *set;
	struct span span, write_span;
};
struct claims {
	struct claim *v;
	uint32_t n, cap;
};

/* All claims of a job (race_claim.c); free v.  Sets live in the arena of c. */
void claims_collect(struct session *s, struct pathsets *c, struct claims *v);

struct hit { /* one side of a race */
	const struct claim *claim;
	int64_t instance, elem; /* instance -1: all */
	bool many; /* more instances than this one */
};
typedef void race_fn(void *ctx, enum code code, const struct hit *a, const struct hit *b, const char *path);
/* Call fn for every race (race_find.c): for all of them where few claims meet, else for one at least of each place.
 * a and b are the same claim when instances or elements of it meet. */
void races_find(struct session *s, race_fn *fn, void *ctx);

#endif
