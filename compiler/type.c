/* type.c - the types of the language: names, operators, literals in running text. */
#include "compiler/type.h"

#include "lang/ast.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
	[JT_STRING] = "string", [JT_INT] = "int", [JT_FLOAT] = "float", [JT_BOOL] = "bool", [JT_SIZE] = "size",
	[JT_DURATION] = "duration", [JT_FILE] = "file", [JT_DIR] = "dir", [JT_URL] = "url", [JT_LIST] = "list",
	[JT_RECORD] = "record", [JT_TABLE] = "table", [JT_SECRET] = "secret", [JT_UNKNOWN] = "value",
};

const char *type_text(uint8_t t)
{
	return t <= JT_UNKNOWN ? type_names[t] : "value";
}

const char *type_a(uint8_t t)
{
	static const char *const text[] = {
		[JT_STRING] = N_("a string"), [JT_INT] = N_("an int"), [JT_FLOAT] = N_("a float"), [JT_BOOL] = N_("a bool"),
		[JT_SIZE] = N_("a size"), [JT_DURATION] = N_("a duration"), [JT_FILE] = N_("a file"), [JT_DIR] = N_("a directory"),
		[JT_URL] = N_("a url"), [JT_LIST] = N_("a list"), [JT_RECORD] = N_("a record"), [JT_TABLE] = N_("a table"),
		[JT_SECRET] = N_("a secret"), [JT_UNKNOWN] = N_("a value"),
	};

	return tr(t <= JT_UNKNOWN ? text[t] : text[JT_UNKNOWN]);
}

uint8_t type_find(const char *s)
{
	uint8_t t;

	for (t = 0; t < JT_UNKNOWN; t++)
		if (!strcmp(s, type_names[t]))
			return t;
	return JT_UNKNOWN;
}

bool type_stringy(uint8_t t)
{
	return t == JT_STRING || t == JT_FILE || t == JT_DIR || t == JT_URL;
}

bool type_numeric(uint8_t t)
{
	return t == JT_INT || t == JT_FLOAT;
}

static bool is_quantity(uint8_t t)
{
	return t == JT_SIZE || t == JT_DURATION;
}

static uint8_t number_of(uint8_t l, uint8_t r)
{
	return l == JT_INT && r == JT_INT ? JT_INT : JT_FLOAT;
}

static uint8_t type_arith(uint8_t op, uint8_t l, uint8_t r)
{
	bool num = type_numeric(l) && type_numeric(r);

	if (op == OP_MOD)
		return l == JT_INT && r == JT_INT ? JT_INT : JT_UNKNOWN;
	if (num)
		return number_of(l, r);
	if (op == OP_MUL)
		return is_quantity(l) && type_numeric(r) ? l : is_quantity(r) && type_numeric(l) ? r : JT_UNKNOWN;
	if (op == OP_DIV)
		return is_quantity(l) && type_numeric(r) ? l : is_quantity(l) && l == r ? JT_FLOAT : JT_UNKNOWN;
	return is_quantity(l) && l == r ? l : JT_UNKNOWN;
}

static bool comparable(uint8_t l, uint8_t r)
{
	return l == r || (type_numeric(l) && type_numeric(r)) || (type_stringy(l) && type_stringy(r));
}

uint8_t type_binary(uint8_t op, uint8_t l, uint8_t r)
{
	switch ((enum op)op) {
	case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_MOD:
		return type_arith(op, l, r);
	case OP_AND: case OP_OR:
		return l == JT_BOOL && r == JT_BOOL ? JT_BOOL : JT_UNKNOWN;
	case OP_EQ: case OP_NE:
		return comparable(l, r) && l != JT_LIST ? JT_BOOL : JT_UNKNOWN;
	case OP_LT: case OP_LE: case OP_GT: case OP_GE:
		return comparable(l, r) && l != JT_LIST && l != JT_BOOL ? JT_BOOL : JT_UNKNOWN;
	case OP_NONE: case OP_NEG: case OP_NOT:
		break;
	}
	return JT_UNKNOWN;
}

bool type_fits(uint8_t want, uint8_t have)
{
	if (want == have || want == JT_UNKNOWN || have == JT_UNKNOWN)
		return true;
	if (want == JT_FLOAT)
		return have == JT_INT;
	return type_stringy(want) && type_stringy(have);
}

bool text_int(const char *s, size_t n, int64_t *v)
{
	size_t i = n && (s[0] == '-' || s[0] == '+');
	uint64_t u = 0;

	if (i == n)
		return false;
	for (; i < n; i++) {
		if (s[i] < '0' || s[i] > '9' || u > (INT64_MAX - 9) / 10)
			return false;
		u = u * 10 + (uint64_t)(s[i] - '0');
	}
	*v = s[0] == '-' ? -(int64_t)u : (int64_t)u;
	return true;
}

bool text_float(const char *s, size_t n, double *v)
{
	char tmp[64], *end;

	if (n == 0 || n >= sizeof tmp || strspn(s, "0123456789+-.eE") < n)
		return false;
	memcpy(tmp, s, n);
	tmp[n] = 0;
	*v = strtod(tmp, &end);
	return *end == 0 && end != tmp && isfinite(*v);
}

bool text_bool(const char *s, size_t n, bool *v)
{
	if (n == 4 && !memcmp(s, "true", 4))
		return *v = true, true;
	if (n == 5 && !memcmp(s, "false", 5))
		return *v = false, true;
	return false;
}

bool text_quantity(const char *s, size_t n, uint8_t want, int64_t *v, bool *bare)
{
	double d;

	*bare = text_float(s, n, &d);
	return !*bare && unit_read(s, n, want == JT_SIZE, v);
}
