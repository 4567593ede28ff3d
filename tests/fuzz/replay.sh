#!/bin/sh
# replay.sh PROGRAM FILE... -- PROGRAM FILE... -- : run every file through its target, in an empty directory.
dir=$(mktemp -d) && cd "$dir" || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
while [ $# -gt 0 ]; do
	p=$1
	shift
	while [ "$1" != -- ]; do
		if out=$("$p" "$1" 2>&1); then passed=$((passed + 1)); else
			failed=$((failed + 1))
			printf 'FAIL %s %s\n%s\n' "$p" "$1" "$out" | head -30
		fi
		shift
	done
	shift
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
