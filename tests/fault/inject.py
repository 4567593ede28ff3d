#!/usr/bin/env python3
"""inject.py WEFT LIBRARY EVERY - let every EVERYth call of the system that the driver makes fail, in each way.

The driver must say so (another status than 0, and a message) or do without (status 0, and all is right); the plain command
afterwards ends well, and does not start again what had been recorded as done.  As root, also on small full file systems.
"""
import os
import subprocess
import sys
import tempfile
import shutil

from graph import Graph

HOW = ("ENOSPC", "EIO", "EINTR", "SHORT", "FULL")
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


def run(graph, weft, env):
    p = subprocess.run(graph.command(weft, "-j1"), cwd=graph.dir, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
    return p.returncode, p.stdout.decode("utf-8", "replace")


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


def inject(graph, weft, library, every):
    count = os.path.join(os.path.dirname(graph.dir), "count")
    env = {"LD_PRELOAD": library, "INJECT_COUNT": count, "ASAN_OPTIONS": "verify_asan_link_order=0"}
    rc, out = run(graph, weft, env)
    if rc or not graph.right():
        fail("undisturbed: status %d: %s" % (rc, out))
    with open(count) as f:
        calls = int(f.read())
    runs = said = 0
    for k, how in enumerate(HOW):
        for at in range(1 + k % every, calls + 1, every):
            graph.fresh()
            about = "%s, call %d of %d, %s" % (graph.kind, at, calls, how)
            rc, out = run(graph, weft, {**env, "INJECT_AT": str(at), "INJECT_HOW": how})
            ended_well(graph, rc, out, about)
            goes_on(graph, weft, about)
            runs += 1
            said += rc != 0
    print("ok - %s: %d calls, %d runs with one that fails, %d of them said so" % (graph.kind, calls, runs, said), flush=True)


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


def main():
    weft, library, every = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3])
    top = os.path.realpath(tempfile.mkdtemp(prefix="weft-inject."))
    try:
        for kind in ("sandbox", "plain", "in_place"):
            inject(Small(top, kind), weft, library, every)
        if os.geteuid() == 0:
            shutil.rmtree(os.path.join(top, "ws"))
            full_disks(top, weft, max(1, every // 4))
        else:
            print("skip - full file systems: only root can mount tmpfs")
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print("inject: %d failures" % failures)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
