/* load.c - sessions from options: parameters, mounts, how diagnostics are shown. */
#include "cli/load.h"

#include "base/buf.h"

#include <jansson.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void add_param(struct load *l, const char *key, const char *value, const char *origin)
{
	l->params = grow(l->params, &l->pcap, l->nparams + 1, sizeof *l->params);
	l->params[l->nparams++] = (struct param_set){ key, value, origin };
}

/* "name=value" cut in two; false when there is no name or no = */
static bool cut(struct load *l, const char *text, const char **key, const char **value)
{
	const char *eq = strchr(text, '=');
	if (!eq || eq == text)
		return false;
	*key = arena_strndup(l->arena, text, (size_t)(eq - text));
	*value = eq + 1;
	return true;
}

static bool add_sets(struct load *l, const struct opts *o)
{
	uint32_t i = 0;
	const char *key, *value;
	for (const char *t; (t = opts_each(o, "set", &i));) {
		if (!cut(l, t, &key, &value)) {
			opts_error(o, "--set wants NAME=VALUE, not %s", t);
			return false;
		}
		add_param(l, key, value, "--set");
	}
	return true;
}

/* A secret's file: its text without one line end at the end. */
static bool add_secrets(struct load *l, const struct opts *o)
{
	uint32_t i = 0;
	const char *key, *path;
	for (const char *t; (t = opts_each(o, "secret", &i));) {
		if (!cut(l, t, &key, &path)) {
			opts_error(o, "--secret wants NAME=FILE");
			return false;
		}
		struct sources *own = sources_new(); /* not the session's: nobody points into a secret */
		const struct source *s = source_load(own, path, l->session->diags);
		size_t n = s ? s->len : 0;
		if (n && s->text[n - 1] == '\n')
			n--;
		if (s)
			add_param(l, key, arena_strndup(l->arena, s->text, n), arena_printf(l->arena, "--secret %s", path));
		sources_free(own);
	}
	return true;
}

/* A JSON value as the text that --set would have. */
static const char *json_as_text(struct load *l, const json_t *v)
{
	if (json_is_string(v))
		return arena_strndup(l->arena, json_string_value(v), json_string_length(v));
	char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
	const char *copy = s ? arena_strdup(l->arena, s) : "";
	free(s);
	return copy;
}

static void add_param_object(struct load *l, const struct source *src, json_t *root)
{
	const char *key;
	json_t *v;
	json_object_foreach(root, key, v)
	{
		if (json_is_object(v) || json_is_null(v)) {
			diag_error(l->session->diags, E0890, (struct span){ src->base, src->base },
				"parameter `%s` has no plain value", key);
			diag_help(l->session->diags, "a value is a string, a number, true, false or a list");
			continue;
		}
		add_param(l, arena_strdup(l->arena, key), json_as_text(l, v), arena_strdup(l->arena, src->path));
	}
}

static void add_param_file(struct load *l, const char *path)
{
	struct diags *d = l->session->diags;
	const struct source *src = source_load(l->session->sources, path, d);
	json_error_t err;
	if (!src || !source_check(src, d))
		return;
	json_t *root = json_loadb(src->text, src->len, JSON_REJECT_DUPLICATES, &err);
	if (!root) {
		uint32_t at = err.position > 0 ? (uint32_t)err.position - 1 : 0;
		at = src->base + (at < src->len ? at : src->len);
		diag_error(d, E0890, (struct span){ at, at }, "the parameter file is not JSON: %s", err.text);
	} else if (!json_is_object(root)) {
		diag_error(d, E0890, (struct span){ src->base, src->base }, "the parameter file holds no object");
		diag_help(d, "write {\"name\": value, ...}");
	} else {
		add_param_object(l, src, root);
	}
	json_decref(root);
}

static void add_environment(struct load *l)
{
	static const char prefix[] = "WEFT_PARAM_";
	const char *key, *value;
	for (char **e = environ; e && *e; e++)
		if (strncmp(*e, prefix, sizeof prefix - 1) == 0 && cut(l, *e + sizeof prefix - 1, &key, &value))
			add_param(l, key, value, arena_strndup(l->arena, *e, strcspn(*e, "=")));
}

static void add_maps(struct load *l, const struct opts *o, const char *option, enum map_kind kind)
{
	uint32_t i = 0;
	for (const char *t; (t = opts_each(o, option, &i));) {
		l->maps = grow(l->maps, &l->mcap, l->nmaps + 1, sizeof *l->maps);
		l->maps[l->nmaps++] = (struct map_option){ kind, t };
	}
}

static bool add_inputs(struct load *l, const struct opts *o)
{
	uint32_t i = 0;
	if (!add_sets(l, o) || !add_secrets(l, o))
		return false;
	for (const char *path; (path = opts_each(o, "params", &i));)
		add_param_file(l, path);
	add_environment(l);
	add_maps(l, o, "read_mount", MAP_INPUT);
	add_maps(l, o, "write_mount", MAP_OUTPUT);
	add_maps(l, o, "mount", MAP_MOUNT);
	return true;
}

const char *load_format(const struct opts *o)
{
	if (opts_find(o->cmd, "json", 4) && opts_flag(o, "json"))
		return "json";
	const char *v = opts_find(o->cmd, "error-format", 12) ? opts_value(o, "error-format") : NULL;
	return v ? v : "human";
}

/* What machines read is never translated. */
static bool for_people(const struct opts *o)
{
	return strcmp(load_format(o), "human") == 0 || strcmp(load_format(o), "short") == 0;
}

/* --deny, --warn, --allow; the name of an error is a mistake there unless it is denied. */
static bool add_lints(struct load *l, const struct opts *o, const char *option, enum lint_level level)
{
	uint32_t i = 0;
	if (!opts_find(o->cmd, option, strlen(option)))
		return true;
	for (const char *t; (t = opts_each(o, option, &i));) {
		uint32_t code = lint_find(t);
		struct suggest sg = { .to = t };
		if (code == LINT_NAMES) {
			lint_suggest(&sg);
			opts_error(o, suggest_best(&sg) ? "no check is called %s: did you mean %s?" :
				"no check is called %s: weft check --list names all of them", t, suggest_best(&sg));
			return false;
		}
		if (lint_is_error(code) && level != LINT_DENY) {
			opts_error(o, "%s is an error and cannot be %s", t, level == LINT_ALLOW ? "allowed" : "a warning");
			return false;
		}
		if (!lint_is_error(code))
			lint_option(l->session, level, code);
	}
	return true;
}

/* The user's own site file: $XDG_CONFIG_HOME/weft/site.weft, ~/.config/weft/site.weft; NULL when neither is set. */
static const char *user_site(struct load *l)
{
	const char *v = getenv("XDG_CONFIG_HOME");
	if (v && *v == '/')
		return arena_printf(l->arena, "%s/weft/site.weft", v);
	v = getenv("HOME");
	return v && *v == '/' ? arena_printf(l->arena, "%s/.config/weft/site.weft", v) : NULL;
}

void load_find_site(struct load *l, const struct opts *o)
{
	struct session_options *to = &l->session->opt;
	const char *flag = opts_value(o, "site"), *v = getenv("WEFT_SITE");
	to->find_site = !flag && !v;
	to->site = flag ? flag : v && *v ? v : NULL;
	to->user_site = to->find_site ? user_site(l) : NULL;
}

bool load_open(struct load *l, const struct opts *o, bool inputs)
{
	*l = (struct load){ .arena = arena_new() };
	struct session_options none = { 0 };
	if (for_people(o))
		locale_open();
	l->session = session_new(&none);
	if ((inputs && !add_inputs(l, o)) || !add_lints(l, o, "allow", LINT_ALLOW) || !add_lints(l, o, "warn", LINT_WARN) ||
		!add_lints(l, o, "deny", LINT_DENY)) {
		load_close(l);
		return false;
	}
	if (opts_find(o->cmd, "site", 4))
		load_find_site(l, o);
	l->session->opt.engine = opts_find(o->cmd, "engine", 6) ? opts_value(o, "engine") : NULL;
	l->session->opt.params = l->params;
	l->session->opt.nparams = l->nparams;
	l->session->opt.maps = l->maps;
	l->session->opt.nmaps = l->nmaps;
	return true;
}

void load_close(struct load *l)
{
	session_free(l->session);
	arena_free(l->arena);
	free(l->params);
	free(l->maps);
	*l = (struct load){ 0 };
}

const char *load_secret(const struct load *l, const char *key)
{
	for (uint32_t i = 0; i < l->nparams; i++)
		if (strcmp(l->params[i].name, key) == 0)
			return l->params[i].value;
	return NULL;
}

/* Arguments are visible to every user of the machine, and stay in the shell's history. */
void load_warn_secrets(struct load *l)
{
	const struct job *j = l->session->job;
	uint32_t before = l->session->diags->n;
	for (uint32_t i = 0; j && i < j->nsecret; i++) {
		const char *key = name_str(j->names, j->secret[i].name);
		for (uint32_t p = 0; p < l->nparams; p++) {
			if (strcmp(l->params[p].name, key) != 0 || strcmp(l->params[p].origin, "--set") != 0)
				continue;
			diag_error(l->session->diags, W0891, j->secret[i].span,
				"secret parameter `%s` was given on the command line", key);
			diag_help(l->session->diags, "use --secret %s=FILE, or the environment variable WEFT_PARAM_%s", key, key);
		}
	}
	if (l->session->diags->n == before)
		return;
	diags_finish(l->session->diags);
	lint_apply(l->session);
}

bool use_color(const struct opts *o, FILE *f)
{
	const char *when = opts_value(o, "color");
	const char *v;
	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	if ((v = getenv("NO_COLOR")) && *v)
		return false;
	if ((v = getenv("CLICOLOR_FORCE")) && *v && strcmp(v, "0") != 0)
		return true;
	v = getenv("TERM");
	return v && *v && strcmp(v, "dumb") != 0 && isatty(fileno(f));
}

bool use_unicode(void)
{
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void load_report(const struct diags *d, const struct opts *o, FILE *f)
{
	const char *how = load_format(o);
	if (strcmp(how, "short") == 0) {
		diags_print_short(d, f);
	} else if (strcmp(how, "json") == 0) {
		diags_print_json(d, f);
	} else if (strcmp(how, "sarif") == 0) {
		diags_print_sarif(d, f);
	} else if (strcmp(how, "github") == 0) {
		diags_print_github(d, f);
	} else if (d->n) {
		struct diag_style st = { use_color(o, f), use_unicode(), 20 };
		diags_print_human(d, f, &st);
	}
}

int load_status(const struct diags *d)
{
	return d->errors ? EXIT_INVALID : EXIT_OK;
}
