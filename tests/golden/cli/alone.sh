# weft exec and weft shell refuse what is not one instance that can be staged
cat > w.weft <<'E'
task a for i in 0..2 { run "true" }
task b {
  in f = "missing.txt"
  run "cat ~{f}"
}
task c {
  in_place = true
  run "true"
}
E
weft exec w.weft --allow warnings a; echo "= $?"
weft shell w.weft --allow warnings 'a[7]' -c true; echo "= $?"
weft exec w.weft --allow warnings b; echo "= $?"
weft exec w.weft --allow warnings c; echo "= $?"
weft exec w.weft --allow warnings; echo "= $?"
weft exec w.weft --allow warnings nobody; echo "= $?"
