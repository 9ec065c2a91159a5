# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller whose page is tested, and node with the test."""
import json
import os
import pathlib
import shutil
import signal
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
# ./dev test has built what ships as well. Tests of the page alone take it: it answers in a fraction of the time.
BESOM = os.environ.get("BESOM_PAGE_ALONE") and os.environ.get("BESOM_SHIPPED") or os.environ.get("BESOM_BINARY", "besom")
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


def tested(folder, name, link, *words, env=None, do=None):
    """The exit status of NAME_test.mjs LINK WORD…, with more variables. do(WORD…) does what a line `PLEASE WORD…` of the
    test asks for, and says what to answer."""
    page = subprocess.Popen([NODE, str(HERE / (name + "_test.mjs")), link, *map(str, words)], cwd=folder,
                            env={**environment(folder), **(env or {})}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        for line in page.stdout:
            if line.startswith("PLEASE "):
                page.stdin.write("%s\n" % (do(*line.split()[1:]) or "done"))
                page.stdin.flush()
            else:
                print(line, end="", flush=True)
        failed = page.wait(timeout=60)
    finally:
        page.kill()
        page.wait()
    if failed not in (0, 77) and (folder / "failed.png").exists():
        shutil.copy(folder / "failed.png", "web-failed.png")
        print("the picture of the failure is web-failed.png")
    return failed


def pictures():
    """The folder for pictures, if somebody wants them."""
    return [os.environ["BESOM_PICTURES"]] if "BESOM_PICTURES" in os.environ else []


def checked(folder, name, trials, prepare=lambda first: {}):
    """The exit status of NAME_test.mjs against a controller of the store in the folder. prepare(what the controller
    printed): more variables for the test."""
    controller, first = begin(folder)
    try:
        failed = tested(folder, name, first["link"], trials, *pictures(), env=prepare(first))
        if failed not in (0, 77):
            print((folder / "controller.log").read_text())
        return failed
    finally:
        end(controller)
