"""forecast.py WEFT ROUNDS [SEED] - forecasts of random graphs against what must hold of every schedule.

Counts (ok, failed, skipped, retried) are those of a naive model.  With one instance at a time the duration is the sum of all attempts;
with J it is at least the longest chain and the J-th part of the sum, and at most what Graham's bound allows a scheduler that leaves
no place empty.  The same question has the same answer."""
import os, random, re, subprocess, sys, tempfile

WEFT = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2])
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
WORDS = ('failed', 'ok', 'skipped', 'retried')


def make(rnd):
    """A list of tasks; what a task comes after is before it in the list."""
    tasks = []
    for i in range(rnd.randint(1, 12)):
        before = [j for j in range(i) if rnd.random() < 0.3]
        tasks.append({'n': rnd.randint(1, 5), 's': rnd.randint(1, 15), 'after': before, 'retry': rnd.randint(0, 2),
                      'bad': rnd.choice([0, 0, 0, 1, 2, 3])})
    return tasks


def write(tasks):
    with open('w.weft', 'w') as f:
        for i, t in enumerate(tasks):
            f.write('task t%d for i in 0..%d {\n' % (i, t['n'] - 1))
            if t['after']:
                f.write('  after %s\n' % ', '.join('t%d' % j for j in t['after']))
            f.write('  retry %d\n  run "false"\n}\n' % t['retry'])
    with open('weft.site', 'w') as f:
        for i, t in enumerate(tasks):
            f.write('sim t%d {\n  time = %ds\n  bad = %d\n}\n' % (i, t['s'], t['bad']))


def model(tasks):
    """Counts, the sum of all attempts, the longest chain."""
    want = dict.fromkeys(WORDS, 0)
    total = 0
    for t in tasks:
        t['dead'] = any(tasks[j]['dead'] for j in t['after'])
        if t['dead']:
            want['skipped'] += t['n']
            t['end'] = 0
            continue
        t['dead'] = t['bad'] > t['retry']
        tries = min(t['bad'], t['retry'])
        want['failed' if t['dead'] else 'ok'] += t['n']
        want['retried'] += t['n'] * tries
        total += t['n'] * t['s'] * (tries + 1)
        t['end'] = max([tasks[j]['end'] for j in t['after']], default=0) + t['s'] * (tries + 1)
    return want, total, max(t['end'] for t in tasks)


def forecast(jobs):
    p = subprocess.run([WEFT, 'run', 'w.weft', '-q', '-k', '--engine', 'sim', '--cpus', '1000', '-j', str(jobs)],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return p.stdout, p.returncode


def read(out):
    line = re.search(r'forecast (.*); nothing was run', out).group(1).replace(',', ' ')
    have = {w: int((re.search(r'(\d+) %s' % w, line) or [0, 0])[1]) for w in WORDS}
    m = re.search(r'(?:(\d+) min )?(\d+)(?:\.\d)? s$', line)
    return have, int(m.group(1) or 0) * 60 + int(m.group(2))


def one(rnd):
    tasks = make(rnd)
    want, total, chain = model(tasks)
    write(tasks)
    for jobs in (1, rnd.randint(2, 9)):
        out, rc = forecast(jobs)
        have, took = read(out)
        assert have == want, (have, want, out)
        assert rc == (1 if want['failed'] else 0), (rc, out)
        if jobs == 1:
            assert took == total, (took, total, out)
        least = max(chain, -(-total // jobs))
        most = total / jobs + (1 - 1 / jobs) * chain
        assert least <= took <= most + 0.01, (jobs, least, took, most, out)
        assert (out, rc) == forecast(jobs), out


def main():
    print('# seed %d, %d rounds' % (SEED, ROUNDS))
    os.chdir(tempfile.mkdtemp())
    for i in range(ROUNDS):
        seed = SEED + i
        try:
            one(random.Random(seed))
        except Exception as e:
            print('not ok - forecast.py WEFT 1 %d in %s: %r' % (seed, os.getcwd(), e))
            sys.exit(1)
    print('ok 1 - forecasts')
    subprocess.run(['rm', '-rf', os.getcwd()])


main()
