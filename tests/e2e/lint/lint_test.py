#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom lint: each rule reports a bad spec and not a good one, --fix makes the announced edits and no
others, and the rest of the interface is as documented."""
import json
import os
import pathlib
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver
import rules

CLEAN = "program: train.py\nmethod: grid\nparameters:\n  lr: {values: [1, 2]}\n"
ERROR = CLEAN.replace("grid", "ax")
WARNING = CLEAN.replace("method: grid", "method: grid\nSWEEP_ID: a")


class Case(driver.Case):
    def setUp(self):
        super().setUp()
        (self.folder / "train.py").write_text("")
        (self.folder / "src").mkdir()
        (self.folder / "src/train.py").write_text("")
        tool = self.folder / "tool"
        tool.write_text("#!/bin/sh\n")
        tool.chmod(0o755)

    def write(self, text, name="s.yaml"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_lint(self, *args, stdin=None, env=None):
        """(exit status, stdout, stderr)"""
        p = subprocess.run([self.binary, "lint", *args], cwd=self.folder, env={**self.env, **(env or {})},
                           input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        return p.returncode, p.stdout.decode(), p.stderr.decode()

    def judge(self, text, *args):
        self.write(text)
        code, out, err = self.run_lint("--json", "s.yaml", *args)
        self.assertEqual(err, "")
        lines = out.splitlines()
        self.assertEqual(len(lines), 1, out)
        found = json.loads(lines[0])
        self.assertEqual(code, 2 if found["verdict"] == "error" else 0, out)
        return found


class Rules(Case):
    """All at once: a process for each would take a minute under the sanitizers."""

    def setUp(self):
        super().setUp()
        self.bad, self.good = {}, {}
        for rule in rules.RULES:
            name, bad, good = rule[:3]
            bad, good = rules.WHOLE.get(name) or (rules.spec(bad), rules.spec(good))
            self.bad[name], self.good[name] = bad, good
            self.write(bad, name + ".bad.yaml")
            self.write(good, name + ".good.yaml")
        self.found = self.judge_all("bad")

    def judge_all(self, kind, *args):
        names = ["%s.%s.yaml" % (rule[0], kind) for rule in rules.RULES]
        code, out, err = self.run_lint("--json", *args, *names)
        found = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([f["file"] for f in found], names)
        return {rule[0]: f for rule, f in zip(rules.RULES, found)}

    def said(self, found, rule):
        severity, path, words = rule[3:6]
        return [d for d in found["diagnostics"]
                if d["severity"] == severity and d["path"] == path and words in d["message"]]

    def each(self):
        for rule in rules.RULES:
            with self.subTest(rule[0]):
                yield rule, self.found[rule[0]]

    def test_each_reports_the_bad_spec_and_not_the_good_one(self):
        good = self.judge_all("good")
        for rule, found in self.each():
            said = self.said(found, rule)
            self.assertEqual(len(said), 1, json.dumps(found, indent=1))
            self.assertTrue(said[0]["line"] > 0 and said[0]["column"] > 0)
            self.assertFalse(any(rule[5] in d["message"] for d in good[rule[0]]["diagnostics"]), good[rule[0]])

    def test_one_cause_is_one_message(self):
        for rule, found in self.each():
            said = found["diagnostics"]
            self.assertLessEqual(len(said), 1, said)
            self.assertTrue(all(d["severity"] == rule[3] for d in said), said)

    def test_each_points_at_what_it_names(self):
        for rule, found in self.each():
            d = self.said(found, rule)[0]
            line = self.bad[rule[0]].splitlines()[d["line"] - 1]
            before, at, last = line[:d["column"] - 1], line[d["column"] - 1:], d["path"].split(".")[-1]
            if rule[0] in rules.POINTS_AT:
                self.assertTrue(at.startswith(rules.POINTS_AT[rule[0]]), at)
            else:
                self.assertTrue(at.startswith(last + ":") or before.endswith(last + ": "), (before, at))

    def test_fix_corrects_it_and_nothing_else(self):
        names = [rule[0] + ".bad.yaml" for rule in rules.RULES]
        out = self.run_lint("--fix", *names)[1]
        texts = {rule[0]: (self.folder / (rule[0] + ".bad.yaml")).read_text() for rule in rules.RULES}
        after = self.judge_all("bad")
        errors = lambda found: sum(d["severity"] == "error" for d in found["diagnostics"])
        for rule, before in self.each():
            bad, text = self.bad[rule[0]], texts[rule[0]]
            if not rule[6]:
                self.assertTrue(self.said(after[rule[0]], rule), text)
                self.assertEqual(text, bad)
                continue
            line = self.said(before, rule)[0]["line"]
            self.assertFalse(self.said(after[rule[0]], rule), text)
            self.assertIn("%s.bad.yaml:%d: fixed\n-%s\n" % (rule[0], line, bad.splitlines()[line - 1]), out)
            self.assertEqual(text, self.good[rule[0]])
            self.assertLessEqual(errors(after[rule[0]]), errors(before))
        self.run_lint("--fix", *names)
        for name, text in texts.items():
            self.assertEqual((self.folder / (name + ".bad.yaml")).read_text(), text, "it is not done at once")


    def test_the_line_to_write_is_the_good_one(self):
        for rule, found in self.each():
            fix = found["diagnostics"][0]["fix"] or ""
            if rule[0] in rules.WRITES_THE_GOOD_ONE or fix.startswith("command: ["):
                self.assertTrue(fix, rule[0])
                self.assertIn(" ".join(fix.split()), " ".join(self.good[rule[0]].split()))


USUAL = [
    "http://host/y?a=1&b=2", '{"query": "a > b && c"}', "+x=[1,2]", "++a>b", "a>b", "--filter=lr > 0.1 && n < 3",
    "Sweeping along batchsize & learning rate", "loss > 0.5", ">=1.0", "> 5", "<unk>", "{}", "{lr}", "--set", "a;b",
    "$", "${envvar:HOME}/data", "x|y", "glob/*.txt", "-", "--", "~", "key: value", "#3", "{'args': 1}", "1>2",
]


class Interface(Case):
    def test_usual_arguments_are_not_checked(self):
        items = "".join("  - '%s'\n" % word.replace("'", "''") for word in USUAL)
        found = self.judge(CLEAN + "command:\n  - python3\n  - train.py\n" + items + "  - ${args}\n")
        self.assertEqual(found["diagnostics"], [])
        code = "command: [python3, -c, 'import sys; print(1 > 0 and sys.argv) or {args}', '${args}']\n"
        self.assertEqual(self.judge(CLEAN + code)["diagnostics"], [])

    def test_a_script_that_reports_to_wandb_alone(self):
        self.write(CLEAN)
        for script, noted in (("import os\nimport wandb\n", True), ("if 1:\n  from wandb import init\n", True),
                              ("import wandb.sdk as w\n", True), ("import wandb\nimport besom\n", False),
                              ("import wandb, besom\n", False), ("import os, wandb as w\n", True),
                              ("import os; import wandb\n", True), ("from os import wandb\n", False),
                              ("import wandbish\n", False), ("# import wandb\n", False)):
            (self.folder / "train.py").write_text(script)
            self.assertEqual(self.judge(CLEAN)["diagnostics"], [])
            said = self.judge(CLEAN + "wandb: off\n")["diagnostics"]
            self.assertEqual([d["path"] for d in said], ["program"] if noted else [], script)
            if noted:
                self.assertEqual(said[0]["severity"], "warning")
                self.assertIn("because of `wandb: off` besom does not see it", said[0]["message"])
        (self.folder / "train.py").write_text("import wandb\n")
        self.assertIn('besom.log({"val_loss": val_loss}) beside wandb.log',
                      self.judge(CLEAN + "wandb: off\nmetric: {name: val_loss, goal: minimize}\n")
                      ["diagnostics"][0]["fix"])
        self.assertEqual(self.judge(CLEAN + "wandb: off\nreport: {stdout: json}\n")["diagnostics"], [])

    def test_a_script_that_only_prints(self):
        metric = CLEAN + "metric: {name: loss, goal: minimize}\n"
        self.write(metric)
        for name, script, noted in (("train.py", "print('loss', 1)\n", True), ("train.py", "import besom\n", False),
                                    ("train.py", "run('besom report loss=1')\n", False),
                                    ("train.sh", "echo loss=1\n", True), ("train.sh", "besom report loss=1\n", False)):
            (self.folder / name).write_text(script)
            said = self.judge(metric.replace("train.py", name))["diagnostics"]
            self.assertEqual([(d["severity"], d["path"]) for d in said], [("note", "program")] if noted else [], script)
        (self.folder / "train.py").write_text("print('loss', 1)\n")
        self.assertEqual(self.judge(CLEAN)["diagnostics"], [], "it has no metric")
        self.assertEqual(self.judge(metric + "report: {stdout: json}\n")["diagnostics"], [])

    def test_json_is_as_documented(self):
        found = self.judge(CLEAN)
        self.assertEqual(list(found),
                         ["file", "verdict", "diagnostics", "method", "parameters", "grid_points"])
        self.assertEqual(found, {"file": "s.yaml", "verdict": "ok", "diagnostics": [], "method": "grid",
                                 "parameters": {"lr": "categorical"}, "grid_points": 2})
        found = self.judge(WARNING)
        self.assertEqual(found["verdict"], "warn")
        self.assertEqual(list(found["diagnostics"][0]),
                         ["severity", "path", "line", "column", "message", "fix"])
        found = self.judge(ERROR)
        self.assertEqual((found["verdict"], found["grid_points"], found["method"]), ("error", None, "ax"))
        found = self.judge(CLEAN + "description: yes\n")
        self.assertEqual(found["diagnostics"][0]["fix"], "description: 'yes'")

    def test_nested_names_are_flat(self):
        found = self.judge("program: train.py\nmethod: grid\nparameters:\n  a: {parameters: {b: {values: [1, 1.0]}}}\n")
        self.assertEqual((found["parameters"], found["grid_points"]), ({"a.b": "categorical"}, 1))

    def test_what_cannot_be_read_is_an_object_too(self):
        for name in ("lost.yaml", "src"):
            code, out, err = self.run_lint("--json", name)
            found = json.loads(out)
            self.assertEqual((code, found["file"], found["verdict"]), (2, name, "error"))
            self.assertEqual((found["method"], found["parameters"], found["grid_points"]), (None, {}, None))
        self.assertIn("besom lint src/*.yaml", self.run_lint("src")[1])

    def test_text_begins_with_the_place(self):
        self.write(ERROR)
        code, out, err = self.run_lint("s.yaml")
        self.assertEqual(code, 2)
        self.assertTrue(out.startswith("s.yaml:2:9: error: method: "), out)
        self.assertIn("\n   2 | method: ax\n     |         ^^\n", out)
        self.assertTrue(out.endswith("\ns.yaml: 1 error\n"), out)
        self.assertNotIn("\x1b", out)

    def test_files_are_summed_up(self):
        self.write(CLEAN, "a.yaml")
        self.write(WARNING, "b.yaml")
        self.write(ERROR, "c.yaml")
        code, out, err = self.run_lint("a.yaml")
        self.assertEqual((code, out), (0, "a.yaml: ok, grid of 2 points\n"))
        code, out, err = self.run_lint("a.yaml", "b.yaml", "c.yaml")
        self.assertEqual(code, 2)
        self.assertTrue(out.endswith("\n3 files: 1 error, 1 warning\n"), out)
        code, out, err = self.run_lint("--json", "a.yaml", "b.yaml", "c.yaml")
        self.assertEqual([json.loads(l)["verdict"] for l in out.splitlines()], ["ok", "warn", "error"])
        code, out, err = self.run_lint("a.yaml", "b.yaml")
        self.assertEqual(code, 0)

    def test_strict(self):
        self.assertEqual(self.judge(CLEAN, "--strict")["verdict"], "ok")
        found = self.judge(WARNING, "--strict")
        self.assertEqual((found["verdict"], found["diagnostics"][0]["severity"]), ("error", "error"))

    def test_what_fix_would_not_write_is_not_shown(self):
        """The edit would fix a warning but reveal an error."""
        bad = "program: train.py\nmethod: grid\ncomand: 5\nparameters:\n  a: {values: [1, 2]}\n"
        self.write(bad)
        out = self.run_lint("s.yaml")[1]
        self.assertIn("s.yaml:3:1: warning: comand:", out)
        self.assertNotIn("+", out)
        self.assertNotIn("mends", out)
        self.assertEqual(self.run_lint("--fix", "s.yaml")[1], out)
        # It keeps no other from being made.
        self.write(bad + "metrc: {name: loss}\nruncap: 3\n")
        out = self.run_lint("s.yaml")[1]
        self.assertEqual([line for line in out.splitlines() if " + " in line],
                         ["   6 + metric: {name: loss}", "   7 + run_cap: 3"])
        self.assertIn("besom lint --fix s.yaml fixes 2\n", out)
        self.run_lint("--fix", "s.yaml")
        self.assertEqual((self.folder / "s.yaml").read_text(), bad + "metric: {name: loss}\nrun_cap: 3\n")

    def test_what_names_a_broken_parameter_is_not_judged(self):
        found = self.judge("program: train.py\nmethod: random\nrun_cap: 5\nparameters:\n  a: {max: 3}\n"
                           "  b: {expr: a + 1}\n  c: {min: 0.0, max: 1.0}\nforbid: [b > 3, c > 0.5]\n")
        self.assertEqual([d["path"] for d in found["diagnostics"]], ["parameters.a"])

    def test_conditions_that_are_too_long_together_are_one_error(self):
        condition = "known + 2 * known + 3 * known > %d"
        whole = "program: train.py\nmethod: random\nrun_cap: 5\nparameters:\n  known: {values: [1, 2]}\n"
        for line in ("  p%d: {value: 1, when: CONDITION}\n", "  p%d: {expr: CONDITION}\n",
                     "  p%d: {when: CONDITION, parameters: {q: {value: 1}}}\n", "  - CONDITION\n"):
            forbid = line.startswith("  -")
            text = whole + "forbid:\n" * forbid + "".join(
                (line if forbid else line % i).replace("CONDITION", condition % i) for i in range(3000))
            errors = [d["message"] for d in self.judge(text)["diagnostics"] if d["severity"] == "error"]
            self.assertEqual(len(errors), 1, line)
            self.assertIn("too long in total", errors[0])

    def test_root(self):
        wrapped = "sweep:\n  inner:\n" + "".join("    %s\n" % l for l in CLEAN.splitlines())
        found = self.judge(wrapped, "--root", "sweep.inner")
        self.assertEqual((found["verdict"], found["grid_points"]), ("ok", 2))
        self.write(wrapped.replace("values", "vales"))
        self.assertIn("besom lint --fix s.yaml --root sweep.inner fixes 1\n",
                      self.run_lint("s.yaml", "--root", "sweep.inner")[1])
        found = self.judge(wrapped, "--root", "nothing")
        self.assertEqual(found["verdict"], "error")
        self.assertIn("--root", found["diagnostics"][0]["message"])
        for near, fix in (("swep", "--root sweep"), ("sweep.iner", "--root sweep.inner"), ("nothing", None)):
            found = self.judge(wrapped, "--root", near)
            self.assertEqual([d["fix"] for d in found["diagnostics"]], [fix])

    def test_stdin(self):
        code, out, err = self.run_lint("-", stdin=ERROR.encode())
        self.assertTrue(out.startswith("<stdin>:2:9: error: "), out)
        code, out, err = self.run_lint("--json", "-", stdin=CLEAN.encode())
        self.assertEqual(json.loads(out)["file"], "-")
        bad = CLEAN.replace("values", "vales")
        code, out, err = self.run_lint("--fix", "-", stdin=bad.encode())
        self.assertEqual((code, out), (0, CLEAN))
        self.assertIn("<stdin>:4: fixed", err)

    def test_colour_is_for_terminals(self):
        self.write(ERROR)
        for env, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
            leader, follower = os.openpty()
            p = subprocess.run([self.binary, "lint", "s.yaml"], cwd=self.folder, stdout=follower,
                               env={**{k: v for k, v in self.env.items() if k != "NO_COLOR"}, **env})
            os.close(follower)
            out = os.read(leader, 65536)
            os.close(leader)
            self.assertEqual(b"\x1b[" in out, coloured, out)

    def test_unsupported_keys_are_reported(self):
        self.write("program: train.py\nmethod: custom\nrun_cap: 5\nmetric: {name: x, goal: minimize}\n"
                   "parameters: {a: {min: 0.1, max: 0.2}}\nresources: {labels: [a]}\n")
        self.assertIn("; not supported by besom run yet: method custom, resources.labels\n",
                      self.besom("lint", "s.yaml"))
        self.write(CLEAN)
        self.assertNotIn("yet", self.besom("lint", "s.yaml"))

    def test_run_and_ask_say_the_same(self):
        self.write(ERROR + "SWEEP_ID: a\n")
        p = subprocess.run([self.binary, "ask", "s.yaml"], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(p.returncode, 2)
        self.assertIn(b"\n   2 | method: ax\n     |         ^^\n", p.stderr)


class Fix(Case):
    def test_layout_mode_and_links_stay(self):
        text = (b"\xef\xbb\xbf# caf\xc3\xa9 \r\nprogram: train.py   # the script\r\nmethod: gird\r\n\r\n"
                b"parameters:\r\n    lr:   {vales: [1,2] }   # these")
        self.write(text)
        os.chmod(self.folder / "s.yaml", 0o640)
        os.symlink("s.yaml", self.folder / "link.yaml")
        code, out, err = self.run_lint("--fix", "link.yaml")
        self.assertEqual(code, 0, out)
        want = text.replace(b"gird", b"grid").replace(b"vales", b"values")
        self.assertEqual((self.folder / "s.yaml").read_bytes(), want)
        self.assertTrue((self.folder / "link.yaml").is_symlink())
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "s.yaml").st_mode), 0o640)
        self.assertEqual([p.name for p in self.folder.glob("*yaml*")].count("s.yaml"), 1)
        self.assertFalse(list(self.folder.glob("s.yaml.*")))

    def test_utf16_is_shown_and_fixed_in_utf8(self):
        text = "# café\r\n" + CLEAN.replace("grid", "gird")
        for encoding, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
            self.write(mark + text.encode(encoding))
            code, out, err = self.run_lint("s.yaml")
            self.assertIn("\n   3 | method: gird\n     |         ^^^^\n   3 + method: grid\n", out)
            code, out, err = self.run_lint("-", stdin=mark + text.encode(encoding))
            self.assertIn("\n   3 | method: gird\n", out)
            self.run_lint("--fix", "s.yaml")
            self.assertEqual((self.folder / "s.yaml").read_bytes(), text.replace("gird", "grid").encode())

    def test_a_clean_file_is_not_written(self):
        path = self.write(CLEAN)
        os.utime(path, ns=(1, 1))
        self.run_lint("--fix", "s.yaml")
        self.assertEqual(path.stat().st_mtime_ns, 1)

    def test_a_key_that_is_there_already_is_left(self):
        text = CLEAN.replace("{values: [1, 2]}", "{values: [1, 2], vales: [3]}")
        self.write(text)
        self.run_lint("--fix", "s.yaml")
        self.assertEqual((self.folder / "s.yaml").read_text(), text)

    def test_tags_and_aliases_are_left(self):
        text = ("program: train.py\nmethod: random\nrun_cap: 1\nparameters:\n"
                "  a: {min: !!str '0.1', max: 0.5}\n  b: {min: &x '0.2', max: 0.5}\n  c: {min: *x, max: 0.5}\n")
        self.write(text)
        self.run_lint("--fix", "s.yaml")
        self.assertEqual((self.folder / "s.yaml").read_text(), text)

    def test_fix_leaves_values_that_an_alias_repeats(self):
        text = ("program: train.py\nmethod: random\nrun_cap: 1\nparameters:\n"
                "  a: &a {min: '0.1', max: 0.5}\n  b: *a\n  c: &c {max: 0.5}\n  d: {<<: *c, min: '0.1'}\n"
                "  e: &e {vlaue: 1}\n  f: {<<: *e}\n  g: &g {min: '0.1', max: 0.5}\n")
        self.write(text)
        self.run_lint("--fix", "s.yaml")
        self.assertEqual((self.folder / "s.yaml").read_text(),
                         text.replace("*c, min: '0.1'", "*c, min: 0.1").replace("&g {min: '0.1'", "&g {min: 0.1"))

    def test_json_stays_json(self):
        """Only what a reader of JSON takes too is written; the rest is left, and not shown as if it were."""
        text = ('{"program": "train.py", "method": "gird", "command": "python train.py ${args}",\n'
                ' "parameters": {"x": 32, "y": [1, 2], "z": {"vlaue": 3}, "t": {"value": "a"}}}\n')
        self.write(text, "s.json")
        self.run_lint("--fix", "s.json")
        mended = (self.folder / "s.json").read_text()
        self.assertEqual(json.loads(mended), json.loads(
            text.replace("gird", "grid").replace("32", '{"value": 32}').replace("[1, 2]", '{"values": [1, 2]}')
            .replace("vlaue", "value")))

    def test_fix_leaves_what_was_only_warned_of(self):
        text = "program: train.py\nmethod: grid\nparameters:\n  a: 012\n  b: 1:30\n  c: [1, 012]\n  d: 0x10\n"
        self.write(text)
        self.run_lint("--fix", "s.yaml")
        self.assertEqual((self.folder / "s.yaml").read_text(), text.replace("0x10", "{value: 0x10}"))

    def test_fix_leaves_text_that_is_not_yaml(self):
        text = "program: train.py\nmethod: gird\nname: 2024-01-01\nparameters: {lr: {values: 'a}}\n"
        self.write(text)
        self.run_lint("--fix", "s.yaml")
        self.assertEqual((self.folder / "s.yaml").read_text(), text)

    def test_text_comes_from_the_file(self):
        text = ("program: train.py\nmethod: grid\ndescription: no\nworkdir: 012\n"
                "\"paramters\":\n  lr: {\"vlaues\": [1, 2]}\n")
        want = text.replace("no\n", "'no'\n").replace("012", "'012'").replace("vla", "val").replace("ramt", "ramet")
        self.write(text)
        self.run_lint("--fix", "s.yaml")
        self.assertEqual((self.folder / "s.yaml").read_text(), want)

    def test_a_file_that_may_not_be_written(self):
        if os.geteuid() == 0:
            self.skipTest("root may write anything")
        text = CLEAN.replace("grid", "gird")
        path = self.write(text)
        path.chmod(0o444)
        code, out, err = self.run_lint("--fix", "s.yaml")
        self.assertEqual(code, 5, err)
        self.assertEqual(path.read_text(), text)

    def test_nothing_runs(self):
        (self.folder / "train.py").write_text("open('ran', 'w')")
        self.judge(CLEAN)
        self.assertFalse((self.folder / "ran").exists())


if __name__ == "__main__":
    driver.main()
