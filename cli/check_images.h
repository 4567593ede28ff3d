/* check_images.h - see check_images.c. */
#ifndef WEFT_CLI_CHECK_IMAGES_H
#define WEFT_CLI_CHECK_IMAGES_H

#include "cli/load.h"

/* Queue E1030 to E1032 of a compiled workflow, when --engine names an engine that starts containers here.  A bucket without
 * a directory says nothing: --store may give it one. */
void check_images(struct load *l, const struct opts *o);

#endif
