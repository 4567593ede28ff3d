/* jobjson_path.c - the JSON keys of settings.def as a small tree, looked up by (parent, key). */
#include "lang/jobjson.h"

#include <string.h>

static uint32_t slot_of(const struct paths *p, uint32_t parent, name key)
{
	uint32_t i = (key * 31u + parent) * 2654435769u >> 7;

	for (i %= PATH_HASH; p->hash[i]; i = (i + 1) % PATH_HASH) {
		const struct pnode *n = &p->v[p->hash[i]];

		if (n->parent == parent && n->key == key)
			break;
	}
	return i;
}

uint32_t paths_find(const struct paths *p, uint32_t parent, name key)
{
	return key ? p->hash[slot_of(p, parent, key)] : 0;
}

static uint32_t add(struct paths *p, uint32_t parent, name key)
{
	uint32_t i = slot_of(p, parent, key);

	if (!p->hash[i] && p->n < PATH_MAX) {
		p->v[p->n] = (struct pnode){ .key = key, .parent = (uint16_t)parent, .setting = P_NONE };
		p->hash[i] = (uint16_t)p->n++;
		p->v[parent].inner = true;
	}
	return p->hash[i];
}

static void add_path(struct paths *p, struct names *names, uint32_t at, const char *path, uint16_t setting)
{
	for (;;) {
		size_t n = strcspn(path, ".");

		at = add(p, at, name_of(names, path, n));
		if (!path[n])
			break;
		path += n + 1;
	}
	p->v[at].setting = setting;
}

void paths_build(struct paths *p, struct names *names)
{
	memset(p, 0, sizeof *p);
	p->v[PATH_JOB].setting = p->v[PATH_TASK].setting = P_NONE;
	p->n = PATH_TASK + 1;
	for (unsigned i = 0; i < SET_COUNT; i++)
		add_path(p, names, settings[i].where & S_JOB ? PATH_JOB : PATH_TASK, settings[i].json, (uint16_t)i);
	/* other spellings that clients send */
	add_path(p, names, PATH_TASK, "TaskName", P_TASK_NAME);
	add_path(p, names, PATH_TASK, "Mounts.OSS.AccessSecurityToken", SET_MOUNT_TOKEN);
	add_path(p, names, PATH_TASK, "AutoCluster.Configs.Mounts.OSS.AccessSecurityToken", SET_POOL_TOKEN);
}
