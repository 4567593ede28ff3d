#!/usr/bin/env python3
# quotes.py - a translation has as many names in backquotes as its message, and those without a format are the same.
# Usage: quotes.py FILE.po
import re
import sys


def entries(path):
    fields, key = {}, None
    for line in open(path, encoding="utf-8"):
        m = re.match(r'(?:(msgid|msgstr) )?"(.*)"\s*$', line)
        if line.startswith("#~"):
            continue
        if m:
            key = m.group(1) or key
            if m.group(1) == "msgid":
                fields = {"msgid": "", "msgstr": ""}
            fields[key] += m.group(2)
        elif not line.strip() and fields:
            yield fields
            fields = {}
    if fields:
        yield fields


def names(text):
    return sorted(n for n in re.findall(r"`([^`]*)`", text) if "%" not in n)


bad = 0
for e in entries(sys.argv[1]):
    if not e["msgid"] or not e["msgstr"]:
        continue
    if e["msgid"].count("`") != e["msgstr"].count("`") or names(e["msgid"]) != names(e["msgstr"]):
        print(e["msgid"], "|", e["msgstr"])
        bad += 1
sys.exit(1 if bad else 0)
