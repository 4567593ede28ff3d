# locale: the program sees the names of files on its mounts in its own character set, and what it writes is stored in UTF-8
. "${0%/*}/lib.sh"

fill() { # a store as it is at first
	rm -rf store
	mkdir -p store/d/目录/下 store/plain
	echo 内容 > store/d/目录/文件.txt
	echo deep > store/d/目录/下/深.txt
	echo old > store/d/旧.txt
	echo a > store/d/a.txt
	ln -s 目录/文件.txt store/d/链接
	echo p > store/plain/p.txt
}
# GBK of the names above; the shell of a task has the locale C and takes them as bytes
cat > names.sh <<'W'
dir=$(printf '\304\277\302\274') file=$(printf '\316\304\274\376').txt below=$(printf '\317\302') deep=$(printf '\311\356').txt
old=$(printf '\276\311').txt link=$(printf '\301\264\275\323') fresh=$(printf '\326\320').txt
W
cat > wf.weft <<'W'
defaults { timeout = 1h locale = "GBK" package = "names.sh" }
task reads {
  mount "oss://bkt/d/" -> "/weft-e2e/in/" : ro
  mount "oss://bkt/plain/" -> "/weft-e2e/plain/" : ro
  run {
    . ./names.sh
    set -e
    cd /weft-e2e/in
    ls -R | od -An -c > /dev/null
    test "$(find . -type f | wc -l)" = 4
    test ! -e 目录
    cat a.txt "$dir/$file" "$dir/$below/$deep" "$link" /weft-e2e/plain/p.txt
    echo mine > "$dir/$file"
  }
}
task writes {
  after reads
  mount "oss://bkt/d/" -> "/weft-e2e/io/" : rw
  output "/weft-e2e/out/" -> "oss://bkt/res/"
  run {
    . ./names.sh
    set -e
    cd /weft-e2e/io
    echo more >> "$dir/$file"
    echo neu > "$fresh"
    rm "$old"
    mkdir "$fresh.d" && echo f > "$fresh.d/$deep"
    mv "$dir/$below" "$below"
    echo r > "/weft-e2e/out/$fresh"
  }
}
W
mkdir -p store
fill
run wf.weft --store oss://bkt=store
case $OUT in *E1060*) skip "no mount namespaces here" ;; esac
check "a task that has names in GBK" rc 0
log() { cat .weft/runs/*/logs/stdout.job-*."$1".*; }
check "... reads its files by them, with contents as stored" [ "$(log reads)" = "a
内容
deep
内容
p" ]
check "what it changes on a read-only mount stays private" [ "$(sed -n 1p store/d/目录/文件.txt)" = 内容 ]
check "what it changes on a writable one is stored under the name in UTF-8" same store/d/目录/文件.txt "内容
more"
check "... what it makes, too" same store/d/中.txt neu
check "... in any depth" same store/d/中.txt.d/深.txt f
check "... what it removes is removed" absent store/d/旧.txt
check "... what it renames is renamed" same store/d/下/深.txt deep
check "... away" absent store/d/目录/下
check "an output mapping likewise" same store/res/中.txt r
check "no name in GBK is in the store" [ -z "$(find store | grep -av '^[ -~[:alpha:]]*$')" ]

cat > many.weft <<W
defaults { timeout = 1h locale = "GBK" }
task many for i in 1..6 {
  mount "oss://bkt/d/" -> "/weft-e2e/in/" : ro
  run {
    ls -d $PWD/.weft/runs/*/work/.names-* | wc -l
  }
}
W
run many.weft --store oss://bkt=store -j4
check "instances share one copy with converted names" [ "$(log many | sort -un | tr '\n' ' ')" = "1 " ]
check "... which is gone at the end" [ -z "$(find .weft -name '.names-*')" ]

# the character set is part of what a task does
cat > again.weft <<'W'
task t {
  locale = "GBK"
  mount "oss://bkt/d/" -> "/weft-e2e/in/" : ro
  run "ls /weft-e2e/in"
}
W
run again.weft --store oss://bkt=store
run again.weft --store oss://bkt=store
check "nothing to do" says "nothing to do"
sed -i 's/GBK/BIG5/' again.weft
fill
run again.weft --store oss://bkt=store
check "another character set: simplified characters have no name in BIG5" rc 1
check "... and the first that has none is named" says "in \`$PWD/store/d\` cannot be written in BIG5: rename it, or set another \`locale\`"
rm -r store/d/*
echo > store/d/$'\344\270\255' # in both
run again.weft --store oss://bkt=store
check "... others have" rc 0
check "... so the task ran again" says "1 ok"
sed -i 's/BIG5/UTF-8/' again.weft
run again.weft --store oss://bkt=store
check "UTF-8 converts nothing" [ "$(log t | tail -n 1)" = 中 ]

# names that cannot be converted, or would become others
cat > bad.weft <<'W'
task t {
  locale = "SHIFT-JIS"
  mount "oss://bkt/d/" -> "/weft-e2e/in/" : ro
  run "ls /weft-e2e/in"
}
W
for n in 😀 $'a\302\245b' $'bad\377name' $'new\nline\342\202\254'; do # not in it; a yen sign, which would be a backslash; no UTF-8; a euro sign
	rm -rf store/d && mkdir store/d
	: > "store/d/$n"
	run bad.weft --store oss://bkt=store
	check "a file that cannot be named fails the task ($(printf %q "$n"))" rc 1
	check "... and says so" says "cannot be written in SHIFT-JIS"
done
check "... with what a terminal must not see escaped" says 'new\x0aline'
rm -rf store/d && mkdir store/d
: > store/d/ソ.txt # its second byte is a backslash
run bad.weft --store oss://bkt=store
check "bytes that look like ASCII are none" rc 0
cat > refused.weft <<'W'
task t {
  locale = "EUC-KR"
  output "/weft-e2e/out/" -> "oss://bkt/refused/"
  run {
    echo good > /weft-e2e/out/good.txt
    echo bad > /weft-e2e/out/$(printf 'x\377y')
  }
}
W
run refused.weft --store oss://bkt=store
check "a name that is none in the character set is not stored" rc 1
check "... and said, escaped" says 'cannot store `x\xffy` in'
check "... nothing of the attempt is" absent store/refused/good.txt
finish
