/* slurm_schema.c - see slurm_schema.h.  The differences between the versions of the API are in their schemas; what
 * is read here is the same in all of them: paths, the properties of a job, and the type of each.  Where a schema is not
 * what its server takes, `differences` says so. */
#include "runtime/slurm_schema.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"

enum { REFS_MAX = 8, VERSION_MAX = 9999, VERSIONS_MAX = 1 << 12 /* bytes that list them */, WANT_MAX = 1 << 12,
	OFFERS_MAX = 64 /* versions that are tried */ };
/* The versions whose forms the tests try.  Others are taken when none of these is offered, and their schema fits. */
enum { KNOWN_FIRST = 36, KNOWN_LAST = 40 };

/* Words that a server takes otherwise than its schema says, up to this version (tried on 22.05). */
static const struct difference {
	int until;
	const char *property, *word, *as; /* as NULL: refused */
} differences[] = {
	{ 38, "exclusive", "exclusive", "exclusive" },
	{ 38, "exclusive", "true", "exclusive" },
	{ 38, "exclusive", "false", NULL },
};

/* Without these, in such forms, nothing can be submitted. */
static const struct {
	const char *name;
	enum slurm_form form, or;
} needed[] = {
	{ "name", SF_STRING, SF_STRING }, { "array", SF_STRING, SF_STRING }, { "environment", SF_MAP, SF_STRINGS },
	{ "current_working_directory", SF_STRING, SF_STRING }, { "standard_error", SF_STRING, SF_STRING },
};

struct slurm_schema {
	struct arena *arena;
	const char *version, *versions;
	int number; /* of the version */
	const char *path[SP_PATHS];
	bool since;
	struct slurm_prop *prop; /* sorted by name */
	uint32_t nprop;
};

/* The object that a schema, or a reference to one, stands for. */
static const json_t *resolve(const json_t *root, const json_t *v)
{
	static const char prefix[] = "#/components/schemas/";

	for (int i = 0; i < REFS_MAX; i++) {
		const char *ref = json_string_value(json_object_get(v, "$ref"));

		if (!ref || strncmp(ref, prefix, sizeof(prefix) - 1) != 0)
			return v;
		v = json_object_get(json_object_get(json_object_get(root, "components"), "schemas"), ref + sizeof(prefix) - 1);
	}
	return NULL;
}

static enum slurm_form form_of(const json_t *root, const json_t *v)
{
	const json_t *s = resolve(root, v), *props = json_object_get(s, "properties");
	const char *type = json_string_value(json_object_get(s, "type"));
	const char *item = json_string_value(json_object_get(resolve(root, json_object_get(s, "items")), "type"));

	if (!type)
		return SF_OTHER;
	if (!strcmp(type, "string"))
		return SF_STRING;
	if (!strcmp(type, "integer") || !strcmp(type, "number"))
		return SF_INT;
	if (!strcmp(type, "boolean"))
		return SF_BOOL;
	if (!strcmp(type, "array"))
		return !item ? SF_OTHER : !strcmp(item, "string") ? SF_STRINGS : !strcmp(item, "integer") ? SF_INTS : SF_OTHER;
	if (!strcmp(type, "object"))
		return json_object_get(props, "set") && json_object_get(props, "number") ? SF_NUMBER : props ? SF_OTHER : SF_MAP;
	return SF_OTHER;
}

/* The words that are all that a text, or an item of a list, may be: `enum`.  NULL: any. */
static const json_t *words_of(const json_t *root, const json_t *v)
{
	const json_t *s = resolve(root, v), *item = resolve(root, json_object_get(s, "items"));
	const json_t *words = json_object_get(item ? item : s, "enum");

	return json_array_size(words) && json_is_string(json_array_get(words, 0)) ? words : NULL;
}

static const struct difference *difference(const struct slurm_schema *s, const char *property, const char *word)
{
	for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++)
		if (s->number <= differences[i].until && !strcmp(differences[i].property, property) && !strcmp(differences[i].word, word))
			return &differences[i];
	return NULL;
}

/* "one of user, mcs", and the words themselves in P. */
static void read_words(struct slurm_schema *s, struct slurm_prop *p, const json_t *words)
{
	const char **list = arena_zalloc(s->arena, json_array_size(words) + 1, sizeof(*list));
	const json_t *word;
	uint32_t n = 0;
	struct buf b;
	size_t i;

	buf_init(&b, WANT_MAX);
	json_array_foreach(words, i, word) {
		const char *text = json_string_value(word);
		const struct difference *d = text ? difference(s, p->name, text) : NULL;

		if (!text || (d && !d->as))
			continue;
		buf_addf(&b, "%s%s", n ? ", " : "one of ", text);
		list[n++] = arena_strdup(s->arena, text);
	}
	p->words = list;
	p->want = b.over ? "one of the words of its schema" : arena_strdup(s->arena, buf_str(&b));
	buf_free(&b);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct slurm_prop *)a)->name, ((const struct slurm_prop *)b)->name);
}

static void read_props(struct slurm_schema *s, const json_t *root, json_t *props)
{
	const char *key;
	json_t *v;

	s->prop = arena_zalloc(s->arena, json_object_size(props) + 1, sizeof(*s->prop));
	s->nprop = 0;
	json_object_foreach(props, key, v) {
		struct slurm_prop *p = &s->prop[s->nprop++];
		const json_t *words = words_of(root, v);

		*p = (struct slurm_prop){ .name = arena_strdup(s->arena, key), .form = form_of(root, v) };
		if (words && (p->form == SF_STRING || p->form == SF_STRINGS))
			read_words(s, p, words);
	}
	qsort(s->prop, s->nprop, sizeof(*s->prop), by_name);
}

/* "/slurm/v0.0.38/job/submit": 38; -1 for other paths. */
static int version_of(const char *path)
{
	static const char prefix[] = "/slurm/v0.0.";
	char *end;
	long n;

	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0)
		return -1;
	path += sizeof(prefix) - 1;
	n = *path >= '0' && *path <= '9' ? strtol(path, &end, 10) : -1;
	return n >= 0 && n <= VERSION_MAX && !strncmp(end, "/job/submit", 11) && strspn(end + 11, "/") == strlen(end + 11) ? (int)n : -1;
}

static json_t *job_properties(const json_t *root, const json_t *submit)
{
	const json_t *v = json_object_get(json_object_get(submit, "post"), "requestBody");

	v = json_object_get(json_object_get(json_object_get(v, "content"), "application/json"), "schema");
	v = resolve(root, json_object_get(json_object_get(resolve(root, v), "properties"), "job"));
	return json_object_get(v, "properties");
}

/* "/slurm/vN/jobs", with or without a slash at the end as the server has it; NULL: it lists no jobs. */
static const char *list_path(struct slurm_schema *s, const json_t *paths, const char *prefix)
{
	const char *p = arena_printf(s->arena, "%s/jobs", prefix), *slash = arena_printf(s->arena, "%s/", p);
	const json_t *plain = json_object_get(paths, p), *v = plain ? plain : json_object_get(paths, slash), *param;
	size_t i;

	s->since = false;
	json_array_foreach(json_object_get(json_object_get(v, "get"), "parameters"), i, param) {
		const char *nm = json_string_value(json_object_get(param, "name"));

		s->since = s->since || (nm && !strcmp(nm, "update_time"));
	}
	return plain ? p : v ? slash : NULL;
}

static bool has_needed(const struct slurm_schema *s)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		const struct slurm_prop *p = slurm_property(s, needed[i].name);

		if (!p || (p->form != needed[i].form && p->form != needed[i].or))
			return false;
	}
	return true;
}

static bool take_version(struct slurm_schema *s, const json_t *root, const json_t *paths, const char *submit)
{
	json_t *props = job_properties(root, json_object_get(paths, submit));
	const char *prefix = arena_strndup(s->arena, submit, (size_t)(strstr(submit, "/job/submit") - submit));

	if (!json_is_object(props))
		return false;
	s->number = version_of(submit);
	read_props(s, root, props);
	s->version = prefix + strlen("/slurm/");
	s->path[SP_SUBMIT] = arena_strdup(s->arena, submit);
	s->path[SP_JOBS] = list_path(s, paths, prefix);
	s->path[SP_JOB] = arena_printf(s->arena, "%s/job/", prefix);
	s->path[SP_ROOT] = arena_printf(s->arena, "%s/", prefix);
	return s->path[SP_JOBS] && has_needed(s);
}

struct offer {
	int number;
	const char *path; /* of submissions */
};

/* Known ones, the newest first; then others, those nearest to the known ones first. */
static int by_merit(const void *x, const void *y)
{
	int a = ((const struct offer *)x)->number, b = ((const struct offer *)y)->number;
	bool ka = a >= KNOWN_FIRST && a <= KNOWN_LAST, kb = b >= KNOWN_FIRST && b <= KNOWN_LAST;

	if (ka != kb)
		return ka ? -1 : 1;
	if (!ka && (a > KNOWN_LAST) != (b > KNOWN_LAST))
		return a > KNOWN_LAST ? -1 : 1;
	return a == b ? 0 : (a > KNOWN_LAST) == (a < b) ? -1 : 1;
}

static int by_number(const void *x, const void *y)
{
	int a = ((const struct offer *)x)->number, b = ((const struct offer *)y)->number;

	return a < b ? -1 : a > b;
}

/* Every version that jobs can be submitted with; in the arena. */
static struct offer *offers(struct slurm_schema *s, json_t *paths, size_t *n)
{
	struct offer *v = arena_zalloc(s->arena, json_object_size(paths) + 1, sizeof(*v));
	const char *key;
	json_t *each;

	*n = 0;
	json_object_foreach(paths, key, each)
		if (version_of(key) >= 0)
			v[(*n)++] = (struct offer){ version_of(key), key };
	return v;
}

static void list_versions(struct slurm_schema *s, struct offer *v, size_t n)
{
	struct buf b;

	if (n)
		qsort(v, n, sizeof(*v), by_number);
	buf_init(&b, VERSIONS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!i || v[i].number != v[i - 1].number)
			buf_addf(&b, "%sv0.0.%d", b.len ? " " : "", v[i].number);
	s->versions = arena_strdup(s->arena, buf_str(&b));
	buf_free(&b);
}

struct slurm_schema *slurm_schema_read(const char *text, size_t n, const char **why)
{
	struct slurm_schema *s = xcalloc(1, sizeof(*s));
	json_t *root = json_loadb(text, n, 0, NULL), *paths = json_object_get(root, "paths");
	struct offer *v;
	bool fits = false;
	size_t nv;

	s->arena = arena_new();
	v = offers(s, paths, &nv);
	list_versions(s, v, nv);
	if (nv)
		qsort(v, nv, sizeof(*v), by_merit);
	for (size_t i = 0; i < nv && i < OFFERS_MAX && !fits; i++)
		fits = take_version(s, root, paths, v[i].path);
	*why = !root ? "what it says of itself is no JSON" : !nv ? "it offers no version of /slurm/v0.0.N/job/submit" :
		fits ? NULL : "the schema of none of its versions is understood";
	json_decref(root);
	if (!*why)
		return s;
	slurm_schema_free(s);
	return NULL;
}

void slurm_schema_free(struct slurm_schema *s)
{
	if (!s)
		return;
	arena_free(s->arena);
	free(s);
}

const char *slurm_schema_version(const struct slurm_schema *s)
{
	return s->version;
}

const char *slurm_schema_versions(const struct slurm_schema *s)
{
	return s->versions;
}

bool slurm_schema_since(const struct slurm_schema *s)
{
	return s->since;
}

const char *slurm_path(const struct slurm_schema *s, enum slurm_path_id p)
{
	return s->path[p];
}

const struct slurm_prop *slurm_property(const struct slurm_schema *s, const char *name)
{
	struct slurm_prop key = { .name = name };

	return s->nprop ? bsearch(&key, s->prop, s->nprop, sizeof(key), by_name) : NULL;
}

const char *slurm_schema_similar(const struct slurm_schema *s, const char *name)
{
	struct suggest g = { .to = name };

	for (uint32_t i = 0; i < s->nprop; i++)
		suggest_try(&g, s->prop[i].name);
	return suggest_best(&g);
}

/* ---- values ---- */

static bool number(const char *text, int64_t *v)
{
	char *end;

	*v = strtoll(text, &end, 10);
	return end != text && !*end;
}

static bool put_number(struct jw *w, enum slurm_form form, const char *text)
{
	int64_t v;

	if (!number(text, &v))
		return false;
	if (form == SF_INT) {
		jw_int(w, v);
		return true;
	}
	jw_open(w, '{');
	jw_kbool(w, "set", true);
	jw_kbool(w, "infinite", false);
	jw_kint(w, "number", v);
	jw_close(w);
	return true;
}

/* The word as the server takes it; NULL: it does not. */
static const char *word_of(const struct slurm_schema *s, const struct slurm_prop *p, const char *text)
{
	const struct difference *d = difference(s, p->name, text);

	if (d || !p->words)
		return d ? d->as : text;
	for (const char *const *w = p->words; *w; w++)
		if (!strcmp(*w, text))
			return text;
	return NULL;
}

static bool put_text(const struct slurm_schema *s, struct jw *w, const struct slurm_prop *p, const char *text)
{
	const char *word = p ? word_of(s, p, text) : text;

	jw_str(w, word ? word : "");
	return word;
}

static bool put_list(const struct slurm_schema *s, struct jw *w, const struct slurm_prop *prop, const char *text)
{
	bool ok = true;

	jw_open(w, '[');
	for (const char *p = text; *p; p += p[strcspn(p, ",")] ? strcspn(p, ",") + 1 : strcspn(p, ",")) {
		char *item = xstrndup(p, strcspn(p, ","));
		int64_t v;

		if (prop->form == SF_STRINGS)
			ok = put_text(s, w, prop, item) && ok;
		else if ((ok = number(item, &v) && ok))
			jw_int(w, v);
		free(item);
	}
	jw_close(w);
	return ok;
}

static bool put_map(struct jw *w, const char *text)
{
	jw_open(w, '{');
	for (const char *p = text; *p; p += p[strcspn(p, ",")] ? strcspn(p, ",") + 1 : strcspn(p, ",")) {
		size_t n = strcspn(p, ","), k = strcspn(p, "=,");

		jw_keyn(w, p, k);
		jw_strn(w, k < n ? p + k + 1 : "", k < n ? n - k - 1 : 0);
	}
	jw_close(w);
	return true;
}

bool slurm_schema_put(const struct slurm_schema *s, struct jw *w, const char *name, const char *text, const char **want)
{
	static const char *const wanted[] = { [SF_STRING] = "a text", [SF_INT] = "a number", [SF_BOOL] = "true or false",
		[SF_NUMBER] = "a number", [SF_STRINGS] = "texts separated by commas", [SF_INTS] = "numbers separated by commas",
		[SF_MAP] = "KEY=VALUE separated by commas", [SF_OTHER] = "something that cannot be written here" };
	const struct slurm_prop *p = slurm_property(s, name);
	enum slurm_form form = p ? p->form : SF_STRING;

	*want = p && p->want ? p->want : wanted[form];
	jw_key(w, name);
	switch (form) {
	case SF_STRING: return put_text(s, w, p, text);
	case SF_INT:
	case SF_NUMBER: return put_number(w, form, text);
	case SF_BOOL:
		jw_bool(w, !strcmp(text, "true"));
		return !strcmp(text, "true") || !strcmp(text, "false");
	case SF_STRINGS:
	case SF_INTS: return put_list(s, w, p, text);
	case SF_MAP: return put_map(w, text);
	case SF_OTHER: break;
	}
	return false;
}
