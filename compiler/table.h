/* table.h - tables: tsv, csv and json files with typed columns, and lists of records.
 *
 * The text of the file is loaded as a source, so that a wrong cell is shown at its place. */
#ifndef WEFT_COMPILER_TABLE_H
#define WEFT_COMPILER_TABLE_H

#include "compiler/type.h"

#include "base/diag.h"

enum { TABLE_ROWS = 4000000, TABLE_COLS = 4096, TABLE_CELLS = 100000000 };

struct column { /* wanted by the workflow */
	name name;
	uint8_t type;
	struct span span; /* of the wish */
};
struct table {
	name name;        /* of the declaration, or the file; 0 */
	struct span span;
	bool bad;
	uint32_t cols, rows;
	name *colname;
	uint8_t *coltype;
	name *cell;       /* [rows * cols] */
	uint32_t *pos;    /* [rows] global position where the row is written */
	uint32_t space;   /* of the index by key, 0: not built yet */
};
struct table_ctx {
	struct names *names;
	struct sources *sources;
	struct diags *diags;
	struct arena *arena; /* cells live here: the job's */
};

/* The columns wanted, of a loaded text; no columns: all of the header, as strings.  false after diagnostics. */
bool table_tsv(struct table_ctx *c, struct table *t, const struct source *src, const struct column *v, uint32_t n);
bool table_csv(struct table_ctx *c, struct table *t, const struct source *src, const struct column *v, uint32_t n);
/* An array of objects. */
bool table_json(struct table_ctx *c, struct table *t, const struct source *src, const struct column *v, uint32_t n);
/* Rows are collected on the heap; what stays moves into the arena, as long as it needs to be. */
void table_settle(struct table_ctx *c, struct table *t);
/* Column number by name, UINT32_MAX if none. */
uint32_t table_column(const struct table *t, name nm);
/* Check one cell's text for its type; false after E0912. */
bool table_cell(struct table_ctx *c, const char *s, size_t n, uint8_t type, name column, struct span sp, name *out);

#endif
