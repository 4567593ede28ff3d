# status, history, show and logs beside real runs: while one goes on, after it was killed, after it ended
. "${0%/*}/lib.sh" || exit 1
look() { # ARGS...: OUT = what weft said, RC = its status
	OUT=$("$WEFT" "$@" 2>&1 </dev/null)
	RC=$?
}
status_says() { look status; says "$1"; }
holds() { grep -qxF "$2" "$1" 2>/dev/null; }

cat > wf.weft <<W
workflow "demo"
task one {
  out o = "one.txt"
  run {
    echo "begin one"; echo "one's error" >&2
    while ! test -e $T/go; do sleep 0.05; done
    echo "end one"; printf "without an end" >&2
    echo 1 > ~{o}
  }
}
task two {
  in  i = one.o
  out o = "two.txt"
  run {
    echo "begin two"
    while ! test -e $T/go2; do sleep 0.05; done
    echo "end two"
    cp ~{i} ~{o}
  }
}
W
look status
check "before anything has run" says "nothing has run here"
check "... that is no failure" rc 0

"$WEFT" run wf.weft -q > run.log 2>&1 </dev/null &
pid=$!
check "status sees a run that goes on" within 20 status_says "   run 1   running for"
look status
check "... and its process" says "process $pid"
check "... and what runs and waits" within 20 status_says "1 running, 1 waiting"
look status --json
check "... in JSON too" [ "$(printf '%s' "$OUT" | jq -r '.run.state, .holder')" = "running
$pid" ]
look history
check "history calls it running" says "running"
"$WEFT" logs one -f > one.log 2> one.err </dev/null &
f1=$!
"$WEFT" logs two -f > two.log 2>&1 </dev/null &
f2=$!
"$WEFT" logs one -f --json > one.json 2>&1 </dev/null &
f3=$!
check "logs -f shows what is there" within 20 holds one.log "begin one"
check "... and standard error apart" within 20 holds one.err "one's error"
touch go
wait $f1
check "logs -f ends with the attempt" [ $? = 0 ]
check "... and has all of it" same one.log "begin one
end one"
wait $f3
check "... as JSON too: whose it is, then each line" [ "$(head -n 1 one.json; tail -n +2 one.json | jq -c '[.stream, .text, .part]' | sort)" = \
	'{"schema":"weft.logs/1","task":"one","key":"","run":1,"attempt":1,"state":"running"}
["stderr","one'"'"'s error",null]
["stderr","without an end",true]
["stdout","begin one",null]
["stdout","end one",null]' ]
check "logs -f waits for what has not begun" within 20 holds two.log "begin two"
touch go2
wait $f2
check "... and ends with it" [ $? = 0 ]
check "... and has all of it" same two.log "begin two
end two"
wait $pid
check "the run ends well" [ $? = 0 ]
look status
check "then status says how it ended" says "   run 1   exit 0   ended"
check "... task by task" says "  two   1 done"

rm go; echo "# once more" > note
sed -i 's/begin one/started one/' wf.weft
"$WEFT" run wf.weft -q > run.log 2>&1 </dev/null &
pid=$!
within 20 status_says "1 running"
"$WEFT" logs one -f > one.log 2> one.err </dev/null &
f1=$!
within 20 holds one.log "started one"
kill -9 $pid
wait $pid 2>/dev/null
wait $f1
check "logs -f ends when the run was killed" [ $? = 0 ]
look status
check "status calls that run interrupted" says "   run 2   interrupted"
check "... and its instance lost" says "one   1 lost"
look show
check "show, too" says "one   lost"
look logs one --run 1
check "an earlier run's streams are still there" says "end one"

touch go
run wf.weft -q
check "the next run ends well" rc 0
look history
check "history has all three" [ "$(printf '%s\n' "$OUT" | wc -l)" = 4 ]
check "... with the killed one" says "interrupted"
look show 3 --json
check "show in JSON" [ "$(printf '%s' "$OUT" | jq -c '[.schema, .exit, .ok, .cut, (.instances | length)]')" = '["weft.show/1",0,1,1,1]' ]

cat > bad.weft <<'W'
workflow "bad"
task fails for i in 0..3 {
  retry 1
  run {
    echo "try ~{attempt} of ~{i}"
    exit 3
  }
}
W
run bad.weft -q -k -j1
look show
check "show groups equal failures" says "FAILED  fails[0] and 3 more   R101 exit status 3   attempt 2"
look logs 'fails[2]'
check "logs shows the last attempt" [ "$OUT" = "try 2 of 2" ]
look logs 'fails[2]' --attempt 1
check "... or an earlier one" [ "$OUT" = "try 1 of 2" ]
look logs 'fails[2]' --json
check "logs --json says whose they are, then the lines" [ "$OUT" = '{"schema":"weft.logs/1","task":"fails","key":"2","run":4,"attempt":2,"state":"ended"}
{"stream":"stdout","text":"try 2 of 2"}' ]
look logs fails
check "... and asks which instance is meant" says "name one: fails[0], fails[1]"

cat > one.weft <<'W'
workflow "one"
task part for i in 0..4 {
  retry 1 on exit(4)
  run {
    echo "part ~{i}"
    [ ~{i} != 2 ] || exit 3
    [ ~{i}~{attempt} != 31 ] || exit 4
  }
}
W
run one.weft -q -k -j1
"$WEFT" logs part > out 2> err </dev/null
check "logs of several instances shows the one that failed" same out "part 2"
check "... and says which that is" same err "part[2], which failed in run 5:"
look logs part --json
check "... in JSON as the key" says '"key":"2"'
look logs part --attempt 2
check "... also where an attempt is wanted that it did not have" says '`part[2]` has had no attempt 2 in run 5'
finish
