# limits of the site: small arrays, few jobs of a user, few jobs in all; nothing of it is a task's failure
. "${0%/*}/slurm-lib.sh"
case $WEFT in */asan/*) [ -n "${WEFT_TORTURE:-}" ] || skip "tried with the plain build" ;; esac
# finished jobs count too, until Slurm forgets them
printf 'MaxArraySize=8\nMaxJobCount=30\nMinJobAge=2\n' > conf
cluster 2 -x "$T/conf"

cat > limits.weft <<'W'
task many for i in 0..39 {
  out o = "out/~{i}.txt"
  run {
    echo ~{i} > ~{o}
  }
}
task sum {
  in  parts = many[*].o
  out total = "total.txt"
  run {
    cat ~{parts} | awk '{ s += $1 } END { print NR, s }' > ~{total}
  }
}
W
srun_weft limits.weft
check "40 instances through arrays of 7 and 30 jobs" rc 0
check "all of them" same total.txt "40 780"
check "no array was larger than allowed" [ "$(squeue -h -t all -o %K 2>/dev/null | grep -cE '^([89]|[1-9][0-9])$')" = 0 ]
finish
