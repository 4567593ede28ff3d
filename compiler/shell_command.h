/* shell_command.h - which command of a shell script is being written. */
#ifndef WEFT_COMPILER_SHELL_COMMAND_H
#define WEFT_COMPILER_SHELL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Would what follows this text become an argument of a program, rather than of what the shell does itself (echo, an assignment, the
 * target of a redirection)?  The text is without what stands in quotes; NUL ends a command.  A function counts as a program. */
bool shell_argument(const char *text, size_t n);

#endif
