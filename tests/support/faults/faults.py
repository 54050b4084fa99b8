# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A program that writes x.h5 in a folder of its own, with fault_shim.so before its calls that change files: killed before the
# k-th, failing from the k-th on; and then resumed. Where nothing can be preloaded, or sanitisers forbid it, the test ends
# with 77.
import concurrent.futures
import itertools
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile

SHIM = os.path.join(os.environ["TOP"], os.environ.get("BUILD", "build/release"), "tests/support/faults/fault_shim.so")
MEMORY = "/dev/shm"  # for a thousand runs with a dozen syncs each


def one_line(said, reason, what):
    assert said.count("\n") == 1 and reason in said, f"{what}: said {said!r}"


class Faults:
    """Of `argv`; `begin` are the words more for a first run, `resume` for those after it. `prepare(root)`, if it is given,
    makes what the program needs in the folder over its own."""

    def __init__(self, argv, begin, resume, prepare=lambda root: None):
        self.argv, self.begin, self.resume_words = argv, begin, resume
        if os.environ.get("VARIANT", "release") != "release":
            print("sanitisers do not like what is preloaded")
            sys.exit(77)
        self.root = tempfile.mkdtemp(dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
        prepare(self.root)
        folder = self.fresh()
        code, said, calls = self.run(folder, *begin)
        assert (code, said) == (0, "") and os.listdir(folder) == ["x.h5"], (code, said, os.listdir(folder))
        self.calls = calls and calls[0]
        if not self.calls:
            print("nothing can be preloaded here")
            sys.exit(77)
        self.want = self.content(folder)
        self.reference = os.path.join(self.root, "reference.h5")
        shutil.copy(os.path.join(folder, "x.h5"), self.reference)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root)

    def run(self, folder, *more, at=0, kind="", limit=None):
        """Return code, stderr, numbers of calls and of failures, the last that failed (None if it was killed)."""
        count = folder + ".calls"
        env = dict(os.environ, LD_PRELOAD=SHIM, FAULT_COUNT=count, FAULT_AT=str(at), FAULT_KIND=kind)
        bound = limit and (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        r = subprocess.run([*self.argv, *more], cwd=folder, env=env, capture_output=True, text=True, preexec_fn=bound)
        calls = None
        if os.path.exists(count):
            with open(count) as f:
                calls = [int(n) if n.isdigit() else n for n in f.read().split()]
            os.remove(count)
        return r.returncode, r.stderr, calls

    @staticmethod
    def content(folder):
        try:
            with open(os.path.join(folder, "x.h5"), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def fresh(self, old=None):
        folder = tempfile.mkdtemp(dir=self.root)
        if old is not None:
            with open(os.path.join(folder, "x.h5"), "wb") as f:
                f.write(old)
        return folder

    def finished(self, folder, what):
        assert self.content(folder) == self.want, f"{what}: other bytes"
        assert os.listdir(folder) == ["x.h5"], f"{what}: left {os.listdir(folder)}"
        shutil.rmtree(folder)

    def resume(self, folder, what, *more):
        code, said, _ = self.run(folder, *self.resume_words, *more)
        if not (code == 73 and "exists" in said):  # there was nothing left to do
            assert (code, said) == (0, ""), f"{what}: resuming: {code}, {said}"
        self.finished(folder, what + ", resumed")

    def for_each_call(self, one):
        """one(k) for k = 1, 2, ... until it says that there was no such call; two at a time."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for k in itertools.count(1, 8):
                if not all(pool.map(one, range(k, k + 8))):
                    assert k + 8 > self.calls / 2
                    return

    def kill_everywhere(self, old, begin, *more):
        """At every moment the file is absent or what it was, or complete."""

        def one(k):
            folder, what = self.fresh(old), f"killed before call {k} ({' '.join([*begin, *more])})"
            code, said, _ = self.run(folder, *begin, *more, at=k, kind="kill")
            assert code in (0, -9), f"{what}: {code}, {said}"
            assert self.content(folder) in (old, self.want) or code == 0, f"{what}: the file is neither old nor complete"
            self.resume(folder, what, *more)
            return code != 0

        self.for_each_call(one)

    def fail_everywhere(self, kind, reason):
        """What cannot be written ends with 74 and one line, and what there is of a file can be gone on with."""

        def one(k):
            folder, what = self.fresh(), f"{kind} from call {k} on"
            code, said, (made, failed, last) = self.run(folder, *self.begin, at=k, kind=kind)
            if failed and not (failed == 1 and last == "link"):  # there are file systems without links: we rename
                assert code == 74, f"{what}: {code}, {said}"
                one_line(said, reason, what)
            else:
                assert (code, said) == (0, ""), f"{what}: {code}, {said}"
            assert self.content(folder) in ([self.want] if code == 0 else [None, self.want]), f"{what}: not complete"
            left = set(os.listdir(folder)) - {"x.h5", "x.h5.part"}
            assert not left or kind in ("EIO", "once"), f"{what}: left {left}"
            self.resume(folder, what)
            return made >= k

        self.for_each_call(one)

    def disturb_everywhere(self, kind):
        """What is only disturbed goes on."""

        def one(k):
            folder, what = self.fresh(), f"{kind} at call {k}"
            code, said, (made, *_) = self.run(folder, *self.begin, at=k, kind=kind)
            assert (code, said) == (0, ""), f"{what}: {code}, {said}"
            self.finished(folder, what)
            return made >= k

        self.for_each_call(one)

    def limited_files(self, parts):
        for size in range(1000, len(self.want), len(self.want) // parts):
            folder, what = self.fresh(), f"files of {size} bytes at most"
            code, said, _ = self.run(folder, *self.begin, limit=size)
            assert code == 74, f"{what}: {code}, {said}"
            one_line(said, "File too large", what)
            self.resume(folder, what)

    def full_file_systems(self, sizes, expected):
        """A tmpfs of our own in a name space of our own, filled to its brim; then it grows. `expected`: code and files."""
        script = f"""mount -t tmpfs -o size=$1 none . && cd "$PWD" || exit 99
            {shlex.join([*self.argv, *self.begin])}; echo "code $?"; ls; mount -o remount,size=32m . || exit 99
            {shlex.join([*self.argv, *self.resume_words])} || exit 98; cmp x.h5 "$2" || exit 97; ls"""
        for size in sizes:
            folder, what = self.fresh(), f"tmpfs of {size}"
            r = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", size, self.reference], cwd=folder, capture_output=True,
                               text=True)
            if r.returncode == 99 or "unshare" in r.stderr:
                return "no file system may be mounted here: a really full one was not tried"
            assert r.returncode == 0, f"{what}: {r.returncode}, {r.stdout}, {r.stderr}"
            assert r.stdout in [first + "x.h5\n" for first in expected], f"{what}: {r.stdout}"
            one_line(r.stderr, "", what)
            shutil.rmtree(folder)
        return f"{len(sizes)} full file systems"
