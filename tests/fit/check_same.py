#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The results file of a fit has the same bytes on 1, 2 and 8 threads, and however often it was killed or interrupted and
# resumed, in its starts or in its profiles. Another seed, config or data are refused; so is a second fit to the same file.
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

program = os.environ["MSCSIM"]
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from stopped import Stopped, size

os.chdir(tempfile.mkdtemp(dir=os.environ.get("TMPDIR")))
open("model.cfg", "w").write("""
parameters: { taken = { unit = "1/h"; value = 1.0; about = "a"; source = "assumed: a test"; };
  cleared = { unit = "1/h"; value = 0.3; range = [0.01, 5.0]; about = "b"; source = "assumed: a test"; }; };
amounts: { gut = { unit = "mg"; about = "a"; }; plasma = { unit = "mg"; about = "b"; }; };
processes: { take = { from = "gut"; to = "plasma"; hazard = "taken"; };
  clear = { from = "plasma"; hazard = "cleared"; fate = "gone"; }; };
routes: { mouth = { to = "gut"; }; };
outputs: { gut = { }; plasma = { }; };
""")
CONFIG = """model = "model.cfg"; regimen = ( { route = "mouth"; day = 0.0; dose = "100 mg"; } );
output = { until = "2 day"; every = "1 h"; };
fit = { data = "data.csv"; starts = 80; file = "f.h5";
  observe: { plasma = { quantity = "plasma"; error = { kind = "both"; additive = 0.5; proportional = 0.1; }; }; };
  estimate: { taken = { vary = "parameters.taken"; range = [0.3, 20.0]; };
    cleared = { vary = "parameters.cleared"; range = [0.01, 0.28]; scale = "log"; };
    seen = { vary = "observation.plasma.factor"; prior = { distribution = "normal"; mean = 1.0; sd = 0.1; }; };
    off = { vary = "observation.plasma.additive"; prior = { distribution = "lognormal"; median = 0.5; cv = 0.5; }; };
    share = { vary = "observation.plasma.proportional"; range = [0.01, 1.0]; }; }; };
"""
DATA = "time (h),quantity,value,unit\n" + "".join(
    f"{t},plasma,{v},mg\n" for t, v in ((0.5, 28.1), (2.5, 68.0), (4.5, 61.2), (6.5, 46.3), (8.5, 33.0), (12.5, 21.2), (16.5, 9.4),
                                        (20.5, 5.6), (24.5, 2.7)))
open("fit.cfg", "w").write(CONFIG)
open("data.csv", "w").write(DATA)


def fit(file, *more):
    return [program, "fit", "fit.cfg", "-q", "-o", file, *more]


def run(file, *more):
    r = subprocess.run(fit(file, *more), capture_output=True, text=True)
    return r.returncode, r.stderr


def same(file, what):
    with open(file, "rb") as f, open("one.h5", "rb") as g:
        assert f.read() == g.read(), f"{what}: other bytes"
    assert not os.path.exists(file + ".part"), f"{what}: the journal is still there"


begin = time.monotonic()
assert run("one.h5", "-j1") == (0, "")
whole = time.monotonic() - begin
for n in (2, 8):
    assert run(f"t{n}.h5", f"-j{n}") == (0, "")
    same(f"t{n}.h5", f"{n} threads")

random.seed(1)
tried = cut = 0
for kind in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
    file = f"k{tried}.h5"
    stopped = Stopped(fit(file), file, file + ".part", (0, ""))
    stopped.until_done(kind, 6, 0.4 * whole + 0.05)
    same(file, f"signal {kind}")
    tried, cut = tried + 1, cut + len(stopped.told)

# of something else, or in use
p = subprocess.Popen(fit("b.h5", "-j1", "--set", "fit.starts=20000"), stderr=subprocess.PIPE, text=True)
while p.poll() is None and size("b.h5.part") <= 20000:
    time.sleep(0.01)
for more in ([], ["--resume"], ["-f"]):
    code, said = run("b.h5", "--set", "fit.starts=20000", *more)
    assert code == 75 and said.count("\n") == 1 and "b.h5" in said, (code, said)
p.send_signal(signal.SIGINT)
said = p.communicate()[1]
assert p.returncode == -signal.SIGINT and "--resume goes on" in said, (p.returncode, said)
for word, more in (("settings", []), ("the seed", ["--set", "fit.starts=20000", "--seed", "7"])):
    code, said = run("b.h5", "--resume", *more)
    assert code == 65 and said.count("\n") == 1 and word in said, (code, said)
open("data.csv", "w").write(DATA.replace("28.1", "28.2"))
code, said = run("b.h5", "--resume", "--set", "fit.starts=20000")
assert code == 65 and "data.csv" in said, (code, said)
open("data.csv", "w").write(DATA)
open("fit.cfg", "w").write(CONFIG.replace("0.28]", "0.29]"))
code, said = run("b.h5", "--resume", "--set", "fit.starts=20000")
assert code == 65 and "fit.cfg" in said, (code, said)
open("fit.cfg", "w").write(CONFIG)
code, said = run("b.h5")  # there is a journal
assert code == 73 and said.count("\n") == 1, (code, said)
assert run("b.h5", "-f") == (0, "")
same("b.h5", "over the journal of another")
print(f"{tried} fits, stopped {cut} times")
