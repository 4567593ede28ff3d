#!/bin/bash
# check.sh - run parts of the test suite one after the other (make check-PART), then sum up.
# The last line is "N passed, N failed, N skipped"; the status is 0 when nothing failed.
MAKE=${MAKE:-make}
passed=0 failed=0 skipped=0 lines=
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# number WORDS: the number before one of the words in the part's last line
number() {
	grep -v '^make' "$log" | tail -n 1 | grep -oE "[0-9]+ (scripts )?($1)" | grep -oE '^[0-9]+' | head -n 1
}

for part; do
	printf '== %s\n' "$part"
	start=$(date +%s)
	$MAKE --no-print-directory -s "check-$part" </dev/null 2>&1 | tee "$log"
	rc=${PIPESTATUS[0]}
	p=$(number 'passed|checks|ok') f=$(number failed) s=$(number 'scripts skipped|skipped')
	p=${p:-0} f=${f:-0} s=${s:-0}
	if [ "$rc" != 0 ] && [ "$f" = 0 ]; then f=1; fi # it broke before it could count
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" = 0 ] && mark=ok || mark=FAIL
	lines+=$(printf '%-5s%-9s %6d passed %5d failed %5d skipped %6d s' "$mark" "$part" "$p" "$f" "$s" $(($(date +%s) - start)))$'\n'
done
printf '\n%s\n' "$lines"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
