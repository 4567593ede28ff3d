# where no terminal is: a line a change, a sign of life, nothing that a log does not want
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
task first {
  out o = "first.txt"
  run "touch ~{o}"
}
task many for i in 0..39 {
  in  f = first.o
  run "true ~{f}"
}
task bad {
  retry 1
  run {
    exit 3
  }
}
task needs_bad {
  after bad
  run "true"
}
W
run wf.weft -k -j 4
check "each task that is over is a line" says '] many: 40 ok'
check "... also one that cannot run" says 'needs_bad: skipped (needs bad)'
check "a retry is a line" says 'bad: R101 exit status 3, attempt 1 of 2, trying again'
check "a failure is one" says 'bad: failed: R101 exit status 3'
check "nothing moves the cursor" no says "$(printf '\r')"
check "... or colours" no says "$(printf '\033')"
run wf.weft -k -j 4 --force many -q
check "-q: no line of a task" no says 'many'
check "... but failures and the sums" says 'FAILED  bad'
run wf.weft -k -j 4 --force first -v first
check "-v: each start, with its command" says 'first: started: touch first.txt'
check "... and each end" says 'first: finished'
CLICOLOR_FORCE=1 run wf.weft -k
check "CLICOLOR_FORCE" says "$(printf '\033[1;31mFAILED')"

# a clock that runs sixty times as fast; the sanitizers refuse a preload
fake=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null)
if [ -n "$fake" ] && env LD_PRELOAD="$fake" "$WEFT" --version > /dev/null 2>&1; then
	cat > quiet.weft <<'W'
task quiet {
  run {
    sleep 4
  }
}
W
	OUT=$(env LD_PRELOAD="$fake" NO_FAKE_STAT=1 FAKETIME='+0 x60' "$WEFT" run quiet.weft 2>&1 </dev/null)
	beats=$(printf '%s\n' "$OUT" | grep -c '^\[0/1\] quiet  1 running$')
	minutes=$(printf '%s\n' "$OUT" | sed -n 's/^quiet: 1 ok, \([0-9]*\) min.*/\1/p')
	check "a line a minute while nothing happens ($beats in $minutes min)" [ "$beats" -ge "$minutes" -a "$beats" -le $((minutes + 2)) ]
else
	echo "# skip a sign of life: no libfaketime"
fi
finish
