#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""act_web.py: act_test.mjs, which steers a sweep from the page, with an agent whose trials wait for their end.
It does what each line `PLEASE …` of the test asks for, and answers with a line."""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serving import BESOM, begin, end, environment, missing, pictures, tested  # noqa: E402

SLOTS = 22
SPEC = """name: %s
command: [sh, train.sh, "${args}"]
workdir: .
method: random
seed: 7
run_cap: 60
metric: {name: loss, goal: minimize}
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-4, max: 0.1}
  depth: {values: [2, 4, 8]}
  wait: {value: true}
"""
# A trial waits for the end that somebody asks for; without --wait=True it fails.
TRAIN = """#!/bin/sh
echo '{"loss": 1.5}' >> "$BESOM_METRICS"
case "$*" in *--wait=True*) exec sleep 600;; esac
echo 'RuntimeError: it shall fail'
exit 3
"""


def acted(folder):
    env = environment(folder)
    store = str(folder / "store")
    def besom(*words, **more):
        return subprocess.run([BESOM, *words], check=True, stdout=subprocess.PIPE, text=True, env={**env, **more}, cwd=folder).stdout

    controller, first = begin(folder)
    there = {"BESOM_SERVER": first["url"], "BESOM_TOKEN": first["admin"]}
    tokens = {scope: json.loads(besom("token", "create", "--scope", scope, "--name", name, "--store", store, "--json"))["token"]
              for scope, name in (("operator", "ann"), ("viewer", "guest"))}
    join = besom("token", "create", "--scope", "join", "--store", store).strip()
    agent = subprocess.Popen([BESOM, "agent", "--join", join, "--name", "box", "--dir", str(folder / "agent"), "--workdir", str(folder),
                              "--slots", str(SLOTS)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (folder / "train.sh").write_text(TRAIN)
    for name in ("alpha", "fails", "endless"):
        text = SPEC % name
        if name == "endless":
            text = text.replace("run_cap: 60\n", "")
        (folder / (name + ".yaml")).write_text(text.replace("run_cap: 60", "run_cap: 2").replace("value: true", "value: false")
                                               if name == "fails" else text)
    link = "%s/#token=%s" % (first["url"], tokens["operator"])

    def do(*what):
        nonlocal controller
        if what[0] == "end":
            end(controller)
        elif what[0] == "begin":
            controller, _ = begin(folder, first["url"].split("//")[1])
        elif what[0] == "sweep":
            return besom("sweep", what[1], "--quiet", **there).split()[0]
        elif what[0] == "audit":
            return json.dumps(json.loads(besom("audit", "--json", **there)))
        else:
            besom(*what, **there)

    try:
        return tested(folder, "act", link, SLOTS, *pictures(), env={"VIEWER": "%s/#token=%s" % (first["url"], tokens["viewer"])}, do=do)
    finally:
        if controller.poll() is None:
            end(controller)
        agent.kill()
        agent.wait()


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
        return acted(pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
