#!/usr/bin/env python3
"""shapes.py SHAPE N DIR - one graph for weft, ninja and make, and its files as a finished build leaves them.

SHAPE: fans (split, 3 counts, merge, again from the merge), wide (one source, N, one sink), layered (layers of 1000, 3
random parents), or a recorded workflow (.json in the neutral form of tests/bench/wf2weft.py).  Writes DIR/w.weft,
DIR/build.ninja, DIR/Makefile, DIR/files (every path once) and the files themselves."""
import json, os, random, sys

shape, n, top = sys.argv[1], int(sys.argv[2]), sys.argv[3]
rnd = random.Random(7)
tasks = []  # (name, inputs, outputs)


def fans():
    src, k = 'src', 0
    while len(tasks) + 5 <= n:
        tasks.append(('s%d' % k, [src], ['o/s%d' % k]))
        for i in range(3):
            tasks.append(('c%d_%d' % (k, i), ['o/s%d' % k], ['o/c%d_%d' % (k, i)]))
        tasks.append(('m%d' % k, ['o/c%d_%d' % (k, i) for i in range(3)], ['o/m%d' % k]))
        src, k = ('src' if k % 200 == 199 else 'o/m%d' % k), k + 1


def wide():
    for i in range(n - 1):
        tasks.append(('t%d' % i, ['src'], ['o/t%d' % i]))
    tasks.append(('sink', ['o/t%d' % i for i in range(n - 1)], ['o/sink']))


def layered():
    for i in range(n):
        lo = (i // 1000 - 1) * 1000
        ins = ['src'] if lo < 0 else ['o/t%d' % k for k in sorted(rnd.sample(range(lo, lo + 1000), 3))]
        tasks.append(('t%d' % i, ins, ['o/t%d' % i]))


def recorded(path):
    seen = set()
    for i, t in enumerate(json.load(open(path))['tasks']):
        outs = ['o/' + o.replace('/', '_') for o in t['outputs'] if o not in seen]
        seen.update(t['outputs'])
        tasks.append(('t%d' % i, [(('o/' if x in seen else 'in/') + x.replace('/', '_')) for x in t['inputs'] if
                                  x not in t['outputs']], outs or ['o/none%d' % i]))
    made = {o for t in tasks for o in t[2]}
    for k, (nm, ins, outs) in enumerate(tasks):  # upstream order is not topological
        tasks[k] = (nm, [('o/' + x[3:]) if 'o/' + x[3:] in made else x for x in ins], outs)


{'fans': fans, 'wide': wide, 'layered': layered}.get(shape, lambda: recorded(shape))()
read = {x for t in tasks for x in t[1]}
maker = {o: (t[0], k) for t in tasks for k, o in enumerate(t[2])}
os.makedirs(top + '/o', exist_ok=True)
os.chdir(top)


def port(x):
    return '%s.o%d' % maker[x] if x in maker else '"%s"' % x


with open('w.weft', 'w') as f:
    f.write('workflow "w"\n')
    if any(len({o in read for o in outs}) == 2 for nm, ins, outs in tasks):  # what has notes is parsed each time, to say them
        f.write('lint {\n  allow = ["unused-output"]\n}\n')
    for nm, ins, outs in tasks:
        f.write('task %s {\n  in i = [%s]\n' % (nm, ', '.join(port(x) for x in ins)))
        for k, o in enumerate(outs):
            f.write('  out o%d = "%s"\n' % (k, o))
        f.write('  run "tool --task %s"\n}\n' % nm)
with open('build.ninja', 'w') as f:  # generator: a missing log entry is no reason to run
    f.write('rule r\n  command = tool --task $name\n  generator = 1\n')
    for nm, ins, outs in tasks:
        f.write('build %s: r %s\n  name = %s\n' % (' '.join(outs), ' '.join(ins), nm))
with open('Makefile', 'w') as f:
    f.write('.SUFFIXES:\nMAKEFLAGS += -r\nall: %s\n' % ' '.join(maker))
    for nm, ins, outs in tasks:
        f.write('%s: %s\n\ttool --task %s\n' % (' '.join(outs), ' '.join(ins), nm))
sources = sorted({x for t in tasks for x in t[1]} - set(maker))
order = sources + list(maker)
when = 1600000000
for x in order:
    os.makedirs(os.path.dirname(x) or '.', exist_ok=True)
    with open(x, 'w') as f:
        f.write(x + '\n')
depth = {}
for nm, ins, outs in tasks if shape in ('fans', 'wide', 'layered') else []:
    d = 1 + max((depth.get(x, 0) for x in ins), default=0)
    for o in outs:
        depth[o] = d
for x in order:
    os.utime(x, (when + depth.get(x, 0), when + depth.get(x, 0)))
with open('files', 'w') as f:
    f.write('\n'.join(order) + '\n')
print(len(tasks), 'tasks', len(order), 'files')
