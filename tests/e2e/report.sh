# weft report: a page that stands alone, whatever names there are; what was asked for and used
. "${0%/*}/lib.sh" || exit 1

command -v python3 > /dev/null || skip "no python3"
page() { OUT=$(python3 "$HERE/report.py" "$1" 2>&1); }
report() { # like run
	OUT=$("$WEFT" report "$@" 2>&1 </dev/null)
	RC=$?
}

report out.html
check "nothing has run: is said" says 'E1073'
check "... and no file made" absent out.html
cat > 'va&lue.weft' <<'W'
param cohort: string = "<script>alert(1)</script> & 'co'"
param token: secret
task first {
  out o = "first.txt"
  run {
    test -n ~{token}; echo ~{cohort} > ~{o}
  }
}
task align for s in ["NA1", "<img src=x onerror=alert(2)>", "it's \"so\""] {
  label "<b onclick='x'>比对</b> &amp;"
  in  f = first.o
  out o = "a/~{s}.txt"
  mem = 8GB
  cpu = 1
  retry 1
  run {
    echo ~{s} > ~{o}
  }
}
task bad for i in 0..29 {
  in  f = first.o
  run {
    echo '<script>alert(3)</script>' >&2; exit 3
  }
}
task last {
  in  f = align[*].o
  out o = "last.txt"
  run "touch ~{o}"
}
task never {
  after bad
  run "true"
}
W
echo hush-hush-8712 > tok
"$WEFT" run -k -j 4 'va&lue.weft' --secret token=tok > log 2>&1 </dev/null
RC=$?
OUT=$(cat log)
check "it runs, and fails" rc 1
report out.html
check "a page is made" rc 0
page out.html
check "it is whole and stands alone" python3 "$HERE/report.py" out.html
check "names are shown as they are" says 'a/<img src=x onerror=alert(2)>.txt'
check "... parameters too" says "cohort <script>alert(1)</script> & 'co'"
check "equal failures are one entry" says ' and 29 more: R101 exit status 3, attempt 1 Instances '
check "what was not needed is advised" says 'align asked for 8 GB, peak'
check "the critical path is followed" says 'Critical path The instances that ended last'
check "what did not run is said" says '· not run'
check "states have words" says '✗ 30 failed'
check "outputs have digests" says 'Equal digests mean equal names and contents'
check "a secret is named" says 'token secret, not recorded'
check "... and no more" no grep -rqs hush-hush-8712 out.html .weft/journal
check "nothing of it is markup" no grep -qiE '<(script|img|b onclick)' out.html

report --resources
check "a table for the terminal" says 'TASK   RAN'
check "... with what was asked for" says '8 GB'
check "... and what follows" says 'would do'
report --json
check "JSON" python3 -c 'import json, sys
r = json.loads(sys.argv[1])
t = {t["task"]: t for t in r["tasks"]}
assert r["schema"] == "weft.report/1" and r["exit"] == 1
assert t["align"]["mem_asked"] == 8 << 30 and t["align"]["cpu_asked"] == 10 ** 9 and t["align"]["done"] == 3
assert 0 < t["align"]["mem_peak"] < 1 << 30 and t["bad"]["failed"] == 30 and t["never"]["done"] == 0
assert r["parameters"]["token"] is None and r["parameters"]["cohort"].startswith("<script>")
assert [s["task"] for s in r["critical_path"]][-1] in ("last", "bad")' "$OUT"
report 1 -
check "standard output" says '<!DOCTYPE html>'
report 7 out2.html
check "a run that is not there" says 'E1073'
report
check "no file is a mistake of usage" rc 64
report no/such/out.html
check "a file that cannot be made" rc 4

# the same again: the same contents have the same digests
"$WEFT" report --json > one </dev/null
"$WEFT" run -k -j 4 'va&lue.weft' --secret token=tok --force first --force align > /dev/null 2>&1 </dev/null
"$WEFT" report --json > two </dev/null
check "equal outputs have equal digests" python3 -c 'import json
d = [{t["task"]: t.get("outputs_digest") for t in json.load(open(f))["tasks"]} for f in ("one", "two")]
assert d[0]["align"] and d[0]["align"] == d[1]["align"]'

# while it runs
cat > live.weft <<W
task slow {
  run "sleep $MARK"
}
W
"$WEFT" run live.weft > /dev/null 2>&1 </dev/null &
pid=$!
check "one runs" within 10 marked
report live.html
page live.html
check "a run that goes on" says '▶ running'
kill -INT $pid
wait $pid
finish
