#!/usr/bin/env python3
"""prop_rerun.py WEFT ROUNDS [SEED] - random graphs, random edits: after every run the files are those of a clean build, and
the instances that ran are those of a naive model that remembers contents.  A failure prints its seed and keeps the directory.

A task's output is a digest of what it reads (`sum`), a count of lines (`lines`: often the same as before, so that the
cascade stops), or its first lines; of a `glob` there are as many as those lines say.  A task runs once, for each number, or
for each file that another one makes, what it makes may be `temp`, and it may be broken.  Now and then only one task is asked for,
or one is forced.

The model has the rules of doc/rerun.md.  It evaluates everything and runs an instance when it has no record, another action,
other contents of inputs, or an output that is not what it made; before that it looks whose temp outputs may be read."""
import hashlib, json, os, random, shutil, subprocess, sys, tempfile

weft, rounds = sys.argv[1], int(sys.argv[2])
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)
rnd = random.Random(seed)
KINDS = ('sum', 'lines', 'copy')
COMMAND = {'sum': '{ echo %s; cat /dev/null %s; } | md5sum', 'lines': 'echo %s: $(cat /dev/null %s | wc -l)',
           'copy': '{ echo %s; cat /dev/null %s; } | sed -n 1,5p'}


def content(kind, head, body):
    if kind == 'sum':
        return hashlib.md5(('%s\n' % head + body).encode()).hexdigest() + '  -\n'
    if kind == 'lines':
        return '%s: %d\n' % (head, body.count('\n'))
    return ''.join(('%s\n' % head + body).splitlines(True)[:5])


class Task:
    def __init__(self, name, inputs, over, width):
        self.name, self.inputs, self.over, self.width = name, inputs, over, width
        self.kind, self.salt, self.comment, self.broken = rnd.choice(KINDS), rnd.randint(0, 3), '', False
        self.glob, self.temp = rnd.random() < .3, rnd.random() < .3
        self.depth = over.depth + 1 if over else 0

    def many(self):
        return self.over or self.width

    def reads(self):
        return self.inputs + ([self.over] if self.over else [])

    def same(self, x):
        """Does an instance read that of x with its key?"""
        return x.width and x.width == self.width or x.over and x.over is self.over

    def list(self):
        return '%s[*].o' % self.name if self.many() else '%s.o' % self.name

    def place(self, key):
        """Where its output is, or below which what a glob finds begins."""
        if not self.many():
            return 'out/%s/' % self.name if self.glob else 'out/%s.txt' % self.name
        return ('out/%s/d%s/%s-' if self.glob else 'out/%s/%s').replace('%s', self.name, 1).replace('%s', str(key))

    # ---- as text ----
    def port(self, x):
        if isinstance(x, str):
            return '"%s"' % x
        return '%s[%s].o' % (x.name, 'i' if self.width else 'e') if self.same(x) else x.list()

    def command(self, args):
        if self.broken:
            return 'exit 3'
        if not self.glob:
            return COMMAND[self.kind] % (self.salt, args) + ' > ~{o}'
        place = self.place('~{i}' if self.width else '~{basename(e)}')
        return 'mkdir -p %s; for k in $(seq $(( ($(cat /dev/null %s | wc -l) + %d) %% 4 ))); do %s > %s$k; done' % (
            os.path.dirname(place), args, self.salt, COMMAND[self.kind] % ('%d-$k' % self.salt, args), place)

    def text(self):
        ports = ['e'] if self.over else []
        ports += [self.port(x) for x in self.inputs]
        place = self.place('~{i}' if self.width else '~{basename(e)}')
        out = 'o[] = glob("%s*")' % place if self.glob else 'o = "%s"' % place
        head = ' for i in 0 .. %d' % (self.width - 1) if self.width else ' for e in ' + self.over.list() if self.over else ''
        s = '%s\ntask %s%s {\n' % (self.comment, self.name, head)
        s += ''.join('  in i%d = %s\n' % p for p in enumerate(ports))
        s += '  out %s%s\n' % (out, ' { temp = true }' if self.temp else '')
        return s + '  run {\n    %s\n  }\n}\n' % self.command(' '.join('~{i%d}' % k for k in range(len(ports))))


class World:
    def __init__(self):
        self.sources = {'src/%d' % i: 'line %d\n' % i for i in range(rnd.randint(2, 4))}
        self.tasks, self.n = [], 0
        self.disk = {}     # what is there
        self.records = {}  # (task, key): what an instance did: its action, what it read, the files it made
        self.made = {}     # what every file was when it was made
        self.target = self.forced = None
        for _ in range(rnd.randint(3, 9)):
            self.add()

    def add(self):
        earlier = list(self.sources) + self.tasks
        lists = [t for t in self.tasks if (t.many() or t.glob) and t.depth < 2]
        inputs = rnd.sample(earlier, min(len(earlier), rnd.randint(1, 3)))
        over = rnd.choice(lists) if lists and rnd.random() < .4 else None
        self.tasks.append(Task('t%d' % self.n, inputs, over, 0 if over else rnd.choice((0, 0, 2, 3))))
        self.n += 1

    def readers(self, t):
        return [o for o in self.tasks if t in o.reads()]

    def wanted(self):
        """Who was asked for, and who comes before them, in order."""
        some = {self.target} if self.target else set(self.tasks)
        for t in reversed(self.tasks):
            some.update(t.reads() if t in some else ())
        return [t for t in self.tasks if t in some]

    def text(self):
        return 'workflow "w"\n' + ''.join(t.text() for t in self.tasks)

    # ---- who is there ----
    def keys(self, t):
        return self.outs(t.over) if t.over else list(range(t.width)) if t.width else [None]

    def outs_of(self, t, key):
        """What an instance makes, as far as it is known."""
        if not t.glob:
            return [t.place(os.path.basename(key) if t.over else key)]
        return sorted(self.records[t, key][2]) if (t, key) in self.records else []

    def outs(self, t):
        return [f for key in self.keys(t) for f in self.outs_of(t, key)]

    def inputs(self, t, key):
        """The instances whose files an instance reads, and the files."""
        who, files = [], []
        for x in t.inputs:
            if isinstance(x, str):
                files.append(x)
                continue
            one = [(x, k) for k in ([key] if t.same(x) else self.keys(x))]
            who += one
            files += [f for o in one for f in self.outs_of(*o)]
        if t.over:
            who += [(t.over, k) for k in self.keys(t.over) if key in self.outs_of(t.over, k)]
            files.insert(0, key)
        return who, files

    # ---- the model ----
    def state(self, t, key):
        """Its action and what it reads, as things are; what is gone was what was made."""
        files = self.inputs(t, key)[1]
        return (t.kind, t.salt, t.broken, tuple(files)), tuple(self.disk.get(f, self.made.get(f)) for f in files)

    def changed(self, t, key):
        rec = self.records.get((t, key))
        if t is self.forced or not rec or rec[:2] != self.state(t, key):
            return True
        return any(self.disk.get(f, text if t.temp else None) != text for f, text in rec[2].items())

    def gone(self, t, key):
        return t.temp and any(f not in self.disk for f in self.outs_of(t, key))

    def foresee(self):
        """Who may run; the tasks whose instances are not known; whose temp outputs may be read and are gone."""
        may, unknown, needed = set(), set(), set()
        def runs(t, key):
            who = self.inputs(t, key)[0]
            return ((t, key) in may or self.changed(t, key) or any(o in may or o[0] in unknown for o in who) or
                    any(x in unknown for x in t.inputs))
        size = -1
        while size != len(may) + len(unknown) + len(needed):
            size = len(may) + len(unknown) + len(needed)
            for t in self.wanted():
                x = t.over
                if x and (x in unknown or x.glob and any((x, k) in may for k in self.keys(x))):
                    unknown.add(t)
                    before = [(x, k) for x in t.reads() if x in self.tasks and x not in unknown for k in self.keys(x)]
                    needed |= {o for o in before if self.gone(*o)}
                    continue
                some = [key for key in self.keys(t) if runs(t, key)]
                may |= {(t, key) for key in some}
                needed |= {o for key in some for o in self.inputs(t, key)[0] if o[0] not in unknown and self.gone(*o)}
            may |= needed
        return unknown, needed

    def make(self, t, key, read):
        body = ''.join(read)
        place = t.place(os.path.basename(key) if t.over else key)
        if not t.glob:
            return {place: content(t.kind, t.salt, body)}
        n = (body.count('\n') + t.salt) % 4
        return {place + str(k): content(t.kind, '%d-%d' % (t.salt, k), body) for k in range(1, n + 1)}

    def run(self, t, key):
        action, read = self.state(t, key)
        made = self.make(t, key, read)
        self.disk.update(made)
        self.made.update(made)
        self.records[t, key] = (action, read, made)

    def kept_from(self, t, key, bad):
        """Does it need something that failed?"""
        return any((x, k) in bad or (x, None) in bad for x in t.reads() if x in self.tasks
                   for k in ([key] if t.same(x) else self.keys(x) + [None]))

    def build(self):
        """Who runs, and who fails; self.disk becomes what is there afterwards."""
        unknown, needed = self.foresee()
        wanted, ran, bad = self.wanted(), [], {}
        for t in wanted:
            if (t in unknown or not self.keys(t)) and self.kept_from(t, None, bad):
                bad[t, None] = 'skipped'  # all of it
                continue
            for i, key in enumerate(self.keys(t)):
                later = t in unknown and self.gone(t, key) and any(o in wanted for o in self.readers(t))
                if self.kept_from(t, key, bad):
                    bad[t, key] = 'skipped'
                elif later or (t, key) in needed or self.changed(t, key):
                    label = '%s[%d]' % (t.name, i) if t.many() else t.name
                    if t.broken:
                        bad[t, key] = label
                    else:
                        ran.append(label)
                        self.run(t, key)
        failed = sorted(label for label in bad.values() if label != 'skipped')
        good = [t for t in wanted if t not in [b[0] for b in bad]]
        for t in wanted if ran or failed else ():
            readers = self.readers(t)
            for f in self.outs(t) if t.temp and readers and all(o in good for o in readers) else ():
                self.disk.pop(f, None)
        return sorted(ran), failed


def write(path, text):
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    if rnd.random() < .3 and os.path.exists(path):
        os.unlink(path)
    with open(path, 'w') as f:
        f.write(text)


def edit(w):
    """One random change, on disk and in the model; returns what it was."""
    what = rnd.choice(('source', 'source', 'source', 'touch', 'salt', 'kind', 'comment', 'out', 'drop', 'stray', 'widen', 'temp',
                       'add', 'remove', 'broken', 'mended', 'nothing'))
    t = rnd.choice(w.tasks)
    path = rnd.choice(w.outs(t) or [None])
    if what == 'source':
        s = rnd.choice(list(w.sources))
        w.disk[s] = rnd.choice(('line\n', 'other\n', 'two\nlines\n')) + ('x\n' if rnd.random() < .3 else '')
        st = os.stat(s)
        write(s, w.disk[s])
        if rnd.random() < .3:  # the clock tells nothing
            os.utime(s, ns=(st.st_atime_ns, st.st_mtime_ns))
    elif what == 'touch':
        for p in list(w.disk):
            if rnd.random() < .5 and os.path.exists(p):
                os.utime(p, (1, rnd.choice((1, 2 ** 31 - 1))))
    elif what == 'salt':
        t.salt = rnd.randint(0, 3)
    elif what == 'kind':
        t.kind = rnd.choice(KINDS)
    elif what == 'comment':
        t.comment = '# ' + str(rnd.random())
    elif what == 'out' and path:
        w.disk[path] = rnd.choice(('edited %d\n' % rnd.randint(0, 9), w.made.get(path, 'new\n')))
        write(path, w.disk[path])
    elif what == 'drop' and path in w.disk:
        os.unlink(path)
        w.disk.pop(path)
    elif what == 'stray' and path:
        write(os.path.dirname(path) + '/stray', 'stray\n')
    elif what == 'widen' and t.width:
        t.width = rnd.randint(2, 4)
    elif what == 'broken':
        t.broken = True
    elif what == 'mended':
        for t in w.tasks:
            t.broken = False
    elif what == 'temp':
        t.temp = not t.temp
    elif what == 'add':
        w.add()
    elif what == 'remove' and len(w.tasks) > 2 and not w.readers(t):
        w.tasks.remove(t)
    return what + (' ' + t.name if what not in ('source', 'touch', 'nothing') else '')


def ran():
    """Who finished and who failed in the last run."""
    last = sorted(os.listdir('.weft/runs'))[-1]
    many = {t.name: t.many() for t in world.tasks}
    done = {'OnInstanceFinished': set(), 'OnInstanceFailed': set()}
    for line in open('.weft/runs/%s/events.jsonl' % last):
        e = json.loads(line)
        if e['Event'] in done:
            done[e['Event']].add('%s[%d]' % (e['Task'], e['InstanceId']) if many[e['Task']] else e['Task'])
    return tuple(sorted(d) for d in done.values())


def options(w):
    """One task is asked for, one is forced, or all is as usual."""
    t = rnd.choice(w.tasks)
    what = rnd.choice(('target', 'force') + (None,) * 8)
    w.target, w.forced = t if what == 'target' else None, t if what == 'force' else None
    return [t.name] if what == 'target' else ['--force', t.name] if what == 'force' else []


def check(n, history):
    runs = len(os.listdir('.weft/runs'))
    write('w.weft', world.text())
    more = options(world)
    history[-1:] = [' '.join(history[-1:] + more)]
    want = world.build()
    p = subprocess.run([weft, 'run', '-qk', '-j2', 'w.weft'] + more, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    got = ran() if len(os.listdir('.weft/runs')) > runs else ([], [])
    bad = None
    if p.returncode != (1 if want[1] else 0):
        bad = 'status %d:\n%s' % (p.returncode, p.stdout)
    elif got != want:
        bad = 'ran    %s, failed %s\nshould %s, failed %s' % (got + want)
    for path, text in world.disk.items():
        if not bad and (not os.path.exists(path) or open(path).read() != text):
            bad = '%s should hold %r' % (path, text)
    for path in world.made:
        if not bad and path not in world.disk and os.path.exists(path):
            bad = '%s should be gone' % path
    if bad:
        print('not ok - seed %d round %d in %s after %s\n%s' % (seed, n, os.getcwd(), history[-3:], bad))
        sys.exit(1)


top = tempfile.mkdtemp(prefix='weft-rerun.')
n = 0
while n < rounds:
    d = os.path.join(top, str(n))
    os.mkdir(d)
    os.chdir(d)
    world = World()
    for path, text in world.sources.items():
        write(path, text)
        world.disk[path] = text
    os.mkdir('.weft')
    os.mkdir('.weft/runs')
    history = ['first']
    check(n, history)
    for _ in range(min(rounds - n, 12)):
        history.append(edit(world))
        if rnd.random() < .2:
            history.append(edit(world))
        check(n, history)
        n += 1
    os.chdir(top)
    shutil.rmtree(d)
shutil.rmtree(top)
print('ok 1 - %d rounds, seed %d' % (rounds, seed))
