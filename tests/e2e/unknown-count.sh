# a scatter over files that are known only when the task that makes them has ended
. "${0%/*}/lib.sh" || exit 1

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
"$WEFT" report page.html 2> /dev/null
check "the report's picture has the count that the run had" grep -Eq '(×|&#215;|&times;)5<' page.html
check "... and no question mark" [ -z "$(grep -E '(×|&#215;|&times;)[?]' page.html)" ]
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

# temp outputs that are gone are made again where what reads them turns out to run, though its count was not known before
mkdir temp && cd temp || exit 1
cat > wf.weft <<'W'
task ref {
  out r = "ref.tmp" { temp = true }
  run {
    echo ref > ~{r}
  }
}
task split {
  in  s = "in.txt"
  out part[] = glob("p/*.txt")
  run {
    mkdir -p p
    split -l1 --additional-suffix=.txt ~{s} p/
  }
}
task up for f in split.part {
  in  x = f, r = ref.r
  out o = "up/~{basename(f)}" { temp = true }
  run {
    cat ~{r} ~{x} > ~{o}
  }
}
task all {
  in  x = up[*].o
  out o = "all.txt"
  run {
    cat ~{x} > ~{o}
  }
}
W
printf 'a\nb\n' > in.txt
run wf.weft
check "temp outputs behind an unknown count" rc 0
check "... are gone afterwards" absent up/aa.txt
run wf.weft
check "... and cause nothing" says "nothing to do"
echo c >> in.txt
run wf.weft
check "one element more" rc 0
check "... and the result has all" same all.txt "$(printf 'ref\na\nref\nb\nref\nc')"
check "... and the temp outputs are gone again" absent up/aa.txt
run wf.weft
check "... and cause nothing again" says "nothing to do"
echo a > in.txt
run wf.weft
check "fewer elements" same all.txt "$(printf 'ref\na')"
cd ..

# the same of what a glob has found: its reader runs for another reason
mkdir found && cd found || exit 1
cat > wf.weft <<'W'
task made for i in 0 .. 2 {
  in  s = "in.txt"
  out part[] = glob("p/~{i}/*.txt") { temp = true }
  run {
    mkdir -p p/~{i}
    for k in a b; do cat ~{s} > p/~{i}/$k.txt; done
  }
}
task split {
  in  s = "how.txt"
  out q[] = glob("q/*.txt")
  run {
    mkdir -p q
    split -l1 --additional-suffix=.txt ~{s} q/
  }
}
task pair for i in 0 .. 2 {
  in  x = made[i].part
  out o = "pair/~{i}"
  run {
    cat ~{x} > ~{o}
  }
}
task join for f in split.q {
  in  x = f, y = made[*].part
  out o = "join/~{basename(f)}"
  run {
    cat ~{x} ~{y} > ~{o}
  }
}
W
echo in > in.txt
echo one > how.txt
run wf.weft
check "temp outputs that a glob has found are gone when they were read" absent p/0/a.txt
check "... and the result has them" same join/aa.txt "$(printf 'one\nin\nin\nin\nin\nin\nin')"
run wf.weft
check "... and cause nothing" says "nothing to do"
echo edited > pair/1
run wf.weft pair
check "only the one that is read is made again" says "2 ok"
check "... for who reads it" same pair/1 "$(printf 'in\nin')"
printf 'one\ntwo\n' > how.txt
run wf.weft
check "all are made again where it cannot be foreseen who reads them" rc 0
check "... for who reads them" same join/ab.txt "$(printf 'two\nin\nin\nin\nin\nin\nin')"
check "... and are gone again" absent p/0/a.txt
cd ..

# what was known at first is not any more when a temp output that is needed again may make it another
mkdir other && cd other || exit 1
cat > wf.weft <<'W'
task made {
  out n = "n.tmp" { temp = true }
  run {
    date +%s%N > ~{n}
  }
}
task split {
  in  n = made.n
  out q[] = glob("q/*")
  run {
    mkdir -p q
    echo x > q/$(cat ~{n})
  }
}
task each for f in split.q {
  in  x = f
  out o = "each/~{basename(f)}"
  run "cp ~{x} ~{o}"
}
task tell {
  in  n = made.n, s = "in.txt"
  out o = "tell.txt"
  run {
    cat ~{n} ~{s} > ~{o}
  }
}
W
echo a > in.txt
run wf.weft
check "elements named by a temp output" same each/"$(sed -n 1p tell.txt)" x
echo b > in.txt
run wf.weft
check "... which is made again, and another" rc 0
check "... by which others read" same each/"$(sed -n 1p tell.txt)" x
cd ..
finish
