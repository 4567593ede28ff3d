# two drivers on one workspace: the second refuses; the lock dies with its owner
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<W
task long { 
  run { 
    sleep $MARK
  }
}
W
cat > short.weft <<'W'
task short { 
  run { 
    true
  }
}
W
"$WEFT" run wf.weft > log 2>&1 </dev/null &
pid=$!
within 20 marked
run short.weft
check "a second run refuses" rc 6
check "... with its code" says "E1006"
check "... and says who has the workspace" says "process $pid"
kill -9 $pid
wait $pid 2>/dev/null
run short.weft
check "when the first is dead nothing has to be unlocked" rc 0
check "no process is left" within 5 quiet_now
finish
