/* spool.c - see spool.h. */
#include "runtime/spool.h"

#include "base/arena.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_HEAD "-0123456789abcdef " /* before the text */

enum {
	HEAD = sizeof(LINE_HEAD) - 1,
	FLUSH_AT = 64 << 10,
	CHUNK = 64 << 10,
	HEADER_MAX = 64 << 10,
	LINE_MAX = HEAD + SPOOL_TEXT_MAX,
};

struct spool {
	char *path, *header;
	int fd;
	uint64_t first;     /* where messages begin: behind the header */
	uint64_t end;       /* of what is written */
	uint64_t tail;      /* of the last whole line when it was opened */
	uint64_t read;      /* spool_next goes on here */
	uint64_t left, refused, added;
	struct buf out;     /* added, not written */
	uint64_t nout;      /* how many messages that is */
	char *chunk;        /* [CHUNK] of the file from chunk_at, for reading */
	uint64_t chunk_at;
	size_t chunk_n;
	int error;          /* of writing: nothing is taken any more */
	int read_error;     /* of reading; 0: what could not be read was not there */
};

static struct spool *make(const char *path, int fd)
{
	struct spool *s = xcalloc(1, sizeof(*s));

	s->path = xstrdup(path);
	s->fd = fd;
	s->chunk = xmalloc(CHUNK);
	buf_init(&s->out, FLUSH_AT + LINE_MAX + 1);
	return s;
}

static void discard(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_free(&s->out);
	free(s->chunk);
	free(s->path);
	free(s->header);
	free(s);
}

/* ---- reading lines ---- */

/* The byte at `at` of what is written, -1 behind it. */
static int byte_at(struct spool *s, uint64_t at)
{
	ssize_t n;

	if (at >= s->end)
		return -1;
	if (at < s->chunk_at || at >= s->chunk_at + s->chunk_n) {
		n = pread(s->fd, s->chunk, CHUNK, (off_t)at);
		if (n < 0)
			s->read_error = errno;
		s->chunk_at = at;
		s->chunk_n = n > 0 ? (size_t)n : 0;
		if (n <= 0)
			return -1;
	}
	return (unsigned char)s->chunk[at - s->chunk_at];
}

/* Where the line that begins at `at` ends (its '\n'); false when it has no end. */
static bool line_end(struct spool *s, uint64_t at, uint64_t *end)
{
	while (byte_at(s, at) >= 0) {
		const char *p = s->chunk + (at - s->chunk_at);
		size_t n = s->chunk_n - (size_t)(at - s->chunk_at);
		const char *nl = memchr(p, '\n', n);

		if (nl) {
			*end = at + (uint64_t)(nl - p);
			return *end < s->end;
		}
		at += n;
	}
	return false;
}

static int hex_digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Is the line of this length a message?  How it stands and its key. */
static bool read_head(struct spool *s, uint64_t at, uint64_t len, struct spool_message *m)
{
	int how = byte_at(s, at);

	if (len <= HEAD || len > LINE_MAX || (how != '-' && how != '+' && how != 'x') || byte_at(s, at + HEAD - 1) != ' ')
		return false;
	*m = (struct spool_message){ .at = at, .len = (uint32_t)(len - HEAD), .how = (char)how };
	for (int i = 1; i < HEAD - 1; i++) {
		int d = hex_digit(byte_at(s, at + (uint64_t)i));

		if (d < 0)
			return false;
		m->key = m->key << 4 | (uint64_t)d;
	}
	return true;
}

bool spool_next(struct spool *s, bool refused, struct spool_message *m)
{
	uint64_t end;

	while (line_end(s, s->read, &end) || (s->nout && spool_flush(s) && line_end(s, s->read, &end))) {
		uint64_t at = s->read;

		s->read = end + 1;
		if (read_head(s, at, end - at, m) && (m->how == '-' || (m->how == 'x' && refused)))
			return true;
	}
	return false;
}

void spool_rewind(struct spool *s)
{
	s->read = s->first;
}

bool spool_text(struct spool *s, const struct spool_message *m, struct buf *b)
{
	char *p = xmalloc(m->len);
	bool ok = pread(s->fd, p, m->len, (off_t)(m->at + HEAD)) == (ssize_t)m->len;

	buf_reset(b);
	ok = ok && buf_add(b, p, m->len);
	free(p);
	return ok;
}

/* ---- opening ---- */

static bool read_header(struct spool *s)
{
	uint64_t end;

	if (byte_at(s, 0) != '{' || !line_end(s, 0, &end) || end > HEADER_MAX)
		return false;
	s->header = xmalloc((size_t)end + 1);
	s->header[end] = 0;
	s->first = s->read = end + 1;
	return pread(s->fd, s->header, (size_t)end, 0) == (ssize_t)end && strlen(s->header) == end;
}

static void count(struct spool *s)
{
	struct spool_message m;

	while (spool_next(s, true, &m)) {
		s->left++;
		s->refused += m.how == 'x';
	}
	s->added = s->left;
	s->tail = s->read;
	s->read = s->first;
}

static struct spool *not_opened(struct spool *s, int error)
{
	discard(s);
	errno = error;
	return NULL;
}

struct spool *spool_open(const char *path, bool write)
{
	int fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	struct spool *s;

	if (fd < 0)
		return NULL;
	s = make(path, fd);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return not_opened(s, EINVAL);
	s->end = (uint64_t)st.st_size;
	if (!read_header(s))
		return not_opened(s, s->read_error ? s->read_error : EINVAL);
	count(s);
	if (s->read_error) /* what was not read is not to be cut off */
		return not_opened(s, s->read_error);
	if (write && s->tail < s->end && ftruncate(fd, (off_t)s->tail) == 0) {
		s->end = s->tail; /* what follows must begin a line */
		s->chunk_n = 0;
	}
	return s;
}

struct spool *spool_new(const char *path, const char *header)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), error;
	size_t n = strlen(header);
	struct spool *s;

	if (fd < 0)
		return NULL;
	s = make(path, fd);
	s->header = xstrdup(header);
	s->first = s->read = s->end = n + 1;
	if (write_all(fd, header, n) && write_all(fd, "\n", 1))
		return s;
	error = errno;
	unlink(path);
	return not_opened(s, error);
}

const char *spool_header(const struct spool *s)
{
	return s->header;
}

const char *spool_path(const struct spool *s)
{
	return s->path;
}

/* ---- adding ---- */

bool spool_add(struct spool *s, uint64_t key, const char *text, size_t n)
{
	if (s->error || n > SPOOL_TEXT_MAX || !n || memchr(text, '\n', n))
		return false;
	buf_addf(&s->out, "-%016llx ", (unsigned long long)key);
	buf_add(&s->out, text, n);
	buf_addc(&s->out, '\n');
	s->nout++;
	s->added++;
	return s->out.len < FLUSH_AT || spool_flush(s);
}

/* What was written of a line that did not get whole is taken back. */
static bool write_failed(struct spool *s)
{
	s->error = errno;
	if (ftruncate(s->fd, (off_t)s->end) < 0)
		s->error = errno;
	s->nout = 0;
	buf_reset(&s->out);
	errno = s->error;
	return false;
}

bool spool_flush(struct spool *s)
{
	errno = s->error;
	if (s->error || !s->out.len)
		return !s->error;
	if (lseek(s->fd, (off_t)s->end, SEEK_SET) < 0 || !write_all(s->fd, s->out.p, s->out.len))
		return write_failed(s);
	s->end += s->out.len;
	s->left += s->nout;
	s->nout = 0;
	buf_reset(&s->out);
	return true;
}

/* ---- marking ---- */

/* Everything is delivered: the file begins anew. */
static void empty(struct spool *s)
{
	if (s->left || s->end == s->first || ftruncate(s->fd, (off_t)s->first) < 0)
		return;
	s->end = s->read = s->first;
	s->chunk_n = 0;
}

bool spool_mark(struct spool *s, struct spool_message *m, char how)
{
	if (pwrite(s->fd, &how, 1, (off_t)m->at) != 1)
		return false;
	if (m->at >= s->chunk_at && m->at < s->chunk_at + s->chunk_n)
		s->chunk[m->at - s->chunk_at] = how;
	s->left -= how == '+';
	s->refused += (uint64_t)(how == 'x') - (uint64_t)(m->how == 'x');
	m->how = how;
	empty(s);
	return true;
}

uint64_t spool_added(const struct spool *s)
{
	return s->added;
}

uint64_t spool_left(const struct spool *s)
{
	return s->left + s->nout;
}

uint64_t spool_refused(const struct spool *s)
{
	return s->refused;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	spool_flush(s);
	if (!s->left && (fcntl(s->fd, F_GETFL) & O_ACCMODE) == O_RDWR)
		unlink(s->path);
	else if (s->left)
		fdatasync(s->fd);
	discard(s);
}
