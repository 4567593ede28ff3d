#!/bin/bash
# run.sh - the corpus of inputs.
#
#   good/         nothing is said about them, whatever the front end
#   ../golden/    inputs with mistakes: the .errjson beside one holds exactly the codes, lines and columns (run.sh there
#                 compares them); here they are counted, fixed with --fix, and shown as SARIF
# and the rules of doc/rules.md against the goldens.
top=$(cd "$(dirname "$0")/../.." && pwd)
export WEFT=${WEFT:-$top/build/release/weft}
export LC_ALL=C.UTF-8 XDG_CONFIG_HOME=/nonexistent
unset WEFT_SITE
T=$(mktemp -d "${TMPDIR:-/tmp}/weft-corpus.XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
passed=0 failed=0
fail() {
	failed=$((failed + 1))
	echo "FAIL $1"
}
part() { # a program whose last line is "N passed, N failed"
	"$@" >"$T/out" 2>&1
	grep -v '^[0-9]* passed, ' "$T/out"
	local p f
	read -r p _ f _ < <(tail -n 1 "$T/out")
	case $p$f in
	*[!0-9]* | '') fail "$1 broke" ;;
	*) passed=$((passed + p)) failed=$((failed + f)) ;;
	esac
}
cd "$top/tests/corpus/good" || exit 1
n=0
for f in *.cfg *.json *.weft; do # what else is there are their packages
	n=$((n + 1))
	if "$WEFT" check --error-format short "$f" >"$T/out" 2>"$T/err" && [ ! -s "$T/err" ]; then
		passed=$((passed + 1))
	else
		fail "good/$f"
		sed 's/^/     /' "$T/err"
	fi
done
[ $n -ge 120 ] || fail "only $n good inputs: 120 are wanted"
cd "$top" || exit 1
python3 tests/corpus/bad.py >"$T/bad" || fail "the inputs with mistakes"
grep -v '^/' "$T/bad"
passed=$((passed + 1))
mapfile -t bad < <(grep '^/' "$T/bad")
part python3 tests/corpus/fixes.py "$WEFT" "${bad[@]}"
part python3 tests/corpus/sarif.py "$WEFT" "${bad[@]}"
part python3 tests/corpus/rules.py
echo "$passed passed, $failed failed"
[ $failed = 0 ]
