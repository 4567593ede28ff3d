#!/bin/bash
# docs.sh - what the documents show is true.
#
# doc/errors/CODE.md: the first line is "# CODE: title"; the block after "Wrong:" gives exactly that code, the block after
# "Right:" is free of errors.  A block's info string says the front end (weft, cfg, json), or sh: commands that are
# run in an empty directory; or console: shown only.  A block with a second word (```tsv samples.tsv) before
# "Wrong:" is a file beside both.  "<!-- also: E0101 -->" allows a second code.
#
# README.md, CONTRIBUTING.md, doc/*.md: in ```sh blocks the lines that begin with "$ " are run, in a copy of examples/,
# and the lines below them must be the output ("..." stands for any lines).  ```weft, ```cfg and ```json blocks must check
# clean, ```weft blocks with "<!-- error: E0307 -->" on the line before must give that code, and any block with
# "<!-- shown only: why -->" on the line before is not tried.  A block with a second word (```weft hello.weft) is
# written into the file of that name where the commands have got to, and checked there.  "<!-- fresh -->" on a line
# of its own: the commands go on in an empty directory.  "<!-- needs: mounts -->" on the line before a block: it is
# tried where `weft doctor` finds namespaces; "needs: slurm": where WEFT_SLURM names a cluster; else it is skipped.
#
# Without FILE also: manual pages are up to date, and doc/architecture.md names every source file.
# Usage: tests/docs.sh [FILE...]; WEFT chooses the program.

top=$(cd "$(dirname "$0")/.." && pwd)
WEFT=${WEFT:-$top/build/release/weft}
case $WEFT in /*) ;; *) WEFT=$PWD/$WEFT ;; esac
[ -x "$WEFT" ] || { echo "docs: no program at $WEFT"; echo "0 passed, 1 failed"; exit 1; }
export LC_ALL=C.UTF-8 TERM=dumb
unset NO_COLOR CLICOLOR_FORCE COLUMNS WEFT_SITE
export XDG_CONFIG_HOME=/nonexistent # no site file of the user
cd "$top" || exit 1
T=$(mktemp -d "${TMPDIR:-/tmp}/weft-docs.XXXXXX") || exit 1
trap 'chmod -R u+rwX "$T"; rm -rf "$T"' EXIT
mkdir "$T/bin"
ln -s "$WEFT" "$T/bin/weft"
PATH=$T/bin:$PATH
passed=0 failed=0
shopt -s lastpipe # `... | fail` counts in this shell

pass() { passed=$((passed + 1)); }
fail() { # what; details from standard input
	failed=$((failed + 1))
	echo "FAIL $1"
	head -n 40 | sed 's/^/     /'
}

# blocks FILE DIR: write every fenced block to DIR/N.text, its info string to .info, its line to .line,
# the section (Wrong, Right) to .sect, the comment on the line before it to .note, and whether it begins afresh to .fresh
blocks() {
	awk -v dir="$2" '
	/^(Wrong|Right):/ { sect = substr($0, 1, 5) }
	/^```/ && !open { open = 1; n++; f = sprintf("%s/%03d", dir, n)
		print substr($0, 4) > (f ".info"); print FNR > (f ".line"); print sect > (f ".sect"); print note > (f ".note")
		print fresh > (f ".fresh"); printf "" > (f ".text"); note = fresh = ""; next }
	/^```/ && open { open = 0; close(f ".text"); next }
	open { print > (f ".text"); next }
	/^<!-- fresh -->/ { fresh = "yes"; next }
	/^<!--/ { note = $0; next }
	/./ { note = "" }
	' "$1"
}

# codes_of DIR KIND TEXT: what weft says about a block, in DIR; codes to $T/codes, all of it to $T/said
codes_of() {
	case $2 in
	sh) (cd "$1" && timeout 60 bash "$3") >"$T/said" 2>&1 </dev/null; rc=$? ;;
	*)
		cp "$3" "$1/job.$2"
		checked "$1" "job.$2"
		;;
	esac
	codes_said
	[ $rc -le 64 ]
}
checked() { # DIR FILE
	(cd "$1" && timeout 60 weft check "$2") >"$T/said" 2>&1 </dev/null
	rc=$?
}
codes_said() {
	grep -oE '(error|warning|note)\[[A-Z][0-9]+\]|\b(R1[0-9][0-9])\b' "$T/said" | sed 's/.*\[//; s/\]//' | sort -u >"$T/codes"
}

page() { # one file of doc/errors
	local code line wrong=0 right=0 b sect kind extra
	code=$(basename "$1" .md)
	read -r line <"$1"
	case $line in "# $code: "?*) pass ;; *) echo "$line" | fail "$1: the first line is not '# $code: title'" ;; esac
	rm -rf "$T/p"; mkdir "$T/p"
	blocks "$1" "$T/p"
	extra=$(sed -n 's/^<!-- also: \(.*\) -->$/\1/p' "$1" | tr ' ' '\n')
	for b in "$T"/p/*.text; do
		[ -e "$b" ] || break
		b=${b%.text}
		read -r kind name <"$b.info"
		sect=$(cat "$b.sect")
		rm -rf "$T/w"; mkdir "$T/w"
		for f in "$T"/p/*.info; do # files beside it
			read -r _ other <"$f"
			[ -z "$other" ] || { mkdir -p "$(dirname "$T/w/$other")"; cp "${f%.info}.text" "$T/w/$other"; }
		done
		[ -z "$name" ] || continue
		case $sect in Wrong) wrong=$((wrong + 1)) ;; Right) right=$((right + 1)) ;; *) continue ;; esac
		case $kind in
		console) continue ;;
		weft | cfg | json | sh) ;;
		*) echo "\`\`\`$kind" | fail "$1: no front end of this name"; continue ;;
		esac
		if ! codes_of "$T/w" "$kind" "$b.text"; then
			fail "$1: $sect: status $rc" <"$T/said"
		elif [ "$sect" = Right ]; then
			if [ $rc = 0 ] && ! grep -qx "$code" "$T/codes"; then pass; else fail "$1: the right example is not clean" <"$T/said"; fi
		elif ! grep -qx "$code" "$T/codes"; then
			fail "$1: the wrong example does not give $code" <"$T/said"
		elif grep -vx "$code" "$T/codes" | grep -v '^[WN]' | grep -qvxF "${extra:-none}"; then
			fail "$1: the wrong example gives other codes too" <"$T/said"
		else
			pass
		fi
	done
	[ $wrong -gt 0 ] || [ "${code#R}" != "$code" ] || echo "a page has one" | fail "$1: no block after Wrong:"
	[ $right -gt 0 ] || [ "${code#R}" != "$code" ] || echo "a page has one" | fail "$1: no block after Right:"
}

# transcript BLOCK WHERE: run the "$ " lines of a block in $T/copy, compare what is shown below them
transcript() {
	local line cmd= want= seen= show=
	: >"$T/script"
	while IFS= read -r line || [ "$line" ]; do
		case $line in
		'$ '*) [ -z "$seen" ] || run_shown "$cmd" "$2"; cmd=${line#'$ '} seen=yes; : >"$T/want" ;;
		'> '*) cmd=$cmd$'\n'${line#'> '} ;;
		*) printf '%s\n' "$line" >>"$T/want" ;;
		esac
	done <"$1"
	[ -z "$seen" ] || run_shown "$cmd" "$2"
}

# the expected lines; "..." for any number of lines, at the end of a line for the rest of it
matches() {
	awk 'function same(w, g) { return w == g || (w ~ /[^.]\.\.\.$/ && index(g, substr(w, 1, length(w) - 3)) == 1) }
	NR == FNR { want[++n] = $0; next } { got[++m] = $0 }
	END {
		i = 1; j = 1; star = 0
		while (j <= m) {
			if (i <= n && want[i] == "...") { star = i; back = j; i++ }
			else if (i <= n && same(want[i], got[j])) { i++; j++ }
			else if (star) { i = star + 1; j = ++back }
			else exit 1
		}
		while (i <= n && want[i] == "...") i++
		exit i <= n
	}' "$T/want" "$T/got"
}

run_shown() { # COMMAND WHERE
	(cd "$(cat "$T/cwd")" && eval "$1"; rc=$?; pwd >"$T/cwd.new"; exit $rc) >"$T/got" 2>&1 </dev/null
	local rc=$?
	sed -i -e :a -e '/^\n*$/{$d;N;ba' -e '}' "$T/got" "$T/want" # blank lines at the end
	[ ! -s "$T/cwd.new" ] || mv "$T/cwd.new" "$T/cwd"
	if [ ! -s "$T/want" ]; then
		if [ $rc = 0 ]; then pass; else fail "$2: \$ $1 (status $rc)" <"$T/got"; fi
	elif matches; then
		pass
	else
		diff -u --label shown --label "output" "$T/want" "$T/got" | fail "$2: \$ $1"
	fi
}

# able NOTE: whether this machine has what a block needs
able() {
	case $1 in
	"<!-- shown only: "?*) return 1 ;;
	"<!-- needs: mounts -->")
		[ -e "$T/doctor" ] || weft doctor --json | tr -d '\n' >"$T/doctor"
		grep -qE '"namespaces", *"state": "ok"' "$T/doctor"
		;;
	"<!-- needs: slurm -->") [ "${WEFT_SLURM-}" ] ;;
	esac
}

# in_front_end KIND BLOCK WHERE NOTE [NAME]: the block checks clean, or gives the code of the note
in_front_end() {
	if [ "${5-}" ]; then
		checked "$(cat "$T/cwd")" "$5"
		codes_said
	else
		rm -rf "$T/w"; mkdir "$T/w"
		cp -r examples/. "$T/w/" 2>/dev/null
		codes_of "$T/w" "$1" "$2"
	fi
	case $4 in
	"<!-- error: "*)
		note=${4#"<!-- error: "}
		if [ "$(grep '^E' "$T/codes" | tr '\n' ' ')" = "${note% -->} " ]; then pass; else fail "$3: not just ${note% -->}" <"$T/said"; fi
		;;
	*) if [ $rc = 0 ]; then pass; else fail "$3: does not check clean" <"$T/said"; fi ;;
	esac
}

document() {
	local b kind name note where
	rm -rf "$T/p" "$T/copy"; mkdir "$T/p" "$T/copy"
	[ ! -d examples ] || cp -r examples "$T/copy/"
	chmod -R u+w "$T/copy"
	echo "$T/copy" >"$T/cwd"
	blocks "$1" "$T/p"
	for b in "$T"/p/*.text; do
		[ -e "$b" ] || break
		b=${b%.text}
		read -r kind name <"$b.info"
		note=$(cat "$b.note")
		where=$1:$(cat "$b.line")
		[ -z "$(cat "$b.fresh")" ] || mktemp -d "$T/fresh.XXXXXX" >"$T/cwd"
		able "$note" || { case $note in *needs:*) echo "skip $where: ${note//[<>!-]/}" ;; esac; continue; }
		[ -z "$name" ] || cp "$b.text" "$(cat "$T/cwd")/$name"
		case $kind in
		sh) transcript "$b.text" "$where" ;;
		weft | cfg | json) in_front_end "$kind" "$b.text" "$where" "$note" "$name" ;;
		esac
	done
}

# every local link of a document leads somewhere
links() {
	local l
	for l in $(grep -oE '\]\([^)#: ]+[)#]' "$1" | sed 's/^](//; s/.$//'); do
		if [ -e "$(dirname "$1")/$l" ]; then pass; else echo "$l" | fail "$1: a link leads nowhere"; fi
	done
}

# doc/architecture.md names every source file once, in the section of its folder, and none that is not there
map() {
	local d f=doc/architecture.md
	for d in base lang job compiler runtime cli; do
		awk -v head="## $d/" '/^## / { on = $0 == head } on' "$f" | grep '^|' | grep -oE '`[a-z_0-9]+\.[cly]`' | tr -d '`' | LC_ALL=C sort >"$T/got"
		(cd "$d" && printf '%s\n' *.[cly] | grep -v '\*' | LC_ALL=C sort) >"$T/want"
		if diff -u --label "files of $d/" --label "$f" "$T/want" "$T/got" >"$T/said"; then pass; else fail "$f: $d/" <"$T/said"; fi
	done
}

# manual pages: those made from the program are up to date, groff finds nothing wrong, every command has one
manual() {
	local c f
	for c in $(sed -n 's/^COMMAND(\(.*\))$/\1/p' cli/commands.def); do
		f=doc/man/weft-$c.1
		if weft help --man "$c" | diff -u --label "$f" --label "weft help --man $c" "$f" - >"$T/got" 2>&1; then pass; else fail "$f: not up to date (make man)" <"$T/got"; fi
		weft help | sed -n "s/^  $c  *//p" | sed 's/-/\\-/g' >"$T/want"
		sed -n "/^\.BR weft.-$c (1)$/{n;p;}" doc/man/weft.1 | diff -u --label "weft help" --label doc/man/weft.1 "$T/want" - >"$T/got" 2>&1 &&
			pass || fail "doc/man/weft.1: $c is not as in weft help" <"$T/got"
	done
	for f in doc/man/*.[1-8]; do
		groff -man -Tutf8 -ww "$f" 2>&1 >/dev/null | head -n 5 >"$T/got"
		if [ -s "$T/got" ]; then fail "$f" <"$T/got"; else pass; fi
	done
}

[ $# -gt 0 ] || { manual; map; }
[ $# -gt 0 ] || set -- README.md CONTRIBUTING.md $(find doc -name '*.md' | LC_ALL=C sort)
for f; do
	case $f in
	*doc/errors/*) page "$f" ;;
	*) [ ! -e "$f" ] || { document "$f"; links "$f"; } ;;
	esac
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
