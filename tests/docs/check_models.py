#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# docs/models.md is complete and true: every file of models/ stands in it, every route under the file that has it, and
# nothing else; every model and module of ours carries a caution; the files it tells the reader to save run as it says, and
# the mistakes it speaks of are told as it shows.
import glob
import os
import re
import subprocess
import sys

top, program = os.environ["TOP"], os.environ["MSCSIM"]
os.chdir(os.environ["TMPDIR"])
os.environ["MSCSIM_MODELS"] = os.path.join(top, "models")
text = open(os.path.join(top, "docs/models.md"), encoding="utf-8").read()
wrong = []


def fail(what):
    wrong.append(what)


def routes_of(cfg):
    """Names of the entries of a section `routes`."""
    begin = re.search(r"^routes\s*[:=]\s*{", cfg, re.M)
    names, depth = [], 1
    for line in cfg[begin.end():].split("\n") if begin else []:
        line = re.sub(r'"[^"]*"', '""', line.split("#")[0])
        entry = re.match(r"\s*([A-Za-z_0-9]+)\s*=\s*{", line)
        if depth == 1 and entry:
            names.append(entry.group(1))
        depth += line.count("{") - line.count("}")
        if depth <= 0:
            break
    return names


# ---- files and routes
models = os.path.join(top, "models")
files = sorted(os.path.relpath(f, models) for f in glob.glob(models + "/**/*.cfg", recursive=True))
tables = "\n".join(l for l in text.split("\n") if l.startswith("|") or "variants/" in l)
named = set(re.findall(r"`([A-Za-z0-9_/]+\.cfg)`", tables))
for f in files:
    if f not in named:
        fail(f"models/{f} is not in the tables")
for f in sorted(named - set(files)):
    fail(f"there is no models/{f}")
told = set(re.findall(r"^\| `(\w+)` \| `([\w/]+\.cfg)` \|", text, re.M))
there = {(r, f) for f in files for r in routes_of(open(os.path.join(models, f)).read())}
for r, f in sorted(there - told):
    fail(f"route '{r}' of {f} is not in the table")
for r, f in sorted(told - there):
    fail(f"{f} has no route '{r}'")

# ---- cautions: of every file that has numbers of its own and is not a mere part of a species
for f in files:
    part = f in ("complement.cfg", "rejection.cfg", "label.cfg") or f.startswith("variants/")
    kin = re.fullmatch(r"organs/\w+_(mouse|rat|dog)\.cfg", f)  # extends the one that has it
    if not part and not kin and not re.search(r"^caution\s*=", open(os.path.join(models, f)).read(), re.M):
        fail(f"models/{f} says nothing of itself (caution)")

# ---- what the reader is told to do
for name, body in re.findall(r"Save this as `(\w+\.cfg)`[^`]*(?:`\w+`[^`]*)?:\n\n```\n(.*?)```", text, re.S):
    open(name, "w").write(body)
for f in ("skin.cfg", "engulfed.cfg", "mine.cfg"):
    if not os.path.exists(f):
        print(f"docs/models.md has no {f}")
        sys.exit(1)


def shell(command):
    run = subprocess.run(command, shell=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return run.stdout


os.environ["PATH"] = os.path.dirname(program) + ":" + os.environ["PATH"]
for block in re.findall(r"```\n(\$ mscsim .*?)```", text, re.S):
    shown, said = sorted(block.strip("\n").split("\n")), []
    for command in re.findall(r"^\$ (.*)$", block, re.M):
        said += ["$ " + command] + shell(command).strip("\n").split("\n")
    if shown != sorted(l for l in said if l):
        fail("shown:\n" + block + "\nsaid:\n" + "\n".join(said))


def refused(want, frm, to, old, new):
    """A file with a change, read by mine.cfg under another name, is refused with these words."""
    whole = open(frm).read()
    if old not in whole:
        fail(f"{frm} has no {old!r}")
    open(to, "w").write(whole.replace(old, new))
    open("other.cfg", "w").write(open("mine.cfg").read().replace(f'"{frm}"', f'"{to}"'))
    said = shell("mscsim check -q other.cfg").strip()
    if said != "mscsim: " + want:
        fail(f"{to}: {said}\nwant: {want}")


def line_of(path, mark):
    return 1 + open(path).read().split(mark)[0].count("\n")


lines = open("skin.cfg").read()
for name in ("arrest ", "release_rate "):
    lines = re.sub(rf"^  {name}.*\n", "", lines, flags=re.M)
shown = re.search(r"^skin\.cfg:\d+: sets.*$", text, re.M)
refused(shown.group(0).replace("skin", "less", 1) if shown else "", "skin.cfg", "less.cfg", open("skin.cfg").read(), lines)
rest = line_of(models + "/msc.cfg", 'rest = "remainder"; others')
refused(f"msc.cfg:{rest}: parameters.mass.values.rest: the remainder mass[rest] is negative, in g: the other elements add "
        "up to more than the total (-64.5)", "skin.cfg", "grams.cfg", '"skin_share * reference_weight"', '"3300 g"')
also = line_of("skin.cfg", "also")
refused(f"twice.cfg:{also}: sets.organ.also[1]: 'skin' is there twice", "skin.cfg", "twice.cfg", '["skin"]', '["skin", "skin"]')
label = line_of(models + "/label.cfg", "  label = { unit")
refused(f"label.cfg:{label}: cargo.label: nowhere to go when its carrier ends in 'phagocytosis': name it in cargo.label.falls; "
        "is 'phagocytois' there meant?", "engulfed.cfg", "typo.cfg", "{ phagocytosis =", "{ phagocytois =")

# ---- describe, of everything there is: what is made to be extended says what it lacks, a module how to describe it
for f in files:
    run = subprocess.run([program, "describe", os.path.join("models", f)], cwd=top, text=True, capture_output=True)
    if run.returncode != 0 and f'describe a file that names it after a model:  model = ["MODEL.cfg", "{os.path.basename(f)}"];' \
            not in run.stderr:
        fail(f"describe {f}: {run.stderr}")
    if f == "msc.cfg" and (run.returncode != 0 or "flow_fraction[spleen, marrow, kidney]" not in run.stdout):
        fail("describe msc.cfg does not say what it lacks")

for w in wrong:
    print(w)
sys.exit(1 if wrong else 0)
