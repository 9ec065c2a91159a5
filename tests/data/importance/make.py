#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes histories.json beside this file: histories of trials, and the importances that Optuna 5 gives them by PED-ANOVA
and by fANOVA (mean and deviation over five seeds). Needs optuna and scikit-learn: make.py --check compares with the file."""
import json
import math
import pathlib
import statistics
import sys

try:
    import optuna
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
    from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances
    import sklearn  # noqa: F401
except ImportError as missing:
    print(f"SKIPPED: {missing}: pip install optuna==5.0.0 scikit-learn", file=sys.stderr)
    sys.exit(77)

OUT = pathlib.Path(__file__).with_name("histories.json")
SEEDS = 5


def numbers(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    momentum = trial.suggest_float("momentum", 0.0, 0.99)
    depth = trial.suggest_int("depth", 2, 9)
    noise = trial.suggest_float("noise", -3.0, 5.0)
    return (math.log10(lr) + 3) ** 2 + 0.3 * (depth - 5) ** 2 / 9 + 0.5 * momentum + 0.001 * noise


def mixed(trial):
    act = trial.suggest_categorical("act", ["relu", "tanh", "gelu"])
    opt = trial.suggest_categorical("opt", ["sgd", "adam"])
    width = trial.suggest_int("width", 16, 1024, log=True)
    dropout = trial.suggest_float("dropout", 0.0, 0.5, step=0.05)
    batch = trial.suggest_int("batch", 1, 200)
    loss = {"relu": 0.0, "tanh": 0.6, "gelu": 0.1}[act] + (0.4 if opt == "sgd" else 0)
    return loss + abs(math.log2(width) - 8) * 0.3 + dropout + 0.0005 * batch


def conditional(trial):
    opt = trial.suggest_categorical("opt", ["sgd", "adam"])
    lr = trial.suggest_float("lr", 1e-4, 1.0, log=True)
    loss = (math.log10(lr) + 2) ** 2
    if opt == "sgd":
        loss += 2 * abs(trial.suggest_float("momentum", 0.0, 1.0) - 0.9)
    else:
        loss += 0.3
    return loss


def ties(trial):
    a = trial.suggest_int("a", 0, 3)
    b = trial.suggest_categorical("b", [str(i) for i in range(5)])
    c = trial.suggest_float("c", 0.0, 1.0)
    return float(a + int(int(b) > 2)) + (0.0 if c < 2 else 1.0)


CASES = [
    ("numbers", numbers, "random", 200, False), ("numbers", numbers, "tpe", 240, False), ("mixed", mixed, "random", 250, False),
    ("mixed", mixed, "random", 37, True), ("conditional", conditional, "random", 300, False),
    ("conditional", conditional, "tpe", 120, False), ("ties", ties, "random", 150, False),
]


def parameter(dist):
    """The distribution as besom writes it."""
    if isinstance(dist, CategoricalDistribution):
        return {"values": list(dist.choices)}
    bounds = {"min": dist.low, "max": dist.high}
    if isinstance(dist, IntDistribution):
        return dict(bounds, distribution="q_log_uniform_values", q=1) if dist.log else bounds
    if dist.log:
        return dict(bounds, distribution="log_uniform_values")
    return dict(bounds, distribution="q_uniform", q=dist.step) if dist.step else bounds


def case(name, function, sampler, n, maximize):
    sampler = {"random": optuna.samplers.RandomSampler, "tpe": optuna.samplers.TPESampler}[sampler](seed=n)
    study = optuna.create_study(sampler=sampler, direction="maximize" if maximize else "minimize")
    study.optimize((lambda t: -function(t)) if maximize else function, n_trials=n)
    space, always = {}, None
    for t in study.trials:
        for key, dist in t.distributions.items():
            space[key] = parameter(dist)
        always = set(t.params) if always is None else always & set(t.params)
    if name == "conditional":
        space["momentum"]["when"] = {"opt": "sgd"}
    ped = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    runs = [get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=s)) for s in range(SEEDS)]
    fanova = {k: [statistics.mean(r[k] for r in runs), statistics.stdev(r[k] for r in runs)] for k in runs[0]}
    return {"name": f"{name}-{n}", "maximize": maximize, "parameters": dict(sorted(space.items())),
            "params": [dict(sorted(t.params.items())) for t in study.trials], "values": [t.value for t in study.trials],
            "ped_anova": dict(sorted(ped.items())), "fanova": dict(sorted(fanova.items())) if always == set(space) else None}


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    made = {"optuna": optuna.__version__, "sklearn": sklearn.__version__, "cases": [case(*c) for c in CASES]}
    if "--check" in sys.argv:
        same = json.loads(OUT.read_text()) == json.loads(json.dumps(made))
        print("the same as", OUT.name if same else OUT.name + ": no")
        return 0 if same else 1
    OUT.write_text(json.dumps(made, separators=(",", ":")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
