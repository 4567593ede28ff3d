/* whole.h - one input through everything a front end leads to, with the promises that hold for any bytes:
 * a result or diagnostics, each with a message; what compiles also prints, and both its JSON and its .weft text
 * compile to the same bytes. */
#ifndef WEFT_TESTS_FUZZ_WHOLE_H
#define WEFT_TESTS_FUZZ_WHOLE_H

#include <stdbool.h>
#include <stddef.h>

/* Compile `n` bytes as a file of that path ("x.weft", "x.cfg", "x.json").  Returns what does not hold, NULL when all does. */
const char *whole(const char *path, const char *text, size_t n);

#endif
