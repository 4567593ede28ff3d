/* stage_run.c - the process of an attempt: start, signal, reap. */
#include "runtime/stage_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_stream(const char *file, bool there)
{
	return open(file, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (there ? 0 : O_CREAT | O_EXCL), 0666);
}

pid_t stage_spawn(struct stager *s, struct stage *st, int *pidfd, struct stage_error *err)
{
	struct stage_state *x = st->state;
	struct sb_spawn *sp = &x->sp;
	const char *step = "open stdout or stderr";

	arena_reset(s->scratch, (struct arena_mark){ 0 });
	sp->kind = x->plain ? SB_PLAIN : SB_NAMESPACES;
	sp->argv = st->argv;
	sp->env = st->env;
	sp->workdir = x->box ? CONTAINER_WORKDIR : st->workdir;
	sp->root = x->box != NULL;
	sp->cgroup = st->cgroup;
	sp->ncgroup = st->ncgroup < STAGE_CGROUPS ? st->ncgroup : STAGE_CGROUPS;
	sp->limit_data = st->limit_data;
	sp->limit_cpu = st->limit_cpu;
	sp->op = x->op;
	sp->nop = x->nop;
	sp->in = st->terminal ? st->terminal : st->in;
	sp->tty = st->terminal;
	sp->out = st->terminal ? dup(st->terminal) : open_stream(st->out, x->has & SPARE_OUT);
	sp->err = st->terminal ? dup(st->terminal) : open_stream(st->err, x->has & SPARE_ERR);
	if (sp->out >= 0 && sp->err >= 0)
		x->started = sandbox_spawn(&s->sb, sp, &x->child, &step);
	if (!x->started)
		stage_fail(s, err, R_SPAWN, "cannot %s: %s", step, strerror(errno));
	if (sp->out >= 0)
		close(sp->out);
	if (sp->err >= 0)
		close(sp->err);
	if (!x->started)
		return -1;
	st->pid = x->child.pid;
	*pidfd = st->pidfd = x->child.fd;
	return st->pid;
}

void stage_signal(struct stage *st, int sig)
{
	if (st->pid > 0)
		sandbox_signal(&st->state->child, sig);
}

static void judge(struct stage *st, const struct sb_report *r, struct stage_end *end)
{
	if (r->phase != SB_P_END) {
		end->cause = R_SPAWN;
		end->text = sandbox_explain(st->arena, &st->state->sp, r);
		return;
	}
	end->cpu_ms = r->cpu_us < 0 ? -1 : r->cpu_us / 1000;
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
	bool over = st->pid > 0 && sandbox_reap(&s->sb, &st->state->child, &r);

	st->pidfd = st->pid > 0 ? st->state->child.fd : -1;
	if (!over)
		return false;
	*end = (struct stage_end){ .cpu_ms = -1, .max_rss = -1 };
	judge(st, &r, end);
	st->pid = 0;
	return true;
}
