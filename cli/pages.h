/* pages.h - the pages of doc/errors, embedded at build time by texts.awk, sorted by code. */
#ifndef WEFT_CLI_PAGES_H
#define WEFT_CLI_PAGES_H

struct page {
	const char *code; /* "E0307" */
	const char *text; /* Markdown */
};
extern const struct page pages[]; /* ends with a NULL code */

#endif
