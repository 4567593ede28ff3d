# an unchanged workflow is not parsed again; every single change of what it is made of is seen, and damage is harmless
. "${0%/*}/lib.sh" || exit 1
unset WEFT_NO_CACHE WEFT_SITE
export XDG_CONFIG_HOME=$T/config

mkdir lib data config
cat > wf.weft <<'W'
use "lib/part.weft" as part
param n = 1
param list = "rows.tsv"
table rows = tsv(list, id = string)
task row for r in rows by id {
  out f = "out/~{r.id}.txt"
  run {
    echo "~{n} ~{r.id} ~{part.word}" > ~{f}
  }
}
task all {
  in  rows = row[*].f, data = files("data/*.txt")
  out f = "result.txt"
  run {
    cat ~{rows} ~{data} > ~{f}
  }
}
W
printf 'let word = "one"\n' > lib/part.weft
printf 'id\na\nb\n' > rows.tsv
printf 'id\nz\n' > other.tsv
echo d1 > data/1.txt

# result MADE|REUSED TEXT: the last run went well, parsed or did not, and made this
result() { rc 0 && says "compiled plan: $1" && [ "$(tr '\n' ' ' < result.txt)" = "$2" ]; }
cached() { find .weft/cache -name 'plan-*'; }

run wf.weft -v
check "the first run parses" result made "1 a one 1 b one d1 "
run wf.weft -v
check "the second does not" result reused "1 a one 1 b one d1 "
run wf.weft
check "... which is said with -v only" silent_on "compiled plan"
run wf.weft -v --jobs 1 --keep-going
check "options of the run alone do not matter" result reused "1 a one 1 b one d1 "
touch wf.weft rows.tsv lib/part.weft data
run wf.weft -v
check "touched files are the same files" result reused "1 a one 1 b one d1 "
cp wf.weft copy && mv copy wf.weft
run wf.weft -v
check "a rewritten file with the same content too" result reused "1 a one 1 b one d1 "

echo '# a comment' >> wf.weft
run wf.weft -v
check "source changed" result made "1 a one 1 b one d1 "
printf 'let word = "two"\n' > lib/part.weft
run wf.weft -v
check "used file changed, same size" result made "1 a two 1 b two d1 "
printf 'id\na\nc\n' > rows.tsv
run wf.weft -v
check "table changed" result made "1 a two 1 c two d1 "
touch -r rows.tsv stamp
printf 'id\na\ne\n' > rows.tsv
touch -r stamp rows.tsv
run wf.weft -v
check "table changed, mtime and size equal" result made "1 a two 1 e two d1 "
echo d2 > data/2.txt
run wf.weft -v
check "a listed directory gained a file" result made "1 a two 1 e two d1 d2 "
rm data/1.txt
run wf.weft -v
check "... and lost one" result made "1 a two 1 e two d2 "
echo x > data/x.csv
run wf.weft -v
check "a file that the pattern does not list is none of it" result reused "1 a two 1 e two d2 "

run wf.weft -v --set n=2
check "--set" result made "2 a two 2 e two d2 "
run wf.weft -v --set n=2
check "... again" result reused "2 a two 2 e two d2 "
run wf.weft -v --set n=3
check "--set with another value" result made "3 a two 3 e two d2 "
run wf.weft -v --set list=other.tsv
check "the table that a parameter names" result made "1 z two d2 "
printf 'id\ny\n' > other.tsv
run wf.weft -v --set list=other.tsv
check "... changed" result made "1 y two d2 "
run wf.weft -v
check "without --set all is as before" result reused "1 a two 1 e two d2 "
WEFT_PARAM_n=4 run wf.weft -v
check "a parameter of the environment" result made "4 a two 4 e two d2 "
WEFT_PARAM_n=4 run wf.weft -v
check "... again" result reused "4 a two 4 e two d2 "
WEFT_PARAM_n=5 run wf.weft -v
check "... with another value" result made "5 a two 5 e two d2 "
echo '{"n": 6}' > p.json
run wf.weft -v --params p.json
check "a parameter file" result made "6 a two 6 e two d2 "
run wf.weft -v --params p.json
check "... again" result reused "6 a two 6 e two d2 "
echo '{"n": 7}' > p.json
run wf.weft -v --params p.json
check "... changed" result made "7 a two 7 e two d2 "
check "no more than four are kept" [ "$(cached | wc -l)" -le 4 ]

run wf.weft -v
run wf.weft -v
check "before a site file" result reused "1 a two 1 e two d2 "
echo 'quota { tasks = 50 }' > weft.site
run wf.weft -v
check "a site file appeared" result made "1 a two 1 e two d2 "
run wf.weft -v
check "... again" result reused "1 a two 1 e two d2 "
echo 'quota { tasks = 60 }' > weft.site
run wf.weft -v
check "... changed" result made "1 a two 1 e two d2 "
rm weft.site
run wf.weft -v
check "... went away" result made "1 a two 1 e two d2 "
mkdir -p config/weft && echo 'quota { tasks = 60 }' > config/weft/site.weft
run wf.weft -v
check "the user's site file appeared" result made "1 a two 1 e two d2 "
run wf.weft -v --no-sandbox -r oss://b/x/:/x/ --store oss://b=.
check "a mapping" says "compiled plan: made"
run wf.weft -v --no-cache
check "--no-cache" result made "1 a two 1 e two d2 "
WEFT_NO_CACHE=1 run wf.weft -v
check "WEFT_NO_CACHE" result made "1 a two 1 e two d2 "
run wf.weft -v
check "... and without" result reused "1 a two 1 e two d2 "
mkdir sub
OUT=$(cd sub && "$WEFT" run ../wf.weft -v 2>&1 </dev/null)
RC=$?
check "another current directory" result made "1 a two 1 e two d2 "
cp "$WEFT" other-weft
if objcopy --remove-section .note.gnu.build-id other-weft 2>/dev/null; then
	OUT=$(./other-weft run wf.weft -v 2>&1 </dev/null)
	RC=$?
	check "another weft, without a build id" result made "1 a two 1 e two d2 "
fi
cp "$WEFT" other-weft
if command -v python3 > /dev/null && python3 - other-weft <<'P'
import sys
d = bytearray(open(sys.argv[1], 'rb').read())
i = d.find(b'\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0')
assert i >= 0
d[i + 16] ^= 1
open(sys.argv[1], 'wb').write(d)
P
then
	OUT=$(./other-weft run wf.weft -v 2>&1 </dev/null)
	RC=$?
	check "another build" result made "1 a two 1 e two d2 "
else
	echo "# skip another build: no python3, or no build id"
fi

# an error is told each time, and then nothing is reused
sed 's/~{n}/~{m}/' wf.weft > bad.weft
run bad.weft -v
run bad.weft -v
check "an error is told again" says E03
cat > warn.weft <<'W'
task t for i in [] { run "true" }
W
run warn.weft -v
run warn.weft -v
check "a warning is told again" says W0401
check "... so nothing was kept" says "compiled plan: made"
run warn.weft -v --allow W0401
run warn.weft -v --allow W0401
check "what is allowed says nothing and is kept" says "compiled plan: reused"
run warn.weft -v
check "... for those who allow it" says W0401

# messages while running show the source, unless it changed in the meantime
cat > late.weft <<'W'
task slow for i in 0..2 {
  run "true"
}
W
run late.weft -v
run late.weft -v 'slow[7]'
check "a message of a reused plan" says "compiled plan: reused"
check "... has its place" says "late.weft:1:6"

# damage: silently parsed again
rm -rf .weft/cache
run wf.weft -v
f=$(cached)
cp "$f" good
n=$(wc -c < good)
seen() { rc 0 && says "compiled plan: made" && silent_on "warning" && silent_on "error" && [ -s "$f" ]; }
bad=
for i in 0 1 7 8 40 87 88 89 200 $((n / 2)) $((n - 9)) $((n - 8)) $((n - 1)); do
	head -c "$i" good > "$f"
	run wf.weft -v
	seen || bad="$bad $i"
done
check "cut anywhere:$bad" [ -z "$bad" ]
RANDOM=${SEED:=$$}
for _ in $(seq 40); do
	at=$((RANDOM * 32768 + RANDOM))
	at=$((at % n))
	old=$(od -An -tu1 -j $at -N 1 good)
	cp good "$f"
	printf "\\$(printf %o $((old ^ (1 << RANDOM % 8))))" | dd of="$f" bs=1 seek=$at conv=notrunc status=none
	run wf.weft -v
	seen || bad="$bad $at"
done
check "a bit changed anywhere (SEED=$SEED):$bad" [ -z "$bad" ]
echo > "$f"
run wf.weft -v
check "other content" seen
rm -f "$f" && mkfifo "$f"
run wf.weft -v
check "a pipe in its place" seen
rm -f "$f" && mkdir "$f"
run wf.weft -v
check "a directory in its place" result made "1 a two 1 e two d2 "
rm -rf .weft/cache && echo > .weft/cache
run wf.weft -v
check "a file in the place of the directory" result made "1 a two 1 e two d2 "
rm -f .weft/cache

# a secret's value is not kept
cat > secret.weft <<'W'
param token: secret
param n = 1
task t {
  run "sh -c 'case $0 in hush*4711) ;; *) exit 1 ;; esac' ~{token} ~{n}" # weft: allow(secret-argument)
}
W
echo hush-hush-4711 > token
echo '{"token": "hush-hush-4711", "n": 3}' > p.json
for how in "--secret token=token" "--params p.json"; do
	# shellcheck disable=SC2086
	run secret.weft -v $how
	check "a secret of $how" rc 0
	# shellcheck disable=SC2086
	run secret.weft -v $how
	check "... is asked for again" says "compiled plan: reused"
	check "... and given" rc 0
done
WEFT_PARAM_token=hush-hush-4711 run secret.weft -v
WEFT_PARAM_token=hush-hush-4711 run secret.weft -v
check "a secret of the environment" says "compiled plan: reused"
check "no secret in what is kept" no grep -rqsa hush-hush .weft/cache
echo wrong > token
run secret.weft -v --secret token=token --force t
check "another secret" says "compiled plan: reused"
check "... is the one that counts" rc 1

if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=64k,mode=755 none small 2>/dev/null; then
	trap 'umount -l "$T/small"; cleanup' EXIT
	cp late.weft small/
	head -c 100000 /dev/zero > small/fill 2>/dev/null
	OUT=$("$WEFT" run -v small/late.weft 2>&1 </dev/null)
	check "a full disk does not keep it from parsing" says "compiled plan: made"
	check "... and nothing is left of it" [ -z "$(find small/.weft -name 'plan-*' -o -name 'new-*' 2>/dev/null)" ]
	rm -f small/fill
	"$WEFT" run small/late.weft > /dev/null 2>&1 </dev/null
	mount -o remount,ro none small
	OUT=$("$WEFT" run -v small/late.weft 2>&1 </dev/null)
	check "a file system that cannot be written does not matter to what is kept" says "compiled plan: reused"
	OUT=$("$WEFT" run -v small/late.weft --set a=1 2>&1 </dev/null)
	check "... nor to what is not" says "compiled plan: made"
	looks=
	for c in "plan late.weft" "plan --json late.weft" status history show "logs slow[1]" "why slow[1] -f late.weft" "clean --stale -n late.weft"; do
		# shellcheck disable=SC2086 # words
		(cd small && "$WEFT" $c > /dev/null 2>&1 </dev/null) || looks="$looks; $c"
	done
	check "... nor to commands that only look$looks" [ -z "$looks" ]
else
	echo "# skip full disk, read-only: no small file system can be mounted"
fi
finish
