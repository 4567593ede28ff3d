# notifications: a receiver that is slow, refuses, closes, lies or is not there; nothing lost, order kept, the run unmoved
. "${0%/*}/lib.sh" || exit 1
command -v python3 >/dev/null || skip "no python3"
unset ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET ALIBABA_CLOUD_SECURITY_TOKEN

# ---- the receiver ----
R= OTHER= FAKE=
cleanup() { kill $R $OTHER $FAKE 2>/dev/null; cd / && chmod -R u+rwX "$T" 2>/dev/null; rm -rf "$T"; }
listen() { # [CERT]: on the port it had before, if any
	mkdir -p r
	python3 "$HERE/receiver.py" "$T/r" "$@" > r/err 2>&1 &
	R=$!
	within 20 listens
	PORT=$(cat r/port)
}
listens() { python3 - "$(cat r/port 2>/dev/null)" 2>/dev/null <<'P'
import socket, sys
socket.create_connection(('127.0.0.1', int(sys.argv[1])), 1)
P
}
hang_up() { kill $R; wait $R 2>/dev/null; R=; }
fresh() { rm -rf .weft out got.expected; : > r/got; : > r/heads; : > r/count; : > r/mode; }
mode() { echo "$*" > r/mode; }
requests() { wc -c < r/count; }

# site SETTINGS: where the topic goes
site() { echo "topic jobs { url = \"http://127.0.0.1:$PORT/in\" $*
}" > weft.site; }

workflow() { # EVENTS TASKS
	cat > wf.weft <<W
workflow "w" {
  fail_fast = false
  notify {
    topic    = "jobs"
    endpoint = "http://1234.mns.cn-beijing-internal.aliyuncs.com/"
    events   = [$1]
  }
}
$2
W
}
ALL='"OnJobWaiting", "OnJobRunning", "OnJobStopped", "OnJobFinished", "OnJobFailed", "OnTaskWaiting", "OnTaskRunning",
	"OnTaskStopped", "OnTaskFinished", "OnTaskFailed", "OnInstanceWaiting", "OnInstanceRunning", "OnInstanceStopped",
	"OnInstanceFinished", "OnInstanceFailed"'
TASK='task count for i in 0..9 { run "test ~{i} != 3" }'

# judge WHAT [lossless]: what came, against what --events said: each message at least once (those that are kept aside), of each
# object in order, nothing but strings
judge() {
	python3 - "$T" "$1" <<'P'
import json, sys
T, kept = sys.argv[1:]
def strip(d):
    d.pop('Weft', None)
    return json.dumps(d, sort_keys=True)
told = [strip(json.loads(l)) for l in open(T + '/events')]
got = [l.split(' ', 1)[1] for l in open(T + '/r/got')]
for m in got:
    assert all(isinstance(v, str) for v in json.loads(m).values()), m
got = [strip(json.loads(m)) for m in got]
assert set(got) <= set(told), 'something came that was not told: %s' % (set(got) - set(told))
missing = [m for m in told if m not in set(got)]
assert len(missing) == int(kept), '%d of %d are missing' % (len(missing), len(told))
place = {m: i for i, m in enumerate(told)}
last = {}
first = set()
for m in got:
    d = json.loads(m)
    who = (d.get('Task'), d.get('InstanceId'))
    if m in first:
        continue # once more
    first.add(m)
    assert last.get(who, -1) < place[m], 'out of order: %s' % m
    last[who] = place[m]
P
}
# deliver NAME STATUS KEPT: a run with this status leaves so many undelivered, whatever the receiver does
deliver() {
	rm -f events
	run wf.weft --no-sandbox --events events
	check "$1: the run ends as it would without" rc "$2"
	check "$1: at least once, in order${3:+, $3 kept}" judge "${3:-0}"
}

listen
site "wait = 30s"
workflow "$ALL" "$TASK"
fresh
deliver "a receiver that takes all" 7
check "... nothing is left" absent .weft/notify
check "... over few connections, by the name of weft" grep -q '^User-Agent: weft/' r/heads

for m in 500=4 503=2 429=2 408=1 garbage=3 truncated=3 drop=3 huge=3; do
	fresh
	mode "$m"
	deliver "answers ${m%=*} at first" 7
	check "... nothing is left" absent .weft/notify
done

# ---- bounded waits; kept for the next run ----
workflow "$ALL" 'task count for i in 0..9 { out o = "out/~{i}" run "touch ~{o}" }'
site "wait = 1s"
fresh
mode hang
deliver "a receiver that hangs" 0 36
check "... it says so" says W1049
check "... and where they are kept" says ".weft/notify/0001"
mode
cp events told
run wf.weft
check "... the next run has nothing to do" says "nothing to do"
check "... but sends what the last one could not" judge 0
check "... and nothing is left" absent .weft/notify
OUT=$("$WEFT" notify)
check "... weft notify says so" says "everything is delivered"

fresh
hang_up
deliver "nobody listens" 0 36
listen
OUT=$("$WEFT" notify --json)
check "... weft notify counts them" says '"undelivered": 36'
OUT=$("$WEFT" notify --flush)
check "... weft notify --flush sends them" says "36 delivered, 0 not"
check "... in order" judge 0

# ---- refused ----
fresh
mode 422=4
deliver "four are refused" 0 4
OUT=$("$WEFT" notify)
check "... and kept" says "4 not delivered to topic jobs, 4 of them refused"
run wf.weft
check "... the next run leaves them alone" judge 4
OUT=$("$WEFT" notify --flush)
check "... but weft notify --flush sends them" says "4 delivered, 0 not"
for status in 401 403 404 410 302; do
	fresh
	mode $status
	deliver "answers $status" 0 36
	check "... is not asked again" test "$(requests)" -le 1
	check "... the reason is said" says "it answers $status"
done

# ---- with a key ----
printf 'hush-token-4711\n' > token
site 'wait = 1s token_file = "token"'
fresh
workflow "$ALL" 'task count for i in 0..9 { out o = "out/~{i}" run {
  cat /proc/[0-9]*/cmdline > ~{o} 2>/dev/null || :
}
}'
deliver "a token" 0
check "... is sent" grep -qx 'Authorization: Bearer hush-token-4711' r/heads
check "... and is in no file, no command line and no output" no grep -rqs hush-token .weft out events wf.weft
check "... nor said" silent_on hush-token
mkdir -p other
python3 "$HERE/receiver.py" "$T/other" > other/err 2>&1 &
OTHER=$!
within 20 test -s other/port
echo "http://127.0.0.1:$(cat other/port)/stolen" > r/elsewhere
fresh
mode redirect
deliver "a redirect" 0 36
check "... is not followed" absent other/count

echo hush-secret-4712 > r/secret
echo "key-id hush-secret-4712" > key
cat > weft.site <<W
topic jobs { url = "http://127.0.0.1:$PORT" mns = true key_file = "key" wait = 1s }
W
fresh
deliver "MNS, signed" 0
check "... to the topic" grep -q '^POST /topics/jobs/messages$' r/heads
check "... the secret is in no file and no command line" no grep -rqs hush-secret .weft out events r/heads
fresh
sed -i 's/key_file = "key"/base64 = true/' weft.site
export ALIBABA_CLOUD_ACCESS_KEY_ID=key-id ALIBABA_CLOUD_ACCESS_KEY_SECRET=hush-secret-4712 ALIBABA_CLOUD_SECURITY_TOKEN=hush-sts
run wf.weft
check "MNS, base64, key of the environment: delivered" absent .weft/notify
check "... the text is base64 of JSON" eval 'cut -d" " -f2 r/got | base64 -d 2>/dev/null | grep -q "^{\"Category\""'
check "... with the token of temporary keys" grep -qx 'security-token: hush-sts' r/heads
check "... secrets are in no file and no command line" no grep -rqs hush- .weft out
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=hush-wrong
fresh
run wf.weft
check "a wrong secret: the run is what it is" rc 0
check "... the reason is the service's" says "it answers 403 SignatureDoesNotMatch"
check "... the secret is not said" silent_on hush-
unset ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET ALIBABA_CLOUD_SECURITY_TOKEN

# ---- TLS ----
if command -v openssl >/dev/null; then
	hang_up
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
		-addext subjectAltName=IP:127.0.0.1 2>/dev/null
	cat cert.pem key.pem > both.pem
	listen both.pem
	echo "topic jobs { url = \"https://127.0.0.1:$PORT/in\" wait = 1s }" > weft.site
	fresh
	deliver "a certificate that nobody vouches for" 0 36
	check "... the reason is said" says "certificate"
	check "... nothing was sent" test "$(requests)" = 0
	echo "topic jobs { url = \"https://127.0.0.1:$PORT/in\" ca_file = \"cert.pem\" wait = 20s }" > weft.site
	fresh
	deliver "one that the site file vouches for" 0
	hang_up
	listen
else
	echo "# skip TLS: no openssl"
fi

# ---- killed ----
site "wait = 30s"
workflow '"OnInstanceRunning", "OnInstanceFinished"' "task count for i in 0..19 { run {
  test -e $T/go || test ~{i} -lt 10 || sleep $MARK
}
}"
fresh
mode hang
"$WEFT" run wf.weft -j20 > log 2>&1 </dev/null &
pid=$!
kept() { [ "$(grep -c '^-' .weft/notify/0001 2>/dev/null)" = 30 ]; }
check "20 begin, 10 of them end while the receiver hangs" within 20 kept
kill -9 $pid
wait $pid 2>/dev/null
sed -n 's/^-[0-9a-f]* //p' .weft/notify/0001 > told
mode
touch go
run wf.weft -j20
check "after kill -9 the same command ends well" rc 0
lost() { cut -d' ' -f2- r/got | sort -u > came; sort -u told | comm -23 - came | grep -q .; }
check "... and what the dead driver had not delivered comes" no lost

# ---- signals ----
rm -f go
fresh
mode hang
"$WEFT" run wf.weft -j20 > log 2>&1 </dev/null &
pid=$!
within 20 kept
begin=$(date +%s)
kill -INT $pid
wait $pid
check "INT with a receiver that hangs: the status is the signal's" test $? = 130
check "... and it does not wait the 30 s of the topic" test $(($(date +%s) - begin)) -lt 15
touch go
mode
fresh
mode hang
workflow '"OnJobFinished"' 'task one { run "true" }'
"$WEFT" run wf.weft > log 2>&1 </dev/null &
pid=$!
check "at its end a run says what it waits for" within 20 grep -q 'waiting at most 30 s' log
kill -INT $pid
wait $pid
check "... and a signal ends the wait, not the result" test $? = 0
mode

# ---- a file of a run with the same number, of a workspace whose journal was removed ----
fresh
site "wait = 20s"
mkdir -p .weft/notify
echo '{"schema":"weft.notify/1","run":1,"job":"old","job_id":"job-old","source":"wf.weft","topic":"jobs","endpoint":"http://h/"}
-0000000000000001 {"Event":"OnJobFinished","JobId":"job-old"}' > .weft/notify/0001
echo "not one of ours" > .weft/notify/0001-1
run wf.weft
check "a file of that number is there: both are sent" test "$(grep -c OnJobFinished r/got)" = 2
check "... and what is none of ours stays" same .weft/notify/0001-1 "not one of ours"

# ---- a run on Slurm that goes on after its driver was killed ----
mkdir -p fake
python3 "$HERE/slurmrestd.py" "$T/fake" > fake/err 2>&1 &
FAKE=$!
within 20 test -s fake/port
workflow '"OnJobFinished", "OnInstanceRunning", "OnInstanceFinished"' "task count for i in 0..4 { run {
  until [ -e $T/go2 ]; do sleep 0.1; done
}
}"
fresh
mode hang
unset SLURM_JWT
"$WEFT" run wf.weft --slurm "http://127.0.0.1:$(cat fake/port)" > log 2>&1 </dev/null &
pid=$!
five() { [ "$(grep -c 'OnInstanceRunning' .weft/notify/0001 2>/dev/null)" = 5 ]; }
check "on Slurm: five are handed over" within 20 five
kill -9 $pid
wait $pid 2>/dev/null
sed -n 's/^-[0-9a-f]* //p' .weft/notify/0001 > told
mode
touch go2
run wf.weft --slurm "http://127.0.0.1:$(cat fake/port)"
check "... the same command goes on with the run" rc 0
check "... what the dead driver had not delivered comes" no lost
check "... all of one job" test "$(grep -o '"JobId":"[^"]*"' r/got | sort -u | wc -l)" = 1
check "... to its end" test "$(grep -c OnInstanceFinished r/got)/$(grep -c OnJobFinished r/got)" = 5/1
check "... and nothing is left" absent .weft/notify

# ---- the disk ----
fresh
mkdir -p .weft
: > .weft/notify
run wf.weft
check "a place that cannot be written: the run is what it is" rc 0
check "... it says that nothing is sent" says "no notifications are sent"
finish
