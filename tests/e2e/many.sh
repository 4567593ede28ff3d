# 1,000 instances, eight at a time; never more than eight, each exactly once
. "${0%/*}/lib.sh" || exit 1

cat > wf.weft <<W
task many for i in 0..999 {
  run "/bin/sh -c 'mkdir $T/now/\$\$ && echo ~{i} >> $T/seen; ls $T/now | wc -l >> $T/at_once; rmdir $T/now/\$\$'"
}
task last {
  after many
  run "touch $T/last"
}
W
cat > scatter.weft <<'W'
task square for i in 0..999 {
  out o = "sq/~{i}"
  run { 
    echo $((~{i} * ~{i})) > ~{o}
  }
}
task sum {
  in  all = square[*].o
  out o = "sum"
  run {
    cat ~{all} | awk '{ s += $1 } END { printf "%d\n", s }' > ~{o}
  }
}
W
mkdir now
run wf.weft -j8 --no-sandbox
check "1,000 instances end well" rc 0
check "each ran once" [ "$(sort -n seen | uniq | wc -l) $(wc -l < seen)" = "1000 1000" ]
check "never more than eight at once" [ "$(sort -n at_once | tail -n 1)" -le 8 ]
check "the task behind them ran" [ -e last ]
check "progress is not a line an instance" [ "$(printf '%s\n' "$OUT" | wc -l)" -lt 20 ]
run scatter.weft -j8
check "a gather over 1,000 outputs" same sum 332833500
finish
