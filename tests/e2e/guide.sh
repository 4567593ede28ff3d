# the user guide's walk-through, command by command: a bucket, its data, a first command, log-count with a job.cfg and mounts,
# debugging on this machine, three instances, results out of the bucket, logs by name
. "${0%/*}/lib.sh" || exit 1
command -v python3 > /dev/null || skip "no python3"
weft() {
	OUT=$("$WEFT" "$@" 2>&1 </dev/null)
	RC=$?
}
ex=$HERE/../../examples/log-count
cp -r "$ex/." . && rm -rf .weft
mkdir buckets
echo 'store "oss://" { dir = "buckets" }' > weft.site

# 1. a bucket and the data
weft store mb oss://your-bucket
check "a bucket" rc 0
./gen-input > log-count-data.txt
weft store cp log-count-data.txt oss://your-bucket/log-count/
check "the log goes up" rc 0
weft store ls oss://your-bucket/log-count/
check "and is listed" says log-count-data.txt
want=$(python3 - <<'P'
import json
levels = ["INFO", "WARN", "DEBUG", "ERROR"]
found = dict.fromkeys(levels, 0)
for line in open("log-count-data.txt"):
    for word in line.split():
        if word in found:
            found[word] += 1
            break
print(json.dumps(found))
P
)

# 2. the first command: bcs sub "python3 test.py" -p ./test.py
echo 'print("hello from the package")' > test.py
weft sub "python3 test.py" -p ./test.py
case $OUT in *E1060*) skip "no mount namespaces here" ;; esac
check "a first command" says "cli-job: 1 ok"
weft logs task
check "said what it says" [ "$OUT" = "hello from the package" ]

# 3. the job: first looked at, then debugged here, then run
in=oss://your-bucket/log-count/:/home/input out=oss://your-bucket/log-count/:/home/output
weft check job.cfg
check "job.cfg has no mistake" says "3 tasks, 5 instances"
weft sub --file job.cfg -r "$in" -w "$out" --show_dag
check "its picture" says "split -> count"
weft sub --file job.cfg -r "$in" -w "$out" --show_json
check "its description: three instances" says '"InstanceCount": 3'
weft exec --file job.cfg split
check "debugged on this machine, it works" rc 0
check "and nothing came of it" [ "$("$WEFT" store ls oss://your-bucket/log-count/ | grep -c split_results)" = 0 ]
weft sub --file job.cfg -r "$in" -w "$out"
check "three tasks, five instances" says "log-count: 5 ok"

# 4. the results
weft store ls -r oss://your-bucket/log-count/count_results/
check "three instances have counted" [ "$(printf '%s\n' "$OUT" | grep -c '\.json')" = 3 ]
weft store cat oss://your-bucket/log-count/merge_result.json
check "the result is what the log holds" [ "$OUT" = "$want" ]

# 5. what happened: state, logs by name
weft status
check "the state of the job" says "exit 0"
weft logs merge
check "a task's log by its name" [ "$OUT" = "$want" ]
weft logs 'count[2]' --stderr
check "an instance's, too" rc 0
weft shell --file job.cfg 'count[1]' -q -c 'echo $BATCH_COMPUTE_DAG_TASK_ID $BATCH_COMPUTE_DAG_INSTANCE_ID; ls /home/input'
check "a shell where the second instance was" says "count 1"
check "with the mount" says split_results

# 6. again: nothing; other data: all of it
weft sub --file job.cfg -r "$in" -w "$out"
check "again: nothing to do" says "nothing to do"
head -n 100 log-count-data.txt > short.txt
weft store cp short.txt oss://your-bucket/log-count/log-count-data.txt
weft sub --file job.cfg -r "$in" -w "$out"
check "with other data it runs again" says "5 ok"
weft store cat oss://your-bucket/log-count/merge_result.json
check "and counts those" [ "$(python3 -c "import json, sys; print(sum(json.loads(sys.argv[1]).values()))" "$OUT")" = 100 ]
# 7. the docker option: the same job, each instance in a container of an image that lies in the bucket.  Its programs are
# Python, so the image is one line a tool: what of this machine python3 needs, as `docker save` would write it
if command -v podman > /dev/null; then
	mkdir -p img/root img/save
	python3 - <<'P' > img/files
import os, sys, sysconfig
print(os.path.realpath(sys.executable))
print(sysconfig.get_path("stdlib"))
P
	{ cat img/files; command -v sh; command -v env; ldd "$(sed -n 1p img/files)" "$(command -v sh)" "$(command -v env)" | grep -o '/[^ ]*'; } |
		grep -v ':$' | sort -u > img/list
	tar -chf - --exclude=site-packages --exclude=dist-packages --exclude=test --exclude=__pycache__ --exclude='config-*' --exclude=idlelib \
		--exclude='*.a' -T img/list 2> /dev/null | tar -C img/root -xf -
	mkdir -p img/root/usr/bin img/root/bin img/root/tmp
	ln -sf "$(sed -n 1p img/files)" img/root/usr/bin/python3
	[ -e img/root/bin/sh ] || cp "$(realpath "$(command -v sh)")" img/root/bin/sh
	tar -C img/root --owner=0 --group=0 -cf img/save/layer.tar .
	arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
	echo "{\"architecture\":\"$arch\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$(sha256sum < img/save/layer.tar | cut -d ' ' -f 1)\"]}}" > img/save/config.json
	echo '[{"Config":"config.json","RepoTags":["localhost:5000/python:latest"],"Layers":["layer.tar"]}]' > img/save/manifest.json
	tar -C img/save -cf python.tar .
	weft store cp python.tar oss://your-bucket/dockers/
	check "an image goes up" rc 0
	export XDG_CACHE_HOME=$T/cache
	weft sub --file job.cfg -r "$in" -w "$out" --docker python@oss://your-bucket/dockers/
	case $OUT in
	*E1034*) echo "skip - no containers here" ;;
	*)
		check "the docker option: five instances in containers" says "log-count: 5 ok"
		weft store cat oss://your-bucket/log-count/merge_result.json
		check "the result is the same" [ "$(python3 -c "import json, sys; print(sum(json.loads(sys.argv[1]).values()))" "$OUT")" = 100 ]
		weft sub --file job.cfg -r "$in" -w "$out" --docker python@oss://your-bucket/dockers/
		check "again: nothing to do in containers either" says "nothing to do"
		sed 's#^timeout .*#&\ndocker = python@oss://your-bucket/dockers/#' job.cfg > docker.cfg
		weft shell --file docker.cfg 'count[1]' -q -c 'pwd; python3 -c "import os; print(os.getuid())"'
		check "a shell in one of them" [ "$OUT" = "/batchcompute/workdir
0" ]
		;;
	esac
else
	echo "skip - the docker option: no podman"
fi
finish
