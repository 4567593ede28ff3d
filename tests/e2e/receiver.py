"""receiver.py DIR [CERT] - who gets notifications, and behaves as told; with CERT (certificate and key) over TLS.

DIR/port is written when it listens.  DIR/mode is read at every request: words, each with or without =N (the next N
requests it concerns; 0 for ever), or a number, which is the status of every answer:
  hang garbage truncated drop 500   instead of an answer, or as one
  huge        the message is taken, and the answer has no end
  redirect    to DIR/elsewhere
A message that was taken is a line of DIR/got: its path and its text.  Of MNS it is the text of the MessageBody, and the
signature must be right for the secret in DIR/secret, else the answer is 403.  DIR/heads has all headers, DIR/count a byte
a request.
"""
import base64, hashlib, hmac, http.server, os, socketserver, ssl, sys, threading, time
import xml.etree.ElementTree as ET

DIR = sys.argv[1]
LOCK = threading.Lock()


def read(name):
    try:
        return open(DIR + '/' + name).read().strip()
    except OSError:
        return ''


def mode():
    """The word that holds now; one of its N requests is used up."""
    with LOCK:
        words = read('mode').split()
        if not words:
            return ''
        word, _, n = words[0].partition('=')
        if n:
            left = ['%s=%d' % (word, int(n) - 1)] if int(n) > 1 else []
            with open(DIR + '/mode.new', 'w') as f:
                f.write(' '.join(left + words[1:]))
            os.rename(DIR + '/mode.new', DIR + '/mode')
        return word


def append(name, text):
    with LOCK, open(DIR + '/' + name, 'a') as f:
        f.write(text)


def mns(h, body):
    """The text of a message that is signed right, else None."""
    heads = ''.join(sorted('%s:%s\n' % (k.lower(), v.strip()) for k, v in h.headers.items() if k.lower().startswith('x-mns-')))
    text = '\n'.join([h.command, h.headers.get('Content-MD5', ''), h.headers.get('Content-Type', ''), h.headers.get('Date', ''),
                      heads + h.path])
    sign = base64.b64encode(hmac.new(read('secret').encode(), text.encode(), hashlib.sha1).digest()).decode()
    if h.headers.get('Authorization') != 'MNS key-id:' + sign or h.headers.get('x-mns-version') != '2015-06-06':
        return None
    name = '{http://mns.aliyuncs.com/doc/v1/}'
    root = ET.fromstring(body)
    return root.find(name + 'MessageBody').text if root.tag == name + 'Message' else None


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self, status, body=b'', **heads):
        self.send_response(status)
        for k, v in heads.items():
            self.send_header(k, v)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def take(self, body):
        text = body.decode()
        if self.path.startswith('/topics/'):
            text = mns(self, body)
            if text is None:
                return self.answer(403, b'<Error><Code>SignatureDoesNotMatch</Code></Error>')
        append('got', self.path + ' ' + text + '\n')
        self.answer(201 if self.path.startswith('/topics/') else 200)

    def misbehave(self, word):
        self.close_connection = True
        if word == 'hang':
            while mode() == 'hang':
                time.sleep(0.05)
        elif word == 'garbage':
            self.wfile.write(b'\x00\xff garbage\r\n\r\n')
        elif word == 'truncated':
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart')

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        append('heads', '%s %s\n%s' % (self.command, self.path, self.headers))
        append('count', '.')
        word = mode()
        if not word:
            self.take(body)
        elif word == 'redirect':
            self.answer(307, Location=read('elsewhere'))
        elif word == 'huge':
            append('got', self.path + ' ' + body.decode() + '\n')
            self.wfile.write(b'HTTP/1.1 200 OK\r\n\r\n')
            while True:
                self.wfile.write(b'z' * 65536)
        elif word.isdigit():
            self.answer(int(word), b'x' * 100)
        else:
            self.misbehave(word)

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the other end has had enough

    def log_message(self, *a):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(('127.0.0.1', int(read('port') or 0)), Receiver)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(DIR + '/port.new', 'w') as f:
    f.write(str(server.server_port))
os.rename(DIR + '/port.new', DIR + '/port')
server.serve_forever()
