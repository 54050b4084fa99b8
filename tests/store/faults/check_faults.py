#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A small sweep (driver.c) that is killed before the k-th call that changes a file, for every k; whose disk is full, or
# broken, from the k-th on; on a file system that is really full. Each time it is then resumed. The results file is at
# every moment absent, old or complete, and in the end has the bytes of an undisturbed run; nothing else is left.
#     check_faults.py         77 if there is nothing to preload here
import concurrent.futures
import itertools
import os
import resource
import shutil
import subprocess
import sys
import tempfile

top, build = os.environ.get("TOP", "."), os.environ.get("BUILD", "build/release")
driver = os.path.join(top, build, "tests/store/faults/driver")
shim = os.path.join(top, build, "tests/support/faults/fault_shim.so")
N = "110"  # of 9600 bytes each: more than one chunk, and no multiple of 7

if os.environ.get("VARIANT", "release") != "release":
    print("sanitisers do not like what is preloaded")
    sys.exit(77)


def run(folder, *how, at=0, kind="", limit=None):
    """Return code, stderr, numbers of calls and of failures, the last that failed (None if it was killed)."""
    count = folder + ".calls"
    env = dict(os.environ, LD_PRELOAD=shim, FAULT_COUNT=count, FAULT_AT=str(at), FAULT_KIND=kind)
    bound = limit and (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    r = subprocess.run([driver, "x.h5", N, *how], cwd=folder, env=env, capture_output=True, text=True, preexec_fn=bound)
    calls = None
    if os.path.exists(count):
        with open(count) as f:
            calls = [int(n) if n.isdigit() else n for n in f.read().split()]
        os.remove(count)
    return r.returncode, r.stderr, calls


def content(folder):
    try:
        with open(os.path.join(folder, "x.h5"), "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def fresh(old):
    folder = tempfile.mkdtemp(dir=root)
    if old is not None:
        with open(os.path.join(folder, "x.h5"), "wb") as f:
            f.write(old)
    return folder


def resume(folder, what, *force):
    code, said, _ = run(folder, "resume", *force)
    assert (code, said) == (0, ""), f"{what}: resuming: {code}, {said}"
    assert content(folder) == want, f"{what}: resumed to other bytes"
    assert os.listdir(folder) == ["x.h5"], f"{what}: left {os.listdir(folder)}"
    shutil.rmtree(folder)


def one_line(said, reasons, what):
    assert said.count("\n") == 1 and any(r in said for r in reasons), f"{what}: said {said!r}"


def for_each_call(one):
    """one(k) for k = 1, 2, ... until it says that there was no such call; two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for k in itertools.count(1, 8):
            if not all(pool.map(one, range(k, k + 8))):
                assert k + 8 > calls / 2
                return


def kill_everywhere(old, *how):
    def one(k):
        folder, what = fresh(old), f"killed before call {k} ({' '.join(how)})"
        code, said, _ = run(folder, *how, at=k, kind="kill")
        assert code in (0, -9), f"{what}: {code}, {said}"
        assert content(folder) in (old, want) or code == 0, f"{what}: the file is neither old nor complete"
        resume(folder, what, *how[1:])
        return code != 0

    for_each_call(one)


def kill_again_and_again():
    """Killed, resumed, killed in that, and so on, each time a little later."""
    folder, n = fresh(None), 0
    while run(folder, "resume", at=8 + 2 * n, kind="kill")[0] != 0:
        assert content(folder) in (None, want) and n < 200
        n += 1
    assert content(folder) == want
    shutil.rmtree(folder)
    return n


def fail_everywhere(kind, reason):
    def one(k):
        folder, what = fresh(None), f"{kind} from call {k} on"
        code, said, (made, failed, last) = run(folder, "new", at=k, kind=kind)
        if failed and not (failed == 1 and last == "link"):  # there are file systems without links: we rename
            assert code == 74, f"{what}: {code}, {said}"
            one_line(said, [reason], what)
        else:
            assert (code, said) == (0, ""), f"{what}: {code}, {said}"
        assert content(folder) == want if code == 0 else content(folder) in (None, want), f"{what}: not complete"
        left = set(os.listdir(folder)) - {"x.h5", "x.h5.part"}
        assert not left or kind in ("EIO", "once"), f"{what}: left {left}"
        resume(folder, what)
        return made >= k

    for_each_call(one)


def disturb_everywhere(kind):
    def one(k):
        folder, what = fresh(None), f"{kind} at call {k}"
        code, said, (made, *_) = run(folder, "new", at=k, kind=kind)
        assert (code, said) == (0, "") and content(folder) == want, f"{what}: {code}, {said}"
        assert os.listdir(folder) == ["x.h5"], f"{what}: left {os.listdir(folder)}"
        shutil.rmtree(folder)
        return made >= k

    for_each_call(one)


def limited_files():
    for size in range(1000, len(want), len(want) // 23):
        folder, what = fresh(None), f"files of {size} bytes at most"
        code, said, _ = run(folder, "new", limit=size)
        assert code == 74, f"{what}: {code}, {said}"
        one_line(said, ["File too large"], what)
        resume(folder, what)


def full_file_systems():
    """A tmpfs of our own in a name space of our own, filled to its brim; then it grows."""
    script = """mount -t tmpfs -o size=$1 none . || exit 99
        cd . && cd "$PWD" && "$2" x.h5 $3 new; echo "code $?"; ls; mount -o remount,size=32m . || exit 99
        "$2" x.h5 $3 resume || exit 98; cmp x.h5 "$4" || exit 97; ls"""
    reference = os.path.join(root, "reference.h5")
    for size in ("64k", "500k", "1m", "1200k", "2m"):
        folder = fresh(None)
        r = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", size, driver, N, reference], cwd=folder,
                           capture_output=True, text=True)
        if r.returncode == 99 or "unshare" in r.stderr:
            return "no file system may be mounted here: a really full one was not tried"
        assert r.returncode == 0, f"tmpfs of {size}: {r.returncode}, {r.stdout}, {r.stderr}"
        assert r.stdout == "code 74\nx.h5.part\nx.h5\n", f"tmpfs of {size}: {r.stdout}"
        one_line(r.stderr, ["No space left on device"], f"tmpfs of {size}")
        shutil.rmtree(folder)
    return "5 full file systems"


memory = "/dev/shm"  # a thousand runs with a dozen syncs each
root = tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None)
try:
    folder = fresh(None)
    code, said, calls = run(folder, "new")
    assert (code, said) == (0, "") and os.listdir(folder) == ["x.h5"], (code, said, os.listdir(folder))
    calls = calls and calls[0]
    if not calls:
        print("nothing can be preloaded here")
        sys.exit(77)
    want = content(folder)
    shutil.copy(os.path.join(folder, "x.h5"), os.path.join(root, "reference.h5"))
    opened = subprocess.run([sys.executable, os.path.join(top, "tests/store/check_open.py"),
                             os.path.join(folder, "x.h5")], stdout=subprocess.DEVNULL)
    assert opened.returncode in (0, 77)

    kill_everywhere(None, "new")
    kill_everywhere(b"\x89HDF\r\n\x1a\nold", "discard", "force")
    again = kill_again_and_again()
    fail_everywhere("ENOSPC", "No space left on device")
    fail_everywhere("EIO", "Input/output error")
    fail_everywhere("once", "Input/output error")
    disturb_everywhere("short")
    disturb_everywhere("EINTR")
    limited_files()
    print(f"faults at each of {calls} calls; one sweep killed {again} times; {full_file_systems()}")
finally:
    shutil.rmtree(root)
