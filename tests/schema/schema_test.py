#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON schema is the one that besom prints, and takes exactly the specs in which besom finds no error that a
schema can know of: our own, each with single faults put in, and other people's where they are to be had."""
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

try:
    import jsonschema
except ImportError:
    system = "/usr/bin/python3"
    known = subprocess.run([system, "-c", "import jsonschema"], capture_output=True).returncode == 0 \
        if os.path.exists(system) and not os.environ.get("SCHEMA_TEST_AGAIN") else False
    if not known:
        print("no jsonschema for Python: apt-get install python3-jsonschema", file=sys.stderr)
        sys.exit(77)
    os.environ["SCHEMA_TEST_AGAIN"] = "1"
    os.execv(system, [system, "-B", __file__])

SCHEMA = ROOT / "configs" / "sweep.schema.json"
# Errors that no schema can know of, each with its reason.
BEYOND = [
    # Two values held against each other.
    r"is not less than max", r"probabilities must sum", r"each value needs a probability",
    r"these numbers give no band",
    # 2.0 is an integer to a schema; text that is a number has no size.
    r"int_uniform needs integers, not a float", r"must be an integer.*, not -?[0-9]+\.0$",
    r"needs min above 0: .* of '", r"`q` of int_uniform must be an integer",
    r"`program` is empty", r"not a regular expression", r"no pattern of `report` finds", r"the pattern has no named group",
    # What floats and 64 bits do.
    r"too large for one", r"too wide for a float", r"more than 2\^63", r"must be a finite number",
    # Names and values of other parameters; what an expression says.
    r"(^forbid|\.(when|expr)\b)(?!.*must be .*(an empty \w+|a list|an integer|a float|true or false)$)",
    r"is a group: name one", r"depends on itself", r"nothing to search", r"more than \d+ parameters",
    # A value that is a key too, and what a macro does with a group.
    r"`flag` has no text for", r"cannot have a text", r"passes the whole group",
    # Values of `initial` held against the parameters.
    r"^initial\[\d+\]",
    # YAML's own.
    r"reads this as a date",
    # A calendar, and a span of nothing.
    r"`until` must be .*'\d{4}-\d\d-\d\d", r"must be a span of time.* 0",
]


def run(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True).stdout


def read(paths):
    """[(path, content or None, errors)] as besom reads them."""
    lines = run(os.environ["SPEC_JSON"], *map(str, paths)).splitlines()
    read = [json.loads(line) for line in lines]
    return [(path, r["content"], r["errors"]) for path, r in zip(paths, read, strict=True)]


def knowable(errors):
    return [e for e in errors if not any(re.search(b, e) for b in BEYOND)]


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads(SCHEMA.read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        cls.validator = jsonschema.Draft7Validator(schema)

    def compare(self, specs):
        """The number of specs that both call valid, and that both do not."""
        valid = invalid = 0
        differences = []
        for name, content, errors in specs:
            if content is None:
                continue
            wrong = sorted(self.validator.iter_errors(content), key=str)
            valid += not errors and not wrong
            invalid += bool(errors) and bool(wrong)
            if bool(wrong) != bool(knowable(errors)) and not (wrong and errors):
                differences.append(f"{name}: the schema: {[e.message[:200] for e in wrong[:2]]}; besom: {errors[:3]}")
        self.assertEqual(differences, [], "\n".join(differences))
        return valid, invalid

    def test_it_is_what_besom_prints(self):
        self.assertEqual(run(os.environ["BESOM_BINARY"], "lint", "--schema"), SCHEMA.read_text(),
                         "write it anew: besom lint --schema > configs/sweep.schema.json")

    def test_our_own_specs(self):
        configs = sorted((ROOT / "configs").glob("*.yaml"))
        for path, content, errors in read(configs):
            self.assertEqual(errors, [], path)
            self.assertEqual([e.message for e in self.validator.iter_errors(content)], [], path)
        data = sorted((ROOT / "tests" / "data" / "spec").glob("*.yaml"))
        valid, invalid = self.compare(read(data))
        print(f"{len(configs)} configs valid; of {len(data)} specs for tests {valid} valid, {invalid} not",
              file=sys.stderr)
        self.assertGreater(valid, 20)
        self.assertGreater(invalid, 10)

    def test_other_peoples_specs(self):
        folder = pathlib.Path(os.environ.get("BESOM_SHARED", ROOT.parent / "shared")) / "corpus"
        files = sorted(folder.glob("*.yaml"))
        if not files:
            print("skipped: no corpus of other people's specs; set BESOM_SHARED to the folder that has corpus/",
                  file=sys.stderr)
            self.skipTest("no corpus")
        valid, invalid = self.compare(read(files))
        print(f"of {len(files)} files of others {valid} valid, {invalid} not", file=sys.stderr)
        self.assertGreater(valid, 50)

    def test_single_faults(self):
        """Each value of each config replaced by one of another kind: schema and besom must agree."""
        import tempfile
        # Of eleven values one is tried at each place, unless SCHEMA_TEST_ALL is set: another at the next.
        others = [None, True, -1, 0, 1.5, "", "word", [], ["a"], {}, {"a": 1}]
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for path, content, _ in read(sorted((ROOT / "configs").glob("*.yaml"))):
                for place in places(content):
                    n = len(paths)
                    tried = others if os.environ.get("SCHEMA_TEST_ALL") else \
                        [others[(n + i) % len(others)] for i in range(1)]
                    for other in tried:
                        changed = copy.deepcopy(content)
                        put(changed, place, other)
                        paths.append(pathlib.Path(folder) / f"{len(paths)}.yaml")
                        paths[-1].write_text(json.dumps(changed))
            specs = []
            for i in range(0, len(paths), 500):
                specs += read(paths[i:i + 500])
            named = [(json.dumps(content), content, errors) for _, content, errors in specs]
            valid, invalid = self.compare(named)
        self.assertGreater(valid, 100)
        self.assertGreater(invalid, 300)
        print(f"of {len(named)} specs with one thing changed {valid} valid, {invalid} not", file=sys.stderr)


def places(v, path=()):
    """The way to every value but those within values, which are the script's own business."""
    items = v.items() if isinstance(v, dict) else enumerate(v) if isinstance(v, list) else ()
    for key, inner in items:
        yield path + (key,)
        if key not in ("values", "value", "command", "when", "forbid", "expr"):
            yield from places(inner, path + (key,))


def put(v, place, other):
    for key in place[:-1]:
        v = v[key]
    v[place[-1]] = other


if __name__ == "__main__":
    unittest.main(verbosity=0)
