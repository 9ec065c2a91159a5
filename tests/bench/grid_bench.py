#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many trials a grid of 60 cells takes, and how long, when eight workers share it: besom serve with eight agents of
one slot, beside Optuna's GridSampler in eight processes with a journal. Each trial sleeps for 0.3 s."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

WORKERS, CELLS = 8, 60
SPEC = """
method: grid
command: [sleep, "0.3"]
parameters: {x: {values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}, y: {values: [0, 1, 2, 3, 4, 5]}}
"""
OPTUNA = """
import sys, time, optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
optuna.logging.set_verbosity(optuna.logging.ERROR)
space = {"x": list(range(10)), "y": list(range(6))}
study = optuna.create_study(study_name="grid", storage=JournalStorage(JournalFileBackend(sys.argv[1])),
                            sampler=optuna.samplers.GridSampler(space), load_if_exists=True)
def objective(trial):
    time.sleep(0.3)
    return trial.suggest_categorical("x", space["x"]) + trial.suggest_categorical("y", space["y"])
if sys.argv[2] == "work":
    study.optimize(objective)
else:
    done = [t for t in study.trials if t.state.is_finished()]
    print(len(done), len({(t.params["x"], t.params["y"]) for t in done}))
"""


def row(what, value, unit, note=""):
    print(f"{what}\t{value}\t{unit}\t{note}", flush=True)


def besom(folder):
    env = {**os.environ, "XDG_STATE_HOME": folder}
    store, started = folder + "/store", []
    controller = subprocess.Popen(["besom", "serve", "--listen", "127.0.0.1:0", "--store", store, "--json"], env=env,
                                  stdout=subprocess.PIPE, text=True)
    first = json.loads(controller.stdout.readline())
    env.update(BESOM_SERVER=first["url"], BESOM_TOKEN=first["admin"])
    try:
        for i in range(WORKERS):
            token = subprocess.run(["besom", "token", "create", "--scope", "join", "--json"], env=env, check=True,
                                   capture_output=True, text=True).stdout
            join = "%s#,%s" % (first["url"], json.loads(token)["token"])
            started.append(subprocess.Popen(["besom", "agent", "--join", join, "--name", f"a{i}", "--slots", "1", "--gpus",
                                             "none", "--dir", f"{folder}/a{i}"], env=env, stderr=subprocess.DEVNULL))
        pathlib.Path(folder, "sweep.yaml").write_text(SPEC)
        begin = time.monotonic()
        subprocess.run(["besom", "sweep", folder + "/sweep.yaml", "--quiet"], env=env, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["besom", "watch", "last", "--json"], env=env, stdout=subprocess.DEVNULL, check=False)
        seconds = time.monotonic() - begin
        trials = json.loads(subprocess.run(["besom", "trials", "last", "--json", "--limit", "1000"], env=env, check=True,
                                           capture_output=True, text=True).stdout)
    finally:
        for process in [*started, controller]:
            process.send_signal(signal.SIGTERM)
        for process in [*started, controller]:
            process.wait()
    attempts = sum(t["attempts"] for t in trials)
    row("grid of 60 cells, 8 agents: trainings run", attempts, "", f"{len(trials)} trials")
    row("… until the end was seen", f"{seconds:.1f}", "s", "watch looks each second")


def optuna(folder, python):
    script, journal = folder + "/grid.py", folder + "/journal"
    pathlib.Path(script).write_text(OPTUNA)
    count = [python, "-W", "ignore", script, journal, "count"]
    if subprocess.run(count, capture_output=True, check=False).returncode:
        print("Optuna is not there: left out", file=sys.stderr)
        return
    begin = time.monotonic()
    workers = [subprocess.Popen([python, "-W", "ignore", script, journal, "work"]) for _ in range(WORKERS)]
    for worker in workers:
        worker.wait()
    seconds = time.monotonic() - begin
    run, cells = subprocess.run(count, check=True, capture_output=True, text=True).stdout.split()
    row("the same, Optuna's GridSampler, 8 processes: trainings run", run, "", f"{cells} cells")
    row("… to the end of all processes", f"{seconds:.1f}", "s")


def main():
    for measure in (besom, lambda folder: optuna(folder, os.environ.get("BESOM_BENCH_PEERS") or sys.executable)):
        with tempfile.TemporaryDirectory(prefix="besom-bench-") as folder:
            measure(folder)


if __name__ == "__main__":
    main()
