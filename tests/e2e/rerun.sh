# one change at a time: what runs again is what must, each for the cause that is so, and a further run runs nothing
. "${0%/*}/lib.sh" || exit 1

mkdir base && cd base || exit 1
cat > wf.weft <<'W'
workflow "again"
param level = 1
param other = "x"
table rows = tsv("rows.tsv", id = string, file = file)

task prep {
  in  raw = "raw.txt"
  out clean = "out/clean.txt"
  package = "tools/"
  run {
    sh ./clean.sh ~{raw} > ~{clean}
  }
}

task count for r in rows by id {
  in  text = r.file, clean = prep.clean
  out n = "out/~{r.id}.n"
  env { UNIT = "lines" }
  image = "img-ubuntu-vpc"
  run {
    echo "$UNIT $(cat ~{text} ~{clean} | wc -l)" > ~{n}
  }
}

task sum {
  in  all = count[*].n
  out total = "out/sum.txt", log: dir = "out/log"
  run {
    mkdir -p ~{log}
    cat ~{all} > ~{total}
    cp ~{total} ~{log}/a; echo ~{level} > ~{log}/level
  }
}

task make {
  out t = "out/t.tmp" { temp = true }
  run {
    echo temp > ~{t}
  }
}

task use {
  in  t = make.t
  out u = "out/u.txt"
  run "cp ~{t} ~{u}"
}
W
mkdir tools data
echo 'tr a-z A-Z < "$1"' > tools/clean.sh
echo helper > tools/notes
printf 'raw one\nraw two\n' > raw.txt
for i in a b c; do echo "$i text" > data/$i; done
printf 'id\tfile\na\tdata/a\nb\tdata/b\nc\tdata/c\n' > rows.tsv
cd ..

# ran: the instances that the last run really ran, sorted: "count[b] sum"
ran() {
	python3 - "$1" <<'P'
import glob, json, sys
runs = sorted(glob.glob('.weft/runs/*/events.jsonl'))
keys = {'count': json.load(open('.keys'))} if glob.glob('.keys') else {}
done = set()
if len(runs) > int(sys.argv[1]):
    for line in open(runs[-1]):
        e = json.loads(line)
        if e['Event'] == 'OnInstanceFinished':
            k = keys.get(e['Task'])
            done.add(e['Task'] + ('[%s]' % k[e['InstanceId']] if k else ''))
print(' '.join(sorted(done)))
P
}
# planned OPTIONS: "task[key]=verdict ..." of what would surely run, then "task[key]?" of what may
planned() {
	$CLOCK "$WEFT" plan --json $OPT 2>/dev/null </dev/null | python3 -c '
import json, sys
p = json.load(sys.stdin)
out = []
for t in p["tasks"]:
    for i in t["instances"]:
        what = t["task"] + ("[%s]" % i["key"] if i["key"] else "")
        out.append(what + "?" if i["verdict"] == "maybe" else what + "=" + (i.get("part") or i["verdict"]).replace(" ", "-"))
print(" ".join(sorted(out)))'
}
# change NAME PLAN RAN COMMANDS: in a copy of a workspace that is current, after COMMANDS, PLAN is what weft plan says and
# RAN is what weft run runs; a run after that runs nothing
change() {
	rm -rf w && mkdir w && cp -r base/. w/ && cd w || exit 1
	OPT= CLOCK=
	echo '["a","b","c"]' > .keys
	OUT=$("$WEFT" run -q 2>&1) || { echo "not ok - $1: the first run"; BAD=1; }
	before=$(ls -d .weft/runs/* | wc -l)
	eval "$4"
	OUT="planned: $(planned)"
	check "$1: plan" [ "$OUT" = "planned: $2" ]
	OUT=$($CLOCK "$WEFT" run -q $OPT 2>&1 </dev/null)
	OUT="$OUT
ran: $(ran "$before")"
	check "$1: run" says "
ran: $3"
	OUT=$($CLOCK "$WEFT" run $OPT 2>&1 </dev/null)
	check "$1: then nothing" says "nothing to do"
	cd ..
}

all_counts="count[a]? count[b]? count[c]?"
none() { change "$1" "" "" "$2"; }

none "nothing" :
none "touched input" "touch raw.txt"
none "touched everything" "find . -path ./.weft -prune -o -type f -exec touch {} +"
none "same content written again" "cp raw.txt x; cat x > raw.txt; rm x"
none "same content as another file" "cp raw.txt x; mv x raw.txt"
none "output touched" "touch out/a.n"
none "mtime in the future" "touch -d 2040-01-01 raw.txt data/a out/a.n"
none "mtime long ago" "touch -d 1990-01-01 raw.txt data/a out/a.n"
none "input is a link to the same content" "mv raw.txt other.txt; ln -s other.txt raw.txt"
none "comment" "sed -i '1a # a comment' wf.weft"
none "layout" "$WEFT fmt wf.weft >/dev/null; sed -i 's/^  run {/\n  run {/; s/  in  raw/  in    raw/' wf.weft"
none "memory, cpu, time, priority, retries" "sed -i 's/^task sum {/task sum {\n  mem = 1MB\n  cpu = 1\n  time = 1h\n  priority = 3\n  retry 2/' wf.weft"
none "another order in the file" "python3 -c '
t = open(\"wf.weft\").read(); i = t.index(\"task make\"); j = t.index(\"task prep\")
open(\"wf.weft\", \"w\").write(t[:j] + t[i:] + t[j:i])'"
none "a parameter that nobody reads" "OPT='--set other=y'"
none "moved directory" "cd ..; mv w w2; mkdir w; mv w2/* w2/.[!.]* w/; rmdir w2; cd w"
none "copied directory" "cd ..; mv w w2; cp -r w2 w; rm -rf w2; cd w"
none "temp output is gone" "absent out/t.tmp || echo it is there"

change "input edited" "count[a]? count[b]? count[c]? prep=input sum?" "count[a] count[b] count[c] prep sum" "echo three >> raw.txt"
change "input edited, result the same" "$all_counts prep=input sum?" "prep" "printf 'RAW one\nraw TWO\n' > raw.txt"
change "equal mtime and size" "$all_counts prep=input sum?" "prep" "touch -r raw.txt ref; printf 'raw ONE\nraw two\n' > raw.txt; touch -r ref raw.txt; rm ref"
change "mtime backwards" "$all_counts prep=input sum?" "prep" "printf 'raw ONE\nraw two\n' > raw.txt; touch -d 2000-01-01 raw.txt"

# the clock is set back or forward between two runs; the kernel's file times stay as they are.  The sanitizers refuse a preload.
fake=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null)
clock() { CLOCK="env LD_PRELOAD=$fake NO_FAKE_STAT=1 FAKETIME=$1"; }
if [ -n "$fake" ] && env LD_PRELOAD="$fake" "$WEFT" --version >/dev/null 2>&1; then
	none "clock set back by three days" "clock -3d"
	none "clock set forward by three days" "clock +3d"
	none "clock set back, input touched" "clock -3d; touch raw.txt"
	change "clock set back, input edited" "$all_counts prep=input sum?" "prep" "clock -3d; printf 'raw ONE\nraw two\n' > raw.txt"
	change "clock set forward, equal mtime and size" "$all_counts prep=input sum?" "prep" \
		"clock +3d; touch -r raw.txt ref; printf 'raw ONE\nraw two\n' > raw.txt; touch -r ref raw.txt; rm ref"
	change "clock set back, output edited" "sum=output" "sum" "clock -3d; echo more >> out/sum.txt"
fi

change "one row's input" "count[b]=input sum?" "count[b] sum" "echo more >> data/b"
change "input replaced by a link" "count[b]=input sum?" "count[b] sum" "printf 'b\nb\n' > data/bb; rm data/b; ln -s bb data/b"
change "link's target changed" "count[b]=input sum?" "count[b] sum" "mv data/b data/bb; ln -s bb data/b; $WEFT run -q >/dev/null; echo more >> data/bb; before=\$(ls -d .weft/runs/* | wc -l)"
change "command" "sum=command" "sum" "sed -i 's/cat ~{all}/sort ~{all}/' wf.weft"
change "command of a scatter" "count[a]=command count[b]=command count[c]=command sum?" "count[a] count[b] count[c] sum" "sed -i 's/wc -l/wc -c/' wf.weft"
change "parameter" "sum=command" "sum" "OPT='--set level=2'"
change "parameter in the file" "sum=command" "sum" "sed -i 's/^param level = 1/param level = 7/' wf.weft"
change "environment" "count[a]=environment count[b]=environment count[c]=environment sum?" "count[a] count[b] count[c] sum" "sed -i 's/\"lines\"/\"rows\"/' wf.weft"
change "image" "count[a]=image count[b]=image count[c]=image sum?" "count[a] count[b] count[c]" "sed -i 's/img-ubuntu-vpc/img-ubuntu/' wf.weft"
change "interpreter" "sum=interpreter" "sum" "sed -i '/^task sum/,/^}/s/run {/run bash {/' wf.weft"
change "package file edited" "$all_counts prep=package sum?" "prep" "sed -i 's/\$/ /' tools/clean.sh"
change "package file added" "$all_counts prep=package sum?" "prep" "echo new > tools/new"
change "package file removed" "$all_counts prep=package sum?" "prep" "rm tools/notes"
change "package file may be run" "$all_counts prep=package sum?" "prep" "chmod +x tools/notes"
change "row added" "count[d]=new sum=names-of-files" "count[d] sum" "echo text > data/d; printf 'd\tdata/d\n' >> rows.tsv; echo '[\"a\",\"b\",\"c\",\"d\"]' > .keys"
change "row added in front" "count[d]=new sum=names-of-files" "count[d] sum" "echo text > data/d; sed -i '1a d\tdata/d' rows.tsv; echo '[\"d\",\"a\",\"b\",\"c\"]' > .keys"
change "row removed" "sum=names-of-files" "sum" "sed -i '/^b/d' rows.tsv"
change "row renamed" "count[B]=new sum=names-of-files" "count[B] sum" "sed -i 's/^b/B/' rows.tsv; echo '[\"a\",\"B\",\"c\"]' > .keys"
change "task renamed" "total=new" "total" "sed -i 's/^task sum/task total/' wf.weft"
change "output deleted" "sum=output-missing" "sum" "rm out/sum.txt"
change "output directory deleted" "sum=output-missing" "sum" "rm -r out/log"
change "file of an output directory edited" "sum=output" "sum" "echo x >> out/log/a"
change "intermediate deleted" "count[b]=output-missing sum?" "count[b]" "rm out/b.n"
change "output edited" "count[b]=output sum?" "count[b]" "echo x >> out/b.n"
change "output edited, same size and times" "count[b]=output sum?" "count[b]" "touch -r out/b.n ref; sed -i 's/lines/LINES/' out/b.n; touch -r ref out/b.n; rm ref"
change "output replaced by a directory" "count[b]=output sum?" "count[b]" "rm out/b.n; mkdir out/b.n"
change "name of an output" "sum=names-of-files" "sum" "sed -i 's/sum.txt/all.txt/' wf.weft"
change "temp output needed again" "make=temp-needed use=command" "make use" "sed -i 's/\"cp ~{t} ~{u}\"/\"cp -p ~{t} ~{u}\"/' wf.weft"


# --force, --touch, --failed, and a job whose inputs and outputs are mounts
rm -rf w && cp -r base w && cd w || exit 1
echo '["a","b","c"]' > .keys
run -q
run -q --force prep
check "forced: only that, its result is the same" [ "$(ran 1)" = prep ]
rm -rf .weft
echo temp > out/t.tmp
run --touch
check "--touch takes what is there" says "7 taken as made, 0 not"
run
check "... and nothing is run then" says "nothing to do"
echo more >> raw.txt
run --touch
run
check "--touch after an edit" says "nothing to do"
rm out/sum.txt
run --touch
check "--touch names what is missing" says "sum: not taken as made: out/sum.txt"
check "... and fails" rc 1
cd ..

# a temp output that is gone, whose maker might have been made to run but is not: its reader runs for another reason
mkdir gone && cd gone || exit 1
cat > wf.weft <<'W'
task count {
  in  s = "src.txt"
  out o = "count.txt"
  run {
    wc -l < ~{s} > ~{o}
  }
}
task made {
  in  n = count.o
  out o = "made.tmp" { temp = true }
  run "cp ~{n} ~{o}"
}
task both {
  in  t = made.o
  in  s = "src.txt"
  out o = "both.txt"
  run {
    cat ~{t} ~{s} > ~{o}
  }
}
W
echo a > src.txt
run
check "a temp output is gone when it was read" absent made.tmp
echo b > src.txt
run
check "it is made again, though what it is made of is the same" same both.txt "$(printf '1\nb')"
cd ..

# an output becomes temp, or is so no more
mkdir becomes && cd becomes || exit 1
cat > temp.txt <<'W'
workflow "w"
task made {
  in  s = "src.txt"
  out o = "made.txt" { temp = true }
  out d: dir = "made.d" { temp = true }
  run {
    mkdir ~{d}
    cp ~{s} ~{d}/x
    cp ~{s} ~{o}
  }
}
task both {
  in  t = made.o
  in  d = made.d
  in  s = "src.txt"
  out o = "both.txt"
  run {
    cat ~{t} ~{d}/x ~{s} > ~{o}
  }
}
W
sed 's/ { temp = true }//' temp.txt > wf.weft
echo a > src.txt
run
cp temp.txt wf.weft
run
check "an output that has become temp runs nothing" says "nothing to do"
rm both.txt
run
check "... and is gone when it was read again" absent made.txt
check "... a directory too" absent made.d
check "... by who ran" says "1 ok"
sed -i 's/ { temp = true }//' wf.weft
run
check "an output that is temp no more is made again" same made.txt a
check "... and its reader is cut off" says "1 ok, 1 cut off"
cd ..

mkdir failed && cd failed || exit 1
cat > wf.weft <<'W'
task t for i in 0 .. 3 {
  out o = "o/~{i}"
  run {
    [ ~{i} != 2 ] || exit 1
    echo ~{i} > ~{o}
  }
}
task u {
  out o = "u"
  run {
    echo u > ~{o}
  }
}
W
run -k t
check "one fails" rc 1
run --failed -k
check "--failed runs that one" rc 1
check "... and nothing else" absent u
check "... as R101" says "t[2]"
cd ..

mkdir mounts && cd mounts || exit 1
mkdir -p bucket/data
echo one > bucket/data/in.txt
cat > wf.weft <<'W'
task first {
  mount "oss://b/data/" -> "/home/data/" : rw
  run {
    tr a-z A-Z < /home/data/in.txt > /home/data/first.txt
  }
}
task second {
  mount "oss://b/data/" -> "/home/data/" : rw
  after first
  run {
    cat /home/data/first.txt /home/data/in.txt > /home/data/second.txt
  }
}
W
B="--store oss://b=bucket"
run -q $B
if [ "$RC" = 4 ]; then
	echo "# skip mounts: not possible here"
else
	check "mounts: it runs" rc 0
	run $B
	check "mounts: then nothing" says "2 instances current, nothing to do"
	touch bucket/data/in.txt bucket/data/first.txt
	run $B
	check "mounts: touched" says "nothing to do"
	echo two > bucket/data/in.txt
	run $B
	check "mounts: an object edited" says "2 ok"
	check "mounts: the result follows" grep -q TWO bucket/data/second.txt
	run $B
	check "mounts: nothing again" says "nothing to do"
	rm bucket/data/second.txt
	run $B
	check "mounts: what was published is gone" says "1 ok, 1 current"
	echo other > bucket/data/other.txt
	run $B
	check "mounts: an object more is an input more" says "2 ok"
fi
finish
