/* export_impl.h - what the files of exports share.
 *
 *   export_check.c   what scripts cannot do
 *   export_bind.c    one attempt of an instance as texts
 *   export_option.c  requests and settings as options of sbatch
 *   export_script.c  the script and the tables of a task
 *   export_sbatch.c  the directory, submit.sh, README
 *   export_commands.c  the list as JSON */
#ifndef WEFT_RUNTIME_EXPORT_IMPL_H
#define WEFT_RUNTIME_EXPORT_IMPL_H

#include "runtime/export.h"
#include "runtime/slurm_need.h"
#include "runtime/stage_impl.h"

struct export {
	const struct job *j;
	const struct run_options *o;
	struct diags *d;
	struct stager *s;
	struct arena *a;
	const char *dir; /* where it is being written */
	int status;      /* 0, or the exit code after a diagnostic */
};

/* ---- export_bind.c ---- */
/* What an attempt is, as texts.  Those of one task have the same columns, or the export is refused. */
enum bind_column { BC_LIMIT, BC_INPUTS, BC_OUTPUTS, BC_WORDS, BC_FIRST /* of the script's parts, then the environment */ };
struct bound {
	const char **col; /* shell text; of a part or a variable the value itself */
	uint32_t n;
	uint32_t npart;   /* parts of the script */
	const bool *fixed; /* [npart] the script's own text */
	const char *key;  /* "[17]" */
};
/* In the arena; false after a diagnostic. */
bool export_bind(struct export *x, struct attempt_id id, struct arena *a, struct bound *out);
/* Values of the environment that are known only on the machine. */
#define EXPORT_WORK "\001work"
#define EXPORT_TMP "\001tmp"
#define EXPORT_USER "\001user"
#define EXPORT_PASS "\001pass"
/* Append S as one word for a shell, on one line: $nl stands for a line's end. */
void export_word(struct buf *b, const char *s);
/* A diagnostic of this task. */
bool export_refuse(struct export *x, enum code code, uint32_t task, struct span sp, const char *why);
/* What evaluating says, or nothing. */
int export_attempts(const struct export *x, uint32_t task);

/* ---- export_check.c ---- */
/* Everything that cannot be expressed, at once; false after diagnostics. */
bool export_check(struct export *x);

/* ---- export_option.c ---- */
struct sbatch_option {
	const char *name, *value; /* NULL: a flag */
	bool asked;               /* differs with what instances ask for */
};
struct sbatch_options {
	struct sbatch_option *v;
	uint32_t n, cap;
};
/* E1102: settings of `slurm { }` that are none of sbatch's. */
bool export_options_check(struct export *x, uint32_t task);
/* All options of a task's job that asks for this; in the arena. */
void export_options(struct export *x, uint32_t task, const struct slurm_ask *ask, struct arena *a, struct sbatch_options *out);
/* May it stand in a line #SBATCH? */
bool sbatch_option_plain(const struct sbatch_option *o);
void sbatch_option_text(const struct sbatch_option *o, struct arena *a, struct buf *b);
/* Is an attempt of this task begun again by Slurm when its machine is lost or taken away? */
bool export_requeues(const struct jtask *t);

/* ---- export_script.c ---- */
struct row_group { /* rows of one task that ask for the same */
	struct slurm_ask ask;
	uint32_t first, n;
};
struct task_script {
	struct row_group *group; /* in the arena of the export */
	uint32_t ngroup, rows;
};
/* Write NAME.sbatch and tables/NAME.*; false after a diagnostic. */
bool export_task(struct export *x, uint32_t task, struct task_script *out);
/* Write one file of the directory; false after a diagnostic. */
bool export_file(struct export *x, const char *name, const void *p, size_t n, bool program);

/* Files of runtime/sbatch, built in. */
struct export_text {
	const char *name, *text;
};
extern const struct export_text export_texts[]; /* ends with a NULL name */

#endif
