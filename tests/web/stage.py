# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller with an agent whose trials do as they are told: they report what is asked for, and wait for their end.
`played(NAME, TRIALS)` runs NAME_test.mjs against it. The test asks by a line `PLEASE …`, and is answered by a line."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402
from serving import BESOM, begin, end, environment, missing, tested  # noqa: E402

SPEC = """name: small
command: [sh, "%s/train.sh"]
method: grid
metric: {name: val_loss, goal: minimize}
parameters: {x: {values: [%s]}}
"""
# Whoever opens the pipe ends it; where its metrics go is in `told`.
TRAIN = """#!/bin/sh
cd "%s" && mkfifo "end/$BESOM_TRIAL" && echo "$BESOM_METRICS" > "new/$BESOM_TRIAL" && mv "new/$BESOM_TRIAL" "told/$BESOM_TRIAL"
read _ < "end/$BESOM_TRIAL"
rm "told/$BESOM_TRIAL" "end/$BESOM_TRIAL"
"""


class Stage:
    def __init__(self, folder, trials, slots):
        self.folder, self.trials, self.slots = folder, trials, slots
        self.env = environment(folder)
        self.steps, self.feeding = 0, None
        for name in "told", "new", "end":
            (folder / name).mkdir()
        (folder / "train.sh").write_text(TRAIN % folder)
        if trials:
            f = fixture.begun(trials)
            fixture.big(f, trials, f.dice, running=0, workdir=str(folder), command=["sh", str(folder / "train.sh")], method="random")
            fixture.store(folder / "store", f)
        self.controller, self.first = begin(folder)
        self.token = json.loads(self.besom("token", "create", "--scope", "operator", "--store", str(folder / "store"), "--json"))
        join = self.besom("token", "create", "--scope", "join", "--store", str(folder / "store")).strip()
        self.agent = subprocess.Popen([BESOM, "agent", "--join", join, "--name", "box", "--dir", str(folder / "agent"),
                                       "--workdir", str(folder), "--slots", str(slots)],
                                      env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def besom(self, *words, **more):
        return subprocess.run([BESOM, *words], check=True, stdout=subprocess.PIPE, text=True, env={**self.env, **more}, cwd=self.folder).stdout

    def told(self):
        """Of the trials that run: their ids, in the order of their numbers."""
        return sorted((p.name for p in (self.folder / "told").iterdir()), key=lambda name: int(name.rpartition("-")[2]))

    def report(self, trial, value):
        self.steps += 1
        with open((self.folder / "told" / trial).read_text().strip(), "a") as f:
            f.write(json.dumps({"step": self.steps, "val_loss": value}) + "\n")

    def feed(self, n, rate):
        """n reports, of one trial after the other, so many a second."""
        began, trials = time.monotonic(), self.told()
        for i in range(n):
            time.sleep(max(0, began + i / rate - time.monotonic()))
            self.report(trials[i % len(trials)], 1 + 1 / (1 + i % 7))

    def do(self, what, *words):
        """Does what a test asks for, and says what it answers."""
        if what == "sweep":
            values = ", ".join(str(x) for x in range(100))
            (self.folder / "sweep.yaml").write_text(SPEC % (self.folder, values))
            return self.besom("sweep", "sweep.yaml", "--quiet", BESOM_SERVER=self.first["url"], BESOM_TOKEN=self.first["admin"]).strip()
        if what == "running":
            due = time.monotonic() + 60
            while len(self.told()) < int(words[0]):
                assert time.monotonic() < due, "%d trials run: %s" % (len(self.told()), (self.folder / "controller.log").read_text())
                time.sleep(0.05)
            return " ".join(self.told())
        if what == "report":
            self.report(words[0], float(words[1]))
        elif what == "ends":
            (self.folder / "end" / words[0]).write_text("\n")
            due = time.monotonic() + 60
            while (self.folder / "told" / words[0]).exists():
                assert time.monotonic() < due, words[0] + " does not end"
                time.sleep(0.02)
        elif what == "feed":
            self.feed(int(words[0]), float(words[1]))
        elif what == "begin-feed":
            self.feeding = threading.Thread(target=self.feed, args=(int(words[0]), float(words[1])))
            self.feeding.start()
        elif what == "end-feed":
            self.feeding.join()
        elif what == "end":
            end(self.controller)
        elif what == "begin":
            self.controller, _ = begin(self.folder, self.first["url"].split("//")[1])
        elif what == "revoke":
            self.besom("token", "revoke", self.token["id"], "--store", str(self.folder / "store"))
        else:
            raise ValueError(what)
        return "done"

    def play(self, name):
        return tested(self.folder, name, "%s/#token=%s" % (self.first["url"], self.token["token"]), self.trials,
                      env={"SLOTS": str(self.slots)}, do=self.do)

    def close(self):
        self.agent.terminate()
        for pipe in (self.folder / "end").iterdir():
            try:
                os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                pass  # it ends already
        self.agent.wait(timeout=60)
        if self.controller.poll() is None:
            end(self.controller)


def played(name, trials=0, slots=12):
    """The exit status of NAME_test.mjs; with TRIALS, against a sweep that has so many already."""
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
        stage = Stage(pathlib.Path(folder), trials, slots)
        try:
            return stage.play(name)
        finally:
            stage.close()
