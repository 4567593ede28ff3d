#!/bin/sh
# notify.sh BUILDDIR - notifications delivered to a receiver on this machine, beside a bare libcurl loop over one kept
# connection (notify.c), and what they cost a run.  BENCH_NOTIFY (20000) messages.
set -eu
weft=$(cd "$1" && pwd)/weft
notify=$(cd "$1" && pwd)/bench/notify
n=${BENCH_NOTIFY:-20000}
receiver=$(pwd)/tests/e2e/receiver.py
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill $pid; rm -rf "$dir"' EXIT
cd "$dir"
row() { printf '%-52s %14s  %s\n' "$1" "$2" "${3:-}"; }
calc() { awk "BEGIN { printf \"$1\", $2 }"; }
least() { awk -v v="$1" -v m="$2" 'BEGIN { print (v + 0 >= m + 0 ? "reached" : "MISSED") " (to reach: at least " m ")" }'; }

echo "== notifications: $n messages to a receiver on this machine, kept in a file first =="
"$notify" "$n" 5 spool > t
read -r rate cpu bare barecpu < t
row "delivered a second" "$rate" "$(least "$rate" 1000); $cpu us of CPU each"
row "bare libcurl loop, one kept connection" "$bare" "$barecpu us of CPU each"
row "  notifications / bare loop" "$(calc %.2f "$rate / $bare")" "by CPU $(calc %.2f "$barecpu / $cpu")"

# what a run takes longer with a receiver that takes everything, and with one that never answers
cat > wf.weft <<'E2'
workflow "w" {
  notify { topic = "jobs" endpoint = "http://127.0.0.1/" events = ["OnInstanceRunning", "OnInstanceFinished"] }
}
task t for i in 1..2000 {
  in_place = true
  run "/bin/true"
}
E2
sed '/notify/d' wf.weft > none.weft
mkdir r
python3 "$receiver" "$dir/r" > /dev/null 2>&1 &
pid=$!
until [ -s r/port ]; do sleep 0.05; done
best() { # FILE: the smallest of 3 wall times of a run, ms
	for i in 1 2 3; do
		rm -rf .weft
		a=$(date +%s%N)
		"$weft" run -q --no-sandbox "$1" > log 2>&1 || { cat log >&2; exit 1; }
		echo $((($(date +%s%N) - a) / 1000000))
	done | sort -n | head -n 1
}
echo "topic jobs { url = \"http://127.0.0.1:$(cat r/port)/in\" wait = 0s }" > weft.site
none=$(best none.weft)
echo hang > r/mode
with=$(best wf.weft)
row "2,000 instances of /bin/true, no notifications" "$none ms"
row "  4,000 messages to a receiver that never answers" "$with ms" "$(calc %.2f "$with / $none") times"
