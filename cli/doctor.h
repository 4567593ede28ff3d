/* doctor.h - probes of `weft doctor`: one function and one line in probes.def each.
 *
 * A probe tries what it speaks of rather than reading about it, changes nothing that stays, and never fails: what it
 * cannot find out is a finding too. */
#ifndef WEFT_CLI_DOCTOR_H
#define WEFT_CLI_DOCTOR_H

#include "base/arena.h"
#include "runtime/cgroup.h"
#include "runtime/run.h"
#include "runtime/sandbox.h"
#include "runtime/slurm_api.h"

#include <stdbool.h>

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_MISSING };
struct finding {
	enum health health;
	const char *found;  /* what is there, one line; NULL: this is not asked for here, nothing is said */
	const char *means;  /* what follows from it; NULL when all is well */
	const char *remedy; /* what can be done; NULL when nothing */
};
struct doctor {
	struct arena *a;           /* texts of findings */
	const char *workspace;     /* the directory that runs would use */
	const char *scratch;       /* a directory of ours in it, NULL when none can be made */
	struct sandbox sb;         /* as probed, with a scratch; for the probes of the kernel */
	struct cgroups *groups;
	bool podman_tried;         /* to unpack an image, and why it cannot; NULL: it can */
	const char *not_unpacked;
	struct doctor_slurm {
		const struct site *site;
		struct slurm_conf conf;
		bool given, job;       /* an endpoint was given; a job may be submitted */
		struct slurm_api *api; /* NULL: not reached, and why */
		const char *why, *help;
	} slurm;
};

#define PROBE(id, name, needed, what) struct finding probe_##id(struct doctor *d);
#include "cli/probes.def"
#undef PROBE

struct finding finding_ok(const char *found);
struct finding finding_of(enum health h, const char *found, const char *means, const char *remedy);
/* The path of a program on PATH, NULL if there is none. */
const char *doctor_program(struct doctor *d, const char *nm);
/* What a program prints, at most some seconds and 1 MB of it; NULL when it fails. */
const char *doctor_output(struct doctor *d, const char *const *argv);
/* Reach the Slurm that these options, the environment or the site file name, if any. */
void doctor_slurm_open(struct doctor *d, const struct run_options *o);
void doctor_slurm_close(struct doctor *d);

#endif
