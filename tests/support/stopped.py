# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that are killed or interrupted at any instant and resumed until their results file is there, and what must hold
# at every such end, however fast or slow the machine is.
import os
import random
import signal
import subprocess
import time


def size(path):
    """Bytes of a file that may not be there."""
    try:
        return os.path.getsize(path)
    except FileNotFoundError:
        return 0


def run(argv, but=lambda said: said):
    """Return code, and stderr without that which `but` takes away."""
    r = subprocess.run(argv, capture_output=True, text=True)
    return r.returncode, but(r.stderr)


class Stopped:
    """Of programs `argv` that write `file` and, before it, `journal`; an undisturbed one returns `fine`, as run() does."""

    def __init__(self, argv, file, journal, fine, but=lambda said: said):
        self.argv, self.file, self.journal, self.fine, self.but = argv, file, journal, fine, but
        self.told = []  # what was said at each stop

    def stop(self, kind, longest, *more):
        """Sends the signal `kind` up to `longest` seconds after the start if that is to kill it, and otherwise after the
        journal grew: before there is anything to keep, a signal just ends it. False if it had come to its end."""
        before = size(self.journal)
        p = subprocess.Popen([*self.argv, *more], stderr=subprocess.PIPE, text=True)
        while kind != signal.SIGKILL and p.poll() is None and size(self.journal) <= before:
            time.sleep(0.001)
        time.sleep(random.uniform(0, longest))
        p.send_signal(kind)
        said = self.but(p.communicate()[1])
        if p.returncode >= 0:
            assert (p.returncode, said) == self.fine, (p.returncode, said)
            return False
        assert p.returncode == -kind, (p.returncode, said)
        quiet = kind == signal.SIGKILL or os.path.exists(self.file)
        assert (quiet and not said) or ("interrupted" in said and said.count("\n") == 1), said
        self.told.append(said)
        return True

    def until_done(self, kind, turns, longest):
        """Stops it up to `turns` times, resuming it each time, and then lets it end."""
        mode = []
        for turn in range(turns):
            if not self.stop(kind, longest, f"-j{turn % 3 + 1}", *mode):
                return
            if os.path.exists(self.file):  # it was behind the renaming, perhaps before it took its journal away
                break
            mode = ["--resume"]
        code, said = run([*self.argv, "--resume"], self.but)
        nothing_left = code == 73 and "exists" in said and os.path.exists(self.file)
        assert nothing_left or (code, said) == self.fine, (code, said)
