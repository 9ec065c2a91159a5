#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""web_test.py TRIALS…: page_test.mjs against a controller whose store has so many trials, for each number. With
BESOM_PICTURES, a folder, it leaves pictures there."""
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


def run(folder, trials):
    fixture.make(folder / "store", trials)
    env = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
    with open(folder / "controller.log", "w") as said:
        controller = subprocess.Popen([os.environ["BESOM_BINARY"], "serve", "--store", str(folder / "store"), "--listen",
                                       "127.0.0.1:0", "--json"], stdout=subprocess.PIPE, stderr=said, text=True, env=env)
    try:
        link = json.loads(controller.stdout.readline())["link"]
        pictures = [os.environ["BESOM_PICTURES"]] if "BESOM_PICTURES" in os.environ else []
        done = subprocess.run([os.environ.get("BESOM_NODE", "node"), str(HERE / "page_test.mjs"), link, str(trials), *pictures],
                              cwd=folder, env=env)
        if done.returncode not in (0, 77):
            print((folder / "controller.log").read_text())
            if (folder / "failed.png").exists():
                shutil.copy(folder / "failed.png", "web-failed.png")
                print("the picture of the failure is web-failed.png")
        return done.returncode
    finally:
        controller.send_signal(signal.SIGTERM)
        ended = controller.wait(timeout=60)
        assert ended == 0, "the controller ended with %d" % ended


def main():
    missing = subprocess.run([os.environ.get("BESOM_NODE", "node"), "--input-type=module", "-e", "import {missing} from '%s/browser.mjs'; console.log(missing())" % HERE],
                             stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    if missing:
        print("SKIPPED: " + missing)
        return 77
    for trials in sys.argv[1:]:
        with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
            rc = run(pathlib.Path(folder), int(trials))
        if rc:
            return rc
    return 0


if __name__ == "__main__":
    sys.exit(main())
