# retries: number of attempts, by cause, and what an attempt sees of itself
. "${0%/*}/lib.sh"

cat > wf.weft <<'W'
task flaky for i in 0..2 {
  out o = "flaky/~{i}.txt"
  retry 3
  run {
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
finish
