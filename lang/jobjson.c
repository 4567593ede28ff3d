/* jobjson.c - a BatchCompute job description (JSON, 2015-11-11) as the tree that equal weft text would give.
 *
 * What the SDKs send is taken as it is: defaults written out, empty strings and objects for what is not used. */
#include "lang/jobjson.h"

#include <stdlib.h>
#include <string.h>

static struct span both(const struct jnode *n)
{
	return (struct span){ n->key_span.lo ? n->key_span.lo : n->span.lo, n->span.hi };
}

/* ---- mounts and mappings ---- */

static nid mk_map(struct jj *j, struct span sp, enum map_kind kind, nid from, nid to, nid mode)
{
	nid n = ast_new(j->a, N_MAP, sp, 0);

	j->a->v[n].op = (uint8_t)kind;
	ast_add(j->a, n, from);
	ast_add(j->a, n, to);
	ast_add(j->a, n, mode);
	return n;
}

static nid entry_text(struct jj *j, uint32_t entry, const char *key)
{
	uint32_t n = member_of(j, entry, key);
	name text;

	if (!n) {
		diag_error(j->d, E0147, jnode(j, entry)->span, "a mount without `%s`", key);
		return 0;
	}
	return text_value(j, n, &text) ? mk_string(j, jnode(j, n)->span, text) : 0;
}

static nid entry(struct jj *j, uint32_t n)
{
	static const char *const known[] = { "Source", "Destination", "WriteSupport", NULL };
	uint32_t write = member_of(j, n, "WriteSupport");
	nid from, to, mode = 0;

	if (!is_type(j, n, JSON_OBJECT))
		return 0;
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next)
		if (m != member_of(j, n, "Source") && m != member_of(j, n, "Destination") && m != write)
			unknown_key(j, m, known);
	from = entry_text(j, n, "Source");
	to = entry_text(j, n, "Destination");
	if (!from || !to)
		return 0;
	if (write && is_type(j, write, JSON_BOOL) && jnode(j, write)->value)
		mode = ast_new(j->a, N_NAME, jnode(j, write)->span, name_ofs(j->doc.names, "rw"));
	return mk_map(j, jnode(j, n)->span, MAP_MOUNT, from, to, mode);
}

/* A list; the guide's sample has one object. */
static void entries(struct jj *j, uint32_t n, struct nlist *out)
{
	if (!n || jnode(j, n)->type == JSON_NULL)
		return;
	if (jnode(j, n)->type == JSON_OBJECT && jnode(j, n)->kid) {
		diag_error(j->d, N0155, jnode(j, n)->span, "`Entries` is one object; clients and service want a list");
		diag_help(j->d, "put [ ] around it");
		diag_fix(j->d, (struct span){ jnode(j, n)->span.lo, jnode(j, n)->span.lo }, "[");
		diag_fix(j->d, (struct span){ jnode(j, n)->span.hi, jnode(j, n)->span.hi }, "]");
		ast_append(j->a, out, entry(j, n));
		return;
	}
	if (jnode(j, n)->type == JSON_OBJECT || !is_type(j, n, JSON_ARRAY))
		return;
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next)
		ast_append(j->a, out, entry(j, m));
}

static void mappings(struct jj *j, uint32_t n, enum map_kind kind, struct nlist *out)
{
	name text;

	if (!n || !is_type(j, n, JSON_OBJECT))
		return;
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next)
		if (text_value(j, m, &text)) {
			nid from = mk_string(j, jnode(j, m)->key_span, jnode(j, m)->key);

			ast_append(j->a, out, mk_map(j, both(jnode(j, m)), kind, from, mk_string(j, jnode(j, m)->span, text), 0));
		}
}

/* ---- tasks ---- */

static bool in_task(enum setting id)
{
	return settings[id].where & S_TASK;
}

static bool in_cluster(enum setting id)
{
	return settings[id].where == S_CLUSTER;
}

static bool in_job(enum setting id)
{
	return settings[id].where & S_JOB;
}

static void cluster_block(struct jj *j, struct jtask_json *t)
{
	struct nlist l = { 0, 0 };

	entries(j, j->at[SET_POOL_MOUNTS], &l);
	settings_append(j, in_cluster, &l);
	if (l.head)
		ast_append(j->a, &t->body, mk_block(j, j->a->v[l.head].span, "cluster", l));
}

static void instances(struct jj *j, struct jtask_json *t)
{
	uint32_t n = j->at[SET_INSTANCES];
	int64_t v;

	if (t->fors.head || j->at[SET_SCATTER] || !n || !whole_number(j, n, &v) || (v == 1 && !j->at[SET_COUNTED]))
		return;
	ast_append(j->a, &t->body, mk_set(j, both(jnode(j, n)), jnode(j, n)->key_span, name_ofs(j->doc.names, "instances"),
					  mk_int(j, jnode(j, n)->span, v)));
}

/* CommandLine is plain text: nothing in it is an interpolation. */
static void command(struct jj *j, struct jtask_json *t)
{
	uint32_t n = j->at[SET_COMMAND];
	name text;
	nid s;

	if (j->at[SET_RUN] || !n || !text_value(j, n, &text) || !text)
		return;
	s = mk_string(j, jnode(j, n)->span, text);
	t->run = ast_new(j->a, N_RUN, both(jnode(j, n)), 0);
	ast_add(j->a, t->run, s);
}

static void one_task(struct jj *j, struct jtask_json *t)
{
	t->task = mk_name(j, N_TASK, jnode(j, t->node)->key_span, t->name);
	j->a->v[t->task].span = both(jnode(j, t->node));
	if (!is_type(j, t->node, JSON_OBJECT))
		return;
	memset(j->at, 0, sizeof j->at);
	collect(j, t->node, PATH_TASK);
	weft_task(j, t);
	instances(j, t);
	settings_append(j, in_task, &t->body);
	weft_env(j, t);
	cluster_block(j, t);
	entries(j, j->at[SET_MOUNTS], &t->body);
	mappings(j, j->at[SET_INPUT_MAP], MAP_INPUT, &t->body);
	mappings(j, j->at[SET_OUTPUT_MAP], MAP_OUTPUT, &t->body);
	mappings(j, j->at[SET_LOG_MAP], MAP_LOG, &t->body);
	weft_retry(j, t);
	command(j, t);
}

/* after, run: behind everything else. */
static void finish_task(struct jj *j, struct jtask_json *t)
{
	struct nlist all = t->fors;
	nid after, body;

	if (t->after.head) {
		after = ast_new(j->a, N_AFTER, j->a->v[t->after.head].span, 0);
		ast_adopt(j->a, after, t->after);
		ast_append(j->a, &t->body, after);
	}
	ast_append(j->a, &t->body, t->run);
	body = ast_new(j->a, N_BODY, jnode(j, t->node)->span, 0);
	ast_adopt(j->a, body, t->body);
	ast_append(j->a, &all, body);
	ast_adopt(j->a, t->task, all);
}

static void tasks_declare(struct jj *j, uint32_t tasks)
{
	uint32_t n = 0;

	for (uint32_t m = jnode(j, tasks)->kid; m; m = jnode(j, m)->next)
		n++;
	j->task = arena_zalloc(j->tmp, n, sizeof *j->task);
	j->ntask_of = names_count(j->doc.names) + 1;
	j->task_of = arena_zalloc(j->tmp, j->ntask_of, sizeof *j->task_of);
	for (uint32_t m = jnode(j, tasks)->kid; m; m = jnode(j, m)->next) {
		name nm = jnode(j, m)->key;

		if (!nm) {
			diag_error(j->d, E0147, jnode(j, m)->key_span, "a task without a name");
			continue;
		}
		if (j->task_of[nm])
			continue; /* E0143 */
		j->task[j->ntask] = (struct jtask_json){ .name = nm, .node = m };
		j->task_of[nm] = ++j->ntask;
	}
}

/* ---- dependencies: {"a": ["b", "c"]}, b and c start after a ---- */

static uint32_t task_of(const struct jj *j, name nm)
{
	return nm < j->ntask_of ? j->task_of[nm] : 0;
}

static bool unknown_task(struct jj *j, struct span sp, name nm)
{
	struct suggest s = { .to = jtext(j, nm) };

	diag_error(j->d, E0151, sp, "there is no task `%s`", jtext(j, nm));
	for (uint32_t i = 0; i < j->ntask && i < 1000; i++)
		suggest_try(&s, jtext(j, j->task[i].name));
	diag_suggest(j->d, &s);
	return false;
}

static void dependency(struct jj *j, name from, uint32_t n)
{
	uint32_t to;

	if (!is_type(j, n, JSON_STRING))
		return;
	to = task_of(j, jnode(j, n)->text);
	if (!to)
		unknown_task(j, jnode(j, n)->span, jnode(j, n)->text);
	else if (task_of(j, from) && !weft_mentions(j, from, to - 1))
		ast_append(j->a, &j->task[to - 1].after, mk_name(j, N_NAME, jnode(j, n)->span, from));
}

static void dependencies(struct jj *j, uint32_t n)
{
	if (!n || !is_type(j, n, JSON_OBJECT))
		return;
	weft_refs_sort(j);
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next) {
		if (!task_of(j, jnode(j, m)->key))
			unknown_task(j, jnode(j, m)->key_span, jnode(j, m)->key);
		if (jnode(j, m)->type == JSON_STRING && jnode(j, m)->text) {
			wrong_type(j, m, N_("a list of tasks"));
			continue;
		}
		for (uint32_t k = is_type(j, m, JSON_ARRAY) ? jnode(j, m)->kid : 0; k; k = jnode(j, k)->next)
			dependency(j, jnode(j, m)->key, k);
	}
}

/* ---- the job ---- */

static void dag(struct jj *j, uint32_t n, struct nlist *decls)
{
	static const char *const known[] = { "Tasks", "Dependencies", NULL };
	uint32_t tasks = member_of(j, n, "Tasks"), deps = member_of(j, n, "Dependencies");

	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next)
		if (m != tasks && m != deps)
			unknown_key(j, m, known);
	if (!tasks) {
		diag_error(j->d, E0147, jnode(j, n)->span, "`DAG` without `Tasks`");
		return;
	}
	if (!is_type(j, tasks, JSON_OBJECT))
		return;
	tasks_declare(j, tasks);
	for (j->now = 0; j->now < j->ntask; j->now++)
		one_task(j, &j->task[j->now]);
	dependencies(j, deps);
	for (uint32_t i = 0; i < j->ntask; i++) {
		finish_task(j, &j->task[i]);
		ast_append(j->a, decls, j->task[i].task);
	}
}

static nid workflow(struct jj *j, uint32_t root)
{
	uint32_t nm = j->at[SET_NAME];
	struct nlist l = { 0, 0 };
	nid n, title = 0;
	name text;

	if (nm && text_value(j, nm, &text) && text)
		title = mk_string(j, jnode(j, nm)->span, text);
	ast_append(j->a, &l, title ? title : ast_new(j->a, N_NONE, jnode(j, root)->span, 0));
	settings_append(j, in_job, &l);
	n = ast_new(j->a, N_WORKFLOW, jnode(j, root)->span, 0);
	ast_adopt(j->a, n, l);
	return n;
}

/* App jobs, clusters and images are other things; better said once than as fifty unknown keys. */
static bool is_job(struct jj *j, uint32_t root)
{
	uint32_t type = member_of(j, root, "Type"), app = member_of(j, root, "App");
	const char *s = type && jnode(j, type)->type == JSON_STRING ? jtext(j, jnode(j, type)->text) : "DAG";

	if (!strcmp(s, "App") || (app && !member_of(j, root, "DAG") && jnode(j, app)->kid)) {
		diag_error(j->d, E0146, jnode(j, app ? app : type)->span, "this is an App job");
		diag_note(j->d, "an App job names a program registered with the service; it has no tasks that could be read");
		return false;
	}
	if (member_of(j, root, "DAG"))
		return true;
	if (member_of(j, root, "Groups"))
		return diag_error(j->d, E0148, jnode(j, member_of(j, root, "Groups"))->key_span,
				  "this describes a cluster, not a job");
	if (member_of(j, root, "EcsImageId") || member_of(j, root, "CommandLine"))
		return diag_error(j->d, E0148, jnode(j, root)->span, "this describes an %s, not a job",
				  member_of(j, root, "EcsImageId") ? _("image") : _("app"));
	diag_error(j->d, E0147, jnode(j, root)->span, "a job description without `DAG`");
	if (member_of(j, root, "Tasks"))
		diag_help(j->d, "`Tasks` and `Dependencies` stand inside `DAG`");
	return false;
}

static void job_type(struct jj *j)
{
	uint32_t n = j->at[SET_TYPE];
	name text;

	if (n && text_value(j, n, &text) && text && strcmp(jtext(j, text), "DAG"))
		diag_error(j->d, E0148, jnode(j, n)->span, "`Type` is `%s`: a job with tasks is of type `DAG`", jtext(j, text));
}

static void read_job(struct jj *j, uint32_t root, struct nlist *decls)
{
	uint32_t n;

	if (j->broken && (jnode(j, root)->type != JSON_OBJECT || !member_of(j, root, "DAG")))
		return;
	if (jnode(j, root)->type != JSON_OBJECT) {
		diag_error(j->d, E0148, jnode(j, root)->span, "a job description is an object, not %s",
			   json_type_text(jnode(j, root)));
		return;
	}
	if (!is_job(j, root))
		return;
	collect(j, root, PATH_JOB);
	job_type(j);
	ast_append(j->a, decls, workflow(j, root));
	weft_params(j, decls);
	n = j->at[SET_DAG];
	if (n && is_type(j, n, JSON_OBJECT))
		dag(j, n, decls);
}

bool parse_jobjson(struct ast *a, const struct source *src, struct diags *d)
{
	uint32_t errors = d->errors;
	struct jj *j = xcalloc(1, sizeof *j);
	struct nlist decls = { 0, 0 };

	*j = (struct jj){ .a = a, .src = src, .d = d, .tmp = arena_new() };
	j->broken = !json_read(&j->doc, src, a->names, d);
	paths_build(&j->paths, a->names);
	if (j->doc.root && jnode(j, j->doc.root)->type != JSON_BAD)
		read_job(j, j->doc.root, &decls);
	a->root = ast_new(a, N_FILE, (struct span){ src->base, src->base + src->len }, 0);
	ast_adopt(a, a->root, decls);
	ast_depth_ok(a, d);
	json_doc_free(&j->doc);
	arena_free(j->tmp);
	free(j->ref);
	free(j);
	return d->errors == errors;
}
