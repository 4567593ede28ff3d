#!/usr/bin/env python3
"""wf2weft.py - a recorded workflow ("wf-neutral-1" JSON) as .weft text: wf2weft.py FILE.json > FILE.weft

Each recorded task becomes a task; a file that another task writes becomes a reference to that task's port, any
other file an input of the workspace.  The command copies nothing: it sleeps for the recorded time times SCALE
(second argument, default 0) and makes its outputs, so that the graph can also be run.
"""
import json
import re
import sys


def identifier(text, taken):
    """A word of weft made from text, not in taken."""
    word = re.sub(r"[^A-Za-z0-9_]", "_", text)
    if not re.match(r"[A-Za-z_]", word):
        word = "t_" + word
    unique, n = word, 1
    while unique in taken:
        n += 1
        unique = "%s_%d" % (word, n)
    taken.add(unique)
    return unique


def quoted(text):
    """A string of weft."""
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("~{", "~~{")
    return '"%s"' % out.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def words(task, scale):
    seconds = round(float(task.get("runtime", 0)) * scale, 3)
    return "sleep %g" % seconds if seconds else "true"


def convert(wf, scale, out):
    taken, names, writer = set(), {}, {}
    for task in wf["tasks"]:
        names[task["name"]] = identifier(task["name"], taken)
        for k, path in enumerate(task["outputs"]):
            writer[path] = (names[task["name"]], "o%d" % k)
    out.write("workflow %s\n" % quoted(identifier(wf["name"], set())[:64]))
    for task in wf["tasks"]:
        name = names[task["name"]]
        out.write("\ntask %s {\n" % name)
        for k, path in enumerate(task["inputs"]):
            if path in writer and writer[path][0] != name:
                out.write("  in  i%d = %s.%s\n" % (k, *writer[path]))
            else:
                out.write("  in  i%d = %s\n" % (k, quoted("data/" + path)))
        for k, path in enumerate(task["outputs"]):
            out.write("  out o%d = %s\n" % (k, quoted("out/" + path)))
        out.write("  run {\n    %s\n" % words(task, scale))
        for k in range(len(task["outputs"])):
            out.write("    : > ~{o%d}\n" % k)
        out.write("  }\n}\n")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: wf2weft.py FILE.json [SCALE] > FILE.weft")
    with open(sys.argv[1], encoding="utf-8") as f:
        wf = json.load(f)
    if wf.get("format") != "wf-neutral-1":
        sys.exit("wf2weft.py: %s: not wf-neutral-1" % sys.argv[1])
    convert(wf, float(sys.argv[2]) if len(sys.argv) == 3 else 0, sys.stdout)


if __name__ == "__main__":
    main()
