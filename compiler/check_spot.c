/* check_spot.c - spot machines: resource type, strategy and price (rules 5.1, 5.3 to 5.6). */
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <math.h>
#include <string.h>

/* Is the value one of these?  If not, the nearest in *sg. */
static bool among(const char *v, const char *const *word, size_t n, struct suggest *sg)
{
	size_t i;

	*sg = (struct suggest){ .to = v };
	for (i = 0; i < n; i++) {
		if (!strcmp(v, word[i]))
			return true;
		suggest_try(sg, word[i]);
	}
	return false;
}

static void resource_type(struct session *s, const struct jtask *t, const struct jval *v)
{
	static const char *const types[] = { "OnDemand", "Spot", "PrePaid" };
	struct suggest sg;
	const char *type = name_str(s->names, v->s);

	(void)t;
	if (!*type || among(type, types, 3, &sg))
		return;
	diag_error(s->diags, W0580, v->span, "resource type `%s` is unknown", type);
	if (!diag_suggest(s->diags, &sg))
		diag_help(s->diags, "it is OnDemand or Spot");
}

static void strategy(struct session *s, const struct jtask *t, const struct jval *v)
{
	static const char *const known[] = { "SpotWithPriceLimit", "SpotAsPriceGo" };
	struct suggest sg;
	const char *text = name_str(s->names, v->s);

	(void)t;
	if (!*text || among(text, known, 2, &sg))
		return;
	diag_error(s->diags, E0581, v->span, "there is no spot strategy `%s`", text);
	if (!diag_suggest(s->diags, &sg))
		diag_help(s->diags, "it is SpotWithPriceLimit or SpotAsPriceGo");
}

/* Set, but for machines that are not spot ones. */
static bool without_spot(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *type = set_text(s, t, SET_RESOURCE_TYPE);

	if (type && strcmp(type, "OnDemand"))
		return false;
	diag_error(s->diags, W0582, v->span, "%s counts only for spot machines",
		v->id == SET_SPOT_LIMIT ? _("price limit") : _("spot strategy"));
	if (type)
		diag_at(s->diags, task_set(t, SET_RESOURCE_TYPE)->span, "these are not");
	diag_help(s->diags, "make the resource type Spot, or leave it out");
	return true;
}

static void strategy_use(struct session *s, const struct jtask *t, const struct jval *v)
{
	if (name_len(s->names, v->s) && !task_set(t, SET_SPOT_LIMIT))
		without_spot(s, t, v);
}

static void price(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *how = set_text(s, t, SET_SPOT_STRATEGY);
	double thousand = v->d * 1000;

	if (fabs(thousand - round(thousand)) > 1e-6 * (fabs(thousand) + 1)) {
		diag_error(s->diags, E0583, v->span, "price limit has more than three decimals");
		diag_help(s->diags, "write %.3f", v->d);
	}
	if (without_spot(s, t, v))
		return;
	if (v->d <= 0) {
		diag_error(s->diags, W0584, v->span, "a price limit of 0 or less is no limit: the market price is paid");
		diag_help(s->diags, "leave it out and make the strategy SpotAsPriceGo");
	} else if (how && !strcmp(how, "SpotAsPriceGo")) {
		diag_error(s->diags, W0584, v->span, "the price limit is ignored: the strategy pays the market price");
		diag_at(s->diags, task_set(t, SET_SPOT_STRATEGY)->span, "the strategy");
		diag_help(s->diags, "a limit counts with SpotWithPriceLimit");
	}
}

void check_spot(struct session *s)
{
	each_setting(s, SET_RESOURCE_TYPE, resource_type);
	each_setting(s, SET_SPOT_STRATEGY, strategy);
	each_setting(s, SET_SPOT_STRATEGY, strategy_use);
	each_setting(s, SET_SPOT_LIMIT, price);
}
