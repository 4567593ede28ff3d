/* recall.c - see recall.h; recall_make.c writes what is read here. */
#include "runtime/recall.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/filecopy.h"
#include "runtime/recall_impl.h"

struct recall {
	unsigned char *copy;       /* of the file */
	size_t size;
	struct recall_head head;
	const recall_first *first;
	const struct recall_inst *inst;
	const uint32_t *ref, *off;
	const char *text;
	struct fstate *state;      /* [nname] */
	bool *asked;               /* [nname] */
	uint64_t *stamp;           /* [nname] what stat said; NULL: not asked, 0: no file */
};

static size_t array(size_t *at, size_t n, size_t width)
{
	size_t here = *at;

	*at = (here + n * width + 7) & ~(size_t)7;
	return here;
}

/* Where the arrays lie; false when the file is not as long as they are. */
static bool lay_out(struct recall *r)
{
	const struct recall_head *h = &r->head;
	size_t at = sizeof(*h);

	r->inst = (const void *)(r->copy + array(&at, (size_t)h->ninst + 1, sizeof(*r->inst)));
	r->first = (const void *)(r->copy + array(&at, (size_t)h->ntask + 1, sizeof(*r->first)));
	r->ref = (const void *)(r->copy + array(&at, h->nref, sizeof(*r->ref)));
	r->off = (const void *)(r->copy + array(&at, (size_t)h->nname + 1, sizeof(*r->off)));
	r->text = (const char *)(r->copy + array(&at, h->ntext, 1));
	return h->ntext < UINT32_MAX && at == r->size;
}

/* Every number stays within its array. */
static bool sound(const struct recall *r)
{
	const struct recall_head *h = &r->head;

	if (r->first[0] != 0 || r->first[h->ntask] != h->ninst || r->off[0] != 0 || r->off[h->nname] != h->ntext)
		return false;
	for (uint32_t i = 0; i < h->ntask; i++)
		if (r->first[i] > r->first[i + 1])
			return false;
	for (uint32_t i = 0; i < h->ninst; i++)
		if (r->inst[i].in > r->inst[i].out || r->inst[i].out > r->inst[i + 1].in || r->inst[i + 1].in > h->nref)
			return false;
	for (uint32_t i = 0; i < h->nref; i++)
		if (r->ref[i] >= h->nname)
			return false;
	for (uint32_t i = 0; i < h->nname; i++)
		if (r->off[i] >= r->off[i + 1] || r->off[i + 1] > h->ntext || r->text[r->off[i + 1] - 1])
			return false;
	return true;
}

static bool fits_job(const struct recall *r, const struct job *j)
{
	if (r->head.ntask != j->ntask)
		return false;
	for (uint32_t t = 0; t < j->ntask; t++) {
		uint32_t n = r->first[t + 1] - r->first[t];

		if (n && n != j->task[t].count)
			return false;
	}
	return true;
}

static bool read_copy(struct recall *r, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat sb;

	if (fd < 0)
		return false;
	if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) && (size_t)sb.st_size > sizeof(r->head))
		r->copy = file_copy(fd, (size_t)sb.st_size);
	close(fd);
	if (!r->copy)
		return false;
	r->size = (size_t)sb.st_size;
	memcpy(&r->head, r->copy, sizeof(r->head));
	return true;
}

struct recall *recall_open(const char *file, uint64_t key, const struct job *j)
{
	struct recall *r = xcalloc(1, sizeof(*r));
	const size_t skip = sizeof(r->head);

	if (read_copy(r, file) && r->head.magic == RECALL_MAGIC && r->head.key == key && lay_out(r) &&
	    digest_equal(r->head.sum, digest_of(r->copy + skip, r->size - skip, key)) && sound(r) && fits_job(r, j)) {
		return r;
	}
	recall_free(r);
	return NULL;
}

void recall_free(struct recall *r)
{
	if (!r)
		return;
	file_copy_free(r->copy, r->size);
	free(r->state);
	free(r->asked);
	free(r->stamp);
	free(r);
}

bool recall_get(const struct recall *r, uint32_t task, uint32_t inst, struct recalled *out)
{
	uint32_t i = r->first[task] + inst;

	if (i >= r->first[task + 1])
		return false;
	*out = (struct recalled){ r->inst[i].digest, r->ref + r->inst[i].in, r->ref + r->inst[i].out,
		r->inst[i].out - r->inst[i].in, r->inst[i + 1].in - r->inst[i].out };
	return true;
}

const char *recall_name(const struct recall *r, uint32_t nm)
{
	return r->text + r->off[nm];
}

const struct fstate *recall_state(struct recall *r, uint32_t nm, struct disk *d, const struct fstate *hint)
{
	struct fstate *s;

	if (!r->state) {
		r->state = xcalloc((size_t)r->head.nname + 1, sizeof(*r->state));
		r->asked = xcalloc((size_t)r->head.nname + 1, sizeof(*r->asked));
	}
	s = &r->state[nm];
	if (!r->asked[nm]) {
		const char *file = recall_name(r, nm);
		const struct fstate *now = r->stamp && r->stamp[nm] ? disk_digest_of(d, file, r->stamp[nm], hint) :
			disk_digest(d, file, hint, false);

		r->asked[nm] = true;
		if (now)
			*s = *now;
	}
	return s->known ? s : NULL;
}

void recall_stat(struct recall *r, struct disk *d)
{
	r->stamp = xmalloc(((size_t)r->head.nname + 1) * sizeof(*r->stamp));
	disk_stamps(d, r->text, r->off, r->head.nname, r->stamp);
}

uint32_t recall_count(const struct recall *r, uint32_t task)
{
	return r->first[task + 1] - r->first[task];
}

uint32_t recall_all(const struct recall *r)
{
	return r->head.ninst;
}

struct digest recall_stamps(const struct recall *r, uint64_t seed)
{
	return digest_of(r->stamp, (size_t)r->head.nname * sizeof(*r->stamp), seed);
}

bool recall_steady(const struct recall *r)
{
	for (uint32_t i = 0; i < r->head.nname; i++)
		if (!r->stamp[i] || !r->state || !r->asked[i] || !r->state[i].known || r->state[i].stamp != r->stamp[i])
			return false;
	return true;
}

bool settled_is(const char *file, struct digest d)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct digest kept;
	bool same = fd >= 0 && read(fd, &kept, sizeof(kept)) == sizeof(kept) && digest_equal(kept, d);

	if (fd >= 0)
		close(fd);
	return same;
}
