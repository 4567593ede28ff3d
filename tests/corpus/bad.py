#!/usr/bin/env python3
# bad.py - the inputs with mistakes among the goldens: those whose .errjson holds a diagnostic in the input itself, with
# code, line and column.  Prints their paths; fails when there are too few of a front end.
import glob
import json
import os
import sys

WANTED = {"weft": 120, "cfg": 40, "json": 15}
top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
count, diagnostics = dict.fromkeys(WANTED, 0), 0
for expectation in sorted(glob.glob(os.path.join(top, "tests/golden/**/*.errjson"), recursive=True)):
    for kind in WANTED:
        path = os.path.splitext(expectation)[0] + "." + kind
        if not os.path.exists(path):
            continue
        found = [json.loads(line) for line in open(expectation, encoding="utf-8")]
        here = [d for d in found if d.get("file") == os.path.basename(path) and d["line"] > 0 and d["col"] > 0]
        diagnostics += len(here)
        if here:
            count[kind] += 1
            print(path)
total = sum(count.values())
print(f"# {total} inputs with mistakes ({', '.join(f'{n} {k}' for k, n in count.items())}), {diagnostics} diagnostics")
sys.exit(0 if total >= 200 and all(count[k] >= n for k, n in WANTED.items()) else 1)
