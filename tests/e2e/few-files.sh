# few open files: an attempt runs, or fails as one that could not be started, never as killed by a signal
. "${0%/*}/lib.sh"

printf 'task a {\n  run "/bin/echo hi"\n}\n' > wf.weft
limited() { rm -rf .weft; OUT=$(ulimit -n "$1" && "$WEFT" run wf.weft 2>&1 </dev/null); RC=$?; }
for n in 24 32 64; do
	limited $n
	check "ulimit -n $n: the task runs" rc 0
done
for n in 14 16; do
	limited $n
	check "ulimit -n $n: fails" rc 1
	check "ulimit -n $n: as not started" says R106
	check "ulimit -n $n: not as killed" silent_on R102
done
finish
