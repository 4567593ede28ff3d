/* doctor_job.c - weft doctor --job: a job that looks at the machine it runs on, with this same program. */
#include "base/buf.h"
#include "base/json.h"
#include "cli/doctor.h"
#include "job/job.h"
#include "runtime/loop.h"
#include "runtime/remote.h"
#include "runtime/stage_fs.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MS = 20000, START_MS = 60000, LOOK_MS = 200, SEEN_MAX = 1 << 20, NAME_MAX_BYTES = 64,
	SCRIPT_BYTES = 1 << 16 /* of directories that are asked for */ };

/* The directories of stores that this machine sees: does that one? */
static void add_stores(struct doctor *d, struct buf *b)
{
	uint32_t n;
	const struct site_block *s = site_all(d->slurm.site, SITE_STORE, &n);

	for (uint32_t i = 0; i < n && b->len < SCRIPT_BYTES; i++) {
		const char *dir = site_str(&s[i], SK_STORE_dir, NULL);

		if (!dir || access(dir, F_OK) != 0)
			continue;
		buf_adds(b, "[ -d ");
		word_quote(b, dir, strlen(dir));
		buf_addf(b, " ] || echo %u >> unseen\n", i);
	}
}

/* Words of the script: the directory is quoted, so that nothing in its name counts. */
static const char *script_of(struct doctor *d)
{
	struct buf b;
	const char *s;

	buf_init(&b, SCRIPT_BYTES * 2);
	buf_adds(&b, "#!/bin/sh\ncd ");
	word_quote(&b, d->scratch, strlen(d->scratch));
	buf_adds(&b, " || exit 1\nuname -n > host\n: > unseen\n");
	add_stores(d, &b);
	buf_adds(&b, "mkdir node && ./weft -C node doctor --json > .seen 2> said\nmv .seen seen\n");
	s = arena_strdup(d->a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void put(struct doctor *d, struct jw *w, const char *key, const char *value)
{
	const char *want;

	if (value && slurm_has(d->slurm.api, key))
		slurm_put(d->slurm.api, w, key, value, &want);
}

static void body(struct doctor *d, struct buf *b)
{
	const struct site_block *e = site_find(d->slurm.site, SITE_ENGINE, "slurm");
	const char *script = script_of(d);
	struct jw w;

	slurm_body_open(d->slurm.api, &w, b, script);
	put(d, &w, "name", "weft-doctor");
	put(d, &w, "current_working_directory", d->scratch);
	put(d, &w, "standard_output", "/dev/null");
	put(d, &w, "standard_error", "/dev/null");
	put(d, &w, "environment", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	put(d, &w, "tasks", "1");
	put(d, &w, "time_limit", "2");
	put(d, &w, "partition", site_str(e, SK_ENGINE_partition, NULL));
	put(d, &w, "account", site_str(e, SK_ENGINE_account, NULL));
	put(d, &w, "qos", site_str(e, SK_ENGINE_qos, NULL));
	slurm_body_close(d->slurm.api, &w, script);
}

struct sent {
	struct doctor *d;
	int64_t id;
	const char *why;
};

static void on_submitted(void *ctx, const struct slurm_answer *a)
{
	struct sent *s = ctx;

	s->id = a->end == SE_OK ? a->id : 0;
	s->why = arena_strdup(s->d->a, *a->text ? a->text : "it gives no answer");
}

static void ignore(void *ctx, const struct slurm_answer *a)
{
	(void)ctx, (void)a;
}

/* There in time? */
static bool appears(const char *file)
{
	for (int64_t end = clock_ms() + START_MS; clock_ms() < end; poll(NULL, 0, LOOK_MS))
		if (access(file, F_OK) == 0)
			return true;
	return false;
}

static const char *small_file(struct doctor *d, const char *file)
{
	size_t n;
	char *p = remote_read(d->a, d->scratch, file, SEEN_MAX, &n);

	return p ? p : "";
}

struct node { /* what a machine has said of itself */
	const char *host, *all; /* "namespaces ok, bubblewrap missing" */
	bool mounts, containers;
};

/* Understand what its doctor has found; false: it has found nothing. */
static bool read_seen(struct doctor *d, struct node *n)
{
	static const char *const of[] = { "namespaces", "overlayfs", "cgroup memory", "cgroup cpu", "containers", "bubblewrap" };
	json_t *o = json_loads(small_file(d, "seen"), 0, NULL), *p;
	bool good = json_is_array(json_object_get(o, "probes"));
	size_t i;

	json_array_foreach(json_object_get(o, "probes"), i, p) {
		const char *nm = json_string_value(json_object_get(p, "name")), *state = json_string_value(json_object_get(p, "state"));

		for (size_t k = 0; nm && state && k < sizeof of / sizeof *of; k++)
			if (!strcmp(nm, of[k]))
				n->all = arena_printf(d->a, "%s, %s %.8s", n->all, of[k], state);
		n->mounts = n->mounts || (nm && state && !strcmp(nm, "namespaces") && !strcmp(state, "ok"));
		n->containers = n->containers || (nm && state && !strcmp(nm, "containers") && !strcmp(state, "ok"));
	}
	json_decref(o);
	return good;
}

/* The first store whose directory it does not see, NULL: it sees them all. */
static const struct site_block *unseen(struct doctor *d)
{
	const char *text = small_file(d, "unseen");
	unsigned long i = strtoul(text, NULL, 10);
	uint32_t n;
	const struct site_block *s = site_all(d->slurm.site, SITE_STORE, &n);

	return *text && i < n ? &s[i] : NULL;
}

static bool promised(const struct doctor *d, enum site_key key)
{
	return site_int(site_find(d->slurm.site, SITE_ENGINE, "slurm"), key, 0);
}

/* What the site file says of the machines, beside what this one has. */
static struct finding compare(struct doctor *d, const struct node *n)
{
	const char *what = arena_printf(d->a, "%s sees the workspace and runs weft%s", n->host, n->all);
	static const char else_refused[] = "no such word: then they are refused before anything runs (E1040)";
	const struct site_block *store = unseen(d);

	if (store)
		return finding_of(HEALTH_MISSING, arena_printf(d->a, "%s; but not `%s` of store `%s`", what,
			site_str(store, SK_STORE_dir, ""), store->name), "tasks that use it fail there (R106)",
			"a directory that all machines share");
	if (promised(d, SK_ENGINE_mounts) && !n->mounts)
		return finding_of(HEALTH_MISSING, what, "`mounts = true` of the site file does not hold there: such tasks fail (R106)",
			arena_printf(d->a, "user namespaces on the machines, or %s", else_refused));
	if (promised(d, SK_ENGINE_containers) && !n->containers)
		return finding_of(HEALTH_MISSING, what, "`containers = true` of the site file does not hold there: such tasks fail (R106)",
			arena_printf(d->a, "namespaces, overlayfs and podman on the machines, or %s", else_refused));
	return finding_ok(what);
}

static struct finding look(struct doctor *d)
{
	const char *host = small_file(d, "host"), *said;
	struct node n = { .host = arena_strndup(d->a, host, strcspn(host, "\n")), .all = "" };

	if (strlen(n.host) > NAME_MAX_BYTES)
		n.host = "a machine";
	if (read_seen(d, &n))
		return compare(d, &n);
	said = small_file(d, "said");
	return finding_of(HEALTH_MISSING, arena_printf(d->a, "%s cannot run weft: %.*s", n.host, (int)strcspn(said, "\n"), said),
		"every attempt would fail there (R106)", "the machines need the C library of this one or a newer one, and libjansson");
}

struct finding probe_slurm_machine(struct doctor *d)
{
	struct sent s = { .d = d, .why = "it gives no answer" };
	struct finding f;
	struct buf b;

	if (!d->slurm.api || !d->slurm.job)
		return (struct finding){ HEALTH_OK, NULL, NULL, NULL };
	if (!d->scratch || chmod(d->scratch, 0700) || !remote_program(d->scratch))
		return finding_of(HEALTH_WARN, "not tried: the workspace cannot be written", NULL, NULL);
	buf_init(&b, 1 << 20);
	body(d, &b);
	slurm_submit(d->slurm.api, buf_str(&b), on_submitted, &s);
	buf_free(&b);
	http_finish(slurm_http(d->slurm.api), ANSWER_MS);
	if (!s.id)
		return finding_of(HEALTH_MISSING, arena_printf(d->a, "a job is refused: %s", s.why), "so would those of a run be (R113)",
			"partition, account and qos of engine slurm { } in the site file");
	if (appears(arena_printf(d->a, "%s/seen", d->scratch)))
		f = look(d);
	else
		f = finding_of(HEALTH_WARN, arena_printf(d->a, "job %lld has left nothing within %d s", (long long)s.id, START_MS / 1000),
			"it waits for a machine, or that machine does not see this directory",
			"squeue says which; the workspace has to be shared");
	slurm_cancel(d->slurm.api, s.id, -1, ignore, NULL);
	http_finish(slurm_http(d->slurm.api), ANSWER_MS);
	return f;
}
