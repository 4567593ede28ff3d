# declared outputs: all of them or none, and only after success
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
task half {
  out a = "a.txt", b = "b.txt"
  run { 
    echo a > ~{a}
  }
}
W
run wf.weft
check "exit 0 without a declared output is a failure" rc 1
check "... with its cause" says "R105 missing output"
check "... which the command did not make" says 'why      the command did not make `b.txt`'
check "... and says which" says "b.txt"
check "... and publishes none of them" absent a.txt
OUT=$("$WEFT" show)
check "... and weft show says it in the same words" says 'the command did not make `b.txt`'

cat > old.weft <<'W'
task fails {
  out a = "a.txt"
  run { 
    echo new > ~{a}
    exit 1
  }
}
W
echo old > a.txt
run old.weft
check "a failed attempt leaves the former output alone" same a.txt old

cat > retry.weft <<'W'
task second {
  out a = "c.txt"
  retry 1 on missing
  run { 
    test ~{attempt} = 1 || echo second > ~{a}
  }
}
W
run retry.weft
check "a missing output can be retried" same c.txt second

mkdir sub
cat > names.weft <<'W'
task names {
  out a = "sub dir/it's \"quoted\" $HOME; *.txt", d: dir = "tree"
  run {
    mkdir -p "sub dir" ~{d}/deep
    echo odd > ~{a}
    echo inside > ~{d}/deep/file
  }
}
W
run names.weft
check "odd names work" same 'sub dir/it'"'"'s "quoted" $HOME; *.txt' odd
check "a directory can be an output" same tree/deep/file inside

cat > gone.weft <<'W'
task reads {
  in f = file("not-there.txt")
  run { 
    cat ~{f}
  }
}
W
run gone.weft
check "a missing input ends the run before or as a failure" no rc 0
check "... and is named" says "not-there.txt"
finish
