/* through.c - see through.h. */
#include "cli/through.h"

#include "base/io.h"
#include "lang/cfgline.h"
#include "runtime/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_MAX = 16 << 20 };

static struct cfg_line *line_of(const struct opts *o)
{
	struct cfg_line *l = cfg_line_new("weft run");
	struct buf b;
	if (opts_value(o, "pack"))
		cfg_line_add(l, "--pack", "pack", opts_value(o, "pack"), false);
	buf_init(&b, COMMAND_MAX);
	for (uint32_t i = 0; i < o->nargs; i++)
		text_command(&b, (char *[]){ (char *)(uintptr_t)o->args[i], NULL });
	cfg_line_add(l, "--", "cmd", buf_str(&b), false);
	buf_free(&b);
	return l;
}

static void copy(int from, int to)
{
	char chunk[1 << 14];
	ssize_t n;
	while ((n = read(from, chunk, sizeof chunk)) > 0 && write_all(to, chunk, (size_t)n))
		;
}

static void copy_file(int dir, const char *file, int to)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	copy(fd, to);
	close(fd);
}

/* What the command has said: the run's logs, one of each stream at most. */
static void show_streams(const char *logs)
{
	DIR *d = opendir(logs);
	struct dirent *e;
	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, "stdout.", 7) == 0)
			copy_file(dirfd(d), e->d_name, STDOUT_FILENO);
		else if (strncmp(e->d_name, "stderr.", 7) == 0)
			copy_file(dirfd(d), e->d_name, STDERR_FILENO);
	}
	if (d)
		closedir(d);
}

/* Quietly: what the run has to say is shown only when the command's own status does not tell. */
static int run(struct runargs *a, const struct job *j, struct diags *d)
{
	struct run_result res = { 0 };
	FILE *said = tmpfile(); /* progress writes to its descriptor */
	if (said)
		a->run.out = a->run.err = said;
	a->run.ui = "plain";
	int rc = run_job(j, &a->run, d, &res);
	if (res.logs)
		show_streams(res.logs);
	if (rc == EXIT_FAILED && (res.cause == R_EXIT || res.cause == R_SIGNAL))
		rc = res.cause == R_EXIT ? res.status : 128 + res.status;
	else if (rc && said && fflush(said) == 0 && lseek(fileno(said), 0, SEEK_SET) == 0)
		copy(fileno(said), STDERR_FILENO);
	if (said)
		fclose(said);
	return rc;
}

int through_run(const struct opts *o, const struct run_options *more)
{
	struct cfg_line *line = line_of(o);
	int rc = runargs_line_anew(o, line, CFG_LINE_PATH, run, more);
	cfg_line_free(line);
	return rc;
}
