# machines of a Slurm are drained and lost during a run
. "${0%/*}/slurm-work-lib.sh" || exit 1

running_on() { squeue -h -t R -o %N | sort -u | grep -x -m 1 'n[0-9]*'; }

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
# nothing ends before the machine is lost
sed "s|sleep 1.*|until [ -e $C/count/go ]; do sleep 0.1; done|" work.weft > lost.weft
begin lost.weft
check "it runs" within 20 running_on
node=$(running_on)
check "some of it there" within 20 test_on_node
LOST=$(on_node)
kill -9 "$(slurm_pid "slurmd.$node")"
for p in $LOST; do kill -9 "$p" 2>/dev/null; done
touch "$C/count/go"
join
check "a machine lost in the middle: ends well" rc 0
check "with the files of this machine" as_here
check "what ran there was tried again" says 'R110 machine lost'
slurm_up
scontrol update "nodename=$node" state=resume 2>/dev/null

finish
