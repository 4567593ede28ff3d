# retries: number of attempts, by cause, and what an attempt sees of itself
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
task flaky for i in 0..2 {
  out o = "flaky/~{i}.txt"
  retry 3
  run {
    echo "try ~{attempt}"
    test ~{attempt} -gt ~{i} || exit 9
    echo "attempt ~{attempt}" > ~{o}
  }
}
W
run wf.weft -j2
check "instances are tried again until they succeed" rc 0
check "the first needed one attempt" same flaky/0.txt "attempt 1"
check "the third needed three" same flaky/2.txt "attempt 3"
check "retries are counted" says "3 retried"
check "each attempt keeps its streams" [ "$(cd .weft/runs/0001/logs && echo stdout.job-*.flaky.2*)" = \
	"$(cd .weft/runs/0001/logs && set -- stdout.job-*.flaky.2 && echo "$1 $1.attempt-1 $1.attempt-2")" ]
check "a retry is said with its cause" says "flaky[2]: R101 exit status 9, attempt 1 of 4, trying again"

cat > cause.weft <<'W'
task right {
  retry 2 on exit(75)
  run {
    test ~{attempt} = 3 || exit 75
  }
}
task wrong {
  retry 2 on exit(75), timeout
  run { 
    exit 76
  }
}
W
run cause.weft -k
check "a cause that is not named is not retried" says "R101 exit status 76   attempt 1 of 3, not retried"
check "one that is named is" says "right: ok"

cat > spent.weft <<'W'
task never {
  retry 2
  run { 
    echo "try ~{attempt}" >&2
    exit 1
  }
}
W
run spent.weft
check "attempts are limited" says "attempt 3 of 3"
check "the stderr shown is of the last attempt" says "try 3"
check "... and the run fails" rc 1

cat > wait.weft <<'W'
task gone {
  retry 1
  run "./no-such-program"
}
task asks for i in 0..2 {
  retry 2
  backoff = 1s
  run {
    test ~{attempt} = 2
  }
}
task mean {
  retry 3
  run {
    test ~{attempt} = 4
  }
}
W
start=$(date +%s%N)
run wait.weft -k -j 4
took=$((($(date +%s%N) - start) / 1000000))
check "what could not be started is tried again after a second" says "gone: R106 could not be started, attempt 1 of 2, trying again in 1.0 s"
check "a task may ask for that too" says "R101 exit status 1, attempt 1 of 3, trying again in 1.0 s"
check "others do not wait" says "mean: R101 exit status 1, attempt 3 of 4, trying again
"
check "it did wait, for all of them at the same time" [ $took -ge 1000 ]
check "... and the run ends when nothing waits any more" says "1 failed, 4 ok, 7 retried"

cat > stop.weft <<'W'
task a {
  retry 9
  backoff = 1000s
  run "false"
}
task b {
  run "false"
}
W
run stop.weft -j 1
check "a run that is stopped does not wait" rc 1
check "... and says so" says "not started"
finish
