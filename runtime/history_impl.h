/* history_impl.h - struct history, for history.c and history_compact.c. */
#ifndef WEFT_RUNTIME_HISTORY_IMPL_H
#define WEFT_RUNTIME_HISTORY_IMPL_H

#include "runtime/history.h"
#include "runtime/history_table.h"

struct session {
	uint64_t off;
	bool here;   /* the machine has not been started again since */
};
struct past_run {
	uint64_t off;
	uint32_t run;
};
struct history {
	struct journal *j;
	uint64_t seed;
	struct table done;   /* who: the last of RK_DONE, RK_FORGET, RK_BEGIN in place; flag: RK_GONE came later */
	struct table failed; /* who: the last RK_END, or the RK_DONE after it */
	struct table task;   /* task: a record of it; aux: instances that count */
	struct table file;   /* path: RK_FILE */
	struct table out;    /* path: the last RK_DONE that made it */
	struct table text;   /* hash: RK_TEXT; flag: used by a success that counts (history_compact.c) */
	bool filled;         /* done, failed, file, session, run */
	bool more;           /* text */
	bool tasks;          /* task */
	bool outs;           /* out */
	struct session *session;
	struct past_run *run;
	uint32_t nsession, session_cap, nrun, run_cap;
	uint64_t seen;       /* all records before this place are in the tables */
	uint64_t synced;     /* the last RK_SYNCED */
	uint64_t live;       /* bytes of records that tables point to */
	uint64_t texts;      /* bytes of RK_TEXT among them, whether a success refers to them or not */
	unsigned char boot[16];
	bool booted;         /* boot could be told */
};

/* Tables are filled when something in them is asked for first: most of what is decided needs few of them. */
void history_fill(const struct history *h);
void history_fill_more(const struct history *h);
/* Is the record one that a table points to, or the RK_GONE of one? */
bool history_live(const struct history *h, uint64_t off, uint8_t kind, const unsigned char *p, size_t n);
struct table_key history_who(const struct history *h, const unsigned char *p, size_t n);

#endif
