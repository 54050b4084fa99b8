#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A sweep on 1, 2 and 3 processes of MPI gives the bytes of one process: undisturbed, killed and resumed with another number
# of processes; what is wrong is said once, and all end.    make MPI=1 check T=mpi
import glob
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LONG = 200  # seconds; nothing here takes one of them, but on a machine that is busy otherwise
top, program = os.environ["TOP"], os.environ["MSCSIM"]
if not shutil.which("mpirun"):
    print("there is no mpirun")
    sys.exit(77)
os.chdir(tempfile.mkdtemp(dir=os.environ.get("TMPDIR")))
os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                  OMPI_MCA_hwloc_base_binding_policy="none", OMPI_MCA_plm_rsh_agent="", OMPI_MCA_btl_base_warn_component_unused="0")
for name in ("tiny.cfg", "model.cfg"):
    shutil.copy(os.path.join(top, "tests/cli/data", name), name)
open("s.cfg", "w").write("""base = "tiny.cfg";
sweep = { design = "grid";
          axes: { dose = { vary = "regimen[0].dose"; from = "1e5 cell/kg"; to = "4e5 cell/kg"; n = 150; };
                  product = { choices: { fresh = [ ]; old = ["regimen[0].viable=0.5"]; }; };
                  day = { vary = "regimen[0].day"; values = [0.0, 0.2, 1.0]; }; };
          endpoints: { most = { max = "settled[organ]"; over = ["organ"]; }; };
          keep_trajectories = true; };
""")


def start(n, *more, config="s.cfg"):
    return subprocess.Popen(["mpirun", "-n", str(n), program, "sweep", config, "-q", "-j1", *more], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def of_session(session):
    """All processes of a job: mpirun gives those it starts groups of their own."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = open(path).read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.split("/")[2]))
    return found


def kill_all(session):
    """Till none is left: what one of them had just begun to start is not among those found at first."""
    until = time.monotonic() + LONG
    while running := of_session(session):
        assert time.monotonic() < until, f"it cannot be killed: {running}"
        for pid in running:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)


def kill_one(session):
    """One of those at work, as if its machine had failed; nobody if there is none."""
    for pid in sorted(of_session(session), reverse=True):
        try:
            if os.readlink(f"/proc/{pid}/exe") == os.path.realpath(program):
                os.kill(pid, signal.SIGKILL)
                return
        except OSError:
            pass


def end(p):
    """What it said, when nobody is left of it: the last of a killed job may still hold its journal."""
    try:
        out, said = p.communicate(timeout=LONG)
        until = time.monotonic() + LONG
        while of_session(p.pid):
            assert time.monotonic() < until, "mpirun has left processes"
            time.sleep(0.02)
    except (subprocess.TimeoutExpired, AssertionError):
        kill_all(p.pid)
        raise AssertionError("it hangs")
    ours = [l for l in said.split("\n") if l.startswith("mscsim:") and not l.startswith("mscsim: warning:")]
    return p.returncode, ours, out + said


def run(n, *more, **how):
    return end(start(n, *more, **how))


code, ours, said = run(2, "-o", "x.h5")
if any("without MPI" in l for l in ours):
    assert code == 64 and len(ours) == 1, (code, ours)
    print("this mscsim was built without MPI: make MPI=1 check T=mpi")
    sys.exit(77)
assert code == 0, said
assert subprocess.run([program, "sweep", "s.cfg", "-q", "-j1", "-o", "one.h5"]).returncode == 0
want = open("one.h5", "rb").read()


def same(file, what):
    assert open(file, "rb").read() == want, f"{what}: other bytes"
    assert not glob.glob(file + ".part*"), f"{what}: left {glob.glob(file + '*')}"


same("x.h5", "2 processes")
for n in (1, 3):
    code, ours, said = run(n, "-o", f"n{n}.h5")
    assert code == 0 and not ours, said
    same(f"n{n}.h5", f"{n} processes")

# killed, and on with another number of processes: as a batch system does it, whole at once, or one process alone
random.seed(1)
cut = 0
for turn, numbers in enumerate(((3, 2, 1, 3), (2, 3, 1), (1, 3, 2), (3, 2))):
    file, mode = f"k{turn}.h5", []
    for n in numbers:
        p = start(n, "-o", file, *mode)
        until = time.monotonic() + 20
        while p.poll() is None and not glob.glob(file + ".part*") and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.3))
        if p.poll() is None:
            if turn == 0:
                os.kill(p.pid, signal.SIGTERM)  # mpirun hands it on
            elif turn == 3:
                kill_one(p.pid)
            else:
                kill_all(p.pid)
        code, ours, said = end(p)
        cut += code != 0
        mode = ["--resume"]
        if code == 0 or (os.path.exists(file) and not glob.glob(file + ".part*")):  # or killed when it was done
            break
    else:
        code, ours, said = run(2, "-o", file, "--resume")
        assert code == 0, said
    same(file, f"numbers {numbers}")

# one sentence, and an end, whoever is in trouble
for more, code_wanted, what in ((["--set", "sweep.axes.dose.valeus=1"], 78, "valeus"), (["-o", "nowhere/x.h5"], 73, "nowhere"),
                                (["-o", "one.h5"], 73, "one.h5"), (["-j0"], 64, "--jobs")):
    code, ours, said = run(3, *more)
    assert code == code_wanted and len(ours) == 1 and what in ours[0], (code, said)
r = subprocess.run(["bash", os.path.join(top, "examples/04_slurm/sweep.sh"), "s.cfg", "slurm.h5", "-q"], capture_output=True,
                   text=True, env=dict(os.environ, MSCSIM=program, MPIRUN_OPTIONS="-n 2"))
assert r.returncode == 0, r.stderr
same("slurm.h5", "the job script")
os.mkdir("y.h5.part.1")  # that of rank 1 cannot be made
code, ours, said = run(3, "-o", "y.h5")
assert code in (65, 73) and len(ours) == 1 and "y.h5.part.1" in ours[0], (code, said)
text = open("s.cfg").read().replace("1.0]; }; }", "1.0, -1.0]; }; }")
open("f.cfg", "w").write(text)
code, ours, said = run(3, "-o", "f.h5", config="f.cfg")
assert code == 1 and ours == ["mscsim: 300 of 1200 scenarios failed"], (code, said)
p = subprocess.run([program, "sweep", "f.cfg", "-q", "-j2", "-o", "f1.h5"], capture_output=True)
assert p.returncode == 1 and open("f.h5", "rb").read() == open("f1.h5", "rb").read()
print(f"1, 2, 3 processes; stopped {cut} times")
