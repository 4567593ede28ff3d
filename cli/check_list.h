/* check_list.h - the list of all checks. */
#ifndef WEFT_CLI_CHECK_LIST_H
#define WEFT_CLI_CHECK_LIST_H

#include <stdbool.h>

/* Print every code to standard output, a line each or as JSON (schema weft.checks/1); the exit code. */
int check_list(bool json);

#endif
