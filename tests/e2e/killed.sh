# kill -9 of the driver: no process outlives it, no final name holds a partial file, the next run just works
. "${0%/*}/lib.sh"

cat > wf.weft <<W
task long for i in 0..3 {
  out o = "out/~{i}.txt"
  run {
    echo partial > ~{o}
    setsid sh -c 'trap "" TERM HUP; sleep $MARK' >/dev/null 2>&1 </dev/null &
    test -e $T/short || sleep $MARK
    echo whole > ~{o}
  }
}
W
running() { [ "$(grep -c OnInstanceRunning .weft/runs/*/events.jsonl 2>/dev/null)" = 4 ] && marked; }
for extra in "" --no-sandbox; do
	rm -rf .weft out short
	"$WEFT" run wf.weft -j4 $extra > log 2>&1 </dev/null &
	pid=$!
	within 20 running
	kill -9 $pid
	wait $pid 2>/dev/null
	OUT=$(cat log)
	check "kill -9${extra:+ $extra}: no process is left" within 5 quiet_now
	check "kill -9${extra:+ $extra}: no partial output" absent out/1.txt
	touch short
	run wf.weft -j4 $extra
	check "kill -9${extra:+ $extra}: the same command then ends well" rc 0
	check "kill -9${extra:+ $extra}: with whole results" same out/3.txt whole
	check "kill -9${extra:+ $extra}: and leaves nothing running" within 5 quiet_now
done
finish
