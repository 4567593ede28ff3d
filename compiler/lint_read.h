/* lint_read.h - between lint.c and the two that read levels from files. */
#ifndef WEFT_COMPILER_LINT_READ_H
#define WEFT_COMPILER_LINT_READ_H

#include "compiler/lint.h"

enum lint_tier { TIER_LINE, TIER_OPTION, TIER_FILE, TIER_SITE, TIER_COUNT }; /* strongest first */

void lint_add(struct session *s, struct lint_rule r);
/* A name written in a file: adds the rule r for it, or says that there is no such lint (W0270) or that an error keeps
 * its level (E0271). */
void lint_named(struct session *s, struct lint_rule r, const char *word);
/* allow, warn, deny; LINT_NONE if it is another word. */
enum lint_level lint_level_of(const char *word, size_t n);

#endif
