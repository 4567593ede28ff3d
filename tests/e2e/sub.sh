# one command as a job: it runs, is found again by name, and runs again only when something has changed
. "${0%/*}/lib.sh" || exit 1
sub() {
	OUT=$("$WEFT" sub "$@" 2>&1 </dev/null)
	RC=$?
}
weft() {
	OUT=$("$WEFT" "$@" 2>&1 </dev/null)
	RC=$?
}
printf 'import os\nprint("n", os.environ["BATCH_COMPUTE_DAG_INSTANCE_ID"], os.environ["A"])\n' > test.py
sub 'python3 test.py' hello -p ./test.py -n 3 -e A:b
check "three instances of one command end well" rc 0
check "and are counted" says "hello: 3 ok"
weft logs 'task[2]'
check "their logs are found by name" says "n 2 b"
weft status
check "so is the run" says "hello   run 1   exit 0"
weft show
check "the record has the command line" says "weft sub 'python3 test.py' hello --pack ./test.py"
sub 'python3 test.py' hello -p ./test.py -n 3 -e A:b
check "again: nothing to do" says "nothing to do"
sub 'python3 test.py' hello -p ./test.py -n 3 -e A:b --again
check "--again runs it" says "3 ok"
echo 'print("new")' > test.py
sub 'python3 test.py' hello -p ./test.py -n 3 -e A:b
check "another package runs it" says "3 ok"
sub 'python3 test.py' -p ./test.py -e A:c --dry-run
check "a dry run says what to type" says "Run it:  weft sub 'python3 test.py' --pack ./test.py --env A:c"
check "and runs nothing" absent .weft/runs/0004

sub 'sh -c "echo out; exit 3"' -n 2
check "a failure is status 1" rc 1
check "with the code of the program" says "exit status 3"
check "and what to type to do it again" says "weft sub"
sub 'sh -c "echo out; exit 3"' -f
check "with -f it is a partial success" rc 7

mkdir -p bucket/in w
echo data > bucket/in/a
printf '[DEFAULT]\nread_mount = oss://bkt/in/:/home/in\n[one]\ncmd = cat /home/in/a\n[two]\ncmd = sh -c "cat /home/in/a > /home/out/b"\n' > w/job.cfg
sub --file w/job.cfg --store oss://bkt=$T/bucket -w oss://bkt/out/:/home/out
case $OUT in *E1060*) skip "no mount namespaces here" ;; esac
check "the tasks of a file, with a mount more" rc 0
check "which was published" same bucket/out/b data
check "its workspace is the file's" [ -d w/.weft/runs/0001 ]
finish
