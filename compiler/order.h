/* order.h - which task runs after which: the graph of tasks as arrays, and questions about pairs of them.
 *
 * Most questions are answered by numbers that one walk over the graph gives every task; the rest by a search that is
 * cut short by these numbers.  All searches together have a budget that is linear in the graph: beyond it, two tasks
 * count as ordered. */
#ifndef WEFT_COMPILER_ORDER_H
#define WEFT_COMPILER_ORDER_H

#include "job/job.h"

enum ordering {
	ORDER_NONE,
	ORDER_SAME, /* instance i of the later one after instance i of the earlier one, and no more */
	ORDER_ALL,  /* every instance after every instance */
};
struct order {
	const struct job *j;
	uint32_t *first;  /* [ntask + 1] into out */
	uint32_t *out;    /* edge numbers, by `from` */
	uint32_t *needs;  /* edges of tasks before it that cannot run either: 0 but in a cycle and behind one */
	uint32_t *sorted; /* tasks before those that wait for them */
	uint32_t nsorted; /* fewer than tasks: there is a cycle */
	uint32_t *rank;   /* place in sorted */
	struct order_label *label; /* made at the first search */
	uint32_t *mark, epoch;
	uint32_t *stack, cap;
	uint64_t budget;
	uint32_t most;    /* edges that one search may take */
	bool gave_up;     /* the last one took more, or the budget is gone: the tasks were called ordered */
};

/* The graph of a job, sorted.  Free it with order_free. */
struct order *order_new(const struct job *j);
void order_free(struct order *o);
/* Is `from` before `to`?  The graph must have no cycle. */
enum ordering order_before(struct order *o, uint32_t from, uint32_t to);
/* Either way round; a task and itself are ORDER_NONE. */
enum ordering order_between(struct order *o, uint32_t a, uint32_t b);

#endif
