# SPDX-License-Identifier: GPL-3.0-or-later
"""What `cmake --install` installs works where it lies."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="besom-install-")
        cls.prefix = pathlib.Path(cls.scratch.name) / "prefix"
        done = subprocess.run([os.environ["CMAKE"], "--install", os.environ["BESOM_BUILD"],
                               "--prefix", str(cls.prefix)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, universal_newlines=True)
        if done.returncode != 0:
            raise AssertionError(done.stdout)
        cls.besom = str(cls.prefix / "bin" / "besom")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def run_installed(self, *argv, **env):
        return subprocess.run([str(a) for a in argv], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.scratch.name,
                              env=dict(os.environ, **env), universal_newlines=True).stdout

    def test_files(self):
        share = self.prefix / "share"
        for name in ("man/man1/besom.1", "man/man1/besom-trials.1", "man/man1/besom-export.1",
                     "bash-completion/completions/besom", "zsh/site-functions/_besom",
                     "fish/vendor_completions.d/besom.fish", "besom/sweep.schema.json",
                     "besom/python/pyproject.toml"):
            self.assertGreater((share / name).stat().st_size, 0, name)
        self.assertEqual(list(share.glob("besom/python/tests")), [])
        json.loads((share / "besom" / "sweep.schema.json").read_text())

    def test_a_sweep_runs(self):
        spec = pathlib.Path(self.scratch.name) / "sweep.yaml"
        spec.write_text("command: [besom, report, loss=1]\nmethod: grid\n"
                        "metric: {name: loss}\nparameters: {x: {values: [1, 2]}}\n")
        path = "%s:%s" % (self.prefix / "bin", os.environ["PATH"])
        store = str(pathlib.Path(self.scratch.name) / "store")
        self.run_installed(self.besom, "run", spec, "--store", store, PATH=path)
        loaded = self.run_installed(
            sys.executable, "-c",
            "import besom; print([t['objective'] for t in besom.load(store=%r)])" % store,
            PATH=path, PYTHONPATH=str(self.prefix / "share" / "besom" / "python"))
        self.assertEqual(loaded, "[1.0, 1.0]\n")

    def test_bash_completes(self):
        script = self.prefix / "share" / "bash-completion" / "completions" / "besom"
        out = self.run_installed("bash", "-c", ". %s; COMP_WORDS=(besom tri); COMP_CWORD=1; _besom; "
                                 "echo ${COMPREPLY[@]}" % script)
        self.assertEqual(out, "trials\n")


if __name__ == "__main__":
    if "BESOM_BUILD" not in os.environ:
        print("SKIPPED: BESOM_BUILD names no build", file=sys.stderr)
        sys.exit(77)
    unittest.main()
