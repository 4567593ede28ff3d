/* cfg.h - what the files cfg_*.c share; nothing else includes it.
 *
 * cfg_read.c: lines -> sections and entries (after Python's ConfigParser)
 * cfg_text.c: %(key)s and $variables -> values that know where each byte came from
 * cfg_line.c: the options of a command line, which are keys too
 * cfg_keys.c: which keys there are, where they count, what is unknown
 * cfg_set.c, cfg_list.c, cfg_pool.c, cfg_maps.c, cfg_deps.c: values -> nodes of the tree
 * cfg.c: the job and its tasks */
#ifndef WEFT_LANG_CFG_H
#define WEFT_LANG_CFG_H

#include "lang/ast.h"
#include "lang/cfgline.h"
#include "lang/mapforms.h"

enum { CFG_OPTIONS = 0x7fffff00 }; /* the section of what a command line says: after those of the file */
enum { CFG_DEPTH = 10, CFG_VALUE_MAX = 16 << 20, CFG_TOTAL_MAX = 256 << 20, CFG_PAIRS_MAX = 1 << 22, CFG_VAR_MAX = 200 };

/* From `at` on (up to the next piece), the text comes from `src`: byte for byte, or as a whole (an expansion). */
struct cfg_piece {
	uint32_t at;
	bool verbatim;
	struct span src;
};
struct cfg_text {
	const char *s; /* NUL-terminated */
	uint32_t n, np;
	const struct cfg_piece *p;
};

enum cfg_state { CFG_RAW, CFG_BUSY, CFG_DONE };
struct cfg_entry {
	name key;              /* lower case */
	struct span key_span, span; /* of the value, first to last byte */
	struct cfg_text raw, value;
	uint32_t section;
	uint8_t state;
	bool shared;           /* the value is the same in every section */
	bool bad;              /* a diagnostic was given */
	bool percent_said;     /* W0161 was given */
};
struct cfg_section {
	name name;
	struct span span;      /* of the name */
};
struct cfg_var {
	const char *name;      /* lower case, without $ */
	const char *as_written;
	uint32_t len, entry;
	bool case_said;        /* W0164 was given */
};
struct cfg_slot {
	uint64_t key;
	uint32_t v;
};

struct cfg {
	struct ast *a;
	struct names *names;
	struct diags *d;
	const struct source *src;
	struct arena *arena;   /* dies with the parse */
	struct cfg_section *sec; /* [0] is DEFAULT, whether written or not */
	uint32_t nsec, seccap;
	struct cfg_entry *e;
	uint32_t ne, ecap;
	struct cfg_var *var;
	uint16_t *varlen;      /* the lengths of their names, longest first */
	uint32_t nvarlen;
	uint32_t nvar, varcap;
	struct cfg_slot *slot; /* (section, key) -> entry + 1, (section space, name) -> section + 1 */
	uint32_t mask, nslot;
	size_t expanded;       /* bytes of expansions so far */
	bool overflow;         /* reported */
	bool default_written;
	bool lost;             /* a section header or a line before the first was malformed */
	uint32_t option_lo, option_hi; /* entries that a command line gives */
	uint32_t spaces;       /* hash spaces of lists given out */
	uint32_t budget;       /* candidates that may still be compared for did-you-mean */
};

/* ---- cfg_read.c ---- */
void cfg_open(struct cfg *c); /* with [DEFAULT] */
void cfg_read(struct cfg *c);
uint32_t cfg_get(const struct cfg *c, uint64_t key);  /* 0: none */
void cfg_put(struct cfg *c, uint64_t key, uint32_t v);
static inline uint64_t cfg_key(uint32_t section, name key) { return (uint64_t)(section + 2) << 32 | key; }
static inline uint64_t cfg_section_key(name nm) { return nm; }
static inline uint64_t cfg_any_key(name key) { return (uint64_t)1 << 32 | key; } /* in some task section */
static inline uint64_t cfg_option_key(name key) { return (uint64_t)(UINT32_MAX - 2) << 32 | key; }
static inline uint64_t cfg_used_key(name key) { return (uint64_t)(UINT32_MAX - 1) << 32 | key; } /* in a %(key)s */
/* The entry of a section itself, NULL if it has none. */
struct cfg_entry *cfg_own(struct cfg *c, uint32_t section, const char *key);
/* The section's own or DEFAULT's. */
struct cfg_entry *cfg_find(struct cfg *c, uint32_t section, const char *key);

/* ---- cfg_text.c ---- */
void cfg_vars(struct cfg *c);
/* The value of an entry as seen from a section; false when it is bad (a diagnostic was given). */
bool cfg_value(struct cfg *c, struct cfg_entry *e, uint32_t section, struct cfg_text *out);
/* Where bytes [lo, hi) of a value stand in the file. */
struct span cfg_span(const struct cfg_text *t, size_t lo, size_t hi);

/* ---- cfg_keys.c ---- */
enum cfg_key {
#define KEY(name, where, group, empty) K_##name,
#include "lang/cfg_keys.def"
#undef KEY
	K_COUNT
};
enum cfg_group { G_NONE, G_CMD, G_PACK, G_TIMEOUT, G_NODES, G_ENV, G_INPUT, G_MAPS, G_POOL, G_COUNT };
const char *cfg_key_text(enum cfg_key k);
/* Is what a task says of this key added to what [DEFAULT] says? */
bool cfg_key_adds(enum cfg_key k);
/* Report unknown and misplaced keys. */
void cfg_check_keys(struct cfg *c);
/* Can [DEFAULT] say the keys of this group for all tasks: no task has one, and no value differs between tasks? */
bool cfg_group_shared(struct cfg *c, enum cfg_group g);

/* ---- values (cfg_val.c) ----
 * An option of the command line counts as said in [DEFAULT] and hides what the file says, but where keys add up. */
struct cfg_part { /* bytes [lo, hi) of a value */
	size_t lo, hi;
};
struct cfg_val { /* one key's value as seen from one section */
	struct cfg_entry *e;
	const char *key;
	struct cfg_text t;
	struct cfg_part all; /* without blanks around */
};
/* As cfg_own and cfg_find, with the options. */
struct cfg_entry *cfg_entry_own(struct cfg *c, uint32_t section, enum cfg_key k);
struct cfg_entry *cfg_entry(struct cfg *c, uint32_t section, enum cfg_key k);
/* The value of an entry: false when there is none, or it is empty or bad (a diagnostic was given where due). */
bool cfg_val_of(struct cfg *c, struct cfg_entry *e, uint32_t section, enum cfg_key k, struct cfg_val *v);
/* The value of a key: false when unset, empty or bad (a diagnostic was given where due). */
bool cfg_fetch(struct cfg *c, uint32_t section, enum cfg_key k, struct cfg_val *v);
/* Only what the section itself says. */
bool cfg_fetch_own(struct cfg *c, uint32_t section, enum cfg_key k, struct cfg_val *v);
/* What [DEFAULT] says, as seen from a task's section; false for [DEFAULT] itself. */
bool cfg_fetch_base(struct cfg *c, uint32_t section, enum cfg_key k, struct cfg_val *v);
struct cfg_part cfg_trim(const char *s, struct cfg_part p);
/* The next part up to `sep` from *pos on, trimmed; also empty ones; false at the end. */
bool cfg_next(const struct cfg_val *v, char sep, size_t *pos, struct cfg_part *p);
static inline struct span cfg_at(const struct cfg_val *v, struct cfg_part p) { return cfg_span(&v->t, p.lo, p.hi); }
static inline struct span cfg_all(const struct cfg_val *v) { return cfg_at(v, v->all); }
static inline size_t cfg_len(struct cfg_part p) { return p.hi - p.lo; }
bool cfg_is(const struct cfg_val *v, struct cfg_part p, const char *word); /* without regard to case */
bool cfg_starts(const struct cfg_val *v, struct cfg_part p, const char *word);
/* An integer; false after E0170. */
bool cfg_int(struct cfg *c, const struct cfg_val *v, struct cfg_part p, const char *what, int64_t *out);
/* A whole number above 0; `def` after W0170 when it is not; false after E0170. */
bool cfg_count(struct cfg *c, const struct cfg_val *v, int64_t def, int64_t *out);
bool cfg_bool(struct cfg *c, const struct cfg_val *v, bool *out);

/* ---- the command line (cfg_line.c) ---- */

/* Its options become entries; without a file they are those of one task, `task`. */
void cfg_options(struct cfg *c, const struct cfg_line *l);
void cfg_line_task(struct cfg *c);
/* The last option of a key, NULL if there is none. */
struct cfg_entry *cfg_option(struct cfg *c, enum cfg_key k);
/* Every option of a key in order: start with *i = 0. */
bool cfg_fetch_option(struct cfg *c, enum cfg_key k, uint32_t *i, struct cfg_val *v);

/* Likewise, of any key, as it was typed. */
bool cfg_option_named(struct cfg *c, const char *key, uint32_t *i, struct cfg_val *v);
void cfg_each(struct cfg *c, struct nlist *file); /* each.c */

/* ---- nodes (cfg_node.c) ---- */
nid cfg_string(struct cfg *c, const char *s, size_t n, struct span sp);
nid cfg_string_part(struct cfg *c, const struct cfg_val *v, struct cfg_part p);
nid cfg_literal(struct cfg *c, enum node_kind k, struct span sp, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
nid cfg_duration(struct cfg *c, int64_t ms, struct span sp);
/* name = value; `key` is where the name counts as written; a name that is no identifier is quoted. */
nid cfg_set(struct cfg *c, const char *name, struct span key, nid value);
/* word { list }; 0 when the list is empty */
nid cfg_block(struct cfg *c, const char *word, struct span sp, struct nlist list);
nid cfg_set_string(struct cfg *c, const char *name, const struct cfg_val *v);
nid cfg_set_bool(struct cfg *c, const char *name, const struct cfg_val *v, bool b);
/* "a", or ["a", "b"] when there are several or `always` */
nid cfg_set_list(struct cfg *c, const char *name, const struct cfg_val *v, bool always);
bool cfg_plain_name(const char *s, size_t n);

/* ---- statements ---- */
nid cfg_workflow(struct cfg *c);                                   /* cfg_job.c */
void cfg_pool(struct cfg *c, uint32_t section, struct nlist *to);  /* cfg_pool.c */
nid cfg_disk(struct cfg *c, const struct cfg_val *v);              /* cfg_disk.c */
/* own: only what the section itself says, [DEFAULT]'s being said in `defaults` (cfg_list.c) */
void cfg_env(struct cfg *c, uint32_t section, bool own, struct nlist *to);
void cfg_user_data(struct cfg *c, uint32_t section, struct nlist *to);
void cfg_maps(struct cfg *c, uint32_t section, struct nlist *to);  /* cfg_maps.c */
void cfg_deps(struct cfg *c, struct nlist *after);                 /* cfg_deps.c: after[section] */

#endif
