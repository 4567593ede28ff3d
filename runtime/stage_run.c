/* stage_run.c - the process of an attempt: start, signal, reap. */
#include "runtime/stage_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_stream(const char *file)
{
	return open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
}

pid_t stage_spawn(struct stager *s, struct stage *st, int *pidfd, struct stage_error *err)
{
	struct stage_state *x = st->state;
	struct sb_spawn *sp = &x->sp;
	const char *step = "open stdout or stderr";
	pid_t pid = -1;

	arena_reset(s->scratch, (struct arena_mark){ 0 });
	sp->argv = st->argv;
	sp->env = st->env;
	sp->workdir = st->workdir;
	sp->cgroup = st->cgroup;
	sp->ncgroup = st->ncgroup < STAGE_CGROUPS ? st->ncgroup : STAGE_CGROUPS;
	sp->limit_data = st->limit_data;
	sp->limit_cpu = st->limit_cpu;
	sp->op = x->op;
	sp->nop = x->nop;
	sp->out = open_stream(st->out);
	sp->err = open_stream(st->err);
	if (sp->out >= 0 && sp->err >= 0)
		pid = sandbox_spawn(&s->sb, sp, &st->pidfd, &x->report, &step);
	if (pid < 0)
		stage_fail(s, err, R_SPAWN, "cannot %s: %s", step, strerror(errno));
	if (sp->out >= 0)
		close(sp->out);
	if (sp->err >= 0)
		close(sp->err);
	if (pid < 0)
		return -1;
	x->started = true;
	st->pid = pid;
	*pidfd = st->pidfd;
	return pid;
}

void stage_signal(struct stage *st, int sig)
{
	if (st->pid > 0)
		sandbox_signal(st->state->sb, st->pidfd, sig);
}

static void judge(struct stage *st, const struct sb_report *r, struct stage_end *end)
{
	if (r->phase != SB_P_END) {
		end->cause = R_SPAWN;
		end->text = sandbox_explain(st->arena, &st->state->sp, r);
		return;
	}
	end->cpu_ms = r->cpu_us / 1000;
	end->max_rss = r->max_rss;
	if (WIFSIGNALED(r->status)) {
		end->cause = R_SIGNAL;
		end->status = WTERMSIG(r->status);
	} else {
		end->status = WEXITSTATUS(r->status);
		end->cause = end->status ? R_EXIT : R_DONE;
	}
}

bool stage_reap(struct stager *s, struct stage *st, struct stage_end *end)
{
	struct sb_report r;
	siginfo_t si;

	(void)s;
	memset(&si, 0, sizeof(si));
	if (st->pid <= 0 || waitid(P_PIDFD, (id_t)st->pidfd, &si, WEXITED | WNOHANG) < 0 || si.si_pid == 0)
		return false;
	memset(end, 0, sizeof(*end));
	end->cpu_ms = end->max_rss = -1;
	if (sandbox_report(st->state->report, &r)) {
		judge(st, &r, end);
	} else { /* killed before it could report: by us, by the kernel, by somebody */
		end->cause = R_SIGNAL;
		end->status = si.si_code == CLD_EXITED ? SIGKILL : si.si_status;
	}
	close(st->state->report);
	close(st->pidfd);
	st->state->report = st->pidfd = -1;
	st->pid = 0;
	return true;
}
