# the Slurm engine against a slurmrestd that misbehaves: nothing is lost, run twice or taken as done, and nothing hangs
. "${0%/*}/lib.sh" || exit 1
long() { [ -n "${WEFT_TORTURE:-}" ]; }
command -v python3 > /dev/null || skip "no python3"
mkdir fake count
python3 "$HERE/slurmrestd.py" "$T/fake" 2> fake/err &
FAKE=$!
trap 'kill $FAKE 2>/dev/null; cleanup' EXIT
within 20 test -s fake/port || skip "the stand-in does not listen: $(tail -n 1 fake/err)"
WEFT_SLURM=http://127.0.0.1:$(cat fake/port)
export WEFT_SLURM
unset SLURM_JWT

mkdir ws
cat > ws/w.weft <<W
workflow "w" {
  fail_fast = false
}
task many for i in 0..19 {
  retry 1 on node
  out o = "out/~{i}.txt"
  run {
    echo x >> $T/count/~{i}
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
cd ws
# with MODE ARGS...: a run in a fresh workspace
with() {
	rm -rf .weft out total.txt "$T"/count/* "$T/fake/log"
	echo "$1" > "$T/fake/mode"
	shift
	OUT=$(timeout -k 5 60 "$WEFT" run w.weft --engine slurm "$@" 2>&1 </dev/null)
	RC=$?
}
right() { [ "$RC" = 0 ] && same total.txt "20 190" && [ "$(cat "$T"/count/* | wc -l)" = 20 ]; }

with ''
check "as it should be" right

# --- one after the other: what the machine leaves for the next one, and what is asked meanwhile
mkdir ../two
cd ../two
cat > w.weft <<W
task first {
  out o = "first.txt"
  run "touch ~{o}"
}
task second {
  in  i = first.o
  out o = "second.txt"
  run {
    touch $T/begun
    until [ -e $T/go ]; do sleep 0.1; done
    touch ~{o}
  }
}
W
rm -f "$T/fake/log"
"$WEFT" run w.weft --engine slurm > log 2>&1 </dev/null &
pid=$!
within 20 test -e "$T/begun"
R=.weft/runs/0001
check "the directory of an attempt that has ended is kept" [ -d $R/work/.spare ]
check "and the next one has taken it" [ -z "$(ls $R/work/.spare)" ]
! unshare -m true 2> /dev/null || check "what the kernel allows is noted" [ -s "$(echo $R/remote/machine.*)" ]
check "the one job is asked for" within 20 grep -q 'GET /slurm/v0.0.38/job/[0-9]*$' "$T/fake/log"
touch "$T/go"
wait $pid
RC=$?
OUT=$(cat log)
check "it ends well" rc 0
check "nobody asked for all jobs of the cluster" no grep -q 'GET .*/jobs' "$T/fake/log"
check "nothing is left but the run's records" [ "$(ls -A $R | tr '\n' ' ')" = "events.jsonl logs run.json " ]
cd ../ws

export WEFT_SLURM_PATIENCE=30
with new
check "the forms of a newer version" right
used() { same "$T/fake/mode" ''; }
for m in truncated=2 empty=2 500=2 late=3 'garbage=1 drop=1 cut=1' $(! long || echo drop=2 garbage=2 cut=2); do
	with "$m"
	check "answers: $m" right
	check "that was tried" used
done
with lost=1
check "the answer to a submission is lost: found by its name, not submitted twice" right
check "indeed" [ "$(grep -c POST "$T/fake/log")" = 2 ]
with busy=2
refused_twice() { used && [ "$(grep -c POST "$T/fake/log")" -ge 4 ]; }
check "limits are waited out" right
check "by submitting again: two refusals, two tasks" refused_twice
with quota=2
check "those of a user too" right
check "in the same way" refused_twice
with forget
check "finished jobs are forgotten at once" right
with twist
check "answers contradict each other" right
with many
check "100,000 elements of others" right
with errors=1
check "200 with errors is a refusal" says 'R113 refused by the engine'
check "in the server's words" says 'Invalid partition name'
check "and a failure" rc 7

export WEFT_SLURM_PATIENCE=3
with lie
check "jobs that are done and were not run: noticed" rc 7
check "as lost machines" says 'R110 machine lost'
check "never as done" absent total.txt
sed -i '/retry/d; s/0..19/0..2/' w.weft
export WEFT_SLURM_PATIENCE=1
with vanish
check "jobs that vanish: noticed" rc 7
check "as lost machines" says 'R110 machine lost'
check "nothing was run" [ -z "$(ls "$T/count")" ]
export WEFT_SLURM_PATIENCE=3

sed -i 's/0..2/0..19/' w.weft
# --- tokens that expire
echo good > "$T/fake/token"
cp "$T/fake/token" ../token
with token --slurm-token ../token
check "a token" right
echo better > "$T/fake/token"
rm -rf .weft out total.txt "$T"/count/*
"$WEFT" run w.weft --engine slurm --slurm-token ../token > log 2>&1 </dev/null &
pid=$!
within 20 grep -qs POST "$T/fake/log"
cp "$T/fake/token" ../token
wait $pid
RC=$?
OUT=$(cat log)
check "one that expired and was renewed" right
echo best > "$T/fake/token"
with token --slurm-token ../token
check "one that is not renewed: not for ever" rc 4
check "and says so" says 'error[E1085]: Slurm has not answered'

# jwt SECONDS: a token that expires then
jwt() { printf 'e30.%s.x' "$(printf '{"exp": %s, "sun": "me"}' $(($(date +%s) + $1)) | base64 -w 0 | tr +/ -_ | tr -d =)"; }

# --- tokens that somebody forgets, and those that weft renews itself
for how in missing empty; do
	rm -f ../token
	[ $how = missing ] || : > ../token
	with token --slurm-token ../token
	check "a token's file is $how: refused, by its name" says 'error[E1082]: the token in `../token` cannot be read: '
	check "nothing was run" rc 4
done
check "and why" says 'it is empty'
cat > ../scontrol <<W
#!/bin/sh
# token LIFE: a JWT for so many seconds, a line in calls for each
echo "\${SLURM_JWT:-none}" >> $T/calls
claims=\$(printf '{"exp": %s, "sun": "me"}' \$((\$(date +%s) + \$2)) | base64 -w 0 | tr +/ -_ | tr -d =)
token=e30.\$claims.\$(wc -l < $T/calls)
echo "\$token" > $T/fake/token
echo "SLURM_JWT=\$token"
W
chmod +x ../scontrol
site() { printf 'engine slurm {\n  token_command = [%s]\n}\n' "$1" > weft.site; }
unset WEFT_SITE
calls() { [ "$(wc -l < "$T/calls")" -ge "$1" ]; }
# a task that goes on until its token was renewed twice
cat > renew.weft <<W
task t {
  out o = "o.txt"
  run {
    until [ \$(wc -l < $T/calls) -ge 3 ]; do sleep 0.1; done
    echo done > ~{o}
  }
}
W
site "\"$T/scontrol\", \"token\", \"4\""
echo jwt > "$T/fake/mode"
rm -f "$T/fake/expired"
OUT=$(timeout -k 5 60 "$WEFT" run renew.weft --engine slurm 2>&1 </dev/null)
RC=$?
check "a program gives tokens" rc 0
check "it is asked again in time: no request had one that had expired" absent "$T/fake/expired"
check "nothing is said of it" silent_on token
rm -rf .weft o.txt "$T/fake/log"
echo one > "$T/calls"
jwt 900 > ../token
"$WEFT" run renew.weft --engine slurm --slurm-token ../token > log 2>&1 </dev/null &
pid=$!
within 20 grep -qs POST "$T/fake/log"
mv ../token ../away
check "a token's file that cannot be read any more" within 20 grep -qF 'slurm: the token in `../token` cannot be read: No such file' log
mv ../away ../token
printf 'two\nthree\n' >> "$T/calls"
wait $pid
check "is said, and the token goes on to be used" [ $? = 0 ]
rm -f "$T/calls" "$T/fake/log"
site "\"$T/scontrol\", \"token\", \"900\""
export SLURM_JWT=e30.e30.old
with denied
check "a token that is refused at the beginning: the program is asked" right
check "once, and not with that token" same "$T/calls" none
unset SLURM_JWT
echo gone > "$T/fake/token"
rm -rf .weft out total.txt "$T"/count/* "$T/fake/log"
site "\"cat\", \"$T/good\""
echo good > ../good
echo good > "$T/fake/token"
"$WEFT" run w.weft --engine slurm > log 2>&1 </dev/null &
pid=$!
within 20 grep -qs POST "$T/fake/log"
echo better | tee ../good > "$T/fake/token"
wait $pid
RC=$?
OUT=$(cat log)
check "one that is refused in the middle: the program is asked" right
site "\"sh\", \"-c\", \"echo not today >&2; exit 3\""
with denied
check "a program that fails" rc 4
check "is named, with its last words" says 'error[E1082]: `sh -c echo not today >&2; exit 3` gives no token: exit status 3: not today'
rm weft.site
SLURM_JWT=$(jwt 900)
export SLURM_JWT
with jwt
check "a token that may not last as long as the run" right
check "is told before" grep -q 'slurm: the token of SLURM_JWT expires in 1[45] min' <<< "$OUT"
OUT=$("$WEFT" run w.weft --engine slurm --force many 2>&1 </dev/null)
check "but not when the run took less time before" silent_on 'the token of SLURM_JWT'
jwt 20 > ../token
unset SLURM_JWT
"$WEFT" doctor --slurm "$WEFT_SLURM" --slurm-token ../token > log 2>&1
check "doctor warns of it" grep -q 'of ../token, for `me`, for [12]*[0-9] s more' log
unset WEFT_SLURM_PATIENCE

# --- records that somebody else has put there: what the task does not make is not believed, so that nothing deletes it
mkdir ../forged
cd ../forged
cat > w.weft <<'W'
workflow "w"
task make {
  out a = "a.txt" { temp = true }
  out b[] = glob("b/*.txt")
  run "touch ~{a}"
}
W
echo forge > "$T/fake/mode"
forged() { # PATH PORT...: a record that says it has made these
	f=
	while [ $# -gt 0 ]; do
		f="$f${f:+, }{\"Path\": \"$1\", \"Port\": $2, \"Size\": 2, \"Temp\": true}"
		shift 2
	done
	echo "{\"Version\": 1, \"Cause\": \"\", \"Outputs\": [$f]}" > "$T/fake/record"
	rm -rf .weft
	mkdir -p b/c
	for f in a.txt b/1.txt b/2.txt b/c/3.txt mine ../mine; do echo 1 > $f; done
	OUT=$(timeout -k 5 60 "$WEFT" run w.weft --engine slurm 2>&1 </dev/null)
	RC=$?
}
is_none() { [ "$RC" = 1 ] && says "names \`$1\`, which is none of its outputs"; }
lacks() { [ "$RC" = 1 ] && says "lacks \`$1\`"; }
forged a.txt 0 b/1.txt 1 b/2.txt 1
check "a record like a task's own is believed" rc 0
check "and what it made is known" sh -c "'$WEFT' run w.weft | grep 'nothing to do'"
forged a.txt 0 b/1.txt 1 mine 0
check "a file of nobody's: not believed" is_none mine
forged a.txt 0 b/1.txt 1 "$T/mine" 4294967295
check "nor what no mount publishes" is_none "$T/mine"
forged a.txt 0 b/1.txt 1 b/../../mine 1
check "nor a way out of a pattern" is_none b/../../mine
forged a.txt 0 b/c/3.txt 1
check "nor what lies deeper than it" is_none b/c/3.txt
forged a.txt 0 b/1.txt 1 b/1.txt 1
check "nor a match that is there twice" is_none b/1.txt
forged mine 0 b/1.txt 1
check "nor another file in the place of an output" lacks a.txt
forged b/1.txt 1
check "nor no file" lacks a.txt
check "what it named is still there" [ -e mine ] && [ -e ../mine ]
cd ../ws

# --- what the machines will refuse is refused before anything is submitted
cat > mounts.weft <<'W'
task m {
  timeout = 1h
  mount "oss://bkt/in/" -> "/home/in/" : ro
  run "ls /home/in"
}
W
mkdir -p bkt/in
echo '' > "$T/fake/mode"
rm -f "$T/fake/log"
OUT=$("$WEFT" run mounts.weft --engine slurm --store oss://bkt=bkt 2>&1)
check "mounts, of which the site file says nothing" says 'error[E1040]: engine `slurm` cannot run task `m`: it has no mounts of storage'
echo 'engine slurm { mounts = true }' > weft.site
OUT=$("$WEFT" run mounts.weft --engine slurm --store oss://bkt=bkt --no-sandbox 2>&1)
check "mounts without the sandbox" says 'error[E1060]: mounts are not possible: --no-sandbox switches namespaces off'
check "nothing was submitted" no grep -qs POST "$T/fake/log"
rm weft.site

# --- no slurmrestd at all
with nothing
check "somebody else listens" says 'error[E1081]'
check "nothing was run" rc 4
finish
