#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""web_test.py TRIALS…: page_test.mjs against a controller whose store has so many trials, for each number; `live`:
live_test.mjs with an agent and a sweep that runs. With BESOM_PICTURES, a folder, it leaves pictures there."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


BESOM = os.environ.get("BESOM_BINARY", "besom")
NODE = os.environ.get("BESOM_NODE", "node")
SPEC = "command: [sh, train.sh]\nworkdir: .\nmethod: grid\nmetric: {name: loss, goal: minimize}\nparameters: {x: {values: [1, 2, 3, 4, 5, 6]}}\n"
TRAIN = """#!/bin/sh
echo '{"loss": 1}' >> "$BESOM_METRICS"
while [ ! -e "%s/go" ]; do sleep 0.1; done
"""


def environment(folder):
    return {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}


def begin(folder, listen="127.0.0.1:0"):
    """A controller, and what it printed."""
    with open(folder / "controller.log", "a") as said:
        controller = subprocess.Popen([BESOM, "serve", "--store", str(folder / "store"), "--listen", listen, "--json"],
                                      stdout=subprocess.PIPE, stderr=said, text=True, env=environment(folder))
    return controller, json.loads(controller.stdout.readline())


def end(process):
    process.send_signal(signal.SIGTERM)
    ended = process.wait(timeout=60)
    assert ended == 0, "it ended with %d: %s" % (ended, process.args)


def live(folder):
    env = environment(folder)
    besom = lambda *words, **more: subprocess.run([BESOM, *words], check=True, stdout=subprocess.PIPE, text=True, env={**env, **more}, cwd=folder).stdout
    controller, first = begin(folder)
    token = json.loads(besom("token", "create", "--scope", "viewer", "--store", str(folder / "store"), "--json"))
    join = besom("token", "create", "--scope", "join", "--store", str(folder / "store")).strip()
    agent = subprocess.Popen([BESOM, "agent", "--join", join, "--name", "a", "--dir", str(folder / "agent"), "--workdir", str(folder), "--slots", "2"],
                             env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (folder / "sweep.yaml").write_text(SPEC)
    (folder / "train.sh").write_text(TRAIN % folder)
    (folder / "train.sh").chmod(0o755)
    page = subprocess.Popen([NODE, str(HERE / "live_test.mjs"), "%s/#token=%s" % (first["url"], token["token"])], cwd=folder, env=env,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        for line in page.stdout:
            if not line.startswith("PLEASE "):
                print(line, end="", flush=True)
                continue
            what = line.split()[1]
            if what == "sweep":
                besom("sweep", "sweep.yaml", "--quiet", BESOM_SERVER=first["url"], BESOM_TOKEN=first["admin"])
            elif what == "go":
                (folder / "go").touch()
            elif what == "end":
                end(controller)
            elif what == "begin":
                controller, _ = begin(folder, first["url"].split("//")[1])
            elif what == "revoke":
                besom("token", "revoke", token["id"], "--store", str(folder / "store"))
            page.stdin.write("done\n")
            page.stdin.flush()
        return page.wait(timeout=60)
    finally:
        (folder / "go").touch()
        page.kill()
        page.wait()
        agent.terminate()
        agent.wait(timeout=60)
        if controller.poll() is None:
            end(controller)


def run(folder, trials):
    fixture.make(folder / "store", trials)
    env = environment(folder)
    controller, first = begin(folder)
    try:
        link = first["link"]
        pictures = [os.environ["BESOM_PICTURES"]] if "BESOM_PICTURES" in os.environ else []
        done = subprocess.run([NODE, str(HERE / "page_test.mjs"), link, str(trials), *pictures],
                              cwd=folder, env=env)
        if done.returncode not in (0, 77):
            print((folder / "controller.log").read_text())
            if (folder / "failed.png").exists():
                shutil.copy(folder / "failed.png", "web-failed.png")
                print("the picture of the failure is web-failed.png")
        return done.returncode
    finally:
        end(controller)


def main():
    missing = subprocess.run([NODE, "--input-type=module", "-e", "import {missing} from '%s/browser.mjs'; console.log(missing())" % HERE],
                             stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    if missing:
        print("SKIPPED: " + missing)
        return 77
    for trials in sys.argv[1:]:
        with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
            rc = live(pathlib.Path(folder)) if trials == "live" else run(pathlib.Path(folder), int(trials))
        if rc:
            return rc
    return 0


if __name__ == "__main__":
    sys.exit(main())
