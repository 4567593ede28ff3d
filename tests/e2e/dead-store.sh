# a store that takes no file any more, when the results of a task are to be stored: its time limit ends that, too, and others go on
. "${0%/*}/lib.sh"

mkdir ws && cd ws || exit 1
cat > store.weft <<W
task leaves {
  timeout = 2s
  output "/weft-e2e/out/" -> "oss://dead/out/"
  stdout = "oss://dead/logs/"
  run {
    echo said
    echo full > /weft-e2e/out/file.txt
  }
}
task others for i in 1..50 {
  out o = "other/~{i}.txt"
  run {
    echo ~{i} > ~{o}
  }
}
task after_all {
  in all = others[*].o
  out o = "all.txt"
  run {
    cat ~{all} > ~{o}
  }
}
W
inject=${WEFT%/*}/fault/inject.so
[ -e "$inject" ] || skip "no $inject (make check-e2e builds it)"
case $WEFT in */asan/*) skip "nothing can be preloaded into this build" ;; esac
mkdir dead
INJECT_HANG=$PWD/dead LD_PRELOAD=$inject "$WEFT" run store.weft -k -j 2 --cpus 2 --store "oss://dead=$PWD/dead" > said 2>&1 < /dev/null
RC=$? OUT=$(cat said)
case $OUT in *E1060*) skip "no mount namespaces here" ;; esac
check "a store that does not answer ends its task" rc 1
check "... at the time limit" says "FAILED  leaves   R104 time limit"
check "... and is told as the reason" says "where they go does not answer"
check "the others were not kept waiting" [ "$(wc -l < all.txt)" = 50 ]
check "the output of its command is with the run's logs" grep -qx said .weft/runs/0001/logs/stdout.*.leaves.0
check "nothing of it is in the store" [ -z "$(find dead -type f)" ]
stuck() { grep -qs . .weft/runs/0001/work/leaves.0.1/m/*/file.txt; }
sed -i 's/timeout = 2s/timeout = 1h/' store.weft
for sig in HUP TERM; do
	rm -rf .weft said dead; mkdir dead
	INJECT_HANG=$PWD/dead LD_PRELOAD=$inject "$WEFT" run store.weft leaves --store "oss://dead=$PWD/dead" > said 2>&1 < /dev/null &
	pid=$!
	check "a run that waits for a dead store" within 30 stuck
	kill -$sig $pid
	wait $pid
	check "... is ended by $sig" [ $? -gt 128 ]
done
run store.weft --store "oss://dead=$PWD/dead"
check "when it answers again, the same command does the rest" rc 0
check "... and stores the results" same dead/out/file.txt full
check "... without leavings" [ -z "$(find dead -name '.weft*')" ]
finish
