#!/bin/sh
# run.sh - run unit test programs, show what is not ok, sum up.
all=0 bad=0 total=0
for p; do
	all=$((all + 1))
	out=$("$p" 2>&1)
	if [ $? -ne 0 ]; then
		bad=$((bad + 1))
		echo "not ok: $p"
		printf '%s\n' "$out" | grep -v '^ok ' | head -60
	fi
	total=$((total + $(printf '%s\n' "$out" | grep -c '^\(not \)\{0,1\}ok ')))
done
echo "unit: $total checks in $all programs, $bad failed"
[ "$bad" -eq 0 ]
