/* store.h - buckets and file servers as directories of this machine (--store oss://bucket=DIR). */
#ifndef WEFT_RUNTIME_STORE_H
#define WEFT_RUNTIME_STORE_H

#include "base/arena.h"
#include "base/diag.h"
#include "job/job.h"
#include "runtime/run.h"

struct stores;

/* BASE: what relative directories are relative to.  In the arena; pointers into O are kept. */
struct stores *stores_new(struct arena *a, const struct run_options *o, const char *base);
/* Is this explicit storage: oss://, nas://...? */
bool store_is_url(const char *s);
struct store_place {
	const char *name; /* of the store: oss://bucket, nas://host:/path */
	const char *dir;  /* its directory, absolute and clean */
	const char *key;  /* what follows, clean; "" is all of it */
	bool oss;         /* names follow the rules of OSS */
	bool slash;       /* the URL ends in a slash, or names the store itself */
};
/* Take a URL apart.  false: *why says what is wrong with it. */
bool store_locate(const struct stores *st, struct arena *a, const char *url, struct store_place *p, const char **why);
/* The i-th entry, in order of names: *url and *dir; false past the last.  A URL "oss://" is a directory of buckets. */
bool store_entry(const struct stores *st, uint32_t i, const char **url, const char **dir);
/* The file or directory that stands for a URL, clean and absolute.  NULL: *why says what is wrong with it. */
char *store_path(const struct stores *st, struct arena *a, const char *url, const char **why);
/* The other way: the URL of a clean absolute path in a store's directory; NULL when none holds it. */
char *store_url(const struct stores *st, struct arena *a, const char *path);
/* "oss/bucket/key": the name under which a task sees a URL in its work directory. */
char *store_alias(struct arena *a, const char *url);
/* The directories of the stores in use, for protecting them. */
uint32_t stores_dirs(const struct stores *st, const char *const **dirs);
/* Every store that the job names has a directory; E1061, E1062 otherwise. */
bool stores_check(struct stores *st, const struct job *j, struct diags *d);

#endif
