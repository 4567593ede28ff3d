/* check_disk.c - disks of the machines: sizes, types, and where the data disk is mounted (rules 6.1 to 6.7). */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "compiler/limits.h"
#include "job/machine.h"

#include <string.h>

static int64_t gigabytes(const struct jval *v)
{
	return v->i >> 30;
}

static bool ephemeral(const char *type)
{
	return type && !strncmp(type, "ephemeral", 9);
}

static bool out_of_range(struct session *s, enum code code, const struct jval *v, const char *what, enum limit low,
	enum limit high)
{
	int64_t n = gigabytes(v), min = limit_of(s, low), max = limit_of(s, high);

	if (n == 0 || (n >= min && n <= max)) /* 0: the service chooses */
		return false;
	diag_error(s->diags, code, v->span, "%s of %lld GB is too %s", tr(what), (long long)n, n < min ? _("small") : _("large"));
	limit_origin(s, high);
	diag_note(s->diags, "%lld to %lld GB are allowed", (long long)min, (long long)max);
	return true;
}

static void system_size(struct session *s, const struct jtask *t, const struct jval *v)
{
	(void)t;
	out_of_range(s, E0560, v, N_("system disk"), LIM_SYSTEM_MIN, LIM_SYSTEM_MAX);
}

static void data_size(struct session *s, const struct jtask *t, const struct jval *v)
{
	bool eph = ephemeral(set_text(s, t, SET_DATA_TYPE));
	int64_t newer = limit_of(s, LIM_DATA_NEWER);

	if (out_of_range(s, E0561, v, eph ? N_("ephemeral data disk") : N_("data disk"), LIM_DATA_MIN,
			eph ? LIM_DATA_EPHEMERAL : LIM_DATA_MAX) || eph || gigabytes(v) <= newer)
		return;
	diag_error(s->diags, W0561, v->span, "data disk of %lld GB may be too large", (long long)gigabytes(v));
	diag_note(s->diags, "the user guide allows %lld GB, a newer page of the service %lld GB", (long long)limit_of(s, LIM_DATA_MAX),
		(long long)newer);
}

void check_disk_size(struct session *s)
{
	each_setting(s, SET_SYSTEM_SIZE, system_size);
	each_setting(s, SET_DATA_SIZE, data_size);
}

static void type_known(struct session *s, const struct jtask *t, const struct jval *v)
{
	static const char *const types[] = { "", "cloud_efficiency", "cloud_ssd", "cloud", "ephemeral", "ephemeral_ssd" };
	const char *type = name_str(s->names, v->s);
	struct suggest sg = { .to = type };
	size_t i;

	(void)t;
	for (i = 0; i < sizeof types / sizeof *types; i++) {
		if (!strcmp(type, types[i]))
			return;
		if (*types[i])
			suggest_try(&sg, types[i]);
	}
	diag_error(s->diags, W0562, v->span, "disk type `%s` is unknown", type);
	diag_note(s->diags, "known are cloud_efficiency, cloud_ssd, cloud, ephemeral and ephemeral_ssd");
	diag_suggest(s->diags, &sg);
}

static void types_equal(struct session *s, const struct jtask *t, const struct jval *data)
{
	const struct jval *sys = task_set(t, SET_SYSTEM_TYPE);

	if (!set_text(s, t, SET_DATA_TYPE) || !set_text(s, t, SET_SYSTEM_TYPE) || sys->s == data->s)
		return;
	diag_error(s->diags, E0563, data->span, "data disk and system disk differ in type: `%s` and `%s`",
		name_str(s->names, data->s), name_str(s->names, sys->s));
	diag_at(s->diags, sys->span, "the system disk's");
	diag_help(s->diags, "give both the same type, or leave one out");
}

void check_disk_type(struct session *s)
{
	each_setting(s, SET_SYSTEM_TYPE, type_known);
	each_setting(s, SET_DATA_TYPE, type_known);
	each_setting(s, SET_DATA_TYPE, types_equal);
}

static void mount_missing(struct session *s, const struct jtask *t, const struct jval *size)
{
	if (gigabytes(size) == 0 || set_text(s, t, SET_DATA_MOUNT))
		return;
	diag_error(s->diags, E0564, size->span, "data disk has no mount point");
	diag_help(s->diags, "say where it is mounted: a directory on Linux, a drive such as E: on Windows");
}

static void mount_form(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *p = name_str(s->names, v->s);
	bool letter = (p[0] | 32) >= 'a' && (p[0] | 32) <= 'z';
	bool drive = letter && (!p[1] || (p[1] == ':' && !p[2]));
	enum platform on = task_platform(s, t);

	if (!*p || (*p == '/' && on != PLATFORM_WINDOWS) || (drive && on != PLATFORM_LINUX))
		return;
	if (*p == '/')
		diag_error(s->diags, E0565, v->span, "data disk cannot be mounted on `%s`: the image is a Windows one", p);
	else
		diag_error(s->diags, E0565, v->span, "data disk cannot be mounted on `%s`: %s", p, drive ?
			_("the machine runs Linux") : _("it is neither an absolute directory nor a drive"));
	diag_help(s->diags, "write %s", on == PLATFORM_WINDOWS ? _("a drive, such as E:") : _("a directory, such as /home/disk"));
}

void check_disk_mount(struct session *s)
{
	each_setting(s, SET_DATA_SIZE, mount_missing);
	each_setting(s, SET_DATA_MOUNT, mount_form);
}

static void bcs_disk(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *type = name_str(s->names, v->s), *machine = set_text(s, t, SET_MACHINE);
	struct machine m;

	if (!machine || !*type || ephemeral(type) || !machine_find(s->site, machine, &m) || !m.old)
		return;
	diag_error(s->diags, E0566, v->span, "machine `%s` has no disk of type `%s`", machine, type);
	diag_at(s->diags, task_set(t, SET_MACHINE)->span, "this type has ephemeral disks only");
	diag_help(s->diags, "write ephemeral, or leave the type out");
}

void check_bcs_disk(struct session *s)
{
	each_setting(s, SET_SYSTEM_TYPE, bcs_disk);
	each_setting(s, SET_DATA_TYPE, bcs_disk);
}
