#!/bin/sh
# report.sh BUILDDIR - what weft report takes for large runs, beside a program that only reads the journal.
# BENCH_RUNS (9).
set -eu
B=$1
R=${BENCH_RUNS:-9}
weft=$(cd "$B" && pwd)/weft
timeit=$(cd "$B" && pwd)/bench/timeit
history=$(cd "$B" && pwd)/bench/history
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
row() { printf '%-52s %14s  %s\n' "$1" "$2" "${3:-}"; }
limit() { awk -v v="$1" -v m="$2" 'BEGIN { print (v + 0 <= m + 0 ? "reached" : "MISSED") " (to reach: at most " m ")" }'; }
field() { awk -v l="$2" -v c="$3" 'NR == l { print $c }' t; }

for shape in "100000 10" "100000 100" "100000 600" "100000 2000" "100000 5000" "1000000 10"; do
	set -- $shape
	rm -rf .weft
	"$history" . "$1" "$2"
	echo "== a report of $1 instances of $2 tasks, a journal of $(($(wc -c < .weft/journal) / 1000)) KB =="
	"$timeit" "$R" "$weft" report out.html -- cksum .weft/journal > t
	awk '$6 != 0 { exit 1 }' t || { echo "bench: a command failed" >&2; cat t >&2; exit 1; }
	row "weft report" "$(field t 1 2) ms" "$(limit "$(field t 1 2)" $((2000 * $1 / 100000))), peak $(($(field t 1 5) / 1024)) MB"
	row "  its page" "$(($(wc -c < out.html) / 1000)) KB" "$(limit "$(wc -c < out.html)" 2000000)"
	row "cksum of the journal" "$(field t 2 2) ms" "report / cksum $(awk -v a="$(field t 1 2)" -v b="$(field t 2 2)" 'BEGIN { printf "%.1f", a / b }')"
done
