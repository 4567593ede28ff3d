/* gen.h - random workflows for property tests. */
#ifndef WEFT_TESTS_PROP_GEN_H
#define WEFT_TESTS_PROP_GEN_H

#include "base/buf.h"

#include <stdint.h>

/* Append a random .weft text: the same seed gives the same text.  It checks clean, needs no other file, and over many
 * seeds uses every construct but `use`. */
void gen_workflow(uint64_t seed, struct buf *out);

#endif
