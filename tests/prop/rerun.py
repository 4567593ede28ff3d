#!/usr/bin/env python3
"""prop_rerun.py WEFT ROUNDS [SEED] - random graphs, random edits: after every run the files are those of a clean build, and
the instances that ran are those of a naive model that remembers contents.  A failure prints its seed and keeps the directory.

A task's output is a digest of what it reads (`sum`), a count of lines (`lines`: often the same as before, so that the
cascade stops), or a copy.  The model evaluates everything and runs an instance when it has no record, another action, other
contents of inputs, or an output that is not what it made."""
import hashlib, json, os, random, shutil, subprocess, sys, tempfile

weft, rounds = sys.argv[1], int(sys.argv[2])
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)
rnd = random.Random(seed)
KINDS = ('sum', 'lines', 'copy')


class Task:
    def __init__(self, name, inputs, width, salt):
        self.name, self.inputs, self.width, self.salt = name, inputs, width, salt
        self.kind = rnd.choice(KINDS)
        self.comment = ''

    def out(self, i):
        return 'out/%s/%s' % (self.name, i) if self.width else 'out/%s.txt' % self.name

    def instances(self):
        return range(self.width) if self.width else (None,)


class World:
    def __init__(self):
        self.sources = {'src/%d' % i: 'line %d\n' % i for i in range(rnd.randint(2, 4))}
        self.tasks, self.n = [], 0
        for _ in range(rnd.randint(3, 9)):
            self.add()
        self.records, self.disk = {}, {}

    def add(self):
        earlier = list(self.sources) + self.tasks
        inputs = rnd.sample(earlier, min(len(earlier), rnd.randint(1, 3)))
        self.tasks.append(Task('t%d' % self.n, inputs, rnd.choice((0, 0, 2, 3)), rnd.randint(0, 3)))
        self.n += 1

    def used(self, t):
        return any(t in o.inputs for o in self.tasks)

    # ---- as text ----
    def port(self, t, k, x):
        if isinstance(x, str):
            return 'in i%d = "%s"' % (k, x)
        if not x.width:
            return 'in i%d = %s.o' % (k, x.name)
        if t.width == x.width:
            return 'in i%d = %s[i].o' % (k, x.name)
        return 'in i%d = %s[*].o' % (k, x.name)

    def text(self):
        s = 'workflow "w"\n'
        for t in self.tasks:
            s += '%s\ntask %s%s {\n' % (t.comment, t.name, ' for i in 0 .. %d' % (t.width - 1) if t.width else '')
            for k, x in enumerate(t.inputs):
                s += '  %s\n' % self.port(t, k, x)
            s += '  out o = "%s"\n' % (t.out('~{i}') if t.width else t.out(None))
            args = ' '.join('~{i%d}' % k for k in range(len(t.inputs)))
            cmd = {'sum': '{ echo %d; cat %s; } | md5sum > ~{o}', 'lines': 'echo %d: $(cat %s | wc -l) > ~{o}',
                   'copy': '{ echo %d; cat %s; } > ~{o}'}[t.kind] % (t.salt, args)
            s += '  run {\n    %s\n  }\n}\n' % cmd
        return s

    # ---- the model ----
    def read(self, t, i):
        names = []
        for x in t.inputs:
            if isinstance(x, str):
                names.append(x)
            elif not x.width:
                names.append(x.out(None))
            elif x.width == t.width:
                names.append(x.out(i))
            else:
                names += [x.out(k) for k in x.instances()]
        return names

    def make(self, t, content):
        body = ''.join(content)
        if t.kind == 'sum':
            return hashlib.md5(('%d\n' % t.salt + body).encode()).hexdigest() + '  -\n'
        if t.kind == 'lines':
            return '%d: %d\n' % (t.salt, body.count('\n'))
        return '%d\n' % t.salt + body

    def build(self):
        """What runs; self.disk becomes what is there afterwards."""
        ran = []
        for t in self.tasks:
            for i in t.instances():
                names = self.read(t, i)
                content = tuple(self.disk[n] for n in names)
                action = (t.kind, t.salt, tuple(names), t.out(i))
                key = (t.name, i)
                made = self.make(t, content)
                rec = self.records.get(key)
                if rec != (action, content, self.disk.get(t.out(i))):
                    ran.append('%s[%d]' % key if t.width else t.name)
                    self.disk[t.out(i)] = made
                    self.records[key] = (action, content, made)
        return sorted(ran)


def write(path, text):
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    if rnd.random() < .3 and os.path.exists(path):
        os.unlink(path)
    with open(path, 'w') as f:
        f.write(text)


def edit(w):
    """One random change, on disk and in the model; returns what it was."""
    what = rnd.choice(('source', 'source', 'touch', 'salt', 'kind', 'comment', 'out', 'drop', 'widen', 'add', 'remove', 'nothing'))
    t = rnd.choice(w.tasks)
    i = rnd.choice(list(t.instances()))
    path = t.out(i)
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
    elif what == 'out':
        w.disk[path] = 'edited %d\n' % rnd.randint(0, 9)
        write(path, w.disk[path])
    elif what == 'drop' and os.path.exists(path):
        os.unlink(path)
        w.disk.pop(path)
    elif what == 'widen' and t.width:
        t.width = rnd.randint(2, 4)
    elif what == 'add':
        w.add()
    elif what == 'remove' and len(w.tasks) > 2 and not w.used(t):
        w.tasks.remove(t)
    return what


def ran():
    last = sorted(os.listdir('.weft/runs'))[-1]
    width = {t.name: t.width for t in world.tasks}
    done = set()
    for line in open('.weft/runs/%s/events.jsonl' % last):
        e = json.loads(line)
        if e['Event'] == 'OnInstanceFinished':
            done.add('%s[%d]' % (e['Task'], e['InstanceId']) if width[e['Task']] else e['Task'])
    return sorted(done)


def check(n, history):
    runs = len(os.listdir('.weft/runs')) if os.path.isdir('.weft/runs') else 0
    write('w.weft', world.text())
    want = world.build()
    p = subprocess.run([weft, 'run', '-q', '-j2', 'w.weft'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    got = ran() if len(os.listdir('.weft/runs')) > runs else []
    bad = None
    if p.returncode:
        bad = 'status %d:\n%s' % (p.returncode, p.stdout)
    elif got != want:
        bad = 'ran    %s\nshould %s' % (got, want)
    for path, text in world.disk.items():
        if not bad and open(path).read() != text:
            bad = '%s holds %r, should hold %r' % (path, open(path).read(), text)
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
