# lib.sh - what the end-to-end scripts share: a directory of their own, checks, waiting for a condition.
# A script sources this first and calls `finish` last.  WEFT is the program under test.

set -u
HERE=$(cd "$(dirname "$0")" && pwd)
WEFT=${WEFT:-$HERE/../../build/release/weft}
case $WEFT in /*) ;; *) WEFT=$(cd "$(dirname "$WEFT")" && pwd)/$(basename "$WEFT") ;; esac
export LC_ALL=C.UTF-8
unset NO_COLOR CLICOLOR_FORCE WEFT_PARAM_n WEFT_SITE 2>/dev/null
export XDG_CONFIG_HOME=/nonexistent # no site file of the user
T=$(mktemp -d "${TMPDIR:-/tmp}/weft-e2e.XXXXXX") || exit 1
cleanup() { cd / && chmod -R u+rwX "$T" 2>/dev/null; rm -rf "$T"; }
trap cleanup EXIT
trap 'exit 1' INT TERM HUP
cd "$T" || exit 1
BAD=0
MARK=8$$ # seconds that `sleep` is told in this script and nowhere else

# check NAME COMMAND...: the command must succeed
check() {
	_name=$1
	shift
	if "$@"; then
		echo "ok - $_name"
	else
		echo "not ok - $_name"
		BAD=1
		[ -z "${OUT:-}" ] || printf '%s\n' "$OUT" | sed 's/^/#   /' | head -n 60
	fi
}
# run ARGS...: OUT = what weft said (both streams), RC = its status
run() {
	OUT=$("$WEFT" run "$@" 2>&1 </dev/null)
	RC=$?
}
# opened DIR: the site file lets tasks write there, besides what they always may
opened() {
	printf 'engine "local" { writable = ["%s"] }\n' "$1" > "$T/.site"
	export WEFT_SITE=$T/.site
}
rc() { [ "$RC" = "$1" ]; }
says() { case $OUT in *"$1"*) ;; *) return 1 ;; esac; }
silent_on() { ! says "$1"; }
same() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }
absent() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
no() { ! "$@"; }
# processes whose command line holds the mark; the pattern comes from a file, so that grep does not find itself
marked() { grep -qazs -f "$T/.mark" /proc/[0-9]*/cmdline; }
quiet_now() { ! marked; }
# within SECONDS COMMAND...: wait until it succeeds
within() {
	_end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$_end" ] || return 1
		read -r -t 0.02 _ <> "$T/.never" 2>/dev/null || :
	done
}
skip() {
	echo "skip - $1"
	exit 77
}
finish() { exit "$BAD"; }
mkfifo "$T/.never"
echo "$MARK" > "$T/.mark"
