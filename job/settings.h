/* settings.h - the table of settings: how weft, job JSON and the model name each.  Rows are in settings.def.
 *
 * Front ends, lowering, the unknown-setting check and the JSON writer read this table and nothing else. */
#ifndef WEFT_JOB_SETTINGS_H
#define WEFT_JOB_SETTINGS_H

#include "base/arena.h"

#include <stdbool.h>

enum set_type { T_STR, T_INT, T_NUM, T_BOOL, T_DUR, T_GB, T_SIZE, T_LIST, T_MAP, T_ANY, T_EXPR, T_SPECIAL };
enum set_where { S_JOB = 1, S_TASK = 2, S_CLUSTER = 4, S_POOL = 6 /* task or cluster block */ };
enum setting {
#define SET(id, where, path, type, json, flags) SET_##id,
#include "job/settings.def"
#undef SET
	SET_COUNT
};
struct setting_info {
	const char *id, *path, *json;
	uint8_t where, type;
	bool required;
};
extern const struct setting_info settings[SET_COUNT];

/* The setting of this weft path ("disk.system.size") in a block of kind `where` (S_JOB, S_TASK, S_CLUSTER, or
 * several); SET_COUNT if there is none.  Rows without a weft path are never found. */
enum setting setting_by_path(int where, const char *path);
/* The same by JSON path below the JobDescription (S_JOB) or the task object (S_TASK | S_CLUSTER). */
enum setting setting_by_json(int where, const char *path);
/* Is this path a block (weft) or an object (JSON) that holds settings: "disk", "disk.system"? */
bool setting_has_path(int where, const char *path);
bool setting_has_json(int where, const char *path);
/* Try every word that may follow `block` ("" = at the top of the block) as a proposal.  Words live in a. */
struct suggest;
void setting_suggest(struct suggest *s, struct arena *a, int where, const char *block);
void setting_suggest_json(struct suggest *s, struct arena *a, int where, const char *object);
/* What holds when it is not set: priority 1, timeout 6 h in ms, fail_fast true; else 0. */
int64_t setting_default(enum setting id);

#endif
