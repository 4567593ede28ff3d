# slurm-work-lib.sh - a workflow for a Slurm that is disturbed meanwhile, and what this machine makes of it.
. "${0%/*}/slurm-lib.sh" || exit 1
case $WEFT in */asan/*) [ -n "${WEFT_TORTURE:-}" ] || skip "tried with the plain build" ;; esac
cluster 4

cat > work.weft <<W
task many for i in 0..39 {
  retry 3 on node
  out o = "out/~{i}.txt"
  run {
    sleep 0.~{i % 10}
    echo ~{i} > ~{o}
  }
}
task sum {
  in  parts = many[*].o
  out total = "total.txt"
  run {
    cat ~{parts} | awk '{ s += \$1 } END { print NR, s }' > ~{total}
  }
}
W
# what this machine makes of it
mkdir here
cp work.weft here/
(cd here && "$WEFT" run -q work.weft > /dev/null 2>&1)
begin() { # FILE ARGS...: in the background
	rm -rf .weft out total.txt
	timeout -k 5 200 "$WEFT" run --engine slurm "$@" > log 2>&1 </dev/null &
	pid=$!
}
join() {
	wait $pid
	RC=$?
	OUT=$(cat log)
}
as_here() { same total.txt "40 780" && diff -r here/out out && cmp here/total.txt total.txt; }
