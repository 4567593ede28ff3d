# a scatter over files that are known only when the task that makes them has ended
. "${0%/*}/lib.sh"

cat > wf.weft <<'W'
param n: int = 5
task split {
  out part[] = glob("parts/*.txt")
  run {
    mkdir -p parts
    for i in $(seq ~{n}); do echo $i > parts/p$i.txt; done
  }
}
task twice for p in split.part {
  in  x = p
  out o = "twice/~{stem(p)}.out"
  run {
    echo $(( $(cat ~{x}) * 2 )) > ~{o}
  }
}
task sum {
  in  all = twice[*].o
  out o = "sum.txt"
  run {
    cat /dev/null ~{all} | awk '{ s += $1 } END { print s + 0 }' > ~{o}
  }
}
W
mkdir parts
echo 1000 > parts/stale.txt
run wf.weft -j2
check "instances are made when the files are known" rc 0
check "the gather sees them all, and no stale file" same sum.txt 30
check "counts are told" says "7 ok"
run wf.weft --set n=0
check "no file: no instance" same sum.txt 0
run wf.weft --set n=300 -j4
check "300 files" same sum.txt 90300
cat > read.weft <<'W'
task make {
  out p[] = glob("r/*.txt")
  run {
    mkdir r
    for i in 1 2 3; do echo $i > r/$i.txt; done
  }
}
task read {
  in  ps = make.p
  out o = "read.txt"
  run {
    cat ~{ps} > ~{o}
  }
}
W
run read.weft
check "files that were not known before, read as a list" same read.txt "$(printf '1\n2\n3')"
run read.weft
check "... are known the next time" says '2 instances current, nothing to do'
run wf.weft 'twice[2]'
check "an instance that is not known yet cannot be a target" rc 64
check "... and says so" says "E1002"
finish
