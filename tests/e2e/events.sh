# --events: the service's messages, one a line, and a reader that cannot hold up the run
. "${0%/*}/lib.sh" || exit 1

command -v python3 > /dev/null || skip "no python3"
events() { OUT=$(python3 "$HERE/events.py" "$1" 2>&1); }
told() { events "$1" && says "$2"; }

cat > wf.weft <<'W'
task a for k in ["x", "y", "z"] {
  out o = "a~{k}.txt"
  retry 1
  run {
    if [ ~{k} = y ] && [ -e bad ]; then exit 3; fi
    cp flag ~{o} 2>/dev/null || echo ~{k} > ~{o}
  }
  in_place = true
}
task m {
  in f = a[*].o
  out o = "m.txt"
  run {
    cat ~{f} > ~{o}
  }
}
task b {
  out o = "b.txt"
  run "touch ~{o}"
}
W
touch bad
run wf.weft -k --events ev
check "a run with a retry, a failure and what it keeps from running" rc 1
check "tells all of it once, in order" told ev \
	'OnInstanceFailed=1 OnInstanceFinished=3 OnInstanceRunning=5 OnInstanceWaiting=5 OnJobFailed=1 OnJobRunning=1 OnJobWaiting=1 OnTaskFailed=1 OnTaskFinished=1 OnTaskRunning=2 OnTaskStopped=1 OnTaskWaiting=3'
OUT=$(cat ev)
check "with the cause" says '"ExitCode":"3","ErrorCode":"R101","ErrorMessage":"exit status 3"'
check "and the sums" says '"Message":"1 failed, 3 ok, 1 skipped, 1 retried"'
rm bad
"$WEFT" run wf.weft --events - > ev 2> log </dev/null
check "standard output holds nothing else; what is current is not mentioned" told ev \
	'OnInstanceFinished=2 OnInstanceRunning=2 OnInstanceWaiting=2 OnJobFinished=1 OnJobRunning=1 OnJobWaiting=1 OnTaskFinished=3'
OUT=$(cat log)
check "the last line is on standard error" says '2 ok, 3 current'
"$WEFT" run wf.weft --force b --ui json > ev 2> log </dev/null
check "--ui json" told ev 'OnInstanceFinished=1'
check "... is all there is" [ "$(wc -l < log)" = 1 ]
"$WEFT" run wf.weft --events fd:7 7> ev > /dev/null </dev/null
OUT=$(cat ev)
check "nothing to do: an end all the same" says '"Event":"OnJobFinished","JobId":"","State":"Finished"'
check "and no more" [ "$(wc -l < ev)" = 1 ]

run wf.weft --force b --events fd:9
check "a descriptor that is not open: nothing is run" rc 4
check "... it is said" says 'error[E1050]: cannot write events to `fd:9`: no such descriptor is open'
run wf.weft --force b --events no/such/place
check "nor to a directory that is not there" says 'error[E1050]: cannot write events to `no/such/place`: No such file'
run wf.weft --force b --events /dev/full
check "what cannot be written is a failure" rc 4
check "... of which this is said" says 'error[E1050]: cannot write events to `/dev/full`: No space left'
check "... the instance has run" says '1 ok'

# --- readers
mkfifo fifo
run wf.weft --force b --events fifo
check "a reader that never comes holds up nothing" rc 0
check "... and is told of" says 'warning[W1051]: 13 of 13 events did not reach `fifo`: nobody reads it'
cat fifo > ev &
run wf.weft --force b --events fifo
wait $!
check "one that is there gets all" told ev 'OnJobWaiting=1'
(exec 6< fifo; read -r line <&6) &
run wf.weft --force b --events fifo
wait $!
check "one that leaves" rc 0

# two thousand instances are told to wait, then to be stopped: more than anybody holds for a reader
cat > many.weft <<'W'
task first {
  run "false"
}
task many for i in 0..3999 {
  run "true"
}
W
run many.weft -j1 --events ev
check "thousands of instances that never ran" told ev 'OnInstanceStopped=4000 OnInstanceWaiting=4001'
exec 8<> fifo
run many.weft -j1 --events fd:8
exec 8>&-
check "a reader that does not read: the run goes on" rc 1
check "... and says what was lost" says 'did not reach `fd:8`: its reader is too slow'
"$WEFT" run many.weft -j1 --events - 2> log </dev/null | head -n 1 > first
OUT=$(cat log)
check "a reader that closes" says 'did not reach `-`: Broken pipe'

# --- ends
cat > slow.weft <<W
task s for i in 0..1 {
  run "sleep $MARK"
}
W
"$WEFT" run slow.weft -j2 --events ev > log 2>&1 </dev/null &
pid=$!
check "two run" within 10 marked
kill -INT $pid
wait $pid
check "a signal stops the job" told ev 'OnInstanceStopped=2 OnInstanceWaiting=2 OnJobRunning=1 OnJobStopped=1'
finish
