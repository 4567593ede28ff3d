#!/bin/sh
# rerun.sh BUILDDIR - deciding what is out of date, beside ninja, make and a loop that stats the same files.  Medians of
# alternating runs.  RERUN_TASKS ("1000 10000 100000"), BENCH_RUNS (5), BENCH_WF (a directory of recorded workflows).
set -eu
B=$1
R=${BENCH_RUNS:-5}
weft=$(cd "$B" && pwd)/weft
timeit=$(cd "$B" && pwd)/bench/timeit
statloop=$(cd "$B" && pwd)/bench/statloop
shapes=$(pwd)/tests/bench/shapes.py
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

row() { printf '  %-38s %12s  %s\n' "$1" "$2" "${3:-}"; }
limit() { awk -v v="$1" -v m="$2" 'BEGIN { print (v + 0 <= m + 0 ? "reached" : "MISSED") " (to reach: at most " m ")" }'; }
calc() { awk "BEGIN { printf \"$1\", $2 }"; }
field() { awk -v l="$2" -v c="$3" 'NR == l { print $c }' "$1"; }
less() { awk -v a="$1" -v b="$2" 'BEGIN { print a + 0 < b + 0 ? a : b }'; }
clean() { awk '$6 != 0 { bad = 1 } END { exit bad }' "$1" || { echo "bench: a command failed:" >&2; cat "$1" >&2; exit 1; }; }

# fresh: the first plan of a tree in which nothing is made, beside ninja -n and make -n.  ROUNDS is 1 where ninja is
# quadratic: it takes a minute
fresh() {
	mv o o.made && mkdir o
	"$timeit" "$rounds" "$weft" plan --no-cache w.weft -- ninja -n -- make -s -n all > t
	clean t
	mv o o.none && mv o.made o
	peer=$(less "$(field t 2 2)" "$(field t 3 2)")
	ratio=$(calc %.2f "$(field t 1 2) / $peer")
	row "first plan" "$(field t 1 2) ms" "ninja $(field t 2 2), make $(field t 3 2); ratio $ratio, $(limit "$ratio" 0.6)"
}
# noop: everything is current
noop() {
	"$weft" run --touch -q w.weft > /dev/null
	"$weft" run -q w.weft > /dev/null
	"$weft" run -q w.weft > /dev/null
	"$timeit" "$R" "$weft" run -q w.weft -- ninja -- make -s all -- "$statloop" files > t
	clean t
	peer=$(less "$(field t 2 2)" "$(field t 3 2)")
	ratio=$(calc %.2f "$(field t 1 2) / $peer")
	loop=$(calc %.2f "$(field t 1 2) / $(field t 4 2)")
	row "nothing to do" "$(field t 1 2) ms" "ninja $(field t 2 2), make $(field t 3 2); ratio $ratio, $(limit "$ratio" 0.5)"
	row "  beside the stat loop" "$loop" "loop $(field t 4 2) ms; $(limit "$loop" 2); CPU: weft $(field t 1 4), ninja $(field t 2 4), make $(field t 3 4), loop $(field t 4 4) ms"
	row "  peak memory a task" "$(calc %.0f "($(field t 1 5) - 4000) * 1024 / $n") B"
}
# changed: one source edited; what would run is said, nothing is run
changed() {
	src=$(head -n 1 files)
	echo changed >> "$src"
	"$timeit" "$rounds" "$weft" plan w.weft -- ninja -n -- make -s -n all > t
	clean t
	peer=$(less "$(field t 2 2)" "$(field t 3 2)")
	ratio=$(calc %.2f "$(field t 1 2) / $peer")
	row "one input changed (plan)" "$(field t 1 2) ms" "ninja $(field t 2 2), make $(field t 3 2); ratio $ratio, $(limit "$ratio" 0.5)"
}
one() { # SHAPE N
	rm -rf "$top/w" && mkdir "$top/w"
	n=$2
	echo "$(basename "$1" .json): $(python3 "$shapes" "$1" "$n" "$top/w")"
	n=$(grep -c '^task' "$top/w/w.weft")
	rounds=$R
	[ "$1" != wide ] || [ "$n" -le 10000 ] || rounds=1
	cd "$top/w"
	fresh
	noop
	changed
	cd - > /dev/null
}
command -v ninja > /dev/null || { echo "ninja is not installed (Debian: ninja-build)"; exit 0; }
for n in ${RERUN_TASKS:-1000 10000 100000}; do
	for s in fans wide layered; do one $s "$n"; done
done
for f in "${BENCH_WF:-/nonexistent}"/*.json; do
	[ ! -e "$f" ] || one "$(realpath "$f")" 0
done

echo "a scatter of 1,000,000 instances"
mkdir "$top/m" && cd "$top/m"
printf 'task t for i in 0 .. 999999 {\n  out o = "o/~{i}"\n  run "tool ~{i}"\n}\n' > m.weft
"$timeit" 3 "$weft" plan m.weft > t
clean t
row "plan" "$(field t 1 2) ms" "$(limit "$(field t 1 2)" 2000); peak $(field t 1 5) KB, $(calc %.1f "$(field t 1 5) * 1024 / 1e6") B an instance"
