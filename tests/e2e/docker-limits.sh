# docker tasks end as any other: statuses, signals, time limits, memory, what a command leaves, a killed driver; and what root in
# a container cannot do
. "${0%/*}/lib.sh" || exit 1
. "$HERE/docker-lib.sh" || exit 1

make_image bb "one" || exit 1
echo "container \"localhost:5000/bb\" { from = \"bb.tar\" }" > weft.site
# ends NAME SETTINGS SCRIPT: one task in the container
ends() {
	{
		printf 'task t {\n  image = docker("localhost:5000/bb")\n  %s\n  run {\n' "$2"
		printf '%s\n' "$3" | sed 's/^/    /'
		printf '  }\n}\n'
	} > "$1.weft"
	run "$1.weft" --allow warnings
}
ends ok "timeout = 1h" 'true'
case $OUT in *E1034*) skip "no containers here: $OUT" ;; esac
check "a command that succeeds" rc 0
for n in 3 125 126 127; do
	ends exit "timeout = 1h" "exit $n"
	check "exit status $n is the command's own" says "R101 exit status $n"
done
printf 'task t {\n  timeout = 1h\n  image = docker("localhost:5000/bb")\n  run "no-such-program"\n}\n' > none.weft
run none.weft
check "a command that the image lacks could not be started" says "R106"
check "... and is not exit status 127" says "not found on PATH"
ends signal "timeout = 1h" 'kill -9 $$'
check "a signal is one" says "R102"
check "... by its number" says "signal 9"
ends slow "timeout = 1s" "sleep $MARK"
check "a time limit" says "R104"
check "... and nothing is left" within 10 quiet_now
ends deaf "timeout = 1s" "trap '' TERM; setsid sh -c \"trap '' TERM; sleep $MARK\" & sleep $MARK; sleep $MARK"
check "one that ignores TERM, and has a child in a session of its own" says "R104"
check "... and nothing is left" within 10 quiet_now
ends leaves "timeout = 1h" "setsid sleep $MARK > /dev/null 2>&1 &"
check "what a command leaves behind is ended" within 10 quiet_now
check "... and it succeeds" rc 0
if "$WEFT" doctor | grep -q '^ok *cgroup memory'; then
	ends eats "timeout = 1h
  mem = 64MB" 'head -c 200000000 /dev/zero | sort > /dev/null'
	check "the memory limit" says "R103"
fi

rm -rf .weft
# a driver that is killed takes its containers with it; the next run clears away what they had
cat > many.weft <<W
task t for i in 1..3 {
  timeout = 1h
  image = docker("localhost:5000/bb")
  run {
    echo changed > /etc/image
    sleep $MARK
  }
}
W
"$WEFT" run -q -j3 many.weft > /dev/null 2>&1 &
driver=$!
three() { [ "$(grep -lazs -f "$T/.mark" /proc/[0-9]*/cmdline | wc -l)" = 3 ]; }
check "three containers run" within 60 three
kill -9 $driver
wait $driver 2> /dev/null
check "a killed driver takes its containers with it" within 10 quiet_now
check "nothing stays mounted" no grep -q "$T" /proc/mounts
"$WEFT" run -q -j3 many.weft > said 2>&1 &
driver=$!
check "the next run goes on" within 60 three
kill -TERM $driver
wait $driver
check "TERM ends the run" [ $? = 143 ]
check "... and its containers" within 10 quiet_now
check "of both nothing is left" [ -z "$(find .weft -name upper -o -name w)" ]

# secrets: not on a command line, not in a file
cat > secret.weft <<'W'
param key : secret
task t {
  timeout = 1h
  image = docker("localhost:5000/bb")
  env { KEY = "~{key}" }
  run {
    sleep 0.2
    test ${#KEY} = 15
    tr '\0' '\n' < /proc/1/cmdline
    tr '\0' '\n' < /proc/self/cmdline
  }
}
W
echo hush-hush-it-is > key
run secret.weft --secret key=key
check "a secret reaches the command" rc 0
rm -f key
OUT=$(grep -rl hush-hush-it-is . | grep -v "/secret.weft$")
check "... and lies in no file of the run or the image" [ -z "$OUT" ]

# root in there is not root out here
cat > escape.weft <<'W'
task t {
  timeout = 1h
  image = docker("localhost:5000/bb")
  in f = "mine.txt"
  run {
    try() {
      if "$@" > /dev/null 2>&1; then echo "could: $*"; fi
    }
    write() {
      echo 1 > "$1"
    }
    try write /proc/sys/kernel/core_pattern
    try write /proc/sysrq-trigger
    try write /sys/kernel/uevent_helper
    try write "$WS/mine.txt"
    try write "$WS/new.txt"
    try rm "$WS/mine.txt"
    try mount -t tmpfs none /tmp
    try mount -o remount,rw "$WS"
    try mknod /tmp/disk b 8 0
    try cat /proc/1/environ
    try ls /proc/1/root/
    try cat /proc/kcore
    try ls "$OUTSIDE"
    try cat /etc/shadow
    find / -xdev -type b
    echo done
  }
}
W
echo mine > mine.txt
mkdir "$T.out"
trap 'rm -rf "$T.out"; cleanup' EXIT
sed -i "s#\"\$WS#\"$T#; s#\$OUTSIDE#$T.out#; s/    find .*//" escape.weft
run escape.weft
check "root in a container" rc 0
OUT=$("$WEFT" logs t --stdout)
check "... can do none of this" [ "$OUT" = done ]
check "... and has left everything as it was" same mine.txt mine
# links in an image lead nowhere but into it
mkdir -p evil && ln -s "$T.out" evil/home
layers() {
	mkdir -p "$1.d/1/bin" "$1.d/2"
	cp "$BUSYBOX" "$1.d/1/bin/busybox" && ln -s busybox "$1.d/1/bin/sh"
	ln -s "$T.out" "$1.d/2/home" && ln -s ../../../../../../../../../../../../../../../..$T.out "$1.d/2/proc"
	for _l in 1 2; do tar -C "$1.d/$_l" -cf "$1.d/$_l.tar" .; done
	echo "{\"architecture\":\"$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$(hex "$1.d/1.tar")\",\"sha256:$(hex "$1.d/2.tar")\"]}}" > "$1.d/config"
}
make_image evil x
mkdir -p store
cat > weft.site <<'W'
store "oss://b" { dir = "store" }
container "localhost:5000/evil" { from = "evil.tar" }
W
cat > evil.weft <<'W'
task t {
  timeout = 1h
  image = docker("localhost:5000/evil")
  output "/home/output/" -> "oss://b/o/"
  run "/bin/sh -c 'echo x > /home/output/x.txt; echo y > /home/y.txt'"
}
W
run evil.weft
check "links of an image lead nowhere but into it" [ -z "$(ls "$T.out")" ]
finish
