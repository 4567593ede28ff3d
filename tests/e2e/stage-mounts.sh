# mounts and mappings: seen at absolute paths, private while the task runs, published when it has succeeded
. "${0%/*}/lib.sh" || exit 1

mkdir -p store/lc
echo a > store/lc/d.txt
echo old > store/lc/old.txt
cat > wf.weft <<'W'
defaults { timeout = 1h }
task one {
  mount "oss://bkt/lc/" -> "/weft-e2e/input/" : ro
  mount "oss://bkt/lc/" -> "/weft-e2e/output/" : rw
  run {
    cat /weft-e2e/input/d.txt > /weft-e2e/output/e.txt
    echo private > /weft-e2e/input/d.txt
    rm /weft-e2e/output/old.txt
    mkdir -p /weft-e2e/output/deep/er
    echo deep > /weft-e2e/output/deep/er/f.txt
  }
}
task two for i in 1..8 {
  after one
  mount "oss://bkt/lc/" -> "/home/weft-e2e/" : ro
  output "/weft-out/" -> "oss://bkt/res/"
  log "/var/log/weft-e2e.log" -> "oss://bkt/logs/"
  stdout = "oss://bkt/logs/"
  run {
    cat /home/weft-e2e/e.txt /home/weft-e2e/deep/er/f.txt > /weft-out/r~{i}.txt
    echo ~{i} > /var/log/weft-e2e.log
    ls /usr/bin /weft-out
  }
}
W
run wf.weft
check "a bucket without a directory is refused before anything runs" says "error[E1061]: no directory stands for \`oss://bkt\`"
check "... and the option to give is named" says "weft run --store oss://bkt=DIR"
run wf.weft --store oss://bkt=nowhere
check "a store that is not there is refused" says "error[E1062]"
run wf.weft --store oss://bkt=store --no-sandbox
check "mounts need the sandbox" says "error[E1060]"
run wf.weft --store oss://bkt=store -j4
case $OUT in *E1060*) skip "no mount namespaces here" ;; esac
check "mounts work" rc 0
check "what is written to a read-only mount stays private" same store/lc/d.txt a
check "what is written to a writable one is published" same store/lc/e.txt a
check "... in any depth" same store/lc/deep/er/f.txt deep
check "a removed file is removed" absent store/lc/old.txt
check "a later task sees it, and its output mapping is published" same store/res/r1.txt "a
deep"
check "instances publish into one directory together" [ "$(ls store/res | wc -l)" = 8 ]
check "log mappings have the service's names" [ "$(cat store/logs/weft-e2e.log.job-*.two.* | sort | tr -d '\n')" = 12345678 ]
check "stdout goes to the store" [ "$(ls store/logs/stdout.job-*.two.* | wc -l)" = 8 ]
check "... and the run's logs lead to it" cmp -s store/logs/stdout.job-*.two.3 "$(ls .weft/runs/*/logs/stdout.job-*.two.3 | tail -n 1)"
check "each instance saw its own output directory only" [ "$(cat store/logs/stdout.*.two.3 | sed -n '/weft-out/,$p' | tail -n 1)" = r4.txt ]
for d in /weft-e2e /weft-out /home/weft-e2e /var/log/weft-e2e.log; do
	check "nothing is left at $d" absent "$d"
done
check "no overlay's remains in the run" [ -z "$(find .weft -path '*/m/*')" ]

cat > bad.weft <<'W'
defaults { timeout = 1h }
task t {
  mount "oss://bkt/lc/" -> "/home/weft-e2e/" : rw
  output "/weft-out/" -> "oss://bkt/none/"
  log "/weft-out/half.log" -> "oss://bkt/faillogs/"
  run {
    echo half > /home/weft-e2e/half.txt
    echo half > /weft-out/half.txt
    echo said > /weft-out/half.log
    exit 3
  }
}
W
run bad.weft --store oss://bkt=store
check "a failing task" rc 1
check "... publishes nothing" absent store/lc/half.txt
check "... at all" absent store/none
check "... but its logs" [ "$(cat store/faillogs/half.log.job-*.t.0)" = said ]

# locks: the processes of an instance see each other's, those of another instance do not, unless the directory is the machine's own
mkdir shared
opened "$PWD/shared"
cat > locks.py <<'P'
import fcntl, os, subprocess, sys

def busy(path, lock):  # by another process
    code = "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.%s(f, fcntl.LOCK_EX | fcntl.LOCK_NB)" % lock
    return subprocess.call([sys.executable, "-c", code, path], stderr=subprocess.DEVNULL) != 0

who, mount, shared = sys.argv[1:]
held = []
for lock in "flock", "lockf":
    f = open(mount, "r+")
    getattr(fcntl, lock)(f, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails if the other instance's lock counts
    held.append(f)
    print(lock, "seen" if busy(mount, lock) else "unseen")
with open(shared + "/turn", "a") as turn:  # one after the other
    fcntl.flock(turn, fcntl.LOCK_EX)
    n = int(open(shared + "/n").read())
    open(shared + "/n", "w").write(str(n + 1))
os.close(os.open(shared + "/" + who, os.O_CREAT | os.O_WRONLY))
os.read(os.open(shared + "/go", os.O_RDONLY), 1)  # both hold their locks on the mount until both have come here
P
cat > lock.weft <<W
defaults { timeout = 1min lock = true package = "locks.py" }
task t for i in 1..2 {
  mount "oss://bkt/lc/" -> "/home/weft-e2e/" : rw
  run "python3 locks.py i~{i} /home/weft-e2e/d.txt $PWD/shared"
}
W
echo 0 > shared/n
mkfifo shared/go
"$WEFT" run lock.weft -j2 --cpus 2 --store oss://bkt=store > said 2>&1 < /dev/null &
pid=$!
both() { [ -e shared/i1 ] && [ -e shared/i2 ]; }
check "two instances hold locks of one file on a mount, each for itself" within 30 both
exec 8<> shared/go
printf xx >&8 # one for each; they may come late
wait "$pid"
exec 8>&-
OUT=$(cat said .weft/runs/*/logs/stderr.*t.* 2>/dev/null) RC=$?
check "... which their own processes see, flock and fcntl" [ "$(cat .weft/runs/*/logs/stdout.*.t.* | sort | uniq -c | tr -s ' \n' ' ')" = " 2 flock seen 2 lockf seen " ]
check "a lock in a directory of the machine lets them take turns" same shared/n 2
OUT=$("$WEFT" check --engine local lock.weft 2>&1)
check "what \`lock\` does not do here is noted" says "takes no notice of file locks between instances"
unset WEFT_SITE

printf 'task t {\n  mount "oss://bkt/" -> "%s/" : ro\n  run "true"\n}\n' "${PWD%/*}" > place.weft
run place.weft --store oss://bkt=store
check "a mount above the workspace is refused" says "error[E1064]"
finish
