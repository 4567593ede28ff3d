#!/bin/sh
# slurm-scale.sh BUILDDIR - the driver while very many instances wait and run on Slurm: memory, processor time, requests.
# The Slurm is the stand-in of the tests, which runs nothing.  BENCH_INSTANCES (100000), BENCH_WINDOW (60 s, and until
# the next request).
set -eu
B=$(cd "$1" && pwd)
N=${BENCH_INSTANCES:-100000}
W=${BENCH_WINDOW:-60}
here=$(cd "$(dirname "$0")" && pwd)
command -v python3 > /dev/null || { echo "slurm-scale: not measured: no python3"; exit 0; }
dir=$(mktemp -d)
fake=
driver=
end() {
	for p in $driver $fake; do kill -9 "$p" 2> /dev/null || :; done
	wait 2> /dev/null || :
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
cd "$dir"
mkdir fake ws
echo hold > fake/mode
python3 "$here/../e2e/slurmrestd.py" "$dir/fake" 2> fake/err &
fake=$!
until [ -s fake/port ]; do sleep 0.1; done
unset SLURM_JWT
cat > ws/scale.weft <<END
task many for i in 0..$((N - 1)) {
  out o = "out/~{i}.txt"
  run {
    echo ~{i} > ~{o}
  }
}
END

row() { printf '%-52s %14s  %s\n' "slurm-scale: $1" "$2" "${3:-}"; }
limit() { awk -v v="$1" -v m="$2" 'BEGIN { print (v + 0 <= m + 0 ? "reached" : "MISSED") " (to reach: at most " m ")" }'; }
status() { awk -v k="$1:" '$1 == k { print $2 }' "/proc/$driver/status"; }
# hundredths of a second
cpu() { sed 's/.*) //' "/proc/$driver/stat" | awk '{ print $12 + $13 }'; }
requests() { wc -l < fake/log; }

echo "== $N instances on Slurm, of a stand-in that runs nothing =="
(cd ws && exec "$B/weft" run scale.weft -j "$N" --slurm "http://127.0.0.1:$(cat ../fake/port)" > ../log 2>&1 < /dev/null) &
driver=$!
began=$(date +%s)
all=$(((N + 999) / 1000))
until [ -s fake/log ] && [ "$(grep -c POST fake/log)" -ge "$all" ]; do
	kill -0 $driver 2> /dev/null || { cat log; exit 1; }
	[ $(($(date +%s) - began)) -lt 300 ] || { echo "slurm-scale: after 300 s not all is submitted"; exit 1; }
	sleep 0.2
done
row "submitted" "$(($(date +%s) - began)) s" "$all arrays, $(cpu)0 ms of CPU time"
# until one more request has been made, at most 400 s: the driver rests after each, the longer the more the answer has cost it
one_more() {
	_q=$(requests) _e=$(($(date +%s) + 400))
	until [ "$(requests)" -gt "$_q" ] || [ "$(date +%s)" -gt "$_e" ]; do sleep 0.05; done
}
for what in hold running; do
	echo $what > fake/mode
	one_more
	c=$(cpu) q=$(requests) t=$(date +%s%N)
	[ $what = running ] || sleep "$W"
	one_more
	c=$(($(cpu) - c)) q=$(($(requests) - q)) t=$((($(date +%s%N) - t) / 1000000))
	[ $what = hold ] && word=wait || word=run
	share=$(awk "BEGIN { printf \"%.2f\", $c * 10 / $t * 100 }")
	row "processor, while all $word" "$share %" "of one core in $((t / 1000)) s: $(limit "$share" 2)"
	row "requests a minute, while all $word" "$(awk "BEGIN { printf \"%.1f\", $q * 60000 / $t }")"
	rss=$(awk "BEGIN { printf \"%.1f\", $(status VmRSS) / 1000 }")
	row "memory, while all $word" "$rss MB" "$(limit "$rss" 60)"
done
hwm=$(awk "BEGIN { printf \"%.1f\", $(status VmHWM) / 1000 }")
row "memory at most" "$hwm MB" "$(limit "$hwm" 60)"
