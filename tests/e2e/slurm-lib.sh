# slurm-lib.sh - a Slurm of its own for a script: a throw-away cluster on the loopback interface.
# cluster [NODES [OPTIONS...]] starts it, or skips the script and says why; it ends with the script.
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

UP=${WEFT_SLURM_UP:-$HERE/../../../shared/engines/slurm-up.sh}
DOWN=${UP%up.sh}down.sh
C=
cluster_port() { echo $((18000 + ($$ % 400) * 40 + ${1:-0})); }
cluster() {
	_nodes=${1:-4}
	[ $# -eq 0 ] || shift
	[ -x "$UP" ] || skip "no script that starts a Slurm at ${UP#"$HERE"/}"
	[ "$(id -u)" = 0 ] || skip "starting a Slurm needs root"
	C=$(mktemp -d /tmp/weft-slurm.XXXXXX) || exit 1
	PORT=$(cluster_port)
	CLUSTER_ARGS="-q -n $_nodes -p $PORT $*"
	trap 'slurm_down; cleanup' EXIT
	# shellcheck disable=SC2086
	env -u SLURM_JWT "$UP" $CLUSTER_ARGS "$C" > "$T/up.log" 2>&1 || skip "the Slurm does not start: $(tail -n 1 "$T/up.log")"
	. "$C/env"
	# jobs run as root here: the directory need not be open to others
	WEFT_SLURM=${SLURM_REST_URL%/slurm/*}
	SLURM_JWT=$(cat "$SLURM_REST_TOKEN_FILE")
	export WEFT_SLURM SLURM_JWT
	mkdir -p "$C/count"
}
# what has died comes back
slurm_up() { env -u SLURM_JWT "$UP" $CLUSTER_ARGS "$C" >> "$T/up.log" 2>&1; }
slurm_down() { [ -z "$C" ] || "$DOWN" -r "$C" >/dev/null 2>&1; }
slurm_pid() { cat "$C/run/$1.pid"; }
# srun_weft ARGS...: weft run on Slurm, at most 240 s
srun_weft() {
	OUT=$(timeout -k 5 240 "$WEFT" run --engine slurm "$@" 2>&1 </dev/null)
	RC=$?
}
# jobs of ours that wait or run
queued() { squeue -h -t PENDING,RUNNING,COMPLETING -o %j 2>/dev/null | grep -c -- -weft-; }
queue_empty() { [ "$(queued)" = 0 ]; }
# how often the command of a task that says `count KEY` has run
runs_of() { cat "$C/count/$1" 2>/dev/null | wc -l; }
# long.weft: a task whose first attempt lasts until it is disturbed, and whose second one ends well
long_weft() {
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
}
