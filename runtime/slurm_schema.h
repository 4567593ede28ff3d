/* slurm_schema.h - what a slurmrestd says of itself: versions, paths, properties of jobs and the form of their values. */
#ifndef WEFT_RUNTIME_SLURM_SCHEMA_H
#define WEFT_RUNTIME_SLURM_SCHEMA_H

#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct slurm_schema;
enum slurm_path_id { SP_SUBMIT, SP_JOBS, SP_JOB /* ends with a slash; the id follows */, SP_ROOT /* so does it */,
	SP_PATHS };
enum slurm_form { SF_STRING, SF_INT, SF_BOOL, SF_NUMBER /* {"set", "number"} */, SF_STRINGS, SF_INTS, SF_MAP, SF_OTHER };
struct slurm_prop {
	const char *name;
	enum slurm_form form;
	const char *const *words; /* all that a text may be, the last NULL; NULL: any */
	const char *want;         /* them, for people */
};

/* The answer to /openapi.  The newest version that is known here is chosen whose schema fits what is needed; when there is
 * none, one that is not known, but fits.  NULL and *why. */
struct slurm_schema *slurm_schema_read(const char *text, size_t n, const char **why);
void slurm_schema_free(struct slurm_schema *s);
const char *slurm_schema_version(const struct slurm_schema *s);
/* All that it offers, the newest last, separated by blanks. */
const char *slurm_schema_versions(const struct slurm_schema *s);
bool slurm_schema_since(const struct slurm_schema *s);
const char *slurm_path(const struct slurm_schema *s, enum slurm_path_id p);
const struct slurm_prop *slurm_property(const struct slurm_schema *s, const char *name);
const char *slurm_schema_similar(const struct slurm_schema *s, const char *name);
/* Key and value; SF_STRINGS and SF_INTS are separated by commas, SF_MAP is KEY=VALUE,... */
bool slurm_schema_put(const struct slurm_schema *s, struct jw *w, const char *name, const char *text, const char **want);

#endif
