# the driver of a Slurm run is killed at random moments: the same command goes on, nothing is submitted or run twice
. "${0%/*}/slurm-lib.sh"
cluster 4
TIMES=${WEFT_KILLS:-${WEFT_TORTURE:+20}}
TIMES=${TIMES:-3}
SEED=${WEFT_SEED:-$$}
RANDOM=$SEED
echo "# seed $SEED, $TIMES kills"

cat > crash.weft <<W
task many for i in 0..39 {
  out o = "out/~{i}.txt"
  run {
    echo x >> $C/count/~{i}
    sleep 0.~{i % 10}
    echo ~{i} > ~{o}
  }
}
task single {
  out o = "single.txt"
  run {
    echo x >> $C/count/single
    sleep 1
    echo one > ~{o}
  }
}
task sum {
  in  parts = many[*].o, one = single.o
  out total = "total.txt"
  run {
    echo x >> $C/count/sum
    cat ~{parts} | awk '{ s += \$1 } END { print NR, s }' > ~{total}
  }
}
W
sed -i 's/  in  parts = many\[\*\].o, one = single.o/  in  parts = many[*].o\n  in  one = single.o/' crash.weft
i=0
while [ $i -lt "$TIMES" ]; do
	i=$((i + 1))
	"$WEFT" run crash.weft --engine slurm > log.$i 2>&1 </dev/null &
	pid=$!
	sleep 0.$((RANDOM % 9))$((RANDOM % 10))
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
done
srun_weft -v crash.weft
check "after $TIMES kills it ends well" rc 0
check "with the right result" same total.txt "40 780"
check "every command has run exactly once" [ "$(cat "$C"/count/* | wc -l)" = 42 ]
check "in one run" [ "$(ls .weft/runs)" = 0001 ]
check "nothing waits or runs any more" within 20 queue_empty

# --- a workflow that was changed meanwhile: the old jobs are cancelled
rm -rf .weft out
sed "s/sleep 0.~{i % 10}/sleep $MARK/" crash.weft > changed.weft
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
run late.weft
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
