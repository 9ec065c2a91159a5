# SPDX-License-Identifier: GPL-3.0-or-later
"""What W&B makes of a sweep file: PyYAML, the round trip through JSON, and sweeps 0.3.0."""
import itertools
import json
import random
import re
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import sweeps
import numpy
import yaml
from sweeps.config.cfg import schema_violations_from_proposed_config
from sweeps.params import HyperParameter, HyperParameterSet

KINDS = {
    "param_single_value": "constant", "param_categorical": "categorical",
    "param_categorical_w_probabilities": "categorical_w_probabilities",
    "param_int_uniform": "int_uniform", "param_uniform": "uniform", "param_quniform": "q_uniform",
    "param_loguniform": "log_uniform", "param_loguniform_v2": "log_uniform_values",
    "param_inv_loguniform": "inv_log_uniform", "param_inv_loguniform_v2": "inv_log_uniform_values",
    "param_qloguniform": "q_log_uniform", "param_qloguniform_v2": "q_log_uniform_values",
    "param_normal": "normal", "param_qnormal": "q_normal", "param_lognormal": "log_normal",
    "param_qlognormal": "q_log_normal", "param_beta": "beta", "param_qbeta": "q_beta",
}
GRID_MAX = 3000  # points; W&B's engine makes all of them at once
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class Loader(yaml.SafeLoader):
    """As PyYAML, and by the one rule more that W&B's service adds: what it leaves text, but reads
    whole as a number with a point or an exponent, is a float."""

    def resolve(self, kind, value, implicit):
        tag = super().resolve(kind, value, implicit)
        if kind is yaml.ScalarNode and implicit[0] and tag == "tag:yaml.org,2002:str" \
                and NUMBER.fullmatch(value) and re.search("[.eE]", value):
            return "tag:yaml.org,2002:float"
        return tag


def load(text):
    """As the command line tool hands it to the service, sorted; raises where it cannot."""
    return json.loads(json.dumps(json.loads(json.dumps(yaml.load(text, Loader=Loader))), sort_keys=True))


class Answer:
    def __init__(self):
        self.verdict = "error"
        self.why = ""
        self.violations = []
        self.parameters = {}
        self.space = None  # HyperParameterSet
        self.config = None


def judge(text):
    """The verdict as expect.jsonl has it: no where nothing is proposed, warn for violations."""
    a = Answer()
    try:
        a.config = load(text)
        violations = schema_violations_from_proposed_config(a.config)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if a.config.get("method") == "grid" and isinstance(a.config.get("parameters"), dict) \
                    and grid_size(HyperParameterSet.from_config(a.config["parameters"])) > GRID_MAX:
                raise TooLarge()
            if sweeps.next_run(a.config, []) is None:
                raise ValueError("nothing is proposed")
        a.space = HyperParameterSet.from_config(a.config["parameters"])
    except TooLarge:
        return None
    except Exception as e:  # whatever it says, nothing runs
        a.why = "%s: %s" % (type(e).__name__, str(e).split("\n")[0])
        return a
    a.verdict = "warn" if violations else "ok"
    a.violations = violations
    a.why = "; ".join(v.split("\n")[0] for v in violations)
    a.parameters = {flat(p.name): KINDS[p.type] for p in a.space}
    return a


class TooLarge(Exception):
    pass


def flat(name):
    return name.replace(HyperParameterSet.NESTING_DELIMITER, ".")


def grid_size(space):
    size = 1
    for p in space:
        if p.type == HyperParameter.INT_UNIFORM:
            size *= max(p.config["max"] - p.config["min"] + 1, 0)
        elif p.type == HyperParameter.Q_UNIFORM:
            size *= max((p.config["max"] - p.config["min"]) / p.config["q"] + 1, 0)
        elif p.type == HyperParameter.CATEGORICAL:
            size *= len(p.config["values"])
    return size


def as_sent(text):
    """The number of a JSON text as W&B's service sends it: a whole float is an integer."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def unwrap(run):
    """The configuration as the agent gets it: every level sorted."""
    config = {k: v["value"] for k, v in run.config.items()}
    return json.loads(json.dumps(config, sort_keys=True), parse_float=as_sent)


def grid(config):
    """Every point in order, as the script gets it."""
    runs = sweeps.next_runs(config, [], n=GRID_MAX + 1)
    return [unwrap(r) for r in itertools.takewhile(lambda r: r is not None, runs)]


def probe(space):
    """One value for each parameter by its flattened name, and the same nested and sorted."""
    flattened, nested = {}, {}
    for p in space:
        c = p.config
        value = c["value"] if "value" in c else c["values"][-1] if "values" in c else c.get("min", 0.5)
        flattened[flat(p.name)] = value
        at, path = nested, p.name.split(HyperParameterSet.NESTING_DELIMITER)
        for key in path[:-1]:
            at = at.setdefault(key, {})
        at[path[-1]] = value
    return flattened, json.loads(json.dumps(nested, sort_keys=True))


def sample(config, n, seed):
    """For each parameter, by its flattened name, n values as the engine draws them."""
    random.seed(seed)
    space = HyperParameterSet.from_config(config["parameters"])
    return {flat(p.name): draws(p, [random.uniform(0.0, 1.0) for _ in range(n)]) for p in space}


def draws(p, us):
    """As its sample() does, which calls ppf() for each; all at once where that is the same."""
    if p.type in (HyperParameter.CONSTANT, HyperParameter.CATEGORICAL_PROB):
        return [p.ppf(u) for u in us]
    return list(p.ppf(numpy.array(us)))
