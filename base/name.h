/* name.h - string interning: bytes -> dense uint32_t id and back.
 *
 * Ids start at 1; 0 is "no name".  Two names are equal when their ids are.
 * Bytes are copied once and NUL-terminated; pointers stay valid for the
 * table's life.  Bytes may hold anything, also NUL. */
#ifndef WEFT_BASE_NAME_H
#define WEFT_BASE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t name;
struct names;
struct arena;

struct names *names_new(void);
/* A table that starts with `n` names, id 0 included, which lie in memory of the caller's: name i is the bytes off[i]
 * to off[i + 1] - 1 of text, then a NUL.  What finds them by their bytes is made when first asked for. */
struct names *names_frozen(const uint32_t *off, const char *text, uint32_t n);
void names_free(struct names *t);
/* The id of these bytes, made if new. */
name name_of(struct names *t, const char *s, size_t n);
name name_ofs(struct names *t, const char *s);
/* The id if these bytes were interned before, else 0. */
name name_find(const struct names *t, const char *s, size_t n);
/* The text (NUL-terminated) and its length; name 0 is "". */
const char *name_str(const struct names *t, name id);
size_t name_len(const struct names *t, name id);
/* One more than the largest id. */
uint32_t names_count(const struct names *t);
/* "`id`, `size` and 3 more": n names that stand `step` apart, for a message; lives in the arena. */
const char *names_listed(const struct names *t, const name *v, size_t n, size_t step, struct arena *a);
/* May these bytes stand as a name in weft text without quotes? */
bool name_is_plain(const char *s, size_t n);

#endif
