/* request.h - what attempts ask for (`cpu`, `mem`), held against what this machine offers.
 *
 * An instance that says nothing about cpus counts as one, or as its share of the cpus when -j asks for more instances
 * than there are cpus.  One that says nothing about memory reserves none.  What grows with the attempt
 * (`mem = 8GB * attempt`) ends at what the machine offers; a first attempt that wants more is refused (E1010). */
#ifndef WEFT_RUNTIME_REQUEST_H
#define WEFT_RUNTIME_REQUEST_H

#include "runtime/engine.h"
#include "runtime/room.h"
#include "runtime/run.h"

struct requests;

struct ask {
	struct need need;  /* taken of this machine */
	struct need limit; /* what it is held to; 0: nothing */
	bool cpu, mem; /* asked for, not only assumed */
	bool cut;      /* it wanted more memory than there is */
};

/* What this machine offers: what --cpus and --memory say, else engine "local" of the site file, else the cpus this process
 * may use and all memory, or what its cgroup leaves of both. */
struct need machine_size(const struct run_options *o);
/* Processes and threads an attempt may have. */
int64_t pids_most(const struct run_options *o);
/* Its name, for messages. */
const char *machine_name(struct arena *a);
/* Look at everything that is wanted: NULL after E1010 and E1011.  At least MACHINES instances run at once without -j. */
struct requests *requests_new(struct run *r, uint64_t machines);
void requests_free(struct requests *q);
/* How many instances at once make sense: as many as cpus, more when instances ask for less than one. */
uint32_t requests_slots(const struct requests *q);
/* What all instances together may take. */
struct need requests_all(const struct requests *q);
/* What an attempt asks for; false: it can never be run here, *why says so (valid until the next call). */
bool requests_of(struct requests *q, struct attempt_id id, struct ask *out, const char **why);

#endif
