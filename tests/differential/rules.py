# SPDX-License-Identifier: GPL-3.0-or-later
"""The differences on purpose, each as a rule (docs/WANDB-DIFFERENCES.md says them to people).

A rule is its name, the kind of difference it is for, and a function of the case. The first that
holds excuses the difference; each is counted and printed."""
import math
import re

BOUNDS = ("min", "max", "q", "mu", "sigma", "a", "b")
QUANTISED = ("q_uniform", "q_log_uniform", "q_log_uniform_values", "q_normal", "q_log_normal", "q_beta")


def leaves(parameters, depth=1):
    """Each parameter, its fields, and how deep in groups it is; groups too."""
    for name, fields in (parameters or {}).items() if isinstance(parameters, dict) else ():
        yield name, fields, depth
        if isinstance(fields, dict) and isinstance(fields.get("parameters"), dict):
            yield from leaves(fields["parameters"], depth + 1)


def any_field(case, holds):
    config = case.config if isinstance(case.config, dict) else {}
    return any(isinstance(f, dict) and holds(f, depth)
               for _, f, depth in leaves(config.get("parameters")))


def is_number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def walk(v):
    yield v
    for inner in (v.values() if isinstance(v, dict) else v if isinstance(v, list) else ()):
        yield from walk(inner)


def wide_integer(case):
    return any(isinstance(v, int) and not -2**63 <= v < 2**63 for v in walk(case.config))


def quoted_bound(case):
    return any_field(case, lambda f, _: any(isinstance(f.get(k), str) and reads(f[k]) for k in BOUNDS) or
                     any(isinstance(p, str) and reads(p) for p in listed(f, "probabilities")))


def listed(fields, key):
    return fields[key] if isinstance(fields.get(key), list) else []


def reads(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def not_finite(case):
    return any_field(case, lambda f, _: any(is_number(f.get(k)) and not math.isfinite(f[k]) for k in BOUNDS) or
                     any(is_number(p) and not math.isfinite(p) for p in listed(f, "probabilities")))


def huge_exponents(case):
    """exp() of what is written is no number any more."""
    return any_field(case, lambda f, _: str(f.get("distribution")).endswith("log_uniform") and
                     any(is_number(f.get(k)) and abs(f[k]) > 700 for k in ("min", "max")))


def no_spread(case):
    return any_field(case, lambda f, _: any(is_number(f.get(k)) and f[k] == 0 for k in ("sigma", "a", "b")))


def weights_wrong(case):
    """Checked everywhere, and before the sweep runs."""
    def wrong(f, _):
        p, v = f.get("probabilities"), f.get("values")
        if not isinstance(p, list) or not isinstance(v, list) or not all(map(is_number, p)):
            return False
        return len(p) != len(v) or sum(p) == 0
    return any_field(case, wrong)


def flow_corner(case):
    """In flow style, PyYAML's parser stops at a question mark within a word, libyaml at a colon before a bracket."""
    return (case.answer.why.startswith("ParserError") and re.search(r"[^\s\[{,]\?", case.text) or
            re.search(r"[\[{,][^\]}]*\w:[\[{]", case.text))


def is_bayes(case):
    return isinstance(case.config, dict) and case.config.get("method") == "bayes"


def bayes_with_weights(case):
    """W&B's engine takes the values for numbers there, and crashes."""
    return is_bayes(case) and any_field(case, lambda f, _: "probabilities" in f)


def bayes_with_metrics(case):
    """Several objectives are for any method that goes by results."""
    return is_bayes(case) and bool(case.config.get("metrics")) and "metric" not in case.config


def objective_twice(case):
    """Two objectives of one name would be one column of the results."""
    metrics = case.config.get("metrics") if isinstance(case.config, dict) else None
    names = [m["name"] for m in metrics if isinstance(m, dict) and isinstance(m.get("name"), str)] if isinstance(metrics, list) else []
    return len(set(names)) < len(names)


def q_on_any(case):
    """A key of our own: q on any parameter of numbers."""
    return any_field(case, lambda f, _: "q" in f and f.get("distribution") not in QUANTISED)


RULES = [
    ("integers of more than 64 bits are errors", ("verdict",), wide_integer),
    ("numbers in quotes are taken in bounds", ("verdict",), quoted_bound),
    ("bounds that are not finite are errors", ("verdict",), not_finite),
    ("exponents of e too large for a float are errors", ("verdict",), huge_exponents),
    ("sigma, a and b of 0 are errors", ("verdict",), no_spread),
    ("probabilities are checked everywhere", ("verdict",), weights_wrong),
    ("libyaml reads a few corners of flow style otherwise", ("verdict",), flow_corner),
    ("bayes takes probabilities", ("verdict",), bayes_with_weights),
    ("bayes takes several metrics", ("verdict",), bayes_with_metrics),
    ("two objectives of one name are an error", ("verdict",), objective_twice),
    ("q is taken on any number", ("verdict",), q_on_any),
]


def excuse(kind, case):
    for name, kinds, holds in RULES:
        if kind in kinds and holds(case):
            return name
    return None
