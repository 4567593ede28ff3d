# weft store: whole or not at all, whatever happens; large directories in bounded memory; output that cannot be written
. "${0%/*}/lib.sh" || exit 1

mkdir bucket many
S="$WEFT store"
export WEFT_SITE=$T/weft.site
echo 'store "oss://bkt" { dir = "bucket" }' > weft.site
seq 30000 | (cd many && split -l 1 -a 4 - f)
n=$(ls many | wc -l)

# ended in the middle: what is there is whole, and nothing else is there
some() { [ -n "$(ls bucket/m 2>/dev/null | head -n 1)" ]; }
hidden() { ls -A bucket | grep -c '^\.weft-tmp-'; }
torn() { (cd bucket/m && find . -type f -empty); }
for sig in TERM KILL; do
	rm -rf bucket/m
	$S cp -r many oss://bkt/m > out 2>&1 &
	pid=$!
	within 20 some
	kill -$sig $pid
	wait $pid
	RC=$?
	OUT="status $RC, $(ls bucket/m | wc -l) of $n files"
	check "a copy dies of $sig" [ $RC -gt 128 ] # 30,000 files take longer than to see the first
	check "... and says nothing of it" same out ""
	check "every file that is there is whole" [ -z "$(torn)" ]
	check "nothing but files and what is hidden is there" [ "$(ls bucket)" = m ]
	[ $sig = KILL ] || check "nothing hidden is left" [ "$(hidden)" = 0 ]
done
check "what the killed copy has left is not listed" [ -z "$($S ls oss://bkt | grep -v '^m/$')" ]
$S sync many oss://bkt/m > out 2>&1
check "the next one brings the rest" grep -q "equal" out
check "... all of it" diff -rq many bucket/m
check "... and removes what was left" [ "$(hidden)" = 0 ]
OUT=$($S sync many oss://bkt/m)
check "then all are equal by size and time" says "0 copied, 30,000 equal (30,000 by size and time, 0 by content), 0 removed"
OUT=$($S ls oss://bkt/m/ | LC_ALL=C sort -c 2>&1; $S ls oss://bkt/m/ | wc -l)
check "30,000 names come in order" [ "$OUT" = 30000 ]
check "a reader that goes away ends the listing" [ "$($S ls -r oss://bkt | head -n 1)" = m/faaaa ]
OUT=$($S rm -ry oss://bkt/m 2>&1)
check "and all go at once" absent bucket/m

# standard output
head -c 300000 /dev/urandom > blob
$S cp blob oss://bkt/
$S cat oss://bkt/blob | cmp -s - blob
check "cat gives the bytes as they are" [ "${PIPESTATUS[0]}${PIPESTATUS[1]}" = 00 ]
$S cat oss://bkt/blob 2> out | head -c 10 > /dev/null
check "a reader that goes away kills it silently" [ "${PIPESTATUS[0]}" = 141 ]
check "... silently" same out ""
$S cat oss://bkt/blob 2> out > /dev/full
RC=$?
check "a full output is a failure" rc 4
check "... and said" grep -q "No space left" out
$S ls -r oss://bkt 2> out > /dev/full
RC=$?
check "a listing, too" rc 4

# names with every byte: what OSS allows comes through, and back
python3 - <<'P'
import os
os.mkdir(b"names")
for c in range(1, 256):
    b = bytes([c])
    if b != b"/":
        open(b"names/x" + b, "wb").write(b)
for u in ("中文 名.txt", "é", "a" * 255, "漢" * 85):
    open(b"names/" + u.encode(), "wb").write(u.encode())
P
$S cp -r --error-format short names oss://bkt/n > out 2>&1
RC=$?
OUT=$(cat out)
check "names that OSS does not allow are refused one by one" rc 1
check "... the others are there" [ "$(ls bucket/n | wc -l)" = 90 ]
check "... every refusal has its reason" [ "$(grep -c 'error.E0922' out)" = 168 ]
for want in "control character" "not UTF-8" 'one of \ : * ? " < > |'; do check "... $want" grep -qF "$want" out; done
check "what was copied is what it was" [ -z "$(for f in bucket/n/*; do cmp "$f" "names/${f##*/}"; done 2>&1)" ]
$S cp -r oss://bkt/n back
check "and comes back" diff -r bucket/n back

# links: what a hostile tree would have us read or write
mkdir -p hostile outside
echo secret > outside/secret
ln -s ../outside hostile/dir
ln -s ../outside/secret hostile/file
ln -s "$T/outside/secret" hostile/absolute
ln -s /proc/self/environ hostile/proc
mkfifo hostile/pipe
$S cp -r hostile oss://bkt/h > out 2>&1
check "nothing that links lead to is copied" absent bucket/h
check "... and each is named" [ "$(grep -c 'error.E0923' out)" = 5 ]
ln -s "$T/outside" bucket/away
$S cat oss://bkt/away/secret > out 2>&1
check "a link in a store leads nowhere" no grep -q '^secret' out
$S cp blob oss://bkt/away/blob > out 2>&1
RC=$?
OUT=$(cat out)
check "nor can be written through" absent outside/blob
check "... and says so" says "error[E0927]: \`oss://bkt/away/blob\` cannot be written: a file or link is where it needs a directory"
$S rm -ry oss://bkt/away > out 2>&1
$S sync --delete back oss://bkt/ > out 2>&1
check "removing removes the link, not what it leads to" same outside/secret secret
check "... really" absent bucket/away

# a directory that cannot be read, a target that cannot be written
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=256k,mode=755 none small 2>/dev/null; then
	trap 'umount -l "$T/small"; cleanup' EXIT
	$S --store oss://small=small cp blob names/é oss://small/ > out 2>&1
	RC=$?
	OUT=$(cat out)
	check "a full store is status 4" rc 4
	check "... and said once" [ "$(grep -c 'error.E0925' out)" = 1 ]
	check "... nothing half-written is there" [ -z "$(ls -A small)" ]
else
	echo "# skip full store: no small file system can be mounted"
fi

# a bar on a terminal, none elsewhere; only for what takes long
if command -v script > /dev/null; then
	TERM=xterm script -qec "stty cols 80; $S cp blob oss://bkt/short" log > /dev/null 2>&1 < /dev/null
	check "a short copy is silent on a terminal" no grep -q '%' log
	TERM=xterm script -qec "stty cols 80; $S cp -r many oss://bkt/bar" log > /dev/null 2>&1 < /dev/null
	check "a tree is there after a copy on a terminal" diff -r many bucket/bar
	if grep -q 'files' log; then
		check "a long one says how far it is of how much" grep -Eq '\[#*\.*\] +[0-9]+%  [0-9,]+ of 30,000 files' log
	else
		echo "# skip a bar: the copy did not last a second"
	fi
fi
finish
