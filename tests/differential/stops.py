# SPDX-License-Identifier: GPL-3.0-or-later
"""Histories of trials under `early_terminate: hyperband`, and what W&B's engine stops of them."""
import json
import random
import re

METRIC = "score"


def early(r):
    """A rule with bands."""
    rule = {"type": "hyperband", "eta": r.choice([2, 3, 4, 1.5, 2.5, 3.0])}
    if r.random() < 0.5:
        rule["min_iter"] = r.randint(1, 4)
    else:
        rule.update(max_iter=r.randint(6, 40), s=r.randint(1, 4))
    if r.random() < 0.8:
        rule["strict"] = r.random() < 0.5
    return rule


def value(r, ties):
    kind = r.random()
    if kind < 0.06:
        return float("nan")
    if kind < 0.09:
        return r.choice([float("inf"), float("-inf")])
    return float(r.randint(-3, 5)) if ties else r.uniform(-1, 2)


def history(seed):
    """The spec, and events in order: [trial, value of a report] or [trial, state of its end]."""
    r = random.Random("stops/%d" % seed)
    metric = {"name": METRIC}
    goal = r.choice(["minimize", "maximize", None])
    if goal:
        metric["goal"] = goal
    spec = {"method": "random", "program": "t", "metric": metric, "early_terminate": early(r),
            "parameters": {"x": {"min": 0.0, "max": 1.0}}}
    trials, ties, at_once = r.randint(2, 14), r.random() < 0.5, r.randint(1, 6)
    level = [r.uniform(-1, 1) for _ in range(trials)]
    waiting, running, left, events = list(range(trials)), [], {}, []
    while waiting or running:
        while waiting and len(running) < at_once:
            running.append(waiting.pop(0))
            left[running[-1]] = r.randint(1, 24)
        trial = r.choice(running)
        one = value(r, ties)
        events.append([trial, one if ties else round(one + level[trial], 4)])
        left[trial] -= 1
        if left[trial] == 0:
            running.remove(trial)
            events.append([trial, r.choice(["finished", "failed", "stopped"])])
    return {"seed": seed, "spec": spec, "events": events}


def decide(made):
    """For each report what the engine says of its trial: null, or [band, value, threshold] where it is
    stopped. A stopped trial goes on here, so that it is judged again."""
    from sweeps import RunState, SweepRun
    from sweeps.hyperband_stopping import hyperband_stop_runs
    sign = -1.0 if made["spec"]["metric"].get("goal") == "maximize" else 1.0
    rows, states, said = {}, {}, []
    for trial, what in made["events"]:
        if isinstance(what, str):
            states[trial] = RunState.finished
            continue
        rows.setdefault(trial, []).append({METRIC: what})
        runs = {t: SweepRun(name=str(t), state=states.get(t, RunState.running), history=rows[t], config={})
                for t in rows}
        stopped = [run.name for run in hyperband_stop_runs(list(runs.values()), made["spec"])]
        if str(trial) not in stopped:
            said.append(None)
            continue
        text = "\n".join(runs[trial].early_terminate_info["lines"])
        found = re.search(r"^Run: %d .*Band: (\S+) Metric: (\S+) Threshold: (\S+)\)" % trial, text, re.M)
        said.append([int(found[1]), sign * float(found[2]), sign * float(found[3])])
    return said


def lines(made):
    """The same, for besom ask."""
    ended = {trial for trial, _ in made["events"]}
    yield json.dumps({"op": "ask", "n": len(ended)})
    for trial, what in made["events"]:
        if isinstance(what, str):
            yield json.dumps({"op": "tell", "trial": trial, "state": what})
        else:
            yield json.dumps({"op": "report", "trial": trial, "metrics": {METRIC: what}})


def answers(made, text):
    """What besom ask said of each report, as decide() has it."""
    said = [json.loads(line) for line in text.splitlines()]
    trials = len({trial for trial, _ in made["events"]})
    if len(said) != trials + len(made["events"]):
        raise ValueError("%d answers: %s" % (len(said), text[-300:]))
    found = []
    for (_, what), answer in zip(made["events"], said[trials:]):
        if not isinstance(what, str):
            why = answer.get("why")
            found.append([why["rung"], why["value"], why["threshold"]] if answer["stop"] else None)
    return found
