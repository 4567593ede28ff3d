# file names with every byte but NUL and '/', 255 bytes, CJK, newlines, from one task's outputs into another's inputs, and in all that is
# printed and written about them
. "${0%/*}/lib.sh" || exit 1
command -v python3 > /dev/null || skip "no python3"

cat > make.py <<'P'
import os
every = bytes(b for b in range(1, 256) if b != ord("/"))
names = [every[:127], every[127:], b"x" * 255, "\u4e2d\u6587.txt".encode(), b"line\nbreak", b"-rf", b" ", b"\xff\xfe", b"a'b\"c$(id)`id`", b"{}*?[x]"]
os.makedirs("d", exist_ok=True)
for n in names:
    with open(b"d/" + n, "wb") as f:
        f.write(n)
P
cat > same.py <<'P'
import os, sys
d = sys.argv[1].encode()
bad = [n for n in os.listdir(d) if open(d + b"/" + n, "rb").read() != n]
print(len(os.listdir(d)), "files,", len(bad), "wrong")
P
cat > wf.weft <<'W'
task make {
  in program = "make.py"
  out d[] = glob("d/*")
  run "python3 ~{program}"
}
task use {
  in program = "same.py"
  in files = make.d
  out said = "said.txt"
  run {
    python3 ~{program} d > ~{said}
  }
}
W
run wf.weft --events events
check "they go from task to task" rc 0
check "... whole" same said.txt "10 files, 0 wrong"
check "... and into the workspace" [ "$(python3 same.py d)" = "10 files, 0 wrong" ]
run wf.weft
check "they are found again" says "nothing to do"
printf x >> d/-rf
run wf.weft
check "one that has changed is made again" rc 0
check "... and is what it was" [ "$(python3 same.py d)" = "10 files, 0 wrong" ]
json() { python3 -c 'import json, sys
for text in (sys.stdin.buffer.read().split(b"\n") if sys.argv[1:] else [sys.stdin.buffer.read()]):
    if text: json.loads(text.decode("utf-8"))' "$@"; }
rm -f said.txt
for c in "plan --json wf.weft" "status --json" "show --json" "history --json" "report --json"; do
	# shellcheck disable=SC2086
	"$WEFT" $c > out.json 2> err
	check "weft $c prints JSON in UTF-8" json < out.json
done
check "events are JSON lines in UTF-8" json lines < events
"$WEFT" report out.html
check "the report is UTF-8" python3 -c 'open("out.html", encoding="utf-8").read()'
"$WEFT" why said.txt > why.txt 2>&1
"$WEFT" plan -v wf.weft >> why.txt 2>&1
check "what is printed for people has no control characters" no grep -qP '[\x00-\x08\x0b-\x1f]' why.txt

# the same names in a store: those that the service does not allow are refused one by one, the rest is copied
mkdir bkt
OUT=$("$WEFT" store cp -r --store oss://bkt=bkt d oss://bkt/d 2>&1)
RC=$?
check "a store refuses names that the service does not have" rc 1
check "... by their code" says "E09"
check "... and takes the others" [ -f "bkt/d/中文.txt" -a -f "bkt/d/$(printf 'x%.0s' $(seq 255))" -a -f "bkt/d/-rf" ]
"$WEFT" store ls -r --json --store oss://bkt=bkt oss://bkt/ > out.json
check "its list is JSON" json < out.json
mkdir got
"$WEFT" store cp -r --store oss://bkt=bkt oss://bkt/d got > out 2>&1
check "and all of it comes back" diff -r bkt/d got

# the same through mappings: a file server's directory in, out, and a log
mkdir mapped && cd mapped || exit 1
cp ../make.py ../same.py .
mkdir nas && (cd nas && python3 ../make.py && mv d in)
cat > wf.weft <<'W'
defaults { timeout = 1h package = ["make.py", "same.py"] }
task t {
  input "nas://host:/share/in/" -> "/weft-e2e/in/"
  output "/weft-e2e/d/" -> "nas://host:/share/out/"
  log "/weft-e2e/log/a b\\c'$(x)\n.log" -> "nas://host:/share/logs/"
  run {
    python3 same.py /weft-e2e/in
    here=$PWD
    cd /weft-e2e && python3 "$here/make.py"
    echo logged > "/weft-e2e/log/a b\\c'\$(x)
.log"
  }
}
W
printf 'store "nas://host:/share" { dir = "nas" }\n' > weft.site
run wf.weft
case $OUT in
*E1060*) echo "# skip mappings: no mount namespaces here" ;;
*)
	check "mappings of directories with such names, by the site file" rc 0
	check "... in" [ "$(cat .weft/runs/*/logs/stdout.*.t.0)" = "10 files, 0 wrong" ]
	check "... out" [ "$(python3 same.py nas/out)" = "10 files, 0 wrong" ]
	check "... and a log" grep -qx logged "$(echo nas/logs/a*)"
	run wf.weft
	check "... and nothing is to do then" says "nothing to do"
	;;
esac
finish
