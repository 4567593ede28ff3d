#!/bin/bash
# lint.sh - house rules that a machine can see: banned calls, headers that stand alone, codes and their pages,
# long functions and lines, and text that has no place here.
cd "$(dirname "$0")/.." || exit 1
CC=${CC:-gcc}
shopt -s lastpipe # a rule counts in this shell
passed=0 failed=0
rule() { # NAME, findings from standard input
	found=$(cat)
	if [ -z "$found" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + $(printf '%s\n' "$found" | wc -l)))
		printf '%s\n' "$found" | sed "s/^/$1: /"
	fi
}
sources='base lang job compiler runtime cli'
code=$(find $sources -name '*.[chly]' | sort)

# comments and strings are blanked, lines keep their numbers
stripped() {
	awk 'FNR == 1 { c = 0 }
	{
		s = $0; out = ""
		while (length(s)) {
			if (c) { i = index(s, "*/"); if (!i) { s = ""; break } s = substr(s, i + 2); c = 0; continue }
			if (match(s, /^"([^"\\]|\\.)*"/)) { out = out "\"\""; s = substr(s, RLENGTH + 1); continue }
			if (match(s, /^'"'"'([^'"'"'\\]|\\.)+'"'"'/)) { out = out "0"; s = substr(s, RLENGTH + 1); continue }
			if (substr(s, 1, 2) == "/*") { c = 1; s = substr(s, 3); continue }
			if (substr(s, 1, 2) == "//") { s = ""; continue }
			out = out substr(s, 1, 1); s = substr(s, 2)
		}
		print FILENAME ":" FNR ": " out
	}' "$@"
}
text=$(stripped $code)

printf '%s\n' "$text" | grep -E '[^_a-zA-Z.>](strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|system|popen|gets|alloca|tmpnam|mktemp)[[:space:]]*\(' |
	rule 'banned call'
printf '%s\n' "$text" | grep -vE '^base/arena\.[ch]:' | grep -E '[^_a-zA-Z.>](malloc|calloc|realloc|strdup|strndup|asprintf)[[:space:]]*\(' |
	rule 'allocation outside base/arena.c'
printf '%s\n' "$text" | grep -E '^compiler/' | grep -E '[^_a-zA-Z.>](l?stat|fstatat|f?access|faccessat|open|openat|fopen|opendir|glob)[[:space:]]*\(' |
	rule 'looks at files unseen by base/deps.h (source_load, deps_look, deps_size, deps_glob)'
printf '%s\n' "$text" | grep -E '^[^:]*\.h:[0-9]+: typedef struct' | rule 'typedef of a struct'

headers() {
	for h in $(find $sources -name '*.h' | sort); do
		echo "#include \"$h\"" | $CC -std=c11 -D_GNU_SOURCE -I. -fsyntax-only -x c - 2>&1 | grep -m1 error | sed "s|^|$h: |"
	done
}
headers | rule 'header does not compile alone'

codes=$(sed -n 's/^CODE(\([A-Z][0-9]*\),.*/\1/p' base/codes.def; sed -n 's/^RCAUSE([A-Z_]*, "\(R[0-9]*\)".*/\1/p' runtime/causes.def)
{
	printf '%s\n' $codes | sort | uniq -d | sed 's/$/ is listed twice/'
	sed -n 's/^CODE([A-Z][0-9]*, "\([^"]*\)".*/\1/p' base/codes.def | sort | uniq -d | sed 's/$/: two codes have this name/'
	for c in $codes; do [ -f "doc/errors/$c.md" ] || echo "$c has no page doc/errors/$c.md"; done
	for p in doc/errors/*.md; do
		c=$(basename "$p" .md)
		printf '%s\n' $codes | grep -qx "$c" || echo "$p: no such code"
	done
} | rule 'codes and pages'
{
	for c in $(sed -n 's/^CODE(\([A-Z][0-9]*\),.*/\1/p' base/codes.def); do
		grep -srqwE "$c" --include='*.err' --include='*.errjson' --include='*.short' --include='*.out' tests/golden examples ||
			grep -srqw "$c" tests/unit tests/e2e tests/prop || echo "$c has no golden"
	done
} | rule 'codes and tests'

for k in $(sed -n 's/^KEY([A-Z]*, \([a-z_]*\),.*/\1/p; s/^BLOCK([A-Z]*, *"\([a-z]*\)".*/\1/p' job/site.def); do
	grep -qw "$k" doc/site.md || echo "$k is not in doc/site.md"
	grep -qiw "$k" doc/man/weft-site.5 || echo "$k is not in doc/man/weft-site.5"
done | rule 'site file and its documents'
for f in $(find $sources -name '*.c' | sort); do
	awk -v max=60 '
	/^[a-zA-Z_].*\(/ && !/;[[:space:]]*$/ { head = $0; line = FNR }
	/^\{/ { open = FNR }
	/^\}/ { if (open && FNR - open - 1 > max) { split(head, a, "("); n = split(a[1], w, /[ *]/); printf "%s:%d: %s has %d lines\n", FILENAME, line, w[n], FNR - open - 1 } open = 0 }
	' "$f"
done | rule 'long function'
for f in $code; do expand -t8 "$f" | awk -v f="$f" 'length($0) > 144 { printf "%s:%d: %d columns\n", f, FNR, length($0) }'; done | rule 'long line'
for f in $(find $sources -name '*.c' | sort); do
	head -n 1 "$f" | grep -qE '^/\* [a-zA-Z_0-9.]+ - ' || echo "$f: the first line does not say what the file is for"
done | rule 'file head'
git grep -nE '(^|[^A-Za-z0-9_./~$}*-])/(work/(main|shared)|tmp/bare)' -- . ':!tests/lint.sh' 2>/dev/null | rule 'path of one machine'
echo "$passed passed, $failed failed"
[ $failed = 0 ]
