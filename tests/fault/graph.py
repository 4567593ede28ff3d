"""graph.py - random workflows whose results are known beforehand, and what a run of one has left.

Every task writes its output in two halves with a pause between them, from the numbers that its parents wrote, and says in a
file outside of the workspace that it started."""
import os
import struct


class Graph:
    """A workspace with wf.weft in it; `kind` is "sandbox", "plain" or "in_place"."""

    def __init__(self, rng, top, number, tasks, kind):
        self.dir = os.path.join(top, "ws%d" % number)
        self.log = os.path.join(top, "log%d" % number)
        self.beat = os.path.join(top, "beat%d" % number)
        self.never = os.path.join(top, "never")
        self.kind = kind
        self.value, self.parents = {}, {}
        os.mkdir(self.dir)
        open(self.log, "w").close()
        open(self.beat, "w").close()
        if not os.path.exists(self.never):
            os.mkfifo(self.never)
        with open(os.path.join(self.dir, "wf.weft"), "w") as f:
            f.write('workflow "w"\n')
            for i in range(tasks):
                f.write(self.task(rng, i))

    def task(self, rng, i):
        below = range(max(0, i - 40), i)
        self.parents[i] = sorted(rng.sample(below, min(len(below), rng.choice((0, 1, 1, 2, 3)))))
        value = i
        for p in self.parents[i]:
            value = (value * 31 + self.value[p]) % 1000003
        self.value[i] = value
        ports = "".join("  in p%d = t%d.o\n" % (p, p) for p in self.parents[i])
        reads = "".join("    read -r _ _ x < ~{p%d}; v=$(( (v * 31 + x) %% 1000003 ))\n" % p for p in self.parents[i])
        return TASK % {"i": i, "ports": ports, "reads": reads, "log": self.log, "never": self.never,
                       "place": "  in_place = true\n" if self.kind == "in_place" else "",
                       "pause": rng.uniform(0.002, 0.03), "more": self.daemon(rng)}

    def daemon(self, rng):
        """Something that outlives its command and writes on; without an environment only where nothing depends on that."""
        if rng.random() > 0.05:
            return ""
        env = "env -i " if self.kind == "sandbox" else ""
        return "    (%ssetsid bash -c 'trap \"\" TERM HUP; while :; do echo >> %s; read -rt 0.02 _ <> %s; done' " \
               "> /dev/null 2>&1 &)\n" % (env, self.beat, self.never)

    def command(self, weft, *more):
        return [weft, "run", "-q", "wf.weft", "-j8"] + (["--no-sandbox"] if self.kind == "plain" else []) + list(more)

    def file(self, i):
        return os.path.join(self.dir, "out", "t%d.txt" % i)

    def content(self, i):
        return b"one t%d %d\ntwo t%d %d\n" % (i, self.value[i], i, self.value[i])

    def wrong(self):
        """What is not as an undisturbed run leaves it."""
        bad = []
        for i in self.value:
            try:
                with open(self.file(i), "rb") as f:
                    if f.read() != self.content(i):
                        bad.append("t%d is wrong" % i)
            except OSError as e:
                bad.append("t%d: %s" % (i, e.strerror))
        return bad

    def starts(self):
        """How often each task has started so far."""
        n = {}
        with open(self.log) as f:
            for line in f:
                n[line.strip()] = n.get(line.strip(), 0) + 1
        return n

    def recorded(self):
        """The tasks whose success the journal holds (doc/journal.md: kind 6, the task's name comes first)."""
        done = set()
        try:
            with open(os.path.join(self.dir, ".weft", "journal"), "rb") as f:
                data = f.read()
        except FileNotFoundError:
            return done
        at = 40
        while at + 12 <= len(data):
            n, kind = struct.unpack_from("<IB", data, at)
            if not kind or at + 12 + n > len(data):
                break
            if kind == 6:
                done.add(data[at + 8:data.index(b"\0", at + 8)].decode())
            at += 12 + n
        return done

    def processes(self):
        """Processes that were started for this workspace."""
        mark, found = (self.dir + "/").encode(), []
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                with open("/proc/%s/environ" % pid, "rb") as f:
                    env = f.read()
                if b"BATCH_COMPUTE_DAG_JOB_ID=" in env and (mark in env or b"PWD=" + mark[:-1] + b"\0" in env):
                    found.append(int(pid))
            except OSError:
                pass
        return found


TASK = """task t%(i)d {
%(place)s%(ports)s  out o = "out/t%(i)d.txt"
  run {
    echo t%(i)d >> %(log)s
    v=%(i)d
%(reads)s%(more)s    echo "one t%(i)d $v" > ~{o}
    read -rt %(pause).3f _ <> %(never)s
    echo "two t%(i)d $v" >> ~{o}
  }
}
"""
