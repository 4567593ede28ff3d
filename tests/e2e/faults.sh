# what tasks do to machines, all in one run: the right state and cause of each, nothing of them left alive, nothing lost
. "${0%/*}/lib.sh" || exit 1

DISK=$T/disk
cleanup() { cd / && umount "$DISK" 2>/dev/null; chmod -R u+rwX "$T" 2>/dev/null; rm -rf "$T"; }
trap cleanup EXIT

# processes whose environment holds the mark, whatever they call themselves and whose children they are
alive() { grep -lazs "^WEFT_MARK=$MARK\$" /proc/[0-9]*/environ; }
none_alive() { [ -z "$(alive)" ]; }

# --- everything at once: what is well done comes through whatever stands beside it
mkdir zoo && cd zoo || exit 1
cat > wf.weft <<W
workflow "zoo" {
  fail_fast = false
}
defaults {
  env { WEFT_MARK = "$MARK" }
}
task deaf {
  timeout = 1s
  run {
    trap '' TERM INT HUP
    while :; do sleep 1000; done
  }
}
task orphans {
  timeout = 1s
  run {
    (setsid sh -c 'trap "" TERM HUP; (setsid sleep 1000 &) ; (sleep 1000 &) ; exec sleep 1000' </dev/null >/dev/null 2>&1 &)
    sleep 1000
  }
}
task daemon {
  out o = "daemon.txt"
  run {
    (setsid sh -c '(setsid sleep 1000 </dev/null >/dev/null 2>&1 &)' &)
    echo left > ~{o}
  }
}
task closed {
  out o = "closed.txt"
  run {
    exec 0<&- 1>&- 2>&-
    : > ~{o}
  }
}
task escapes {
  run {
    printf '\033]0;owned\007\033[2J\033[31mred\b\233m\377\000'
    printf '\033]52;c;aGk=\007\033[2J\233mboom\377\n' >&2
    exit 3
  }
}
task binary {
  run {
    head -c 300000 /dev/urandom
    head -c 300000 /dev/urandom >&2
    exit 4
  }
}
task shot {
  run {
    kill -SEGV \$\$
  }
}
task nothing {
  run "$T/there/is/no/such/program"
}
task promises {
  out o = "promised.txt"
  run "true"
}
task many for i in 0..299 {
  out o = "many/~{i}.txt"
  run {
    echo ~{i} > ~{o}
  }
}
W
for how in "" --no-sandbox; do
	rm -rf .weft many ./*.txt
	run wf.weft -j 64 $how
	check "a run of all that${how:+ ($how)}: failures that others outlive" rc 7
	check "... time limits" says "FAILED  deaf   R104"
	check "... also of trees that have left the session" says "FAILED  orphans   R104"
	check "... an exit status" says "FAILED  escapes   R101 exit status 3"
	check "... another one" says "FAILED  binary   R101 exit status 4"
	check "... a signal" says "FAILED  shot   R102 killed by signal 11"
	check "... no such program" says "FAILED  nothing   R106"
	check "... a promise" says "FAILED  promises   R105"
	check "... and all others" says "7 failed, 302 ok"
	check "... with what they made" [ "$(cat many/*.txt | sort -n | tail -n 1)/$(ls many | wc -l)/$(cat daemon.txt)" = 299/300/left ]
	check "... also who closed its streams" [ -e closed.txt ]
	check "... nothing of what failed" absent promised.txt
	check "nobody is left, whatever he calls himself" within 5 none_alive
	raw() { printf '%s' "$OUT" | LC_ALL=C tr -d '\n\t' | LC_ALL=C grep -q '[[:cntrl:]]'; }
	check "no control character of theirs is printed" no raw
	check "... they are shown as what they are" says '\x1b[2J'
	check "... and kept as they were" grep -qa "$(printf '\233mboom\377')" "$(ls .weft/runs/*/logs/stderr*.escapes.0)"
	run wf.weft -j 64 $how
	check "again: only what failed" says "302 current"
done
if command -v python3 >/dev/null; then
	python3 "$HERE/onscreen.py" --raw raw -- "$WEFT" run wf.weft -j 8 > look 2>&1
	OUT=$(cat look)
	check "on a terminal: no title is set, no screen cleared, no clipboard written" no grep -qa \
		-e "$(printf '\033\\]')" -e "$(printf '\033\\[2J')" -e "$(printf '\233m')" raw
	check "... but told" grep -qaF '\x1b[2J' raw
	python3 "$HERE/onscreen.py" --raw raw -- "$WEFT" logs escapes > look 2>&1
	check "weft logs on a terminal: neither" no grep -qa -e "$(printf '\033\\]')" -e "$(printf '\033\\[2J')" raw
	"$WEFT" logs escapes --stderr > piped 2>/dev/null || "$WEFT" logs escapes > piped 2>/dev/null
	check "weft logs into a pipe: what was written" grep -qa "$(printf '\233mboom\377')" piped
else
	echo "# skip terminal: no python3"
fi

# --- 1 GB
mkdir "$T/gb" && cd "$T/gb" || exit 1
printf 'task big {\n  run {\n    head -c 1073741824 /dev/zero\n  }\n}\n' > big.weft
if [ "$(df -Pk . | awk 'END { print $4 }')" -lt 3000000 ]; then
	echo "# skip 1 GB: no room for it"
elif command -v python3 >/dev/null; then
	peak=$(WEFT=$WEFT python3 - <<'P'
import os, subprocess
p = subprocess.Popen([os.environ["WEFT"], "run", "big.weft", "-q"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(os.wait4(p.pid, 0)[2].ru_maxrss // 1024)
P
)
	check "1 GB on standard output: the driver stays small (peak ${peak} MB)" [ "$peak" -lt 40 ]
	check "... and all of it is there" [ "$(find .weft -name 'stdout*' -size 1073741824c | wc -l)" = 1 ]
	rm -rf .weft
else
	echo "# skip 1 GB: no python3"
fi

# --- the disk
mkdir "$DISK"
if mount -t tmpfs -o size=24m weft "$DISK" 2>/dev/null; then
	cd "$DISK" || exit 1
	cat > wf.weft <<'W'
workflow "full" {
  fail_fast = false
}
task small for i in 0..9 {
  out o = "small/~{i}"
  run {
    echo ~{i} > ~{o}
  }
}
task fills {
  out o = "big"
  run {
    head -c 100000000 /dev/zero > ~{o}
  }
}
task after {
  after small
  out o = "after.txt"
  run "touch ~{o}"
}
W
	run wf.weft -j 1
	check "a task fills the disk: it fails, the others do not" rc 7
	check "... with its cause" says "disk     full: no room was left"
	check "... and nothing of its result" absent big
	check "... the others are whole" [ "$(cat small/* | sort -n | tail -n 1)/$(ls small | wc -l)" = 9/10 ]
	room() { [ "$(df -Pk "$DISK" | awk 'END { print $4 }')" -gt 20000 ]; }
	check "... and the disk is free again" room
	run wf.weft small after
	check "... so that the next run can work" says "nothing to do"
	head -c 100000000 /dev/zero > rest 2>/dev/null
	run wf.weft
	check "a full disk from the beginning is no success" no rc 0
	check "... and no crash" [ "$RC" -lt 128 ]
	check "... it says what to do" says "make room"
	rm rest
	sed -i 's/100000000/1000/' wf.weft
	run wf.weft
	check "... once there is room it ends well" rc 0
	check "... with the whole result" [ "$(stat -c %s big)" = 1000 ]
	cd "$T" || exit 1
else
	echo "# skip full disk: no small file system can be mounted"
fi

# --- memory without control groups: the process is refused it, and its status is what it makes of that
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && command -v python3 >/dev/null && mkdir "$T/nobody" && chmod 755 "$T" &&
	chown nobody "$T/nobody" && (cd "$T/nobody" && setpriv --reuid=nobody --clear-groups "$WEFT" help >/dev/null 2>&1); then
	cd "$T/nobody" || exit 1
	printf 'task hog {\n  mem = 64MB\n  run {\n    python3 -c "bytearray(300 << 20)"\n  }\n}\n' > wf.weft
	OUT=$(setpriv --reuid=nobody --clear-groups "$WEFT" run wf.weft 2>&1 </dev/null)
	check "without control groups memory is refused" says "MemoryError"
	check "... and the command fails as it likes" says "FAILED  hog   R101 exit status 1"
	# a workspace of somebody else above
	mkdir -m 700 "$T/.weft"
	OUT=$(setpriv --reuid=nobody --clear-groups sh -c 'mkdir new && cd new && rm -rf ../.weft && exec "$0" status' "$WEFT" 2>&1)
	check "a workspace above that is somebody else's is none" says "nothing has run here"
	rmdir "$T/.weft"
else
	echo "# skip other user: cannot be another user here"
fi

# --- 1,000 instances, 64 at a time, of every kind
mkdir "$T/thousand" && cd "$T/thousand" || exit 1
cat > wf.weft <<W
workflow "thousand" {
  fail_fast = false
}
task all for i in 0..999 {
  cpu = 0.01
  env { WEFT_MARK = "$MARK" }
  out o = "out/~{i}"
  run {
    case \$((~{i} % 10)) in
    1) exit 9 ;;
    2) kill -KILL \$\$ ;;
    3) exit 0 ;;
    4) (setsid sleep 1000 </dev/null >/dev/null 2>&1 &) ;;
    esac
    echo ~{i} > ~{o}
  }
}
W
run wf.weft -j 64 --events events
check "1,000 instances at -j 64, a third of them bad" rc 7
check "... counted" says "300 failed, 700 ok"
# which one is named is a matter of who failed first
check "... by cause" grep -Eq 'all\[[0-9]*1\] and 99 more   R101 exit status 9' <<<"$OUT"
check "... by signal" grep -Eq 'all\[[0-9]*2\] and 99 more   R102 killed by signal 9' <<<"$OUT"
check "... by what is missing" grep -Eq 'all\[[0-9]*3\] and 99 more   R105 missing output' <<<"$OUT"
check "... each good one left its result" [ "$(cat out/* | awk '{ n++; s += $1; b += $1 % 10 > 0 && $1 % 10 < 4 } END { print n, s, b }')" = "700 350400 0" ]
check "... each began once and ended once" [ "$(grep -c OnInstanceRunning events)/$(grep -c -e OnInstanceFinished -e OnInstanceFailed events)" = 1000/1000 ]
check "nobody is left" within 5 none_alive
run wf.weft -j 64 --dry-run
check "what is known of them afterwards is the same" says "300 to run, 700 current"
finish
