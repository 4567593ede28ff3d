/* lower_text.h - templates: strings and scripts with ~{ }. */
#ifndef WEFT_COMPILER_LOWER_TEXT_H
#define WEFT_COMPILER_LOWER_TEXT_H

#include "compiler/lower.h"

/* Lower the parts of a STRING or SCRIPT.  In a command, inserted constants that may need quoting stay apart. */
struct val template_lower(struct lower *L, nid n, bool script, bool command);

#endif
