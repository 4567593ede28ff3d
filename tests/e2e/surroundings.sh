# machines and shells that are not as they should be: no HOME, few open files, closed streams, odd paths, full and read-only places
. "${0%/*}/lib.sh" || exit 1

RO=$T/readonly
cleanup() { cd / && umount "$RO" 2>/dev/null; chmod -R u+rwX "$T" 2>/dev/null; rm -rf "$T"; }
trap cleanup EXIT
write() { # DIRECTORY: a workflow there
	mkdir -p -- "$1" && cat > "$1/wf.weft" <<'W'
task a for i in 0..2 {
  out o = "o/~{i}.txt"
  run {
    echo hi ~{i} | tee ~{o}
  }
}
task b {
  in  all = a[*].o
  out y = "y.txt", d: dir = "tree"
  run {
    cat ~{all} > ~{y}
    mkdir -p ~{d}/deep && cp ~{y} ~{d}/deep
  }
}
W
}
whole() { [ "$(cat "$1/y.txt")/$(cat "$1/tree/deep/y.txt")" = "$GOOD/$GOOD" ]; }
GOOD=$(printf 'hi 0\nhi 1\nhi 2')
# try NAME SHELL-TEXT: a run as that text has it, in a workspace of its own; everything must be there afterwards
try() {
	rm -rf ws
	write ws
	OUT=$(cd ws && WEFT=$WEFT bash -c "$2" 2>&1 </dev/null)
	RC=$?
	check "$1" rc "${3:-0}"
	check "... and all is there" whole ws
}
try "no HOME" 'env -u HOME "$WEFT" run wf.weft'
try "a HOME that does not exist" 'HOME=/nonexistent "$WEFT" run wf.weft'
try "no environment at all" 'env -i "$WEFT" run wf.weft'
try "a TMPDIR that does not exist" 'TMPDIR=/nonexistent "$WEFT" run wf.weft'
try "a dumb terminal" 'TERM=dumb NO_COLOR=1 "$WEFT" run wf.weft'
try "closed standard input" '"$WEFT" run wf.weft <&-'
try "closed standard output" '"$WEFT" run wf.weft >&-'
check "... nothing of it got into the records" no grep -rqs 'results: ' ws/.weft
try "closed standard error" '"$WEFT" run wf.weft 2>&-'
try "all three closed" '"$WEFT" run wf.weft <&- >&- 2>&-'
check "... what tasks say goes nowhere else" same "$(ls ws/.weft/runs/*/logs/stdout.*.a.0)" "hi 0"
try "a locale that is none" 'LC_ALL=xx_YY.nonsense "$WEFT" run wf.weft'
try "64 open files" 'ulimit -n 64; "$WEFT" run wf.weft -j 64'
check "... what that means is said" says "1 at once, not 64: no more files may be open"
try "only the soft limit is low" 'ulimit -Sn 64; "$WEFT" run wf.weft -j 64'
check "... means nothing" silent_on "at once, not"
try "umask 077" 'umask 077; "$WEFT" run wf.weft'
check "... is that of the results" [ "$(stat -c %a ws/o ws/o/0.txt ws/tree/deep/y.txt | tr '\n' ' ')" = "700 600 600 " ]
try "umask 000" 'umask 000; "$WEFT" run wf.weft'
check "... is that of the results too" [ "$(stat -c %a ws/o ws/o/0.txt ws/tree/deep/y.txt | tr '\n' ' ')" = "777 666 666 " ]
check "... but the records stay this user's" [ -z "$(find ws/.weft -maxdepth 1 -perm /077)" ]

# --- few open files, hardly any
for n in 16 8 4; do
	rm -rf ws
	write ws
	OUT=$(cd ws && WEFT=$WEFT bash -c "ulimit -n $n; exec \"\$WEFT\" run wf.weft" 2>&1 </dev/null)
	RC=$?
	check "$n open files: an error" [ $RC -gt 0 -a $RC -lt 128 ]
	run -q -C ws wf.weft
	check "... and nothing is broken by it" whole ws
done

# --- names of file systems that few have tried
long=$(printf 'x%.0s' {1..200})
for name in 'a b' 'q"q' "it's" $'new\nline' '$HOME' '*' '-n' '~{x}' '%d' 'a=b' 'colon:comma,' 'back\slash' $'\xff\xfe' $'tab\there' '中文' "$long" \
	"$long/$long/$long/$long/$long"; do
	said=${name:0:12}
	for how in "" --no-sandbox; do
		rm -rf odd
		write "odd/$name"
		OUT=$(cd -- "odd/$name" && "$WEFT" run wf.weft $how 2>&1 </dev/null && "$WEFT" run wf.weft $how 2>&1 </dev/null)
		RC=$?
		check "a workspace in \`${said@Q}\`${how:+ ($how)}" rc 0
		check "... all is there" whole "odd/$name"
		check "... and known again" says "nothing to do"
	done
	OUT=$(cd -- "odd/$name" && "$WEFT" logs 'a[1]' && "$WEFT" report page.html && "$WEFT" status && LC_ALL=C "$WEFT" run --force b wf.weft 2>&1)
	RC=$?
	check "... also by those that look back, and in a plain locale" rc 0
done

# --- outputs that nobody can take, for every command that prints
rm -rf ws
write ws
cd ws || exit 1
"$WEFT" run -q wf.weft >/dev/null 2>&1 </dev/null
for c in "status" "history" "show" "logs a[0]" "check wf.weft" "compile wf.weft" "plan wf.weft" "fmt -" "graph wf.weft" "doctor" \
	"explain E1005" "help" "help run" "run -h" "--version" "report -" "sub true --show_json" "why b"; do
	OUT=$("$WEFT" $c 2>&1 >/dev/full < wf.weft)
	RC=$?
	check "weft $c > /dev/full: an error" [ $RC -gt 0 -a $RC -lt 128 ]
	check "... that says so" says "cannot write"
done
cd ..

# --- a workspace that nothing can be written in
mkdir "$RO"
if mount -t tmpfs -o size=4m weft "$RO" 2>/dev/null && write "$RO" && mount -o remount,ro "$RO"; then
	cd "$RO" || exit 1
	for c in "run wf.weft" "sub true" "exec wf.weft a[0]"; do
		OUT=$("$WEFT" $c 2>&1 </dev/null)
		RC=$?
		check "read-only: weft $c is an error" [ $RC -gt 0 -a $RC -lt 128 ]
		check "... that says so" says "Read-only file system"
	done
	for c in "check wf.weft" "plan wf.weft" "graph wf.weft" "compile wf.weft" "run --engine sim wf.weft"; do
		OUT=$("$WEFT" $c 2>&1 </dev/null)
		RC=$?
		check "read-only: weft $c needs to write nothing" rc 0
	done
	OUT=$("$WEFT" status 2>&1)
	check "read-only: nothing has run there" says "nothing has run here"
	cd "$T" || exit 1
else
	echo "# skip read-only: no small file system can be mounted"
fi
finish
