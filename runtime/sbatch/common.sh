#!/bin/sh
# common.sh - what the scripts of this directory share; made by `weft export sbatch`, needs no weft.
#
# A script is called with the directory of the run and the number of its row; an element of an array adds its index.
# The script itself or its row in `tables` defines
#   inputs    calls `input NAME [PLACE]` for each file it reads
#   outputs   calls "$1" KIND NAME [PLACE] for each file it makes
#   start     starts the command, below the command "$@", in the work directory
#   script    (if any) prints the script that is run
# and last calls `perform`.
# shellcheck disable=SC1091,SC2034,SC2154 # names that the scripts, rows and settings.sh set, or use
set -u
export LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
nl='
'
run=$1
row=$(($2 + ${SLURM_ARRAY_TASK_ID:-0}))
job_id=${run##*/}
. "$run/settings.sh"
logs=$run/logs
case $run in *[%\\]*) exec > "$logs/${SLURM_JOB_NAME:-job}.$SLURM_JOB_ID.log" 2>&1 ;; esac # see submit.sh
patience=${WEFT_PATIENCE:-30} # seconds until files of other machines have to be in sight
user=root
[ "$(id -u)" = 0 ] || user=${USER:-user}
shell='sh'
if [ -x /bin/bash ] || [ -x /usr/bin/bash ]; then shell=bash; fi

# what a task says when it is not so
instance=0 key=
task='' attempts=1 retry_on='' pause=0 limit=21600 in_place=no package='' stdout_to='' stderr_to='' requeue=no scripted=no

say() { printf '%s%s: %s\n' "$task" "$key" "$*" >&2; }
stop() {
	say "$@"
	exit 1
}
trouble() { # CAUSE TEXT: the attempt has failed
	[ -z "$cause" ] || return 0
	cause=$1 why=$2
}
within() { # COMMAND...: other machines' files come into sight late
	_left=$patience
	until "$@"; do
		[ "$_left" -gt 0 ] || return 1
		_left=$((_left - 1))
		sleep 1
	done
}

# ---- what has to be there: Slurm takes a job that it has forgotten for one that ended well, so look oneself ----
needs_same() { # TASK: its instance of the same number
	within [ -e "$run/ok/$1/$instance" ] || stop "needs $1 of the same number, which has not succeeded"
}
all_ok() {
	[ -e "$run/ok/$1/all" ] && return 0
	_have=$(find "$run/ok/$1" -type f | wc -l)
	[ "$_have" -ge "$2" ] && : > "$run/ok/$1/all"
}
needs_all() { # TASK COUNT
	within all_ok "$1" "$2" || stop "needs all $2 instances of $1, of which $_have have succeeded"
}

# ---- files ----
input() { # NAME [PLACE]
	case $1 in
	/*) _at=$1 ;;
	*) _at=${2-$workspace/$1} ;;
	esac
	if ! within [ -e "$_at" ]; then
		trouble input "input $1 does not exist"
		return
	fi
	case $in_place$1 in
	yes* | no/*) return ;;
	*/*) mkdir -p -- "$work/${1%/*}" ;;
	esac
	if [ -e "$work/$1" ] || [ -L "$work/$1" ]; then rm -rf -- "${work:?}/$1"; fi
	ln -s -- "$_at" "$work/$1" || trouble start "cannot link input $1"
}
room() { # KIND NAME [PLACE]
	case $2 in
	/*) mkdir -p -- "${2%/*}/" ;;
	*/*) mkdir -p -- "$work/${2%/*}" ;;
	esac || trouble start "cannot make the directory of output $2"
}
look() { # KIND NAME [PLACE]
	case $2 in
	/*) [ -e "$2" ] ;;
	*) case $1 in
		dir) [ -d "$work/$2" ] ;;
		*) [ -f "$work/$2" ] ;;
		esac ;;
	esac || trouble missing "missing output $2"
}
# copy_link, bring, place: everything lies beside its target before the first one is renamed
target() { # NAME [PLACE]: $to, and $new beside it
	count=$((count + 1))
	to=${2-$workspace/$1}
	new=${to%/*}/.weft-$SLURM_JOB_ID.$count
}
copy_link() { # KIND NAME [PLACE]: a link becomes what it leads to, which may be another output
	case $2 in /*) return ;; esac
	shift
	target "$@"
	[ -L "$work/$1" ] || return 0
	rm -rf -- "$new"
	{ mkdir -p -- "${to%/*}" && cp -RLp -- "$work/$1" "$new"; } || trouble collect "cannot bring $1 to its place"
}
bring() { # KIND NAME [PLACE]
	case $2 in /*) return ;; esac
	shift
	target "$@"
	[ ! -L "$work/$1" ] || return 0
	rm -rf -- "$new"
	{ mkdir -p -- "${to%/*}" && mv -T -- "$work/$1" "$new"; } || trouble collect "cannot bring $1 to its place"
}
place() { # KIND NAME [PLACE]
	case $2 in /*) return ;; esac
	_kind=$1
	shift
	target "$@"
	if [ "$_kind" = dir ] && [ -d "$to" ] && [ ! -L "$to" ]; then
		mv -T -- "$to" "$new.old" && mv -T -- "$new" "$to" && rm -rf -- "$new.old"
	else
		mv -fT -- "$new" "$to"
	fi || trouble collect "cannot rename to $to"
}
# A job that Slurm has put back into the queue may still run on a lost machine: the one that began last publishes.
take_turn() {
	[ "$requeue" = yes ] || return 0
	turn="$$ $(uname -n) $(date +%s)"
	printf '%s\n' "$turn" > "$run/turn/$task.$instance.$$" && mv -f -- "$run/turn/$task.$instance.$$" "$run/turn/$task.$instance"
}
publish() {
	[ "$in_place" = no ] || return 0
	if [ "$requeue" = yes ] && [ "$(cat "$run/turn/$task.$instance")" != "$turn" ]; then
		trouble collect "it runs again elsewhere"
		return
	fi
	count=0
	outputs copy_link
	count=0
	outputs bring
	[ -z "$cause" ] || return 0
	count=0
	outputs place
}

# ---- streams ----
keep_stream() { # FILE DIRECTORY
	if [ -z "$2" ] || [ ! -e "$1" ]; then return 0; fi
	{ mkdir -p -- "$2" && mv -- "$1" "$2/"; } || trouble collect "cannot keep ${1##*/} in $2"
}
earlier() { # FILE: of the attempt before
	[ "$attempt" -le 1 ] || [ ! -e "$1" ] || mv -- "$1" "$1.attempt-$((attempt - 1))"
}

# ---- attempts ----
read_row() { # prints the row of this instance, nothing when it needs none
	_table=$run/tables/$task
	_chunk=$((row / 1000))
	_n=$attempt
	[ -e "$_table.$_n.$_chunk" ] || _n=1
	[ ! -e "$_table.$_n.$_chunk" ] || sed -n "$((row % 1000 + 1)){p;q;}" "$_table.$_n.$_chunk"
}
fresh() {
	dir=$run/work/$task.$instance.$attempt
	script=$dir/script tmp=$dir/tmp work=$dir/w
	rm -rf -- "$dir"
	mkdir -p -- "$work" "$tmp" || trouble start "cannot make $dir"
	[ "$in_place" = no ] || work=$workspace
	out=$logs/stdout.$job_id.$task.$instance err=$logs/stderr.$job_id.$task.$instance
	earlier "$out"
	earlier "$err"
}
prepare() {
	fresh
	[ -z "$package" ] || cp -RP -- "$run/packages/$package/." "$work/" || trouble start "cannot copy the package"
	inputs
	outputs room
	[ "$scripted" = no ] || script > "$script" || trouble start "cannot write $script"
}
judge() { # STATUS SECONDS
	case $1 in
	0) return ;;
	124 | 137) [ "$2" -lt "${limit%.*}" ] || trouble timeout "time limit of $limit s" ;;
	esac
	if [ "$1" -gt 128 ]; then
		trouble "signal" "killed by signal $(($1 - 128))"
		detail=$(($1 - 128))
	else
		trouble "exit" "exit status $1"
		detail=$1
	fi
}
try() { # one attempt: $cause says why it has failed
	cause='' why='' detail=''
	eval "$(read_row)"
	prepare
	[ -z "$cause" ] || return 0
	_began=$(date +%s)
	(cd -- "$work" && start timeout -k 5 "$limit") < /dev/null > "$out" 2> "$err"
	judge "$?" "$(($(date +%s) - _began))"
	[ -n "$cause" ] || outputs look
	[ -n "$cause" ] || publish
	if [ -z "$cause" ]; then
		[ -n "$stdout_to" ] || [ -s "$out" ] || rm -f -- "$out"
		[ -n "$stderr_to" ] || [ -s "$err" ] || rm -f -- "$err"
	fi
	keep_stream "$out" "$stdout_to"
	keep_stream "$err" "$stderr_to"
}
again() { # is it tried again?
	[ "$attempt" -lt "$attempts" ] || return 1
	for _on in $retry_on; do
		case $_on in
		fail | "$cause" | "$cause:$detail") return 0 ;;
		oom) [ "$cause:$detail" != signal:9 ] || return 0 ;; # how running out of memory looks from here
		esac
	done
	return 1
}
ended_well() {
	rm -rf -- "$dir"
	: > "$run/ok/$task/$instance" || stop "cannot write $run/ok/$task/$instance"
	exit 0
}
perform() {
	attempt=$((${SLURM_RESTART_COUNT:-0} + 1))
	eval "$(read_row)"
	[ ! -e "$run/ok/$task/$instance" ] || exit 0
	[ "$attempt" -le "$attempts" ] || stop "restarted too often"
	needs
	take_turn
	while :; do
		try
		[ -n "$cause" ] || ended_well
		again || break
		say "attempt $attempt: $why; tried again"
		[ "$pause" = 0 ] || sleep "$pause"
		pause=$((pause * 2))
		attempt=$((attempt + 1))
	done
	[ ! -s "$err" ] || tail -n 20 -- "$err" >&2
	stop "$why (see $dir)"
}
