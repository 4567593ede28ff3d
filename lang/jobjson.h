/* jobjson.h - what the files of the job JSON front end share.
 *
 * jobjson.c: the job, its tasks, dependencies.  jobjson_path.c: JSON keys to settings.  jobjson_set.c: values and
 * blocks of settings.  jobjson_weft.c: the Weft object. */
#ifndef WEFT_LANG_JOBJSON_H
#define WEFT_LANG_JOBJSON_H

#include "job/settings.h"
#include "lang/front.h"
#include "lang/jsonread.h"

enum { P_NONE = 0xffff, P_TASK_NAME = 0xfffe }; /* besides enum setting */
struct pnode { /* a JSON key that is known, below its parent */
	name key;
	uint16_t parent;
	uint16_t setting; /* P_NONE: only an object that holds others */
	bool inner;
};
enum { PATH_JOB = 1, PATH_TASK = 2, PATH_MAX = 512, PATH_HASH = 2048 };
struct paths {
	struct pnode v[PATH_MAX];
	uint32_t n;
	uint16_t hash[PATH_HASH];
};
/* Read the table of settings. */
void paths_build(struct paths *p, struct names *names);
/* The node of a key below a parent, 0 if it is unknown. */
uint32_t paths_find(const struct paths *p, uint32_t parent, name key);

struct jtask_json { /* a task of the description under construction */
	name name;
	uint32_t node;
	nid task;
	struct nlist fors, body, after;
	nid run;
};
struct jj {
	struct ast *a;
	struct jdoc doc;
	const struct source *src;
	struct diags *d;
	struct arena *tmp;
	bool broken;            /* the JSON itself was wrong: keys may be where they were not meant to be */
	struct paths paths;
	uint32_t at[SET_COUNT]; /* the JSON value of every setting of the object being read; 0: absent */
	struct jtask_json *task;
	uint32_t ntask;
	uint32_t now;           /* the task being read */
	uint32_t *task_of;      /* name -> task + 1, by name id, up to ntask_of */
	uint32_t ntask_of;
	uint64_t *ref;          /* name << 32 | task: names that its ports mention */
	uint32_t nref, refcap;
};

static inline const struct jnode *jnode(const struct jj *j, uint32_t n) { return &j->doc.v[n]; }
static inline const char *jtext(const struct jj *j, name nm) { return name_str(j->doc.names, nm); }

/* ---- jobjson_set.c ---- */
/* Fill j->at from an object; unknown keys and objects that are none are reported. */
void collect(struct jj *j, uint32_t object, uint32_t path);
/* Is it there, and of this type?  Otherwise false, after E0145 (or silently: absent, null, reported before). */
bool is_type(struct jj *j, uint32_t n, enum json_type type);
/* E0145: `KEY` must be WHAT, not a string. */
bool wrong_type(struct jj *j, uint32_t n, const char *what);
/* Report a key that is none of those wanted (a NULL ends them). */
void unknown_key(struct jj *j, uint32_t n, const char *const *wanted);
/* The member of an object by key, 0 if absent. */
uint32_t member_of(const struct jj *j, uint32_t object, const char *key);
/* An integer; a text or a fraction that is one is taken with W0152. */
bool whole_number(struct jj *j, uint32_t n, int64_t *v);
/* A text; numbers and booleans are taken with W0152. */
bool text_value(struct jj *j, uint32_t n, name *text);
/* Nodes. */
nid mk_name(struct jj *j, enum node_kind k, struct span sp, name nm);
nid mk_string(struct jj *j, struct span sp, name text);
nid mk_int(struct jj *j, struct span sp, int64_t v);
nid mk_set(struct jj *j, struct span sp, struct span key, name nm, nid value);
nid mk_block(struct jj *j, struct span sp, const char *nm, struct nlist stmts);
/* Any JSON value as an expression. */
nid mk_json(struct jj *j, uint32_t n);
/* Append the settings among j->at that belong to these blocks (S_JOB, S_TASK, S_CLUSTER only), nested as in weft. */
void settings_append(struct jj *j, bool (*belongs)(enum setting), struct nlist *out);

/* ---- jobjson_weft.c ---- */
void weft_params(struct jj *j, struct nlist *decls);
/* For, In, Out, Run of the task being read. */
void weft_task(struct jj *j, struct jtask_json *t);
/* EnvVars and Weft.Env: one block. */
void weft_env(struct jj *j, struct jtask_json *t);
nid weft_expr(struct jj *j, uint32_t n);
nid weft_template(struct jj *j, uint32_t n, bool script);
/* MaxRetryCount and RetryOn. */
void weft_retry(struct jj *j, struct jtask_json *t);
/* The names that ports of tasks mention, ready for weft_mentions. */
void weft_refs_sort(struct jj *j);
bool weft_mentions(const struct jj *j, name task, uint32_t by);

#endif
