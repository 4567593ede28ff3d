# mounts, and file names in another character set, on the machines of a Slurm: the same as on this machine
. "${0%/*}/slurm-lib.sh" || exit 1
unshare -m true 2> /dev/null || skip "no mount namespaces here"
cluster 2
echo 'engine slurm { mounts = true }' > weft.site
fill() {
	rm -rf store .weft out
	mkdir -p store/d/目录
	echo one > store/d/a.txt
	echo 内容 > store/d/目录/文件.txt
	echo old > store/d/old.txt
}
# the names in GBK: \304\277\302\274 is 目录, \316\304\274\376 is 文件, \326\320 is 中
cat > wf.weft <<'W'
task reads for i in 0..2 {
  mount "oss://bkt/d/" -> "/weft-e2e/in/" : ro
  out o = "out/~{i}.txt"
  run {
    cat /weft-e2e/in/a.txt > ~{o}
    echo mine alone > /weft-e2e/in/a.txt
  }
}
task writes {
  after reads
  mount "oss://bkt/d/" -> "/weft-e2e/io/" : rw
  output "/weft-e2e/res/" -> "oss://bkt/res/"
  locale = "GBK"
  run {
    set -e
    cd /weft-e2e/io
    dir=$(printf '\304\277\302\274') file=$(printf '\316\304\274\376').txt
    cat "$dir/$file" > /weft-e2e/res/copy.txt
    echo more >> "$dir/$file"
    echo new > "$(printf '\326\320').txt"
    rm old.txt
  }
}
W
stored() { (cd store && find . -type f | sort && find . -type f | sort | xargs cat); }
fill
OUT=$("$WEFT" run wf.weft --store oss://bkt=store 2>&1)
RC=$?
check "on this machine" rc 0
here=$(stored; cat out/*.txt)
fill
srun_weft wf.weft --store oss://bkt="$PWD/store"
check "on the machines of a Slurm" rc 0
check "everything was run there" says '4 ok'
check "what was read and stored is the same" [ "$(stored; cat out/*.txt)" = "$here" ]
check "a new name is stored in UTF-8" same "store/d/中.txt" new
check "what was removed is gone" absent store/d/old.txt
check "what was read is what is stored" same store/res/copy.txt 内容
check "what an instance writes into a mount that is only read stays its own" same store/d/a.txt one

# --- without the word for it nothing is submitted
: > weft.site
fill
srun_weft wf.weft --store oss://bkt="$PWD/store"
check "machines that are not said to allow mounts" says 'error[E1040]'
check "... get no job" queue_empty
finish
