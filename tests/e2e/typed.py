"""typed.py COMMAND...: a person at a terminal who waits for what is shown before typing the next line."""
import os, pty, select, sys, time

pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""


def until(text, times=1):
    """Read until it was shown so often, the end, or 20 seconds."""
    global seen
    end = time.monotonic() + 20
    while seen.count(text) < times and time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                got = os.read(fd, 4096)
            except OSError:
                return
            if not got:
                return
            seen += got


# what is shown differs from what is typed, so the echo is not taken for it
os.write(fd, b"PS1=rea''dy; tty\r")
until(b"ready")
os.write(fd, b"sh -c 'echo slee\"\"ping; exec sleep 1000'\r")
until(b"sleeping")
os.write(fd, b"\x03")
until(b"ready", 2)
os.write(fd, b"exit 7\r")
until(b"\0")
os.write(1, seen)
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
