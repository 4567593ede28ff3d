#!/usr/bin/env python3
"""onscreen.py [OPTIONS] -- COMMAND...: run a command on a terminal of our own and look at what a person would see.

  --size COLSxROWS     80x24
  --resize COLSxROWS   once the first --when text is on the screen
  --when REGEX         wait for it (several: one after the other), for --resize, --keys and --stall
  --keys TEXT          type it then, e.g. \\x03; several: one a --when
  --stall FILE         read nothing until FILE exists (or, with --when, from then on)
  --raw FILE           every byte that came

Prints the lines that have scrolled off, the last screen, and `== N frames, area at most L lines of W columns, status S`.
A frame is the screen after each piece of output; its area is what stands below the last line that ended.
"""
import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata


def width(c):
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in 'WF' else 1


class Screen:
    """What weft uses of a terminal: text, CR, LF, up, clear to the end of line and screen, colours (dropped)."""

    def __init__(self, cols, rows):
        self.cols, self.rows, self.gone = cols, rows, []
        self.grid, self.x, self.y = [''], 0, 0
        self.rest = b''
        self.wrapped = 0

    def down(self):
        self.y += 1
        if self.y == len(self.grid):
            self.grid.append('')
        if len(self.grid) > self.rows:
            self.gone.append(self.grid.pop(0))
            self.y -= 1

    def put(self, c):
        w = width(c)
        if self.x + w > self.cols:
            self.wrapped += 1
            self.x = 0
            self.down()
        line, at, i = self.grid[self.y], 0, 0
        while i < len(line) and at < self.x:
            at += width(line[i])
            i += 1
        line = line[:i] + ' ' * (self.x - at) + c + line[i + 1:]
        self.grid[self.y] = line
        self.x += w

    def cut(self):
        line, at, i = self.grid[self.y], 0, 0
        while i < len(line) and at < self.x:
            at += width(line[i])
            i += 1
        self.grid[self.y] = line[:i]

    def escape(self, number, what):
        if what == 'A':
            self.y = max(0, self.y - int(number or 1))
        elif what == 'J':
            self.cut()
            del self.grid[self.y + 1:]
        elif what == 'K':
            self.cut()
        elif what != 'm':
            sys.exit('onscreen.py: unknown sequence %s%s' % (number, what))

    def feed(self, data):
        data = self.rest + data
        cut = len(data)
        esc = data.rfind(b'\033')
        if esc >= 0 and not re.match(rb'\033\[[0-9;]*[A-Za-z]', data[esc:]):
            cut = esc
        text = None
        while text is None:
            try:
                text = data[:cut].decode()
            except UnicodeDecodeError as e:
                if e.start < cut - 3:
                    raise
                cut = e.start
        self.rest = data[cut:]
        for m in re.finditer(r'\033\[([0-9;]*)([A-Za-z])|(.)', text, re.S):
            c = m.group(3)
            if c is None:
                self.escape(m.group(1), m.group(2))
            elif c == '\r':
                self.x = 0
            elif c == '\n':
                self.down()
            else:
                self.put(c)


def size(text):
    return tuple(int(x) for x in text.split('x'))


def set_size(fd, s):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', s[1], s[0], 0, 0))


ap = argparse.ArgumentParser()
ap.add_argument('--size', type=size, default=(80, 24))
ap.add_argument('--resize', type=size)
ap.add_argument('--when', action='append', default=[])
ap.add_argument('--keys', action='append', default=[])
ap.add_argument('--stall')
ap.add_argument('--raw')
ap.add_argument('command', nargs='+')
o = ap.parse_args()

pid, fd = pty.fork()
if pid == 0:
    set_size(0, o.size)
    os.execvp(o.command[0], o.command)
set_size(fd, o.size)
screen = Screen(*o.size)
raw, frames, lines, columns = b'', 0, 0, 0
steps = list(o.when)
end = time.time() + 90


def look():
    """The area is the last lines that begin as rows of it do."""
    global lines, columns
    last = len(screen.grid) - 1
    if not re.match(r'^\[\d+/\d+', screen.grid[last]):
        return
    n = 1
    while last - n >= 0 and re.search(r'\d/[\d,?]+  |\d/[\d,?]+$', screen.grid[last - n]):
        n += 1
    lines = max(lines, n)
    columns = max([columns] + [sum(map(width, g)) for g in screen.grid[last - n + 1:]])


stalled = o.stall if o.stall and not steps else None
while time.time() < end:
    if stalled:
        if os.path.exists(stalled):
            stalled = None
        else:
            time.sleep(0.01)
        continue
    if not select.select([fd], [], [], 1)[0]:
        continue
    try:
        data = os.read(fd, 1 << 16)
    except OSError:
        data = b''
    if not data:
        break
    raw += data
    screen.feed(data)
    frames += 1
    look()
    if steps and re.search(steps[0], '\n'.join(screen.grid)):
        steps.pop(0)
        if o.keys:
            os.write(fd, o.keys.pop(0).encode().decode('unicode_escape').encode())
        if o.resize:
            screen.cols, screen.rows = o.resize
            set_size(fd, o.resize)
            o.resize = None
            columns = 0
        if not steps:
            stalled = o.stall
else:
    os.kill(pid, signal.SIGKILL)
    print('onscreen.py: it does not end')
_, status = os.waitpid(pid, 0)
code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
if o.raw:
    open(o.raw, 'wb').write(raw)
print('\n'.join(screen.gone + screen.grid))
print('== %d frames, area at most %d lines of %d columns, status %d' % (frames, lines, columns, code))
