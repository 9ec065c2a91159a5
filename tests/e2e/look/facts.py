# SPDX-License-Identifier: GPL-3.0-or-later
"""A store of known facts, and the besom that looks at it."""
import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

SPEC = {
    "name": "digits", "program": "train.py", "method": "random", "run_cap": 6,
    "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {"lr": {"min": 0.001, "max": 1.0}, "act": {"values": ["relu", "tanh"]},
                   "epochs": {"value": 3},
                   "model": {"parameters": {"width": {"values": [8, 16, 32]}}}},
}
A, B, NEWEST = "aaaa1111", "aaab2222", "cccc3333"
T0 = 1_700_000_000_000


class Facts:
    """Facts of one sweep, a second apart."""

    def __init__(self):
        self.lines, self.now = [], T0

    def add(self, kind, sweep, **rest):
        self.now += 1000
        self.lines.append(json.dumps({"kind": kind, "time": self.now, "sweep": sweep, **rest}))

    def created(self, sweep, path, workdir, spec=None, total=6, **rest):
        spec = dict(spec or SPEC, **rest)
        self.add("sweep_created", sweep, n=0, name=spec.get("name"), path=path, workdir=workdir,
                 content=spec, seed=7, total=total)

    def proposed(self, sweep, trial, lr, act, width, why=None):
        params = {"act": act, "epochs": 3, "lr": lr, "model": {"width": width}}
        self.add("proposed", sweep, trial=trial, cursor=trial + 1, known=0, params=params,
                 why=why or {})

    def launched(self, sweep, trial, attempt=1):
        self.add("launched", sweep, trial=trial, attempt=attempt, agent="local", slot=0)

    def metrics(self, sweep, trial, points, attempt=1):
        text = "".join(json.dumps(p) + "\n" for p in points)
        self.add("metrics", sweep, trial=trial, attempt=attempt, text=text)

    def ended(self, sweep, trial, reason, state, attempt=1, code=0, signal=0, text=None):
        self.add("ended", sweep, trial=trial, attempt=attempt, reason=reason, state=state,
                 code=code, signal=signal, ended=self.now + 1000, ran=2000, log_dropped=0,
                 stdout_dropped=0, rewrites=0, text=text)

    def whole(self, sweep, trial, lr, act, width, losses):
        self.proposed(sweep, trial, lr, act, width)
        self.launched(sweep, trial)
        self.metrics(sweep, trial, [{"step": i, "loss": x, "acc": 1 - x}
                                    for i, x in enumerate(losses)])
        self.ended(sweep, trial, "ok", "finished")


def digits(workdir):
    """Sweep A: three finished, one failed after two attempts, one running, one pending."""
    f = Facts()
    f.created(A, workdir + "/sweep.yaml", workdir)
    f.whole(A, 0, 0.5, "relu", 8, [0.9, 0.7])
    f.whole(A, 1, 0.0123456789, "tanh", 16, [0.8, 0.25, 0.3])
    f.proposed(A, 2, 0.9, "relu", 32)
    f.launched(A, 2)
    f.metrics(A, 2, [{"step": 0, "loss": float("nan")}])
    f.ended(A, 2, "exit", "pending", code=3, text="it said \x1b[31mno\x1b[0m")
    f.launched(A, 2, 2)
    f.ended(A, 2, "exit", "failed", attempt=2, code=3)
    f.whole(A, 3, 0.1, "relu", 16, [0.4])
    f.proposed(A, 4, 0.2, "tanh", 8)
    f.launched(A, 4)
    f.metrics(A, 4, [{"step": 0, "loss": 0.1}])
    f.proposed(A, 5, 0.3, "tanh", 8)
    return f


def others(workdir):
    """B has a hostile name and a workdir to quote; NEWEST has no trial yet."""
    f = Facts()
    f.now = T0 + 100_000
    f.created(B, workdir + "/b.yaml", workdir, name="evil\x1b[2J\nname", total=0)
    f.created(NEWEST, workdir + "/c.yaml", workdir, name=None)
    return f


class Case(unittest.TestCase):
    """Each test has self.store with the three sweeps, and self.here, a folder to be in."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="besom-look-")
        self.addCleanup(scratch.cleanup)
        self.here = pathlib.Path(scratch.name)
        self.store = self.here / ".besom"
        self.binary = str(pathlib.Path(os.environ["BESOM_BINARY"]).resolve())
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith("BESOM_") and k not in ("COLUMNS", "NO_COLOR")}
        self.env["TZ"] = "UTC"
        work = str(self.here / "it's work")
        self.make(digits(work), others(work))

    def make(self, *facts, store=None):
        lines = "".join(line + "\n" for f in facts for line in f.lines)
        subprocess.run([os.environ["STORE_OF_FACTS"], str(store or self.store)], input=lines,
                       universal_newlines=True, check=True, stdout=subprocess.DEVNULL)

    @contextlib.contextmanager
    def held(self):
        """A process has the store open for writing, and answers nothing."""
        holder = subprocess.Popen([os.environ["STORE_OF_FACTS"], str(self.store), "stay"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, universal_newlines=True)
        holder.stdin.write("\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), "ready\n")
        try:
            yield
        finally:
            holder.communicate()

    def log(self, sweep, trial, attempt, data):
        path = self.store / "logs" / sweep / ("%d-%d.log" % (trial, attempt))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def run_besom(self, *args, cwd=None, env=None, **options):
        return subprocess.run([self.binary, *map(str, args)], cwd=cwd or self.here,
                              env=dict(self.env, **(env or {})), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, **options)

    def besom(self, *args, code=0, err=None, **options):
        """stdout of besom, which must exit with `code`, saying `err` in its stderr."""
        done = self.run_besom(*args, **options)
        said = "besom %s: exit %d\n%s\n%s" % (" ".join(map(str, args)), done.returncode,
                                             done.stdout.decode(errors="replace"),
                                             done.stderr.decode(errors="replace"))
        self.assertEqual(done.returncode, code, said)
        if err is not None:
            self.assertIn(err, done.stderr.decode())
        elif code == 0:
            self.assertEqual(done.stderr, b"", said)
        return done.stdout.decode()

    def json(self, *args, **options):
        return json.loads(self.besom(*args, "--json", **options))
