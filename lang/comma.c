/* comma.c - a forgotten comma between ports, where the next port looks like a statement of its own. */
#include "lang/text.h"

#include <string.h>

enum { MOST_LINES = 20 };

static uint32_t line_start(const char *text, uint32_t off)
{
	while (off && text[off - 1] != '\n')
		off--;
	return off;
}

static uint32_t first_word(const char *text, uint32_t line)
{
	return line + (uint32_t)strspn(text + line, " \t");
}

static bool begins_ports(const char *s)
{
	return (!strncmp(s, "in", 2) && !word_byte(s[2])) || (!strncmp(s, "out", 3) && !word_byte(s[3]));
}

/* The line of the statement that a line may continue: the next one above that begins further left. */
static uint32_t statement_line(const char *text, uint32_t line)
{
	uint32_t column = first_word(text, line) - line, up = line;

	for (int i = 0; up && i < MOST_LINES && !strchr("}#\n", text[first_word(text, up)]); i++) {
		if (first_word(text, up) - up < column)
			break;
		up = line_start(text, up - 1);
	}
	return up;
}

uint32_t comma_due(const char *text, uint32_t off)
{
	uint32_t line = line_start(text, off), first = first_word(text, line), end = off;

	if (first == off)
		first = first_word(text, statement_line(text, line));
	if (first >= off || !begins_ports(text + first))
		return 0;
	while (end && strchr(" \t\r\n", text[end - 1]))
		end--;
	line = line_start(text, end);
	return memchr(text + line, '#', end - line) ? 0 : end;
}
