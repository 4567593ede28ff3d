/* remote.h - instances that run on other machines: the directory that driver and machines share, RUNDIR/remote.
 *
 *   weft           this program, for machines where it is not installed
 *   run.json       what an attempt needs besides the job: stores, secrets; for this user only
 *   job.json       the job, to be compared
 *   job-G          its image (jobimage.h); G grows when tasks over unknown files have got their instances
 *   globs          what glob outputs turned out to be, a JSON line each
 *   N.tab          submission N: its task, G, and the instance and attempt of each of its elements
 *   begun/N.I      made by who wins the right to start element I: a machine, or the driver that gives it up
 *   claim/N.I      the same for publishing its outputs: what lost it publishes nothing
 *   log/N.I        what the batch system and this program say on standard error
 *   end/N.I        how the attempt ended: written under another name, flushed, renamed
 *   old/N.I        the same, once the driver has taken note
 *   machine.HOST   what that machine's kernel allows (sandbox_known.c)
 *   over           the run is over: nothing starts or publishes any more
 *
 * So an attempt runs at most once however often it is submitted, a result outlives the batch system's memory of it,
 * and an attempt that was given up cannot overwrite a later one.  Everything in here is read as if it were hostile. */
#ifndef WEFT_RUNTIME_REMOTE_H
#define WEFT_RUNTIME_REMOTE_H

#include "base/arena.h"
#include "base/buf.h"
#include "runtime/cause.h"
#include "runtime/run.h"

#include <stdint.h>

enum { REMOTE_ROWS_MAX = 10000000 };

struct remote_row {
	uint32_t instance;
	int32_t attempt;
};
struct remote_table {
	const char *task;
	uint32_t generation;
	uint32_t n;
	struct remote_row *row;
};
enum remote_mark { MARK_ERROR = -1, MARK_TAKEN, MARK_OURS };

struct remote_output {
	const char *path; /* as in struct made_file */
	uint32_t port;
	int64_t size;     /* -1: a directory */
};
struct remote_glob {
	const char *port;
	uint32_t n;
	const char **path;
};
struct remote_end {
	enum run_cause cause;
	int status;
	bool termed;      /* TERM came from outside */
	int64_t wall_ms, cpu_ms, max_rss;
	const char *text, *host;
	char **argv;      /* after a failure; NULL-terminated */
	const char *out, *err, *work;
	struct remote_output *output;
	uint32_t noutput;
};

/* ---- remote_dir.c ---- */
/* Make the directory and what is in it.  false with errno. */
bool remote_make(const char *dir);
/* Write DIR/NAME at once: whole or not at all, and on disk.  false with errno. */
bool remote_write(const char *dir, const char *name, const char *p, size_t n);
/* Read a file into the arena, NUL added; NULL with errno (EFBIG above `max`). */
char *remote_read(struct arena *a, const char *dir, const char *name, size_t max, size_t *n);
/* Put this program there as DIR/weft, for machines that do not have it.  false with errno. */
bool remote_program(const char *dir);
bool remote_table_write(const char *dir, uint32_t number, const struct remote_table *t);
bool remote_table_read(struct arena *a, const char *dir, uint32_t number, struct remote_table *t);
/* Take a mark ("begun", "claim"): exactly one of all who try gets MARK_OURS. */
enum remote_mark remote_mark(const char *dir, const char *what, uint32_t number, uint32_t index, const char *who);
/* The mark `claim` for who has the mark `begun`. */
enum remote_mark remote_claim(const char *dir, uint32_t number, uint32_t index, const char *who);
/* Is the run over? */
bool remote_over(const char *dir);
/* Does it lie on a file system that other machines write, unseen by inotify, as far as one can tell? */
bool remote_fs(const char *dir);
/* Was it begun, and is it not over? */
bool remote_unfinished(const char *dir);
/* The newest run below RUNS that is not over, 0 if none: a driver that was killed has left it. */
long remote_newest(const char *runs);
/* From now on nothing of that run starts or publishes.  false with errno. */
bool remote_give_up(const char *runs);

/* ---- remote_record.c ---- */
/* false with errno. */
bool remote_end_write(const char *dir, uint32_t number, uint32_t index, const struct remote_end *e);
/* false: it is not there, or no record. */
bool remote_end_read(struct arena *a, const char *dir, const char *folder, uint32_t number, uint32_t index, struct remote_end *e);
/* run.json, from options and job; and back, into options whose pointers are in the arena.  *env: KEY=VALUE texts. */
bool remote_run_text(const struct job *j, const struct run_options *o, const char *workspace, const char *job_id, struct buf *b);
struct remote_run {
	const char *workspace, *job_id;
	bool no_sandbox;
	struct store_map *stores;
	uint32_t nstores;
	const char *const *secret, *const *value; /* names and values */
	uint32_t nsecret;
	char **env;
};
bool remote_run_read(struct arena *a, const char *dir, struct remote_run *r);
/* A line of the file `globs`, and all of them into a stager; false with errno. */
void remote_glob_line(struct buf *b, const char *task, int64_t instance, const struct remote_glob *g);
struct stager;
bool remote_globs_read(const char *dir, const struct job *j, struct stager *s);

/* ---- remote_node.c ---- */
struct remote_element {
	const char *dir;
	uint32_t number, index;
	uint32_t task;
	struct remote_row row;
};
/* Run one attempt on this machine and leave its record.  The mark `begun` is ours.  Returns an exit status. */
int remote_attempt(const struct job *j, const struct run_options *o, const struct remote_element *e);
/* Leave a record that says why nothing could be started. */
int remote_unstarted(const struct remote_element *e, const char *why);

#endif
