# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder with a sweep and its script, a store, besom in the foreground of the test; in the end no
process of the store may be left."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

main = driver.main
ROOT = driver.ROOT
PATIENCE = 120  # seconds until a wait is called a failure; nothing waits so long where all is well


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = condition()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.02)


def processes(store):
    """pid -> name of each shim and training of the store."""
    tag, found = ("BESOM_ATTEMPT_DIR=%s/" % os.path.realpath(store)).encode(), {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/environ" % name, "rb") as f:
                if any(v.startswith(tag) for v in f.read().split(b"\0")):
                    found[int(name)] = pathlib.Path("/proc/%s/comm" % name).read_text().strip()
        except OSError:
            continue
    return found


class Case(driver.Case):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="besom-e2e-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name) / "work"
        self.folder.mkdir()
        self.store = pathlib.Path(scratch.name) / "store"
        self.binary = str(pathlib.Path(os.environ["BESOM_BINARY"]).resolve())
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("BESOM_")}
        self.env.update(BESOM_STORE=str(self.store), **driver.NO_GPUS, PYTHONPATH=str(ROOT / "python"),
                        PYTHONDONTWRITEBYTECODE="1")
        self.started = []
        self.addCleanup(self.sweep_out)

    def sweep_out(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        left = self.kill_alive()
        self.assertEqual(left, {}, "processes of the store are left")

    def write(self, name, text):
        (self.folder / name).write_text(text.lstrip("\n"))
        return name

    def sweep(self, spec, train=None):
        """sweep.yaml, with the script that `sh train.sh KEY=VALUE...` runs."""
        if train is not None:
            self.write("train.sh", train)
            spec = 'command: [sh, train.sh, "${args_no_hyphens}"]\nworkdir: .\n' + spec.lstrip("\n")
        return self.write("sweep.yaml", spec)

    def begin(self, *args, **options):
        """besom in the background; what it says goes to a file, so that it never waits for us."""
        said = open(self.folder / ("said.%d" % len(self.started)), "w+")
        self.addCleanup(said.close)
        process = self.start(*args, stdout=said, stderr=said, **options)
        process.args_text, process.said = " ".join(map(str, args)), said
        self.started.append(process)
        return process

    def said(self, process):
        return pathlib.Path(process.said.name).read_text(errors="replace")

    def end(self, process, code):
        """Waits for its end; all that it said."""
        process.wait(timeout=PATIENCE)
        said = self.said(process)
        self.assertEqual(process.returncode, code, "besom %s\n%s" % (process.args_text, said))
        return said

    def says(self, *args, code=0):
        """Both outputs of a besom that ends by itself."""
        return self.end(self.begin(*args), code)

    def look(self, *args, code=0):
        return json.loads(self.besom(*args, "--json", code=code))

    def by_number(self):
        return sorted(self.trials(), key=lambda t: t["number"])

    def ends(self):
        return [(t["state"], t["reason"]) for t in self.by_number()]

    def wait_for(self, name, process=None):
        """Until a script has made this file."""
        def there():
            if process and process.poll() is not None:
                raise AssertionError("besom ended early: " + self.said(process))
            return (self.folder / name).exists()
        wait_until(there, name)

    def touch(self, name):
        (self.folder / name).touch()

    def alive(self):
        return processes(self.store)

    def kill_alive(self):
        """Those that were there; what a script starts at this moment is there afterwards."""
        found = self.alive()
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return found

    def shims(self):
        return [pid for pid, name in self.alive().items() if name == "besom-shim"]

    def kill_all(self):
        wait_until(lambda: not self.kill_alive(), "the end of all processes of the store")

    def attempts(self, trial="last-0"):
        """The reason of each attempt."""
        return [a["reason"] for a in self.look("show", trial)["attempts_list"]]

    def kill_besom(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()

