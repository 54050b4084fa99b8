#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes synthetic.csv: what a study would have seen that the model is true of. The program runs the scenario with the
# model's own numbers; each of ten patients has an effect of their own on each organ, and each image its error, both
# lognormal. Run in this folder:  MSCSIM=mscsim python3 make.py > synthetic.csv
import csv
import io
import math
import os
import random
import subprocess
import tempfile

CONFIG = "../../configs/in111_cirrhosis.cfg"
HOURS = [0.5, 2, 6, 24, 48, 96, 168, 240]
ORGANS = ["lung", "liver", "spleen"]
PATIENTS, ERROR, SUBJECT, SEED = 10, 0.1, 0.2, 1

mscsim = os.environ.get("MSCSIM", "mscsim")
with tempfile.TemporaryDirectory() as folder:
    result = os.path.join(folder, "r.h5")
    subprocess.run([mscsim, "run", "-q", CONFIG, "-o", result, "--set", 'output.every="30 min"', "--set",
                    "solver.rtol=1e-8"], check=True)
    text = subprocess.run([mscsim, "export", result, *(f"-qactivity[{o}]" for o in ORGANS)], check=True,
                          capture_output=True, text=True).stdout
table = list(csv.reader(io.StringIO(text)))
truth = {float(row[0]): [float(x) for x in row[1:]] for row in table[1:]}

rng = random.Random(SEED)
print("""# Synthetic: made by make.py in this folder with the model's own numbers (configs/in111_cirrhosis.cfg), which a fit should
# find again. Ten patients, activity corrected for decay in percent of what was injected; lognormal errors: of an image
# 0.1, of a patient 0.2 on each organ (standard deviations of the logarithm). Seed 1, the first that was tried.
group,time (h),quantity,element,value,unit,decay_corrected""")
for patient in range(1, PATIENTS + 1):
    effect = [rng.gauss(0, SUBJECT) for _ in ORGANS]
    for hour in HOURS:
        for k, organ in enumerate(ORGANS):
            value = truth[hour][k] * math.exp(effect[k] + rng.gauss(0, ERROR))
            print(f"p{patient},{hour:g},activity,{organ},{value:.4g},percent,yes")
