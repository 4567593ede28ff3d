# what a site does to jobs: small arrays, few jobs in all, too little memory, preemption; limits are nobody's failure
. "${0%/*}/slurm-lib.sh" || exit 1
case $WEFT in */asan/*) [ -n "${WEFT_TORTURE:-}" ] || skip "tried with the plain build" ;; esac
# finished jobs count too, until Slurm forgets them
cat > conf <<'C'
MaxArraySize=8
MaxJobCount=30
MinJobAge=2
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=9 DefMemPerCPU=16
C
memory=
if [ -w /sys/fs/cgroup/memory/tasks ] && [ -w /sys/fs/cgroup/freezer/tasks ]; then memory=-g; fi
# shellcheck disable=SC2086
cluster 2 -x "$T/conf" $memory

cat > limits.weft <<'W'
task many for i in 0..39 {
  retry 1 on exit(3)
  out o = "out/~{i}.txt"
  run {
    if [ ~{attempt} = 1 ]; then case ~{i} in 5|33) exit 3 ;; esac; fi
    echo ~{i} > ~{o}
  }
}
task sum {
  in  parts = many[*].o
  out total = "total.txt"
  run {
    cat ~{parts} | awk '{ s += $1 } END { print NR, s }' > ~{total}
  }
}
W
srun_weft limits.weft
check "40 instances through arrays of 7 and 30 jobs" rc 0
check "all of them" same total.txt "40 780"
check "only the two that failed ran again" says '41 ok, 2 retried'
# the names of all jobs with their elements, as Slurm has written them down
done_jobs() { sed -n 's/.* Name=\([^ ]*\)-weft-\([0-9a-f-]*\) .*ArrayTaskId=\([0-9]*\) .*/\1 \2 \3/p' "$SLURM_JOBCOMP_LOG"; }
check "as they were asked for: 43 jobs in all" [ "$(done_jobs | sort -u | wc -l)" = 43 ]
check "no array was larger than allowed" [ "$(done_jobs | awk '$3 > m { m = $3 } END { print m }')" -le 7 ]

# --- too little memory
if [ -n "$memory" ]; then
	cat > oom.weft <<'W'
task eats {
  mem = 64MB
  retry 1 on oom
  run "python3 -c 'x = bytearray(400 << 20); print(len(x))'"
}
W
	srun_weft oom.weft
	check "too little memory" says 'FAILED  eats   R103 out of memory'
	check "is tried again on oom" says '1 retried'
else
	echo "# skip out of memory: no cgroup v1 memory and freezer controllers to write in"
fi

# --- preempted by what is more urgent
cat > spot.weft <<W
task spot {
  cpu = 8
  retry 1 on spot
  out o = "spot.txt"
  run {
    echo x >> $C/count/spot
    [ ~{attempt} != 1 ] || sleep $MARK
    echo ~{attempt} > ~{o}
  }
}
W
"$WEFT" run --engine slurm spot.weft > log 2>&1 </dev/null &
pid=$!
check "it runs" within 20 marked
sbatch -Q -p urgent -N 2 --exclusive -o /dev/null --wrap true > /dev/null 2>&1
wait $pid
RC=$?
OUT=$(cat log)
check "preempted: tried again" rc 0
check "and says so" says 'spot: R111'
check "by the second attempt" same spot.txt 2
check "nothing waits or runs any more" within 20 queue_empty
finish
