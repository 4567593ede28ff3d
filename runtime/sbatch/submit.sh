#!/bin/sh
# submit.sh - submits the workflow to Slurm, all of it or nothing; made by `weft export sbatch`, needs no weft.
#
#   sh submit.sh           prints the directory of the run
#   sh submit.sh --wait    waits for its end: 0 when every instance has succeeded
#
# Jobs that wait for nothing are held until everything is submitted: no job can end, and be forgotten by Slurm, before those
# are there that depend on it.
# shellcheck disable=SC1091,SC2034,SC2086,SC2154 # settings.sh; lists of numbers
set -eu
export LC_ALL=C
here=$(cd -- "$(dirname -- "$0")" && pwd -P && echo .)
here=${here%??}
. "$here/settings.sh"
job_id=job-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
run=$workspace/.weft/sbatch/$job_id
jobs='' held='' total=0

take_back() {
	status=$?
	trap - EXIT
	[ -z "$jobs" ] || scancel $jobs
	echo "submit.sh: not all could be submitted: nothing is run" >&2
	exit $((status ? status : 1))
}
trap take_back EXIT
trap 'exit 1' HUP INT TERM

mkdir -p -- "$run/logs" "$run/work" "$run/ok" "$run/turn"
for part in common.sh settings.sh tables packages; do # the run goes on when this directory is written anew
	[ ! -e "$here/$part" ] || cp -RPl -- "$here/$part" "$run/" 2> /dev/null || cp -RP -- "$here/$part" "$run/"
done
# how many elements an array may have
most=$(scontrol show config | sed -n 's/^MaxArraySize *= *//p')
most=${most:-1001}
[ "$max_array" = 0 ] || [ "$max_array" -ge "$most" ] || most=$max_array

# Slurm takes % and \ in the names of files for its own: then the scripts find their directory themselves
set -- "${1-}" "--chdir=$run/logs" --output=%x.%j.log --output=%x.%A_%a.log
case $run in *[%\\]*) set -- "$1" --chdir=/ --output=/dev/null --output=/dev/null ;; esac
how=$1 chdir=$2 log=$3 element_log=$4

task() { # NAME: what follows is about this task
	name=$1 ids='' deps='' same=''
	mkdir -- "$run/ok/$1"
}
after() { # KIND JOBS: it waits for all of these; JOBS is 1:2:3
	[ -z "$2" ] || deps="$deps,$1:$2"
}
after_same() { # JOBS: each instance waits for that of the same number
	same="$same $1"
}
depend() { # ARRAY-NUMBER KIND: sets $on
	on=${deps#,}
	for list in $same; do
		on="$on${on:+,}$2:$(printf '%s\n' "$list" | cut -d : -f "$1")"
	done
}
# Of the environment only what is named goes along.  sbatch's own way to say so (--export with names, or NONE) has a login shell read for
# every job, on its machine, and the job held or started again when that takes long.
submit() (
	_keep=,HOME,USER,LOGNAME,PATH,LC_ALL,LD_LIBRARY_PATH,SHELLOPTS,BASHOPTS,$exported,
	for _name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
		case $_keep in *",$_name,"*) continue ;; esac
		case $_name in SLURM_* | SBATCH_*) ;; *) unset "$_name" ;; esac
	done
	exec sbatch --parsable --export=ALL "$@"
)
job() { # FIRST-ROW OPTION...: one submission
	first=$1
	shift
	if [ -n "$on" ]; then
		set -- "$@" "--dependency=$on" --kill-on-invalid-dep=yes
	else
		set -- "$@" --hold
	fi
	id=$(submit "$chdir" "$@" "$here/$name.sbatch" "$run" "$first")
	id=${id%%;*}
	[ -n "$on" ] || held="$held $id"
	jobs="$jobs $id"
	ids="$ids${ids:+:}$id"
}
one() { # ROW OPTION...: an instance that is a job of its own
	total=$((total + 1))
	depend 1 afterok
	job "$@" "$log"
}
rows() { # FIRST-ROW COUNT OPTION...: arrays, as large as they may be
	row=$1 left=$2 number=0
	shift 2
	total=$((total + left))
	while [ "$left" -gt 0 ]; do
		n=$((left < most ? left : most)) number=$((number + 1))
		depend "$number" aftercorr
		job "$row" "$@" "--array=0-$((n - 1))" "$element_log"
		row=$((row + n)) left=$((left - n))
	done
}

#TASKS#

printf '%s\n' $jobs > "$run/jobs"
for id in $held; do scontrol release "$id"; done
trap - EXIT HUP INT TERM
printf '%s\n' "$run"
[ "$how" = --wait ] || exit 0

list=$(printf '%s\n' $jobs | paste -s -d , -)
while :; do
	if ! left=$(squeue -h -j "$list" -o %i 2>&1); then
		case $left in *'Invalid job id'*) break ;; esac # all of them are forgotten
		left="? $left"
	fi
	[ -n "$left" ] || break
	sleep 2
done
# files of other machines come into sight late
tries=0
until done=$(find "$run/ok" -type f ! -name all | wc -l) && [ "$done" -ge "$total" ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 5 ] || break
	sleep 1
done
echo "$done of $total instances have succeeded; $run/logs"
[ "$done" -ge "$total" ]
