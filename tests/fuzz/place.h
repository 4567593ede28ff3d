/* place.h - a directory for fuzz targets whose inputs are files: in memory where that can be had, gone at the end. */
#ifndef WEFT_TESTS_FUZZ_PLACE_H
#define WEFT_TESTS_FUZZ_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The directory, made when it is first asked for. */
const char *place(void);
/* PLACE/NAME; valid for the next few calls. */
const char *place_path(const char *name);
/* The file PLACE/NAME of these bytes, made anew. */
void place_put(const char *name, const void *p, size_t n);
/* Remove what is in PLACE, its directories too. */
void place_clear(void);

/* What does not hold ends the program. */
void check(bool ok, const char *what);

/* The next part of an input: up to a byte 0, which is left out, or to its end. */
struct part {
	const char *p; /* heap, NUL-terminated: free it */
	size_t n;
};
struct part part_next(const uint8_t **data, size_t *size);

#endif
