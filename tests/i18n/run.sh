#!/bin/bash
# run.sh - the message catalogues.
#
# Every text of a message is marked (marks.py); every marked text has a translation, with the same formats (msgfmt -c) and
# the same names in backquotes; diagnostics come in the language that the environment chooses, machines get English,
# and an installed program finds its catalogues.  What lacks a translation is named with its place in the sources: run
# `make po`, fill the empty msgstr in po/LANG.po.
top=$(cd "$(dirname "$0")/../.." && pwd)
WEFT=${WEFT:-$top/build/release/weft}
LINGUAS=${LINGUAS:-zh_CN}
T=$(mktemp -d "${TMPDIR:-/tmp}/weft-i18n.XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
unset LC_ALL LC_MESSAGES LANG LANGUAGE
passed=0 failed=0
result() { # status, name, details from standard input
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		cat >/dev/null
	else
		failed=$((failed + 1))
		echo "FAIL $2"
		head -n 80 | sed 's/^/     /'
	fi
}
shopt -s lastpipe
cd "$top" || exit 1

find base lang job compiler runtime cli -name '*.[chly]' | LC_ALL=C sort | xargs python3 tests/i18n/marks.py >"$T/out" 2>&1
rc=$?
result $rc "texts that no catalogue can hold: wrap them in _() or N_()" <"$T/out"

po/update -p >"$T/weft.pot"
[ "$(grep -c '^msgid' "$T/weft.pot")" -gt 1000 ]
result $? "fewer messages than there were" <"$T/weft.pot"
for l in $LINGUAS; do
	msgmerge -q --no-fuzzy-matching "po/$l.po" "$T/weft.pot" >"$T/$l.po" 2>"$T/out"
	result $? "po/$l.po cannot be read" <"$T/out"
	msgattrib --untranslated --no-obsolete --no-wrap "$T/$l.po" | sed -n '/^#:/p; /^msgid "..*"/p' >"$T/out"
	[ ! -s "$T/out" ]
	result $? "messages without a translation in po/$l.po: make po, then fill them in" <"$T/out"
	msgattrib --only-fuzzy "$T/$l.po" | grep '^msgid "..*"' >"$T/out"
	[ ! -s "$T/out" ]
	result $? "translations marked fuzzy in po/$l.po" <"$T/out"
	LC_ALL=C msgfmt -c -o /dev/null "$T/$l.po" >"$T/out" 2>&1
	result $? "formats differ in po/$l.po" <"$T/out"
	python3 tests/i18n/quotes.py "$T/$l.po" >"$T/out"
	result $? "names in backquotes differ in po/$l.po" <"$T/out"
done

# a locale of our own: the system may have none
mkdir "$T/locale"
localedef -i zh_CN -f UTF-8 "$T/locale/zh_CN.UTF-8" >"$T/out" 2>&1
[ -d "$T/locale/zh_CN.UTF-8" ]
result $? "localedef cannot make zh_CN.UTF-8: is the package locales there?" <"$T/out"
export LOCPATH=$T/locale
cp -r tests/i18n/cases "$T/cases"
cd "$T/cases" || exit 1
same() { # EXPECTATION NAME: $T/out is as expected
	diff -u "$top/tests/i18n/cases/$1" "$T/out" >"$T/diff"
	result $? "$2" <"$T/diff"
}
LC_ALL=zh_CN.UTF-8 "$WEFT" check wide.weft >"$T/out" 2>&1; same wide.zh "wide.weft in Chinese"
LC_ALL=zh_CN.UTF-8 "$WEFT" check cfg.cfg >"$T/out" 2>&1; same cfg.zh "cfg.cfg in Chinese"
LC_ALL=zh_CN.UTF-8 "$WEFT" check --error-format short wide.weft >"$T/out" 2>&1; same wide.short.zh "wide.weft in Chinese, short"
LC_ALL=C "$WEFT" check wide.weft >"$T/english" 2>&1
for how in LC_MESSAGES=zh_CN.UTF-8 LANG=zh_CN.UTF-8 'LC_ALL= LC_MESSAGES= LANG=zh_CN.UTF-8'; do
	env $how "$WEFT" check wide.weft >"$T/out" 2>&1; same wide.zh "chosen by $how"
done
english() { # NAME: $T/out is what LC_ALL=C gives
	diff -u "$T/english" "$T/out" >"$T/diff"
	result $? "$1" <"$T/diff"
}
for how in LC_ALL=C 'LC_ALL=C LANG=zh_CN.UTF-8' LC_ALL=POSIX LC_ALL=C.UTF-8 LC_ALL=xx_YY.UTF-8; do
	env $how "$WEFT" check wide.weft >"$T/out" 2>&1; english "English with $how"
done
for format in json sarif github; do
	LC_ALL=C "$WEFT" check --error-format $format wide.weft >"$T/english"
	LC_ALL=zh_CN.UTF-8 "$WEFT" check --error-format $format wide.weft >"$T/out"; english "$format is never translated"
done
LC_ALL=C "$WEFT" check --list --json >"$T/english"
LC_ALL=zh_CN.UTF-8 "$WEFT" check --list --json >"$T/out"; english "check --list --json is never translated"
LC_ALL=zh_CN.UTF-8 "$WEFT" check --list | grep -q '^E0202 .*名称未定义'
result $? "check --list has translated titles" </dev/null

# installed: PREFIX/share/locale; and nothing of a catalogue is looked for in the locale C
mkdir -p "$T/prefix/bin" "$T/prefix/share"
cp "$WEFT" "$T/prefix/bin/weft"
cp -r "$(dirname "$WEFT")/locale" "$T/prefix/share/locale"
LC_ALL=zh_CN.UTF-8 "$T/prefix/bin/weft" check wide.weft >"$T/out" 2>&1; same wide.zh "installed under a prefix"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
