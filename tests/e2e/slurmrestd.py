"""slurmrestd.py DIR - a stand-in for slurmrestd that misbehaves as told; jobs are really run, on this machine.

DIR/port is written when it listens.  DIR/mode is read at every request: words, each with or without =N (the next N
requests it concerns; 0 for ever):
  empty garbage truncated cut 500 drop   answers to everything but /openapi; cut: the connection is closed in the middle
  late        the answer comes after five seconds
  lost        a submission takes effect, its answer is never sent
  errors      a submission is answered 200 with errors and no job
  busy        a submission is refused for the limit of all jobs
  quota       a submission is refused for the limit of a user's jobs
  token       the token must be what DIR/token holds; else 500 with 5005, as slurmrestd answers
  denied      the same, but else 401, to everything
  jwt         the token's claims must say that it has not expired; else 401, to everything, and a line in DIR/expired
  forget      finished jobs are not listed
  lie         jobs are not run and are listed as COMPLETED
  forge       jobs are not run: each leaves DIR/record as the record of how it ended
  hold        jobs are not run: they wait
  running     jobs are not run, and those that wait are listed as RUNNING, each element
  vanish      jobs are not run, and not listed
  twist       finished elements are listed twice, as COMPLETED and as RUNNING, in no order
  many        the list has 100,000 elements of somebody else's array
  new         the forms of the API's version 40
DIR/log gets a line for each request.
"""
import base64, http.server, json, os, socketserver, subprocess, sys, threading, time

DIR = sys.argv[1]
LOCK = threading.Lock()
JOBS = {}  # array id -> {name, n, state: [..]}
SLOTS = threading.Semaphore(8)
NEXT = [100]


def modes():
    try:
        words = open(DIR + '/mode').read().split()
    except OSError:
        words = []
    return {w.split('=')[0]: int(w.split('=')[1]) if '=' in w else 0 for w in words}


def take(word):
    """Does the mode hold?  One of its N requests is used up."""
    with LOCK:
        m = modes()
        if word not in m:
            return False
        if m[word]:
            m[word] -= 1
            if not m[word]:
                del m[word]
            with open(DIR + '/mode.new', 'w') as f:
                f.write(' '.join(k + ('=%d' % v if v else '') for k, v in m.items()))
            os.rename(DIR + '/mode.new', DIR + '/mode')
        return True


def forge(job, i):
    end = job['err'].replace('%a', str(i)).replace('/log/', '/end/')
    with open(end + '.new', 'w') as f:
        f.write(open(DIR + '/record').read())
    os.rename(end + '.new', end)
    job['state'][i] = 'COMPLETED'


def element(job, i, script, env):
    if 'forge' in modes():
        return forge(job, i)
    with SLOTS:
        job['state'][i] = 'RUNNING'
        p = subprocess.run(['/bin/sh', '-c', script], env=dict(env, SLURM_ARRAY_TASK_ID=str(i), SLURM_JOB_ID=str(job['id'])),
                           stdout=subprocess.DEVNULL, stderr=open(job['err'].replace('%a', str(i)), 'w'))
        if job['state'][i] == 'RUNNING':
            job['state'][i] = 'FAILED' if p.returncode else 'COMPLETED'


def submit(body):
    new = 'new' in modes()
    d = json.loads(body)
    j = d['job']
    script = j['script'] if new else d['script']
    env = j['environment']
    env = dict(x.split('=', 1) for x in env) if new else env
    n = int(j['array'].split('-')[1]) + 1
    with LOCK:
        NEXT[0] += 1
        job = JOBS[NEXT[0]] = {'id': NEXT[0], 'name': j['name'], 'state': ['PENDING'] * n, 'err': j['standard_error']}
    m = modes()
    if 'lie' in m:
        job['state'] = ['COMPLETED'] * n
    elif 'hold' in m or 'running' in m:
        pass
    elif 'vanish' in m:
        with LOCK:
            del JOBS[job['id']]
    else:
        for i in range(n):
            threading.Thread(target=element, args=(job, i, script, env), daemon=True).start()
    return job['id']


def number(v):
    return {'set': v is not None, 'infinite': False, 'number': v or 0} if 'new' in modes() else v


def one(job, i, state):
    new = 'new' in modes()
    return {'account': '', 'array_job_id': number(job['id']), 'array_task_id': number(i), 'job_id': job['id'] * 1000 + (i or 0),
            'name': job['name'], 'job_state': [state] if new else state, 'user_name': '', 'state_reason': 'None', 'nodes': 'here',
            'exit_code': {'return_code': number(0), 'signal': {'id': number(None)}} if new else 0, 'comment': 'x' * 2500}


def listing(only=0):
    m = modes()
    for job in list(JOBS.values()):
        if only and job['id'] != only:
            continue
        if 'running' in m:
            yield from (one(job, i, 'RUNNING') for i, s in enumerate(job['state']) if s == 'PENDING')
        elif 'PENDING' in job['state']:
            yield one(job, None, 'PENDING')
        for i, s in enumerate(list(job['state'])):
            if s == 'PENDING' or ('forget' in m and s != 'RUNNING'):
                continue
            if 'twist' in m and s != 'RUNNING':
                yield one(job, i, 'RUNNING' if i % 2 else 'COMPLETED')
                yield one(job, i, 'COMPLETED' if i % 2 else 'RUNNING')
            else:
                yield one(job, i, s)
    if 'many' in m and not only:
        other = {'id': 7, 'name': 'other'}
        for i in range(100000):
            yield one(other, i, 'RUNNING')


def one_of(path):
    return int(path.rsplit('/', 1)[1]) if '/job/' in path else 0


def schema():
    new = 'new' in modes()
    v = 'v0.0.40' if new else 'v0.0.38'
    num = {'type': 'object', 'properties': {'set': {'type': 'boolean'}, 'number': {'type': 'integer'}}} if new else {'type': 'integer'}
    text = {'type': 'string'}
    props = {k: text for k in ('name', 'array', 'current_working_directory', 'standard_input', 'standard_output',
                               'standard_error', 'partition', 'account', 'qos', 'comment')}
    props.update(environment={'type': 'array', 'items': text} if new else {'type': 'object'}, requeue={'type': 'boolean'},
                 tasks={'type': 'integer'}, cpus_per_task={'type': 'integer'}, memory_per_node=num, time_limit=num)
    if new:
        props['script'] = text
    return {'openapi': '3.0.2', 'paths': {
        '/slurm/%s/job/submit' % v: {'post': {'requestBody': {'content': {'application/json': {'schema': {
            '$ref': '#/components/schemas/sub'}}}}}},
        '/slurm/%s/jobs%s' % (v, '/' if new else ''): {'get': {'parameters': []}}},
        'components': {'schemas': {'sub': {'properties': {'job': {'$ref': '#/components/schemas/job'}}}, 'job': {'properties': props}}}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *a):
        pass

    def reply(self, status, body, cut=0):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body[:len(body) - cut])

    def error(self, status, code, text):
        self.reply(status, json.dumps({'meta': {}, 'errors': [{'error_code': code, 'error': text}]}).encode())

    def wrong(self):
        if take('late'):
            time.sleep(5)
        for word in ('empty', 'garbage', 'truncated', 'cut', '500', 'drop'):
            if take(word):
                if word == '500':
                    self.error(500, 0, '')
                elif word == 'truncated':
                    self.reply(200, b'{"errors": [], "jobs": [{"name": "x"', 0)
                elif word == 'cut':
                    self.reply(200, json.dumps({'errors': [], 'jobs': [{'name': 'x' * 4000}]}).encode(), 2000)
                elif word != 'drop':
                    self.reply(200, b'' if word == 'empty' else b'<html>Welcome</html>')
                self.close_connection = True
                return True
        if self.denied():
            return True
        if 'token' in modes() and self.headers.get('X-SLURM-USER-TOKEN') != open(DIR + '/token').read().strip():
            self.error(500, 5005, 'Zero Bytes were transmitted or received')
            return True
        return False

    def denied(self):
        m, token = modes(), self.headers.get('X-SLURM-USER-TOKEN') or ''
        bad = 'denied' in m and token != open(DIR + '/token').read().strip()
        if 'jwt' in m:
            claims = token.split('.')[1] if token.count('.') == 2 else ''
            claims = json.loads(base64.urlsafe_b64decode(claims + '=' * (-len(claims) % 4)) or '{}')
            bad = claims.get('exp', 0) <= time.time()
            if bad:
                with LOCK, open(DIR + '/expired', 'a') as f:
                    f.write(token + '\n')
        if bad:
            self.reply(401, b'Authentication failure')
        return bad

    def note(self):
        with LOCK, open(DIR + '/log', 'a') as f:
            f.write('%.3f %s %s\n' % (time.time(), self.command, self.path))

    def do_GET(self):
        self.note()
        if self.path == '/openapi' and self.denied():
            pass
        elif self.path == '/openapi':
            self.reply(200, json.dumps(schema()).encode() if 'nothing' not in modes() else b'<html>')
        elif not self.wrong():
            self.send_response(200)
            self.send_header('Connection', 'close')
            self.end_headers()
            self.wfile.write(b'{"meta": {}, "errors": [], "jobs": [')
            for k, j in enumerate(listing(one_of(self.path))):
                self.wfile.write((',' if k else '').encode() + json.dumps(j).encode())
            self.wfile.write(b']}')
            self.close_connection = True

    def do_POST(self):
        self.note()
        body = self.rfile.read(int(self.headers['Content-Length']))
        if take('errors'):
            self.error(200, 2000, 'Invalid partition name specified')
        elif take('busy'):
            self.error(500, 11, 'Resource temporarily unavailable')
        elif take('quota'):
            self.error(500, 2050, 'Job violates accounting/QOS policy')
        elif not self.wrong():
            i = submit(body)
            if take('lost'):
                self.close_connection = True
            else:
                self.reply(200, json.dumps({'errors': [], 'job_id': i}).encode())

    def do_DELETE(self):
        self.note()
        i = int(self.path.rsplit('/', 1)[1].split('_')[0])
        if i in JOBS:
            JOBS[i]['state'] = ['CANCELLED' if s in ('PENDING', 'RUNNING') else s for s in JOBS[i]['state']]
        self.reply(200, b'{"errors": []}')


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


s = Server(('127.0.0.1', 0), Handler)
open(DIR + '/port.new', 'w').write(str(s.server_port))
os.rename(DIR + '/port.new', DIR + '/port')
s.serve_forever()
