#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A small sweep (driver.c) that is killed before the k-th call that changes a file, for every k; whose disk is full, or
# broken, from the k-th on; on a file system that is really full. Each time it is then resumed. The results file is at
# every moment absent, old or complete, and in the end has the bytes of an undisturbed run; nothing else is left.
#     check_faults.py         77 if there is nothing to preload here
import os
import shutil
import subprocess
import sys

top, build = os.environ["TOP"], os.environ.get("BUILD", "build/release")
sys.path.insert(0, os.path.join(top, "tests/support/faults"))
from faults import Faults

driver = os.path.join(top, build, "tests/store/faults/driver")
N = "110"  # of 9600 bytes each: more than one chunk, and no multiple of 7


def kill_again_and_again(faults):
    """Killed, resumed, killed in that, and so on, each time a little later."""
    folder, n = faults.fresh(), 0
    while faults.run(folder, "resume", at=8 + 2 * n, kind="kill")[0] != 0:
        assert faults.content(folder) in (None, faults.want) and n < 200
        n += 1
    assert faults.content(folder) == faults.want
    shutil.rmtree(folder)
    return n


with Faults([driver, "x.h5", N], ["new"], ["resume"]) as faults:
    opened = subprocess.run([sys.executable, os.path.join(top, "tests/store/check_open.py"), faults.reference],
                            stdout=subprocess.DEVNULL)
    assert opened.returncode in (0, 77)
    faults.kill_everywhere(None, ["new"])
    faults.kill_everywhere(b"\x89HDF\r\n\x1a\nold", ["discard"], "force")
    again = kill_again_and_again(faults)
    faults.fail_everywhere("ENOSPC", "No space left on device")
    faults.fail_everywhere("EIO", "Input/output error")
    faults.fail_everywhere("once", "Input/output error")
    faults.disturb_everywhere("short")
    faults.disturb_everywhere("EINTR")
    faults.limited_files(23)
    full = faults.full_file_systems(("64k", "500k", "1m", "1200k", "2m"), ["code 74\nx.h5.part\n"])
    print(f"faults at each of {faults.calls} calls; one sweep killed {again} times; {full}")
