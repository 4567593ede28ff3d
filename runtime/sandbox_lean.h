/* sandbox_lean.h - forking a large driver cheaply.
 *
 * A fork copies the page tables of all that is written: 20 ms for a driver of 500 MB, and the child counts as that
 * large in its max_rss; and each page that went along costs the driver a fault when it writes there next, which is felt in a small one.
 * The child needs next to nothing of it, so what it does need is copied to a place of its own and the driver's heap and large private
 * mappings are marked to stay out of forks (MADV_DONTFORK).
 * From then on this process may only fork through sandbox_spawn or posix_spawn. */
#ifndef WEFT_RUNTIME_SANDBOX_LEAN_H
#define WEFT_RUNTIME_SANDBOX_LEAN_H

#include "runtime/sandbox.h"

/* Copies of both for the child; valid until the next call.  NULL: no memory, use the originals and do not mark. */
bool lean_pack(const struct sandbox **sb, const struct sb_spawn **sp);
/* Mark what has become large since the last time; looks only now and then. */
void lean_mark(void);

#endif
