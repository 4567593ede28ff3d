# weft export sbatch: the scripts do what weft does, byte for byte, whatever names hold; without Slurm, which a stand-in plays
# here (slurm-export.sh has the real one): it runs jobs one after the other when they are released
. "${0%/*}/lib.sh" || exit 1
mkdir bin sbatch.d
cat > bin/sbatch <<'S'
#!/bin/bash
# notes a job: its options, its script, its arguments
opt=()
while [[ $1 == -* ]]; do opt+=("$1"); shift; done
n=$(($(ls "$SLURM_FAKE" | wc -l) + 1))
declare -p opt > "$SLURM_FAKE/$n.job"
env > "$SLURM_FAKE/../env.$n"
script=("$@")
declare -p script >> "$SLURM_FAKE/$n.job"
cp "$1" "$SLURM_FAKE/$n.script" 2>/dev/null && mv "$SLURM_FAKE/$n.script" "$SLURM_FAKE/../script.$n"
[ ! -e "$SLURM_FAKE/../refuse" ] || [ "$n" -lt "$(cat "$SLURM_FAKE/../refuse")" ] || { echo "sbatch: error: no more" >&2; exit 1; }
echo "$n"
S
cat > bin/scontrol <<'S'
#!/bin/bash
case $1 in
show) echo "MaxArraySize            = ${FAKE_ARRAY:-1001}" ;;
release) echo "$2" >> "$SLURM_FAKE/../released" ;;
esac
S
cat > bin/scancel <<'S'
#!/bin/bash
echo "$@" > "$SLURM_FAKE/../cancelled"
S
# the first look runs everything; whoever depends on what failed is not run
cat > bin/squeue <<'S'
#!/bin/bash
shopt -s extglob
ok() { local d; for d in ${1//[,:]/ }; do case $d in after*) kind=$d ;; *) [ "$kind" = afterany ] || [ -e "$SLURM_FAKE/../ok.$d" ] || return 1 ;; esac; done; }
for job in $(ls "$SLURM_FAKE" | sort -n); do
	n=${job%.job}
	[ ! -e "$SLURM_FAKE/../ran.$n" ] || continue
	touch "$SLURM_FAKE/../ran.$n"
	. "$SLURM_FAKE/$job"
	array= dep= dir=
	for o in "${opt[@]}"; do
		case $o in
		--array=0-*) array=${o#--array=0-} ;;
		--dependency=*) dep=${o#*=} ;;
		--chdir=*) dir=${o#*=} ;;
		esac
	done
	ok "$dep" || continue
	good=yes
	for ((i = 0; i <= ${array:-0}; i++)); do
		(cd "$dir" && SLURM_JOB_ID=$n.$i SLURM_ARRAY_TASK_ID=${array:+$i} sh "$SLURM_FAKE/../script.$n" "${script[@]:1}" >> "$SLURM_FAKE/../said.$n" 2>&1) || good=
	done
	[ -z "$good" ] || touch "$SLURM_FAKE/../ok.$n"
done
S
chmod +x bin/*
export SLURM_FAKE=$T/sbatch.d WEFT_PATIENCE=0
slurm_stand_in() { # COMMAND...: with the stand-in, and without weft
	rm -rf "$SLURM_FAKE"/* "$T"/script.* "$T"/ok.* "$T"/ran.* "$T"/said.* "$T/released" "$T/cancelled"
	OUT=$(PATH=$T/bin:/usr/bin:/bin "$@" 2>&1 </dev/null)
	RC=$?
}
results() { (cd "$1" && find . \( -name .weft -o -name scripts \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum); }
both() { # WORKFLOW ARGS...: run here, export and run there; the same files
	rm -rf here there
	for d in here there; do
		mkdir -p "$d"
		[ ! -d input ] || cp -r input/. "$d"
		cp "$1" "$d/w.weft"
	done
	(cd here && "$WEFT" run -q w.weft "${@:2}" > ../log 2>&1)
	HERE_RC=$?
	(cd there && "$WEFT" export sbatch scripts w.weft "${@:2}" > ../exported 2>&1) || { OUT=$(cat exported) RC=1; return; }
	slurm_stand_in sh there/scripts/submit.sh --wait
}
same_files() { [ "$RC" = 0 ] && [ "$HERE_RC" = 0 ] && [ -n "$(results here)" ] && diff <(results here) <(results there); }
clean() { ! command -v shellcheck > /dev/null || shellcheck there/scripts/*.sh there/scripts/*.sbatch; }
command -v shellcheck > /dev/null || echo "# skip shellcheck: it is not installed"

# --- the guide's example, with packages
mkdir input
cp -r "$HERE"/../../examples/log-count-ports/. input
"$HERE/../../examples/log-count/gen-input" input/log-count-data.txt
both input/log-count.weft
check "log-count: the same files" same_files
check "its scripts are clean" clean
check "everything was submitted before anything could run" [ "$(cat released)" = 1 ]
rm -rf input

# --- names, values, scripts that a shell could take for something else
mkdir input
printf 'a b\n' > "input/in 'put\" \$x.txt"
cat > hostile.weft <<'W'
param quoted = "it's \"q\" $HOME `id` \\ %s"
table names = [
  { id = "a b", text = "x'y" },
  { id = "c$d", text = "`e`" },
  { id = "-rf", text = "\\n" },
  { id = "SCRIPT", text = "end\nof line\n" },
  { id = "~", text = "*" },
  { id = "é", text = "" },
]
task each for n in names {
  in  i = "in 'put\" $x.txt"
  out o = "out dir/~{n.id} 'q\".txt"
  env { V = "v=~{n.text}" "E" = "same $1" }
  run {
    cat ~{i} > ~{o}
    printf '%s|' "$V" "$E" "$quoted" ~{n.text} ~{n.id} "~{n.id}" '~{n.id}' "$(basename "$o")" >> ~{o}
    cat >> ~{o} <<SCRIPT
    here $V `echo x` \$1 ~{n.text}
SCRIPT
  }
}
task args for n in names {
  in  i = each[n].o
  out o = "args/~{n.id}=.txt"
  run "python3 -c 'import sys; open(sys.argv[2], \"w\").write(repr(sys.argv[1:]))' '~{n.text}' ~{o} ~{i} 'a\"b c' ''"
}
task python for n in names {
  in  i = args[n].o
  out o = "py/~{n.id}"
  run python3 {
    import os
    open(os.environ["o"], "w").write("$x `y` \\ " + open(os.environ["i"]).read())
  }
}
task all {
  in  xs = python[*].o
  out d: dir = "all"
  out link = "link.txt"
  run {
    mkdir -p all/sub
    for f in py/*; do cat "$f"; done > all/sub/cat
    cat ~{xs} | wc -c > all/n
    ln -s "$PWD/all/n" link.txt
    env | cut -d = -f 1 | sort > all/variables
  }
}
W
both hostile.weft
check "hostile names: the same files" same_files
check "their scripts are clean" clean
check "all of them" [ "$(find there/py -type f | wc -l)" = 6 ]
mkdir "100% 'dir\" \$(x)"
mv there "100% 'dir\" \$(x)/there"
cd "100% 'dir\" \$(x)/there" || exit 1
rm -rf .weft "out dir" args py all link.txt
"$WEFT" export sbatch scripts w.weft
slurm_stand_in sh scripts/submit.sh --wait
cd ../..
mv "100% 'dir\" \$(x)/there" there
check "in a directory with such a name, exported over the last one" same_files
rm -rf input

# --- arrays of a limited size, pairs of instances, requests that differ, attempts
cat > many.weft <<'W'
task many for i in 0..29 {
  cpu = i % 2 + 1
  out o = "many/~{i}"
  run "cp /dev/null ~{o}"
}
task one for i in 0..29 {
  out o = "one/~{i}"
  run {
    echo ~{i} $BATCH_COMPUTE_DAG_INSTANCE_ID > ~{o}
  }
}
task two for i in 0..29 {
  in  p = one[i].o
  in  q = many[i].o
  out o = "two/~{i}"
  run "cp ~{p} ~{o}"
}
task tries {
  mem = 100MB * attempt
  retry 3 on exit(9), missing
  out o = "tries.txt"
  run {
    test ~{attempt} != 1 || exit 9
    test ~{attempt} != 2 || exit 0
    echo ~{attempt} ~{mem} > ~{o}
  }
}
task sum {
  in  xs = two[*].o
  out o = "sum.txt"
  run {
    cat ~{xs} > ~{o}
  }
}
W
export FAKE_ARRAY=8
both many.weft
check "arrays in pieces: the same files" same_files
check "no array is larger than allowed" [ "$(grep -ho -e '--array=0-[0-9]*' sbatch.d/* | sort -u | tr '\n' ' ')" = "--array=0-5 --array=0-6 --array=0-7 " ]
check "pairs wait for pairs" grep -q 'aftercorr:' sbatch.d/*
check "requests are asked for" grep -q -e '--cpus-per-task=2' sbatch.d/*
check "the largest attempt's memory" grep -q -e '--mem=400M' there/scripts/tries.sbatch
unset FAKE_ARRAY

# --- failures: what needs the failed one is not run, and says so
cat > fails.weft <<'W'
workflow "fails" {
  fail_fast = false
}
task bad for i in 0..2 {
  out o = "bad/~{i}"
  run {
    echo on-stderr-~{i} >&2
    test ~{i} != 1 || exit 3
    touch ~{o}
  }
}
task next for i in 0..2 {
  in  p = bad[i].o
  out o = "next/~{i}"
  run "cp ~{p} ~{o}"
}
task silent {
  out o = "never"
  run "true"
}
task slow {
  time = 1s
  run "sleep 50"
}
task kills {
  run {
    kill -SEGV $$
  }
}
W
both fails.weft
LOGS=$(cat there/.weft/sbatch/*/logs/* said.*)
OUT="$OUT$LOGS"
check "failures fail" rc 1
check "how many have succeeded" says '2 of 9 instances have succeeded'
check "exit status" says 'bad[1]: exit status 3'
check "its standard error" says on-stderr-1
check "missing output" says 'silent: missing output never'
check "time limit" says 'slow: time limit of 1 s'
check "signal" says 'kills: killed by signal 11'
check "nothing half-done" absent there/bad/1
# a job that Slurm has forgotten counts as done for it: look oneself
run=$(ls -d "$T"/there/.weft/sbatch/job-*)
for i in 0 1; do
	(cd "$run/logs" && SLURM_JOB_ID=x SLURM_ARRAY_TASK_ID=$i PATH=/usr/bin:/bin sh "$T/there/scripts/next.sbatch" "$run" 0 > "$T/next.$i" 2>&1)
	echo $? >> next.rc
done
check "started all the same, it goes by what has really succeeded" [ "$(tr '\n' ' ' < next.rc)" = "0 1 " ]
check "and says so" grep -q 'next\[1\]: needs bad of the same number, which has not succeeded' next.1

# --- all or nothing
echo 3 > refuse
slurm_stand_in sh there/scripts/submit.sh
check "refused in the middle: an error" rc 1
check "nothing is run" says 'nothing is run'
check "what was submitted is cancelled" same cancelled "1 2"
check "and was never released" absent released
rm refuse

# --- streams in a store, env_pass, in_place, a store for files
mkdir bucket input
echo data > bucket/in.txt
echo plain > input/plain.txt
cat > stores.weft <<'W'
task t {
  env_pass = ["PASSED", "UNSET_ONE"]
  stdout = "oss://b/logs/"
  in  i = "oss://b/in.txt"
  out o = "oss://b/~{i}.out"
  out p = "passed.txt"
  run {
    cat ~{i} > ~{o}
    echo "${PASSED-no} ${UNSET_ONE-no}" > ~{p}
    echo said
  }
}
task in_place {
  in_place = true
  in  i = "plain.txt"
  out o = "placed.txt"
  run {
    cat ~{i} > ~{o}
    pwd -P > where.txt
  }
}
W
sed -i 's|oss://b/~{i}.out|oss://b/out.txt|' stores.weft
export PASSED='a, b' HELD='not this'
both stores.weft --store oss://b="$T/bucket"
export -n PASSED HELD
check "what is named goes along" grep -q '^PASSED=a, b' env.1
check "nothing else" no grep -q '^HELD=' env.1
check "stores" same bucket/out.txt data
check "variables of whoever submits" same there/passed.txt "a, b no"
check "no value of them is written down" no grep -rq 'a, b' there/scripts
check "in place" same there/where.txt "$T/there"
check "streams in a store" [ "$(cat bucket/logs/stdout.*.t.0 | sort -u)" = said ]
finish
