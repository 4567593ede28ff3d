# attach and cancel with Slurm: the whole run, single instances that run or wait, and what a dead driver has left
. "${0%/*}/slurm-lib.sh" || exit 1
cluster 2 -c 2
weft() {
	OUT=$(timeout -k 5 240 "$WEFT" "$@" 2>&1 </dev/null)
	RC=$?
}
state() { "$WEFT" status --json | grep -q "\"state\": \"$1\""; }
cat > wf.weft <<W
task a for i in 0..7 {
  out o = "a~{i}.txt"
  run {
    echo x >> $C/count/~{i}
    [ -e $C/go ] || sleep $MARK || exit 1
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
began() { [ "$(ls "$C/count" | wc -l)" = "$1" ]; }
known() { OUT=$("$WEFT" status --json --all); [ "$(printf '%s\n' "$OUT" | grep -c '"engine_id": "slurm ')" = "$1" ]; }

# --- single ones, and then all
weft run --detach wf.weft --engine slurm
check "a run goes on in the background" rc 0
check "its first instances begin" within 30 began 4
check "all of them are known by Slurm's numbers" within 20 known 8
first=$(ls "$C/count" | head -n 1)
for i in 0 1 2 3 4 5 6 7; do [ -e "$C/count/$i" ] || last=$i; done
weft cancel --yes "a[$first]" "a[$last]"
check "one that runs and one that waits in Slurm" says 'cancelled: 2 that ran, 0 that waited'
two() { OUT=$("$WEFT" status --json); says '"cancelled": 2'; }
check "are cancelled" within 60 two
OUT=$("$WEFT" show --json)
check "as that, and not as somebody else's doing" silent_on R112
check "another one takes the place" within 30 began 5
check "the one that waited has not run" no test -e "$C/count/$last"
weft cancel --yes
check "the rest" says 'run 1 cancelled: 8 cancelled'
check "is gone from Slurm" within 20 queue_empty
check "and from the machines" within 20 quiet_now
weft attach
check "with the status that says so" rc 5
touch "$C/go"
weft run wf.weft --engine slurm
check "the same command does it all" rc 0
check "indeed" same b.txt "$(seq 0 7)"

# --- the driver dies, and what it has left is cancelled without one
rm -rf .weft ./*.txt "$C/go" "$C"/count/*
weft run --detach wf.weft --engine slurm
check "it begins again" within 30 began 4
pid=$("$WEFT" status --json | sed -n 's/^ *"holder": \([0-9]*\).*/\1/p')
kill -9 "$pid"
weft attach
check "attach tells that the driver has died" rc 4
check "its jobs have not" marked
weft cancel --yes 'a[0]' nonsense
check "an unknown name is refused" says 'error[E1001]'
one=$(ls "$C/count" | head -n 1)
weft cancel --yes "a[$one]"
check "one instance" says '1 of its jobs cancelled'
gone() { [ "$(squeue -h -t RUNNING,PENDING -r -o %j | grep -c weft)" = 7 ]; }
check "is gone, the others are not" within 20 gone
weft cancel --yes
check "the rest is cancelled at Slurm" says 'run 1 has no driver any more'
check "all of it" within 20 queue_empty
check "also on the machines" within 20 quiet_now
check "the journal says that the run is over" state ended
weft attach
check "by whose doing" rc 5
touch "$C/go"
weft run wf.weft --engine slurm
check "the same command begins a run of its own" [ "$RC" = 0 -a -d .weft/runs/0002 ]
check "and does it all" same b.txt "$(seq 0 7)"

# --- whose turn it is
rm -rf .weft
cat > turn.weft <<W
task first {
  priority = 5
  run "sleep $MARK"
}
task later {
  run "sleep $MARK"
}
W
weft run --detach turn.weft --engine slurm
nices() { [ "$(squeue -h -o '%j %y' | sed 's/-weft-.* / /' | sort | tr '\n' ' ')" = "first 0 later 500 " ]; }
check "priorities are Slurm's nice, which only steps back" within 20 nices
weft cancel --yes
check "and all of it is cancelled" says 'run 1 cancelled: 2 cancelled'
finish
