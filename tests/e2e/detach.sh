# runs without a terminal: --detach, attach, cancel
. "${0%/*}/lib.sh" || exit 1

state() { "$WEFT" status --json | grep -q "\"state\": \"$1\""; }
weft() {
	OUT=$(timeout -k 5 60 "$WEFT" "$@" 2>&1 </dev/null)
	RC=$?
}
cat > wf.weft <<W
task a for i in 0..2 {
  out o = "a~{i}.txt"
  run {
    [ ! -e $T/slow ] || sleep $MARK
    echo ~{i} > ~{o}
  }
}
task b {
  in  x = a[*].o
  out o = "b.txt"
  run {
    cat ~{x} > ~{o}
  }
}
W
# --- what ends at once ends as if it had stayed
echo 'task t { run nonsense' > bad.weft
weft run --detach bad.weft
check "a workflow with mistakes is told here" rc 3
check "with what is wrong" says 'error['
weft attach
check "there is nothing to attach to" says 'error[E1073]'
weft run --detach wf.weft -j8
check "a run goes on in the background" rc 0
check "and says how to follow it" says 'weft attach 1'
check "and how to end it" says 'weft cancel 1'
weft attach
check "attach ends with it" rc 0
check "and says how" says 'wf: 4 ok'
check "it has made everything" same b.txt "$(printf '0\n1\n2')"
check "its last line is in its log" grep -q 'wf: 4 ok' .weft/runs/0001/driver.log
weft attach 1
check "of a run that is over attach says how it ended" says 'wf: 4 ok'
weft cancel
check "and cancel that there is nothing to end" says 'run 1 has ended already'
check "which is no mistake" rc 0
weft run --detach wf.weft
check "nothing to do is told here" says '4 instances current'
check "no run was begun" no test -e .weft/runs/0002

# --- leaving and ending
touch slow
weft run --detach wf.weft -j8 --force a
check "tasks run" within 20 marked
"$WEFT" attach > attached 2>&1 </dev/null &
pid=$!
followed() { grep -qz TracerPid /proc/$pid/status && grep -q '^SigCgt:.*[2367abef]$' /proc/$pid/status; }
check "somebody follows" within 20 followed
kill -INT $pid
wait $pid
RC=$?
OUT=$(cat attached)
check "leaving has a status of its own" rc 130
check "the run goes on, it says" says 'run 2 goes on: weft attach 2 follows it again, weft cancel 2 ends it'
check "and so it does" marked
weft cancel
check "without a terminal cancel wants to be told" rc 64
check "and says by what" says '--yes'
check "nothing was ended" marked
if command -v script > /dev/null; then
	OUT=$(echo n | script -qec "'$WEFT' cancel" /dev/null)
	check "on a terminal it asks" says 'cancel run 2 (wf: 0 ok, 0 failed)?'
	check "and takes no for an answer" marked
else
	echo "# skip the question on a terminal: no script(1)"
fi
weft cancel --yes 'a[1]' nonsense
check "a name that the run does not have" says 'error[E1087]: nothing was cancelled: no task named `nonsense`'
check "is a wrong option" rc 64
weft cancel --yes 'a[1]'
check "one instance" says 'cancelled: 1 that ran, 0 that waited'
one_less() { OUT=$("$WEFT" status --json); says '"running": 2' && says '"cancelled": 1'; }
check "is ended, the others go on" within 20 one_less
weft cancel 2 --yes
check "the whole run" says 'run 2 cancelled: 3 cancelled'
check "is ended, too" quiet_now
weft attach
check "with a status that says so" rc 5
check "the journal says so as well" state ended
weft show --json
check "of every instance" [ "$(printf '%s\n' "$OUT" | grep -c '"state": "cancelled"')" = 3 ]
rm slow
weft run wf.weft
check "the same command is as before" rc 0
check "what was made earlier still counts" says '4 instances current'

# --- a part of it
cat > parts.weft <<W
workflow "parts" {
}
task x for i in 0..2 {
  out o = "x~{i}.txt"
  run {
    while [ -e $T/hold ]; do sleep 0.05; done
    echo ~{i} > ~{o}
  }
}
task y for i in 0..2 {
  in  f = x[i].o
  out o = "y~{i}.txt"
  run "cp ~{f} ~{o}"
}
task z {
  out o = "z.txt"
  run "touch ~{o}"
}
W
touch hold
weft run --detach parts.weft -j8
check "parts of a run: it runs" rc 0
weft cancel --yes 'y[0-1]' z 'x[2]'
check "what has not begun is kept from it" says ' that ran, '
rm hold
weft attach
check "the rest is done" rc 5
check "x" [ "$(ls x?.txt | tr '\n' ' ')" = "x0.txt x1.txt " ]
check "y" no ls y?.txt
weft run parts.weft
check "later, all of it" [ "$RC" = 0 -a -e y0.txt -a -e y1.txt -a -e y2.txt -a -e z.txt ]

# --- what waits for a retry
cat > wait.weft <<W
workflow "wait" {
  fail_fast = false
}
task w for i in 0..1 {
  retry 5
  backoff = 1h
  run "false"
}
W
weft run --detach wait.weft
again() { OUT=$("$WEFT" status --json); says '"again": 2'; }
check "both wait for an hour" within 20 again
weft cancel --yes 'w[0]'
check "one does not run" says 'cancelled: 0 that ran, 1 that waited'
weft cancel --yes 'w[1]'
weft attach
check "the run need not wait for that" rc 5

# --- a driver that dies
touch slow
weft run --detach wf.weft -j8 --force a
check "tasks run again" within 20 marked
pid=$("$WEFT" status --json | sed -n 's/^ *"holder": \([0-9]*\).*/\1/p')
"$WEFT" attach > attached 2>&1 </dev/null &
att=$!
kill -9 "$pid"
wait $att
RC=$?
OUT=$(cat attached)
check "who follows is told" says 'error[E1088]: the driver of run'
check "and what to do" says 'weft run wf.weft'
check "with a status" rc 4
check "its tasks die with it" within 10 quiet_now
weft cancel --yes
check "there is nothing left to cancel" says 'has no driver any more, and nothing of it runs'
check "the run is over for good" state ended
weft attach
check "as cancelled" rc 5
rm slow
weft run wf.weft
check "and the same command goes on" rc 0

# --- a terminal that closes
if command -v setsid > /dev/null; then
	touch slow
	setsid -w sh -c "'$WEFT' run --detach wf.weft -j8 --force a > /dev/null 2>&1; kill -HUP -\$\$" > /dev/null 2>&1
	check "its session is not the run's" within 20 marked
	weft cancel --yes
	check "which ends when asked" says 'cancelled'
	check "and its tasks" quiet_now
else
	echo "# skip a terminal that closes: no setsid(1)"
fi
finish
