/* test_words.c - quoting: words of command lines, and values inside shell scripts, tried on the real shell. */
#include "compiler/shell_command.h"
#include "job/words.h"
#include "tests/unit/tap.h"

#include <unistd.h>

static struct arena *a;

static const char *split(const char *s)
{
	char **v;
	size_t n;
	struct buf b;
	const char *text;

	buf_init(&b, 1000);
	if (!words_split(a, s, &v, &n))
		return "(unbalanced)";
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "<%s>", v[i]);
	text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

static const char *quoted(const char *s)
{
	struct buf b;
	const char *text;

	buf_init(&b, 1000);
	word_quote(&b, s, strlen(s));
	text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

static void test_split(void)
{
	is_str(split("a b\tc\nd"), "<a><b><c><d>");
	is_str(split(""), "");
	is_str(split("a'b c'd"), "<ab cd>");
	is_str(split("\"a\\n\\\\\""), "<a\\n\\>");
	is_str(split("'a"), "(unbalanced)");
	is_str(split("a\\"), "(unbalanced)");
	is_str(split("$HOME `x` a|b >c"), "<$HOME><`x`><a|b><>c>");
}

static void test_quote(void)
{
	is_str(quoted("a/b-c_1.txt"), "a/b-c_1.txt");
	is_str(quoted(""), "''");
	is_str(quoted("a b"), "'a b'");
	is_str(quoted("it's"), "'it'\\''s'");
	is_str(quoted("=x"), "'=x'");
	is_str(quoted("K=x"), "K=x");
	is_str(quoted("~"), "'~'");
	is_str(split(quoted("a 'b' \"c\" \\ $x")), "<a 'b' \"c\" \\ $x>");
}

/* The output of a script with the value put in where it says @@. */
static const char *shell_says(const char *script, const char *value)
{
	const char *at = strstr(script, "@@");
	struct shell sh;
	struct buf b;
	char path[] = "/tmp/weft-words-XXXXXX", cmd[64], out[4096];
	int fd = mkstemp(path);
	FILE *f;
	size_t n;

	buf_init(&b, 10000);
	shell_init(&sh, a);
	while (at) {
		shell_text(&sh, script, (size_t)(at - script));
		buf_add(&b, script, (size_t)(at - script));
		shell_value(&sh, &b, value, strlen(value));
		script = at + 2;
		at = strstr(script, "@@");
	}
	buf_adds(&b, script);
	if (fd < 0 || write(fd, buf_str(&b), b.len) != (ssize_t)b.len)
		return "(cannot write)";
	close(fd);
	snprintf(cmd, sizeof cmd, "bash %s 2>&1", path);
	f = popen(cmd, "r");
	n = fread(out, 1, sizeof out - 1, f);
	pclose(f);
	unlink(path);
	while (n && out[n - 1] == '\n')
		n--;
	shell_free(&sh);
	buf_free(&b);
	return arena_strndup(a, out, n);
}

static void test_shell(void)
{
	static const char *const nasty[] = { "plain", "a b", "$(echo HACK)", "`echo HACK`", "it's \"x\"", "\\", "*",
		"a;echo HACK",
		"!x #y", "$HOME", "", "~", "'; echo HACK; '", "\"; echo HACK; \"" };
	static const char *const script[] = {
		"printf '%s\\n' @@",
		"printf '%s\\n' \"@@\"",
		"printf '%s\\n' '@@'",
		"printf '%s\\n' $'@@'",
		"# don't be misled\nprintf '%s\\n' @@",
		"echo \"it's $(true 'x' \"y\")\" >/dev/null; printf '%s\\n' \"@@\"",
		"x=$(printf '%s' \"@@\"); printf '%s\\n' \"$x\"",
		"x=\"$(printf '%s' @@)\"; printf '%s\\n' \"$x\"",
		"cat <<EOF\n@@\nEOF",
		"cat <<'EOF'\n@@\nEOF",
		"cat <<-EOF >/dev/null; printf '%s\\n' @@\n\tdon't\n\tEOF",
		"cat <<EOF >/dev/null\ndon't\nEOF\nprintf '%s\\n' @@",
		"x=$((1 << 2)); printf '%s\\n' @@",
		"y=${#x}; printf '%s\\n' @@",
		"cat <<< \"@@\"",
	};

	for (size_t i = 0; i < sizeof script / sizeof script[0]; i++)
		for (size_t k = 0; k < sizeof nasty / sizeof nasty[0]; k++) {
			if (!is_str(shell_says(script[i], nasty[k]), nasty[k]))
				printf("# in: %s\n", script[i]);
		}
	is_str(shell_says("# @@\necho ok", "a\necho HACK"), "ok");
}

static bool argument(const char *text)
{
	return shell_argument(text, strlen(text));
}

static void test_argument(void)
{
	static const char *const seen[] = { "curl -H ", "curl -H x:", "x && curl ", "echo | curl ", "if curl ", "A=1 curl ", "make A=", "env A=",
		"echo $(curl ", "echo `curl ", "x=$(echo) ", "! curl ", "curl 2>&1 ", "curl > f ", "exec curl -k ", "", "true; curl ", "f&>g " };
	static const char *const safe[] = { "echo ", "A=", "B=x A=", "A+=", "x; A=", "cat <<< ", "cat <<<", "curl > ", "curl 2>", "printf x | read ",
		"curl $(echo ", "echo $(curl x) ", "echo `curl` ", "export A=", "[ -n ", "if [ x ] && test ", "x || echo ", "case " };
	size_t i;

	for (i = 0; i < sizeof(seen) / sizeof(*seen); i++)
		if (!ok(argument(seen[i])))
			printf("# %s\n", seen[i]);
	for (i = 0; i < sizeof(safe) / sizeof(*safe); i++)
		if (!ok(!argument(safe[i])))
			printf("# %s\n", safe[i]);
	ok(shell_argument("echo\0curl ", 10));
	ok(!shell_argument("curl\0echo ", 10));
}

static void test_units(void)
{
	int64_t v;
	struct buf b;

	ok(unit_read("32GB", 4, true, &v) && v == 32LL << 30);
	ok(unit_read("1.5h", 4, false, &v) && v == 5400000);
	ok(!unit_read("32GB", 4, false, &v));
	ok(!unit_read("GB", 2, true, &v));
	ok(!unit_read("9999999999PB", 12, true, &v));
	buf_init(&b, 100);
	unit_print(90000, false, &b);
	unit_print(1536, true, &b);
	unit_print(0, true, &b);
	unit_print(86400000, false, &b);
	is_str(buf_str(&b), "90s1536B0B1d");
	buf_free(&b);
}

int main(void)
{
	a = arena_new();
	test_split();
	test_quote();
	test_shell();
	test_argument();
	test_units();
	arena_free(a);
	return tap_end();
}
