/* type.h - what an expression of the tree is worth while lowering: a value, and its type. */
#ifndef WEFT_COMPILER_TYPE_H
#define WEFT_COMPILER_TYPE_H

#include "job/job.h"

enum val_kind {
	V_BAD,    /* an error was reported; everything made of it stays silent */
	V_X,      /* a = jx */
	V_RANGE,  /* a, b = jx of the ends, both included */
	V_TABLE,  /* a = table */
	V_CROW,   /* a = table, b = row: a row known now */
	V_ROW,    /* a = dimension of this task: the instance's row */
	V_RECORD, /* a = first field in lower->field, b = number */
	V_TASK,   /* a = task, b = first selector (jx), c = number of selectors */
	V_MODULE, /* a = scope of a used file */
	V_DOCKER, /* a = image, b = registry (names) */
};
enum { VAL_DEPTH = 400, VAL_WEIGHT = 1 << 20 };

struct val {
	uint8_t kind;
	uint8_t type, elem; /* V_X: enum jtype; elem of a JT_LIST */
	bool konst;         /* known now: a literal jx or a list of literals */
	bool shared;        /* the jx is used elsewhere too: copy before linking it into a list */
	bool hasref;        /* holds a JX_REF */
	bool perinst;       /* refers to loop variables, ports, attempt...: differs between instances */
	uint16_t depth;     /* of the jx */
	uint32_t a, b, c;
	uint32_t weight;    /* nodes and text of the value, kept below VAL_WEIGHT */
};

/* "int", "size", "table"... and with article: "an int", "a size". */
const char *type_text(uint8_t t);
const char *type_a(uint8_t t);
/* JT_UNKNOWN if there is no such type. */
uint8_t type_find(const char *s);
/* string, file, dir, url */
bool type_stringy(uint8_t t);
bool type_numeric(uint8_t t);
/* The type of `l op r`; JT_UNKNOWN when the operator does not take them. */
uint8_t type_binary(uint8_t op, uint8_t l, uint8_t r);
/* May a value of type `have` stand where `want` is needed? */
bool type_fits(uint8_t want, uint8_t have);

/* Literals in running text (parameters, cells of tables).  false: not of that form. */
bool text_int(const char *s, size_t n, int64_t *v);
bool text_float(const char *s, size_t n, double *v);
bool text_bool(const char *s, size_t n, bool *v);
/* `want` is JT_SIZE (bytes) or JT_DURATION (ms).  *bare: a number without unit. */
bool text_quantity(const char *s, size_t n, uint8_t want, int64_t *v, bool *bare);

#endif
