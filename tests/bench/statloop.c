/* statloop.c FILE - stat every path that FILE names, one a line: the least a decision about them could cost. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
	char line[8192];
	struct stat sb;
	long n = 0;

	if (!f)
		return 2;
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = 0;
		n += stat(line, &sb) == 0;
	}
	return n > 0 ? 0 : 1;
}
