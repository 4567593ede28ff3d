#!/bin/sh
# run.sh - run unit test programs, show what is not ok, sum up.
passed=0 failed=0
for p; do
	out=$("$p" 2>&1)
	rc=$?
	good=$(printf '%s\n' "$out" | grep -c '^ok ')
	bad=$(printf '%s\n' "$out" | grep -c '^not ok ')
	[ $rc -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + good))
	failed=$((failed + bad))
	if [ "$bad" -gt 0 ]; then
		echo "FAIL $p (status $rc)"
		printf '%s\n' "$out" | grep -v '^ok ' | head -60
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
