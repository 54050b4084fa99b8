#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A small `mscsim sweep` that is killed before the k-th call that changes a file, for every k; whose disk is full from the
# k-th call on; on a file system that is really full. Each time it is then resumed, to the bytes of an undisturbed one. (Of
# the store alone, and more thoroughly: tests/store/faults.)
#     check_faults.py         77 if there is nothing to preload here
import os
import shutil
import sys

top, program = os.environ["TOP"], os.environ["MSCSIM"]
sys.path.insert(0, os.path.join(top, "tests/support/faults"))
from faults import Faults

CONFIG = """base = "tiny.cfg";
sweep = { design = "grid";
          axes: { dose = { vary = "regimen[0].dose"; values = ("1e5 cell/kg", "2e5 cell/kg", "4e5 cell/kg"); };
                  day = { vary = "regimen[0].day"; values = [0.0, 1.0]; }; };
          endpoints: { most = { max = "settled[lung]"; }; };
          keep_trajectories = true; };
"""


def prepare(root):
    for name in ("tiny.cfg", "model.cfg"):
        shutil.copy(os.path.join(top, "tests/cli/data", name), root)
    with open(os.path.join(root, "s.cfg"), "w") as f:
        f.write(CONFIG)


def sweep(config):
    return [program, "sweep", config, "-q", "-j1", "-o", "x.h5"]


with Faults(sweep("../s.cfg"), [], ["--resume"], prepare) as faults:
    faults.kill_everywhere(None, [])
    faults.kill_everywhere(b"\x89HDF\r\n\x1a\nold", [], "-f")
    faults.fail_everywhere("ENOSPC", "No space left on device")
    faults.argv = sweep(os.path.join(faults.root, "s.cfg"))
    full = faults.full_file_systems(("8k", "12k", "16k"), ["code 78\n", "code 74\n", "code 74\nx.h5.part\n"])
    print(f"faults at each of {faults.calls} calls; {full}")
