/* cmd_store.c - weft store: list, read, copy and remove what lies in the directories that stand for buckets. */
#include "cli/store.h"

#include "compiler/site.h"

#include <stdlib.h>
#include <string.h>

static const struct opt store_opts[] = {
	{ 'r', "recursive", NULL, "everything below a prefix or directory", NULL, false, FILL_NONE },
	{ 'l', "long", NULL, "ls: sizes and times, too", NULL, false, FILL_NONE },
	{ 'b', "bytes", NULL, "ls, stat: sizes in bytes", NULL, false, FILL_NONE },
	{ 0, "json", NULL, "ls, stat: as JSON (schema weft.store/1)", NULL, false, FILL_NONE },
	{ 'n', "dry-run", NULL, "cp, sync, rm: only say what would be done", NULL, false, FILL_NONE },
	{ 0, "delete", NULL, "sync: remove what SRC does not have", NULL, false, FILL_NONE },
	{ 'c', "checksum", NULL, "sync: compare contents, whatever sizes and times say", NULL, false, FILL_NONE },
	{ 0, "link", NULL, "cp, sync between stores: another name for the same file instead of a copy", NULL, false, FILL_NONE },
	{ 'y', "yes", NULL, "rm -r: do not ask", NULL, false, FILL_NONE },
	{ 'v', "verbose", NULL, "cp, sync, rm: name every file", NULL, false, FILL_NONE },
	OPT_STORE,
	OPT_SITE,
	OPT_ERROR_FORMAT,
	OPT_END,
};

static const struct verb {
	const char *word, *usage;
	uint32_t least, most; /* operands */
	int (*fn)(struct store_cmd *c);
	const char *takes; /* options besides those for all: " name name " */
} verbs[] = {
	{ "ls", "[URL]...", 0, UINT32_MAX, store_ls, " recursive long bytes json " },
	{ "cat", "URL...", 1, UINT32_MAX, store_cat, " " },
	{ "cp", "SRC... DST", 2, UINT32_MAX, store_cp, " recursive dry-run link verbose " },
	{ "sync", "SRC DST", 2, 2, store_sync, " recursive dry-run delete checksum link verbose " },
	{ "rm", "URL...", 1, UINT32_MAX, store_rm, " recursive dry-run yes verbose " },
	{ "mb", "URL...", 1, UINT32_MAX, store_mb, " " },
	{ "stat", "URL...", 1, UINT32_MAX, store_stat, " bytes json " },
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static const struct verb *find_verb(const struct opts *o)
{
	struct suggest s = { .to = o->nargs ? o->args[0] : "" };
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].word, s.to) == 0)
			return &verbs[i];
		suggest_try(&s, verbs[i].word);
	}
	if (!o->nargs)
		opts_error(o, "say what to do: ls, cat, cp, sync, rm, mb or stat");
	else
		opts_error(o, suggest_best(&s) ? "store has no subcommand %s: did you mean %s?" :
			"store has no subcommand %s: it has ls, cat, cp, sync, rm, mb and stat", s.to, suggest_best(&s));
	return NULL;
}

/* Does the subcommand know all options that were given? */
static bool options_fit(const struct opts *o, const struct verb *v)
{
	static const char all[] = " store site error-format directory color help ";
	for (uint32_t i = 0; i < o->ngiven; i++) {
		const char *nm = o->given[i].opt->name, *at = strstr(v->takes, nm);
		size_t n = strlen(nm);
		bool fits = (at && at[-1] == ' ' && at[n] == ' ') || ((at = strstr(all, nm)) && at[-1] == ' ' && at[n] == ' ');
		if (!fits)
			return opts_error(o, "store %s takes no --%s", v->word, nm), false;
	}
	if (o->nargs - 1 < v->least || o->nargs - 1 > v->most)
		return opts_error(o, "write weft store %s %s", v->word, v->usage), false;
	return true;
}

static int with_stores(struct runargs *a, const struct verb *v)
{
	struct session *s = a->load.session;
	bool ok = site_load(s, "weft.site");
	runargs_site_stores(a, s->site);
	struct run_options r = { .stores = a->stores, .nstores = a->nstores };
	struct store_cmd c = { .o = a->o, .a = a->arena, .d = s->diags, .arg = a->o->args + 1, .narg = a->o->nargs - 1,
		.recursive = opts_flag(a->o, "recursive"), .dry = opts_flag(a->o, "dry-run"), .json = opts_flag(a->o, "json"),
		.yes = opts_flag(a->o, "yes"), .exact = opts_flag(a->o, "bytes"), .verbose = opts_flag(a->o, "verbose") };
	if (!ok)
		return EXIT_INVALID;
	c.stores = stores_new(a->arena, &r, ".");
	return v->fn(&c);
}

static int exec(struct opts *o)
{
	const struct verb *v = find_verb(o);
	struct runargs a = { .o = o, .arena = arena_new() };
	int rc = EXIT_USAGE;
	if (v && options_fit(o, v) && runargs_stores(&a) && load_open(&a.load, o, false)) {
		rc = with_stores(&a, v);
		fflush(stdout);
		load_report(a.load.session->diags, o, stderr); /* in the order in which it happened */
		load_close(&a.load);
		bar_die();
	}
	free(a.stores);
	arena_free(a.arena);
	return rc;
}

const struct command cmd_store = {
	.name = "store",
	.usage = "ls|cat|cp|sync|rm|mb|stat [OPTIONS] [URL | PATH]...",
	.summary = "list, read, copy and remove what lies in stores",
	.help = "  weft store ls                             the stores\n"
		"  weft store ls -l oss://bucket/dir/        what lies below a prefix; -r: all of it\n"
		"  weft store cat oss://bucket/dir/a.txt     to standard output, as it is\n"
		"  weft store cp a.txt b.txt oss://bucket/dir/\n"
		"  weft store cp -r data/ oss://bucket/data/ what lies below data/ to below the prefix\n"
		"  weft store sync --delete oss://bucket/data/ data/\n"
		"  weft store rm -r --yes oss://bucket/old/\n"
		"  weft store mb oss://new-bucket            in the directory of buckets (store \"oss://\" of the site file)\n"
		"  weft store stat oss://bucket/dir/a.txt\n"
		"\n"
		"A directory stands for each bucket: --store, else the site file's (--site, else WEFT_SITE, else weft.site here and\n"
		"~/.config/weft/site.weft).  Of cp and sync either side may be a path of this machine.\n"
		"\n"
		"A file is there whole or not at all: it is written under another name, then renamed.  What killed copies leave is\n"
		"never listed, and removed by the next one.  Bytes are shared with the source where the file system can (reflinks).\n"
		"sync takes files of equal size and time for equal, compares the contents of those of equal size only, and copies\n"
		"the others; times are copied, too.\n"
		"\n"
		"Names follow the service's rules: UTF-8, at most 255 bytes between slashes and 1,023 in all, no control characters\n"
		"and none of \\ : * ? \" < > |.  Files with other names, links that lead out of what is copied and special files are\n"
		"refused one by one, the others are copied, and the status is 1.\n"
		"\n"
		"The status is 0, or 1 when something is not there or was refused, 4 when storage or output cannot be written.\n",
	.opts = store_opts,
	.exec = exec,
};
