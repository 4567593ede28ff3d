/* sched.c - Kahn's algorithm over tasks and instances with worklists instead of recursion; see sched.h. */
#include "runtime/sched.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SAME_MAX 250 /* EDGE_SAME predecessors that fit a byte; more are waited for as whole tasks */

struct pair {
	uint32_t task, inst;
};
struct tried { /* open addressing; attempt 0 = free */
	uint32_t task, inst, attempt;
};
struct smany {
	uint32_t n[I_COUNT];
	uint8_t *state;  /* [count] once open */
	uint8_t *wait;   /* [count] unfinished EDGE_SAME predecessors; NULL without such edges */
	uint8_t *sel;    /* [count] wanted; NULL: all */
	uint32_t next;   /* instances from here on were made ready together and not handed out yet */
	uint32_t limit;  /* ... up to here */
	uint32_t *fifo;  /* ring of instances made ready one by one (EDGE_SAME, retries) */
	uint32_t head, nfifo, fifocap;
};
struct sched {
	const struct job *job;
	count_fn *count;
	void *ctx;
	struct arena *arena;
	struct stask *task;
	uint32_t *in0;   /* [ntask + 1] first edge into a task: edges are sorted by `to` */
	uint32_t *out0;  /* [ntask + 1] first place in `out` */
	uint32_t *out;   /* edge numbers by `from` */
	uint8_t *kind;   /* [nedge] enum edge_kind as used here */
	uint32_t *order; /* tasks, predecessors first */
	uint64_t *heap;  /* tasks with something ready, as place() orders them */
	uint32_t nheap;
	uint32_t *held;  /* tasks that were passed over */
	uint32_t nheld, heldcap;
	uint32_t *done;  /* worklist and history: tasks in the order they finished */
	uint32_t ndone, settled, told;
	uint32_t *opened; /* tasks in the order they were opened */
	uint32_t nopened, told_opened;
	struct pair *skip; /* worklist: instances to be skipped */
	uint32_t nskip, skipcap;
	struct tried *tried;
	uint32_t ntried, triedcap; /* a power of two */
	uint64_t sum[I_COUNT], total;
	uint32_t unknown;          /* wanted tasks whose count is not known */
	bool selecting, settling;
	bool later;                /* what becomes ready is not given out yet */
};

/* The legal moves: bit `to` of legal[from]. */
#define M(x) (1u << (x))
static const uint16_t legal[I_COUNT] = {
	[I_WAIT] = M(I_READY) | M(I_SKIP),
	[I_READY] = M(I_RUN) | M(I_KEPT) | M(I_CANCEL),
	[I_RUN] = M(I_OK) | M(I_FAIL) | M(I_READY) | M(I_CANCEL),
};
#define GOOD (M(I_OK) | M(I_KEPT))
#define FINAL (GOOD | M(I_FAIL) | M(I_SKIP)) /* I_CANCEL: ended, but the task has not */

/* ---- building ---- */

static void index_edges(struct sched *s)
{
	const struct job *j = s->job;

	s->in0 = arena_zalloc(s->arena, (size_t)j->ntask + 2, sizeof(*s->in0));
	s->out0 = arena_zalloc(s->arena, (size_t)j->ntask + 2, sizeof(*s->out0));
	s->out = arena_zalloc(s->arena, (size_t)j->nedge + 1, sizeof(*s->out));
	for (uint32_t e = 0; e < j->nedge; e++) {
		s->in0[j->edge[e].to + 1]++;
		s->out0[j->edge[e].from + 2]++;
	}
	for (uint32_t t = 0; t < j->ntask; t++) {
		s->in0[t + 1] += s->in0[t];
		s->out0[t + 2] += s->out0[t + 1];
	}
	for (uint32_t e = 0; e < j->nedge; e++)
		s->out[s->out0[j->edge[e].from + 1]++] = e;
}

static bool same_edge(const struct job *j, const struct jedge *e)
{
	const struct jtask *a = &j->task[e->from], *b = &j->task[e->to];

	return e->kind == EDGE_SAME && a->count == b->count && a->count != 1 && a->count != 0;
}

static void count_edges(struct sched *s)
{
	const struct job *j = s->job;

	s->kind = arena_zalloc(s->arena, (size_t)j->nedge + 1, 1);
	for (uint32_t e = 0; e < j->nedge; e++) {
		struct stask *t = &s->task[j->edge[e].to];

		s->kind[e] = same_edge(j, &j->edge[e]) && t->same < SAME_MAX ? EDGE_SAME : EDGE_ALL;
		if (s->kind[e] == EDGE_SAME)
			t->same++;
		t->need++; /* also EDGE_SAME while sorting; sched_start takes those off */
	}
}

/* Topological order of the tasks, used to hand wishes from successors to predecessors. */
static void sort_tasks(struct sched *s)
{
	const struct job *j = s->job;
	uint32_t *need = xcalloc((size_t)j->ntask + 1, sizeof(*need));
	uint32_t n = 0;

	s->order = arena_zalloc(s->arena, (size_t)j->ntask + 1, sizeof(*s->order));
	for (uint32_t t = 0; t < j->ntask; t++) {
		need[t] = s->task[t].need;
		if (!need[t])
			s->order[n++] = t;
	}
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = s->out0[s->order[i]]; k < s->out0[s->order[i] + 1]; k++) {
			uint32_t to = j->edge[s->out[k]].to;

			if (--need[to] == 0)
				s->order[n++] = to;
		}
	}
	assert(n == j->ntask);
	free(need);
}

struct sched *sched_new(const struct job *j, count_fn *count, void *ctx)
{
	struct sched *s = xcalloc(1, sizeof(*s));

	s->job = j;
	s->count = count;
	s->ctx = ctx;
	s->arena = arena_new();
	s->task = arena_zalloc(s->arena, (size_t)j->ntask + 1, sizeof(*s->task));
	s->heap = arena_zalloc(s->arena, (size_t)j->ntask + 1, sizeof(*s->heap));
	s->done = arena_zalloc(s->arena, (size_t)j->ntask + 1, sizeof(*s->done));
	s->opened = arena_zalloc(s->arena, (size_t)j->ntask + 1, sizeof(*s->opened));
	for (uint32_t t = 0; t < j->ntask; t++) {
		const struct jtask *jt = &j->task[t];

		s->task[t].phase = jt->skipped ? TP_OFF : TP_CLOSED;
		s->task[t].count = jt->count < 0 ? UINT32_MAX : (uint32_t)jt->count;
		s->task[t].priority = (int32_t)task_int(jt, SET_TASK_PRIORITY);
	}
	index_edges(s);
	count_edges(s);
	sort_tasks(s);
	return s;
}

void sched_free(struct sched *s)
{
	if (!s)
		return;
	for (uint32_t t = 0; t < s->job->ntask; t++)
		if (s->task[t].many)
			free(s->task[t].many->fifo);
	free(s->held);
	free(s->skip);
	free(s->tried);
	arena_free(s->arena);
	free(s);
}

static struct smany *many(struct sched *s, struct stask *t)
{
	if (!t->many)
		t->many = arena_zalloc(s->arena, 1, sizeof(*t->many));
	return t->many;
}

/* ---- targets ---- */

static void want_none(struct sched *s)
{
	if (s->selecting)
		return;
	s->selecting = true;
	for (uint32_t t = 0; t < s->job->ntask; t++)
		s->task[t].phase = TP_OFF;
}

void sched_want_task(struct sched *s, uint32_t task)
{
	want_none(s);
	if (s->job->task[task].skipped)
		return;
	s->task[task].phase = TP_CLOSED;
	s->task[task].sparse = false;
}

void sched_want(struct sched *s, uint32_t task, uint32_t lo, uint32_t hi)
{
	struct stask *t = &s->task[task];
	struct smany *m;

	want_none(s);
	if (s->job->task[task].skipped || (t->phase == TP_CLOSED && !t->sparse))
		return;
	m = many(s, t);
	if (!m->sel)
		m->sel = arena_zalloc(s->arena, t->count, 1);
	t->phase = TP_CLOSED;
	t->sparse = true;
	for (uint32_t i = lo; i <= hi && i < t->count; i++)
		m->sel[i] = 1;
}

/* Whoever is wanted wants what it waits for. */
static void want_needs(struct sched *s, uint32_t task)
{
	const struct stask *t = &s->task[task];

	for (uint32_t e = s->in0[task]; e < s->in0[task + 1]; e++) {
		uint32_t from = s->job->edge[e].from;

		if (!t->sparse || !same_edge(s->job, &s->job->edge[e])) {
			sched_want_task(s, from);
			continue;
		}
		for (uint32_t i = 0; i < t->count; i++)
			if (stask_wants(t, i))
				sched_want(s, from, i, i);
	}
}

static uint32_t wanted(const struct stask *t)
{
	uint32_t n = 0;

	if (!t->sparse)
		return t->count;
	for (uint32_t i = 0; i < t->count; i++)
		n += stask_wants(t, i);
	return n;
}

/* ---- the queue of ready instances ---- */

static uint64_t place(const struct sched *s, uint32_t task)
{
	return (uint64_t)((int64_t)INT32_MAX - s->task[task].priority) << 32 | task;
}

static void heap_add(struct sched *s, uint32_t task)
{
	uint32_t i = s->nheap++;
	uint64_t at = place(s, task);

	s->task[task].inheap = true;
	for (; i && at < s->heap[(i - 1) / 2]; i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = at;
}

static void heap_drop(struct sched *s)
{
	uint64_t last = s->heap[--s->nheap];
	uint32_t i = 0;

	s->task[(uint32_t)s->heap[0]].inheap = false;
	for (;;) {
		uint32_t c = 2 * i + 1;

		if (c + 1 < s->nheap && s->heap[c + 1] < s->heap[c])
			c++;
		if (c >= s->nheap || s->heap[c] >= last)
			break;
		s->heap[i] = s->heap[c];
		i = c;
	}
	if (s->nheap)
		s->heap[i] = last;
}

static void fifo_grow(struct smany *m)
{
	uint32_t cap = m->fifocap ? m->fifocap * 2 : 4;
	uint32_t *p = xmalloc(cap * sizeof(*p));

	for (uint32_t i = 0; i < m->nfifo; i++)
		p[i] = m->fifo[(m->head + i) % m->fifocap];
	free(m->fifo);
	m->fifo = p;
	m->fifocap = cap;
	m->head = 0;
}

/* Behind all others, or before them. */
static void queue(struct sched *s, uint32_t task, uint32_t inst, bool first)
{
	struct stask *t = &s->task[task];
	struct smany *m = t->many;

	if (t->count == 1) {
		t->ready = true;
	} else {
		if (m->nfifo == m->fifocap)
			fifo_grow(m);
		if (first)
			m->head = (m->head + m->fifocap - 1) % m->fifocap;
		m->fifo[first ? m->head : (m->head + m->nfifo) % m->fifocap] = inst;
		m->nfifo++;
	}
	if (!t->inheap)
		heap_add(s, task);
}

static bool take_one(struct stask *t, uint32_t *inst)
{
	bool ready = t->ready;

	t->ready = false;
	*inst = 0;
	return ready && t->one == I_READY;
}

static bool take(struct stask *t, uint32_t *inst)
{
	struct smany *m = t->many;

	if (t->count == 1)
		return take_one(t, inst);
	if (m->nfifo) {
		*inst = m->fifo[m->head];
		m->head = (m->head + 1) % m->fifocap;
		m->nfifo--;
		return true;
	}
	while (m->next < m->limit && m->state[m->next] != I_READY)
		m->next++;
	if (m->next >= m->limit)
		return false;
	*inst = m->next++;
	return true;
}

bool sched_pop(struct sched *s, uint32_t *task, uint32_t *inst)
{
	while (s->nheap) {
		*task = (uint32_t)s->heap[0];
		if (take(&s->task[*task], inst))
			return true;
		heap_drop(s);
	}
	return false;
}

void sched_unpop(struct sched *s, uint32_t task, uint32_t inst)
{
	queue(s, task, inst, true);
}

void sched_hold(struct sched *s, uint32_t task, uint32_t inst)
{
	assert(s->nheap && (uint32_t)s->heap[0] == task);
	sched_unpop(s, task, inst);
	heap_drop(s);
	s->task[task].inheap = true; /* keeps it out */
	s->held = grow(s->held, &s->heldcap, s->nheld + 1, sizeof(*s->held));
	s->held[s->nheld++] = task;
}

void sched_resume(struct sched *s)
{
	while (s->nheld)
		heap_add(s, s->held[--s->nheld]);
}

/* ---- attempts ---- */

static struct tried *tried_slot(const struct sched *s, uint32_t task, uint32_t inst)
{
	uint64_t h = ((uint64_t)task << 32 | inst) * 0x9E3779B97F4A7C15u;
	uint32_t i = (uint32_t)(h >> 32) & (s->triedcap - 1);

	while (s->tried[i].attempt && (s->tried[i].task != task || s->tried[i].inst != inst))
		i = (i + 1) & (s->triedcap - 1);
	return &s->tried[i];
}

static void tried_grow(struct sched *s)
{
	struct tried *old = s->tried;
	uint32_t n = s->triedcap;

	s->triedcap = n ? n * 2 : 64;
	s->tried = xcalloc(s->triedcap, sizeof(*s->tried));
	for (uint32_t i = 0; i < n; i++)
		if (old[i].attempt)
			*tried_slot(s, old[i].task, old[i].inst) = old[i];
	free(old);
}

int sched_attempt(const struct sched *s, uint32_t task, uint32_t inst)
{
	return s->triedcap ? (int)tried_slot(s, task, inst)->attempt + 1 : 1;
}

static void tried_add(struct sched *s, uint32_t task, uint32_t inst)
{
	struct tried *t;

	if (s->ntried * 2 >= s->triedcap)
		tried_grow(s);
	t = tried_slot(s, task, inst);
	s->ntried += !t->attempt;
	t->task = task;
	t->inst = inst;
	t->attempt++;
}

/* ---- moving ---- */

static uint8_t *state_of(struct stask *t, uint32_t inst)
{
	return t->count == 1 ? &t->one : &t->many->state[inst];
}

static void finish(struct sched *s, uint32_t task)
{
	struct stask *t = &s->task[task];

	t->phase = TP_DONE;
	t->failed = t->dead || stask_n(t, I_FAIL) || stask_n(t, I_SKIP);
	s->done[s->ndone++] = task;
}

static void set_state(struct sched *s, uint32_t task, uint32_t inst, enum inst_state to)
{
	struct stask *t = &s->task[task];
	enum inst_state from = *state_of(t, inst);

	assert(legal[from] & M(to));
	*state_of(t, inst) = (uint8_t)to;
	if (t->count > 1) {
		t->many->n[from]--;
		t->many->n[to]++;
	}
	s->sum[from]--;
	s->sum[to]++;
	if (to == I_READY) {
		if (from == I_RUN)
			tried_add(s, task, inst);
		if (!s->later)
			queue(s, task, inst, false);
	} else if ((M(to) & FINAL) && --t->left == 0) {
		finish(s, task);
	}
}

/* Does this end of `from` keep the successor on this edge from running? */
static bool blocks(const struct sched *s, uint32_t e, bool failed)
{
	const struct jedge *je = &s->job->edge[e];

	return failed && (je->data || !task_int(&s->job->task[je->from], SET_TOLERATE));
}

static void skip_later(struct sched *s, uint32_t task, uint32_t inst)
{
	s->skip = grow(s->skip, &s->skipcap, s->nskip + 1, sizeof(*s->skip));
	s->skip[s->nskip++] = (struct pair){ task, inst };
}

/* Instance `inst` of the edge's origin is final: tell the same instance behind the edge. */
static void release_same(struct sched *s, uint32_t e, uint32_t inst, bool failed)
{
	uint32_t to = s->job->edge[e].to;
	struct stask *q = &s->task[to];

	if (q->phase != TP_OPEN || *state_of(q, inst) != I_WAIT)
		return;
	if (blocks(s, e, failed)) {
		q->cause = s->job->edge[e].from;
		skip_later(s, to, inst);
	} else if (--q->many->wait[inst] == 0) {
		set_state(s, to, inst, I_READY);
	}
}

static void release_instance(struct sched *s, uint32_t task, uint32_t inst, bool failed)
{
	for (uint32_t k = s->out0[task]; k < s->out0[task + 1]; k++)
		if (s->kind[s->out[k]] == EDGE_SAME)
			release_same(s, s->out[k], inst, failed);
}

/* A task that will never open. */
static void bury(struct sched *s, uint32_t task, uint32_t cause)
{
	struct stask *t = &s->task[task];
	uint32_t n = t->count == UINT32_MAX ? 0 : wanted(t);

	if (t->phase != TP_CLOSED)
		return;
	s->unknown -= t->count == UINT32_MAX;
	t->dead = true;
	t->cause = cause;
	t->left = 0;
	s->sum[I_SKIP] += n;
	finish(s, task);
}

/* How instance i of the edge's origin stands: I_WAIT, I_OK or I_FAIL (for all that blocks). */
static enum inst_state origin(const struct sched *s, uint32_t e, uint32_t i)
{
	const struct stask *p = &s->task[s->job->edge[e].from];
	uint8_t st;

	if (p->phase == TP_OFF)
		return I_OK;
	if (!stask_opened(p) || i >= p->count)
		return p->phase != TP_DONE ? I_WAIT : blocks(s, e, p->dead) ? I_FAIL : I_OK;
	st = (uint8_t)stask_state(p, i);
	if (!(M(st) & FINAL))
		return st == I_OFF ? I_OK : I_WAIT;
	return blocks(s, e, !(M(st) & GOOD)) ? I_FAIL : I_OK;
}

/* One instance of a task with EDGE_SAME predecessors, as the task opens. */
static void open_instance(struct sched *s, uint32_t task, uint32_t i)
{
	struct stask *t = &s->task[task];
	uint8_t wait = 0;

	for (uint32_t e = s->in0[task]; e < s->in0[task + 1]; e++) {
		enum inst_state st = s->kind[e] == EDGE_SAME ? origin(s, e, i) : I_OK;

		wait = (uint8_t)(wait + (st == I_WAIT));
		if (st == I_FAIL) {
			t->cause = s->job->edge[e].from;
			skip_later(s, task, i);
			return;
		}
	}
	t->many->wait[i] = wait;
	if (!wait)
		set_state(s, task, i, I_READY);
}

static void fill(struct sched *s, struct stask *t, enum inst_state st)
{
	uint8_t *v = &t->one;

	if (t->count > 1)
		v = many(s, t)->state = arena_alloc(s->arena, t->count);
	if (t->count)
		memset(v, (int)st, t->count);
	for (uint32_t i = 0; t->sparse && i < t->count; i++)
		if (!stask_wants(t, i))
			v[i] = I_OFF;
	t->left = wanted(t);
	if (t->count > 1)
		t->many->n[st] = t->left;
	s->sum[st] += t->left;
}

static bool learn_count(struct sched *s, uint32_t task)
{
	struct stask *t = &s->task[task];
	int64_t n;

	if (t->count != UINT32_MAX)
		return true;
	n = s->count ? s->count(s->ctx, task) : -1;
	if (n < 0 || n >= UINT32_MAX)
		return false;
	t->count = (uint32_t)n;
	s->unknown--;
	s->total += t->count;
	return true;
}

static void open_task(struct sched *s, uint32_t task)
{
	struct stask *t = &s->task[task];

	if (!learn_count(s, task)) {
		bury(s, task, task);
		return;
	}
	t->phase = TP_OPEN;
	s->opened[s->nopened++] = task;
	fill(s, t, t->same ? I_WAIT : I_READY);
	if (!t->left) {
		finish(s, task);
	} else if (t->same) {
		many(s, t)->wait = arena_zalloc(s->arena, t->count, 1);
		for (uint32_t i = 0; i < t->count; i++)
			if (*state_of(t, i) == I_WAIT)
				open_instance(s, task, i);
	} else {
		if (t->count > 1)
			t->many->limit = t->count;
		t->ready = true;
		heap_add(s, task);
	}
}

/* A task finished: tell the tasks behind it. */
static void release_task(struct sched *s, uint32_t task)
{
	const struct stask *t = &s->task[task];

	for (uint32_t k = s->out0[task]; k < s->out0[task + 1]; k++) {
		uint32_t e = s->out[k], to = s->job->edge[e].to;
		struct stask *q = &s->task[to];

		if (s->kind[e] == EDGE_SAME) {
			for (uint32_t i = 0; t->dead && q->phase == TP_OPEN && i < q->count; i++)
				release_same(s, e, i, t->failed);
			continue;
		}
		q->need--;
		if (blocks(s, e, t->failed))
			bury(s, to, task);
		else if (!q->need && q->phase == TP_CLOSED)
			open_task(s, to);
	}
}

static void settle(struct sched *s)
{
	if (s->settling)
		return;
	s->settling = true;
	while (s->nskip || s->settled < s->ndone) {
		struct pair p;

		if (!s->nskip) {
			release_task(s, s->done[s->settled++]);
			continue;
		}
		p = s->skip[--s->nskip];
		if (*state_of(&s->task[p.task], p.inst) == I_WAIT) {
			set_state(s, p.task, p.inst, I_SKIP);
			release_instance(s, p.task, p.inst, true);
		}
	}
	s->settling = false;
}

void task_move(struct sched *s, uint32_t task, uint32_t inst, enum inst_state to)
{
	set_state(s, task, inst, to);
	if (M(to) & FINAL)
		release_instance(s, task, inst, !(M(to) & GOOD));
	settle(s);
}

void sched_later(struct sched *s, uint32_t task, uint32_t inst)
{
	s->later = true;
	set_state(s, task, inst, I_READY);
	s->later = false;
}

void sched_again(struct sched *s, uint32_t task, uint32_t inst)
{
	queue(s, task, inst, false);
}

void sched_start(struct sched *s)
{
	const struct job *j = s->job;

	for (uint32_t i = j->ntask; s->selecting && i-- > 0;)
		if (s->task[s->order[i]].phase == TP_CLOSED)
			want_needs(s, s->order[i]);
	for (uint32_t e = 0; e < j->nedge; e++)
		if (s->kind[e] == EDGE_SAME || s->task[j->edge[e].from].phase == TP_OFF)
			s->task[j->edge[e].to].need--;
	for (uint32_t t = 0; t < j->ntask; t++) {
		if (s->task[t].phase == TP_OFF)
			continue;
		s->unknown += s->task[t].count == UINT32_MAX;
		s->total += s->task[t].count == UINT32_MAX ? 0 : wanted(&s->task[t]);
	}
	for (uint32_t t = 0; t < j->ntask; t++)
		if (s->task[t].phase == TP_CLOSED && !s->task[t].need)
			open_task(s, t);
	settle(s);
}

/* ---- looking ---- */

void sched_blame(const struct sched *s, uint32_t *root)
{
	const struct job *j = s->job;

	for (uint32_t i = 0; i < j->ntask; i++) {
		uint32_t t = s->order[i];

		root[t] = stask_n(&s->task[t], I_FAIL) ? t : UINT32_MAX;
		if (root[t] == t || s->task[t].phase == TP_OFF || (s->task[t].phase == TP_DONE && !s->task[t].failed))
			continue;
		for (uint32_t e = s->in0[t]; e < s->in0[t + 1] && root[t] == UINT32_MAX; e++)
			if (blocks(s, e, root[j->edge[e].from] != UINT32_MAX))
				root[t] = root[j->edge[e].from];
	}
}

bool sched_opened(struct sched *s, uint32_t *task)
{
	if (s->told_opened == s->nopened)
		return false;
	*task = s->opened[s->told_opened++];
	return true;
}

bool sched_news(struct sched *s, uint32_t *task)
{
	if (s->told == s->ndone)
		return false;
	*task = s->done[s->told++];
	return true;
}

const struct stask *sched_task(const struct sched *s, uint32_t task)
{
	return &s->task[task];
}

bool stask_opened(const struct stask *t)
{
	return t->phase >= TP_OPEN && !t->dead;
}

uint32_t stask_n(const struct stask *t, enum inst_state st)
{
	if (t->dead)
		return st == I_SKIP && t->count != UINT32_MAX ? wanted(t) : 0;
	if (t->count == 1)
		return stask_opened(t) && t->one == st;
	return t->many ? t->many->n[st] : 0;
}

enum inst_state stask_state(const struct stask *t, uint32_t inst)
{
	return t->count == 1 ? t->one : t->many->state[inst];
}

bool stask_wants(const struct stask *t, uint32_t inst)
{
	return !t->sparse || t->many->sel[inst];
}

uint64_t sched_sum(const struct sched *s, enum inst_state st)
{
	return s->sum[st];
}

uint64_t sched_total(const struct sched *s, bool *unknown)
{
	*unknown = s->unknown > 0;
	return s->total;
}

uint64_t sched_bytes(const struct sched *s)
{
	uint64_t n = sizeof(*s) + arena_held(s->arena) + s->skipcap * sizeof(*s->skip) + s->triedcap * sizeof(*s->tried);

	for (uint32_t t = 0; t < s->job->ntask; t++)
		n += s->task[t].many ? s->task[t].many->fifocap * sizeof(*s->task[t].many->fifo) : 0;
	return n;
}
