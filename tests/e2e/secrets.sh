# the value of a secret is in no screen and no record of ours
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
param token: secret
task uses {
  run "/bin/sh -c 'echo got $0 >&2; exit 1' ~{token}"
}
W
printf 'hush-hush-4711' > token
run wf.weft -v --secret token=token --events events
check "the run with a secret fails as told" rc 1
check "its value is not shown, be it in a command or in stderr" silent_on hush-hush-4711
check "... but where it stood is" says "got ***"
check "its value is in no record of the run" no grep -rqs hush-hush-4711 .weft/runs/0001/run.json .weft/runs/0001/events.jsonl .weft/journal
"$WEFT" report report.html && "$WEFT" report --json > report.json
check "... no event and no report" no grep -qs hush-hush-4711 events report.html report.json
check "... which are there" [ -s events -a -s report.html -a -s report.json ]

# every place at once: a script, an environment, a kept work directory, notifications that nobody takes, what others print of the run
mkdir -p wide r
cd wide || exit 1
cp ../token .
echo 'topic jobs { url = "http://127.0.0.1:1/in" }' > weft.site
cat > wf.weft <<'W'
workflow "w" {
  fail_fast = false
  notify {
    topic    = "jobs"
    endpoint = "http://1234.mns.cn-beijing-internal.aliyuncs.com/"
    events   = ["OnJobFailed", "OnTaskFailed", "OnInstanceFailed", "OnInstanceFinished"]
  }
}
param token: secret
task script {
  out o = "s.txt"
  run {
    echo ~{token} | wc -c > ~{o}
  }
}
task broken {
  env { TOKEN = token }
  run {
    : ~{token}
    exit 3
  }
}
task waits {
  timeout = 60s
  env { TOKEN = token }
  out o = "w.txt"
  run {
    until [ -e "$PWD/../../../../../../go" ]; do :; done
    echo "${#TOKEN}" > ~{o}
  }
}
W
"$WEFT" run wf.weft --secret token=token --events events > said 2>&1 < /dev/null &
pid=$!
begun() { "$WEFT" status --json 2>/dev/null | grep -q waits; }
check "a run with secrets goes on" within 20 begun
ps -ewwo args > ps.txt
"$WEFT" status --json > status.json 2>&1
touch go
wait "$pid"
check "... and uses them" [ "$(cat w.txt)" = 14 -a "$(cat s.txt)" = 15 ]
check "no line of ps has their value" no grep -q hush-hush ps.txt
for c in "status --json" "history" "show" "show --json" "logs broken" "why waits" "notify" "report --json" "report out.html" \
	"plan wf.weft" "graph wf.weft" "compile wf.weft" "fmt --check wf.weft" "export sbatch wf.weft" "export commands wf.weft"; do
	# shellcheck disable=SC2086
	WEFT_PARAM_token=hush-hush-4711 "$WEFT" $c >> printed 2>&1 < /dev/null
done
check "... while commands print much about it" [ "$(wc -l < printed)" -gt 50 ]
check "no command prints it" no grep -q hush-hush printed
check "no file of the run holds it: journal, cache, events, notifications, plans, work directories that are kept" \
	no grep -rqs hush-hush .weft said events status.json out.html
check "... a work directory is kept" [ -s "$(ls .weft/runs/*/work/broken*/script)" ]
check "... and its script shows where it stood" grep -q '\*\*\*' .weft/runs/*/work/broken*/script
finish
