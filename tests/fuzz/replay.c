/* replay.c - a main for fuzz targets without the fuzzer: every file named runs once, as a TAP line each. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_file(const char *path, struct buf *b)
{
	char part[65536];
	FILE *f = fopen(path, "rb");
	size_t n;

	buf_reset(b);
	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(b, part, n);
	return !fclose(f);
}

int main(int argc, char **argv)
{
	struct buf b;
	int failed = 0;

	buf_init(&b, 1u << 24);
	for (int i = 1; i < argc; i++) {
		bool ok = read_file(argv[i], &b);

		if (ok)
			LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&b), b.len); /* aborts when something does not hold */
		failed += !ok;
		printf("%sok %d - %s\n", ok ? "" : "not ", i, argv[i]);
	}
	buf_free(&b);
	printf("1..%d\n", argc - 1);
	return failed > 0;
}
