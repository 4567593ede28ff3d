# engine.sh [ENGINE] - what every engine keeps: success, failure, retry by cause, time limit, a lost job, cancelling, a driver
# that is killed, 1,000 short instances.  ENGINE: local (as it is), slurm, sim.
#
# sim makes nothing and keeps nothing, so cancelling and killing its driver have no meaning there; that it leaves nothing behind
# and says the same twice is tried instead.
ENGINE=${1:-local}
HERE=$(cd "${0%/*}" && pwd)
case $ENGINE in
slurm)
	. "${0%/*}/slurm-lib.sh" || exit 1
	case $WEFT in */asan/*) skip "the time limits of its jobs are for the plain build" ;; esac
	cluster 4
	;;
*)
	. "${0%/*}/lib.sh" || exit 1
	C=$(mktemp -d /tmp/weft-engine.XXXXXX) || exit 1 # tasks cannot write into the workspace
	trap 'rm -rf "$C"; cleanup' EXIT
	mkdir "$C/count"
	[ "$ENGINE" = sim ] || opened "$C"
	;;
esac
real() { [ "$ENGINE" != sim ]; }
weft() {
	OUT=$(timeout -k 5 240 "$WEFT" "$@" 2>&1 </dev/null)
	RC=$?
}
engine() { weft run --engine "$ENGINE" "$@"; }
began() { [ -e "$C/count/$1" ]; }
at_least() { [ "$(ls "$C/count" | wc -l)" -ge "$1" ]; }
# what the tasks below do by themselves, for the fake world
cat > weft.site <<'S'
sim "*" {
  time = 5s
}
sim bad {
  bad    = 100
  status = 3
}
sim flaky {
  bad    = 2
  status = 9
}
sim once {
  bad = 100
}
sim slow {
  time = 1h
}
sim lost {
  lost = 1
}
S

# --- success: files, order, globs, a count that another task decides
cat > success.weft <<W
task parts {
  out p[] = glob("p/*.txt")
  run {
    mkdir p
    for i in 1 2 3; do echo \$i > p/\$i.txt; done
  }
}
task each for i in 0..4 {
  out o = "each/~{i}.txt"
  run {
    echo ~{i} > ~{o}
    echo said ~{i}
  }
}
task sum {
  in  xs = each[*].o
  in  ps = parts.p
  out o = "sum.txt"
  run {
    cat ~{xs} ~{ps} | awk '{ s += \$1 } END { print NR, s }' > ~{o}
  }
}
W
engine success.weft -j 2
check "success" rc 0
check "of all instances" says '7 ok'
if real; then
	check "with the right files" same sum.txt "8 16"
	check "and what they said" same "$(ls .weft/runs/0001/logs/stdout.*.each.3)" "said 3"
	engine success.weft
	check "nothing runs twice" says '7 instances current'
	weft show --json
	check "the journal has it all" [ "$(printf '%s\n' "$OUT" | grep -c '"state": "done"')" = 7 ]
else
	check "none of which was run, it says" says 'forecast 7 ok, 20 s; nothing was run'
	check "no file was made" no ls sum.txt each p
	check "nothing was recorded" [ "$(ls .weft)" = cache ]
	engine success.weft
	check "nothing is current by it" says 'forecast 7 ok'
fi

# --- failure
cat > failure.weft <<'W'
task bad {
  out o = "bad.txt"
  run {
    echo half > ~{o}
    echo to-stderr >&2
    exit 3
  }
}
task after {
  in  x = bad.o
  out o = "after.txt"
  run "cp ~{x} ~{o}"
}
task other {
  out o = "other.txt"
  run "touch ~{o}"
}
W
engine -k failure.weft
check "a failure fails the run" rc 1
check "is named with its cause" says 'FAILED  bad   R101 exit status 3'
check "what needs it is skipped" says 'skipped  after'
check "what does not is done" says '1 failed, 1 ok, 1 skipped'
check "no output of it is there" absent bad.txt
if real; then
	check "but of the other" [ -e other.txt ]
	check "its standard error is shown" says '    to-stderr'
fi

# --- retries by cause
cat > retry.weft <<'W'
task flaky {
  out o = "flaky.txt"
  retry 3 on exit(9)
  run {
    test ~{attempt} -ge 3 || exit 9
    echo ~{attempt} > ~{o}
  }
}
task once {
  retry 3 on oom
  run "false"
}
W
engine -k retry.weft
check "retried on the cause that is named" says 'flaky: R101 exit status 9, attempt 2 of 4, trying again'
check "until it goes well" says '1 failed, 1 ok, 2 retried'
check "not on another one" says 'FAILED  once   R101 exit status 1   attempt 1 of 4, not retried'
! real || check "with the result of the last attempt" same flaky.txt 3

# --- time limit
cat > slow.weft <<W
task slow {
  time = 1s
  retry 1 on timeout
  run "sleep $MARK"
}
W
engine slow.weft
check "a time limit" says 'FAILED  slow   R104 time limit of 1.0 s   attempt 2 of 2'
check "is a failure" rc 1
check "that leaves nothing running" within 20 quiet_now

# --- a job that is lost, as far as the engine can lose one
cat > lost.weft <<W
task lost {
  out o = "lost.txt"
  retry 2 on node, signal(9)
  run {
    echo x >> $C/count/lost
    [ ~{attempt} != 1 ] || { [ $ENGINE != local ] || kill -9 \$\$; sleep $MARK; }
    echo ~{attempt} > ~{o}
  }
}
W
rm -f "$C"/count/*
if [ "$ENGINE" = slurm ]; then
	"$WEFT" run --engine slurm lost.weft > lost.log 2>&1 </dev/null &
	pid=$!
	check "a job runs" within 30 began lost
	scancel "$(squeue -h -t RUNNING -o %A | head -n 1)"
	wait $pid
	RC=$?
	OUT=$(cat lost.log)
	check "cancelled by somebody else it is tried again" says 'lost: R112'
	check "and ends well" rc 0
elif [ "$ENGINE" = local ]; then
	engine lost.weft
	check "killed by somebody else it is tried again" says 'lost: R102 killed by signal 9'
	check "and ends well" rc 0
else
	engine lost.weft
	check "on a machine that is lost it is tried again" says 'lost: R110 machine lost, attempt 1 of 3, trying again'
	check "as often as it may be" says 'FAILED  lost   R110 machine lost   attempt 3 of 3'
fi
! real || check "once" same lost.txt 2

# --- 1,000 short ones
cat > many.weft <<W
task many for i in 0..999 {
  out o = "many/~{i}.txt"
  run {
    echo ~{i} > ~{o}
  }
}
task sum {
  in  xs = many[*].o
  out o = "many.txt"
  run {
    cat ~{xs} | awk '{ s += \$1 } END { print NR, s }' > ~{o}
  }
}
W
engine -q many.weft
check "1,000 short instances" rc 0
check "all of them" says '1,001 ok'
! real || check "each once" same many.txt "1000 499500"

if ! real; then
	first=$(engine many.weft -j 7; printf '%s\n' "$OUT")
	second=$(engine many.weft -j 7; printf '%s\n' "$OUT")
	check "a forecast is the same each time" [ "$first" = "$second" ]
	OUT=$first
	check "as long as it should be" says '12 min 0 s'
	engine retry.weft --touch
	check "it has nothing to take as made" says 'error[E1089]'
	check "nothing was recorded in all this" [ "$(ls .weft)" = cache ]
	finish
fi

# --- cancelling
cat > cancel.weft <<W
task c for i in 0..3 {
  out o = "c/~{i}.txt"
  run {
    echo x > $C/count/c~{i}
    [ -e $C/go ] || [ ~{i} = 0 ] || sleep $MARK || exit 1
    echo ~{i} > ~{o}
  }
}
W
rm -f "$C"/count/*
engine cancel.weft -j 8 --detach
check "a run in the background" rc 0
one_done() { OUT=$("$WEFT" status --json); at_least 4 && says '"done": 1'; }
check "one is done, the others run" within 40 one_done
weft cancel --yes 'c[1]'
check "an instance is cancelled" says 'cancelled: 1 that ran'
cancelled() { OUT=$("$WEFT" status --json); says '"cancelled": 1'; }
check "and only that" within 60 cancelled
weft cancel --yes
check "the run is cancelled" says '1 ok, 3 cancelled'
check "nothing of it runs any more" within 20 quiet_now
weft attach
check "its status says so" rc 5
touch "$C/go"
engine cancel.weft
check "what was done stays done, the rest is done now" says '3 ok, 1 current'
check "all of it" [ "$(cat c/*.txt | tr '\n' ' ')" = "0 1 2 3 " ]

# --- the driver is killed
cat > killed.weft <<W
task k for i in 0..7 {
  out o = "k/~{i}.txt"
  run {
    echo x >> $C/count/k~{i}
    [ ~{i} -lt 4 ] || [ ~{attempt} != 1 ] || sleep 1
    echo ~{i} > ~{o}
  }
}
task sum {
  in  xs = k[*].o
  out o = "k.txt"
  run {
    echo x >> $C/count/sum
    cat ~{xs} | awk '{ s += \$1 } END { print NR, s }' > ~{o}
  }
}
W
rm -f "$C"/count/*
for i in 1 2 3; do
	"$WEFT" run --engine "$ENGINE" killed.weft -j 8 > killed.log 2>&1 </dev/null &
	pid=$!
	within 20 at_least $((i * 2))
	kill -9 $pid
	wait $pid 2>/dev/null
done
engine killed.weft -j 8
check "after three kills the same command ends well" rc 0
check "with the right result" same k.txt "8 28"
check "and the last task has run once" [ "$(wc -l < "$C/count/sum")" = 1 ]
[ "$ENGINE" != slurm ] || check "as has every other, which the driver's death did not touch" [ "$(cat "$C"/count/k? | wc -l)" = 8 ]
[ "$ENGINE" != slurm ] || check "nothing waits or runs any more" within 20 queue_empty
finish
