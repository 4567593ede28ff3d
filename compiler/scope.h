/* scope.h - names of one compilation: one hash table for everything that is looked up by name.
 *
 * A key is (space, name).  Files have spaces 0, 1, 2... (one for every use of a file); ports of tasks with many
 * ports, settings and names already reported have spaces of their own, so no task needs a table of its own. */
#ifndef WEFT_COMPILER_SCOPE_H
#define WEFT_COMPILER_SCOPE_H

#include "lang/ast.h"

enum { /* high bits of a space */
	SPACE_PORT = 0x40000000, /* | task */
	SPACE_TABLE = 0x60000000, /* | table: first row of a key */
	SPACE_BAD = 0x80000000, /* | task or scope: unknown names that were reported */
	SPACE_SET = 0xc0000000, /* | enum set_where: path of a setting -> id + 1 */
	SPACE_BLOCK = 0xd0000000, /* | enum set_where: dotted prefix that is a block of settings */
	SPACE_COLUMN = 0xd8000000, /* columns of tables that something uses, by name */
	SPACE_SEEN = 0xe0000000, /* | a number of the caller: whatever must be unique for a while */
};

struct keyslot {
	uint64_t key; /* 0: free */
	uint32_t val;
};
struct keymap {
	struct keyslot *v;
	uint32_t n, cap; /* cap is a power of two */
};

void keymap_free(struct keymap *m);
/* Make room for n more keys at once. */
void keymap_reserve(struct keymap *m, uint32_t n);
/* The value, 0 if there is none. */
uint32_t keymap_get(const struct keymap *m, uint32_t space, name nm);
/* Set when absent (returns 0), else leave it and return the value that is there.  val must not be 0. */
uint32_t keymap_put(struct keymap *m, uint32_t space, name nm, uint32_t val);

enum sym_kind { SYM_PARAM, SYM_LET, SYM_TABLE, SYM_TASK, SYM_CLUSTER, SYM_USE };
const char *sym_kind_text(enum sym_kind k); /* "parameter", "task"... */

struct sym {
	name name;
	uint8_t kind;
	uint8_t mark;   /* ordering of lets: 0 new, 1 being visited, 2 done */
	bool bad;       /* reported; uses stay silent */
	bool used;      /* something refers to it */
	uint32_t scope;
	nid node;
	uint32_t idx;   /* task number, table, scope of a use, value of a param or let; UINT32_MAX: none yet */
};

#endif
