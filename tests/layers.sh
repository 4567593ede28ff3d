#!/bin/sh
# layers.sh - who may include whom (doc/architecture.md); prints every include that breaks the rule.
cd "$(dirname "$0")/.." || exit 1
n=$(grep -h '^#include "' base/*.[chly] lang/*.[chly] job/*.[chly] compiler/*.[chly] runtime/*.[chly] cli/*.[chly] 2>/dev/null | wc -l)
bad=$(grep -Hn '^[[:space:]]*#[[:space:]]*include "' base/* lang/* job/* compiler/* runtime/* cli/* 2>/dev/null | awk -F: '
BEGIN {
	may["base"] = "base"
	may["lang"] = "lang base"
	may["job"] = "job base"
	may["compiler"] = "compiler lang job base"
	may["runtime"] = "runtime job base"
	may["cli"] = "cli runtime compiler lang job base"
}
{
	from = $1
	sub(/\/.*/, "", from)
	split($0, q, "\"")
	if (q[2] !~ /\//)
		next # generated: lex.h, parse.h
	to = q[2]
	sub(/\/.*/, "", to)
	if (index(" " may[from] " ", " " to " "))
		next
	if (from == "lang" && q[2] ~ /^job\/settings/)
		next
	print $1 ":" $2 ": " from " may not include " q[2]
}')
[ -z "$bad" ] || printf '%s\n' "$bad"
b=$(printf '%s' "$bad" | grep -c . || :)
echo "$((n - b)) passed, $b failed"
[ "$b" = 0 ]
