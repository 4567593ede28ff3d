# what goes wrong around a run on Slurm: daemons that die, machines that are lost, jobs that are cancelled by others
. "${0%/*}/slurm-lib.sh"
case $WEFT in */asan/*) [ -n "${WEFT_TORTURE:-}" ] || skip "tried with the plain build" ;; esac
cluster 4

cat > work.weft <<W
task many for i in 0..39 {
  retry 3 on node
  out o = "out/~{i}.txt"
  run {
    sleep 0.~{i % 10}
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
# what this machine makes of it
mkdir here
cp work.weft here/
(cd here && "$WEFT" run -q work.weft > /dev/null 2>&1)
begin() { # FILE ARGS...: in the background
	rm -rf .weft out total.txt
	timeout -k 5 110 "$WEFT" run --engine slurm "$@" > log 2>&1 </dev/null &
	pid=$!
}
join() {
	wait $pid
	RC=$?
	OUT=$(cat log)
}
# somebody looks after the machines: Slurm drains those on which a job was there already when it came back
mend_until_end() {
	while kill -0 $pid 2>/dev/null; do
		slurm_up
		read -r -t 3 _ <> "$T/.never"
	done
	join
}
some_done() { [ -e out/3.txt ]; }
as_here() { same total.txt "40 780" && diff -r here/out out && cmp here/total.txt total.txt; }
running_on() { squeue -h -t R -o %N | sort -u | grep -x -m 1 'n[0-9]*'; }

# --- slurmctld is killed, and comes back
begin work.weft
check "it runs" within 20 some_done
kill -9 "$(slurm_pid slurmctld)"
mend_until_end
check "slurmctld killed in the middle: ends well" rc 0
check "with the files of this machine" as_here

# --- slurmrestd is killed, and comes back
begin work.weft
check "it runs" within 20 some_done
kill -9 "$(slurm_pid slurmrestd)"
slurm_up
join
check "slurmrestd killed in the middle: ends well" rc 0
check "with the files of this machine" as_here

# --- both of them, together
begin work.weft
check "it runs" within 20 some_done
kill -9 "$(slurm_pid slurmctld)" "$(slurm_pid slurmrestd)"
mend_until_end
check "slurmctld and slurmrestd killed together: ends well" rc 0
check "with the files of this machine" as_here

# --- a machine is drained: what runs there ends, what waits goes elsewhere
sed -i 's/sleep 0/sleep 1/' work.weft
begin work.weft
check "it runs" within 20 running_on
node=$(running_on)
scontrol update "nodename=$node" state=drain reason=test
join
check "a machine drained in the middle: ends well" rc 0
check "with the files of this machine" as_here
check "nothing had to be tried again" silent_on retried
scontrol update "nodename=$node" state=resume

# --- a machine is lost, with all that runs there
on_node() { # the attempts on it, and the slurmstepd above each
	for p in $(pgrep -f "exec-instance $T"); do
		if grep -qzFx "SLURMD_NODENAME=$node" "/proc/$p/environ" 2>/dev/null; then
			echo "$p"
			sed -n 's/^PPid:[[:space:]]*//p' "/proc/$p/status"
		fi
	done
}
test_on_node() { [ -n "$(on_node)" ]; }
begin work.weft
check "it runs" within 20 running_on
node=$(running_on)
check "some of it there" within 20 test_on_node
LOST=$(on_node)
kill -9 "$(slurm_pid "slurmd.$node")"
for p in $LOST; do kill -9 "$p" 2>/dev/null; done
join
check "a machine lost in the middle: ends well" rc 0
check "with the files of this machine" as_here
check "what ran there was tried again" says 'R110 machine lost'
slurm_up
scontrol update "nodename=$node" state=resume 2>/dev/null

# --- somebody else cancels a job
cat > long.weft <<W
task long {
  retry 1 on node
  out o = "long.txt"
  run {
    echo x >> $C/count/long
    test \$(wc -l < $C/count/long) -gt 1 || sleep $MARK
    echo done > ~{o}
  }
}
W
begin long.weft
check "it runs" within 20 marked
scancel -n "$(squeue -h -o %j | grep '^long-weft-' | head -n 1)"
join
check "cancelled from outside: tried again" rc 0
check "and says so" says 'R112 cancelled from outside'
check "once more" [ "$(runs_of long)" = 2 ]

# --- ... and one that has not begun: once that may be Slurm's own mistake, twice somebody means it
scontrol update partitionname=main state=down
waits() { squeue -h -t PD -o '%A %j' | sed -n 's/^\([0-9]*\) once-weft-.*/\1/p' | grep -vx "${1:-}"; }
printf 'task once {\n  run {\n    echo x >> %s/count/once\n  }\n}\n' "$C" > once.weft
begin once.weft
check "one waits" within 20 waits
first=$(waits)
scancel "$first"
check "cancelled, it is submitted again" within 60 waits "$first"
scancel "$(waits "$first")"
join
check "cancelled again, it has failed" rc 1
check "as cancelled by somebody" says 'FAILED  once   R112 cancelled from outside'
check "and has not run" [ "$(runs_of once)" = 0 ]
scontrol update partitionname=main state=up

finish
