# daemons of a Slurm die during a run, and come back
. "${0%/*}/slurm-work-lib.sh" || exit 1

# somebody looks after the machines: Slurm drains those on which a job was there already when it came back
mend_until_end() {
	while kill -0 $pid 2>/dev/null; do
		slurm_up
		read -r -t 3 _ <> "$T/.never"
	done
	join
}
some_done() { [ -e out/3.txt ]; }

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

# --- both of them, together: it takes minutes at times
if [ -n "${WEFT_TORTURE:-}" ]; then
	begin work.weft
	check "it runs" within 20 some_done
	kill -9 "$(slurm_pid slurmctld)" "$(slurm_pid slurmrestd)"
	mend_until_end
	check "slurmctld and slurmrestd killed together: ends well" rc 0
	check "with the files of this machine" as_here
else
	echo "# skip both daemons killed together: WEFT_TORTURE=yes tries it"
fi
finish
