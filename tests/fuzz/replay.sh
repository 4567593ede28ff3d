#!/bin/sh
# replay.sh PROGRAM FILE... -- mutate PROGRAM FILE... -- : run every file through its target, or mutations of the files,
# in an empty directory.  A directory stands for the files in it.
dir=$(mktemp -d) && cd "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# all files of a target at once; one by one only when that fails, to name the file
replay_all() {
	# shellcheck disable=SC2046
	if "$1" $(cat files) >out 2>&1; then
		passed=$((passed + n))
		return
	fi
	while read -r f; do
		replay "$1" "$f"
	done <files
}

replay() {
	if out=$("$1" "$2" 2>&1); then passed=$((passed + 1)); else
		failed=$((failed + 1))
		printf 'FAIL %s %s\n%s\n' "$1" "$2" "$out" | head -30
	fi
}

mutate() {
	p=$1
	shift
	"$p" "$MUTATIONS" "$SEED" "$@" >out 2>&1
	rc=$? good=$(grep -c '^ok ' out) bad=$(grep -c '^not ok ' out)
	[ $rc -eq 0 ] || [ "$bad" -gt 0 ] || bad=1 # it crashed; the last line names the seed
	passed=$((passed + good)) failed=$((failed + bad))
	[ "$bad" -eq 0 ] || { echo "FAIL $p (status $rc)"; grep -B1 '^not ok' out; tail -n 20 out; }
}

while [ $# -gt 0 ]; do
	mode=replay
	[ "$1" != mutate ] || { mode=mutate && shift; }
	p=$1 n=0
	shift
	for f; do
		[ "$f" != -- ] || break
		n=$((n + 1))
	done
	(i=0; for f; do [ $i -lt $n ] && if [ -d "$f" ]; then ls -d "$f"/*; else printf '%s\n' "$f"; fi; i=$((i + 1)); done) >files
	args=$n n=$(wc -l <files)
	# names of our own tree, without blanks
	# shellcheck disable=SC2046
	if [ $mode = mutate ]; then mutate "$p" $(cat files); else replay_all "$p"; fi
	shift "$args"
	shift
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
