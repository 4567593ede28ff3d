/* test_digest.c - digests: known answers, streaming equals at once, seeds and boundaries count. */
#include "base/digest.h"
#include "tests/unit/tap.h"

#include <string.h>
#include <unistd.h>

int main(void)
{
	static unsigned char text[300000];
	struct digester d;
	struct digest a, b;
	char hex[DIGEST_TEXT];
	int fd[2];

	/* the published test vector of XXH3_128bits for no input and seed 0 */
	a = digest_of("", 0, 0);
	digest_hex(a, hex);
	is_str(hex, "99aa06d3014798d86001c324468d497f");
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (unsigned char)(i * 2654435761u >> 13);
	digest_begin(&d, 7);
	for (size_t i = 0; i < sizeof text; i += 1000)
		digest_add(&d, text + i, 1000);
	a = digest_end(&d);
	ok(digest_equal(a, digest_of(text, sizeof text, 7)));
	ok(!digest_equal(a, digest_of(text, sizeof text, 8)));
	text[150000] ^= 1;
	ok(!digest_equal(a, digest_of(text, sizeof text, 7)));
	/* what the memory held before does not count: here the seed is left, and what was made from it is not */
	digest_begin(&d, 7);
	memset(d.state + 64, 0xa5, 192);
	digest_begin(&d, 7);
	digest_add(&d, text, sizeof text);
	ok(digest_equal(digest_end(&d), digest_of(text, sizeof text, 7)));
	digest_begin(&d, 0);
	digest_strs(&d, "ab");
	digest_strs(&d, "c");
	a = digest_end(&d);
	digest_begin(&d, 0);
	digest_strs(&d, "a");
	digest_strs(&d, "bc");
	b = digest_end(&d);
	ok(!digest_equal(a, b));
	ok(pipe(fd) == 0 && write(fd[1], "hello", 5) == 5 && close(fd[1]) == 0);
	ok(digest_fd(fd[0], 3, &b) && digest_equal(b, digest_of("hello", 5, 3)));
	ok(!digest_fd(-1, 3, &b));
	return tap_end();
}
