# task[a][*].port: the instances that share one loop variable's value, in each dimension, also when the others are known late
cat > w.weft <<'W'
param letters: list(string) = ["x", "y,z"]
task parts {
  out p[] = glob("p*")
  run {
    touch p0 p1
  }
}
task cross for p in parts.p for l in letters for i in 1 .. 2 {
  in part = p
  out o[2] = "o/~{basename(p)}.~{l}.~{i}.~{index}"
  run {
    for f in ~{o}; do basename "$f" > "$f"; done
  }
}
task by_letter for l in letters {
  in all = cross[*][l][*].o
  out t = "by/~{l}"
  run {
    cat ~{all} > ~{t}
  }
}
task by_number for i in 1 .. 2 {
  in some = cross["p1"]["x"][*].o[0], also = cross[*]["y,z"][i].o[1]
  out t = "by/~{i}"
  run {
    cat ~{some} ~{also} > ~{t}
  }
}
task absent {
  in none = cross[*]["q"][*].o
  out t = "by/none"
  run {
    cat ~{none} > ~{t}
  }
}
W
weft run -q w.weft by_letter by_number >/dev/null; echo "= $?"
tail -n +1 by/*
weft run -q w.weft absent 2>&1 | grep -e FAILED -e why; echo "= $?"
