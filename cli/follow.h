/* follow.h - the tasks of a run as rows of the status area, kept up to date record by record. */
#ifndef WEFT_CLI_FOLLOW_H
#define WEFT_CLI_FOLLOW_H

#include "runtime/past.h"
#include "runtime/screen.h"

struct follow;

struct follow *follow_new(uint32_t run);
void follow_free(struct follow *f);
/* Forget all: the journal is read again, or a driver goes on with the run. */
void follow_reset(struct follow *f);
/* A record, in order; what is not of this run is passed over. */
void follow_see(struct follow *f, uint8_t kind, const unsigned char *p, size_t n);
/* The first `most` tasks of which something runs; *more: how many others there are.  Returns rows. */
uint32_t follow_rows(const struct follow *f, struct screen_row *row, uint32_t most, uint32_t *more);

#endif
