#!/usr/bin/env python3
# rules.py - every rule of the service is in doc/rules.md, and every code that stands beside one is shown by a golden.
#
# The rules have the numbers of the collected facts: 1.1 to 12.2, and 1 to 34 for the contradictions between sources.  A row
# names a code, or says why there is none.  Prints "N passed, N failed".
import glob
import os
import re
import sys

RULES = {1: 18, 2: 17, 3: 7, 4: 8, 5: 6, 6: 9, 7: 9, 8: 5, 9: 6, 11: 3, 12: 2}
CONTRADICTIONS = 34
os.chdir(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
text = open("doc/rules.md", encoding="utf-8").read()
known = set(re.findall(r"^CODE\(([EWN]\d{4}),", open("base/codes.def", encoding="utf-8").read(), re.M))
shown = set()
for p in glob.glob("tests/golden/**/*", recursive=True):
    if p.endswith((".err", ".errjson", ".short", ".out", ".sarif", ".github")):
        shown |= set(re.findall(r"\b[EWN]\d{4}\b", open(p, encoding="utf-8", errors="replace").read()))

passed, problems = 0, []


def numbers(cell):
    """The rules of a row's first cell: "1.3, 1.6", "2.8 to 2.12", "30", "2, 3, 4, 5", "9 to 13"."""
    out = []
    for piece in re.split(r",\s*", cell.strip()):
        m = re.fullmatch(r"(?:(\d+)\.)?(\d+) to (?:(\d+)\.)?(\d+)", piece)
        if m:
            out += [(m.group(1), i) for i in range(int(m.group(2)), int(m.group(4)) + 1)]
        elif re.fullmatch(r"(?:\d+\.)?\d+", piece):
            s, _, i = piece.rpartition(".")
            out.append((s or None, int(i)))
    return out


rows = {}
for line in text.splitlines():
    cells = [c.strip() for c in line.strip().strip("|").split("|")]
    if line.startswith("|") and len(cells) >= 3:
        for rule in numbers(cells[0]):
            rows[rule] = cells[1:]
wanted = [(str(s), i) for s, n in RULES.items() for i in range(1, n + 1)]
wanted += [(None, i) for i in range(1, CONTRADICTIONS + 1)]
for rule in wanted:
    label = f"{rule[0]}.{rule[1]}" if rule[0] else str(rule[1])
    if rule not in rows:
        problems.append(f"rule {label} is not in doc/rules.md")
        continue
    said = " ".join(rows[rule])
    codes = set(re.findall(r"\b[EWN]\d{4}\b", said))
    bad = [c for c in sorted(codes) if c not in known]
    unseen = [c for c in sorted(codes) if c in known and c not in shown]
    if bad:
        problems.append(f"rule {label}: no such code: {' '.join(bad)}")
    if unseen:
        problems.append(f"rule {label}: no golden shows {' '.join(unseen)}")
    if not codes and len(said) < 8:
        problems.append(f"rule {label} has neither a code nor a reason")
    passed += not bad and not unseen
for p in problems:
    print("FAIL", p)
print(f"{passed} passed, {len(problems)} failed")
sys.exit(1 if problems else 0)
