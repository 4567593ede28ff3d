# a time-out ends the whole process tree: a child that ignores TERM, a grandchild in a session of its own
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<W
task deaf {
  timeout = 1s
  run {
    trap '' TERM
    setsid sh -c 'trap "" TERM HUP; sleep $MARK' >/dev/null 2>&1 </dev/null &
    (trap '' TERM; sleep $MARK) &
    while :; do sleep $MARK; done
  }
}
W
start=$(date +%s)
run wf.weft
took=$(($(date +%s) - start))
check "a time-out fails the run" rc 1
check "... with its cause" says "R104 time limit of 1"
check "KILL comes about 5 s after TERM" [ $took -ge 5 -a $took -le 10 ]
check "no process of it is left" quiet_now

cat > polite.weft <<W
task polite {
  timeout = 1s
  retry 1
  run {
    test ~{attempt} = 2 || sleep $MARK
  }
}
W
start=$(date +%s)
run polite.weft
took=$(($(date +%s) - start))
check "TERM is enough for a polite task, and a time-out can be retried" rc 0
check "... without waiting for KILL" [ $took -le 4 ]

cat > bg.weft <<W
task leaver {
  out o = "left.txt"
  run {
    setsid sleep $MARK >/dev/null 2>&1 </dev/null &
    echo done > ~{o}
  }
}
W
run bg.weft
check "a process left behind does not hold up a task that ended" rc 0
check "... and does not outlive it" quiet_now
finish
