#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""web_test.py NAME[:TRIALS]…: NAME_test.mjs against a controller whose store has so many trials (200), for each;
NAME_web.py with that number in its place if there is one;
`live`: live_test.mjs with an agent and a sweep that runs. With BESOM_PICTURES, a folder, pictures are left there."""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402
from serving import BESOM, HERE, NODE, begin, checked, end, environment, missing  # noqa: E402

SPEC = "command: [sh, train.sh]\nworkdir: .\nmethod: grid\nmetric: {name: loss, goal: minimize}\nparameters: {x: {values: [1, 2, 3, 4, 5, 6]}}\n"
TRAIN = """#!/bin/sh
echo '{"loss": 1}' >> "$BESOM_METRICS"
while [ ! -e "%s/go" ]; do sleep 0.1; done
"""


def live(folder):
    env = environment(folder)
    def besom(*words, **more):
        return subprocess.run([BESOM, *words], check=True, stdout=subprocess.PIPE, text=True, env={**env, **more}, cwd=folder).stdout

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


def run(folder, name, trials):
    fixture.make(folder / "store", trials)
    return checked(folder, name, trials)


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    for word in sys.argv[1:]:
        name, _, trials = word.partition(":")
        other = HERE / (name + "_web.py")
        if other.exists():
            rc = subprocess.call([sys.executable, "-B", str(other)] + ([trials] if trials else []))
            if rc:
                return rc
            continue
        with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
            rc = live(pathlib.Path(folder)) if name == "live" else run(pathlib.Path(folder), name, int(trials or 200))
        if rc:
            return rc
    return 0


if __name__ == "__main__":
    sys.exit(main())
