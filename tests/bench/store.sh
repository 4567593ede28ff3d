#!/bin/sh
# store.sh BUILDDIR - weft store cp beside cp -r, in turns in one run: one file of BENCH_BIG_MB (1024), BENCH_FILES (100000) small
# ones.  The smallest of BENCH_STORE_RUNS (5) rounds counts: everything else on the machine only adds.
set -eu
weft=$(cd "$1" && pwd)/weft
N=${BENCH_FILES:-100000}
MB=${BENCH_BIG_MB:-1024}
R=${BENCH_STORE_RUNS:-5}
dir=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/weft-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
row() { printf '%-52s %14s  %s\n' "$1" "$2" "${3:-}"; }
calc() { awk "BEGIN { printf \"$1\", $2 }"; }
least() { awk -v v="$1" -v m="$2" 'BEGIN { print (v + 0 >= m + 0 ? "reached" : "MISSED") " (to reach: at least " m ")" }'; }
# ms COMMAND...: how long it takes
ms() {
	_t=$(date +%s%N)
	"$@"
	echo $((($(date +%s%N) - _t) / 1000000))
}
smallest() { sort -n "$1" | head -n 1; }
# pair NAME SRC: copy SRC by both in turns, and print what was reached
pair() {
	: > cp.ms
	: > weft.ms
	for i in $(seq "$R"); do
		mkdir bucket
		if [ $((i % 2)) = 0 ]; then
			ms cp -r "$2" out >> cp.ms
			ms "$weft" store cp -r --store oss://bkt=bucket "$2" oss://bkt/out >> weft.ms
		else
			ms "$weft" store cp -r --store oss://bkt=bucket "$2" oss://bkt/out >> weft.ms
			ms cp -r "$2" out >> cp.ms
		fi
		[ "$i" != 1 ] || diff -rq out bucket/out
		[ "$i" = "$R" ] || rm -rf out bucket
	done
	row "weft store cp, $1" "$(smallest weft.ms) ms" "cp -r: $(smallest cp.ms) ms"
	ratio=$(calc %.2f "$(smallest cp.ms) / ($(smallest weft.ms) + 0.001)")
	row "  its speed / that of cp -r" "$ratio" "$(least "$ratio" 0.9)"
}

echo "== stores: copies on $(stat -f -c %T .) =="
head -c "${MB}M" /dev/urandom > big
pair "a file of $MB MB" big
if cp --reflink=always big clone 2> /dev/null; then
	rm clone
	"$weft" store cp -v --store oss://bkt=bucket big oss://bkt/clone | grep -q ' 1 of them share' && how=yes || how=NO
	row "  its blocks are shared" "$how" "this file system has reflinks"
else
	row "  its blocks are shared" "-" "this file system has no reflinks"
fi
rm -rf big out bucket
mkdir many
awk -v n="$N" 'BEGIN {
	for (i = 0; i < n; i++) {
		if (i % 1000 == 0) { d = sprintf("many/%03d", i / 1000); system("mkdir " d) }
		f = sprintf("%s/%06d.txt", d, i)
		for (k = 0; k < i % 40; k++) print "some line of a small file with a few words in it, as results are: " k > f
		if (k == 0) printf "" > f
		close(f)
	}
}'
pair "$N files of up to 3 KB" many
: > sync.ms
for i in $(seq "$R"); do ms "$weft" store sync --store oss://bkt=bucket many oss://bkt/out 2>&1 | tail -n 1 >> sync.ms; done
t=$(smallest sync.ms)
row "weft store sync, all equal by size and time" "$t ms" "$(calc %.2f "$t * 1000 / $N") us a file"
find many > /dev/null
t=$(ms "$weft" store ls -r --store oss://bkt=bucket oss://bkt/ | tail -n 1)
row "weft store ls -r" "$t ms" "sort and find: $(ms sh -c 'find many | LC_ALL=C sort > /dev/null') ms"
