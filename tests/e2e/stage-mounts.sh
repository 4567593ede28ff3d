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

printf 'task t {\n  mount "oss://bkt/" -> "%s/" : ro\n  run "true"\n}\n' "${PWD%/*}" > place.weft
run place.weft --store oss://bkt=store
check "a mount above the workspace is refused" says "error[E1064]"
finish
