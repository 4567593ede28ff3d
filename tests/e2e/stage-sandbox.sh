# what a command finds when it starts, with namespaces and without
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
defaults { timeout = 1h }
param colour: string = "red"
task t {
  out o = "o.txt"
  env { MINE = "yes" LANG = "C" }
  env_pass = ["PASSED"]
  run {
    env | sort | sed 's|=.*/work/|=/|' > ~{o}
    echo "fds: $(echo /proc/self/fd/*)"
    echo "stdin: $(cat | wc -c)"
    trap | wc -l
    awk '/^Sig(Blk|Ign)/' /proc/self/status
    echo tmp > "$TMPDIR/x"
    setsid sleep 1000 > /dev/null 2>&1 &
    echo "sleeper"
  }
}
W
sed -i "s/sleep 1000/sleep $MARK/" wf.weft
for how in "" --no-sandbox; do
	PASSED=on HIDDEN=off run wf.weft $how
	check "it runs $how" rc 0
	check "nothing of the caller leaks" no grep -q HIDDEN o.txt
	check "... but what is asked for" grep -qx PASSED=on o.txt
	check "EnvVars win" grep -qx LANG=C o.txt
	check "parameters are there" grep -qx colour=red o.txt
	check "ports too" grep -qx o=o.txt o.txt
	check "the service's variables" grep -qx BATCH_COMPUTE_DAG_INSTANCE_ID=0 o.txt
	check "the job id has its form" grep -qxE 'BATCH_COMPUTE_DAG_JOB_ID=job-[0-9a-f]{32}' o.txt
	log=$(ls -t .weft/runs/*/logs/stdout.* | head -n 1)
	check "no descriptor of the driver is open" grep -qxE 'fds: /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2( /proc/self/fd/(3|255))*' "$log"
	check "standard input is empty" grep -qx 'stdin: 0' "$log"
	check "no signal is ignored or blocked" [ "$(grep -c '0000000000000000$' "$log")" = 2 ]
	check "no process survives" quiet_now
done
finish
