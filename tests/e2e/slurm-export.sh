# weft export sbatch against a real Slurm, with weft not on PATH: the same files as here
. "${0%/*}/slurm-lib.sh" || exit 1
command -v sbatch > /dev/null || skip "no sbatch"
printf 'MaxArraySize=120\nMinJobAge=2\n' > conf
cluster 4 -x "$T/conf"

# exported DIR WORKFLOW: submitted in DIR without weft, waited for
exported() {
	(cd "$1" && "$WEFT" export sbatch scripts "$2" > exported 2>&1) || { OUT=$(cat "$1/exported") RC=1; return; }
	rm "$1/exported"
	OUT=$(PATH=/usr/local/bin:/usr/bin:/bin timeout -k 5 240 sh "$1/scripts/submit.sh" --wait 2>&1 </dev/null)
	RC=$?
}
check "weft is not on PATH" no env PATH=/usr/local/bin:/usr/bin:/bin sh -c 'command -v weft'

mkdir here there
for d in here there; do
	cp -r "$HERE"/../../examples/log-count-ports/. $d/
	"$HERE/../../examples/log-count/gen-input" $d/log-count-data.txt
done
(cd here && "$WEFT" run -q log-count.weft > /dev/null 2>&1)
exported there log-count.weft
check "log-count" rc 0
check "all instances" says '5 of 5 instances have succeeded'
rm -rf here/.weft there/.weft there/scripts
check "the same files as on this machine" diff -r here there
rm -rf here there

# arrays of 120, 120 and 60; pairs of instances; a directory whose name Slurm could take for a pattern
mkdir here "there 100%j \\ 'x'"
ln -s "there 100%j \\ 'x'" there
cat > here/array.weft <<'W'
task many for i in 0..299 {
  out o = "out/~{i}.txt"
  run {
    echo ~{i} $BATCH_COMPUTE_DAG_INSTANCE_ID > ~{o}
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
cp here/array.weft there/
(cd here && "$WEFT" run -q array.weft > /dev/null 2>&1)
exported "$T/there 100%j \\ 'x'" array.weft
check "300 instances" rc 0
check "each with its own number" same there/total.txt "300 44850"
check "in three arrays and a job" [ "$(wc -l < "$(ls -d there/.weft/sbatch/job-*)/jobs")" = 4 ]
rm -rf here/.weft there/.weft there/scripts
check "the same files as on this machine" diff -r here there/
rm -rf here there "there 100%j \\ 'x'"

# failures: what needs them is cancelled, by Slurm or by what the scripts see
mkdir there
cat > there/fails.weft <<'W'
workflow "fails" {
  fail_fast = false
}
task bad for i in 0..2 {
  out o = "bad/~{i}"
  run {
    test ~{i} != 1 || exit 3
    touch ~{o}
  }
}
task next for i in 0..2 {
  in  p = bad[i].o
  out o = "next/~{i}"
  run "cp ~{p} ~{o}"
}
task all {
  in  ps = next[*].o
  out o = "all"
  run "cp /dev/null ~{o}"
}
task tries {
  retry 2 on exit(9)
  out o = "tries"
  run {
    test ~{attempt} = 3 || exit 9
    echo ~{attempt} > ~{o}
  }
}
W
exported there fails.weft
check "failures fail" rc 1
check "their pairs and sums have not run" says '5 of 8 instances have succeeded'
check "the others have" [ -e there/next/0 -a -e there/next/2 ]
check "nothing of the failed ones is there" absent there/next/1
check "retries" same there/tries 3
check "nothing waits any more" within 20 [ -z "$(squeue -h -o %i)" ]

# a site's partition that is not there: refused, and nothing is run
cat > there/weft.site <<'W'
engine slurm { partition = "no such" }
W
exported there fails.weft
check "a partition with a blank is one word" says 'invalid partition specified: no such'
check "nothing is run" says 'nothing is run'
check "nothing waits" [ -z "$(squeue -h -o %i)" ]
finish
