#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""lint's advice is followed, line by line: what it says to write is put where it says, and that must
leave the file with fewer errors, or without the warning; one file of each kind of finding is run. So must what
--fix writes. The files are those
of the rules, of tests/data/spec and tests/corpus/own, and other people's in $BESOM_SHARED or ../shared.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402
import rules  # noqa: E402

try:
    import yaml
except ImportError:
    yaml = None

SHARED = pathlib.Path(os.environ.get("BESOM_SHARED", driver.ROOT.parent / "shared")) / "corpus"
BATCH = 200
TOP = ("method", "run_cap", "workdir", "program", "command", "metric", "parameters", "early_terminate")
# These show one line of several, or what the first would be.
LEFT_TO_PEOPLE = ("Hydra names its folder", "belong under", "slipped into", "this is not a sweep", "a comma ends the text",
                  "where it wants `custom`", "name one of its parameters")
# What follows it is for people: another way, or where else to look.
END = re.compile(r", (?:or|if|which|each on|and) | / | in `command`")


def loader():
    class Loader(yaml.SafeLoader):
        pass
    number = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+.0123456789"))
    Loader.yaml_implicit_resolvers = {
        first: [r for r in found if r[0] != "tag:yaml.org,2002:timestamp"]
        for first, found in Loader.yaml_implicit_resolvers.items()}
    return Loader


def read(text):
    return yaml.load(text, loader())


def dump(tree):
    return yaml.safe_dump(tree, sort_keys=False, width=10000)


def walk(tree, path):
    """(parent, key) of each part of a path such as parameters.a.b.values[0], keys of which may hold dots."""
    parts, at = [], tree
    while path:
        item = re.match(r"\[(\d+)\]\.?", path)
        if item:
            key, rest = int(item.group(1)), path[item.end():]
            if not isinstance(at, list) or key >= len(at):
                return None
        else:
            if not isinstance(at, dict):
                return None
            fits = [k for k in at if isinstance(k, str) and re.match(re.escape(k) + r"(\.|\[|$)", path)]
            if not fits:
                return None
            key = max(fits, key=len)
            rest = path[len(key):].lstrip(".")
        parts.append((at, key))
        at, path = at[key], rest
    return parts


def follow(tree, d):
    """The tree as a person would write it; None where that takes a person."""
    path, fix, message = d["path"], END.split(d["fix"])[0].strip(), d["message"]
    places = walk(tree, path)
    if "…" in fix or not places or any(words in message for words in LEFT_TO_PEOPLE):
        return None
    if re.match(r"command\[\d+\]$", path):
        return command(tree, path, d["fix"])
    try:
        new = read(fix[2:] if fix.startswith("- ") else fix)
    except yaml.YAMLError:
        return None
    up, key = places[-1]
    above = places[-2] if len(places) > 1 else (None, None)
    old, pair = up[key], isinstance(new, dict) and len(new) == 1 and re.match(r"[A-Za-z_]", fix)
    name = next(iter(new)) if pair else None
    if pair and name == above[1]:
        above[0][name] = new[name]
    elif pair and any(words in message for words in ("is not a ", "outside of", "a space after")):
        del up[key]
        if isinstance(new[name], dict) and isinstance(up.get(name), dict):
            up[name].update(new[name])
        else:
            up[name] = old if new[name] is None else new[name]
    elif message.startswith("there is no parameter") and isinstance(key, str) and "," not in fix:
        up[fix] = up.pop(key)
    elif pair and message.endswith("add `%s`" % name):
        up.update(new)
    elif pair and (name in TOP or (up is tree and name == key)):
        tree.update(new)
    elif pair and name == key:
        up[key] = new[name]
    elif pair and isinstance(old, dict) and name not in ("values", "value"):
        old.update(new)
    elif pair and isinstance(up, dict) and not isinstance(old, dict) and path != "parameters":
        if name in ("values", "value"):
            for field in "min", "max", "q", "distribution", key:
                up.pop(field, None)
        up.update(new)
    elif fix.startswith("- ") and isinstance(old, list):
        old.append(new)
    else:
        up[key] = new
    return tree


def command(tree, path, fix):
    """A command in which the items to write are in the place of one."""
    i = int(path[len("command["):-1])
    if not isinstance(tree.get("command"), list) or i >= len(tree["command"]):
        return None
    try:
        new = read("[%s]" % re.sub(r"(^|, )- ", r"\1", re.split(r", each on", fix)[0]))
    except yaml.YAMLError:
        return None
    tree["command"][i:i + 1] = new
    return tree


# Stands in for every program, and reports the metric of the spec.
STAND_IN = """#!/bin/sh
printf '{"%s": 1}\\n' "$STAND_IN_METRIC" >> "$BESOM_METRICS"
"""
NOT_YET = "is not supported yet"


def kind(message):
    """The message without names and numbers: findings of one kind have one."""
    return re.sub(r"`[^`]*`|'[^']*'|[-+]?[0-9][0-9.e+-]*", "_", message)


def program_of(tree):
    """The word that is looked up in PATH."""
    words = tree.get("command") or ["${interpreter}"]
    words = [str(w) for w in words if w not in ("${env}", "/usr/bin/env") and "=" not in str(w)]
    return "python" if words[0] == "${interpreter}" else words[0]


class Advice(driver.Case):
    def specs(self):
        for rule in rules.RULES:
            name, bad, good = rule[:3]
            yield name, rules.WHOLE.get(name, (rules.spec(bad), ""))[0].encode()
        folders = [driver.ROOT / "tests/data/spec", driver.ROOT / "tests/corpus/own", SHARED]
        for folder in folders:
            for path in sorted(folder.glob("*.yaml")):
                yield "%s-%s" % (folder.name, path.stem), path.read_bytes()

    def lint(self, names):
        said = {}
        for at in range(0, len(names), BATCH):
            out = subprocess.run([self.binary, "lint", "--json", "--", *names[at:at + BATCH]], cwd=self.folder,
                                 env=self.env, stdout=subprocess.PIPE, check=False).stdout.decode()
            said.update((d["file"], d["diagnostics"]) for d in map(json.loads, out.splitlines()))
        self.assertEqual(len(said), len(names))
        return said

    def errors(self, said):
        return sum(d["severity"] == "error" for d in said)

    def stand_in(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STAND_IN)
        path.chmod(0o755)

    def run_one(self, name):
        """The exit status and the words of the first trial, with a program that stands in for the file's own. Of keys
        that besom does not support yet, what it says is done."""
        tree = read((self.folder / name).read_text())
        folder = self.folder / ("of-" + name)
        self.stand_in(folder / "bin" / "python")
        env = dict(self.env, PATH=str(folder / "bin"))
        for _ in range(8):
            metric, several = tree.get("metric"), tree.get("metrics")
            if metric is None and isinstance(several, list):
                metric = next((m for m in several if isinstance(m, dict) and "name" in m), None)
            metric = metric.get("name", "loss") if isinstance(metric, dict) else "loss"
            (folder / "sweep.yaml").write_text(dump(tree))
            if "/" not in program_of(tree):
                self.stand_in(folder / "bin" / program_of(tree))
            done = subprocess.run([self.binary, "run", "--count", "1", "--slots", "1", "sweep.yaml"], cwd=folder,
                                  env=dict(env, STAND_IN_METRIC=str(metric)),
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100, check=False)
            said = done.stdout.decode()
            missing = re.search(r"there is no (?!\.\./|/)(\S+) here|why=\"(?!/)(\S+) is not in ", said)
            instead = re.search("(?:" + NOT_YET + r"|nothing to run|: add one)(?:.*\n)*?     write: (\w+: .*)", said)
            unset = re.search(r"and (\w+) is not set: set it before besom starts", said)
            if done.returncode == 0 or not (missing or instead or unset):
                break
            if unset:
                env[unset.group(1)] = "set"
            elif missing:
                self.stand_in(folder / (missing.group(1) or missing.group(2)))
            else:
                tree.update(read(instead.group(1)))
                for key in "metrics", "scheduler", "budget", "strategy":  # they say: leave it out
                    tree.pop(key, None)
        return done.returncode, said

    def run_each_kind(self, names):
        """names: of files, by the finding that is gone from them. What was said of those that did not run."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            ran = dict(zip(names, pool.map(self.run_one, names.values()), strict=True))
        refused = [kind for kind, (code, said) in ran.items() if code == 2 and NOT_YET in said]
        bad = ["%s: %s: run: %s" % (names[kind], kind, said) for kind, (code, said) in ran.items()
               if code != 0 and kind not in refused]
        print("%d kinds of findings: %d files ran, %d are not supported yet" % (
            len(ran), len(ran) - len(refused) - len(bad), len(refused)))
        return bad

    def test_every_line_to_write(self):
        (self.folder / "train.py").write_text("")
        texts = {name + ".yaml": text for name, text in self.specs() if len(text) < 100000}
        trees = {}
        for name, text in texts.items():
            try:
                trees[name] = read(text)
            except (yaml.YAMLError, ValueError, UnicodeDecodeError):
                continue
        trees = {name: tree for name, tree in trees.items() if isinstance(tree, dict)}
        for name, tree in trees.items():
            (self.folder / name).write_text(dump(tree))
        before = self.lint(sorted(trees))
        tried, people, n = {}, 0, 0
        for name, said in before.items():
            for d in said:
                if not d["fix"]:
                    continue
                n += 1
                tree = read((self.folder / name).read_text())
                tree = follow(tree, d)
                if tree is None:
                    people += 1
                    continue
                new = "%d-%s" % (len(tried), name)
                (self.folder / new).write_text(dump(tree))
                tried[new] = (name, d)
        after = self.lint(sorted(tried))
        bad = []
        for new, (name, d) in tried.items():
            errors = self.errors(before[name]), self.errors(after[new])
            same = [e for e in after[new] if (e["path"], e["message"]) == (d["path"], d["message"])]
            if errors[1] > errors[0] or same:
                bad.append("%s: %s: %s\n  write %s\n  %d errors before, %d after: %s" % (
                    name, d["path"], d["message"], d["fix"], *errors,
                    [e["message"] for e in after[new] if e["severity"] == "error"][:2] or "the same"))
        mended = [new for new, (name, _) in tried.items() if self.errors(before[name]) and not self.errors(after[new])]
        for new in mended:
            plan = subprocess.run([self.binary, "plan", "--json", new], cwd=self.folder, env=self.env,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            if not plan.stdout:  # its program is not here, which is all that it may refuse
                bad.append("%s: %s" % (new, plan.stderr.decode()))
        sound = {}
        for new, (_, d) in tried.items():
            if not self.errors(after[new]):
                sound.setdefault(kind(d["message"]), new)
        bad += self.run_each_kind(sound)
        print("%d lines to write: %d followed, %d left to people; %d files planned" % (n, len(tried), people, len(mended)))
        self.assertEqual(bad, [], "%d of %d\n%s" % (len(bad), len(tried), "\n".join(bad)))
        self.assertLess(people, n / 5)

    def test_what_fix_writes(self):
        names = []
        for name, text in self.specs():
            names.append(name + ".yaml")
            (self.folder / names[-1]).write_bytes(text)
        before = self.lint(names)
        subprocess.run([self.binary, "lint", "--fix", "--", *names], cwd=self.folder, env=self.env,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        after = self.lint(names)
        for name in names:
            self.assertLessEqual(self.errors(after[name]), self.errors(before[name]), name)


if __name__ == "__main__":
    if not yaml:
        print("SKIPPED: there is no PyYAML", file=sys.stderr)
        sys.exit(77)
    driver.main()
