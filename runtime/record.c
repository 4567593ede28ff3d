/* record.c - records to bytes and back; see record.h and doc/journal.md.
 *
 * Numbers are varints (LEB128; signed ones zigzag), digests, stamps and hashes fixed and little-endian, strings end
 * with a NUL.  Who comes first, so that tables can compare it without reading on. */
#include "runtime/record.h"

#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { VARINT_MAX = 10, TAG = 4, DIGEST = 16 };

/* ---- writing ---- */

static void w_uint(struct buf *b, uint64_t v)
{
	unsigned char t[VARINT_MAX];
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		t[n++] = (unsigned char)(v | 0x80);
	t[n++] = (unsigned char)v;
	buf_add(b, t, n);
}

static void w_int(struct buf *b, int64_t v)
{
	w_uint(b, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

/* The lower n bytes. */
static void w_fixed(struct buf *b, uint64_t v, size_t n)
{
	uint64_t t = htole64(v);

	buf_add(b, &t, n);
}

static void w_digest(struct buf *b, struct digest d)
{
	w_fixed(b, d.lo, 8);
	w_fixed(b, d.hi, 8);
}

static void w_str(struct buf *b, const char *s)
{
	buf_add(b, s ? s : "", (s ? strlen(s) : 0) + 1);
}

static void w_who(struct buf *b, const struct rec_who *w)
{
	w_str(b, w->task);
	w_str(b, w->key);
}

/* ---- reading: past the end everything is 0 and `bad` is set ---- */

struct in {
	const unsigned char *p, *end;
	bool bad;
};

static uint64_t r_uint(struct in *in)
{
	uint64_t v = 0;

	if (in->p < in->end && *in->p < 0x80)
		return *in->p++;
	for (int shift = 0; shift < 70 && in->p < in->end; shift += 7) {
		uint64_t c = *in->p++;

		if (shift == 63 && c > 1)
			break;
		v |= (c & 0x7f) << shift;
		if (c < 0x80)
			return v;
	}
	in->bad = true;
	in->p = in->end;
	return 0;
}

static uint32_t r_u32(struct in *in)
{
	uint64_t v = r_uint(in);

	in->bad |= v > UINT32_MAX;
	return (uint32_t)v;
}

static uint8_t r_u8(struct in *in)
{
	uint64_t v = r_uint(in);

	in->bad |= v > UINT8_MAX;
	return (uint8_t)v;
}

static int64_t r_int(struct in *in)
{
	uint64_t v = r_uint(in);

	return (int64_t)(v >> 1 ^ -(v & 1));
}

static int32_t r_i32(struct in *in)
{
	int64_t v = r_int(in);

	in->bad |= v < INT32_MIN || v > INT32_MAX;
	return (int32_t)v;
}

/* n bytes, NULL when there are fewer. */
static const unsigned char *r_bytes(struct in *in, size_t n)
{
	const unsigned char *p = in->p;

	if (in->bad || n > (size_t)(in->end - p)) {
		in->bad = true;
		return NULL;
	}
	in->p += n;
	return p;
}

static uint32_t fixed32(const unsigned char *p)
{
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static uint64_t fixed64(const unsigned char *p)
{
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static struct digest r_digest(struct in *in)
{
	const unsigned char *p = r_bytes(in, DIGEST);

	return (struct digest){ fixed64(p), fixed64(p ? p + 8 : p) };
}

static const char *r_str(struct in *in)
{
	const unsigned char *p = in->p;
	const unsigned char *nul = in->bad || p >= in->end ? NULL : memchr(p, 0, (size_t)(in->end - p));

	if (!nul) {
		in->bad = true;
		return "";
	}
	in->p = nul + 1;
	return (const char *)p;
}

static struct rec_who r_who(struct in *in)
{
	const char *task = r_str(in);

	return (struct rec_who){ task, r_str(in) };
}

/* A record of a later version may go on: what is there is read, what follows ignored. */
static bool r_done(const struct in *in)
{
	return !in->bad;
}

/* ---- one kind each ---- */

void rec_write_session(struct buf *b, const struct rec_session *r)
{
	buf_add(b, r->boot, sizeof(r->boot));
	w_int(b, r->time_ms);
	w_uint(b, r->policy);
	w_uint(b, r->pid);
	w_str(b, r->version);
}

bool rec_read_session(const unsigned char *p, size_t n, struct rec_session *r)
{
	struct in in = { p, p + n, false };
	const unsigned char *boot = r_bytes(&in, sizeof(r->boot));

	if (!boot)
		return false;
	memcpy(r->boot, boot, sizeof(r->boot));
	r->time_ms = r_int(&in);
	r->policy = r_u32(&in);
	r->pid = r_u32(&in);
	r->version = r_str(&in);
	return r_done(&in);
}

void rec_write_run(struct buf *b, const struct rec_run *r)
{
	w_uint(b, r->run);
	w_int(b, r->time_ms);
	w_uint(b, r->instances);
	w_str(b, r->job);
	w_str(b, r->source);
	w_str(b, r->engine);
	w_str(b, r->command);
}

bool rec_read_run(const unsigned char *p, size_t n, struct rec_run *r)
{
	struct in in = { p, p + n, false };

	r->run = r_u32(&in);
	r->time_ms = r_int(&in);
	r->instances = r_uint(&in);
	r->job = r_str(&in);
	r->source = r_str(&in);
	r->engine = r_str(&in);
	r->command = r_str(&in);
	return r_done(&in);
}

void rec_write_run_end(struct buf *b, const struct rec_run_end *r)
{
	const uint32_t v[] = { r->run, r->ok, r->failed, r->skipped, r->cancelled, r->retried, r->current, r->cut };

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		w_uint(b, v[i]);
	w_int(b, r->time_ms);
	w_int(b, r->wall_ms);
	w_int(b, r->exit);
}

bool rec_read_run_end(const unsigned char *p, size_t n, struct rec_run_end *r)
{
	struct in in = { p, p + n, false };
	uint32_t *const v[] = { &r->run, &r->ok, &r->failed, &r->skipped, &r->cancelled, &r->retried, &r->current, &r->cut };

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		*v[i] = r_u32(&in);
	r->time_ms = r_int(&in);
	r->wall_ms = r_int(&in);
	r->exit = r_i32(&in);
	return r_done(&in);
}

void rec_write_begin(struct buf *b, const struct rec_begin *r)
{
	w_who(b, &r->who);
	w_uint(b, r->in_place);
	w_uint(b, r->run);
	w_uint(b, r->attempt);
	w_int(b, r->instance);
	w_int(b, r->time_ms);
}

bool rec_read_begin(const unsigned char *p, size_t n, struct rec_begin *r)
{
	struct in in = { p, p + n, false };

	r->who = r_who(&in);
	r->in_place = r_u8(&in) & 1;
	r->run = r_u32(&in);
	r->attempt = r_u32(&in);
	r->instance = r_int(&in);
	r->time_ms = r_int(&in);
	return r_done(&in);
}

void rec_write_submitted(struct buf *b, const struct rec_submitted *r)
{
	w_who(b, &r->who);
	w_uint(b, r->attempt);
	w_str(b, r->id);
}

bool rec_read_submitted(const unsigned char *p, size_t n, struct rec_submitted *r)
{
	struct in in = { p, p + n, false };

	r->who = r_who(&in);
	r->attempt = r_u32(&in);
	r->id = r_str(&in);
	return r_done(&in);
}

void rec_write_done(struct buf *b, const struct rec_done *r)
{
	const int64_t v[] = { r->instance, r->time_ms, r->wall_ms, r->cpu_ms, r->max_rss };

	w_who(b, &r->who);
	w_uint(b, r->adopted);
	w_uint(b, r->run);
	w_uint(b, r->attempt);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		w_int(b, v[i]);
	w_digest(b, r->action);
	for (size_t i = 0; i < REC_PARTS; i++)
		w_fixed(b, r->part[i], TAG);
	w_digest(b, r->inputs);
	w_uint(b, r->nin);
	if (r->nin)
		buf_add(b, r->tag, (size_t)r->nin * TAG);
	w_uint(b, r->nout);
	if (r->outs_len)
		buf_add(b, r->outs, r->outs_len);
}

/* One output; what follows is ignored. */
static bool r_out(struct in *in, struct rec_out *o)
{
	uint8_t flags = r_u8(in);

	o->kind = flags >> 1;
	o->temp = flags & 1;
	o->port = r_u32(in) - 1;
	o->stamp = fixed64(r_bytes(in, 8));
	o->digest = r_digest(in);
	o->path = r_str(in);
	return !in->bad && o->kind <= OUT_GONE;
}

/* All outputs can be read; where they end, for what a later version may put behind them. */
static bool r_outs(struct in *in, struct rec_done *r)
{
	struct rec_out o;

	r->outs = in->p;
	for (uint32_t i = 0; i < r->nout; i++)
		if (!r_out(in, &o))
			return false;
	r->outs_len = (size_t)(in->p - r->outs);
	return true;
}

bool rec_read_done(const unsigned char *p, size_t n, struct rec_done *r)
{
	struct in in = { p, p + n, false };
	int64_t *const v[] = { &r->instance, &r->time_ms, &r->wall_ms, &r->cpu_ms, &r->max_rss };

	r->who = r_who(&in);
	r->adopted = r_u8(&in) & 1;
	r->stale = false;
	r->run = r_u32(&in);
	r->attempt = r_u32(&in);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		*v[i] = r_int(&in);
	r->action = r_digest(&in);
	const unsigned char *parts = r_bytes(&in, (size_t)REC_PARTS * TAG);
	for (size_t i = 0; i < REC_PARTS; i++)
		r->part[i] = fixed32(parts ? parts + i * TAG : NULL);
	r->inputs = r_digest(&in);
	r->nin = r_u32(&in);
	r->tag = r_bytes(&in, (size_t)r->nin * TAG);
	r->nout = r_u32(&in);
	return r_done(&in) && r_outs(&in, r);
}

void rec_write_end(struct buf *b, const struct rec_end *r)
{
	const int64_t v[] = { r->instance, r->time_ms, r->wall_ms, r->cpu_ms, r->max_rss, r->status };

	w_who(b, &r->who);
	w_uint(b, r->final);
	w_uint(b, r->run);
	w_uint(b, r->attempt);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		w_int(b, v[i]);
	w_uint(b, r->cause);
	w_str(b, r->text);
}

bool rec_read_end(const unsigned char *p, size_t n, struct rec_end *r)
{
	struct in in = { p, p + n, false };
	int64_t *const v[] = { &r->instance, &r->time_ms, &r->wall_ms, &r->cpu_ms, &r->max_rss };

	r->who = r_who(&in);
	r->final = r_u8(&in) & 1;
	r->run = r_u32(&in);
	r->attempt = r_u32(&in);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		*v[i] = r_int(&in);
	r->status = r_i32(&in);
	r->cause = r_u8(&in);
	r->text = r_str(&in);
	return r_done(&in);
}

void rec_write_file(struct buf *b, const struct rec_file *r)
{
	w_str(b, r->path);
	w_fixed(b, r->stamp, 8);
	w_digest(b, r->digest);
}

bool rec_read_file(const unsigned char *p, size_t n, struct rec_file *r)
{
	struct in in = { p, p + n, false };

	r->path = r_str(&in);
	r->stamp = fixed64(r_bytes(&in, 8));
	r->digest = r_digest(&in);
	return r_done(&in);
}

void rec_write_param(struct buf *b, const struct rec_param *r)
{
	w_uint(b, r->run);
	w_uint(b, r->secret);
	w_str(b, r->name);
	w_str(b, r->value);
}

bool rec_read_param(const unsigned char *p, size_t n, struct rec_param *r)
{
	struct in in = { p, p + n, false };

	r->run = r_u32(&in);
	r->secret = r_u8(&in) & 1;
	r->name = r_str(&in);
	r->value = r_str(&in);
	return r_done(&in);
}

void rec_pred_write(struct buf *b, uint32_t place, bool data)
{
	w_uint(b, (uint64_t)place << 1 | data);
}

static bool r_pred(struct in *in, uint32_t *place, bool *data)
{
	uint64_t v = r_uint(in);

	*place = (uint32_t)(v >> 1);
	*data = v & 1;
	return !in->bad && v >> 1 <= UINT32_MAX;
}

bool rec_pred_next(const struct rec_task *r, const unsigned char **at, uint32_t *place, bool *data)
{
	struct in in = { *at, r->preds + r->preds_len, false };
	bool ok = in.p < in.end && r_pred(&in, place, data);

	*at = in.p;
	return ok;
}

void rec_write_task(struct buf *b, const struct rec_task *r)
{
	const int64_t v[] = { r->instances, r->cpu, r->mem, r->limit_ms };

	w_uint(b, r->run);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		w_int(b, v[i]);
	w_str(b, r->name);
	w_str(b, r->label);
	w_uint(b, r->npred);
	if (r->preds_len)
		buf_add(b, r->preds, r->preds_len);
}

bool rec_read_task(const unsigned char *p, size_t n, struct rec_task *r)
{
	struct in in = { p, p + n, false };
	int64_t *const v[] = { &r->instances, &r->cpu, &r->mem, &r->limit_ms };
	uint32_t place;
	bool data;

	r->run = r_u32(&in);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		*v[i] = r_int(&in);
	r->name = r_str(&in);
	r->label = r_str(&in);
	r->npred = r_u32(&in);
	r->preds = in.p;
	for (uint32_t i = 0; i < r->npred; i++)
		if (!r_pred(&in, &place, &data))
			return false;
	r->preds_len = (size_t)(in.p - r->preds);
	return r_done(&in);
}

void rec_write_forget(struct buf *b, const struct rec_forget *r)
{
	w_who(b, &r->who);
}

bool rec_read_forget(const unsigned char *p, size_t n, struct rec_forget *r)
{
	struct in in = { p, p + n, false };

	r->who = r_who(&in);
	return r_done(&in);
}

void rec_write_text(struct buf *b, const struct rec_text *r)
{
	w_fixed(b, r->hash, TAG);
	if (r->n)
		buf_add(b, r->text, r->n);
	buf_addc(b, 0);
}

bool rec_read_text(const unsigned char *p, size_t n, struct rec_text *r)
{
	struct in in = { p, p + n, false };

	r->hash = fixed32(r_bytes(&in, TAG));
	if (!r_done(&in) || n <= TAG || p[n - 1])
		return false;
	r->text = (const char *)p + TAG;
	r->n = n - TAG - 1;
	return true;
}

/* ---- parts of RK_DONE ---- */

void rec_out_write(struct buf *b, const struct rec_out *o)
{
	w_uint(b, (uint64_t)o->kind << 1 | o->temp);
	w_uint(b, (uint32_t)(o->port + 1)); /* UINT32_MAX takes one byte */
	w_fixed(b, o->stamp, 8);
	w_digest(b, o->digest);
	w_str(b, o->path);
}

bool rec_out_next(const struct rec_done *r, const unsigned char **at, struct rec_out *o)
{
	struct in in = { *at, r->outs + r->outs_len, false };

	if (in.p >= in.end || !r_out(&in, o))
		return false;
	*at = in.p;
	if (r->stale)
		o->stamp = 0;
	return true;
}

void rec_tag_write(struct buf *b, struct digest d)
{
	w_fixed(b, d.lo, TAG);
}

uint32_t rec_tag(const struct rec_done *r, uint32_t i)
{
	return i < r->nin ? fixed32(r->tag + (size_t)i * TAG) : 0;
}

/* ---- boot id ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool rec_boot_id(unsigned char id[16])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char text[64];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	size_t k = 0;

	if (fd >= 0)
		close(fd);
	memset(id, 0, 16);
	for (ssize_t i = 0; i < n && k < 32; i++)
		if (hex(text[i]) >= 0) {
			id[k / 2] = (unsigned char)(id[k / 2] << 4 | hex(text[i]));
			k++;
		}
	return k == 32;
}
