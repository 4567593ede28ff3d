# two tasks, three instances, a gather: results are there, nothing else is
. "${0%/*}/lib.sh" || exit 1

printf 'a\nb\nc\nd\n' > in.txt
cat > wf.weft <<'W'
task split {
  in  log = file("in.txt")
  out part[2] = "parts/~{index}.txt"
  run {
    mkdir -p parts
    head -n 2 ~{log} > parts/0.txt
    tail -n 2 ~{log} > parts/1.txt
  }
}
task count for i in 0..1 {
  in  part = split.part[i]
  out n = "counts/~{i}.txt"
  run {
    wc -l < ~{part} > ~{n}
    echo "to stdout ~{i}"
    echo "to stderr ~{i}" >&2
  }
}
task merge {
  in  ns = count[*].n
  out sum = "sum.txt"
  run {
    cat ~{ns} > ~{sum}
  }
}
W
run wf.weft
check "a workflow of three tasks ends well" rc 0
check "its result is right" same sum.txt "2
2"
check "intermediate files are at their names" same counts/1.txt 2
check "the last line counts" says "4 ok"
check "the run's directory is private" [ "$(stat -c %a .weft/runs/0001)" = 700 ]
check "stdout is in a file of its own" grep -rqsx "to stdout 1" .weft/runs/0001/logs
check "stderr is in a file of its own" grep -rqsx "to stderr 0" .weft/runs/0001/logs
check "no carriage return in plain output" silent_on "$(printf '\r')"
check "no work directory is left" [ -z "$(find .weft/runs/0001 -name in.txt)" ]
check "the run says how it ended" grep -q '"exit": 0' .weft/runs/0001/run.json
run wf.weft -q --force split
check "-q says one line" [ "$(printf '%s\n' "$OUT" | wc -l)" = 1 ]
check "the second run has a directory of its own" [ -d .weft/runs/0002 ]
run wf.weft -v --force split
check "-v shows commands" says "started"
finish
