#!/usr/bin/env python3
"""kill.py WEFT KILLS GROUP_KILLS [SEED] - kill the driver, or its whole process group, at any moment; then the plain
command again, until all is done.

It must end with what an undisturbed run leaves; an instance whose success was recorded must not start again; a final name
must never hold half a file; nothing that the dead driver had started may be left; of two drivers at once one must stand back.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from graph import Graph

failures = []


def fail(text):
    failures.append(text)
    print("FAIL %s" % text, flush=True)


class Watcher(threading.Thread):
    """Looks at final names all the time."""

    def __init__(self, graph):
        super().__init__(daemon=True)
        self.graph, self.over, self.looks = graph, False, 0

    def look(self, i):
        try:
            with open(self.graph.file(i), "rb") as f:
                data = f.read()
        except OSError:
            return
        self.looks += 1
        if data != self.graph.content(i):
            fail("t%d had a file of %d bytes under its final name" % (i, len(data)))
            self.over = True

    def run(self):
        names = list(self.graph.value)
        while not self.over:
            for i in random.sample(names, min(len(names), 20)):
                self.look(i)
            time.sleep(0.001)


def until(seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def quiet(graph):
    """Nothing of the dead driver is left, and nothing writes."""
    if not until(10, lambda: not graph.processes()):
        fail("left over after the driver's death: %s" % graph.processes())

    def still():
        size = os.path.getsize(graph.beat)
        time.sleep(0.15)
        return os.path.getsize(graph.beat) == size
    if not until(10, still):
        fail("something still writes after the driver's death")


def start(graph, weft):
    return subprocess.Popen(graph.command(weft), cwd=graph.dir, start_new_session=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def kill_once(graph, weft, rng, group):
    """Returns whether the run was still going on, and the recorded successes with how often they had started."""
    p = start(graph, weft)
    try:
        p.wait(rng.uniform(0.02, 0.9))
        out = p.stdout.read().decode()
        if p.returncode:
            fail("status %d: %s" % (p.returncode, out))
        return False
    except subprocess.TimeoutExpired:
        pass
    (os.killpg if group else os.kill)(p.pid, signal.SIGKILL)
    p.wait()
    p.stdout.close()
    return True


def check_again(graph, before):
    now = graph.starts()
    for task, n in before.items():
        if now.get(task, 0) > n:
            fail("%s had succeeded and started again" % task)


def one_graph(graph, weft, rng, left):
    """Kill until nothing is left to do, at most as often as `left` says; returns the kills."""
    kills = [0, 0]
    before = {}
    watcher = Watcher(graph)
    if graph.kind != "in_place":
        watcher.start()
    while True:
        group = rng.random() * sum(left) >= left[0] if sum(left) else None
        if group is None or left[group] == 0 or not kill_once(graph, weft, rng, group):
            break
        left[group] -= 1
        kills[group] += 1
        check_again(graph, before)
        starts = graph.starts()
        before = {t: starts.get(t, 0) for t in graph.recorded()}
        if rng.random() < 0.5:
            quiet(graph)
    p = start(graph, weft)
    out = p.communicate()[0].decode()
    if p.returncode:
        fail("the plain command ends with %d: %s" % (p.returncode, out))
    watcher.over = True
    check_again(graph, before)
    for text in graph.wrong():
        fail(text)
    quiet(graph)
    run = subprocess.run(graph.command(weft, "--force", "t0"), cwd=graph.dir, stdout=subprocess.DEVNULL, check=False)
    if run.returncode:
        fail("one task by force: status %d" % run.returncode)
    spare = [d for d in os.listdir(os.path.join(graph.dir, ".weft", "runs"))
             if os.path.isdir(os.path.join(graph.dir, ".weft", "runs", d, "work"))]
    if spare:
        fail("work directories of dead runs are left: %s" % spare)
    print("ok - %d tasks, %s: %d kills, %d of the group, %d looks at final names" %
          (len(graph.value), graph.kind, kills[0], kills[1], watcher.looks), flush=True)


def two_drivers(graph, weft):
    both = [start(graph, weft), start(graph, weft)]
    out = [p.communicate()[0].decode() for p in both]
    codes = sorted(p.returncode for p in both)
    if codes not in ([0, 6], [0, 0]) or (codes[1] == 6 and not any("another run" in o for o in out)):
        fail("two drivers at once: %s %s" % (codes, out))
    twice = [t for t, n in graph.starts().items() if n != 1]
    for text in graph.wrong() + ["%s ran twice" % t for t in twice]:
        fail("two drivers at once: %s" % text)
    print("ok - two drivers at once: %s" % codes, flush=True)


def main():
    weft = os.path.abspath(sys.argv[1])
    left = [int(sys.argv[2]), int(sys.argv[3])]
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 32)
    few = sum(left) < 100
    rng = random.Random(seed)
    print("# seed %d" % seed, flush=True)
    top = os.path.realpath(tempfile.mkdtemp(prefix="weft-kill."))
    try:
        n = 0
        while sum(left) and len(failures) < 20:
            kind = ("sandbox", "plain", "in_place")[n % 3]
            share = [min(left[0], rng.randint(2, 4)), min(left[1], rng.randint(1, 2))] if few else list(left)
            was = list(share)
            one_graph(Graph(rng, top, n, rng.randint(60, 100) if few else rng.randint(100, 300), kind), weft, rng, share)
            for i in (0, 1):
                left[i] -= was[i] - share[i]
            n += 1
        for kind in ("sandbox", "plain"):
            two_drivers(Graph(rng, top, n, 30, kind), weft)
            n += 1
    finally:
        shutil.rmtree(top, ignore_errors=True)
    if failures:
        print("# again: tests/fault/kill.py %s with seed %d" % (" ".join(sys.argv[1:4]), seed))
    print("kill: %d failures" % len(failures))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
