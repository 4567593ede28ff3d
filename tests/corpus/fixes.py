#!/usr/bin/env python3
# fixes.py - what weft check --fix does to inputs with mistakes.
#
# For every input for which some diagnostic has a fix: no diagnostic that had a fix is left (with --unsafe), no other
# code has come, fixing again changes nothing; and where all of them have safe fixes, the file differs from the input
# only on lines that a fix touches.  Prints "N passed, N failed".
# Usage: fixes.py WEFT INPUT...
import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile

weft, inputs = os.path.abspath(sys.argv[1]), [os.path.abspath(p) for p in sys.argv[2:]]
env = dict(os.environ, LC_ALL="C", XDG_CONFIG_HOME="/nonexistent")


def check(d, name, *options):
    r = subprocess.run([weft, "check", "--error-format", "json", *options, name], cwd=d, env=env, capture_output=True)
    return [json.loads(line) for line in r.stdout.decode().splitlines()], r


def arguments(path):
    try:
        return open(os.path.splitext(path)[0] + ".args").read().split()
    except FileNotFoundError:
        return []


def key(diag):
    return diag["code"]


def own_fixes(diag, name):
    return [f for f in diag["fixes"] if f.get("file") == name]


def touched(diags, name):
    """Lines of the input that fixes are allowed to change."""
    lines = set()
    for d in diags:
        for f in own_fixes(d, name):
            lines.update(range(f["line"], f["end_line"] + 1))
    return lines


def changed(before, after):
    lines = set()
    for op, a0, a1, _, _ in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op != "equal":
            lines.update(range(a0 + 1, max(a1, a0 + 1) + 1))
    return lines


copies = {}


def copy_of(directory):
    if directory not in copies:
        copies[directory] = os.path.join(tmp.name, str(len(copies)))
        shutil.copytree(directory, copies[directory], ignore=lambda _, n: [x for x in n if x.endswith((".err", ".errjson"))])
    return copies[directory]


def one(path):
    name, problems = os.path.basename(path), []
    d = copy_of(os.path.dirname(path))
    args = arguments(path)
    before, _ = check(d, name, *args)
    fixable = [x for x in before if own_fixes(x, name)]
    if not fixable:
        return None
    old = open(os.path.join(d, name), encoding="utf-8").read().split("\n")
    check(d, name, "--fix", "--unsafe", *args)
    new = open(os.path.join(d, name), encoding="utf-8").read().split("\n")
    after, _ = check(d, name, *args)
    left = [x["code"] + ": " + x["message"] for x in after if own_fixes(x, name)]
    if left:
        problems.append("still to be fixed: " + "; ".join(left))
    fresh = {key(x) for x in after} - {key(x) for x in before}
    if fresh:
        problems.append("new after fixing: " + ", ".join(sorted(fresh)))
    if len(after) > len(before) - len(fixable) and not all(key(x) in {key(y) for y in before} for x in after):
        problems.append("more is left than had no fix")
    if old == new:
        problems.append("nothing was changed")
    beyond = changed(old, new) - touched(before, name)
    if beyond and len(before) == len(fixable) and not any(f.get("unsafe") for x in before for f in x["fixes"]):
        problems.append(f"lines {sorted(beyond)} changed without a fix there")
    check(d, name, "--fix", "--unsafe", *args)
    if open(os.path.join(d, name), encoding="utf-8").read().split("\n") != new:
        problems.append("fixing again changed more")
    shutil.copy(path, os.path.join(d, name))
    return problems


tmp = tempfile.TemporaryDirectory(prefix="weft-fixes.")
passed = failed = 0
for p in inputs:
    bad = one(p)
    if bad is None:
        continue
    passed, failed = passed + (not bad), failed + bool(bad)
    for b in bad:
        print(f"FAIL {os.path.relpath(p)}: {b}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
