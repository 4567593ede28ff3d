# how failures are told: cause, stderr, places, what was skipped; equal ones are grouped
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
task good {
  out o = "good.txt"
  run { 
    echo fine > ~{o}
  }
}
task bad for i in 0..29 {
  out o = "bad/~{i}.txt"
  run {
    for k in $(seq 30); do echo "line $k of $i" >&2; done
    printf 'tab\there \033[31mred \377\n' >&2
    head -c 3000 /dev/zero | tr '\0' x >&2
    echo partial > ~{o}
    exit 3
  }
}
task after_bad {
  in  all = bad[*].o
  out o = "never.txt"
  run {
    cat ~{all} > ~{o}
  }
}
W
run wf.weft -k -j4
check "a failing task fails the run" rc 1
check "the cause has a code" says "R101 exit status 3"
check "the failed task is named with its instance" says "FAILED  bad["
check "equal failures are one entry" says "and 29 more"
check "the instances of the group are listed" says "instances 0, "
check "the end of stderr is shown" says "line 30 of"
check "... and only its end" silent_on "line 5 of"
check "control characters are escaped" says '\x1b[31mred \xff'
check "long lines are cut" says "[line cut]"
check "what needs it is skipped, and said" says "skipped  after_bad (needs it)"
check "there is a next step" says "Next:"
check "... with the options given" says "weft run wf.weft --keep-going --jobs 4    (again)"
check "the counts come last" says "30 failed, 1 ok, 1 skipped"
check "no output of a failed instance is published" absent bad/3.txt
check "what succeeded is published" same good.txt fine
work=$(printf '%s\n' "$OUT" | sed -n 's/^  work     //p' | head -n 1)
check "the work directory is kept" [ -n "$work" -a -d "$work" ]
check "... and holds what the task made" [ -n "$(find "$work" -name '*.txt' 2>/dev/null)" ]
err=$(printf '%s\n' "$OUT" | sed -n 's/^  stderr   \([^ ]*\).*/\1/p' | head -n 1)
check "the file of stderr is where it says" [ -s "$err" ]

cat > left.weft <<'W'
task bad {
  run "false"
}
task other {
  out o = "other.txt"
  run {
    touch ~{o}
  }
}
W
run left.weft -j1
check "with something left to do that does not need it, -k is proposed" says "(do what does not need it)"
cat > last.weft <<'W'
task first {
  out o = "first.txt"
  run {
    touch ~{o}
  }
}
task bad {
  in i = first.o
  out o = "bad.txt"
  run {
    false
  }
}
task after {
  in i = bad.o
  run "true"
}
W
run last.weft
check "... and not when everything else needs it" rc 1
check "... the same again is" says "weft run last.weft    (again)"

cat > cmd.weft <<'W'
task nothing { 
  run "this-program-does-not-exist --now"
}
W
run cmd.weft
check "a program that is not there is a failure" rc 1
check "... of its own kind" says "R106"
cat > sig.weft <<'W'
task shot { 
  run {
    kill -SEGV $$
  }
}
W
run sig.weft
check "a signal is named" says "R102 killed by signal 11 (SIGSEGV)"
finish
