"""archives.py DIR OUT - write archives that try to get out of where they are unpacked, and some that only look strange.

OUT is an absolute path that they aim at.  bad-*.tar must be refused, good-*.tar must unpack."""
import gzip
import io
import os
import sys
import tarfile

where, out = sys.argv[1:3]
outside = os.path.dirname(out)


def member(name, kind=tarfile.REGTYPE, link="", data=b"evil\n", mode=0o644):
    t = tarfile.TarInfo(name)
    t.type, t.linkname, t.mode = kind, link, mode
    t.size = len(data) if kind == tarfile.REGTYPE else 0
    if kind in (tarfile.CHRTYPE, tarfile.BLKTYPE):
        t.devmajor, t.devminor = 1, 3
    return t, data


def archive(name, *members, mode="w", **how):
    with tarfile.open(os.path.join(where, name), mode, **how) as a:
        for t, data in members:
            a.addfile(t, io.BytesIO(data) if t.type == tarfile.REGTYPE else None)


up = "../" * 30 + out.lstrip("/")
SYM, HARD, DIR = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
archive("bad-absolute.tar", member(out))
archive("bad-dotdot.tar", member(up))
archive("bad-inner-dotdot.tar", member("a/../../../" + out))
archive("bad-link-out.tar", member("l", SYM, outside))
archive("bad-link-up.tar", member("l", SYM, "../" * 30 + outside.lstrip("/")))
archive("bad-link-then-file.tar", member("l", SYM, outside), member("l/evil"))
archive("bad-link-chain.tar", member("d", DIR, mode=0o755), member("d/a", SYM, "."), member("d/b", SYM, "a/../../.."), member("d/b/evil"))
archive("bad-inner-link-then-file.tar", member("d", DIR, mode=0o755), member("l", SYM, "d"), member("l/evil"))
archive("bad-hard-out.tar", member("h", HARD, "/etc/passwd"))
archive("bad-hard-up.tar", member("h", HARD, "../" * 30 + "etc/passwd"))
archive("bad-hard-to-link.tar", member("l", SYM, "x"), member("h", HARD, "l"), member("h/evil"))
archive("bad-char-device.tar", member("null", tarfile.CHRTYPE, mode=0o666))
archive("bad-block-device.tar", member("disk", tarfile.BLKTYPE, mode=0o666))
archive("bad-fifo.tar", member("fifo", tarfile.FIFOTYPE))
archive("good-setuid.tar", member("bits", mode=0o6755), member("d", DIR, mode=0o7777), member("sticky", mode=0o7777))
archive("good-twice.tar", member("a", data=b"first\n"), member("a", data=b"second\n"), member("b"), member("b", DIR, mode=0o755),
        member("b/c"), member("d", DIR, mode=0o755), member("d/e"), member("d", data=b"file\n"))
archive("good-link-then-same.tar", member("real", data=b"kept\n"), member("l", SYM, "real"), member("l", data=b"own\n"))
every = bytes(b for b in range(1, 256) if b != ord("/"))
names = [every[:127], every[127:], b"x" * 255, "\u4e2d\u6587".encode(), b"line\nbreak", b"-rf", b" ", b"\xff\xfe"]
archive("good-names.tar", *[member(os.fsdecode(n), data=b"") for n in names], format=tarfile.GNU_FORMAT,
        encoding="utf-8", errors="surrogateescape")
# 1.5 GB of zeros in 1.5 MB: members of gzip one after the other are one stream
head = tarfile.TarInfo("zeros")
head.size = 1536 << 20
zeros = gzip.compress(bytes(64 << 20), mtime=0)
with open(os.path.join(where, "bad-bomb.tar.gz"), "wb") as f:
    f.write(gzip.compress(head.tobuf()))
    for _ in range(24):
        f.write(zeros)
    f.write(gzip.compress(bytes(1024)))
