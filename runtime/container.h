/* container.h - images of tasks that run in containers: where they lie, what identifies them, where their files are.
 *
 * An image lies on this machine: in a registry below the directory of a store (what the service's own registry leaves
 * there), in an OCI layout, or in an archive as `docker save` writes it.  It is brought once, by podman, into a directory
 * of weft's own; the layers there are what containers see (stage_container.c).  See doc/docker.md. */
#ifndef WEFT_RUNTIME_CONTAINER_H
#define WEFT_RUNTIME_CONTAINER_H

#include "base/diag.h"
#include "job/job.h"
#include "runtime/run.h"
#include "runtime/store.h"

#define CONTAINER_WORKDIR "/batchcompute/workdir" /* where the service starts commands */

struct containers;
struct container {
	const char *name;          /* as the task has it: "localhost:5000/bwa:1.2" */
	const char *digest;        /* 64 hexadecimal digits: SHA-256 of the manifest, or of the archive; NULL: not known */
	const char *const *layer;  /* after containers_load: directories, the topmost first */
	uint32_t nlayer;
	const char *const *env;    /* KEY=VALUE of the image, NULL at the end */
	bool bash;                 /* it has one */
};

/* The name of the image that a task runs in, NULL when it runs in none. */
const char *task_container(const struct job *j, const struct jtask *t);
/* Find the images of all tasks, loading none.  Everything in the arena; the arguments are kept.  Never NULL; what is wrong
 * is queued unless D is NULL, and *ok is false: E1030, E1031, and E1032 when nothing could load what is not loaded yet. */
struct containers *containers_find(struct arena *a, const struct job *j, const struct run_options *o, struct stores *st,
	struct diags *d, bool *ok);
/* The image of a task; NULL: none. */
const struct container *containers_of(const struct containers *c, uint32_t task);
/* The i-th of all, NULL past the last. */
const struct container *containers_nth(const struct containers *c, uint32_t i);
/* Bring those that are not there yet, of one task or of all (UINT32_MAX); may take minutes, which SAY is told unless it is
 * NULL.  E1033. */
bool containers_load(struct containers *c, uint32_t task, FILE *say, struct diags *d);
/* The same for one archive or layout, unpacked into DIR, to try whether it works; NULL: *why. */
const struct container *container_try(struct arena *a, const char *dir, const char *from, const char **why);
/* This machine as images call it: "amd64". */
const char *container_architecture(void);

#endif
