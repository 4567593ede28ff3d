#!/usr/bin/env python3
"""inject.py WEFT LIBRARY EVERY [PART...] - let every EVERYth call of the system that the driver makes fail, in each way.

The driver must say so (another status than 0, and a message) or do without (status 0, and all is right); the plain command
afterwards ends well, and does not start again what had been recorded as done.  As root, also on small full file systems.
"""
from concurrent import futures
import os
import subprocess
import sys
import tempfile
import shutil

from graph import Graph

CASES = [(what, how) for what, ways in (("write", ("ENOSPC", "EIO", "EINTR", "SHORT", "FULL")), ("sync", ("EIO", "ENOSPC")),
                                        ("read", ("EIO", "SHORT")), ("open", ("EMFILE", "ENFILE", "EIO")),
                                        ("close", ("EIO", "EINTR"))) for how in ways]
LOOKS = (("status",), ("status", "--json"), ("history",), ("show",), ("show", "--json"), ("logs", "parts"), ("plan", "wf.weft"),
         ("why", "-f", "wf.weft", "all"), ("clean", "--stale", "-n"))
WORKFLOW = """workflow "w"
task parts {
  out part[] = glob("part/*.txt")
  run {
    echo parts >> %(log)s
    echo said; echo complained >&2
    mkdir -p part; echo 1 > part/1.txt; echo 2 > part/2.txt
  }
}
task each for p in parts.part {
  in src = p
  out o = "each/~{basename(p)}"
  run {
    echo each >> %(log)s
    cat ~{src} ~{src} > ~{o}
  }
}
task all {
  in src = each[*].o
  out o = "all.txt"
  %(place)s
  run {
    echo all >> %(log)s
    mkdir -p each; cat ~{src} > ~{o}
  }
}
"""
failures = 0


class Small(Graph):
    """A fixed workflow with a glob, a scatter over it, and a task that gathers."""

    def __init__(self, top, kind):
        self.dir, self.log, self.kind = os.path.join(top, "ws"), os.path.join(top, "log"), kind
        self.fresh()

    def fresh(self):
        for name in os.listdir(self.dir) if os.path.isdir(self.dir) else ():
            path = os.path.join(self.dir, name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        os.makedirs(self.dir, exist_ok=True)
        open(self.log, "w").close()
        with open(os.path.join(self.dir, "wf.weft"), "w") as f:
            f.write(WORKFLOW % {"log": self.log, "place": "in_place = true" if self.kind == "in_place" else ""})

    def right(self):
        try:
            with open(os.path.join(self.dir, "all.txt")) as f:
                return sorted(f.read().split()) == ["1", "1", "2", "2"]
        except OSError:
            return False


def fail(text):
    global failures
    failures += 1
    print("FAIL %s" % text, flush=True)


def start(graph, command, env):
    p = subprocess.run(command, cwd=graph.dir, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
    return p.returncode, p.stdout.decode("utf-8", "replace")


def run(graph, weft, env):
    return start(graph, graph.command(weft, "-j1"), env)


def ended_well(graph, rc, out, about):
    """Is what the disturbed run did allowed?"""
    if rc == 0 and not graph.right():
        fail("%s: status 0, but the result is wrong: %s" % (about, out))
    elif rc and (rc < 0 or rc >= 70 or not out.strip()):
        fail("%s: status %d: %s" % (about, rc, out))


def goes_on(graph, weft, about):
    """The plain command after it."""
    done, before = graph.recorded(), graph.starts()
    rc, out = run(graph, weft, {})
    if rc or not graph.right():
        fail("%s: afterwards status %d: %s" % (about, rc, out))
    now = graph.starts()
    for task in done - {"each"}: # of two instances, one may have been done
        if now.get(task, 0) > before.get(task, 0):
            fail("%s: %s had succeeded and ran again" % (about, task))
    rc, out = run(graph, weft, {})
    if rc or graph.starts() != now:
        fail("%s: once more is not nothing: %s" % (about, out))


def preload(library, graph, **env):
    return {"LD_PRELOAD": library, "INJECT_COUNT": os.path.join(os.path.dirname(graph.dir), "count"),
            "ASAN_OPTIONS": "verify_asan_link_order=0", **{"INJECT_" + k: str(v) for k, v in env.items()}}


def counted(env):
    with open(env["INJECT_COUNT"]) as f:
        return int(f.read())


def places(graph, library, every, begin):
    """Each case with the calls that are to fail in it; BEGIN(env) is the undisturbed run."""
    for k, (what, how) in enumerate(CASES):
        env = preload(library, graph, WHAT=what)
        begin(env)
        calls = counted(env)
        step = every if what != "sync" else 1
        for at in range(1 + k % step, calls + 1, step):
            yield what, "%s, %s call %d of %d, %s" % (graph.kind, what, at, calls, how), {**env, "INJECT_AT": str(at), "INJECT_HOW": how}


def inject(graph, weft, library, every):
    def begin(env):
        graph.fresh()
        rc, out = run(graph, weft, env)
        if rc or not graph.right():
            fail("undisturbed: status %d: %s" % (rc, out))
    runs = said = 0
    for what, about, env in places(graph, library, every, begin):
        graph.fresh()
        rc, out = run(graph, weft, env)
        ended_well(graph, rc, out, about)
        # how many syncs there are depends on how long the tasks take: a run may end before the one that was to fail
        if what == "sync" and not rc and counted(env) >= int(env["INJECT_AT"]):
            fail("%s: what the disk did not take was kept quiet" % about)
        goes_on(graph, weft, about)
        runs += 1
        said += rc != 0
    print("ok - %s: %d runs with a call that fails, %d of them said so" % (graph.kind, runs, said), flush=True)


def looks(graph, weft, library, every):
    """Commands that only look: the same answer, or a word about what is missing in it; nothing is changed."""
    graph.fresh()
    rc, out = run(graph, weft, {})
    if rc:
        fail("undisturbed: status %d: %s" % (rc, out))
    begun, runs, said = graph.starts(), 0, 0
    for command in LOOKS:
        right = []
        for _, about, env in places(graph, library, every, lambda env: right.append(start(graph, (weft,) + command, env))):
            rc, out = start(graph, (weft,) + command, env)
            runs += 1
            said += rc != 0
            if rc < 0 or rc >= 70 or (rc and not out.strip()):
                fail("%s, %s: status %d: %s" % (" ".join(command), about, rc, out))
            elif rc == 0 and out != right[0][1] and "error" not in out and "warning" not in out and command[0] not in ("plan", "why"):
                fail("%s, %s: another answer without a word: %s" % (" ".join(command), about, out))
    rc, out = run(graph, weft, {})
    if rc or graph.starts() != begun:
        fail("after commands that only look, a run does more than nothing: %s" % out)
    print("ok - looking: %d commands with a call that fails, %d of them said so" % (runs, said), flush=True)


def mount(where, options):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "weft", where], stderr=subprocess.DEVNULL, check=False).returncode == 0


def full_disks(top, weft, step):
    where = os.path.join(top, "ws")
    steps = ["size=%dk" % k for k in range(8, 300, 4 * step)] + ["size=16m,nr_inodes=%d" % n for n in range(4, 60, step)]
    runs = full = 0
    for small in steps:
        os.makedirs(where, exist_ok=True)
        if not mount(where, small):
            print("skip - full file systems: tmpfs cannot be mounted here")
            return
        try:
            graph = Small(top, "sandbox" if runs % 2 else "plain")
            rc, out = run(graph, weft, {})
            ended_well(graph, rc, out, "tmpfs %s" % small)
            full += rc != 0
            subprocess.run(["mount", "-o", "remount," + ("nr_inodes=4000" if "inodes" in small else "size=16m"), where], check=True)
            goes_on(graph, weft, "tmpfs %s" % small)
            runs += 1
        except OSError:
            pass # not even room for the workflow
        finally:
            subprocess.run(["umount", "-l", where], check=False)
    print("ok - small file systems: %d runs, %d of them found it full" % (runs, full), flush=True)


PARTS = ("sandbox", "plain", "in_place", "looks", "disks")


def part(name, weft, library, every):
    """The failures of one part, in a directory of its own."""
    top = os.path.realpath(tempfile.mkdtemp(prefix="weft-inject."))
    try:
        if name == "looks":
            looks(Small(top, "plain"), weft, library, max(1, every // 8))
        elif name != "disks":
            inject(Small(top, name), weft, library, every)
        elif os.geteuid() == 0:
            full_disks(top, weft, max(1, every // 4))
        else:
            print("skip - full file systems: only root can mount tmpfs")
    except Exception as e: # the other parts go on
        fail("%s: %s" % (name, e))
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return failures


def main():
    weft, library, every = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3])
    with futures.ProcessPoolExecutor(len(PARTS)) as pool:
        bad = sum(f.result() for f in [pool.submit(part, p, weft, library, every) for p in sys.argv[4:] or PARTS])
    print("inject: %d failures" % bad)
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
