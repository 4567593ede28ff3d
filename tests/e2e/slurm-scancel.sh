# somebody else cancels the jobs of a run on Slurm
. "${0%/*}/slurm-work-lib.sh" || exit 1

# --- somebody else cancels a job
long_weft
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
