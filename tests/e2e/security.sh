# a hostile task cannot get out of its sandbox, nor a hostile archive out of its directory
. "${0%/*}/lib.sh" || exit 1

# try NAME COMMAND: run it in a task of its own; what it says is in the log, whatever its status
try() {
	rm -rf .weft
	printf 'task t {\n  out o = "o.txt"\n  out links[] = glob("made/*")\n  run {\n    set +e\n    mkdir made\n%s\n    echo done > ~{o}\n  }\n}\n' "$2" > wf.weft
	run wf.weft
	check "$1: the task runs" rc 0
}
unchanged() { [ "$(cat "$T/outside/file")" = mine ] && [ "$(ls -A "$T/outside")" = file ]; }

mkdir ws outside
echo mine > outside/file
cd ws || exit 1
if ! unshare -m true 2>/dev/null && ! unshare -Urm true 2>/dev/null; then
	echo "# skip the sandbox: no namespaces here"
else
	X="$T/outside"
	try "plain writes" "
    echo evil > $X/file; echo evil > $X/new; echo evil > ../../../../../../outside/file
    rm -f $X/file; mv $X/file $X/other; mkdir $X/d; chmod 777 $X $X/file; touch $X/file; truncate -s 0 $X/file
    ln $X/file made/hard && echo evil > made/hard
    ln -s $X made/dir; echo evil > made/dir/new; ln -s $X/file made/link; echo evil > made/link
    rm made/dir made/link
    cat ~{o} ../../../../../wf.weft > made/read 2>/dev/null; echo evil > ../../../../../wf.weft
    echo evil >> $T/ws/.weft/journal; rm -rf $T/ws/.weft/journal $T/ws/.weft/runs/0001/run.json; echo evil > $T/ws/.weft/evil"
	check "... change nothing outside" unchanged
	check "... nor in the workspace" grep -q '^task t' wf.weft
	check "... nor in the journal" [ -s .weft/journal -a ! -e .weft/evil ]
	check "... nor make a hard link to what is outside" [ "$(stat -c %h "$X/file")" = 1 ]

	try "links as outputs" "
    ln -s $X made/dir; ln -s $X/file made/file; ln -s /proc/1/root made/root 2>/dev/null; rm -f made/root made/dir"
	check "... give a copy, never a way out" [ ! -L made/file ]
	check "... outside nothing has changed" unchanged

	try "mounts" "
    exec > made/said 2>&1
    mount -o remount,rw / && echo GOT remount; mount -o remount,rw,bind $X && echo GOT bind
    mount -t tmpfs none /mnt && echo GOT tmpfs; umount /tmp && echo GOT umount; umount -l / && echo GOT umount-root
    umount $T/ws && echo GOT umount-ws; pivot_root . . && echo GOT pivot
    chroot /proc/1/root sh -c 'echo evil > $X/file' && echo GOT chroot
    unshare -Urm sh -c 'mount -o remount,rw,bind / ; umount -l $T/ws; echo evil > $X/file; echo evil > $T/ws/wf.weft' && echo GOT unshare
    nsenter -t 1 -m sh -c 'echo evil > $X/file' && echo GOT nsenter
    echo evil > /proc/1/root$X/file && echo GOT proc-root; echo evil > /proc/self/root$X/file && echo GOT self-root"
	check "... are refused" no grep GOT made/said
	check "... and nothing has changed" unchanged

	try "the kernel" "
    exec > made/said 2>&1
    echo '|/bin/false' > /proc/sys/kernel/core_pattern && echo GOT core_pattern
    echo h > /proc/sysrq-trigger && echo GOT sysrq; echo 1 > /proc/sys/vm/drop_caches && echo GOT drop_caches
    mknod made/disk b 7 0 && echo GOT mknod; mknod made/mem c 1 1 && echo GOT mknod-char; rm -f made/disk made/mem
    for d in /dev/loop0 /dev/sda /dev/vda /dev/mem /dev/kmsg /dev/tty0; do : < \$d && echo GOT \$d; done
    find /sys/fs/cgroup -name cgroup.procs -exec sh -c 'echo 0 > \"\$1\"' x {} ';' -exec echo GOT {} ';'
    find /sys/fs/cgroup -maxdepth 2 -type d -exec mkdir {}/evil ';' -exec echo GOT {} ';'
    echo evil > /sys/kernel/uevent_helper && echo GOT uevent
    for d in null zero full random urandom; do : < /dev/\$d || echo GOT no \$d; done
    python3 -c 'import pty; pty.openpty()' || echo GOT no terminal"
	check "... is left alone" no grep GOT made/said

	sleep "$MARK" &
	victim=$!
	try "other processes" "
    exec > made/said 2>&1
    kill -9 $victim && echo GOT kill; ls -d /proc/$victim && echo GOT see
    kill -STOP 1; cat /proc/1/environ && echo GOT environ; : < /proc/1/mem && echo GOT mem; : > /proc/1/mem && echo GOT mem-write
    echo junk > /proc/1/fd/3 && echo GOT report; ls /proc/1/cwd/ && echo GOT cwd
    python3 -c 'import ctypes; raise SystemExit(ctypes.CDLL(None).ptrace(16, 1, 0, 0) != 0)' && echo GOT ptrace
    pgrep -x weft && echo GOT driver"
	check "... are out of reach" no grep GOT made/said
	check "... and live" kill -0 "$victim"
	kill "$victim"

	try "places of its own" "
    echo a > /tmp/weft-own-$$; echo b > /var/tmp/weft-own-$$; echo c > /dev/shm/weft-own-$$; cat /tmp/weft-own-$$ /dev/shm/weft-own-$$ > made/said
    echo d > ~/x; echo e > \$TMPDIR/x; ls -A /tmp >> made/said"
	check "... hold what is written there" grep -qx a made/said
	check "... show the run's own files" grep -qx "${T##*/}" made/said
	check "... and nothing of it stays" [ ! -e "/tmp/weft-own-$$" -a ! -e "/var/tmp/weft-own-$$" -a ! -e "/dev/shm/weft-own-$$" ]
	check "... nor in the run's directory" no grep -rqs "weft-own" .weft/runs/0001/work

	printf 'task t {\n  run "/bin/cp /proc/version %s/two"\n}\n' "$T" > elsewhere.weft
	run elsewhere.weft
	check "who needs to write elsewhere is told how" says 'engine local { writable = ["DIRECTORY"] }'
	opened "$T"
	run elsewhere.weft
	check "the site file opens a directory" [ -s "$T/two" ]
	unset WEFT_SITE
	rm -f "$T/two"
fi

# --- archives
command -v python3 > /dev/null || { echo "# skip archives: no python3"; finish; }
mkdir bkt
python3 "$HERE/archives.py" bkt "$T/outside/evil"
unpack() {
	printf 'task t {\n  package = "oss://bkt/%s"\n  out made[] = glob("made/*")\n  run {\n    set +e\n    mkdir made\n%s\n  }\n}\n' "$1" "$2" > pack.weft
	rm -rf .weft made
	run --store oss://bkt=bkt pack.weft
}
for f in bkt/bad-*; do
	unpack "${f#bkt/}" ""
	check "${f#bkt/bad-} is refused" rc 4
	check "... by its code" says 'E1063'
	check "... and has left nothing" absent .weft/runs/0001/packages
	check "... and has done nothing" [ -z "$(ls -A "$T/outside" | grep -v '^file$')" -a "$(cat "$T/outside/file")" = mine ]
done
unpack good-setuid.tar 'stat -c "%a" bits sticky d > made/said'
check "set-user-id and its like go" [ "$(grep -c '^[0-7][0-7][0-7]$' made/said)" = 3 ]
unpack good-twice.tar 'cat a b/c d > made/said'
check "the last of several entries of one name counts" same made/said "second
evil
file"
unpack good-link-then-same.tar 'cat real l > made/said'
check "a file in a link's place does not write through it" same made/said "kept
own"
for l in C C.UTF-8; do
	LC_ALL=$l unpack good-names.tar 'find . -mindepth 1 -maxdepth 1 -printf x > said; mv -- * made/ 2>/dev/null; true'
	check "names of every byte, in locale $l" rc 0
	check "... are unpacked" [ "$(wc -c < made/said)" = 10 ]
	check "... and come back as outputs" [ "$(find made -type f -printf x | wc -c)" = 9 ]
done

# --- packages are the same, whatever they are made on
mkdir p p/sub
printf 'a\n' > p/a; printf 'b\n' > p/sub/b; chmod 755 p/a
ln -s a p/link
mkdir q q/sub # another order, other times, another umask
(umask 077 && cd q && ln -s a link && cp ../p/sub/b sub/b && cp ../p/a a && chmod 700 a && touch -d 2001-01-01 a sub)
use() { printf 'task t for i in 0..3 {\n  package = %s\n  run "/bin/sh -c %scat a; ls; test -x a%s"\n}\n' "$2" "'" "'" > "$1.weft"; }
use p '"p"'; use q '"q"'; use list '["p/a", "p/sub/b"]'; use file '"p/a"'
for w in p q list file; do
	run "$w.weft" --store oss://bkt=bkt
	check "a package: $w" rc 0
done
rm -rf .weft
run p.weft
mv p p.old; mv q p
run p.weft
check "the same contents are the same package, whatever they are made on" says "nothing to do"
printf 'c\n' > p/sub/b
run p.weft
check "... and other contents another one" says "4 ok"

# --- two drivers unpack one archive at once, each for itself
tar -C p -czf bkt/two.tar.gz .
for d in one other; do
	mkdir "../$d"
	use "../$d/wf" '"oss://bkt/two.tar.gz"'
	(cd "../$d" && "$WEFT" run --store "oss://bkt=$T/ws/bkt" wf.weft > out 2>&1; echo $? > rc) &
done
wait
check "two drivers at once" [ "$(cat ../one/rc ../other/rc)" = "0
0" ]
finish
