#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random expressions have the values that Python gives them. Where the language means something else on purpose,
this says so: True is not equal to 1, and what is not finite or beyond 64 bits has no value.

usage: expr_python_test.py EXPR_ANSWERS [SEED [COUNT]]
"""
import ast
import json
import math
import random
import subprocess
import sys

VALUES = [
    {"i": 3, "j": -7, "k": 0, "x": 0.1, "y": -2.5, "z": 1e300, "b": True, "f": False, "s": "adam", "t": "",
     "l": [1, 2.0, "adam"], "n": None},
    {"i": 0, "j": 9223372036854775807, "k": 2, "x": 1e-5, "y": 0.5, "z": -0.0, "b": False, "f": True, "s": "sgd",
     "t": "ad", "l": [[1, 2], True], "n": None},
    {"i": 100, "j": -9223372036854775807, "k": -1, "x": 2.0, "y": 7.5, "z": 9007199254740993.0, "b": True, "f": True,
     "s": "b'q\"\\", "t": "\u00e9", "l": [], "n": None},
]
OPERATORS = ["+", "-", "*", "/", "//", "%", "**"]
COMPARISONS = ["<", "<=", ">", ">=", "==", "!="]
FUNCTIONS = {"abs": 1, "ceil": 1, "exp": 1, "float": 1, "floor": 1, "int": 1, "log": 1, "log10": 1, "log2": 1,
             "pow": 2, "round": 1, "sqrt": 1}


class Undefined(Exception):
    pass


def same(a, b):
    if isinstance(a, bool) != isinstance(b, bool):
        return False
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def number(x):
    if not isinstance(x, (int, float)):
        raise Undefined
    return x


def checked(x):
    if isinstance(x, complex) or (isinstance(x, float) and not math.isfinite(x)):
        raise Undefined
    if isinstance(x, int) and not -2**63 <= x < 2**63:
        raise Undefined
    return x


def power(a, b):
    number(a), number(b)
    if isinstance(a, int) and isinstance(b, int) and b > 64 and abs(a) > 1:
        raise Undefined
    return a ** b


def member(a, b):
    if isinstance(b, list):
        return any(same(a, x) for x in b)
    if isinstance(b, str) and isinstance(a, str):
        return a in b
    raise Undefined


def ordered(a, b):
    if not (isinstance(a, str) and isinstance(b, str)):
        number(a), number(b)
    return True


TWO = {
    ast.Add: lambda a, b: number(a) + number(b), ast.Sub: lambda a, b: number(a) - number(b),
    ast.Mult: lambda a, b: number(a) * number(b), ast.Div: lambda a, b: float(number(a)) / float(number(b)),
    ast.FloorDiv: lambda a, b: number(a) // number(b), ast.Mod: lambda a, b: number(a) % number(b), ast.Pow: power,
}
COMPARE = {
    ast.Lt: lambda a, b: ordered(a, b) and a < b, ast.LtE: lambda a, b: ordered(a, b) and a <= b,
    ast.Gt: lambda a, b: ordered(a, b) and a > b, ast.GtE: lambda a, b: ordered(a, b) and a >= b,
    ast.Eq: same, ast.NotEq: lambda a, b: not same(a, b), ast.In: member,
    ast.NotIn: lambda a, b: not member(a, b),
}


def extreme(choose):
    def call(*args):
        for a in args[1:]:
            ordered(args[0], a)
        return choose(args)
    return call


CALLS = {
    "abs": abs, "ceil": math.ceil, "exp": math.exp, "float": float, "floor": math.floor, "int": int, "log": math.log,
    "log10": math.log10, "log2": math.log2, "pow": power, "round": round, "sqrt": math.sqrt,
    "max": extreme(max), "min": extreme(min),
}


def value(e, names):
    """Python's value of a tree of Python's own parser; only what is ours is computed here by hand."""
    if isinstance(e, ast.Constant):
        return e.value
    if isinstance(e, ast.Name):
        return names[e.id]
    if isinstance(e, ast.List):
        return [value(x, names) for x in e.elts]
    if isinstance(e, ast.IfExp):
        return value(e.body if value(e.test, names) else e.orelse, names)
    if isinstance(e, ast.BoolOp):
        for part in e.values:
            result = value(part, names)
            if bool(result) == isinstance(e.op, ast.Or):
                break
        return result
    if isinstance(e, ast.UnaryOp):
        operand = value(e.operand, names)
        return not operand if isinstance(e.op, ast.Not) else checked(-number(operand))
    if isinstance(e, ast.BinOp):
        return checked(TWO[type(e.op)](value(e.left, names), value(e.right, names)))
    if isinstance(e, ast.Compare):
        left = value(e.left, names)
        for op, to in zip(e.ops, e.comparators):
            right = value(to, names)
            if not COMPARE[type(op)](left, right):
                return False
            left = right
        return True
    args = [value(a, names) for a in e.args]
    if e.func.id not in ("max", "min"):
        args = [number(a) for a in args]
    if e.func.id == "round" and len(args) == 2 and (type(args[1]) is not int or not 0 <= args[1] <= 15):
        raise Undefined
    return checked(CALLS[e.func.id](*args))


def want(text, names):
    try:
        return repr(value(ast.parse(text.strip(), mode="eval").body, names))
    except (Undefined, ZeroDivisionError, OverflowError, ValueError):
        return "undefined"


def atom(r):
    return r.choice([
        lambda: r.choice("ijkxyzbfstln"), lambda: r.choice("ijkxy"), lambda: str(r.randrange(10)),
        lambda: str(r.randrange(2**62)), lambda: repr(r.choice([0.5, 1e-5, 2.0, 1e22, 123.456])),
        lambda: r.choice(["True", "False", "None", "'adam'", '"a"', "''"]),
    ])()


def items(r, depth):
    return "[" + ", ".join(text(r, depth - 2) for _ in range(r.randrange(4))) + "]"


def text(r, depth):
    if depth <= 0 or r.random() < 0.15:
        return atom(r)
    def sub():
        inner = text(r, depth - 1)
        return "(%s)" % inner if r.random() < 0.4 else inner
    kind = r.randrange(9)
    if kind <= 2:
        return "%s %s %s" % (sub(), r.choice(OPERATORS), sub())
    if kind == 3:
        parts = [sub()]
        for _ in range(r.choice([1, 1, 1, 2])):
            parts += [r.choice(COMPARISONS), sub()]
        return " ".join(parts)
    if kind == 4:
        return "%s %s %s" % (sub(), r.choice(["in", "not in"]), r.choice([items(r, depth), "l", "s", "'adamw'"]))
    if kind == 5:
        return r.choice(["not %s", "-%s", "(-%s)"]) % sub()
    if kind == 6:
        return (" %s " % r.choice(["and", "or"])).join(sub() for _ in range(r.randrange(2, 4)))
    if kind == 7:
        name = r.choice(sorted(FUNCTIONS) + ["max", "min"])
        n = r.randrange(2, 4) if name in ("max", "min") else FUNCTIONS[name]
        n += name in ("log", "round") and r.random() < 0.3
        return "%s(%s)" % (name, ", ".join(text(r, depth - 1) for _ in range(n)))
    return "%s if %s else %s" % (sub(), sub(), sub())


def constant_lists(tree):
    """Lists of more than constants stand behind `in` alone, at the end of what is compared."""
    for e in ast.walk(tree):
        if not isinstance(e, ast.List):
            continue
        for x in e.elts:
            inner = x.operand if isinstance(x, ast.UnaryOp) and isinstance(x.op, ast.USub) else x
            if not (isinstance(inner, ast.Constant) and (inner is x or isinstance(inner.value, (int, float)))):
                return False
    return True


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 4000
    r = random.Random(seed)
    cases, tried = [], 0
    while len(cases) < count:
        written = text(r, r.randrange(1, 5))
        tried += 1
        try:
            tree = ast.parse(written, mode="eval")
        except SyntaxError:
            continue
        if constant_lists(tree):
            cases.append((written, r.choice(VALUES)))
    lines = "".join(json.dumps({"values": v, "text": t}) + "\n" for t, v in cases)
    out = subprocess.run([sys.argv[1]], input=lines, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    assert len(out) == count, len(out)
    wrong, undefined = 0, 0
    for (written, names), got in zip(cases, out):
        expected = want(written, names)
        undefined += expected == "undefined"
        if got != expected and not (expected == "undefined" and got.startswith("undefined: ") and " BUT " not in got):
            wrong += 1
            if wrong <= 20:
                print("%s\n  with %r\n  is  %s\n  not %s" % (written, names, got, expected))
    print("seed %d: %d expressions, %d without a value, %d wrong" % (seed, count, undefined, wrong))
    assert undefined < count * 0.7, "too few have a value to show anything"
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
