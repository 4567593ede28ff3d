#!/usr/bin/env python3
# marks.py - find words of messages that no catalogue can hold.
#
# In every call that makes a message (KEYWORDS: which argument is the format) the format is one literal, or a choice
# between literals that are marked with N_(); every other literal with a word in it, an argument for a %s, is in _().
# Prints file:line: and the literal; status 1 if there is one.
# Usage: marks.py FILE...
import re
import sys

KEYWORDS = {"diag_error": 4, "diag_label": 2, "diag_note": 2, "diag_help": 2, "diag_at": 3, "scan_error": 4,
            "ERROR": 3, "LABEL": 1, "HELP": 1, "val_coerce": 6}
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\'|[A-Za-z_]\w*|\s+|.', re.S)
WORD = re.compile(r"[a-z]{2,}")
# what is written in a workflow is the same in every language
SAME = {"in", "out", "min", "max", "run", "CommandLine", "s min h d", "oss", "bucket", "dir", "home", "warnings"}


def tokens(text):
    line, out = 1, []
    for m in TOKEN.finditer(text):
        t = m.group()
        if not t.isspace() and not t.startswith(("/*", "//")):
            out.append((t, line))
        line += t.count("\n")
    return out


def arguments(toks, i):
    """The argument lists of a call whose ( is at i: token lists, and the index behind the )."""
    args, depth = [[]], 0
    while i < len(toks):
        t = toks[i][0]
        if t in ")]}":
            depth -= 1
            if not depth:
                return args, i + 1
        if depth == 1 and t == ",":
            args.append([])
        elif depth:
            args[-1].append(toks[i])
        if t in "([{":
            depth += 1
        i += 1
    return args, i


def unmarked(arg):
    """Literals of an argument that stand in no _( ) or N_( ), nor in a call of another function."""
    out, stack = [], []
    for k, (t, line) in enumerate(arg):
        if t == "(":
            stack.append(arg[k - 1][0] if k and re.match(r"[A-Za-z_]", arg[k - 1][0]) else "")
        elif t == ")":
            stack and stack.pop()
        elif t[0] == '"' and not any(stack):
            out.append((t, line))
    return out


def check(path):
    text = open(path, encoding="utf-8").read()
    toks, bad = tokens(text), 0
    for i, (t, line) in enumerate(toks):
        if t not in KEYWORDS or i + 1 >= len(toks) or toks[i + 1][0] != "(":
            continue
        args, _ = arguments(toks, i + 1)
        for n, arg in enumerate(args, 1):
            lits = unmarked(arg)
            if n == KEYWORDS[t] and not any(x[0] == "?" for x in arg):
                continue
            for lit, at in lits:
                text = re.sub(r"`[^`]*`|%[-+ 0#]*[*\d.]*(?:ll|[hlzjt])?[a-zA-Z]", "", lit).strip('"')
                if text not in SAME and any(w not in SAME for w in WORD.findall(text)):
                    print(f"{path}:{at}: not marked for translation: {lit}")
                    bad += 1
    return bad


sys.exit(1 if sum([check(p) for p in sys.argv[1:]]) else 0)
