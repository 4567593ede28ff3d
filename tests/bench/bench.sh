#!/bin/sh
# bench.sh BUILDDIR - measure weft and print what was reached.  Medians of alternating runs (timeit.c); the
# pair of a ratio is measured in the same run.  BENCH_TASKS (100000), BENCH_RUNS (9), BENCH_WF (a directory of
# recorded workflows in the form that wf2weft.py reads).
set -eu
B=$1
N=${BENCH_TASKS:-100000}
R=${BENCH_RUNS:-9}
weft=$(cd "$B" && pwd)/weft
timeit=$(cd "$B" && pwd)/bench/timeit
checks=$(cd "$B" && pwd)/bench/checks
gen=$(cd "$B" && pwd)/bench/gen
dispatch=$(cd "$B" && pwd)/bench/dispatch
image=$(cd "$B" && pwd)/bench/image
top=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir data
: > data/input.txt
: > log.txt

row() { printf '%-52s %14s  %s\n' "$1" "$2" "${3:-}"; }
# limit VALUE MOST -> "reached" or "MISSED"
limit() { awk -v v="$1" -v m="$2" 'BEGIN { print (v + 0 <= m + 0 ? "reached" : "MISSED") " (to reach: at most " m ")" }'; }
calc() { awk "BEGIN { printf \"$1\", $2 }"; }
# field FILE LINE COLUMN: 1 min 2 median 3 max (wall ms) 4 cpu ms 5 peak KB 6 status
field() { awk -v l="$2" -v c="$3" 'NR == l { print $c }' "$1"; }
clean() { # FILE: every command that was timed must have succeeded
	awk '$6 != 0 { bad = 1 } END { exit bad }' "$1" || { echo "bench: a command failed:" >&2; cat "$1" >&2; exit 1; }
}
spread() { echo "wall $(field "$1" "$2" 2) ms ($(field "$1" "$2" 1) to $(field "$1" "$2" 3)), cpu $(field "$1" "$2" 4) ms"; }

echo "workflow \"empty\"" > empty.weft
"$gen" weft "$N" > big.weft
"$gen" ninja "$N" > build.ninja
"$gen" scatter 100000 > scatter.weft
"$gen" rows 100000 > rows.tsv
cat > rows.weft <<'END'
workflow "rows"
table samples = tsv("rows.tsv", id = string, r1 = string, r2 = string)
task align for s in samples by id {
  out bam = "bam/~{s.id}.bam"
  run "align ~{s.r1} ~{s.r2}"
}
END

echo "== $N explicit tasks in one file of $(wc -c < big.weft) bytes: parse and check =="
if command -v ninja > /dev/null; then
	"$timeit" "$R" "$weft" check big.weft -- ninja -n -- "$weft" check empty.weft > t
else
	"$timeit" "$R" "$weft" check big.weft -- true -- "$weft" check empty.weft > t
fi
clean t
bytes=$(wc -c < big.weft)
row "weft check" "$(field t 1 2) ms" "$(spread t 1)"
row "  throughput" "$(calc %.1f "$bytes / 1e3 / $(field t 1 2)") MB/s" "$(calc %.0f "$N / $(field t 1 2) * 1000") tasks/s; by CPU time $(calc %.1f "$bytes / 1e3 / $(field t 1 4)") MB/s"
if command -v ninja > /dev/null; then
	row "ninja -n, the same graph" "$(field t 2 2) ms" "$(spread t 2)"
	ratio=$(calc %.2f "$(field t 1 2) / $(field t 2 2)")
	row "  weft check / ninja -n, wall" "$ratio" "$(limit "$ratio" 0.6)"
else
	row "ninja -n, the same graph" "-" "ninja is not installed (Debian: ninja-build)"
fi
per=$(calc %.0f "($(field t 1 5) - $(field t 3 5)) * 1024 / $N")
row "  peak memory" "$(field t 1 5) KB" "empty check: $(field t 3 5) KB"
row "  memory a task" "$per B" "$(limit "$per" 1024)"

echo "== the compiled plan of $N explicit tasks beside parsing them (CPU, the smallest of $R) =="
"$image" write big.weft big.image > write.txt
"$image" write empty.weft empty.image > /dev/null
for i in $(seq "$R"); do "$image" load big.image; done > load.txt
"$image" load empty.image > none.txt
smallest() { sort -n -k "$1,$1" load.txt | awk -v c="$1" 'NR == 1 { print $c }'; }
read -r parse write bytes tasks < write.txt
row "parse, lower, check" "$parse ms" "write: $write ms, $(calc %.0f "$bytes / $tasks") B a task"
ms=$(calc %.1f "$(smallest 1) + $(smallest 2)")
row "read and load" "$ms ms" "$(limit "$ms" 50); read $(smallest 1) ms, checks and pointers $(smallest 2) ms"
ratio=$(calc %.3f "$ms / $parse")
row "  read and load / parse, lower, check" "$ratio" "$(limit "$ratio" 0.1)"
per=$(calc %.0f "($(awk 'NR == 1 { print $3 }' load.txt) - $(awk '{ print $3 }' none.txt)) * 1024 / $tasks")
row "  memory a task, loaded" "$per B" "$(limit "$per" 400)"
rm -rf .weft
"$weft" plan big.weft > /dev/null
"$timeit" "$R" "$weft" plan big.weft -- "$weft" plan --no-cache big.weft -- "$weft" plan empty.weft > t
clean t
row "weft plan, nothing run yet, not parsed again" "$(field t 1 2) ms" "$(spread t 1), $(calc %.0f "($(field t 1 5) - $(field t 3 5)) * 1024 / $N") B a task"
row "weft plan, parsed" "$(field t 2 2) ms" "$(spread t 2), $(calc %.0f "($(field t 2 5) - $(field t 3 5)) * 1024 / $N") B a task"
rm -rf .weft

echo "== growth: microseconds of CPU a task =="
per_task() { calc %.2f "($(field t "$1" 4) - $(field t 5 4)) * 1000 / $2"; }
for n in 1000 10000 100000; do
	"$gen" weft $n > grow.weft
	"$weft" compile grow.weft -o grow.json
	"$timeit" 5 "$weft" check grow.weft -- "$weft" compile grow.weft -o out.json -- "$weft" check grow.json -- \
		"$weft" fmt grow.weft -- "$weft" check empty.weft > t
	clean t
	row "$n tasks" "$(per_task 1 $n) us" "check; compile $(per_task 2 $n), check of job JSON $(per_task 3 $n), fmt $(per_task 4 $n)"
done

echo "== all checks beside parsing (CPU, one process) =="
"$checks" "$gen" . "$((N * 10))" > checks.txt
cat checks.txt
share=$(awk -v n="$N" '/^tasks joined by ports/ && $5 == n { print $9 + 0 }' checks.txt)
row "all checks, $N tasks, of parsing" "$share%" "$(limit "$share" 60)"
ms=$(awk '/^instances of a scatter/ && $5 == 100000 { print $8 }' checks.txt)
row "all checks, a scatter of 100,000" "$ms ms" "$(limit "$ms" 20)"

echo "== a scatter of 100,000 instances =="
"$timeit" "$R" "$weft" check scatter.weft -- "$weft" compile scatter.weft -o scatter.json -- \
	"$weft" graph scatter.weft --format svg -o scatter.svg -- "$weft" graph scatter.weft --format svg --expand count -o scatter.svg -- \
	"$weft" check rows.weft > t
clean t
row "weft check" "$(field t 1 2) ms" "$(spread t 1), peak $(field t 1 5) KB"
ms=$(field t 2 2)
mb=$(calc %.1f "$(field t 2 5) / 1024")
row "weft compile" "$ms ms" "$(limit "$ms" 20), cpu $(field t 2 4) ms"
row "  peak memory" "$mb MB" "$(limit "$mb" 20)"
ms=$(field t 3 2)
row "weft graph --format svg" "$ms ms" "$(limit "$ms" 500), cpu $(field t 3 4) ms"
row "weft graph --format svg --expand count" "$(field t 4 2) ms" "$(spread t 4)"
row "weft check, 100,000 rows of a table" "$(field t 5 2) ms" "$(spread t 5), peak $(field t 5 5) KB"

if [ -d "${BENCH_WF:-}" ]; then
	echo "== recorded workflows (BENCH_WF) =="
	for f in "$BENCH_WF"/*.json; do
		python3 "$top/tests/bench/wf2weft.py" "$f" > wf.weft
		"$timeit" 5 "$weft" check wf.weft -- "$weft" graph wf.weft --format svg -o wf.svg -- "$weft" graph wf.weft -o wf.dot > t
		clean t
		row "$(basename "$f" .json), $(grep -c '^task' wf.weft) tasks" "$(field t 1 2) ms" \
			"check; graph svg $(field t 2 2) ms, dot $(field t 3 2) ms"
	done
fi

echo "== dispatch: /bin/true, and cp of a small file, ${BENCH_DISPATCH:-2000} instances =="
mkdir dispatch
(cd dispatch && "$dispatch" "$weft" "${BENCH_DISPATCH:-2000}" 5 1 2)
rm -rf dispatch

echo "== memory while running /bin/true ${BENCH_MEMORY:-10000} times, above that of one =="
# resident FILE: the driver's memory in KB, now and at most so far, when the last task runs
resident() {
	mkdir memory && cp "$1" memory/wf.weft && mkfifo memory/now memory/go
	cd memory
	"$weft" run -q -j2 --no-sandbox wf.weft > /dev/null &
	read -r _ < now
	awk '/^VmHWM/ { most = $2 } /^VmRSS/ { print $2, most }' /proc/$!/status > ../resident
	echo > go
	wait $!
	cd ..
	rm -rf memory
}
in_place() { printf 'task %s {\n  in_place = true\n  run "/bin/true"\n}\n' "$1"; }
last() { printf 'task last {\n  after t\n  in_place = true\n  run {\n    echo > now\n    read _ < go\n  }\n}\n'; }
m=${BENCH_MEMORY:-10000}
(in_place t; last) > one.weft
(in_place "t for i in 1..$m"; last) > many.weft
(in_place t; awk -v n="$m" 'BEGIN { for (i = 1; i < n; i++) printf "task t%d {\n  in_place = true\n  run \"/bin/true\"\n}\n", i }'; last) > each.weft
resident one.weft
read -r one most < resident
resident each.weft
read -r now peak < resident
per=$(calc %.0f "($now - $one) * 1024 / $m")
row "memory an explicit task" "$per B" "$(limit "$per" 400), parsed before; at most so far $(calc %.0f "($peak - $most) * 1024 / $m") B"
resident many.weft
read -r now peak < resident
per=$(calc %.0f "($now - $one) * 1024 / $m")
row "memory a scatter instance" "$per B" "$(limit "$per" 40), with the journal's pages"

echo "== start =="
"$timeit" 51 "$weft" --version -- /bin/true > t
clean t
row "weft --version" "$(field t 1 2) ms" "$(limit "$(field t 1 2)" 5), cpu $(field t 1 4) ms"
row "/bin/true" "$(field t 2 2) ms" "cpu $(field t 2 4) ms"
