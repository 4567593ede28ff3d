#!/usr/bin/env python3
"""events.py FILE - are these the events of one whole run?  Members as the guide shows them, every object waits, runs and ends
once and in order, nothing of a task before or after it, Seq without gaps.  Prints what is wrong; else one line: counts by event."""
import collections
import json
import re
import sys

JOB = ['Category', 'Event', 'JobId', 'State', 'JobName', 'CreationTime', 'StartTime', 'EndTime', 'Message']
TASK = ['Category', 'Event', 'JobId', 'State', 'Task', 'StartTime', 'EndTime']
INSTANCE = TASK[:5] + ['InstanceId', 'StartTime', 'EndTime', 'RetryCount', 'Progress', 'StdoutRedirectPath',
                       'StderrRedirectPath', 'ExitCode', 'ErrorCode', 'ErrorMessage', 'Detail']
TIME = re.compile(r'^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)?$')
NEXT = {None: ['Waiting'], 'Waiting': ['Running', 'Stopped', 'Finished'], 'Running': ['Waiting', 'Stopped', 'Finished', 'Failed']}

wrong = []
state, retries, counts = {}, {}, collections.Counter()
seq = 0
for number, line in enumerate(open(sys.argv[1]), 1):
    def bad(what):
        wrong.append('line %d: %s: %s' % (number, what, line.strip()[:300]))
    m = json.loads(line)
    more = m.pop('Weft')
    seq += 1
    if more['Seq'] != seq:
        bad('Seq is not %d' % seq)
        seq = more['Seq']
    kind = re.match(r'^On(Job|Task|Instance)', m['Event']).group(1)
    if list(m) != {'Job': JOB, 'Task': TASK, 'Instance': INSTANCE}[kind]:
        bad('other members')
    if any(not isinstance(v, str) for v in m.values()):
        bad('not a string')
    if any(not TIME.match(m[k]) for k in m if k.endswith('Time')):
        bad('no such time')
    if m['Event'] != 'On' + kind + m['State']:
        bad('event and state differ')
    who = (m.get('Task'), m.get('InstanceId'))
    now = state.get(who)
    if m['State'] not in NEXT.get(now, []):
        bad('%s before' % now)
    if kind != 'Job' and state.get((None, None)) not in ('Waiting', 'Running'):
        bad('without the job')
    if kind == 'Instance' and m['State'] == 'Running' and state.get((m['Task'], None)) != 'Running':
        bad('without its task')
    if kind == 'Task' and m['State'] in ('Finished', 'Failed', 'Stopped'):
        for (t, i), s in state.items():
            if t == m['Task'] and i is not None and s in ('Waiting', 'Running'):
                bad('instance %s is %s' % (i, s))
    if bool(m['EndTime']) != (m['State'] in ('Finished', 'Failed', 'Stopped') or (kind == 'Instance' and m['ErrorCode'] != '')):
        bad('EndTime')
    if m['State'] == 'Running' and not m['StartTime']:
        bad('StartTime')
    if kind == 'Instance':
        again = m['State'] == 'Waiting' and now == 'Running'
        retries[who] = retries.get(who, 0) + again
        if m['RetryCount'] != str(retries[who]):
            bad('RetryCount')
        if (m['ErrorCode'] != '') != (again or m['State'] == 'Failed' or (m['State'] == 'Stopped' and now == 'Running')):
            bad('ErrorCode')
    state[who] = m['State']
    counts[m['Event']] += 1
for who, s in state.items():
    if s in ('Waiting', 'Running'):
        wrong.append('%s is %s at the end' % (who, s))
print('\n'.join(wrong[:10]) or ' '.join('%s=%d' % c for c in sorted(counts.items())))
sys.exit(bool(wrong))
