/* op.h - the operators of expressions and the kinds of mappings: the tree and the job use the same numbers. */
#ifndef WEFT_BASE_OP_H
#define WEFT_BASE_OP_H

enum op {
	OP_NONE, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_NEG, OP_NOT,
	OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_AND, OP_OR,
};
enum map_kind { MAP_MOUNT, MAP_INPUT, MAP_OUTPUT, MAP_LOG }; /* mount, input, output, log */

#endif
