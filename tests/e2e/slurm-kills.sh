# the driver of a Slurm run is killed at random moments: the same command goes on, nothing is submitted or run twice
. "${0%/*}/slurm-lib.sh" || exit 1
cluster 4
# with sanitizers each start takes longer
case $WEFT in */asan/*) TIMES=5 ;; *) TIMES=20 ;; esac
TIMES=${WEFT_KILLS:-$TIMES}
SEED=${WEFT_SEED:-$$}
RANDOM=$SEED
echo "# seed $SEED, $TIMES kills"

cat > kills.weft <<W
task many for i in 0..39 {
  out o = "out/~{i}.txt"
  run {
    echo x >> $C/count/~{i}
    sleep ~{i % 4}.~{i % 10}
    echo ~{i} > ~{o}
  }
}
task single {
  out o = "single.txt"
  run {
    echo x >> $C/count/single
    sleep 1
    echo one > ~{o}
  }
}
task sum {
  in  parts = many[*].o
  in  one = single.o
  out total = "total.txt"
  run {
    echo x >> $C/count/sum
    cat ~{parts} | awk '{ s += \$1 } END { print NR, s }' > ~{total}
  }
}
W
# what one run has to have made, and with nothing run twice
whole() { same total.txt "40 780" && [ "$(cat "$C"/count/* | wc -l)" = 42 ]; }
again() { rm -rf .weft out ./*.txt "$C"/count/*; }
# killed: a driver ends by the signal, and not because it was at its end already; a run that is over begins anew
hits=0
while [ $hits -lt "$TIMES" ]; do
	"$WEFT" run kills.weft --engine slurm > log 2>&1 </dev/null &
	pid=$!
	sleep 0.$((RANDOM % 9))$((RANDOM % 10))
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	case $? in
	137) hits=$((hits + 1)) ;;
	0) whole || break; again ;;
	*) break ;;
	esac
done
check "$TIMES drivers were killed on their way" [ $hits = "$TIMES" ]
srun_weft -v kills.weft
check "after $TIMES kills it ends well" rc 0
check "with the right result" same total.txt "40 780"
check "every command has run exactly once" [ "$(cat "$C"/count/* | wc -l)" = 42 ]
check "nothing waits or runs any more" within 20 queue_empty

finish
