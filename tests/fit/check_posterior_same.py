#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The results file of a fit with a posterior has the same bytes on 1, 2 and 8 threads, and however often it was killed or
# interrupted and resumed. A second fit to the same file is refused, and the first does not notice. (Starts and profiles:
# check_same.py.)
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
parameters: { taken = { unit = "1/h"; value = 0.5; about = "a"; source = "assumed: a test"; };
              cleared = { unit = "1/h"; value = 0.2; about = "b"; source = "assumed: a test"; }; };
amounts: { gut = { unit = "mg"; about = "a"; }; plasma = { unit = "mg"; about = "b"; }; };
processes: { take = { from = "gut"; to = "plasma"; hazard = "taken"; };
             clear = { from = "plasma"; hazard = "cleared"; fate = "cleared_fate"; }; };
routes: { mouth = { to = "gut"; }; };
checks: { slow = { that = "taken * 1 h < 0.9"; }; };
outputs: { plasma = { }; };
""")
open("d.csv", "w").write("time (h),quantity,value,sd,unit\n1,plasma,40,4,mg\n3,plasma,62,4,mg\n8,plasma,38,4,mg\n24,plasma,3,1,mg\n")
open("f.cfg", "w").write("""model = "model.cfg"; regimen = ( { route = "mouth"; day = 0.0; dose = "100 mg"; } );
output = { until = "2 day"; every = "1 h"; };
fit = { data = "d.csv"; starts = 3;
        estimate: { taken = { vary = "parameters.taken"; range = [0.3, 3.0]; scale = "log"; };
                    cleared = { vary = "parameters.cleared"; range = [0.01, 0.29]; }; };
        sample = { steps = 3000; thin = 50; }; };
""")


def fit(file, *more):
    return [program, "fit", "f.cfg", "-q", "-o", file, *more]


def run(file, *more):
    r = subprocess.run(fit(file, *more), capture_output=True, text=True)
    return r.returncode, r.stderr


def same(file, what):
    with open(file, "rb") as f, open("one.h5", "rb") as g:
        assert f.read() == g.read(), f"{what}: other bytes"
    assert not os.path.exists(file + ".draws.part") and not os.path.exists(file + ".part"), f"{what}: a journal is still there"


begin = time.monotonic()
fine = run("one.h5", "-j1")
assert fine == (0, ""), fine
whole = time.monotonic() - begin
for n in (2, 8):
    assert run(f"t{n}.h5", f"-j{n}") == fine
    same(f"t{n}.h5", f"{n} threads")

random.seed(1)
cut = told = 0
for i, kind in enumerate((signal.SIGKILL, signal.SIGINT, signal.SIGTERM)):
    file = f"k{i}.h5"
    stopped = Stopped(fit(file), file, file + ".draws.part", fine)
    stopped.until_done(kind, 4, 0.2 * whole + 0.02)
    same(file, f"signal {kind}")
    cut += len(stopped.told)
    told += sum("steps of the posterior; --resume goes on" in said for said in stopped.told)
assert cut > 0 and told > 0, (cut, told)

# two at once: one that is held up, so that there is time
long = ["--set", "fit.sample.steps=400000"]
p = subprocess.Popen(fit("b.h5", "-j1", *long), stderr=subprocess.PIPE, text=True)
while p.poll() is None and size("b.h5.draws.part") == 0:
    time.sleep(0.01)
for more in ([], ["--resume"], ["-f"]):
    code, said = run("b.h5", *long, *more)
    assert code == 75 and said.count("\n") == 1 and "b.h5" in said, (code, said)
p.send_signal(signal.SIGINT)
said = p.communicate()[1]
assert p.returncode == -signal.SIGINT and "--resume goes on" in said, (p.returncode, said)
code, said = run("b.h5", "--resume")  # of another fit: it has other settings
assert code == 65 and said.count("\n") == 1 and "settings" in said, (code, said)
code, said = run("b.h5")  # there are journals
assert code == 73 and said.count("\n") == 1, (code, said)
assert run("b.h5", "-f") == fine
same("b.h5", "over the journal of another")
print(f"stopped {cut} times, of which {told} were asked to")
