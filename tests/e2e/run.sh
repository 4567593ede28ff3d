#!/bin/bash
# run.sh - run every end-to-end script, or those named; count what passed, failed and was skipped, and say why.
# WEFT=path chooses the program.  A script prints "ok - ..." and "not ok - ..." lines; status 77 is a skip.
# What failed is named once more at the end, where the head of a long log is cut off.

cd "$(dirname "$0")" || exit 1
export WEFT=${WEFT:-$PWD/../../build/release/weft}
[ -x "$WEFT" ] || { echo "e2e: no program at $WEFT"; exit 1; }
ok=0 bad=0 skipped=0 failures=
[ $# -gt 0 ] || set -- $(ls *.sh | grep -v -e '^run.sh$' -e 'lib.sh$')
for script; do
	script=${script%.sh}.sh
	began=$SECONDS
	out=$(timeout -k 10 "${E2E_TIMEOUT:-600}" bash "./$script" 2>&1)
	rc=$?
	n=$(printf '%s\n' "$out" | grep -c '^ok - ')
	m=$(printf '%s\n' "$out" | grep -c '^not ok - ')
	ok=$((ok + n))
	bad=$((bad + m))
	if [ $rc = 77 ]; then
		skipped=$((skipped + 1))
		echo "skip $script: $(printf '%s\n' "$out" | sed -n 's/^skip - //p')"
	elif [ $rc = 0 ] && [ "$m" = 0 ] && [ "$n" -gt 0 ]; then
		echo "ok   $script ($n, $((SECONDS - began)) s)"
	else
		[ "$m" -gt 0 ] || { bad=$((bad + 1)) out+=$'\n'"not ok - status $rc"; }
		echo "FAIL $script (status $rc, $((SECONDS - began)) s)"
		failures+=$(printf '%s\n' "$out" | sed -n "s/^not ok - /FAIL $script: /p")$'\n'
		printf '%s\n' "$out" | sed 's/^/     /'
	fi
	printf '%s\n' "$out" | sed -n 's/^# skip /     not tried: /p'
done
stray=$(ls | grep -v -e '[.]sh$' -e '[.]py$' -e '[.]mk$' -e '^__pycache__$')
if [ -n "$stray" ]; then # a script that did not get into its own directory
	bad=$((bad + 1))
	echo "FAIL left behind in tests/e2e:" $stray
fi
printf '%s' "$failures"
echo "e2e: $ok ok, $bad failed, $skipped scripts skipped"
[ "$bad" = 0 ]
