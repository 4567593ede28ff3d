/* doctor_output.c - what a program says, for a while and up to a length. */
#include "cli/doctor.h"
#include "runtime/program.h"

enum { WAIT_MS = 10000, OUTPUT_MAX = 1 << 20 };

const char *doctor_output(struct doctor *d, const char *const *argv)
{
	struct program *p = program_start(argv, NULL, OUTPUT_MAX, WAIT_MS);
	const char *text, *why;

	if (!p)
		return NULL;
	program_finish(p);
	text = program_said(p, d->a, &why);
	program_free(p);
	return text;
}
