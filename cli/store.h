/* store.h - what the subcommands of weft store have in common: places in stores and on this machine, interruption, a bar. */
#ifndef WEFT_CLI_STORE_H
#define WEFT_CLI_STORE_H

#include "cli/runargs.h"
#include "runtime/objects.h"
#include "runtime/store.h"
#include "runtime/transfer.h"

struct store_cmd {
	const struct opts *o;
	struct arena *a;
	struct stores *stores;
	struct diags *d;
	bool recursive, dry, json, yes, exact, verbose;
	const char *const *arg; /* behind the subcommand */
	uint32_t narg;
};

enum spot_kind { SPOT_NONE, SPOT_FILE, SPOT_DIR, SPOT_ODD };
struct spot { /* an operand */
	const char *text;  /* as it was given */
	const char *shown; /* harmless to a terminal */
	bool url, oss, slash;
	const char *dir;   /* the bucket's directory; of a local path the one that holds it */
	const char *key;   /* below dir, clean; "" is dir itself */
	int root;          /* of dir; -1: not opened */
	uint8_t kind;
	const char *why;   /* SPOT_ODD */
	struct stat sb;
};
/* Find out what an operand is and open its root.  false after a diagnostic.  LOCAL: paths of this machine are allowed. */
bool spot_open(struct store_cmd *c, struct spot *p, const char *text, bool local);
void spot_close(struct spot *p);
/* What it is, again: after its root was made. */
void spot_look(struct spot *p, bool links);
/* Open a SPOT_FILE for reading and set its sb; -1 after a diagnostic. */
int spot_read(struct store_cmd *c, struct spot *p);
/* "nothing at oss://b/k"; false. */
bool spot_missing(struct store_cmd *c, const struct spot *p);
/* The place with a key below it, harmless to a terminal; in the command's arena. */
const char *spot_text(struct store_cmd *c, const struct spot *p, const char *key);

/* A subcommand: its exit code; diagnostics are printed by the caller. */
int store_ls(struct store_cmd *c);
int store_cat(struct store_cmd *c);
int store_cp(struct store_cmd *c);
int store_rm(struct store_cmd *c);
int store_mb(struct store_cmd *c);
int store_sync(struct store_cmd *c);
int store_stat(struct store_cmd *c);

/* ---- store_bar.c ---- */

struct store_bar { /* how far a long copy has come, on a terminal */
	bool on, drawn;
	int64_t begun, next; /* ms */
	int64_t total, bytes, passed; /* all there are, 0 when not known; copied; found to need no copy */
	uint64_t all, files;          /* the same of files; dealt with */
};
/* Catch INT, TERM and HUP from now on; bar_open is due first. */
void bar_open(struct store_bar *b, bool wanted);
/* More bytes are there; draws when it is time.  false when a signal has come (copy_ways.more). */
bool bar_more(void *bar, int64_t n);
/* A file is dealt with, so many of its bytes without a copy. */
bool bar_file(struct store_bar *b, int64_t passed);
/* Is there anybody to see a bar, who has not waited long yet for what will come of it to be counted? */
bool bar_counts(const struct store_bar *b);
/* All of it is known. */
void bar_whole(struct store_bar *b, uint64_t files, int64_t bytes);
/* Take the bar away. */
void bar_close(struct store_bar *b);
/* Was there a signal? */
bool bar_stopped(void);
/* Die of the signal, if there was one. */
void bar_die(void);

#endif
