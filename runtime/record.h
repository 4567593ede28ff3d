/* record.h - what the journal's records hold: structs to bytes and back.  doc/journal.md describes the bytes.
 *
 * Reading trusts nothing: a record that does not decode is as good as absent.  Strings read point into the
 * journal's memory, are followed by a NUL there, and live as long as that. */
#ifndef WEFT_RUNTIME_RECORD_H
#define WEFT_RUNTIME_RECORD_H

#include "base/buf.h"
#include "base/digest.h"

#include <stdbool.h>
#include <stdint.h>

enum record_kind { /* numbers are the format: never reuse one */
	RK_SESSION = 1, /* a process that writes begins: struct rec_session */
	RK_RUN = 2,     /* a run begins: struct rec_run */
	RK_RUN_END = 3, /* struct rec_run_end */
	RK_BEGIN = 4,   /* an attempt is about to be submitted: struct rec_begin */
	RK_SUBMITTED = 5, /* the engine's own id of an attempt: struct rec_submitted */
	RK_DONE = 6,    /* an instance succeeded and its outputs are in place: struct rec_done */
	RK_END = 7,     /* an attempt ended in another way: struct rec_end */
	RK_FILE = 8,    /* the digest of a file nobody here made: struct rec_file */
	RK_FORGET = 9,  /* what was done counts no more: struct rec_forget */
	RK_TEXT = 10,   /* a value to be shown later: struct rec_text */
	RK_SYNCED = 11, /* everything before was on disk: no payload */
	RK_GONE = 12,   /* temp outputs of an instance were removed by us: struct rec_forget */
	RK_PARAM = 13,  /* a parameter of a run: struct rec_param */
	RK_TASK = 14,   /* a task of a run, in the order of the file: struct rec_task */
};

/* Which instance: by names, so that it outlives every change of the workflow. */
struct rec_who {
	const char *task, *key; /* key: instance_key, "" for the single instance of a task without dimensions */
};
struct rec_session {
	unsigned char boot[16]; /* kernel's boot id */
	int64_t time_ms;        /* Unix time */
	uint32_t policy;        /* version of the decision procedure (plan.h) */
	uint32_t pid;
	const char *version;    /* of weft */
};
struct rec_run {
	uint32_t run;           /* number, also the name of its directory */
	int64_t time_ms;
	uint64_t instances;     /* to run as far as was known */
	const char *job, *source, *engine, *command; /* name, path, engine's name, command line without secrets */
};
struct rec_run_end {
	uint32_t run, ok, failed, skipped, cancelled, retried, current, cut;
	int64_t time_ms, wall_ms;
	int32_t exit;
};
struct rec_begin {
	struct rec_who who;
	uint32_t run, attempt;
	int64_t instance, time_ms;
	bool in_place;          /* outputs are written under their final names: from now on they are as good as absent */
};
struct rec_submitted {
	struct rec_who who;
	uint32_t attempt;
	const char *id;         /* the engine's: "slurm 4711_3" */
};
enum out_kind { OUT_FILE, OUT_DIR, OUT_GONE };
struct rec_out {
	const char *path;       /* as ports name it: workspace-relative, absolute or URL */
	uint8_t kind;           /* enum out_kind */
	bool temp;
	uint32_t port;          /* output port, UINT32_MAX: published by a mount or mapping */
	uint64_t stamp;         /* files.h: hash of what stat says; 0: not to be trusted */
	struct digest digest;
};
enum { REC_PARTS = 8 };         /* enum action_part of action.h */
struct rec_done {
	struct rec_who who;
	uint32_t run, attempt;
	int64_t instance, time_ms, wall_ms, cpu_ms, max_rss; /* -1 unknown */
	bool adopted;           /* --touch: nothing ran */
	bool stale;             /* not in the bytes, set by history.h: stamps mean nothing, rec_out_next gives 0 for them */
	struct digest action;   /* action.h */
	uint32_t part[REC_PARTS]; /* what it is made of, for saying what changed */
	struct digest inputs;   /* of all inputs' names and digests, in order */
	uint32_t nin;
	const unsigned char *tag; /* nin times the first four bytes of an input's digest (rec_tag) */
	uint32_t nout;
	const unsigned char *outs; /* encoded; rec_out_next reads them one by one */
	size_t outs_len;
};
struct rec_end {
	struct rec_who who;
	uint32_t run, attempt;
	int64_t instance, time_ms, wall_ms, cpu_ms, max_rss;
	uint8_t cause;          /* enum run_cause */
	int32_t status;
	bool final;             /* not tried again in this run */
	const char *text;       /* detail, "" if none */
};
struct rec_file {
	const char *path;
	uint64_t stamp;
	struct digest digest;
};
struct rec_forget {
	struct rec_who who;
};
struct rec_text {
	uint32_t hash;          /* as in rec_done.part */
	const char *text;
	size_t n;
};
struct rec_param {
	uint32_t run;
	bool secret;            /* its value is not written down */
	const char *name, *value;
};
struct rec_task {
	uint32_t run;
	int64_t instances;      /* -1: known only while it runs */
	int64_t cpu, mem, limit_ms; /* asked for by its first instance: billionths of a cpu, bytes; limit of time; -1: not */
	const char *name, *label; /* label: "" */
	uint32_t npred;
	const unsigned char *preds; /* encoded; rec_pred_next reads them one by one */
	size_t preds_len;
};

/* One name a kind: append to b. */
void rec_write_session(struct buf *b, const struct rec_session *r);
void rec_write_run(struct buf *b, const struct rec_run *r);
void rec_write_run_end(struct buf *b, const struct rec_run_end *r);
void rec_write_begin(struct buf *b, const struct rec_begin *r);
void rec_write_submitted(struct buf *b, const struct rec_submitted *r);
/* outs/outs_len: made with rec_out_write before. */
void rec_write_done(struct buf *b, const struct rec_done *r);
void rec_write_end(struct buf *b, const struct rec_end *r);
void rec_write_file(struct buf *b, const struct rec_file *r);
void rec_write_forget(struct buf *b, const struct rec_forget *r);
void rec_write_text(struct buf *b, const struct rec_text *r);
void rec_write_param(struct buf *b, const struct rec_param *r);
/* preds/preds_len: made with rec_pred_write before. */
void rec_write_task(struct buf *b, const struct rec_task *r);
/* A task before this one, by its place among the run's RK_TASK; data: it reads what that one makes. */
void rec_pred_write(struct buf *b, uint32_t place, bool data);
void rec_out_write(struct buf *b, const struct rec_out *o);
void rec_tag_write(struct buf *b, struct digest d);

/* false: not a record of this kind, or damaged. */
bool rec_read_session(const unsigned char *p, size_t n, struct rec_session *r);
bool rec_read_run(const unsigned char *p, size_t n, struct rec_run *r);
bool rec_read_run_end(const unsigned char *p, size_t n, struct rec_run_end *r);
bool rec_read_begin(const unsigned char *p, size_t n, struct rec_begin *r);
bool rec_read_submitted(const unsigned char *p, size_t n, struct rec_submitted *r);
bool rec_read_done(const unsigned char *p, size_t n, struct rec_done *r);
bool rec_read_end(const unsigned char *p, size_t n, struct rec_end *r);
bool rec_read_file(const unsigned char *p, size_t n, struct rec_file *r);
bool rec_read_forget(const unsigned char *p, size_t n, struct rec_forget *r);
bool rec_read_text(const unsigned char *p, size_t n, struct rec_text *r);
bool rec_read_param(const unsigned char *p, size_t n, struct rec_param *r);
bool rec_read_task(const unsigned char *p, size_t n, struct rec_task *r);
/* The next of them; *at starts as r->preds.  false at the end. */
bool rec_pred_next(const struct rec_task *r, const unsigned char **at, uint32_t *place, bool *data);
/* The next output; *at starts as r->outs.  false at the end. */
bool rec_out_next(const struct rec_done *r, const unsigned char **at, struct rec_out *o);
uint32_t rec_tag(const struct rec_done *r, uint32_t i);
/* The kernel's id of this boot; all 0 and false when it cannot be told. */
bool rec_boot_id(unsigned char id[16]);

#endif
