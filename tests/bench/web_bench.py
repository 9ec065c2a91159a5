#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of besom serve beside Optuna Dashboard, on the same 10,000 trials of 12 parameters (tests/web/fixture.py):
time to the first table, work for each move of a brush, memory of server and page. In turns; the least counts."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("BESOM_BUILD", ROOT / "build" / "release"))
PEERS = os.environ.get("BESOM_BENCH_PEERS", "")
TRIALS, TURNS = int(os.environ.get("BESOM_BENCH_TRIALS", "10000")), 2
FILL = """
import json, sys, optuna
from optuna.distributions import CategoricalDistribution as C, FloatDistribution as F, IntDistribution as I
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState as S, create_trial
optuna.logging.set_verbosity(optuna.logging.ERROR)
space = {"lr": F(1e-5, .1, log=True), "weight_decay": F(1e-6, .1, log=True), "depth": I(2, 8), "optimizer": C(["adamw", "sgd", "lion"]),
         "batch": C([64, 128, 256, 512]), "dropout": F(0, .6), "warmup": I(0, 2000), "momentum": F(.5, .99),
         "schedule": C(["cosine", "linear", "constant"]), "augment": C([True, False]), "label_smoothing": F(0, .2), "seed": C([1, 2, 3])}
study = optuna.create_study(study_name="cifar-resnet", storage=JournalStorage(JournalFileBackend(sys.argv[1])))
states = {"finished": S.COMPLETE, "stopped": S.PRUNED, "failed": S.FAIL, "running": S.RUNNING}
def made(t):
    value = t.get("objective")
    state = states[t["state"]] if isinstance(value, float) or t["state"] != "finished" else S.FAIL
    return create_trial(state=state, params=t["params"], distributions=space, value=value if state == S.COMPLETE else None)
study.add_trials([made(t) for t in json.load(sys.stdin)])
"""


def row(what, value, unit, note=""):
    print(f"{what}\t{value}\t{unit}\t{note}", flush=True)


def modules():
    text = (BUILD / "CMakeCache.txt").read_text()
    found = re.search(r"^BESOM_WEB_MODULES:INTERNAL=(.*)$", text, re.M)
    return found.group(1) if found else ""


def memory_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def looked(whose, link):
    done = subprocess.run([os.environ.get("BESOM_NODE", "node"), str(HERE / "web" / "web_look.mjs"), whose, link], check=True,
                          stdout=subprocess.PIPE, text=True, env={**os.environ, "BESOM_WEB_MODULES": modules()})
    return json.loads(done.stdout)


def besom(folder):
    env = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
    server = subprocess.Popen(["besom", "serve", "--store", str(folder / "store"), "--listen", "127.0.0.1:0", "--json"], env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        first = json.loads(server.stdout.readline())
        if not first.get("link"): # said once only, by the first start
            token = subprocess.run(["besom", "token", "create", "--scope", "viewer", "--store", str(folder / "store"), "--json"], env=env,
                                   check=True, stdout=subprocess.PIPE, text=True).stdout
            first["link"] = "%s/#token=%s" % (first["url"], json.loads(token)["token"])
        return {**looked("besom", first["link"]), "server_mb": memory_mb(server.pid)}
    finally:
        server.terminate()
        server.wait(timeout=60)


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def optuna(folder):
    port = free_port()
    server = subprocess.Popen([str(pathlib.Path(PEERS).parent / "optuna-dashboard"), str(folder / "journal.log"), "--port", str(port),
                               "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    link = "http://127.0.0.1:%d" % port
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(link + "/dashboard", timeout=60).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        return {**looked("optuna", link), "server_mb": memory_mb(server.pid)}
    finally:
        server.terminate()
        server.wait(timeout=60)


def least(results, name):
    values = [r[name] for r in results if r[name] is not None]
    return "none in 120 s" if not values else "%.3g" % min(values)


def main():
    if not modules():
        row("the page", "skipped", "", "besom was built without its page (BESOM_WEB)")
        return 0
    with tempfile.TemporaryDirectory(prefix="besom-bench.") as name:
        folder = pathlib.Path(name)
        env = {**os.environ, "STORE_OF_FACTS": str(BUILD / "tests" / "e2e" / "look" / "store_of_facts")}
        subprocess.run([sys.executable, "-B", str(ROOT / "tests" / "web" / "fixture.py"), str(folder / "store"), str(TRIALS)], check=True, env=env)
        if PEERS:
            trials = subprocess.run(["besom", "trials", "bigbig01", "--store", str(folder / "store"), "--json"], check=True,
                                    stdout=subprocess.PIPE).stdout
            subprocess.run([PEERS, "-c", FILL, str(folder / "journal.log")], check=True, input=trials)
        ours, theirs = [], []
        for _ in range(TURNS):
            ours.append(besom(folder))
            if PEERS:
                theirs.append(optuna(folder))
        floors = {"table_s": ("the table is there", "s", "1"), "parallel_s": ("parallel coordinates are there", "s", "2"),
                  "brush_ms": ("work of the page for each move of a brush", "ms", "50"), "heap_mb": ("the page's memory", "MB", ""),
                  "server_mb": ("the server's memory", "MB", "")}
        for key, (what, unit, floor) in floors.items():
            row(f"{what}, {TRIALS} trials", least(ours, key), unit, floor and "floor " + floor)
            if PEERS:
                row("    Optuna Dashboard", least(theirs, key), unit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
