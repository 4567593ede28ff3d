#!/bin/sh
# run.sh BUILDDIR KILLS GROUP_KILLS EVERY [SEED] - both fault tests, and how many of their parts passed.
dir=$(dirname "$0")
out=$(mktemp)
trap 'rm -f "$out"' EXIT
{
	python3 "$dir/kill.py" "$1/weft" "$2" "$3" ${5:+"$5"} || echo "FAIL kill.py"
	python3 "$dir/inject.py" "$1/weft" "$1/fault/inject.so" "$4" || echo "FAIL inject.py"
} 2>&1 | tee "$out"
bad=$(grep -c '^FAIL' "$out")
echo "$(grep -c '^ok' "$out") passed, $bad failed, $(grep -c '^skip' "$out") skipped"
[ "$bad" = 0 ]
