#!/bin/bash
# slurm.sh BUILDDIR - what weft costs on a Slurm beside sbatch called by hand: the time from the first submission to the last
# result, alternating, and requests to slurmrestd while many instances run.  In a cluster of its own (tests/e2e/slurm-lib.sh).
# BENCH_RUNS (3), BENCH_JOBS (300), BENCH_ARRAY (1000).
WEFT=$1/weft
RUNS=${BENCH_RUNS:-3} JOBS=${BENCH_JOBS:-300} ARRAY=${BENCH_ARRAY:-1000}
. "${0%/*}/../e2e/slurm-lib.sh"
trap 'exit 1' INT TERM HUP
skip() {
	echo "slurm: not measured: $1"
	exit 0
}
row() { printf '%-52s %14s  %s\n' "$1" "$2" "${3:-}"; }
limit() { awk -v v="$1" -v m="$2" 'BEGIN { print (v + 0 <= m + 0 ? "reached" : "MISSED") " (to reach: at most " m ")" }'; }
now() { date +%s%N; }
middle() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)], v[1], v[NR] }'; }
command -v sbatch > /dev/null || skip "no sbatch"
echo MinJobAge=300 > conf # Slurm's own: how long the controller has to list jobs that have ended
cluster 4 -x "$T/conf"

echo some text > in.txt
printf 'cp in.txt "out/$SLURM_JOB_NAME$SLURM_ARRAY_TASK_ID"\n' > work
printf '#!/bin/sh\n' | cat - work > by-hand.sh
awk -v n="$JOBS" 'BEGIN { for (i = 0; i < n; i++) printf "task t%d {\n  in  i = \"in.txt\"\n  out o = \"out/%d\"\n  run \"cp ~{i} ~{o}\"\n}\n", i, i }' > jobs.weft
printf 'task t for i in 0..%d {\n  in  f = "in.txt"\n  out o = "out/~{i}"\n  run "cp ~{f} ~{o}"\n}\n' $((ARRAY - 1)) > array.weft

complete() { [ "$(ls out | wc -l)" = "$1" ]; }
idle() { [ -z "$(squeue -h -o %i)" ]; }
# until all outputs are there; false when no job is left and some are not.  Looking often would cost what is measured.
await() {
	for ((k = 1; ; k++)); do
		! complete "$1" || return 0
		if ((k % 25 == 0)) && idle && ! complete "$1"; then
			echo "$(ls out | wc -l) of $1 outputs, and no job is left" >> "$T/err"
			return 1
		fi
		read -r -t 0.2 _ <> "$T/.never" || :
	done
}
hand_jobs() {
	for ((i = 0; i < JOBS; i++)); do sbatch -J "$i" -o /dev/null -c 1 by-hand.sh > /dev/null 2>> "$T/err" || return 1; done
	await "$JOBS"
}
hand_array() { sbatch -J '' -o /dev/null -c 1 --array="0-$((ARRAY - 1))" by-hand.sh > /dev/null 2>> "$T/err" && await "$ARRAY"; }
weft_jobs() { "$WEFT" run -q --engine slurm jobs.weft > /dev/null 2>> "$T/err" && complete "$JOBS"; }
weft_array() { "$WEFT" run -q --engine slurm array.weft > /dev/null 2>> "$T/err" && complete "$ARRAY"; }
# timed WHAT: milliseconds into the file WHAT.  Each time in a directory of its own: removing the last one's thousands of files just
# before costs those that come after, on ext4.
timed() {
	mkdir -p "$T/$1.$r/out"
	cp in.txt by-hand.sh ./*.weft "$T/$1.$r"
	within 60 idle || :
	_t=$(now)
	(cd "$T/$1.$r" && "$1") || { echo "slurm: $1 has failed: $(tail -n 3 err)" >&2; exit 1; }
	echo $((($(now) - _t) / 1000000)) >> "$1"
}
# pair WHAT NUMBER TEXT
pair() {
	for ((r = 0; r < RUNS; r++)); do
		timed "hand_$1"
		timed "weft_$1"
	done
	read -r hand h1 h2 <<< "$(middle "hand_$1")"
	read -r ours o1 o2 <<< "$(middle "weft_$1")"
	row "$3: sbatch by hand" "$hand ms" "$h1 to $h2"
	row "$3: weft run --engine slurm" "$ours ms" "$o1 to $o2; $(awk "BEGIN { printf \"%.1f\", ($ours - $hand) / $2 }") ms more for each"
	_ratio=$(awk "BEGIN { printf \"%.2f\", $ours / $hand }")
	row "  weft / by hand, wall" "$_ratio" "$(limit "$_ratio" 1.1)"
}
echo "== a Slurm of 4 machines with 8 cpus each, all on this one; median of $RUNS, load $(cut -d ' ' -f 1 /proc/loadavg) =="
pair jobs "$JOBS" "$JOBS jobs"
pair array "$ARRAY" "an array of $ARRAY"

# ---- requests, counted on their way ----
command -v python3 > /dev/null || skip "requests: no python3"
cat > count.py <<'P'
import re, socket, sys, threading
port = int(sys.argv[1])
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
def pump(a, b, log):
    try:
        while data := a.recv(65536):
            if log:
                for line in re.findall(rb"^(GET|POST|DELETE) (\S+) HTTP", data, re.M):
                    with open("requests", "ab") as f:
                        f.write(b" ".join(line) + b"\n")
            b.sendall(data)
    except OSError:
        pass
    for s in (a, b):
        try: s.shutdown(socket.SHUT_RDWR)
        except OSError: pass
while True:
    c, _ = server.accept()
    s = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=pump, args=(c, s, True), daemon=True).start()
    threading.Thread(target=pump, args=(s, c, False), daemon=True).start()
P
slurm_down
cluster 4 -c 64 -x "$T/conf"
python3 count.py "${WEFT_SLURM##*:}" > proxy.port &
PROXY=$!
trap 'kill $PROXY 2> /dev/null; slurm_down; cleanup' EXIT
within 10 test -s proxy.port || skip "requests: they cannot be counted"
rm -rf out .weft
sed 's|  run .*|  run {\n    sleep 15\n    cp ~{f} ~{o}\n  }|' array.weft > slow.weft
_t=$(now)
"$WEFT" run -q --slurm "http://127.0.0.1:$(cat proxy.port)" slow.weft > /dev/null 2>> "$T/err" || { tail -n 3 err >&2; exit 1; }
took=$((($(now) - _t) / 1000000))
n=$(wc -l < requests)
per=$(awk "BEGIN { printf \"%.0f\", $n * 60000 / $took }")
row "requests a minute while $ARRAY instances run" "$per" "$(limit "$per" 60); $n in $((took / 1000)) s: $(cut -d ' ' -f 1 requests | sort | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }')"
