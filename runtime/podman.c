/* podman.c - podman with a storage of ours: what of its own configuration and of the user's images there is, is left alone. */
#include "runtime/container_impl.h"

#include "base/digest.h"
#include "base/io.h"
#include "base/buf.h"
#include "runtime/stage_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_MAX = 1 << 20, WORDS = 24, RUN_MAX = 50 /* bytes of its --runroot: more it refuses */ };

const char *podman_program(struct arena *a)
{
	const char *p = getenv("PATH");

	for (size_t n; p && *p; p += n + (p[n] == ':')) {
		const char *file;

		n = strcspn(p, ":");
		file = arena_printf(a, "%.*s/podman", (int)n, p);
		if (n && access(file, X_OK) == 0)
			return file;
	}
	return NULL;
}

/* ---- its configuration ---- */

static bool put_file(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write_all(fd, text, strlen(text));

	return fd >= 0 && close(fd) == 0 && ok;
}

/* DIR/run, by another name where that is too long: a link of ours, the same one every time (podman remembers the name). */
static const char *run_dir(struct arena *a, const char *dir)
{
	const char *run = fs_join(a, dir, "run");

	if (strlen(run) <= RUN_MAX)
		return run;
	return arena_printf(a, "/tmp/weft-%lx-%016llx", (unsigned long)geteuid(), (unsigned long long)digest_hash64(run, strlen(run), 0));
}

/* Whoever else has made it first is not trusted. */
static bool link_run(struct arena *a, const char *dir, const char *to)
{
	const char *run = fs_join(a, dir, "run");
	size_t n = strlen(run);
	char *was = arena_alloc(a, n + 1);
	struct stat sb;

	if (strcmp(run, to) == 0 || symlink(run, to) == 0)
		return true;
	if (errno != EEXIST || lstat(to, &sb) < 0)
		return false;
	errno = EEXIST;
	return sb.st_uid == geteuid() && readlink(to, was, n + 1) == (ssize_t)n && memcmp(was, run, n) == 0;
}

static void unlink_run(const char *dir, const char *run)
{
	if (strncmp(run, dir, strlen(dir)) != 0)
		unlink(run);
}

static bool configure(struct arena *a, const char *dir, const char *run)
{
	return fs_mkdirs(fs_join(a, dir, "storage")) && fs_mkdirs(fs_join(a, dir, "run")) && fs_mkdirs(fs_join(a, dir, "tmp")) &&
		put_file(fs_join(a, dir, "containers.conf"), arena_printf(a, "[engine]\nlock_type = \"file\"\ntmp_dir = \"%s\"\n", run)) &&
		put_file(fs_join(a, dir, "storage.conf"), arena_printf(a, "[storage]\ndriver = \"overlay\"\ngraphroot = \"%s/storage\"\n"
			"runroot = \"%s\"\n", dir, run)) &&
		put_file(fs_join(a, dir, "policy.json"), "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}\n");
}

/* Nothing of the caller's but where programs are: no secret, no other storage, no proxy. */
static char **environment(struct arena *a, const char *dir)
{
	const char *path = getenv("PATH");
	char **v = arena_zalloc(a, 8, sizeof(*v));
	uint32_t n = 0;

	v[n++] = arena_printf(a, "PATH=%s", path ? path : "/usr/bin:/bin");
	v[n++] = arena_printf(a, "HOME=%s", dir);
	v[n++] = arena_printf(a, "TMPDIR=%s/tmp", dir);
	v[n++] = arena_printf(a, "XDG_RUNTIME_DIR=%s/run", dir);
	v[n++] = arena_printf(a, "CONTAINERS_CONF=%s/containers.conf", dir);
	v[n++] = arena_printf(a, "CONTAINERS_STORAGE_CONF=%s/storage.conf", dir);
	return v;
}

/* In a mount namespace of its own: podman mounts its storage on itself and leaves that when it fails.  Users other than root
 * are root in a namespace of one user: what they unpack is theirs, and they can remove it. */
static char **words(struct arena *a, const char *dir, const char *run, const char *driver, const char *const *argv)
{
	static const char *const own[] = { "unshare", "--mount", "--", "unshare", "--mount", "--user", "--map-root-user", "--" };
	bool root = geteuid() == 0;
	const char **v = arena_zalloc(a, WORDS, sizeof(*v));
	uint32_t n = 0;

	for (size_t i = root ? 0 : 3; i < (root ? 3 : sizeof(own) / sizeof(*own)); i++)
		v[n++] = own[i];
	v[n++] = "podman";
	v[n++] = "--root";
	v[n++] = fs_join(a, dir, "storage");
	v[n++] = "--runroot";
	v[n++] = run;
	v[n++] = "--storage-driver";
	v[n++] = driver;
	if (!root) {
		v[n++] = "--storage-opt";
		v[n++] = arena_printf(a, "%s.ignore_chown_errors=true", driver);
	}
	while (*argv && n < WORDS - 1)
		v[n++] = *argv++;
	return (char **)(uintptr_t)v;
}

/* ---- running it ---- */

static bool start(char **argv, char **env, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	int e;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawn_file_actions_adddup2(&fa, err, 2);
	e = posix_spawnp(pid, argv[0], &fa, NULL, argv, env);
	posix_spawn_file_actions_destroy(&fa);
	errno = e;
	return e == 0;
}

static char *text_of(struct arena *a, int fd)
{
	char *p = arena_alloc(a, OUTPUT_MAX + 1);
	ssize_t n = pread(fd, p, OUTPUT_MAX, 0);

	n = n > 0 ? n : 0;
	while (n && p[n - 1] == '\n')
		n--;
	p[n] = 0;
	return p;
}

/* "time=... level=error msg=..." lines come before "Error: what matters:", and what was tried after it. */
static const char *last_words(char *text)
{
	char *error = strstr(text, "Error: "), *line = strrchr(text, '\n'), *end;

	line = error && (error == text || error[-1] == '\n') ? error + 7 : line ? line + 1 : text;
	end = line + strcspn(line, "\n");
	while (end > line && end[-1] == ':')
		end--;
	*end = 0;
	return *line ? line : "podman has failed and says nothing";
}

/* A file without a name in DIR. */
static int unnamed(struct arena *a, const char *dir)
{
	char *nm = arena_printf(a, "%s/tmp/said.XXXXXX", dir);
	int fd = mkostemp(nm, O_CLOEXEC);

	if (fd >= 0)
		unlink(nm);
	return fd;
}

const char *podman_run(struct arena *a, const char *dir, const char *const *argv, const char **why)
{
	const char *driver = access(fs_join(a, dir, "vfs"), F_OK) == 0 ? "vfs" : "overlay", *run = run_dir(a, dir), *said = NULL;
	int out = -1, err, status = -1;
	pid_t pid;

	if (!configure(a, dir, run) || (out = unnamed(a, dir)) < 0) {
		*why = arena_printf(a, "`%s` cannot be written: %s", dir, strerror(errno));
		return NULL;
	}
	if (!link_run(a, dir, run)) {
		*why = arena_printf(a, "`%s` cannot be made: %s", run, strerror(errno));
		close(out);
		return NULL;
	}
	err = unnamed(a, dir);
	if (err >= 0 && start(words(a, dir, run, driver, argv), environment(a, dir), out, err, &pid)) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		said = status == 0 ? text_of(a, out) : NULL;
		*why = said ? "" : last_words(text_of(a, err));
	} else {
		*why = arena_printf(a, "podman cannot be started: %s", strerror(errno));
	}
	unlink_run(dir, run);
	close(out);
	if (err >= 0)
		close(err);
	return said;
}
