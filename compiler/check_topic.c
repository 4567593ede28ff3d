/* check_topic.c - what the site file says of topics: urls that can be sent to, files that are there, tokens that stay
 * secret on their way. */
#include "base/deps.h"
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "job/topic.h"

static void topic_url(struct session *s, const struct site_block *b)
{
	const struct site_value *url = site_value(b, SK_TOPIC_url), *token = site_value(b, SK_TOPIC_token_file);
	struct topic t;

	if (url && topic_find(s->diags->arena, s->site, b->name, "", &t) != TOPIC_FINE) {
		diag_error(s->diags, E1056, url->span, "nothing can be sent to this url");
		diag_help(s->diags, "write http://HOST[:PORT]/PATH or https://..., without user, password and #");
	} else if (token && !url) {
		diag_error(s->diags, E1056, token->name_span, "the token of topic `%s` goes nowhere: there is no url", b->name);
		diag_help(s->diags, "a token is sent only to a url that stands beside it");
	} else if (token && topic_in_the_clear(&t)) {
		diag_error(s->diags, E1057, url->span, "the token of topic `%s` would be sent in the clear", b->name);
		diag_at(s->diags, token->span, "this token");
		diag_help(s->diags, "use https");
	}
}

static void topic_files(struct session *s, const struct site_block *b)
{
	static const enum site_key files[] = { SK_TOPIC_key_file, SK_TOPIC_token_file, SK_TOPIC_ca_file };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const struct site_value *v = site_value(b, files[i]);

		if (v && !deps_look(sources_deps(s->sources), v->s))
			diag_error(s->diags, E1056, v->span, "topic `%s` names a file that is not there", b->name);
	}
}

void check_site_topics(struct session *s)
{
	uint32_t n, i;
	const struct site_block *b = site_all(s->site, SITE_TOPIC, &n);

	for (i = 0; i < n; i++) {
		topic_url(s, &b[i]);
		topic_files(s, &b[i]);
	}
}
