# the value of a secret is in no screen and no record of ours
. "${0%/*}/lib.sh"

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
finish
