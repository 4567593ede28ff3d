# machines of a Slurm: one is lost in the middle, one has too little memory, one is drained
. "${0%/*}/slurm-lib.sh" || exit 1
[ -n "${WEFT_TORTURE:-}" ] || skip "takes more than a minute; WEFT_TORTURE=yes tries it"
if [ -w /sys/fs/cgroup/memory/tasks ] && [ -w /sys/fs/cgroup/freezer/tasks ]; then
	cluster 3 -g
else
	cluster 3
fi
cat > oom.weft <<'W'
workflow "oom" {
  fail_fast = false
}
task eats {
  mem = 64MB
  retry 1 on oom
  run "python3 -c 'x = bytearray(400 << 20); print(len(x))'"
}
W
if grep -q ConstrainRAMSpace=yes "$C/cgroup.conf"; then
	srun_weft oom.weft
	check "too little memory" says 'R103 out of memory'
	check "is tried again on oom" says '1 retried'
else
	echo "# skip out of memory: no cgroup v1 memory and freezer controllers to write in"
fi

# --- a machine is lost: its slurmd and all that runs there
long_weft
timeout -k 5 240 "$WEFT" run --engine slurm long.weft > log 2>&1 </dev/null &
pid=$!
check "it runs" within 20 marked
node=$(squeue -h -t R -o %N | head -n 1)
kill -9 "$(slurm_pid "slurmd.$node")"
for p in $(pgrep slurmstepd); do # of this cluster only
	if grep -qzF "SLURM_CONF=$C/slurm.conf" "/proc/$p/environ" 2>/dev/null; then kill -9 "$p"; fi
done
for p in $(pgrep -f "exec-instance $T"); do kill -9 "$p"; done
wait $pid
RC=$?
OUT=$(cat log)
check "a lost machine: tried again on another one" rc 0
check "and says so" says 'R110 machine lost'
check "the second one has done it" same long.txt done
finish
