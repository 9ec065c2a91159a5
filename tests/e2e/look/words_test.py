# SPDX-License-Identifier: GPL-3.0-or-later
"""What besom says of itself, and what it answers to a slip; besom report."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = str(pathlib.Path(os.environ.get("BESOM_BINARY", "besom")).resolve())


class Words(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="besom-words-")
        self.addCleanup(scratch.cleanup)
        self.here = scratch.name
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("BESOM_")}

    def besom(self, *args, code=0, **env):
        done = subprocess.run([BINARY, *args], cwd=self.here, env=dict(self.env, **env),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              universal_newlines=True)
        self.assertEqual(done.returncode, code, (args, done.stdout, done.stderr))
        return done.stdout if code == 0 else done.stderr

    def commands(self):
        listed = self.besom("--help").split("\n\n")[2]
        return [line.split()[0] for line in listed.splitlines()]

    def test_every_command_has_help_with_an_example(self):
        commands = self.commands()
        for must in ("run ls show trials best metrics logs cancel pause resume stop report "
                     "completion version help").split():
            self.assertIn(must, commands)
        for name in commands:
            text = self.besom(name, "--help")
            self.assertTrue(text.startswith("usage: besom " + name), text)
            self.assertIn("\nexample:\n  ", text)
            self.assertIn("besom " + name, text.split("\nexample:\n")[1])
            self.assertEqual(text, self.besom("help", name))
            self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_the_documentation_names_every_command(self):
        text = (pathlib.Path(__file__).parents[3] / "docs" / "cli.md").read_text()
        self.assertEqual(set(re.findall(r"`besom ([a-z][a-z-]*)[^`]*`", text.split("## Names")[0])),
                         set(self.commands()))

    def test_alone_it_shows_what_there_is(self):
        self.assertIn("usage: besom COMMAND", self.besom(code=2))
        self.assertEqual(self.besom("help"), self.besom("-h"))

    def test_a_misspelling_is_answered(self):
        self.assertIn("did you mean 'trials'?", self.besom("trails", code=2))
        self.assertIn("did you mean 'best'?", self.besom("help", "bst", code=2))
        self.assertIn("did you mean --state?", self.besom("trials", "--stat=failed", code=2))
        self.assertIn("expected one of pending", self.besom("trials", "--state=fine", code=2))
        self.assertIn("besom run SPEC", self.besom("run", code=2))
        self.assertIn("no shell 'tcsh'", self.besom("completion", "tcsh", code=2))

    def test_version(self):
        version = self.besom("version").split()[1]
        self.assertEqual(json.loads(self.besom("version", "--json")), {"version": version})
        self.assertEqual(self.besom("--version"), self.besom("version"))

    def test_man_pages_are_roff(self):
        pages = ""
        for name in [None, *self.commands()]:
            page = self.besom("help", "--man", *([name] if name else []))
            pages += page
            self.assertTrue(page.startswith('.TH "BESOM'), page[:80])
            for section in ("NAME", "SYNOPSIS", "DESCRIPTION"):
                self.assertIn("\n.SH %s\n" % section, page)
        if shutil.which("groff"):  # it takes as long for one page as for all
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=pages.encode(),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.assertEqual(done.stderr, b"")

    def complete(self, *words):
        script = self.besom("completion", "bash") + """
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _besom; printf '%s\\n' "${COMPREPLY[@]}"
"""
        done = subprocess.run(["bash", "-c", script, "-", *words], cwd=self.here, check=True,
                              stdout=subprocess.PIPE, universal_newlines=True)
        return done.stdout.split()

    def test_bash_completes(self):
        self.assertEqual(self.complete("besom", "tri"), ["trials"])
        self.assertIn("--version", self.complete("besom", "--v"))
        self.assertEqual(sorted(self.complete("besom", "trials", "--s")),
                         ["--server", "--sort", "--state", "--store"])
        self.assertEqual(self.complete("besom", "trials", "--state", "fi"), ["finished"])
        self.assertEqual(self.complete("besom", "completion", "f"), ["fish"])
        pathlib.Path(self.here, "sweep.yaml").touch()
        self.assertEqual(self.complete("besom", "run", "sw"), ["sweep.yaml"])

    def test_completions_of_the_other_shells_are_their_language(self):
        for shell, check in (("zsh", "-n"), ("fish", "--no-execute")):
            path = pathlib.Path(self.here, shell)
            path.write_text(self.besom("completion", shell))
            self.assertIn("trials", path.read_text())
            if shutil.which(shell):
                subprocess.run([shell, check, str(path)], check=True)

    def report(self, *args, code=0):
        path = pathlib.Path(self.here, "metrics")
        said = self.besom("report", *args, code=code, BESOM_METRICS=str(path))
        if code:
            return said
        return json.loads(path.read_text().splitlines()[-1])

    def test_report_appends_a_point(self):
        point = self.report("loss=0.31", "a.b=-1e-5", "n=nan", "up=+inf", "down=-Infinity",
                            "ok=true", "--step", "3")
        self.assertGreater(point.pop("_time"), 1e9)
        self.assertEqual(point, {"step": 3, "loss": 0.31, "a.b": -1e-05, "n": "NaN",
                                 "up": "Infinity", "down": "-Infinity", "ok": True})
        self.assertNotIn("step", self.report("loss=1"))
        self.assertEqual(self.report('odd "key"=7')['odd "key"'], 7)
        with open(os.path.join(self.here, "metrics")) as f:
            self.assertEqual(len(f.readlines()), 3)

    def test_report_says_what_is_wrong(self):
        self.assertIn("not in a trial", self.besom("report", "loss=1", code=2))
        for bad in ("loss", "=1", "loss=", "loss=low", "loss=0x10", "loss=1e", "step=3"):
            self.assertIn("report: ", self.report(bad, code=2), bad)
        self.assertIn("--step", self.report("a=1", "--step=-1", code=2))
        self.assertIn("65536 bytes", self.report(*["k%05d=1" % i for i in range(9000)], code=2))
        self.assertFalse(os.path.exists(os.path.join(self.here, "metrics")))
        self.assertIn("/nowhere/", self.besom("report", "a=1", code=1, BESOM_METRICS="/nowhere/m"))

    def test_reports_at_once_do_not_mix(self):
        path = os.path.join(self.here, "m")
        env = dict(self.env, BESOM_METRICS=path)
        running = [subprocess.Popen([BINARY, "report", "v=%d" % i], env=env) for i in range(20)]
        self.assertEqual([p.wait() for p in running], [0] * 20)
        with open(path) as f:
            self.assertEqual(sorted(json.loads(line)["v"] for line in f), list(range(20)))

    def test_output_that_cannot_be_written_is_a_failure(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, "help"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write the output", done.stderr)


if __name__ == "__main__":
    if "BESOM_BINARY" not in os.environ:
        print("SKIPPED: BESOM_BINARY names no besom", file=sys.stderr)
        sys.exit(77)
    unittest.main()
