/* slurm_renew.c - see slurm_renew.h. */
#include "runtime/slurm_renew.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/intl.h"
#include "runtime/program.h"
#include "runtime/slurm_api.h"
#include "runtime/slurm_token.h"

enum {
	TOKEN_MAX = 64 << 10,
	PROGRAM_MS = 20000,  /* scontrol gives up after some 19 s while slurmctld is away */
	AGAIN_MS = 1000, AGAIN_MAX_MS = 60000, /* from one run of the program to the next, doubled until a token is accepted */
	HALF_MS = 2000,      /* as long may a file be half written */
	AHEAD_S = 300,       /* renewed so long before the end, or at half its time if that is later */
	WAKE_MS = 60000,
};

struct slurm_renew {
	const struct slurm_conf *conf;
	char *from;          /* for people */
	char *text;          /* NULL: none */
	int64_t until;       /* Unix time when it expires; 0: never, or not known */
	int64_t due;         /* Unix time to renew it; 0: none */
	bool own;            /* the program gave it */
	struct timespec time; /* of the file as it was read */
	int64_t bad_since;   /* clock_ms when the file was first found unusable; 0: it is not */
	struct program *program;
	int64_t begun;       /* clock_ms when the program was last run; 0: never */
	int64_t again_ms;    /* and how long it is left alone then */
	bool failed;         /* it has given none that lasts */
	char *trouble;       /* NULL: none */
};

static void trouble(struct slurm_renew *t, const char *text)
{
	free(t->trouble);
	t->trouble = text ? xstrdup(text) : NULL;
}

/* ---- a token ---- */

static void read_claims(struct slurm_renew *t)
{
	struct arena *a = arena_new();
	int64_t now = (int64_t)time(NULL), left;
	const char *user;

	t->due = t->until = 0;
	if (slurm_token_read(a, t->text, &user, &t->until) && t->until > 0) {
		left = t->until > now ? t->until - now : 0;
		t->due = t->until - (left / 2 < AHEAD_S ? left / 2 : AHEAD_S);
	}
	t->until = t->until > 0 ? t->until : 0;
	arena_free(a);
}

/* The token in a text, alone or as `scontrol token` prints it. */
static bool take(struct slurm_renew *t, const char *text, bool own)
{
	const char *at = strstr(text, "SLURM_JWT=");
	size_t n;

	at = at ? at + 10 : text;
	at += strspn(at, " \t\r\n");
	n = strcspn(at, " \t\r\n");
	if (!n)
		return false;
	free(t->text);
	t->text = xstrndup(at, n);
	t->own = own;
	read_claims(t);
	return true;
}

/* ---- a file ---- */

/* false with errno, 0: it holds nothing. */
static bool read_file(struct slurm_renew *t)
{
	int fd = open(t->conf->token_file, O_RDONLY | O_CLOEXEC);
	char text[TOKEN_MAX];
	struct stat sb;
	ssize_t n;

	if (fd < 0)
		return false;
	n = fstat(fd, &sb) < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return false;
	text[n] = 0;
	errno = 0;
	if (strlen(text) != (size_t)n || !take(t, text, false))
		return false;
	t->time = sb.st_mtim;
	return true;
}

static const char *file_why(const struct slurm_renew *t, struct arena *a, int err)
{
	return arena_printf(a, _("the token in `%s` cannot be read: %s"), t->conf->token_file, err ? strerror(err) : _("it is empty"));
}

/* It is written anew: not at once in one piece, perhaps. */
static void file_bad(struct slurm_renew *t, int err)
{
	int64_t now = clock_ms();
	struct arena *a = arena_new();

	t->bad_since = t->bad_since ? t->bad_since : now;
	if (now - t->bad_since >= HALF_MS)
		trouble(t, file_why(t, a, err));
	arena_free(a);
}

static bool look_file(struct slurm_renew *t)
{
	struct stat sb;

	if (!t->bad_since && stat(t->conf->token_file, &sb) == 0 && sb.st_mtim.tv_sec == t->time.tv_sec &&
	    sb.st_mtim.tv_nsec == t->time.tv_nsec)
		return false;
	if (!read_file(t)) {
		file_bad(t, errno);
		return false;
	}
	t->bad_since = 0;
	trouble(t, NULL);
	return true;
}

/* ---- a program ---- */

/* Without the old token: scontrol would ask with it. */
static char **environment(struct arena *a)
{
	char **env, **v;
	size_t n = 0, k = 0;

	for (v = environ; *v; v++)
		n++;
	env = arena_zalloc(a, n + 1, sizeof(*env));
	for (v = environ; *v; v++)
		if (strncmp(*v, "SLURM_JWT=", 10) != 0)
			env[k++] = *v;
	return env;
}

static void no_token(struct slurm_renew *t, struct arena *a, const char *why)
{
	trouble(t, arena_printf(a, _("%s gives no token: %s"), t->from, why));
}

static bool due(const struct slurm_renew *t)
{
	return t->due && t->due <= (int64_t)time(NULL);
}

/* ms until the program may be run again. */
static int64_t held(const struct slurm_renew *t)
{
	int64_t ms = t->begun ? t->begun + t->again_ms - clock_ms() : 0;

	return ms < 0 ? 0 : ms;
}

static void start(struct slurm_renew *t)
{
	struct arena *a = arena_new();
	const char **argv = arena_zalloc(a, t->conf->ncommand + 1, sizeof(*argv));

	memcpy(argv, t->conf->command, t->conf->ncommand * sizeof(*argv));
	t->program = program_start(argv, environment(a), TOKEN_MAX, PROGRAM_MS);
	t->begun = clock_ms();
	t->again_ms = t->again_ms * 2 > AGAIN_MAX_MS ? AGAIN_MAX_MS : t->again_ms * 2;
	t->failed = true;
	if (!t->program)
		no_token(t, a, strerror(errno));
	arena_free(a);
}

/* It has ended: is there a token? */
static bool take_said(struct slurm_renew *t)
{
	struct arena *a = arena_new();
	const char *why = _("it prints nothing"), *said = program_said(t->program, a, &why);
	bool ok = said && take(t, said, true);

	if (!ok)
		no_token(t, a, why);
	else if (t->until && t->until <= (int64_t)time(NULL))
		trouble(t, arena_printf(a, _("%s gives a token that has expired"), t->from));
	else
		trouble(t, NULL);
	program_free(t->program);
	t->program = NULL;
	t->failed = !ok || due(t);
	arena_free(a);
	return ok;
}

/* ---- the whole ---- */

static char *source_of(const struct slurm_conf *c)
{
	struct buf b;
	char *s;

	if (!c->ncommand)
		return xstrdup(c->token_file ? c->token_file : "SLURM_JWT");
	buf_init(&b, 1 << 12);
	for (uint32_t i = 0; i < c->ncommand; i++)
		buf_addf(&b, "%s%s", i ? " " : "`", c->command[i]);
	buf_addc(&b, '`');
	s = xstrdup(buf_str(&b));
	buf_free(&b);
	return s;
}

struct slurm_renew *slurm_renew_new(const struct slurm_conf *c)
{
	struct slurm_renew *t = xcalloc(1, sizeof(*t));

	t->conf = c;
	t->from = source_of(c);
	t->again_ms = AGAIN_MS;
	return t;
}

void slurm_renew_free(struct slurm_renew *t)
{
	if (!t)
		return;
	program_free(t->program);
	free(t->from);
	free(t->text);
	free(t->trouble);
	free(t);
}

bool slurm_renew_first(struct slurm_renew *t, struct arena *a, const char **why)
{
	if (t->conf->token && !t->text)
		take(t, t->conf->token, false);
	if (t->conf->token_file && !read_file(t)) {
		*why = file_why(t, a, errno);
		return false;
	}
	if (!t->conf->ncommand || (t->text && !due(t)))
		return true;
	return slurm_renew_ask(t, a, why);
}

bool slurm_renew_ask(struct slurm_renew *t, struct arena *a, const char **why)
{
	if (!t->program)
		start(t);
	if (t->program)
		program_finish(t->program);
	if (t->program && take_said(t))
		return true;
	*why = arena_strdup(a, t->trouble);
	return false;
}

const char *slurm_renew_text(const struct slurm_renew *t)
{
	return t->text;
}

const char *slurm_renew_from(const struct slurm_renew *t)
{
	return t->from;
}

bool slurm_renew_own(const struct slurm_renew *t)
{
	return !t->conf->ncommand || t->own;
}

bool slurm_renew_look(struct slurm_renew *t)
{
	if (t->conf->token_file)
		return look_file(t);
	if (due(t) && t->conf->ncommand && !t->program && (!t->failed || !held(t)))
		start(t);
	return false;
}

void slurm_renew_refused(struct slurm_renew *t)
{
	if (t->conf->ncommand && !t->program && !held(t))
		start(t);
}

void slurm_renew_accepted(struct slurm_renew *t)
{
	t->again_ms = AGAIN_MS;
}

int slurm_renew_watch(const struct slurm_renew *t, struct loop *l)
{
	int64_t ms = t->due - (int64_t)time(NULL), hold = t->failed ? held(t) : 0;

	if (t->program)
		return program_watch(t->program, l);
	if (t->bad_since && !t->trouble)
		return HALF_MS;
	if (!t->conf->ncommand || !t->due)
		return -1;
	ms = ms < 0 ? 0 : ms > WAKE_MS / 1000 ? WAKE_MS : ms * 1000;
	return (int)(ms < hold ? hold : ms);
}

bool slurm_renew_turn(struct slurm_renew *t)
{
	if (t->program)
		return program_turn(t->program) && take_said(t);
	return slurm_renew_look(t);
}

const char *slurm_renew_trouble(struct slurm_renew *t)
{
	struct arena *a;

	if (t->trouble || !t->until || t->until > (int64_t)time(NULL))
		return t->trouble;
	a = arena_new();
	trouble(t, arena_printf(a, _("the token of %s has expired"), t->from));
	arena_free(a);
	return t->trouble;
}

int64_t slurm_renew_lasts(const struct slurm_renew *t)
{
	int64_t left = t->until - (int64_t)time(NULL);

	return !t->until || t->conf->ncommand ? -1 : left < 0 ? 0 : left;
}
