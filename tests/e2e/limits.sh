# limits that are enforced: memory (R103), cpus, processes; told apart from exit, signal and time-out; nothing left behind
. "${0%/*}/lib.sh" || exit 1

# group CONTROLLER: the directory of this script's control group, version 1 or 2; empty when there is none
group() {
	awk -v w="$1" -F: '
	FILENAME == "/proc/self/cgroup" { n = split($2, c, ","); for (i = 1; i <= n; i++) path[c[i]] = $3; if ($2 == "") path[""] = $3; next }
	{ split($0, half, " - "); split(half[1], f, " "); split(half[2], g, " ")
	  if (g[1] == "cgroup" && index("," g[3] ",", "," w ",")) { print f[5] (path[w] == "/" ? "" : path[w]); exit }
	  if (g[1] == "cgroup2") two = f[5] (path[""] == "/" ? "" : path[""]) }
	END { if (two != "") print two }' FS=: /proc/self/cgroup /proc/self/mountinfo | head -n 1
}
mkdir ws && cd ws || exit 1 # tasks write below $T, and cannot write into the workspace
opened "$T"
# run ARGS...: as in lib.sh, and its process number in $pid
run() {
	"$WEFT" run "$@" > "$T/out" 2>&1 </dev/null &
	pid=$!
	wait $pid
	RC=$?
	OUT=$(cat "$T/out")
}
# groups: those that process $pid has made, in every hierarchy
groups() { find /sys/fs/cgroup -maxdepth 8 -type d -name "weft-$pid-*" 2>/dev/null; }
no_groups() { [ -z "$(groups)" ]; }
M=$(group memory)
limited=
if [ -n "$M" ] && mkdir "$M/weft-try.$$" 2>/dev/null; then
	[ ! -e "$M/weft-try.$$/memory.limit_in_bytes" ] && [ ! -e "$M/weft-try.$$/memory.max" ] || limited=yes
	rmdir "$M/weft-try.$$"
fi
eat() { echo "head -c $1 /dev/zero | tail -c $1 > /dev/null"; } # tail keeps that many bytes in memory

if [ "$limited" ]; then
	cat > oom.weft <<W
task hog {
  mem = 40MB * attempt
  retry 3 on oom
  run {
    $(eat 100MB)
    echo fits
  }
}
task pair {
  mem = 100MB
  run {
    $(eat 70MB) & $(eat 70MB); wait
  }
}
task careless {
  mem = 40MB
  run {
    $(eat 100MB) || true
    exit 0
  }
}
task fine {
  mem = 200MB
  run "/bin/sh -c '$(eat 50MB)'"
}
W
	run oom.weft -k
	check "out of memory is a failure" rc 1
	check "... with its code, limit and peak" says "hog: R103 out of memory (limit 40 MB, peak 40 MB), attempt 1 of 4"
	check "more memory with each attempt helps" says "hog: ok"
	check "the whole tree counts" says "FAILED  pair   R103 out of memory (limit 100 MB"
	check "a command that hides it fails all the same" says "FAILED  careless   R103"
	check "... and that is said" says "although the command itself ended with 0"
	check "who keeps to the limit sees nothing of it" says "fine: ok"
	rm -rf .weft; run oom.weft -k --memory 70MB hog
	check "with all memory there is it is not tried again" says "not retried: it had all the memory there is"
	check "... at the limit there is" says "limit 70 MB"
	check "no group is left" no_groups
	printf 'task t {\n  mem = 40MB\n  in_place = true\n  run {\n    %s\n  }\n}\n' "$(eat 100MB)" > plain.weft
	for how in "" --no-sandbox; do
		rm -rf .weft
		run plain.weft $how
		check "in place${how:+, $how}: out of memory" says "FAILED  t   R103 out of memory (limit 40 MB"
		check "... and no group is left" no_groups
	done

	cat > gone.weft <<W
task long {
  mem = 100MB
  cpu = 0.5
  run {
    echo \$\$ > $T/started
    test -e $T/short || sleep $MARK
  }
}
W
	"$WEFT" run gone.weft > "$T/out" 2>&1 </dev/null &
	pid=$! dead=$!
	within 20 [ -s "$T/started" ]
	check "a task with limits has groups" no no_groups
	kill -9 $pid
	wait $pid 2>/dev/null
	OUT=$(cat "$T/out")
	check "kill -9 of the driver: the task dies" within 5 quiet_now
	: > "$T/short"
	run gone.weft
	check "... the next run does that" rc 0
	check "... and leaves none itself" no_groups
	pid=$dead
	check "... nor those of the dead one" no_groups

	# weft itself lives in a group with a limit, as in a container
	box=$M/box.$$
	mkdir "$box"
	echo 80M > "$box/memory.limit_in_bytes" 2>/dev/null || echo 80M > "$box/memory.max"
	printf 'task t {\n  run {\n    %s\n    sleep %s\n  }\n}\ntask shot {\n  run "/bin/sh -c '"'kill -9 \$\$'"'"\n}\n' "$(eat 200MB) || exit" $MARK > box.weft
	OUT=$(sh -c 'echo $$ > "$1/cgroup.procs" && exec "$2" run -k -j 1 box.weft' - "$box" "$WEFT" 2>&1 </dev/null)
	check "memory of the group that weft runs in: R103 too" says "FAILED  t   R103 out of memory"
	check "... said so" says "or of the control group of this run, was used up"
	check "... and no other death is taken for it" says "FAILED  shot   R102 killed by signal 9"
	rmdir "$box"
else
	echo "# skip memory: no control group of memory can be made here"
fi

cat > causes.weft <<W
task exits {
  run {
    exit 137
  }
}
task shot {
  mem = 1GB
  run {
    kill -KILL \$\$
  }
}
task late {
  mem = 1GB
  cpu = 1
  timeout = 1s
  run {
    sleep $MARK
  }
}
W
run causes.weft -k --memory 2GB
check "exit status, whatever it says" says "FAILED  exits   R101 exit status 137"
check "signal" says "FAILED  shot   R102 killed by signal 9 (SIGKILL)"
check "time limit" says "FAILED  late   R104 time limit"
check "nothing of them is left" quiet_now
check "no group of them is left" no_groups
printf 'task plain {\n  run "cp /proc/self/cgroup %s/plain"\n}\n' "$T" > plain.weft
run plain.weft
check "a task that asks for nothing runs" rc 0
check "... in the group of its driver" same "$T/plain" "$(cat /proc/self/cgroup)"

C=$(group cpu)
if [ -n "$C" ] && mkdir "$C/weft-try.$$" 2>/dev/null; then
	rmdir "$C/weft-try.$$"
	cat > cpu.weft <<W
task half {
  cpu = 0.5
  run {
    cat /sys/fs/cgroup/cpu*/weft-*/*/cpu.cfs_quota_us $C/weft-*/*/cpu.max > $T/quota 2>/dev/null
    :
  }
}
W
	run cpu.weft
	check "half a cpu is half of the time" grep -q '^50000' "$T/quota"
else
	echo "# skip cpu: no control group of cpu can be made here"
fi

# a fork bomb: bounded where pid namespaces have a limit of their own or groups of processes can be made
P=$(group pids)
v=$(uname -r)
major=${v%%.*} minor=${v#*.} minor=${minor%%.*}
if [ "$major" -gt 6 ] || { [ "$major" = 6 ] && [ "${minor%%[!0-9]*}" -ge 14 ]; } || [ -w "${P:-/none}" ]; then
	printf 'engine "local" {\n  pids = 350\n}\n' > weft.site
	cat > bomb.weft <<W
task bomb {
  cpu = 1
  timeout = 4s
  run {
    b() { b | b & }
    b 2>/dev/null
    sleep $MARK
  }
}
W
	processes() { set -- /proc/[0-9]*; echo $#; }
	ended() { n=$(processes); [ $n -le $most ] || most=$n; ! kill -0 $pid 2>/dev/null; }
	before=$(processes) most=0
	WEFT_SITE=weft.site "$WEFT" run bomb.weft > "$T/out" 2>&1 </dev/null &
	pid=$!
	within 30 ended
	wait $pid
	RC=$?
	OUT=$(cat "$T/out")
	check "a fork bomb ends at the time limit at the latest" rc 1
	check "... does what it can" [ $most -ge $((before + 50)) ]
	check "... is bounded" [ $most -le $((before + 700)) ]
	few() { [ $(processes) -le $((before + 100)) ]; }
	check "... and goes as a whole" within 10 few
	rm weft.site
else
	echo "# skip processes: nothing limits them here"
fi

# without control groups: RLIMIT_DATA of each process
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && mkdir "$T/nobody" && chmod 755 "$T" && chown nobody "$T/nobody" &&
	(cd "$T/nobody" && setpriv --reuid=nobody --clear-groups "$WEFT" help >/dev/null 2>&1); then
	cd "$T/nobody"
	printf 'task t {\n  mem = 64MB\n  run {\n    ulimit -d\n    ulimit -c\n  }\n}\n' > rl.weft
	OUT=$(setpriv --reuid=nobody --clear-groups "$WEFT" run rl.weft 2>&1 </dev/null)
	check "a user without control groups: it runs" says "1 ok"
	check "... with a limit of data for each process" grep -qx 65536 .weft/runs/*/logs/stdout.*
	cd "$T"
else
	echo "# skip rlimits: cannot be another user here"
fi
finish
