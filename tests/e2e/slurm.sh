# the Slurm engine against a real Slurm: the same results as here, causes, retries, settings, transports
. "${0%/*}/slurm-lib.sh" || exit 1
case $WEFT in */asan/*) skip "the time limits of its jobs are for the plain build" ;; esac
cluster 4

# --- log-count: byte for byte what this machine makes
for where in here there; do
	mkdir $where
	cp -r "$HERE"/../../examples/log-count-ports/. $where/
	"$HERE/../../examples/log-count/gen-input" $where/log-count-data.txt
done
(cd here && "$WEFT" run -q log-count.weft > /dev/null 2>&1)
cd there
srun_weft log-count.weft
check "log-count ends well" rc 0
check "with all instances" says '5 ok'
cd ..
rm -rf here/.weft there/.weft
check "and the same files as on this machine" diff -r here there

# --- an array of 300
cat > array.weft <<'W'
task many for i in 0..299 {
  out o = "out/~{i}.txt"
  run {
    echo ~{i} $BATCH_COMPUTE_DAG_INSTANCE_ID > ~{o}
    echo said ~{i}
  }
}
task sum {
  in  parts = many[*].o
  out total = "total.txt"
  run {
    cat ~{parts} | awk '$1 == $2 { s += $1 } END { print NR, s }' > ~{total}
  }
}
W
srun_weft array.weft
check "300 instances" rc 0
check "each with its own number" same total.txt "300 44850"
check "their standard output is where it belongs" same "$(ls .weft/runs/*/logs/stdout.*.many.217)" "said 217"
check "they were one array" [ "$(awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^Name=many-weft/) print $i }' "$SLURM_JOBCOMP_LOG" | sort -u | wc -l)" = 1 ]
check "nothing is left but the run's records" [ "$(ls -A .weft/runs/0001 | tr '\n' ' ')" = "events.jsonl logs run.json " ]

# --- why attempts end, and what is tried again
cat > causes.weft <<'W'
workflow "causes" {
  fail_fast = false
}
task exits {
  run {
    echo to-stderr >&2
    exit 7
  }
}
task killed {
  run {
    kill -SEGV $$
  }
}
task slow {
  time = 2s
  run "sleep 100"
}
task missing {
  out o = "never.txt"
  run "true"
}
task flaky {
  out o = "flaky.txt"
  retry 3 on exit(9)
  run {
    test ~{attempt} -ge 3 || exit 9
    echo ~{attempt} > ~{o}
  }
}
task once {
  retry 3 on oom
  run "false"
}
task globs {
  out g[] = glob("g/*.txt")
  run {
    mkdir g
    for i in a b c; do echo $i > g/$i.txt; done
  }
}
task each for f in globs.g {
  in  i = f
  out o = "each/~{f}.out"
  run {
    cat ~{i} > ~{o}
  }
}
task all {
  in  xs = each[*].o
  out o = "all.txt"
  run {
    cat ~{xs} > ~{o}
  }
}
W
srun_weft causes.weft
check "failures are tolerated as the workflow says" rc 7
check "exit status" says 'FAILED  exits   R101 exit status 7'
check "the end of its standard error" says '    to-stderr'
check "signal" says 'FAILED  killed   R102 killed by signal 11 (SIGSEGV)'
check "time limit, to the second" says 'FAILED  slow   R104 time limit of 2.0 s'
check "missing output" says 'FAILED  missing   R105 missing output'
check "retried until it went well" same flaky.txt 3
check "not retried on another cause" says 'FAILED  once   R101 exit status 1'
check "instances over files that another task made" same all.txt "$(printf 'a\nb\nc')"
check "the sum" says '5 failed, 6 ok, 2 retried'

srun_weft array.weft
check "what is current is not submitted again" says '301 instances current'

# --- settings against the server's schema
cat > set.weft <<'W'
task t {
  out o = "t.txt"
  cpu = 3
  mem = 200MB
  slurm {
    comment = "hello"
    nice = "5"
  }
  run {
    printf '%s %s' $SLURM_CPUS_PER_TASK "${SLURM_JOB_ID:+yes}" > ~{o}
  }
}
W
srun_weft set.weft --force t
check "settings of Slurm are passed on" rc 0
check "but not Slurm's environment" same t.txt ' '
sed -i 's/nice = "5"/nise = "5"/' set.weft
srun_weft set.weft --force t
check "one that Slurm does not have is refused before anything runs" says 'error[E1084]'
check "with a proposal" says 'did you mean `nice`?'
sed -i 's/nise = "5"/nice = "many"/' set.weft
srun_weft set.weft --force t
check "so is a value that it cannot have" says '`nice` of task `t` is not a number: many'
sed -i 's/nice = "many"/partition = "none"/' set.weft
srun_weft set.weft --force t
check "what Slurm refuses is the task's failure" says 'R113 refused by the engine'
check "with Slurm's words" says 'Invalid partition name'

# --- doctor looks at all of it
OUT=$("$WEFT" doctor --job 2>&1)
RC=$?
check "doctor: all is well" rc 0
check "doctor: the API" says 'ok      Slurm API      v0.0.38'
check "doctor: the controller" says ' UP - --engine slurm: who takes the jobs'
check "doctor: a machine sees the workspace and runs weft" says 'sees the workspace and runs weft, namespaces'
check "doctor: nothing is left" [ -z "$(ls -d .weft-doctor.* 2>/dev/null)" ]

# --- tokens and endpoints
sed -i 's/partition = "none"/nice = "1"/' set.weft
OUT=$(SLURM_JWT= "$WEFT" run set.weft --force t --slurm "$WEFT_SLURM" 2>&1)
check "no token" says 'error[E1082]'
cp "$SLURM_REST_TOKEN_FILE" token
OUT=$(SLURM_JWT=nonsense "$WEFT" run set.weft --force t --slurm "$WEFT_SLURM" --slurm-token token 2>&1)
RC=$?
check "a token from a file" rc 0
OUT=$("$WEFT" run set.weft --force t --slurm http://127.0.0.1:1 2>&1)
check "nobody listens" says 'error[E1080]'
OUT=$("$WEFT" run set.weft --force t --slurm nonsense 2>&1)
check "no endpoint" says 'it is none of http://'
OUT=$("$WEFT" run array.weft --force many --slurm "unix:$SLURM_REST_SOCKET" 2>&1)
check "a token where none is taken" says 'error[E1082]'
OUT=$(env -u SLURM_JWT "$WEFT" run array.weft --force many --slurm "unix:$SLURM_REST_SOCKET" 2>&1)
check "jobs would run as somebody else" says 'error[E1083]: Slurm runs the jobs as `slurm`'
mkdir "$C/ws"
cp array.weft "$C/ws"
cp "$WEFT" "$C/weft"
chown slurm "$C/ws"
as_slurm() { (cd "$C/ws" && setpriv --reuid slurm --regid "$(id -g slurm)" --clear-groups env -u SLURM_JWT "$C/weft" run "$@" 2>&1); }
OUT=$(as_slurm array.weft --slurm "unix:$SLURM_REST_SOCKET" 'many[3]')
RC=$?
check "the socket, as the user of the jobs" rc 0
check "runs targets only" same "$C/ws/out/3.txt" "3 3"
rm -rf "$C/ws/out" "$C/ws/.weft"
OUT=$(as_slurm array.weft 'many[4]' --slurm "exec:SLURM_CONF=$SLURM_CONF slurmrestd -s openapi/v0.0.38 -a rest_auth/local")
RC=$?
check "a program for each request" rc 0
check "does the same" same "$C/ws/out/4.txt" "4 4"
mkdir "100%"
cp set.weft "100%"
(cd "100%" && OUT=$("$WEFT" run set.weft --force t --engine slurm 2>&1); printf '%s\n' "$OUT" > ../said)
OUT=$(cat said)
check "a path that Slurm would change" says 'error[E1086]'
OUT=$(bash "$HERE/../docs.sh" doc/tutorial.md 2>&1)
RC=$?
check "the tutorial, with its steps on a cluster" rc 0
check "... and none of these left out" silent_on "needs: slurm"
check "nothing waits or runs any more" within 20 queue_empty
finish
