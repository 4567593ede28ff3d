# few open files: an attempt runs, or fails as one that could not be started, never as killed by a signal
. "${0%/*}/lib.sh" || exit 1

printf 'task a {\n  run "/bin/echo hi"\n}\n' > wf.weft
limited() { rm -rf .weft; OUT=$(ulimit -n "$1" && "$WEFT" run wf.weft $extra 2>&1 </dev/null); RC=$?; }
fails_rightly() { rc 0 || rc 4 || rc 3 || { rc 1 && says R106 && silent_on R102; }; }
for extra in "" --no-sandbox; do
	for n in 24 32 64; do
		limited $n
		check "ulimit -n $n $extra: the task runs" rc 0
	done
	seen=
	for n in 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		limited $n
		check "ulimit -n $n $extra: runs, cannot begin, or fails as not started" fails_rightly
		says R106 && seen=yes
	done
	check "one of them was not started $extra" [ -n "$seen" ]
done
finish
