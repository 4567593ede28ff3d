# targets: a task, an instance, a range; what they need and nothing else
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<'W'
task a for i in 0..9 {
  out o = "a/~{i}"
  run { 
    echo ~{i} > ~{o}
  }
}
task b for i in 0..9 {
  in  x = a[i].o
  out o = "b/~{i}"
  run { 
    cat ~{x} > ~{o}
  }
}
task c {
  in  all = b[*].o
  out o = "c"
  run { 
    cat ~{all} > ~{o}
  }
}
W
run wf.weft 'b[3]'
check "one instance" rc 0
check "... and the one it needs" [ "$(ls a b | tr '\n' ' ')" = "a: 3  b: 3 " ]
rm -rf a b
run wf.weft 'b[3-5]'
check "a range" [ "$(ls b | tr '\n' ' ')" = "3 4 5 " ]
rm -rf a b
run wf.weft a
check "a task" [ "$(ls a | wc -l)" = 10 ]
check "... and nothing behind it" absent b
run wf.weft bb
check "an unknown task is a usage error" rc 64
check "... with a proposal" says 'did you mean `b`?'
run c wf.weft
check "the workflow behind the target is pointed to" says 'the file of a workflow stands before the targets'
run wf.weft 'b[10]'
check "an unknown instance too" rc 64
finish
