# weft plan, why, a kept plan, and its refusals (E1012, E1013)
cat > wf.weft <<'W'
workflow "wf"
param n = 2
task split {
  in log = "in.txt"
  out part[n] = "part/~{index}"
  run {
    split -n r/~{n} -d -a 1 ~{log} part/
  }
}
task count for i in 0 .. n - 1 {
  in part = split.part[i]
  out o = "count/~{i}"
  run {
    wc -l < ~{part} > ~{o}
  }
}
task sum {
  in all = count[*].o
  out o = "sum"
  run {
    cat ~{all} > ~{o}
  }
}
W
printf 'a\nb\nc\n' > in.txt
export COLUMNS=80
w() { echo "\$ weft $*"; weft "$@" 2>&1 | sed -E "s/[0-9a-f]{8} -> [0-9a-f]{8}/OLD -> NEW/; s/\"(old|new)\":\"[0-9a-f]{8}\"/\"\1\":\"HEX\"/g"; echo "status ${PIPESTATUS[0]}"; }
w plan
weft plan --detailed-exitcode > /dev/null; echo "detailed: $?"
weft run -q > /dev/null 2>&1; echo "run: $?"
w plan
touch in.txt
w plan --detailed-exitcode
sed -i 's/wc -l/wc -c/' wf.weft
w plan
w why sum
w plan 'count[1]' --json
w plan -o p.json
w plan -o p.weftplan
sed -i 's/wc -c/wc -m/' wf.weft
w run p.weftplan
echo '{}' > q.weftplan
w run q.weftplan
sed -i 's/wc -m/wc -c/' wf.weft
weft run p.weftplan -q 2>&1 | sed 's/, [0-9.]* s .*//'
w plan --force split
w plan nosuch
w plan count/1
rm sum
w why sum
# a plan may be kept in a directory that the workflow reads
mkdir data
printf 'workflow "d"\ntask t {\n  in  d: dir = "data"\n  out o = "o"\n  run {\n    ls ~{d} > ~{o}\n  }\n}\n' > d.weft
weft plan d.weft -o data/p.weftplan > /dev/null 2>&1
weft run data/p.weftplan -q 2>&1 | sed 's/, [0-9.]* s .*//'
