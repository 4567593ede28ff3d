/* recall_impl.h - the file of recall.h: a head, then arrays one after the other, in the machine's own byte order. */
#ifndef WEFT_RUNTIME_RECALL_IMPL_H
#define WEFT_RUNTIME_RECALL_IMPL_H

#include "base/digest.h"

#include <stdint.h>

#define RECALL_MAGIC 0x3176636172746677u /* "wftracv1" */

struct recall_head {
	uint64_t magic, key;
	struct digest sum;         /* of all that follows the head */
	uint32_t ntask, ninst, nref, nname;
	uint64_t ntext;
};
/* ntask + 1 of these: the first instance of a task in the array of instances; equal to the next: not remembered */
typedef uint32_t recall_first;
struct recall_inst {               /* ninst + 1 */
	struct digest digest;
	uint32_t in, out;          /* where its inputs and outputs begin in refs; outputs follow inputs */
};
/* nref numbers of names; nname + 1 offsets into the text; ntext bytes, names end with NUL */

#endif
