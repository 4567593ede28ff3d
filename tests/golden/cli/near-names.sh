# a misspelt file, target or key: the one that is nearly the same is named
cat > job.weft <<'W'
param ids = ["NA1", "NA2", "NB7"]
task split for s in ids {
  out o = "parts/~{s}.txt"
  run { touch ~{o} }
}
task merge {
  in  i = split[*].o
  out o = "merged.txt"
  run { cat ~{i} > ~{o} }
}
W
mkdir sub
cp job.weft sub/job.weft
weft check jbo.weft
weft check ./job
weft check sub/jobb.weft
weft check none/job.weft
weft plan job.weft merged.text
weft plan job.weft parts/NA.txt
weft plan job.weft mergee
weft plan job.weft 'split[NA11]'
weft plan job.weft 'split[7]'
