# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller whose page is tested, and node with the test."""
import json
import os
import pathlib
import shutil
import signal
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
BESOM = os.environ.get("BESOM_BINARY", "besom")
NODE = os.environ.get("BESOM_NODE", "node")


def environment(folder):
    return {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}


def begin(folder, listen="127.0.0.1:0"):
    """A controller, and what it printed."""
    with open(folder / "controller.log", "a") as said:
        # The agents of a made store stay away for as long as a test takes.
        controller = subprocess.Popen([BESOM, "serve", "--store", str(folder / "store"), "--listen", listen, "--json",
                                       "--lost-after", "1h"],
                                      stdout=subprocess.PIPE, stderr=said, text=True, env=environment(folder))
    return controller, json.loads(controller.stdout.readline())


def end(process):
    process.send_signal(signal.SIGTERM)
    ended = process.wait(timeout=60)
    assert ended == 0, "it ended with %d: %s" % (ended, process.args)


def missing():
    """Why the page cannot be tested here; "" if it can."""
    ask = "import {missing} from '%s/browser.mjs'; console.log(missing())" % HERE
    return subprocess.run([NODE, "--input-type=module", "-e", ask], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def checked(folder, name, trials, prepare=lambda first: {}):
    """The exit status of NAME_test.mjs against a controller of the store in the folder. prepare(what the controller
    printed): more variables for the test."""
    controller, first = begin(folder)
    try:
        pictures = [os.environ["BESOM_PICTURES"]] if "BESOM_PICTURES" in os.environ else []
        done = subprocess.run([NODE, str(HERE / (name + "_test.mjs")), first["link"], str(trials), *pictures],
                              cwd=folder, env={**environment(folder), **prepare(first)})
        if done.returncode not in (0, 77):
            print((folder / "controller.log").read_text())
            if (folder / "failed.png").exists():
                shutil.copy(folder / "failed.png", "web-failed.png")
                print("the picture of the failure is web-failed.png")
        return done.returncode
    finally:
        end(controller)
