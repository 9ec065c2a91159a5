# SPDX-License-Identifier: GPL-3.0-or-later
"""What besom lint says, a rule each: (name, bad, good, severity, key path, words of it, mended).

`bad` and `good` are lines of a spec; what lacks is filled in by spec(). `mended`: besom lint --fix
makes it go away.
"""


def spec(text):
    """A whole spec of the lines given: with a method, a program and a parameter where they lack them."""
    text = text.lstrip("\n")
    keys = {line.split(":")[0].rstrip() for line in text.splitlines() if line[:1] not in (" ", "#", "-")}
    lacking = ""
    if "program" not in keys and "command" not in keys:
        lacking += "program: train.py\n"
    if "method" not in keys:
        lacking += "method: random\nrun_cap: 5\n"
    if "parameters" not in keys:
        lacking += "parameters:\n  known: {values: [1, 2]}\n"
    return lacking + "# a comment stays\n" + text


GRID = "method: grid\n"
LR = "parameters:\n  lr: {%s}\n"

RULES = [
    # conditions
    ("condition-foreign-signs", "parameters:\n  a: {min: 1, max: 9}\n  b: {min: 1, max: 9}\n"
     "forbid:\n  - a = 2&&b ≥ 3 || a^2 <> 1\n",
     "parameters:\n  a: {min: 1, max: 9}\n  b: {min: 1, max: 9}\n"
     "forbid:\n  - a == 2 and b >= 3 or a**2 != 1\n",
     "error", "forbid[0]", "is not known here", True),
    ("condition-hyphen", "parameters:\n  n-a: {min: 1, max: 9}\nforbid: ['2 > n-a']\n",
     "parameters:\n  n-a: {min: 1, max: 9}\nforbid: ['2 > `n-a`']\n",
     "error", "forbid[0]", "stands in backquotes", True),
    ("condition-unknown-name", "parameters:\n  depth: {min: 1, max: 9}\nforbid: [dept > 2]\n",
     "parameters:\n  depth: {min: 1, max: 9}\nforbid: [depth > 2]\n",
     "error", "forbid[0]", "there is no parameter `dept`", False),
    ("condition-nonsense", "parameters:\n  o: {values: [a, b]}\nforbid: [o > 2]\n",
     "parameters:\n  o: {values: [a, b]}\nforbid: [o == 'a']\n",
     "error", "forbid[0]", "they have no order", False),
    ("forbid-everything", "parameters:\n  a: {min: 1, max: 9}\nforbid: [a > 0]\n",
     "parameters:\n  a: {min: 1, max: 9}\nforbid: [a > 8]\n",
     "error", "forbid[0]", "every point is forbidden", False),
    ("forbid-nothing", "parameters:\n  a: {min: 1, max: 9}\nforbid: [a > 9]\n",
     "parameters:\n  a: {min: 1, max: 9}\nforbid: [a > 8]\n",
     "warning", "forbid[0]", "never holds", False),
    ("when-never", "parameters:\n  o: {values: [adam, sgd]}\n  m: {value: 1, when: {o: sdg}}\n",
     "parameters:\n  o: {values: [adam, sgd]}\n  m: {value: 1, when: {o: sgd}}\n",
     "warning", "parameters.m.when.o", "`o` is never 'sdg': it is 'adam' or 'sgd'", False),
    ("when-exactly", "parameters:\n  lr: {min: 0.1, max: 0.2}\n  m: {value: 1, when: {lr: 0.1}}\n",
     "parameters:\n  lr: {min: 0.1, max: 0.2}\n  m: {value: 1, when: 'lr > 0.1'}\n",
     "error", "parameters.m.when.lr", "never exactly 0.1", False),
    ("circle", "parameters:\n  a: {expr: b + 1}\n  b: {expr: a + 1}\n",
     "parameters:\n  a: {expr: b + 1}\n  b: {values: [1, 2]}\n",
     "error", "parameters.a.expr", "again: a circle", False),
    ("expr-no-value", "parameters:\n  a: {min: 0, max: 9}\n  b: {expr: 1 / a}\n",
     "parameters:\n  a: {min: 1, max: 9}\n  b: {expr: 1 / a}\n",
     "warning", "parameters.b.expr", "no value at 1 of 10 combinations", False),
    # keys
    ("key-unknown", "metrc: {name: loss}\n", "metric: {name: loss}\n",
     "warning", "metrc", "is not a key of a sweep", True),
    ("key-foreign", "SWEEP_ID: abc\n", "entity: abc\n", "warning", "SWEEP_ID", "is not a key", False),
    ("key-twice", LR % "values: [1], values: [2]", LR % "values: [2]",
     "warning", "parameters.lr.values", "there twice", False),
    ("key-boolean", "parameters:\n  off: {value: 1}\n", "parameters:\n  'off': {value: 1}\n",
     "warning", "parameters.false", "read as false", False),
    ("name-not-text", "name: 3\n", "name: '3'\n", "warning", "name", "must be text", True),
    ("run-cap-wrong", "method: random\nrun_cap: many\n", "method: random\nrun_cap: 5\n",
     "warning", "run_cap", "must be an integer", False),
    ("endless", "method: random\n" + LR % "min: 0.1, max: 0.2",
     "method: random\nrun_cap: 3\n" + LR % "min: 0.1, max: 0.2",
     "note", "method", "never ends by itself", False),
    # method
    ("method-slip", "method: gird\n", GRID, "error", "method", "method", True),
    ("method-of-others", "method: ax\n", GRID, "error", "method", "ax", False),
    ("method-missing", "method:\n", GRID, "error", "method", "method", False),
    # the whole file
    ("wrapped", "", "", "error", "sweep", "wrapped in `sweep`", False),
    ("python", "", "", "error", "", "Python", False),
    # metric
    ("goal-wrong", "metric: {name: x, goal: maximum}\n", "metric: {name: x, goal: maximize}\n",
     "warning", "metric.goal", "minimize or maximize", True),
    ("goal-opposite", "metric: {name: val_loss, goal: maximize}\n",
     "metric: {name: val_loss, goal: minimize}\n", "warning", "metric.goal", "highest", False),
    ("goal-missing", "metric: {name: accuracy}\n", "metric: {name: accuracy, goal: maximize}\n",
     "warning", "metric", "without a goal", False),
    ("goal-of-negative", "metric: {name: acc, goal: minimize}\n",
     "metric: {name: neg_loss, goal: maximize}\n", "warning", "metric.goal", "lowest", False),
    ("metric-axis", "metric: {name: Step, goal: maximize}\n", "metric: {name: steps_to_solve}\n",
     "warning", "metric.name", "axis of charts", False),
    ("metric-text", "metric: loss\n", "metric: {name: loss}\n", "warning", "metric", "mapping", False),
    # stopping
    ("stopper-text", "metric: {name: loss}\nearly_terminate: hyperband\n",
     "metric: {name: loss}\nearly_terminate: {type: hyperband, min_iter: 3}\n",
     "warning", "early_terminate", "mapping", False),
    ("stopper-eta", "metric: {name: loss}\nearly_terminate: {type: hyperband, min_iter: 3, eta: 1}\n",
     "metric: {name: loss}\nearly_terminate: {type: hyperband, min_iter: 3, eta: 2}\n",
     "warning", "early_terminate.eta", "above 1", False),
    ("stopper-s", "metric: {name: loss}\nearly_terminate: {type: hyperband, max_iter: 27}\n",
     "metric: {name: loss}\nearly_terminate: {type: hyperband, max_iter: 27, s: 2}\n",
     "warning", "early_terminate", "s", False),
    # parameters
    ("parameters-missing", "parameters:\n", LR % "values: [1]", "error", "parameters", "at least one", False),
    ("field-slip", LR % "vales: [1, 2]", LR % "values: [1, 2]",
     "error", "parameters.lr.vales", "not a field", True),
    ("field-is-sibling",
     "parameters:\n  a:\n    values: [1, 2]\n    lr:\n      min: 0.1\n      max: 0.2\n",
     "parameters:\n  a:\n    values: [1, 2]\n  lr:\n    min: 0.1\n    max: 0.2\n",
     "error", "parameters.a.lr", "indent it less", False),
    ("group-bare", "parameters:\n  opt: {lr: {values: [1, 2]}}\n",
     "parameters:\n  opt: {parameters: {lr: {values: [1, 2]}}}\n",
     "error", "parameters.opt.lr", "under `parameters:`", False),
    ("parameter-scalar", "parameters:\n  lr: 0.1\n", LR % "value: 0.1",
     "error", "parameters.lr", "must be a mapping", True),
    ("parameter-list", "parameters:\n  lr: [adam, 2]\n", LR % "values: [adam, 2]",
     "error", "parameters.lr", "must be a mapping", True),
    ("distribution-slip", LR % "distribution: unifrom, min: 0.0, max: 1.0",
     LR % "distribution: uniform, min: 0.0, max: 1.0",
     "error", "parameters.lr.distribution", "is not a distribution", True),
    ("distribution-of-others", LR % "distribution: choice, values: [1]", LR % "distribution: categorical, values: [1]",
     "error", "parameters.lr.distribution", "is not a distribution", False),
    ("min-above-max", LR % "min: 2.0, max: 1.0", LR % "min: 1.0, max: 2.0",
     "error", "parameters.lr.min", "not less than", False),
    ("log-of-zero", LR % "distribution: log_uniform_values, min: 0, max: 1",
     LR % "distribution: log_uniform_values, min: 0.1, max: 1",
     "error", "parameters.lr.min", "no logarithm", False),
    ("log-exponents", LR % "distribution: log_uniform, min: -10.0, max: -3.0",
     LR % "distribution: log_uniform_values, min: 0.1, max: 1.0",
     "warning", "parameters.lr.distribution", "4.53999e-05 to 0.0497871, not 1e-10 to 1e-3", False),
    ("log-bounds-not-exponents", LR % "distribution: log_uniform, min: 0.001, max: 0.04",
     LR % "distribution: log_uniform_values, min: 0.001, max: 0.04",
     "warning", "parameters.lr.distribution", "1.001 to 1.04081", False),
    ("int-of-float", LR % "distribution: int_uniform, min: 2., max: 9",
     LR % "distribution: int_uniform, min: 2, max: 9",
     "error", "parameters.lr.min", "needs integers", True),
    ("int-and-float", LR % "min: 1, max: 2.5", LR % "min: 1.0, max: 2.5",
     "warning", "parameters.lr.min", "one bound is an integer", True),
    ("two-integers", LR % "min: 0, max: 1", LR % "min: 0.0, max: 1.0",
     "warning", "parameters.lr.max", "nothing between", False),
    ("decades", LR % "min: 0.00001, max: 0.1",
     LR % "distribution: log_uniform_values, min: 0.00001, max: 0.1",
     "note", "parameters.lr.max", "9 of 10 values", False),
    ("number-quoted", LR % "min: '0.1', max: 0.5", LR % "min: 0.1, max: 0.5",
     "warning", "parameters.lr.min", "taken for the number", True),
    ("number-loose", LR % "min: 1e-5, max: 0.5", LR % "min: 1.0e-5, max: 0.5",
     "note", "parameters.lr.min", "PyYAML", True),
    ("probabilities", LR % "values: [1, 2], probabilities: [0.5, 0.6]",
     LR % "values: [1, 2], probabilities: [0.5, 0.5]",
     "error", "parameters.lr.probabilities", "sum to 1", False),
    # values
    ("values-scalar", LR % "values: 3", LR % "values: [3]",
     "error", "parameters.lr.values", "must be a list", True),
    ("values-bare", "parameters:\n  lr:\n    values: a, b\n", "parameters:\n  lr:\n    values: [a, b]\n",
     "error", "parameters.lr.values", "must be a list", True),
    ("values-one-text", LR % "values: ['a, b']", LR % "values: [a, b]",
     "note", "parameters.lr.values[0]", "one value", False),
    ("values-twice", GRID + LR % "values: [1, 2, 1.0]", GRID + LR % "values: [1, 2]",
     "note", "parameters.lr.values[2]", "2 of the 3 values are distinct", False),
    ("value-list", LR % "value: [1, 2]", LR % "values: [1, 2]",
     "note", "parameters.lr.value", "whole list", False),
    ("word-none", LR % "values: [None, 1]", LR % "values: [null, 1]",
     "note", "parameters.lr.values[0]", "is text here", False),
    ("grid-range", GRID + LR % "min: 0.1, max: 0.2", GRID + LR % "values: [0.1, 0.2]",
     "error", "parameters.lr", "a grid cannot be laid", False),
    ("date", LR % "values: [2024-01-01, x]", LR % "values: ['2024-01-01', x]",
     "error", "parameters.lr.values[0]", "a date", True),
    ("octal", LR % "values: [012, 7]", LR % "values: [12, 7]",
     "warning", "parameters.lr.values[0]", "octal", False),
    ("time-of-day", "budget: {until: 18:00}\n", "budget: {until: '18:00'}\n",
     "error", "budget.until", "a time in quotes", False),
    # command and files
    ("macro-slip", "command:\n  - ${interpereter}\n  - train.py\n  - ${args}\n",
     "command:\n  - ${interpreter}\n  - train.py\n  - ${args}\n",
     "warning", "command[0]", "is no macro", True),
    ("macro-slip-quoted", "command: ['${interpreter}', train.py, \"${arsg}\"]\n",
     "command: ['${interpreter}', train.py, \"${args}\"]\n", "warning", "command[2]", "is no macro", True),
    ("macro-of-parameter", "command:\n  - python3\n  - train.py\n  - ${known}\n  - ${args}\n",
     "command:\n  - python3\n  - train.py\n  - ${args}\n", "warning", "command[2]", "one parameter", False),
    ("not-passed", "command: [python3, train.py]\n", "command: [python3, train.py, '${args}']\n",
     "note", "command", "not passed", False),
    ("blank-in-argument", "command: [python3, train.py, --out dir, '${args}']\n",
     "command: [python3, train.py, --out, dir, '${args}']\n",
     "warning", "command[2]", "one argument with a blank", False),
    ("of-a-shell", "command: [python3, train.py, '${args}', '>', log.txt]\n",
     "command: [sh, -c, 'python3 train.py > log.txt', '${args}']\n",
     "warning", "command[3]", "no shell", False),
    ("backslash", "program: src\\train.py\n", "program: src/train.py\n",
     "warning", "program", "backslash", True),
    ("program-with-python", "program: python train.py\n", "program: train.py\n",
     "warning", "program", "the script alone", False),
    ("program-missing", "program: tran.py\n", "program: train.py\n",
     "warning", "program", "there is no tran.py", False),
    ("program-at-the-root", "program: /train.py\n", "program: train.py\n",
     "warning", "program", "the root of the machine", False),
    ("program-not-executable", "program: ./train.py\ncommand: ['${program}', '${args}']\n",
     "program: ./tool\ncommand: ['${program}', '${args}']\n",
     "warning", "program", "may not be executed", False),
    ("script-missing", "command: [python3, lost.py, '${args}']\n", "command: [python3, train.py, '${args}']\n",
     "warning", "command[1]", "there is no lost.py", False),
    ("workdir-missing", "workdir: nowhere\n", "workdir: .\n", "warning", "workdir", "no folder", False),
]

WHOLE = {
    "wrapped": ("sweep:\n  program: train.py\n  method: grid\n  parameters:\n    lr: {values: [1, 2]}\n",
                "program: train.py\nmethod: grid\nparameters:\n  lr: {values: [1, 2]}\n"),
    "python": ("import wandb\nsweep = {\n  'method': 'random', # or grid\n  'parameters': {}\n}\n",
               "method: grid\nprogram: train.py\nparameters:\n  lr: {values: [1, 2]}\n"),
}
