# weft check --shellcheck: findings at their places in the source; the program missing, and answering nonsense
cat > job.weft <<'E'
param parts = 3

task count for i in 1 .. 3 {
  in  part = "dir with blank/~{i}.txt"
  out sum  = "sum/~{i}.txt"
  run bash {
    set -eu
    n=$(cat ~{part} | wc -l)
        echo $n $part > ~{sum}; [ ~{parts} = 3 ] && echo 汉字 $unknown ~~{x}
    for f in `ls *.txt`; do
      echo "~{i}: $f"
    done
  }
}

task broken {
  run {
    if [ x = y ]; then
      echo ~{"it's"}
  }
}

task clean {
  in list = ["a b.txt", "c.txt"]
  run {
    cat ~{list} | sort
    # a comment
    if test -e "$list"; then exit 1; fi
  }
}

task not_a_shell {
  run python {
    if [ $x
  }
}
E
echo "- all"; weft check --shellcheck --error-format short job.weft; echo "= $?"
echo "- one in full"; weft check --shellcheck job.weft 2>&1 | sed -n '/SC2154/,/^$/p'
echo "- without"; weft check job.weft; echo "= $?"

mkdir bin
echo "- not there"; PATH=$PWD/bin "$(command -v weft)" check --shellcheck --error-format short job.weft; echo "= $?"
cat > bin/shellcheck <<'E'
#!/bin/sh
echo "$*" > args
cat > script
cat answer
E
chmod +x bin/shellcheck; PATH=$PWD/bin:$PATH
echo 'no json' > answer
echo "- nonsense"; weft check --shellcheck --error-format short job.weft; echo "= $?"
echo '{"comments":[]}' > answer
echo "- what it gets"; weft check -q --shellcheck job.weft; echo "= $?"; cat args script
# places outside of the script, values of the wrong type
echo '{"comments":[{"line":1,"column":1,"endLine":1,"endColumn":2,"level":"error","code":1,"message":"in the header"},
{"line":99,"column":-1,"endLine":0,"endColumn":2,"level":"error","code":2,"message":"nowhere"},
{"line":3,"column":7,"endLine":2,"endColumn":1,"level":"style","code":3,"message":"backwards."},
{"line":"x","level":3},7,{"line":999999,"column":999999,"endLine":999999,"endColumn":9999999,"level":"warning","code":4,"message":"behind the end"}]}' > answer
echo "- odd answers"; weft check --shellcheck --error-format short job.weft; echo "= $?"
