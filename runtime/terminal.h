/* terminal.h - a terminal of its own for a command, joined to ours while it runs: what is typed goes there, as it is. */
#ifndef WEFT_RUNTIME_TERMINAL_H
#define WEFT_RUNTIME_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
	int master, slave;     /* -1: closed */
	struct termios saved;  /* of ours */
	bool raw, in_over;
};

/* A pair as large as ours, which is standard input.  false with errno. */
bool terminal_open(struct terminal *t);
/* The command has its end now: ours goes raw. */
void terminal_join(struct terminal *t);
/* Our window has another size. */
void terminal_resize(struct terminal *t);
/* After a wait: hand on what there is, in both directions.  false when the other end is closed. */
bool terminal_pump(struct terminal *t);
/* Hand on what is left, and make ours what it was. */
void terminal_close(struct terminal *t);

#endif
