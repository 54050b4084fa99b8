#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# README.md shows what the program prints: the page of the demo, and every command of 'Five minutes' with its output, run
# one after the other in a copy of the tree. Rounding, which differs between processors, is left out.
import os
import re
import shutil
import subprocess
import sys

top, program = os.environ["TOP"], os.environ["MSCSIM"]
os.chdir(os.environ["TMPDIR"])
os.environ.pop("MSCSIM_MODELS", None)
text = open(os.path.join(top, "README.md"), encoding="utf-8").read()
for folder in ("configs", "models"):
    shutil.copytree(os.path.join(top, folder), folder)
os.symlink(program, "mscsim")
wrong = []


def said_by(command):
    run = subprocess.run(command, shell=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return run.stdout.strip("\n").split("\n") if run.stdout.strip("\n") else []


def comparable(lines):
    """What stderr and stdout say comes in no order."""
    return sorted(l for l in lines if l)


def compare(what, shown, said):
    if comparable(shown) != comparable(said):
        wrong.append("\n".join(["README.md shows of " + what + ":", *shown, "and this is said:", *said]))


demo = re.search(r"```\n(Osteogenesis imperfecta.*?)```", text, re.S)
compare("the demo", demo.group(1).split("\n"),
        [l for l in said_by("./mscsim run configs/oi_two_dose.cfg") if not l.startswith("mscsim: results are in")])
base = re.search(r"Save this as `(configs/\w+\.cfg)`.*?```\n(.*?)```", text, re.S)
open(base.group(1), "w").write(base.group(2))
for block in re.findall(r"```\n(\$ \./mscsim .*?)```", text, re.S):
    if "plot" in block and not shutil.which("gnuplot"):
        continue
    shown, said = block.strip("\n").split("\n"), []
    for command in re.findall(r"^\$ (.*)$", block, re.M):
        said += ["$ " + command] + said_by(command)
    compare(shown[0], shown, said)
for w in wrong:
    print(w)
sys.exit(1 if wrong else 0)
