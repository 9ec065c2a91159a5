# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweep files as people might write them, right and wrong: text from a seed."""
import json
import random

INTS = ["0", "1", "2", "3", "5", "8", "10", "16", "64", "-1", "-4", "100", "+7", "1_000", "0x10",
        "0b11", "012", "1:30"]
FLOATS = ["0.0", "0.1", "0.5", "1.0", "2.5", "10.", ".5", "-.5", "-1.5", "1e-5", "5E-05", "1.5e3",
          "1.0e-3", "6.e-5", "1e3", "3e+2", "0.30", "-2e-1", "+.25", "1_0.5"]
ODD_NUMBERS = [".inf", "-.inf", ".nan", ".NaN", "'1e-5'", "\"0.1\"", "'3'", "1e400", "08", "1e",
               "12345678901234567890123", "9223372036854775807", "true", "null", "~", "", "abc",
               "[1]", "{a: 1}", "1:30.5", "- 3", "inf", "nan"]
WORDS = ["adam", "sgd", "relu", "None", "True", "true", "False", "yes", "no", "on", "OFF", "y", "n",
         "null", "~", "\"quoted\"", "'it''s'", "\"a\\tb\\u00e9\"", "a b c", "x:y", "cuda:0", "1e-3",
         "1.", "0", "-3", "0.1", "\"1\"", "'0.1'", "08", "0o7", "0xFF", "qwen2.5:7b", "a#b", "caf\u00e9",
         "2001-01-01x", "=x", "<<x", "1_0", "1__0", "._1", "1.e5", "+.e3", "16-mixed", "!!str 3",
         "!!float 1e-5", "!!float 3", "!!int '3'", "1 2", "...x", "-x", "?x", "\u4f60\u597d", "1:61"]
NAMES = ["lr", "a", "b", "c", "batch_size", "num-layers", "model.depth", "opt.lr", "Lambda", "_x",
         "x9", "env", "method", "parameters", "value", "min", "n.a-b_c", "Z"]
ODD_NAMES = ["on", "yes", "1", "1.5", "null", "true", "^lr", "a/b", "\"a b\"", "9x", "caf\u00e9", "-a",
             ".a", "\"\"", "\u00e9"]
FIELDS = ["min", "max", "q", "mu", "sigma", "a", "b", "values", "value", "probabilities",
          "distribution", "parameters", "vals", "Min"]
CONTINUOUS = ["uniform", "log_uniform_values", "inv_log_uniform_values", "log_uniform",
              "inv_log_uniform", "normal", "log_normal", "beta"]
QUANTISED = ["q_uniform", "q_log_uniform_values", "q_log_uniform", "q_normal", "q_log_normal", "q_beta"]

MACROS = ["${args}", "${args_no_equals}", "${args_no_hyphens}", "${args_append_hydra}",
          "${args_override_hydra}", "${args_no_boolean_flags}", "${args_json}", "${args_dict}"]
COMMAND_WORDS = ["--fast", "3", "1e-6", "0.000001", "null", "true", "1.0", "\"a b\"", "${envvar:HOME}",
                 "x=${envvar:NOT_SET_1}/${envvar:HOME}", "${interpereter}", "PYTHONPATH=${PYTHONPATH}:.",
                 "${envvar:lower}", "[1, a]", "\"\"", "$HOME", "${args} ", "\"${args} \"", "'it''s'",
                 "caf\u00e9", "${envvar:}", "\"${envvar:HOME} ${envvar:HOME\""]
SERVICE_KEYS = [
    ("controller", (("type", "local"),)), ("controller", (("type", "cloud"), ("x", "1"))),
    ("controller", (("type", "moon"),)), ("kind", "sweep"), ("kind", "job"), ("apiVersion", "1"),
    ("job", "a/b/c:v1"), ("image_uri", "x"), ("image_uri", "3"), ("settings", (("a", "1"),)),
    ("entity", "~"), ("project", "[a]"), ("description", "3"), ("description", "{a: b}"),
    ("scheduler", (("engine", "wandb"),)), ("scheduler", (("engine", "optuna"),)),
    ("scheduler", "fast"), ("launch", (("queue", "q"),)), ("program", "[a, b]"), ("program", "~"),
    ("early_terminate", "hyperband"), ("early_terminate", "~"), ("metric", "loss"), ("metric", "~"),
    ("metric", "[loss]"), ("name", "{a: b}"), ("run_cap", "~"), ("run_cap", "true"), ("command", "~"),
    ("command", "[]"),
]
SYNTAX = ":-[]{},#&*!|>'\"% \n\t?@`~<ab1."


class Spec:
    """Nodes: text of a scalar, a list, or a list of pairs in a tuple."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def chance(self, p):
        return self.r.random() < p

    def pick(self, items):
        return self.r.choice(items)

    def number(self):
        if self.chance(0.04):
            return self.pick(ODD_NUMBERS)
        return self.pick(INTS if self.chance(0.5) else FLOATS)

    def scalar(self):
        kind = self.r.random()
        if kind < 0.45:
            return self.pick(WORDS)
        return self.number()

    def item(self, depth=0):
        if depth < 2 and self.chance(0.08):
            return [self.item(depth + 1) for _ in range(self.r.randint(0, 3))]
        if depth < 2 and self.chance(0.05):
            return tuple((n, self.item(depth + 1)) for n in self.distinct(NAMES, 3))
        return self.scalar()

    def distinct(self, items, most):
        return self.r.sample(items, self.r.randint(0, most))

    def bounds(self):
        """min and max, mostly in order."""
        form = self.r.random()
        if form < 0.4:
            low = self.r.randint(-3, 20)
            return str(low), str(low + self.r.randint(1, 30))
        if form < 0.55:
            low = self.r.randint(1, 20)
            return str(low), "%.2f" % (low + self.r.random() * 10)
        if form < 0.85:
            low = self.r.choice([1e-6, 1e-4, 0.003, 0.1, 0.25, 1.5])
            high = low * self.r.choice([1.5, 3, 10, 1000.0])
            return self.written(low), self.written(high)
        return self.number(), self.number()

    def written(self, f):
        return self.pick([repr(f), "%.3e" % f, "%g" % f, "%.0e" % f, json.dumps(f)])

    def values(self, grid):
        n = self.r.choice([1, 2, 2, 3, 3, 4, 6]) if not self.chance(0.02) else 0
        if self.chance(0.5):
            numbers = INTS if self.chance(0.5) else FLOATS
            return [self.pick(numbers) for _ in range(n)]
        return [self.item() for _ in range(n)]

    def step(self):
        return self.pick(["1", "2", "5", "0.1", "0.5", "1.0", "1e-2", "0.25"])

    def leaf(self, grid):
        """Fields of one parameter that is as the language has it, most of the time."""
        kind = self.r.random()
        if kind < 0.3:
            fields = [("values", self.values(grid))]
            if self.chance(0.1):
                fields.append(("distribution", "categorical"))
        elif kind < 0.45:
            fields = [("value", self.item())]
            if self.chance(0.1):
                fields.append(("distribution", "constant"))
        elif kind < 0.65:
            low, high = self.bounds()
            fields = [("min", low), ("max", high)]
            if self.chance(0.15):
                fields.append(("distribution", self.pick(["uniform", "int_uniform"])))
        elif kind < 0.72 or (grid and kind < 0.97):
            low, high = self.bounds()
            fields = [("distribution", "q_uniform"), ("min", low), ("max", high)]
            if self.chance(0.8):
                fields.append(("q", self.step()))
        elif kind < 0.78:
            n = self.r.randint(1, 4)
            weights = self.pick([["1"], ["0.5", "0.5"], ["0.2", "0.3", "0.5"], ["0.25"] * 4,
                                 ["0", "1"], ["0.3", "0.3"], ["1.0", "0.0"], ["0.1", "0.9"]])
            n = len(weights) if not self.chance(0.1) else n
            fields = [("values", [self.item() for _ in range(n)]), ("probabilities", weights)]
            if self.chance(0.3):
                fields.append(("distribution", "categorical_w_probabilities"))
        else:
            fields = self.continuous()
        self.r.shuffle(fields)
        return fields

    def continuous(self):
        kind = self.pick(CONTINUOUS + QUANTISED)
        fields = [("distribution", kind)]
        if "uniform" in kind:
            low, high = self.bounds()
            fields += [("min", low), ("max", high)]
        else:
            for name in ("a", "b") if "beta" in kind else ("mu", "sigma"):
                if self.chance(0.7):
                    fields.append((name, self.pick(["0.5", "1", "2.5", "3", "0.1"])))
        if kind.startswith("q_") and self.chance(0.7):
            fields.append(("q", self.step()))
        return fields

    def spoil(self, fields):
        """One thing wrong, or at least unusual."""
        how = self.r.random()
        if how < 0.3:
            fields.append((self.pick(FIELDS), self.item()))
        elif how < 0.5 and fields:
            fields.pop(self.r.randrange(len(fields)))
        elif how < 0.8 and fields:
            i = self.r.randrange(len(fields))
            fields[i] = (fields[i][0], self.pick(ODD_NUMBERS) if self.chance(0.5) else self.item())
        elif how < 0.9:
            fields.append(("distribution", self.pick(CONTINUOUS + QUANTISED + ["gauss", "3", "~"])))
        return fields

    def parameter(self, grid, depth):
        if depth < 3 and self.chance(0.1):
            fields = [("parameters", self.parameters(grid, depth + 1, 3))]
            return tuple(self.spoil(fields) if self.chance(0.05) else fields)
        fields = self.leaf(grid)
        if self.chance(0.06):
            fields = self.spoil(fields)
        if self.chance(0.004):
            return self.item()
        return tuple(fields)

    def parameters(self, grid, depth, most):
        n = self.r.randint(1, most) if not self.chance(0.005) else 0
        names = self.r.sample(NAMES, n)
        if self.chance(0.03):
            names.append(self.pick(ODD_NAMES))
        return tuple((name, self.parameter(grid, depth)) for name in names)

    def metric(self):
        fields = [("name", self.pick(["loss", "val/acc", "3"]))]
        if self.chance(0.6):
            fields.append(("goal", self.pick(["minimize", "maximize", "maximize", "maximum"])))
        if self.chance(0.1):
            fields.append(("target", self.number()))
        if self.chance(0.1):
            fields.append(("impute", self.pick(["worst", "best", "latest", "none"])))
        if self.chance(0.03):
            fields.append(("impute_while_running", self.pick(["\"false\"", "best", "false"])))
        return tuple(self.spoil(fields) if self.chance(0.03) else fields)

    def early(self):
        fields = [("type", "hyperband")]
        fields += self.pick([[("min_iter", "3")], [("max_iter", "27"), ("s", "2")], [("max_iter", "27")],
                             [], [("min_iter", "0")]])
        if self.chance(0.3):
            fields.append(("eta", self.pick(["3", "2", "1", "1.5", "abc"])))
        if self.chance(0.1):
            fields.append(("strict", self.pick(["true", "false", "1"])))
        return tuple(fields)

    def command(self):
        words = ["${env}", "${interpreter}", "${program}"]
        for _ in range(self.r.randint(0, 4)):
            macro = self.pick(MACROS) if self.chance(0.6) else self.pick(COMMAND_WORDS)
            words.insert(self.r.randrange(len(words) + 1), macro)
        return words

    def top(self):
        method = self.pick(["grid"] * 4 + ["random"] * 4 + ["bayes"] * 2)
        top = [("method", method)]
        if self.chance(0.02):
            top = [("method", self.pick(["gird", "Random", "~", "[grid]", "3"]))]
        if self.chance(0.95):
            top.append(("program", self.pick(["train.py", "a b.py", "3", "./run.sh"])))
        top.append(("parameters", self.parameters(method == "grid", 1, 5)))
        if self.chance(0.6) or (method == "bayes" and self.chance(0.8)):
            top.append(("metric", self.metric()))
        if self.chance(0.06):
            top.append(("early_terminate", self.early()))
        if self.chance(0.15):
            top.append(("run_cap", self.pick(["10", "1", "50", "0", "-3", "2.5", "abc", "3.0"])))
        if self.chance(0.1):
            top.append(("name", self.pick(["try", "3", "~", "[a]", "a: b" if False else "x y"])))
        if self.chance(0.5):
            top.append(("command", self.command()))
        if self.chance(0.03):
            top.append((self.pick(["entity", "project", "description", "SWEEP_ID", "tags", "data"]), "abc"))
        if self.chance(0.06):
            top.append(self.pick(SERVICE_KEYS))
        if self.chance(0.04):
            metrics = [self.metric() for _ in range(self.r.randint(0, 3))]
            top.append(("metrics", metrics if self.chance(0.9) else "loss"))
        if self.chance(0.02):
            top.append(self.pick(top))
        if self.chance(0.01):
            top.pop(self.r.randrange(len(top)))
        self.r.shuffle(top)
        return tuple(top)

    # -- text

    def flow(self, node):
        if isinstance(node, tuple):
            return "{%s}" % ", ".join("%s: %s" % (k, self.flow(v)) for k, v in node)
        if isinstance(node, list):
            return "[%s]" % ", ".join(self.flow(v) for v in node)
        # Blocks may hold what flow may not.
        return "\"%s\"" % node if any(c in node for c in "[]{},") and node[0] not in "[{\"'" else node

    def block(self, node, indent, step):
        pad, lines = " " * indent, []
        if isinstance(node, tuple):
            for k, v in node:
                lines += self.entry(pad + k + ":", v, indent, step)
        else:
            for v in node:
                lines += self.entry(pad + "-", v, indent, step)
        return lines

    def entry(self, head, v, indent, step):
        comment = "  # why" if self.chance(0.02) else ""
        if isinstance(v, str):
            return [("%s %s" % (head, v)).rstrip() + comment]
        if not v or self.chance(0.5):
            return ["%s %s%s" % (head, self.flow(v), comment)]
        inner = indent if isinstance(v, list) and head.endswith(":") and self.chance(0.3) else indent + step
        return [head + comment] + self.block(v, inner, step)

    def text(self):
        lines = self.block(self.top(), 0, self.pick([2, 2, 4, 1]))
        if self.chance(0.03):
            lines.insert(0, "---")
        if self.chance(0.02):
            lines.insert(self.r.randrange(len(lines)), "")
        text = "\n".join(lines) + ("" if self.chance(0.1) else "\n")
        return self.slip(text) if self.chance(0.08) else text

    def slip(self, text):
        """A key hit by mistake."""
        at = self.r.randrange(len(text))
        if self.chance(0.4):
            return text[:at] + text[at + 1:]
        return text[:at] + self.pick(SYNTAX) + text[at + (1 if self.chance(0.3) else 0):]


def spec(seed):
    return Spec(seed).text()


def lawful(seed):
    """A spec of method random with nothing wrong in it, every kind in its turn."""
    s = Spec(seed)
    fields, n = [], 0
    for kind in CONTINUOUS + QUANTISED:
        one = [("distribution", kind)]
        if "uniform" in kind:
            low = s.r.uniform(0.001, 2)
            high = low * s.r.choice([1.5, 10, 200])
            one += [("min", repr(low)), ("max", repr(high))]
        else:
            for name in ("a", "b") if "beta" in kind else ("mu", "sigma"):
                one.append((name, repr(round(s.r.uniform(0.2, 2), 2))))
        if kind.startswith("q_"):
            one.append(("q", s.pick(["0.05", "0.5", "1", "0.1"])))
        fields.append(("p%02d" % n, tuple(one)))
        n += 1
    low = s.r.randint(-5, 5)
    fields.append(("i0", (("min", str(low)), ("max", str(low + s.r.randint(1, 12))))))
    fields.append(("c0", (("values", ["a", "2", "2.5", "null", "[1]", "true"][:s.r.randint(1, 6)]),)))
    fields.append(("w0", (("values", ["a", "b", "3"]), ("probabilities", ["0.2", "0.7", "0.1"]))))
    fields.append(("g0", (("parameters", (("u", (("min", "0.5"), ("max", "2"))),)),)))
    top = (("method", "random"), ("program", "x"), ("unique", "false"), ("parameters", tuple(fields)))
    return "\n".join(s.block(top, 0, 2)) + "\n"


ALPHABET = "0123456789" * 3 + "...eE+-__:xob" + "abcdefnNtTfFyYoOsuUlL~,#'\"=<&*!|>%@ \u00e9"


def scalar(seed):
    """Text for a plain scalar: near numbers, words and dates, where readers come apart."""
    r = random.Random(seed)
    if r.random() < 0.3:
        return r.choice(WORDS + ODD_NUMBERS + INTS + FLOATS)
    if r.random() < 0.5:
        text = list(r.choice(INTS + FLOATS + ["2001-01-01", "1e5", "0b1", "yes", ".inf", "190:20:30.15"]))
        for _ in range(r.randint(1, 3)):
            at = r.randrange(len(text) + 1)
            how = r.random()
            if how < 0.4:
                text.insert(at, r.choice(ALPHABET))
            elif how < 0.7 and text:
                text.pop(min(at, len(text) - 1))
            elif text:
                text[min(at, len(text) - 1)] = r.choice(ALPHABET)
        return "".join(text)
    return "".join(r.choice(ALPHABET) for _ in range(r.randint(1, 8)))
