#!/usr/bin/env python3
# sarif.py - what the SARIF 2.1.0 schema demands, of what weft check --error-format sarif prints.
#
# Required properties, no others than the schema has, types, enumerations, bounds of regions; and what the schema cannot
# say: ruleIndex fits rules, fixes replace text of the file, levels fit, partialFingerprints stay when lines move.
# Prints "N passed, N failed".
# Usage: sarif.py WEFT INPUT...
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

LEVELS = {"none", "note", "warning", "error"}
URI = re.compile(r"^[A-Za-z0-9._~/!$&'()*+,;=:@%-]*$")


class Bad(Exception):
    pass


def need(ok, what):
    if not ok:
        raise Bad(what)


def obj(o, where, required=(), optional=()):
    need(isinstance(o, dict), f"{where} is no object")
    for k in required:
        need(k in o, f"{where} lacks {k}")
    for k in o:
        need(k in required or k in optional, f"{where} has {k}, which the schema does not know")
    return o


def text(o, where):
    need(isinstance(o, str), f"{where} is no string")
    return o


def array(o, where, least=0, unique=False):
    need(isinstance(o, list), f"{where} is no array")
    need(len(o) >= least, f"{where} has fewer than {least} items")
    if unique:
        need(len({json.dumps(x, sort_keys=True) for x in o}) == len(o), f"{where} has one item twice")
    return o


def whole(o, where, least):
    need(isinstance(o, int) and not isinstance(o, bool) and o >= least, f"{where} is no integer from {least} on")
    return o


def message(o, where):
    obj(o, where, (), ("text", "markdown", "id", "arguments", "properties"))
    need("text" in o or "id" in o, f"{where} has neither text nor id")
    text(o.get("text", ""), where + ".text")


def artifact(o, where):
    obj(o, where, (), ("uri", "uriBaseId", "index", "description", "properties"))
    need(URI.match(text(o.get("uri", ""), where + ".uri")), f"{where}.uri is no URI reference: {o.get('uri')}")


def region(o, where):
    names = ("startLine", "startColumn", "endLine", "endColumn", "charOffset", "charLength", "byteOffset", "byteLength",
             "snippet", "message", "sourceLanguage", "properties")
    obj(o, where, (), names)
    for k in ("startLine", "startColumn", "endLine", "endColumn"):
        if k in o:
            whole(o[k], f"{where}.{k}", 1)
    for k in ("charOffset", "byteOffset"):
        if k in o:
            whole(o[k], f"{where}.{k}", -1)
    end, start = o.get("endLine", o.get("startLine", 1)), o.get("startLine", 1)
    need(end >= start, f"{where} ends above its start")
    if end == start and "endColumn" in o:
        need(o["endColumn"] >= o.get("startColumn", 1), f"{where} ends before its start")


def location(o, where):
    obj(o, where, (), ("id", "physicalLocation", "logicalLocations", "message", "annotations", "relationships", "properties"))
    if "physicalLocation" in o:
        p = obj(o["physicalLocation"], where + ".physicalLocation", (),
                ("address", "artifactLocation", "region", "contextRegion", "properties"))
        need("address" in p or "artifactLocation" in p, f"{where}.physicalLocation says no place")
        artifact(p["artifactLocation"], where + ".artifactLocation")
        if "region" in p:
            region(p["region"], where + ".region")
    if "message" in o:
        message(o["message"], where + ".message")


def fix(o, where):
    obj(o, where, ("artifactChanges",), ("description", "properties"))
    for i, c in enumerate(array(o["artifactChanges"], where + ".artifactChanges", 1, True)):
        at = f"{where}.artifactChanges[{i}]"
        obj(c, at, ("artifactLocation", "replacements"), ("properties",))
        artifact(c["artifactLocation"], at + ".artifactLocation")
        for k, r in enumerate(array(c["replacements"], at + ".replacements", 1)):
            obj(r, f"{at}.replacements[{k}]", ("deletedRegion",), ("insertedContent", "properties"))
            region(r["deletedRegion"], f"{at}.replacements[{k}].deletedRegion")
            if "insertedContent" in r:
                obj(r["insertedContent"], at + ".insertedContent", (), ("text", "binary", "rendered", "properties"))
                text(r["insertedContent"].get("text", ""), at + ".insertedContent.text")


def rule(o, where):
    obj(o, where, ("id",), ("deprecatedIds", "guid", "name", "deprecatedNames", "shortDescription", "fullDescription",
                            "messageStrings", "defaultConfiguration", "helpUri", "help", "relationships", "properties"))
    text(o["id"], where + ".id")
    for k in ("shortDescription", "fullDescription", "help"):
        if k in o:
            obj(o[k], f"{where}.{k}", ("text",), ("markdown", "properties"))
    c = obj(o.get("defaultConfiguration", {}), where + ".defaultConfiguration", (),
            ("enabled", "level", "rank", "parameters", "properties"))
    need(c.get("level", "warning") in LEVELS, f"{where} has level {c.get('level')}")


def result(o, where, rules):
    names = ("ruleId", "ruleIndex", "rule", "kind", "level", "analysisTarget", "locations", "guid", "correlationGuid",
             "occurrenceCount", "partialFingerprints", "fingerprints", "stacks", "codeFlows", "graphs", "graphTraversals",
             "relatedLocations", "suppressions", "baselineState", "rank", "attachments", "hostedViewerUri",
             "workItemUris", "provenance", "fixes", "taxa", "webRequest", "webResponse", "properties")
    obj(o, where, ("message",), names)
    message(o["message"], where + ".message")
    need(o.get("level", "warning") in LEVELS, f"{where} has level {o.get('level')}")
    index = whole(o.get("ruleIndex", -1), where + ".ruleIndex", -1)
    need(index < len(rules), f"{where}.ruleIndex is {index} of {len(rules)} rules")
    if index >= 0:
        need(rules[index]["id"] == o["ruleId"], f"{where}: rule {index} is {rules[index]['id']}, not {o['ruleId']}")
    for i, l in enumerate(array(o.get("locations", []), where + ".locations")):
        location(l, f"{where}.locations[{i}]")
    for i, l in enumerate(array(o.get("relatedLocations", []), where + ".relatedLocations", 0, True)):
        location(l, f"{where}.relatedLocations[{i}]")
    for k, v in obj(o.get("partialFingerprints", {}), where + ".fingerprints", (), o.get("partialFingerprints", {})).items():
        text(v, f"{where}.partialFingerprints.{k}")
    for i, f in enumerate(array(o.get("fixes", []), where + ".fixes", 0, True)):
        fix(f, f"{where}.fixes[{i}]")


def log(o):
    obj(o, "the log", ("version", "runs"), ("$schema", "inlineExternalProperties", "properties"))
    need(o["version"] == "2.1.0", "version is not 2.1.0")
    for n, run in enumerate(array(o["runs"], "runs")):
        where = f"runs[{n}]"
        names = ("invocations", "conversion", "language", "versionControlProvenance", "originalUriBaseIds", "artifacts",
                 "logicalLocations", "graphs", "results", "automationDetails", "runAggregates", "baselineGuid",
                 "redactionTokens", "defaultEncoding", "defaultSourceLanguage", "newlineSequences", "columnKind",
                 "externalPropertyFileReferences", "threadFlowLocations", "taxonomies", "addresses", "translations",
                 "policies", "webRequests", "webResponses", "specialLocations", "properties")
        obj(run, where, ("tool",), names)
        need(run.get("columnKind", "unicodeCodePoints") in ("utf16CodeUnits", "unicodeCodePoints"), "columnKind")
        driver = obj(run["tool"], where + ".tool", ("driver",), ("extensions", "properties"))["driver"]
        need("name" in driver, f"{where}.tool.driver lacks name")
        for k in driver:
            need(k in ("name", "rules", "version", "semanticVersion", "informationUri", "fullName", "organization",
                       "shortDescription", "fullDescription", "properties"), f"driver has {k}")
        rules = array(driver.get("rules", []), where + ".rules", 0, True)
        for i, r in enumerate(rules):
            rule(r, f"{where}.rules[{i}]")
        need(len({r["id"] for r in rules}) == len(rules), "two rules have one id")
        for i, r in enumerate(array(run.get("results", []), where + ".results")):
            result(r, f"{where}.results[{i}]", rules)


weft, inputs = os.path.abspath(sys.argv[1]), [os.path.abspath(p) for p in sys.argv[2:]]
env = dict(os.environ, LC_ALL="C", XDG_CONFIG_HOME="/nonexistent")


def run(directory, *names):
    args = []
    if len(names) == 1:
        try:
            args = open(os.path.join(directory, os.path.splitext(names[0])[0] + ".args")).read().split()
        except FileNotFoundError:
            pass
    r = subprocess.run([weft, "check", "--error-format", "sarif", *args, *names], cwd=directory, env=env, capture_output=True)
    return json.loads(r.stdout.decode("utf-8"))


def inside(o, directory):
    """Regions and replacements lie in the text of the file, columns counting code points."""
    for r in o["runs"][0]["results"]:
        regions = [(c["artifactLocation"], x["deletedRegion"]) for f in r.get("fixes", []) for c in f["artifactChanges"]
                   for x in c["replacements"]]
        regions += [(l["physicalLocation"]["artifactLocation"], l["physicalLocation"]["region"])
                    for l in r.get("locations", []) if "physicalLocation" in l]
        for where, reg in regions:
            path = os.path.join(directory, re.sub(r"%([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), where["uri"]))
            if not os.path.isfile(path):
                continue
            raw = open(path, "rb").read().split(b"\n")
            need(reg["endLine"] <= len(raw), f"line {reg['endLine']} of {len(raw)}")
            for line, col in (("startLine", "startColumn"), ("endLine", "endColumn")):
                points = sum((b & 0xc0) != 0x80 for b in raw[reg[line] - 1])
                need(reg[col] <= points + 1, f"column {reg[col]} of {points} in line {reg[line]}")


def prints(o):
    return [r["partialFingerprints"]["weft/v1"] for r in o["runs"][0]["results"]]


def moved(directory, name):
    """A comment above moves all lines and no fingerprint."""
    with tempfile.TemporaryDirectory(prefix="weft-sarif.") as tmp:
        for f in os.listdir(directory):
            if os.path.splitext(f)[0] == os.path.splitext(name)[0] and not f.endswith((".err", ".errjson")):
                shutil.copy(os.path.join(directory, f), tmp)
        before = prints(run(tmp, name))
        body = open(os.path.join(tmp, name), "rb").read()
        open(os.path.join(tmp, name), "wb").write(b"# a line\n\n" + body)
        return before == prints(run(tmp, name))


passed = failed = 0


def verdict(path, problem):
    global passed, failed
    passed, failed = passed + (not problem), failed + bool(problem)
    if problem:
        print(f"FAIL {os.path.relpath(path)}: {problem}")


def selftest():
    """The validator itself refuses what is wrong."""
    good = run(os.path.dirname(inputs[0]), os.path.basename(inputs[0]))
    broken = [lambda o: o.pop("version"), lambda o: o["runs"][0].pop("tool"), lambda o: o.update(extra=1),
              lambda o: o["runs"][0]["results"][0].update(ruleIndex=7), lambda o: o["runs"][0]["results"][0].pop("message"),
              lambda o: o["runs"][0]["results"][0].update(level="fatal"),
              lambda o: o["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
              lambda o: o["runs"][0]["tool"]["driver"]["rules"][0].pop("id")]
    for spoil in broken:
        o = json.loads(json.dumps(good))
        spoil(o)
        try:
            log(o)
            return "the validator takes a broken log"
        except Bad:
            pass
    return None


verdict("tests/corpus/sarif.py", selftest())
for n, p in enumerate(inputs):
    d, name = os.path.split(p)
    try:
        o = run(d, name)
        log(o)
        inside(o, d)
        if n % 8 == 0 and name.endswith((".weft", ".cfg")):
            need(moved(d, name), "fingerprints change when lines move")
        verdict(p, None)
    except (Bad, ValueError, KeyError) as e:
        verdict(p, repr(e))
d = os.path.dirname(inputs[0])
several = [os.path.basename(p) for p in inputs[:5] if os.path.dirname(p) == d]
try:
    o = run(d, *several)
    log(o)
    need(len(o["runs"]) == len(several), "a run for every file")
    verdict(d, None)
except (Bad, ValueError) as e:
    verdict(d, repr(e))
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
