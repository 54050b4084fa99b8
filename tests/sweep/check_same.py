#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The results file of a sweep has the same bytes on 1, 2 and 8 threads, and however often it was killed or interrupted
# and resumed; with variants, trajectories and scenarios that fail. A second sweep to the same file is refused, and the
# first does not notice.
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

top, program = os.environ["TOP"], os.environ["MSCSIM"]
sys.path.insert(0, os.path.join(top, "tests/support"))
from stopped import Stopped, size

os.chdir(tempfile.mkdtemp(dir=os.environ.get("TMPDIR")))
for name in ("tiny.cfg", "model.cfg"):
    shutil.copy(os.path.join(top, "tests/cli/data", name), name)
open("s.cfg", "w").write("""base = "tiny.cfg";
sweep = { design = "grid";
          axes: { dose = { vary = "regimen[0].dose"; from = "1e5 cell/kg"; to = "4e5 cell/kg"; n = 120; };
                  product = { choices: { fresh = [ ]; old = ["regimen[0].viable=0.5"]; }; };
                  day = { vary = "regimen[0].day"; values = [0.0, 0.2, 1.0, -1.0]; }; };
          endpoints: { most = { max = "settled[organ]"; over = ["organ"]; }; };
          keep_trajectories = true; };
""")
N = 120 * 2 * 4


def sweep(file, *more):
    return [program, "sweep", "s.cfg", "-q", "-o", file, *more]


def but_warnings(text):
    """All lines but that of the day before the start, which is told beforehand."""
    return "".join(line for line in text.splitlines(True) if "warning: s.cfg:5: sweep.axes.day: with day = -1 day" not in line)


def run(file, *more):
    r = subprocess.run(sweep(file, *more), capture_output=True, text=True)
    return r.returncode, but_warnings(r.stderr)


def same(file, what):
    with open(file, "rb") as f, open("one.h5", "rb") as g:
        assert f.read() == g.read(), f"{what}: other bytes"
    assert not os.path.exists(file + ".part"), f"{what}: the journal is still there"


failed = f"mscsim: {N // 4} of {N} scenarios failed\n"
begin = time.monotonic()
assert run("one.h5", "-j1") == (1, failed)
whole = time.monotonic() - begin
for n in (2, 3, 8):
    assert run(f"t{n}.h5", f"-j{n}") == (1, failed)
    same(f"t{n}.h5", f"{n} threads")

random.seed(1)
tried = cut = 0
for kind in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    file = f"k{tried}.h5"
    stopped = Stopped(sweep(file), file, file + ".part", (1, failed), but_warnings)
    stopped.until_done(kind, 5, 0.4 * whole + 0.05)
    same(file, f"signal {kind}")
    tried, cut = tried + 1, cut + len(stopped.told)

# an end in order keeps all that was done: a journal of it, and the rest is the rest
assert run("r.h5", "-j2") == (1, failed)
same("r.h5", "again")

# two at once: one that is held up, so that there is time
p = subprocess.Popen(sweep("b.h5", "-j1", "--set", "sweep.axes.dose.n=100000"), stderr=subprocess.PIPE, text=True)
while p.poll() is None and size("b.h5.part") == 0:
    time.sleep(0.01)
for more in ([], ["--resume"], ["-f"]):
    code, said = run("b.h5", "--set", "sweep.axes.dose.n=100000", *more)
    assert code == 75 and said.count("\n") == 1 and "b.h5" in said, (code, said)
p.send_signal(signal.SIGINT)
said = but_warnings(p.communicate()[1])
assert p.returncode == -signal.SIGINT and "--resume goes on" in said, (p.returncode, said)
code, said = run("b.h5", "--resume")  # of another sweep: it has other settings
assert code == 65 and said.count("\n") == 1 and "the settings changed" in said, (code, said)
code, said = run("b.h5")  # there is a journal
assert code == 73 and said.count("\n") == 1, (code, said)
assert run("b.h5", "-f") == (1, failed)
same("b.h5", "over the journal of another")
print(f"{tried} sweeps, stopped {cut} times")
