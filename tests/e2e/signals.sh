# INT, TERM, HUP to the driver: tasks stopped, partial outputs gone, back in 5 s, status 128 + n or died of n
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<W
task long for i in 0..7 {
  out o = "out/~{i}.txt"
  run {
    echo partial > ~{o}
    setsid sleep $MARK >/dev/null 2>&1 </dev/null &
    sleep $MARK
  }
}
task after {
  in  os = long[*].o
  run { 
    cat ~{os}
  }
}
W
sed "s/setsid sleep/trap '' TERM; setsid sleep/" wf.weft > deaf.weft
running() { [ "$(grep -c OnInstanceRunning .weft/runs/*/events.jsonl 2>/dev/null)" = 4 ] && marked; }

# no signal is pending any more
taken() { grep -q '^ShdPnd:[[:space:]]*0*$' /proc/$1/status; }

# try SIGNAL FILE COUNT: start, wait until four run, send the signal COUNT times
try() {
	rm -rf .weft out
	env --default-signal="$1" "$WEFT" run "$2" -j4 > log 2>&1 </dev/null &
	pid=$!
	within 20 running || echo "# the tasks did not start: $(cat log)"
	start=$(date +%s%N)
	for k in $(seq "$3"); do
		kill -"$1" $pid
		[ "$k" = "$3" ] || within 5 taken $pid
	done
	wait $pid
	RC=$?
	took=$((($(date +%s%N) - start) / 1000000))
	OUT=$(cat log)
}
for s in INT:130 TERM:143 HUP:129; do
	try ${s%:*} wf.weft 1
	check "${s%:*}: status ${s#*:}" rc ${s#*:}
	check "${s%:*}: no process is left" quiet_now
	check "${s%:*}: no partial output" absent out/0.txt
	check "${s%:*}: back at once (${took} ms)" [ $took -lt 3000 ]
	check "${s%:*}: says what became of the instances" says "4 cancelled, 5 not started"
	check "${s%:*}: work directories are gone" [ -z "$(find .weft/runs -name '*.txt')" ]
done
try INT wf.weft 1
check "Ctrl-C says what else there is" says 'stopping run 1; Ctrl-C again: at once'
check "... how a run is left alone" says 'weft run --detach, weft attach 1, weft cancel 1'
try INT deaf.weft 1
check "tasks that ignore TERM are killed: status" rc 130
check "... within 5 s (${took} ms)" [ $took -lt 5500 ]
check "... and nothing is left" quiet_now
try INT deaf.weft 2
check "a second Ctrl-C does not wait: status" rc 130
check "... (${took} ms)" [ $took -lt 3500 ]
check "... and nothing is left" quiet_now
finish
