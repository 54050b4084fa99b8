#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A small `mscsim sweep` that is killed before the k-th call that changes a file, for every k; whose disk is full from the
# k-th call on; on a file system that is really full. Each time it is then resumed, to the bytes of an undisturbed one. (Of
# the store alone, and more thoroughly: tests/store/faults.)
#     check_sweep_faults.py         77 if there is nothing to preload here
import concurrent.futures
import itertools
import os
import shutil
import subprocess
import sys
import tempfile

top, program = os.environ["TOP"], os.environ["MSCSIM"]
shim = os.path.join(top, os.environ.get("BUILD", "build/release"), "tests/support/faults/fault_shim.so")
if os.environ.get("VARIANT", "release") != "release":
    print("sanitisers do not like what is preloaded")
    sys.exit(77)
CONFIG = """base = "tiny.cfg";
sweep = { design = "grid";
          axes: { dose = { vary = "regimen[0].dose"; values = ("1e5 cell/kg", "2e5 cell/kg", "4e5 cell/kg"); };
                  day = { vary = "regimen[0].day"; values = [0.0, 1.0]; }; };
          endpoints: { most = { max = "settled[lung]"; }; };
          keep_trajectories = true; };
"""


def run(folder, *how, at=0, kind=""):
    """Return code, stderr, numbers of calls and of failures, the last that failed (None if it was killed)."""
    count = folder + ".calls"
    env = dict(os.environ, LD_PRELOAD=shim, FAULT_COUNT=count, FAULT_AT=str(at), FAULT_KIND=kind)
    r = subprocess.run([program, "sweep", "../s.cfg", "-q", "-j1", "-o", "x.h5", *how], cwd=folder, env=env,
                       capture_output=True, text=True)
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


def fresh(old=None):
    folder = tempfile.mkdtemp(dir=root)
    if old is not None:
        with open(os.path.join(folder, "x.h5"), "wb") as f:
            f.write(old)
    return folder


def resume(folder, what, *force):
    code, said, _ = run(folder, "--resume", *force)
    if not (code == 73 and "exists" in said and content(folder) == want):  # there was nothing left to do
        assert (code, said) == (0, ""), f"{what}: resuming: {code}, {said}"
    assert content(folder) == want, f"{what}: resumed to other bytes"
    assert os.listdir(folder) == ["x.h5"], f"{what}: left {os.listdir(folder)}"
    shutil.rmtree(folder)


def kill_everywhere(old, *force):
    def one(k):
        folder, what = fresh(old), f"killed before call {k}"
        code, said, _ = run(folder, *force, at=k, kind="kill")
        assert code in (0, -9), f"{what}: {code}, {said}"
        assert content(folder) in (old, want) or code == 0, f"{what}: the file is neither old nor complete"
        resume(folder, what, *force)
        return code != 0

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for k in itertools.count(1, 8):
            if not all(pool.map(one, range(k, k + 8))):
                assert k + 8 > calls / 2
                return


def full_from(k):
    folder, what = fresh(), f"full from call {k} on"
    code, said, (_, failed, last) = run(folder, at=k, kind="ENOSPC")
    if failed and not (failed == 1 and last == "link"):
        assert code == 74, f"{what}: {code}, {said}"
        assert said.count("\n") == 1 and "No space left on device" in said, f"{what}: said {said!r}"
        assert content(folder) in (None, want) and set(os.listdir(folder)) <= {"x.h5", "x.h5.part"}, f"{what}: left {os.listdir(folder)}"
    else:
        assert (code, said) == (0, "") and content(folder) == want, f"{what}: {code}, {said}"
        shutil.rmtree(folder)
        return
    resume(folder, what)


def full_file_systems():
    """A tmpfs of our own in a name space of our own, too small; then it grows."""
    script = """mount -t tmpfs -o size=$1 none . || exit 99
        cd . && cd "$PWD" && "$2" sweep "$3" -q -o x.h5; echo "code $?"; ls; mount -o remount,size=32m . || exit 99
        "$2" sweep "$3" -q -o x.h5 --resume || exit 98; cmp x.h5 "$4" || exit 97; ls"""
    for size in ("8k", "12k", "16k"):
        folder = fresh()
        r = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", size, program, os.path.join(root, "s.cfg"),
                            os.path.join(root, "reference.h5")], cwd=folder, capture_output=True, text=True)
        if r.returncode == 99 or "unshare" in r.stderr:
            return "no file system may be mounted here: a really full one was not tried"
        assert r.returncode == 0, f"tmpfs of {size}: {r.returncode}, {r.stdout}, {r.stderr}"
        first = r.stdout.split("\n")[0]
        assert first in ("code 74", "code 78") and r.stdout.endswith("\nx.h5\n"), f"tmpfs of {size}: {r.stdout}"
        assert r.stderr.count("\n") == 1, f"tmpfs of {size}: {r.stderr}"
    return "3 full file systems"


memory = "/dev/shm"
root = tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None)
try:
    for name in ("tiny.cfg", "model.cfg"):
        shutil.copy(os.path.join(top, "tests/cli/data", name), root)
    with open(os.path.join(root, "s.cfg"), "w") as f:
        f.write(CONFIG)
    folder = fresh()
    code, said, calls = run(folder)
    assert (code, said) == (0, "") and os.listdir(folder) == ["x.h5"], (code, said, os.listdir(folder))
    calls = calls and calls[0]
    if not calls:
        print("nothing can be preloaded here")
        sys.exit(77)
    want = content(folder)
    shutil.copy(os.path.join(folder, "x.h5"), os.path.join(root, "reference.h5"))
    kill_everywhere(None)
    kill_everywhere(b"\x89HDF\r\n\x1a\nold", "-f")
    for k in range(1, calls + 1, 3):
        full_from(k)
    print(f"faults at each of {calls} calls; {full_file_systems()}")
finally:
    shutil.rmtree(root)
