/* source.h - file texts at global byte positions; span -> file:line:col.
 *
 * Every loaded text occupies a range of one global 32-bit position space, so a
 * span names its file too.  1 GiB per file, 4 GiB in all; more is a
 * diagnostic.  Texts outlive every diagnostic that points into them. */
#ifndef WEFT_BASE_SOURCE_H
#define WEFT_BASE_SOURCE_H

#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	uint32_t lo, hi; /* [lo, hi); lo == hi is a point; {0,0} is "nowhere" */
};
#define NOSPAN ((struct span){ 0, 0 })

struct source {
	const char *path; /* as the user named it; "<stdin>", "<set>" for others */
	char *text;       /* len bytes and then two NULs (flex scans in place); never NULL outside source.c */
	uint32_t base;    /* global position of text[0]; never 0 */
	uint32_t len;
};

struct place {
	const struct source *src; /* NULL for NOSPAN */
	uint32_t line;            /* from 1 */
	uint32_t col;             /* byte column, from 1 */
	uint32_t chr;             /* column in characters (code points), from 1 */
	uint32_t lo, hi;          /* the line's text, offsets in src->text, without newline */
};

struct sources;
struct diags;
struct deps;

struct sources *sources_new(void);
void sources_free(struct sources *ss);
/* Read a whole file ("-" is standard input).  NULL after a diagnostic E0901
 * (cannot read), E0902 (too large); encoding is checked by source_check. */
const struct source *source_load(struct sources *ss, const char *path, struct diags *d);
/* Take a copy of a text under a made-up path. */
const struct source *source_add(struct sources *ss, const char *path, const char *text, size_t len, struct diags *d);
/* From now on source_load takes this text (copied) for the file of that path, as if it had been written. */
void sources_overlay(struct sources *ss, const char *path, const char *text, size_t len);
/* Did source_load read it from a file with a name? */
bool source_is_file(const struct source *s);
/* Refuse NUL bytes and malformed UTF-8 (E0001, E0002), one diagnostic each
 * for the first five places.  A UTF-8 BOM at the start is blanked. */
bool source_check(const struct source *s, struct diags *d);
/* ---- texts that are read when a place in them is asked for ---- */

/* From now on files are recorded in d (NULL: no more), which outlives ss or the next call. */
void sources_record(struct sources *ss, struct deps *d);
/* The recorder, NULL when there is none: for others who read files or look for them. */
struct deps *sources_deps(const struct sources *ss);
/* The seed of the digests. */
uint64_t sources_seed(const struct sources *ss);
struct source_info { /* all there is to know of a source without its text */
	const char *path;
	const char *text;     /* not from a file: len bytes; else NULL */
	uint32_t base, len;
	bool known;           /* a recorded file, with this digest */
	struct digest digest;
};
uint32_t sources_count(const struct sources *ss);
struct source_info sources_info(const struct sources *ss, uint32_t i);
/* Add such a source: bases ascend without overlap, else false.  SEED: of the digest.  The text is read at its
 * first use; if the file has another content by then, or none was known, its places are unknown. */
bool sources_restore(struct sources *ss, const struct source_info *in, uint64_t seed);

/* ---- places ---- */

/* The source that holds a position, NULL if none. */
const struct source *source_at(const struct sources *ss, uint32_t pos);
/* Where a span starts.  Line tables are built on first use per source. */
struct place source_place(struct sources *ss, uint32_t pos);
/* The bytes of a span (not terminated); NULL for NOSPAN. */
const char *source_text(const struct sources *ss, struct span sp);
/* Length of the well-formed UTF-8 sequence at p (n bytes left, at least one), 0 if there is none (RFC 3629). */
size_t utf8_len(const unsigned char *p, size_t n);
/* Columns that n bytes of UTF-8 take on a terminal starting at column col0
 * (from 0): CJK 2, combining 0, tab to the next multiple of 8. */
uint32_t text_width(const char *s, size_t n, uint32_t col0);

#endif
