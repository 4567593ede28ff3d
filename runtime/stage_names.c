/* stage_names.c - mounted directories whose file names are in the character set of the task (`locale`).
 *
 * A directory that holds names beyond ASCII is copied once, blocks shared where the file system can, with every name converted; all
 * attempts that find it unchanged have the copy for their mount's lower layer.  Names of ASCII only: nothing is copied. */
#include "runtime/stage_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "job/charset.h"
#include "runtime/stage_fs.h"

struct named { /* immutable once it is made */
	const struct recode *as;
	char *src, *dir;  /* the store's directory; the copy, in the stager's `work` */
	struct digest state; /* of SRC when it was copied */
	uint32_t users;   /* attempts */
};

bool names_of(struct stager *s, const struct jtask *t, const struct jmap *m, struct recode **out, struct stage_error *err)
{
	const struct charset *c = map_charset(s->j, t, m);
	struct recode **r;

	if (!c)
		return true;
	if (!s->recode)
		s->recode = arena_zalloc(s->arena, ncharset, sizeof(*s->recode));
	r = &s->recode[c - charsets];
	if (!*r)
		*r = recode_new(c);
	*out = *r;
	return *r || stage_fail(s, err, R_SPAWN, "file names cannot be converted to %s: iconv of this machine does not know `%s`", c->name,
		c->iconv);
}

/* ---- what a directory is like now ---- */

static enum fs_go look_name(void *ctx, const struct fs_entry *e)
{
	bool *other = ctx;

	*other = !recode_is_ascii(e->name);
	return *other ? FS_FAIL : FS_GO; /* one is enough */
}

/* Of the entries, in no order. */
static enum fs_go add_entry(void *ctx, const struct fs_entry *e)
{
	struct digest *sum = ctx, one;
	struct digester d;
	struct stat sb;

	if (fstatat(e->dir, e->name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return FS_FAIL;
	digest_begin(&d, 0);
	digest_strs(&d, e->rel);
	digest_int(&d, sb.st_ino);
	digest_int(&d, sb.st_mode);
	if (e->type != DT_DIR) { /* what is in a directory counts for itself */
		digest_int(&d, (uint64_t)sb.st_size);
		digest_int(&d, (uint64_t)sb.st_mtim.tv_sec);
		digest_int(&d, (uint64_t)sb.st_mtim.tv_nsec);
		digest_int(&d, (uint64_t)sb.st_ctim.tv_sec);
		digest_int(&d, (uint64_t)sb.st_ctim.tv_nsec);
	}
	one = digest_end(&d);
	sum->lo += one.lo;
	sum->hi += one.hi;
	return FS_GO;
}

/* Has it names that are not the same in all sets?  *state is its own then. */
static bool look_at(const char *src, bool *other, struct digest *state)
{
	int fd = open(src, O_RDONLY | O_DIRECTORY | O_CLOEXEC), e;
	bool ok = fd >= 0 && (fs_walk(fd, "", look_name, other) || *other);

	ok = ok && (!*other || fs_walk(fd, "", add_entry, state));
	e = errno;
	if (fd >= 0)
		close(fd);
	errno = e;
	return ok;
}

/* ---- its copies ---- */

static void remove_tree(struct named *n)
{
	fs_remove(AT_FDCWD, n->dir);
	free(n->src);
	free(n->dir);
	free(n);
}

static bool of(const struct named *n, const struct mnt *t)
{
	return n->as == t->names && strcmp(n->src, t->src) == 0;
}

/* The copy of this very state; those of earlier ones go as soon as nobody has them mounted. */
static struct named *find(struct stager *s, const struct mnt *t, struct digest state)
{
	struct named *found = NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->nnamed; i++) { /* few: mounts, and states of them that attempts still have */
		struct named *x = s->named[i];

		if (of(x, t) && digest_equal(x->state, state))
			found = x;
		else if (of(x, t) && !x->users) {
			remove_tree(x);
			continue;
		}
		s->named[n++] = x;
	}
	s->nnamed = n;
	return found;
}

struct renaming {
	struct recode *r;
	struct arena *a;
	const char *src;
	char *why;
};

static const char *as_seen(void *ctx, const char *rel)
{
	struct renaming *c = ctx;
	const char *to = recode_seen(c->r, rel);

	if (!to) {
		c->why = recode_lacks(c->r, c->a, rel, c->src);
		errno = EILSEQ;
	}
	return to;
}

static struct named *make(struct stager *s, const struct mnt *t, struct digest state, struct stage_error *err)
{
	static unsigned serial;
	struct renaming c = { t->names, s->scratch, t->src, NULL };
	struct fs_copying how = { .as = as_seen, .ctx = &c };
	struct named *n = xcalloc(1, sizeof(*n));

	*n = (struct named){ t->names, xstrdup(t->src), xstrdup(arena_printf(s->scratch, "%s/.names-%u%s", s->work, serial++, s->suffix)),
		state, 0 };
	if (!fs_remove(AT_FDCWD, n->dir) || !fs_copy_as(AT_FDCWD, fs_join(s->scratch, t->src, "."), AT_FDCWD, n->dir, &how)) {
		if (errno == EILSEQ)
			stage_fail(s, err, R_SPAWN, "%s", c.why);
		else
			stage_fail(s, err, R_SPAWN, "cannot copy `%s` to have names in the task's character set: %s", t->src, strerror(errno));
		remove_tree(n);
		return NULL;
	}
	s->named = grow(s->named, &s->namedcap, s->nnamed + 1, sizeof(struct named *));
	return s->named[s->nnamed++] = n;
}

bool names_convert(struct stager *s, struct mnt *t, struct stage_error *err)
{
	struct digest state = { 0, 0 };
	bool other = false;
	struct named *n;

	if (!look_at(t->src, &other, &state))
		return stage_fail(s, err, R_SPAWN, "cannot read `%s`: %s", t->src, strerror(errno));
	if (!other)
		return true;
	n = find(s, t, state);
	if (!n)
		n = make(s, t, state, err);
	if (!n)
		return false;
	n->users++;
	t->tree = n;
	t->src = n->dir;
	return true;
}

void names_drop(struct stage_state *x)
{
	for (uint32_t i = 0; i < x->nmnt; i++)
		if (x->mnt[i].tree)
			x->mnt[i].tree->users--;
}

void names_close(struct stager *s)
{
	for (uint32_t i = 0; i < s->nnamed; i++)
		remove_tree(s->named[i]);
	free(s->named);
	for (uint32_t i = 0; s->recode && i < ncharset; i++)
		recode_free(s->recode[i]);
}
