/* check_range.c - values of tasks that no engine can take: priorities beyond their range, times that run backwards. */
#include "compiler/check.h"
#include "compiler/check_util.h"

static void priority(struct session *s, const struct jtask *t, const struct jval *v)
{
	(void)t;
	if (v->i >= INT32_MIN && v->i <= INT32_MAX)
		return;
	diag_error(s->diags, E0601, v->span, "priority %lld is out of range", (long long)v->i);
	diag_note(s->diags, "priorities of tasks are %lld to %lld, 0 when none is given", (long long)INT32_MIN, (long long)INT32_MAX);
}

void check_task_priority(struct session *s)
{
	each_setting(s, SET_TASK_PRIORITY, priority);
}

static void duration(struct session *s, const struct jtask *t, const struct jval *v)
{
	if (v->i < 0)
		diag_error(s->diags, E1058, v->span, "setting `%s` of task `%s` is negative", settings[v->id].path,
			name_str(s->names, t->name));
}

void check_durations(struct session *s)
{
	each_setting(s, SET_TIMEOUT, duration);
	each_setting(s, SET_BACKOFF, duration);
}
