# kill -9 of the driver: no process outlives it, no final name holds a partial file, the next run just works
. "${0%/*}/lib.sh" || exit 1

write_wf() { # SETTING
	cat > wf.weft <<W
task long for i in 0..3 {
  $1
  out o = "out/~{i}.txt"
  run {
    echo partial > ~{o}
    setsid sh -c 'trap "" TERM HUP; sleep $MARK' >/dev/null 2>&1 </dev/null &
    (env -i setsid sleep $MARK >/dev/null 2>&1 </dev/null &)
    echo \$\$ >> $T/pids
    test -e $T/short || sleep $MARK
    echo whole > ~{o}
  }
}
W
}
running() { [ "$(wc -l < pids 2>/dev/null)" = 4 ] && marked; }
begin() { # ARGS: start it in a process group of its own and wait until all four run
	rm -rf .weft out short pids
	setsid "$WEFT" run wf.weft -j4 "$@" > log 2>&1 </dev/null &
	pid=$!
	within 20 running
}
for extra in "" --no-sandbox in_place; do
	write_wf ""
	[ "$extra" != in_place ] || write_wf "in_place = true"
	arg=$extra
	[ "$extra" != in_place ] || arg=
	for victim in "" -; do
		about="kill -9${victim:+ of its group}${extra:+, $extra}"
		begin $arg
		kill -9 -- $victim$pid
		touch short
		wait $pid 2>/dev/null
		[ "$extra" = in_place ] || check "$about: no partial output" absent out/1.txt
		run wf.weft -j4 $arg
		check "$about: the same command at once ends well" rc 0
		check "$about: with whole results" same out/3.txt whole
		check "$about: no process is left" within 5 quiet_now
	done
done

# without its guard a driver still ends all that it started
write_wf "in_place = true"
begin
guard=$(pgrep -P $pid wf-guard)
kill -9 $guard
touch short
kill -TERM $pid
wait $pid 2>/dev/null
check "a driver without its guard: a signal still ends everything" within 5 quiet_now
finish
