# fail-fast, -k, fail_fast = false, tolerate
. "${0%/*}/lib.sh" || exit 1

body='
task broken {
  run { 
    exit 1
  }
}
task slow {
  run { 
    sleep MARK
  }
}
task later {
  after broken
  run { 
    touch "$OLDPWD/later" 2>/dev/null; echo later
  }
}
task other {
  out o = "other.txt"
  run { 
    echo yes > ~{o}
  }
}
'
printf '%s' "$body" | sed "s/MARK/$MARK/" > stop.weft
run stop.weft -j2
check "a failure ends the run" rc 1
check "what ran is cancelled" says "1 cancelled"
check "what was not started is counted" says "not started"
check "no process of it is left" quiet_now
check "the successor is named" says "skipped  later"

printf '%s' "$body" | sed 's/sleep MARK/true/' > k.weft
run k.weft -k -j1
check "-k: the run fails all the same" rc 1
check "-k: what does not need it runs" same other.txt yes
check "-k: successors are skipped" says "later: skipped (needs broken)"
check "-k: counts" says "1 failed, 2 ok, 1 skipped"

rm -f other.txt
{ echo 'workflow "w" { fail_fast = false }'; cat k.weft; } > ff.weft
run ff.weft -j1
check "fail_fast = false: a failure does not fail the job" rc 7
check "... and the rest runs" same other.txt yes
check "... but successors of what failed do not" says "later: skipped (needs broken)"

sed 's/^task broken {/task broken {\n  tolerate = true/' k.weft > tol.weft
run tol.weft -j1
check "tolerate: the run goes on and says partial" rc 7
check "... and what only comes after it runs" says "later: ok"
finish
