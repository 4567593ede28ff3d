/* sandbox_plain.h - attempts without namespaces: the command is a child of the driver (see sandbox_guard.h). */
#ifndef WEFT_RUNTIME_SANDBOX_PLAIN_H
#define WEFT_RUNTIME_SANDBOX_PLAIN_H

#include "runtime/sandbox.h"

/* The three as sandbox_spawn, sandbox_signal and sandbox_reap, for SB_PLAIN. */
bool plain_spawn(const struct sandbox *sb, const struct sb_spawn *sp, struct sb_child *ch, const char **step);
void plain_signal(const struct sb_child *ch, int sig);
bool plain_reap(const struct sandbox *sb, struct sb_child *ch, struct sb_report *r);

#endif
