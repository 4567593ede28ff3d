/* slurm_api.h - what slurmrestd is asked, and what its answers mean, in all its versions.
 *
 * Which paths, properties and forms of values a server has is read from its own schema (/openapi): one table,
 * no version numbers elsewhere.  A success is a job id, not an answer without errors; an error may come with 200. */
#ifndef WEFT_RUNTIME_SLURM_API_H
#define WEFT_RUNTIME_SLURM_API_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "runtime/http.h"
#include "runtime/slurm_renew.h"

struct slurm_api;

struct slurm_conf {
	const char *endpoint;   /* as in http.h */
	const char *token;      /* NULL: none */
	const char *token_file; /* read again whenever it has changed; NULL: none */
	const char *const *command; /* words of a program that prints a token; NULL: none */
	uint32_t ncommand;
	const char *user;       /* X-SLURM-USER-NAME; NULL: the caller's */
};

enum slurm_state {
	SJ_PENDING, SJ_RUNNING, /* also what is about to end */
	SJ_COMPLETED, SJ_FAILED, SJ_CANCELLED, SJ_TIMEOUT, SJ_NODE, SJ_OOM, SJ_PREEMPTED, /* for good */
	SJ_UNKNOWN, /* a word that is in no table: still there */
};
struct slurm_job {
	const char *name, *reason, *user, *nodes; /* "" when absent */
	int64_t id;         /* changes for elements of arrays: never to be kept */
	int64_t array;      /* id of the array, or of the job itself */
	int64_t element;    /* -1: the elements that wait, or no array */
	enum slurm_state state;
	int exit_code;      /* a wait status, -1 unknown */
};
typedef void slurm_job_fn(void *ctx, const struct slurm_job *j);

enum slurm_end {
	SE_OK,
	SE_SAME,      /* nothing has changed since */
	SE_REFUSED,   /* for good */
	SE_BUSY,      /* a limit was reached: later */
	SE_ARRAY,     /* the array is too large */
	SE_NONE,      /* there is no such job */
	SE_DOWN,      /* nobody has seen the request */
	SE_UNSURE,    /* nobody knows whether it took effect */
	SE_AUTH,      /* the token is not accepted, as far as one can tell */
};
struct slurm_answer {
	enum slurm_end end;
	int64_t id;         /* of a submitted job */
	const char *text;   /* for a person, "" if none; valid during the call */
};
typedef void slurm_done(void *ctx, const struct slurm_answer *a);

/* Reach the server, choose a version, read its schema.  Waits at most some seconds.  NULL after a diagnostic. */
struct slurm_api *slurm_open(const struct slurm_conf *c, struct diags *d);
void slurm_close(struct slurm_api *a);
struct http *slurm_http(struct slurm_api *a);
/* "v0.0.38" */
const char *slurm_version(const struct slurm_api *a);
/* May jobs be asked for that have changed since a time? */
bool slurm_has_since(const struct slurm_api *a);

/* What the schema says of a property of a job; its best guess for a name it does not have. */
bool slurm_has(const struct slurm_api *a, const char *property);
const char *slurm_similar(const struct slurm_api *a, const char *property);
/* Write a property of a job in the form that the schema wants; false: the text is no such value (*want says what). */
bool slurm_put(const struct slurm_api *a, struct jw *w, const char *property, const char *text, const char **want);
/* Begin and end the body of a submission: the properties are put between. */
void slurm_body_open(const struct slurm_api *a, struct jw *w, struct buf *b, const char *script);
void slurm_body_close(const struct slurm_api *a, struct jw *w, const char *script);

/* Requests; `done` is called later, once. */
void slurm_submit(struct slurm_api *a, const char *body, slurm_done *done, void *ctx);
/* All jobs of the cluster whose name contains `mark`; since: seconds, 0 = all. */
void slurm_jobs(struct slurm_api *a, const char *mark, int64_t since, slurm_job_fn *each, slurm_done *done, void *ctx);
/* The same for one of them, and for all elements of an array: a small part of what a list of all costs.  SE_NONE: it is not known. */
void slurm_job(struct slurm_api *a, int64_t id, const char *mark, slurm_job_fn *each, slurm_done *done, void *ctx);
/* Cancel a job, or one element of an array (-1: all of it). */
void slurm_cancel(struct slurm_api *a, int64_t id, int64_t element, slurm_done *done, void *ctx);
/* Any other question of its version, such as "ping" or "partitions"; the answer's text comes when it is SE_OK, as a.text. */
void slurm_get(struct slurm_api *a, const char *what, slurm_done *done, void *ctx);
/* The token that requests carry now; NULL: none. */
const struct slurm_renew *slurm_token(const struct slurm_api *a);
/* What is the matter with the token, for people; NULL: nothing that is known here. */
const char *slurm_trouble(struct slurm_api *a);
/* As engine_ops.watch and .turn: requests go on, and the token is renewed. */
int slurm_watch(struct slurm_api *a, struct loop *l);
void slurm_turn(struct slurm_api *a, const struct loop *l);
/* All versions that the server offers, the newest last, separated by blanks. */
const char *slurm_versions(const struct slurm_api *a);
/* The job as JSON; false when it is none.  For slurm_jobs and tests. */
bool slurm_read_job(const char *text, size_t n, slurm_job_fn *each, void *ctx);

#endif
