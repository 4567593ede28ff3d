/* check_list.c - weft check --list: every code with its name, severity and title. */
#include "cli/check_list.h"

#include "base/buf.h"
#include "base/json.h"
#include "cli/load.h"

#include <string.h>

enum { LIST_MAX = 1 << 24 };

static void list_json(struct buf *b)
{
	struct jw w;
	jw_init(&w, b, 2);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.checks/1");
	jw_key(&w, "checks");
	jw_open(&w, '[');
	for (unsigned c = 0; c < CODE_COUNT; c++) {
		jw_open(&w, '{');
		jw_kstr(&w, "code", code_text((enum code)c));
		jw_kstr(&w, "name", code_slug((enum code)c));
		jw_kstr(&w, "severity", severity_text(code_severity((enum code)c)));
		jw_kstr(&w, "title", code_title((enum code)c));
		jw_close(&w);
	}
	jw_close(&w);
	jw_close(&w);
	buf_addc(b, '\n');
}

static void list_plain(struct buf *b)
{
	for (unsigned c = 0; c < CODE_COUNT; c++)
		buf_addf(b, "%-7s%-28s %-8s %s\n", code_text((enum code)c), code_slug((enum code)c),
			severity_text(code_severity((enum code)c)), tr(code_title((enum code)c)));
}

int check_list(bool json)
{
	struct buf b;
	buf_init(&b, LIST_MAX);
	if (json) {
		list_json(&b);
	} else {
		locale_open();
		list_plain(&b);
	}
	fwrite(b.p, 1, b.len, stdout);
	buf_free(&b);
	return EXIT_OK;
}
