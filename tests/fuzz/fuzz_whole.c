/* fuzz_whole.c - any bytes through a whole front end; built once for each, FRONT is the path that chooses it. */
#include "whole.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *fault = size > 1u << 16 ? NULL : whole(FRONT, (const char *)data, size);

	if (!fault)
		return 0;
	fprintf(stderr, "fuzz %s: %s\n", FRONT, fault);
	abort();
}
