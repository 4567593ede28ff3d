/* parcel_say.c - what of a parcel is not delivered, and why, for a person; see parcel.h. */
#include "runtime/parcel.h"

#include "runtime/text.h"

#include <jansson.h>
#include <string.h>

enum { LISTED = 3 /* messages that are named */ };

void parcel_say(struct buf *b, const char *text, size_t n)
{
	static const char *const shown[] = { "Event", "Task", "InstanceId" };
	json_t *o = json_loadb(text, n, 0, NULL);

	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		const char *s = json_string_value(json_object_get(o, shown[i]));

		if (s && i)
			buf_addc(b, ' ');
		if (s)
			text_elide(b, s, strlen(s), 60);
	}
	json_decref(o);
}

static void list_left(struct parcel *p, bool refused, struct diags *d)
{
	struct spool_message m;
	struct buf text, b;
	uint32_t n = 0;

	buf_init(&text, SPOOL_TEXT_MAX);
	buf_init(&b, 1 << 10);
	spool_rewind(p->spool);
	while (n < LISTED && spool_next(p->spool, refused, &m)) {
		if ((m.how == 'x') != refused || !spool_text(p->spool, &m, &text))
			continue;
		buf_reset(&b);
		parcel_say(&b, text.p, text.len);
		diag_note(d, "%s", buf_str(&b));
		n++;
	}
	buf_free(&text);
	buf_free(&b);
}

const char *parcel_trouble(const struct parcel *p)
{
	const char *t = p->outbox ? outbox_trouble(p->outbox) : p->why;

	return t ? t : _("there was no time");
}

static const char *place(const struct parcel *p)
{
	return p->topic.base ? p->topic.base : p->label.endpoint;
}

/* Paths as seen from here would need the run; the workspace's name for them is as good. */
static const char *file_of(const struct parcel *p)
{
	const char *path = spool_path(p->spool), *at = strstr(path, ".weft/notify/");

	return at ? at : path;
}

void parcel_say_left(struct parcel *p, struct diags *d)
{
	uint64_t refused = spool_refused(p->spool), left = spool_left(p->spool) - refused;

	if (left) {
		diag_error(d, W1049, NOSPAN, "notifications for `%s` are not delivered (%llu): %s", place(p), (unsigned long long)left,
			parcel_trouble(p));
		list_left(p, false, d);
		diag_note(d, "they are kept in `%s`", file_of(p));
		diag_help(d, "the next run in this workspace sends them; `weft notify --flush` does at once");
	}
	if (refused) {
		diag_error(d, W1049, NOSPAN, "notifications were refused by `%s` (%llu)", place(p), (unsigned long long)refused);
		list_left(p, true, d);
		diag_note(d, "they are kept in `%s`", file_of(p));
		diag_help(d, "`weft notify --flush` sends them again, `weft notify --drop` forgets them");
	}
}
