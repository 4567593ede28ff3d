#!/bin/bash
# run.sh - golden tests: an input with its expectation beside it; the expectation's suffix says what is run.
#
#   tests/golden/run.sh [-u] [PATH...]     default: tests/golden and examples; -u rewrites what differs
#
# NAME.weft, NAME.cfg or NAME.json beside      is run, in that directory
#   NAME.err       weft check                  human diagnostics (a workflow without any: "ok" line)
#   NAME.errjson   weft check --error-format json      and likewise .short .sarif .github
#   NAME.ast       weft check --dump-tree
#   NAME.fmt       weft fmt                    and formatting the expectation changes nothing
#   NAME.conv      weft convert                and it compiles to the same bytes as the input
#   NAME.job.json  weft compile                and compiling the expectation gives the same bytes
#   NAME.dot       weft graph                  and likewise .mmd (Mermaid) .graph.json
# NAME.sh beside NAME.out: the script's output (both streams) and status, run in an empty directory with
# GOLDEN set to the script's directory.  A file NAME.args holds more arguments for the command, on one line.
# The status has to fit too: 3 when the diagnostics hold an error, else 0.
# When inputs of several front ends share NAME, each of them must give the expectation.
# WEFT chooses the program.

top=$(cd "$(dirname "$0")/../.." && pwd)
WEFT=${WEFT:-$top/build/release/weft}
case $WEFT in /*) ;; *) WEFT=$PWD/$WEFT ;; esac
[ -x "$WEFT" ] || { echo "golden: no program at $WEFT"; echo "0 passed, 1 failed"; exit 1; }
update=
[ "${1-}" != -u ] || { update=yes; shift; }
[ $# -gt 0 ] || set -- "$top/tests/golden" "$top/examples"
paths=()
for p; do paths+=("$(realpath -- "$p")"); done
export WEFT LC_ALL=C.UTF-8 TERM=dumb
unset NO_COLOR CLICOLOR_FORCE COLUMNS WEFT_SITE
export XDG_CONFIG_HOME=/nonexistent # no site file of the user
for v in ${!WEFT_PARAM_@}; do unset "$v"; done
T=$(mktemp -d "${TMPDIR:-/tmp}/weft-golden.XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
passed=0 failed=0
shopt -s lastpipe # `... | fail` counts in this shell

fail() { # what, then details from standard input
	failed=$((failed + 1))
	echo "FAIL $1"
	head -n 40 | sed 's/^/     /'
}

# expect EXPECTATION INPUT WHAT: the output in $T/out must be the expectation
expect() {
	if cmp -s "$1" "$T/out"; then
		passed=$((passed + 1))
	elif [ "$update" ]; then
		cp "$T/out" "$1"
		echo "wrote ${1#"$top/"}"
		passed=$((passed + 1))
	else
		diff -u --label expected --label "$3 $2" "$1" "$T/out" | fail "${1#"$top/"}"
	fi
}

# weft COMMAND...: standard output to $T/out, standard error to $T/err, status in $rc
weft() {
	timeout 60 "$WEFT" "$@" >"$T/out" 2>"$T/err" </dev/null
	rc=$?
}

status_fits() { # name: the status that the diagnostics call for
	local want=0
	grep -qE '(^|: )error\[|"severity": ?"error"|"level": ?"error"|^::error' "$T/out" "$T/err" && want=3
	[ $rc = $want ] && return 0
	{ echo "status $rc, expected $want"; cat "$T/err" "$T/out"; } | fail "$1"
	return 1
}

# clean NAME: the last command must have succeeded
clean() {
	[ $rc = 0 ] && return 0
	{ echo "status $rc"; cat "$T/err"; } | fail "${1#"$top/"}"
	return 1
}

same_bytes() { # FILE WHAT: $T/out must be FILE
	if cmp -s "$1" "$T/out"; then
		passed=$((passed + 1))
	else
		diff -u --label "${1##*/}" --label "$2" "$1" "$T/out" | fail "${1#"$top/"}: $2"
	fi
}

one() { # EXPECTATION INPUT KIND
	local exp=$1 in=$2 kind=$3 args=
	[ ! -e "${exp%.$kind}.args" ] || read -r args <"${exp%.$kind}.args"
	case $kind in
	err) weft check $args "$in"; cat "$T/err" >>"$T/out"; status_fits "${exp#"$top/"}" || return; expect "$exp" "$in" "weft check" ;;
	errjson) weft check --error-format json $args "$in"; status_fits "${exp#"$top/"}" || return; expect "$exp" "$in" "weft check json" ;;
	short) weft check --error-format short -q $args "$in"; cp "$T/err" "$T/out"; status_fits "${exp#"$top/"}" || return; expect "$exp" "$in" "weft check short" ;;
	sarif | github) weft check --error-format $kind $args "$in"; status_fits "${exp#"$top/"}" || return; expect "$exp" "$in" "weft check $kind" ;;
	ast) weft check --dump-tree $args "$in"; status_fits "${exp#"$top/"}" || return; expect "$exp" "$in" "weft check --dump-tree" ;;
	fmt)
		weft fmt "$in"; clean "$exp" || return
		expect "$exp" "$in" "weft fmt"
		cp "$exp" "$T/again.weft"; weft fmt "$T/again.weft"; clean "$exp" || return
		same_bytes "$exp" "formatted twice"
		;;
	conv)
		weft convert "$in"; clean "$exp" || return
		expect "$exp" "$in" "weft convert"
		weft compile $args "$in"; clean "$exp" || return
		mv "$T/out" "$T/want"
		cp "$exp" ".golden.$$.weft"; weft compile $args ".golden.$$.weft"; rm -f ".golden.$$.weft"; clean "$exp" || return
		same_bytes "$T/want" "compiled from the converted $in"
		;;
	job.json)
		weft compile $args "$in"; clean "$exp" || return
		expect "$exp" "$in" "weft compile"
		weft compile "${exp##*/}"; clean "$exp" || return
		same_bytes "$exp" "compiled twice"
		;;
	dot | mmd | graph.json)
		local f=${kind#graph.}
		weft graph --format "${f/mmd/mermaid}" $args "$in"; status_fits "${exp#"$top/"}" || return
		expect "$exp" "$in" "weft graph"
		;;
	esac
}

script() { # EXPECTATION: run NAME.sh in an empty directory
	local dir=${1%/*} name=${1##*/}
	mkdir "$T/work" "$T/bin"
	ln -s "$WEFT" "$T/bin/weft"
	(cd "$T/work" && GOLDEN=$dir PATH=$T/bin:$PATH timeout 120 bash "$dir/${name%.out}.sh" >"$T/out" 2>&1 </dev/null
	rc=$?; [ $rc = 0 ] || echo "status $rc" >>"$T/out")
	chmod -R u+rwX "$T/work"; rm -rf "$T/work" "$T/bin"
	expect "$1" "${name%.out}.sh" "output of"
}

kind_of() { # EXPECTATION -> its kind, empty if it is none
	case $1 in
	*.job.json) echo job.json ;;
	*.graph.json) echo graph.json ;;
	*.err | *.errjson | *.short | *.sarif | *.github | *.ast | *.fmt | *.conv | *.dot | *.mmd) echo "${1##*.}" ;;
	esac
}

while IFS= read -r exp; do
	if [ "${exp##*.}" = out ]; then
		[ ! -e "${exp%.out}.sh" ] || script "$exp"
		continue
	fi
	kind=$(kind_of "$exp")
	[ "$kind" ] || continue
	stem=${exp%.$kind} found=
	cd "${exp%/*}" || exit 1
	for in in "$stem" "$stem.weft" "$stem.cfg" "$stem.json"; do
		[ -f "$in" ] && [ "$in" != "$exp" ] || continue
		found=yes
		one "$exp" "${in##*/}" "$kind"
	done
	[ "$found" ] || echo "no input beside it" | fail "${exp#"$top/"}"
done < <(find "${paths[@]}" \( -name .weft -o -name .git \) -prune -o -type f -print | LC_ALL=C sort)
echo "$passed passed, $failed failed"
[ $failed = 0 ]
