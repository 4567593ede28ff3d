/* logname.c - see logname.h. */
#include "runtime/logname.h"

#include "base/digest.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

enum { NAME_MOST = 100, JOB_LEN = 36 /* "job-" and 32 hexadecimal digits */ };

const char *log_workdir(struct arena *a, const char *task, int64_t instance, uint32_t attempt)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	if (!*task || task[strspn(task, fine)] || strlen(task) > NAME_MOST)
		task = arena_printf(a, "task-%016llx", (unsigned long long)digest_hash64(task, strlen(task), 0));
	return arena_printf(a, "%s.%lld.%u", task, (long long)instance, attempt);
}

const char *log_name(struct arena *a, const char *stream, const char *job, const char *task, int64_t instance)
{
	return arena_printf(a, "%s.%s.%s.%lld", stream, job, task, (long long)instance);
}

const char *log_earlier(struct arena *a, const char *name, uint32_t attempt)
{
	return arena_printf(a, "%s.attempt-%u", name, attempt);
}

const char *log_job(struct arena *a, const char *logs)
{
	DIR *dir = opendir(logs);
	const char *job = NULL;
	struct dirent *e;

	if (dir)
		errno = 0;
	while (dir && !job && (e = readdir(dir))) {
		const char *dot = strchr(e->d_name, '.');

		if (dot && !strncmp(dot, ".job-", 5) && strlen(dot + 1) > JOB_LEN && dot[1 + JOB_LEN] == '.')
			job = arena_strndup(a, dot + 1, JOB_LEN);
	}
	int err = errno;
	if (dir)
		closedir(dir);
	errno = err;
	return job;
}
