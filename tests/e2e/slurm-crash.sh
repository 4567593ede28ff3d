# the driver of a Slurm run is killed: what was changed meanwhile, and what another engine has done, comes first
. "${0%/*}/slurm-lib.sh" || exit 1
cluster 4

# --- a workflow that was changed meanwhile: the old jobs are cancelled
cat > changed.weft <<W
task many for i in 0..39 {
  out o = "out/~{i}.txt"
  run {
    sleep $MARK
    echo ~{i} > ~{o}
  }
}
W
"$WEFT" run changed.weft --engine slurm > log 2>&1 </dev/null &
pid=$!
check "jobs run" within 20 marked
kill -9 $pid
wait $pid 2>/dev/null
sed -i "s/sleep $MARK/true/" changed.weft
srun_weft changed.weft
check "a changed workflow is run anew" rc 0
check "in a run of its own" [ "$(ls .weft/runs | tr '\n' ' ')" = "0001 0002 " ]
check "what the old one had running is gone" within 20 quiet_now
check "and nothing waits" within 20 queue_empty

# --- what is left of a killed driver does not publish any more once another engine has run
rm -rf .weft out
cat > late.weft <<W
task late {
  out o = "late.txt"
  run {
    test -e $C/here || { touch $C/begun; while [ ! -e $C/go ]; do sleep 0.1; done; touch $C/done; }
    test -e $C/here && echo here > ~{o} || echo there > ~{o}
  }
}
W
"$WEFT" run late.weft --engine slurm > log 2>&1 </dev/null &
pid=$!
check "a job runs" within 20 [ -e "$C/begun" ]
known() { OUT=$("$WEFT" status --json); says "\"engine_id\": \"slurm $(squeue -h -o %i | head -n 1 | tr -d '[]')\""; }
check "and its number in Slurm is known" within 20 known
kill -9 $pid
wait $pid 2>/dev/null
OUT=$("$WEFT" show --json)
check "still known when the driver has died" says '"engine_id": "slurm '
touch "$C/here"
printf 'engine local {\n  writable = ["%s"]\n}\n' "$C" > here.site
run late.weft --site here.site
check "the same workflow runs here meanwhile" rc 0
rm "$C/here"
touch "$C/go"
check "the old job ends" within 20 queue_empty
check "and has not published over it" same late.txt here

# --- stopped on purpose
rm -rf .weft out
sed -i "s/^    true/    sleep $MARK/" changed.weft
"$WEFT" run changed.weft --engine slurm > log 2>&1 </dev/null &
pid=$!
check "jobs run again" within 20 marked
t=$(date +%s)
kill -INT $pid
wait $pid
RC=$?
OUT=$(cat log)
check "a signal ends the run" rc 130
check "within 6 s" [ $(($(date +%s) - t)) -le 6 ]
check "and its jobs" within 10 quiet_now
check "those that wait too" within 10 queue_empty
check "its secrets and programs are gone" [ ! -e .weft/runs/0001/remote/run.json ]

# --- a failure stops the others
cat > fail.weft <<W
task bad for i in 0..20 {
  run {
    [ ~{i} != 3 ] || exit 3
    sleep $MARK
  }
}
W
srun_weft fail.weft
check "a failure ends the run" rc 1
check "and says which" says 'bad[3]'
check "the others are stopped" within 10 quiet_now
finish
