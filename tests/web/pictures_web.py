#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pictures_web.py [FOLDER]: every view of the page with something in it (pictures_test.mjs), of small sweeps; with FOLDER, of the
quick-start, of 10,000 trials and of one full of failures, and pictures of them, light and dark, are left in FOLDER, as is one that `besom plot` makes.
FAKE_LIBRARY (tests/fake/nvml.c) gives the agents GPUs."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "web"), str(TESTS / "e2e" / "look"), str(TESTS / "e2e" / "wandb")]
import picture_facts  # noqa: E402
import picture_runs  # noqa: E402
import picture_scripts  # noqa: E402
from serving import BESOM, HERE, NODE, begin, end, environment, missing  # noqa: E402


class Fleet:
    """A controller with agents, in a folder."""

    def __init__(self, folder, hosts):
        self.folder, self.env = folder, environment(folder)
        self.controller, self.first = begin(folder)
        self.there = {"BESOM_SERVER": self.first["url"], "BESOM_TOKEN": self.first["admin"]}
        self.agents = [self.agent(host, i) for i, host in enumerate(hosts)]
        if "FAKE_LIBRARY" in os.environ:
            threading.Thread(target=self.work, daemon=True).start()

    def agent(self, host, i):
        join = self.besom("token", "create", "--scope", "join", "--store", str(self.folder / "store")).strip()
        env, words = {**self.env, "HOST": host, "BESOM_SAMPLE_PERIOD_MS": "1000"}, ["--slots", "2"]
        library = os.environ.get("FAKE_LIBRARY")
        if library:
            (self.folder / ("locks" + host)).mkdir()
            self.gpus(host, i)
            env.update(BESOM_NVML=library, BESOM_GPU_PERIOD_MS="1000", BESOM_LOCKS=str(self.folder / ("locks" + host)), FAKE_NVML=str(self.folder / ("gpus" + host)))
            words = []
        return subprocess.Popen([BESOM, "agent", "--join", join, "--name", host, "--dir", str(self.folder / host), "--workdir", str(self.folder),
                                 *words], env=env, stdout=subprocess.DEVNULL, stderr=open(self.folder / (host + ".log"), "w"))

    def gpus(self, host, i, busy=()):
        """The GPUs of a host, some of them busy."""
        dice, lines = random.Random(time.time() + i), []
        for g in (0, 1):
            use = (dice.randrange(58000, 74000), dice.randrange(82, 99), dice.randrange(540, 660)) if g in busy else (400, 0, 70)
            lines += ["gpu GPU-%d%d 81559 %d" % (i, g, use[0]), "set GPU-%d%d util %d" % (i, g, use[1]), "set GPU-%d%d power %d" % (i, g, use[2])]
        new = self.folder / ("gpus" + host + ".new")
        new.write_text("\n".join(lines) + "\n")
        new.rename(self.folder / ("gpus" + host))

    def work(self):
        """The GPUs are as busy as their slots."""
        while self.controller.poll() is None:
            try:
                for agent in self.ask("/api/v1/agents")["agents"]:
                    busy = [slot["slot"] for slot in agent["slots"] if slot["trial"]]
                    self.gpus(agent["name"], picture_facts.HOSTS.index(agent["name"]), busy)
            except OSError:
                return
            time.sleep(0.5)

    def besom(self, *words, ok=True):
        done = subprocess.run([BESOM, *words], check=ok, stdout=subprocess.PIPE, text=True, env={**self.env, **self.there}, cwd=self.folder)
        return done.stdout

    def sweep(self, name, text, script):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "sweep.yaml").write_text(text)
        (folder / "train.py").write_text(script)
        return self.besom("sweep", str(folder / "sweep.yaml"), "--quiet").split()[0]

    def ended(self, sweep):
        """Waits; a sweep that paused after failures in a row continues."""
        due = time.monotonic() + 600
        while True:
            assert time.monotonic() < due, sweep + " does not end"
            state = self.ask("/api/v1/sweeps/" + sweep)["state"]
            if state == "paused":
                self.besom("resume", sweep)
            elif state not in ("running", "stopping"):
                return
            time.sleep(0.3)

    def ask(self, path, body=None):
        request = urllib.request.Request(self.first["url"] + path, None if body is None else json.dumps(body).encode(),
                                         {"Authorization": "Bearer " + self.first["admin"]})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return json.loads(answer.read())

    def done(self):
        for agent in self.agents:
            agent.terminate()
        for agent in self.agents:
            agent.wait(timeout=60)
        end(self.controller)


def staged(folder, long):
    """The sweeps, and what the test has to know of them."""
    dice = random.Random(7)
    story = picture_facts.Story()
    story.cifar = folder / "cifar"
    story.cifar.mkdir()
    (story.cifar / "train.py").write_text(picture_scripts.CIFAR_TRAIN.replace("PARTS", "200" if long else "20"))
    picture_facts.cifar(story, 10000 if long else 90, dice)
    picture_facts.front(story, 240 if long else 40, dice)
    subprocess.run([os.environ["STORE_OF_FACTS"], str(folder / "store")], input="\n".join(story.lines) + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)
    fleet = Fleet(folder, picture_facts.HOSTS if long else picture_facts.HOSTS[1:3])
    told = {"big": picture_facts.BIG, "front": picture_facts.FRONT}
    try:
        if long:
            quick = TESTS.parent / "examples" / "quickstart"
            (folder / "quickstart").mkdir()
            (folder / "quickstart" / "digits.csv.gz").write_bytes((quick / "digits.csv.gz").read_bytes())
            told["quick"] = fleet.sweep("quickstart", (quick / "sweep.yaml").read_text().replace("workdir: .", "workdir: quickstart"),
                                        (quick / "train.py").read_text())
            fleet.ended(told["quick"])
        told["fails"] = fleet.sweep("segment", picture_scripts.FAILS % ("segment", 48 if long else 8), picture_scripts.FAILS_TRAIN)
        fleet.ended(told["fails"])
        picture_runs.made(fleet.first["url"], fleet.first["admin"], 6 if long else 2)
        told["report"] = picture_runs.report(fleet.ask)["id"]
        if long:
            fleet.besom("uncordon", "gpu-02")  # where failures in a row cordoned it
        fleet.besom("resume", picture_facts.BIG)
        return fleet, told
    except BaseException:
        fleet.done()
        raise


def plotted(folder, out):
    """plot.svg, what `besom plot` draws of the quick-start with more, but shorter trials, many of which are stopped early."""
    quick = shutil.copytree(TESTS.parent / "examples" / "quickstart", folder / "plot", ignore=shutil.ignore_patterns(".besom"))
    text = (quick / "sweep.yaml").read_text()
    for old, new in (("run_cap: 30 ", "run_cap: 120 "), ("value: 12\n", "value: 6\n")):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (quick / "sweep.yaml").write_text(text + "early_terminate: {type: hyperband, min_iter: 3}\n")
    for words in (["run", "sweep.yaml", "--slots", "2", "--quiet"], ["plot", "-o", str(out / "plot.svg")]):
        subprocess.run([BESOM, *words, "--store", "store"], check=True, cwd=quick, env=environment(folder))


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    out = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    if out:
        out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="besom-web.") as name:
        folder = pathlib.Path(name)
        if out:
            plotted(folder, out)
        fleet, told = staged(folder, bool(out))
        try:
            return subprocess.run([NODE, str(HERE / "pictures_test.mjs"), fleet.first["link"], "0", *([str(out)] if out else [])],
                                  cwd=folder, env={**fleet.env, "STAGE": json.dumps(told)}).returncode
        finally:
            fleet.done()


if __name__ == "__main__":
    sys.exit(main())
