#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines of besom's macros, read by the libraries that they are for.

usage: tests/e2e/libraries/libraries_test.py [--install]

Each script prints what its library made of the arguments; that must be the configuration again. With
--install, pip installs requirements.txt into build/libraries; else the test is skipped where that has
not been done.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[0]))
import driver  # noqa: E402

WANTED = HERE / "requirements.txt"
SITE = driver.ROOT / "build" / "libraries" / hashlib.sha256(WANTED.read_bytes()).hexdigest()[:12]

HYDRA = """
import hydra, json, sys
from omegaconf import OmegaConf
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra._internal.config_loader_impl import ConfigLoaderImpl
cfg = OmegaConf.create(json.loads(sys.argv[1]))
OmegaConf.set_struct(cfg, True)
ConfigLoaderImpl._apply_overrides_to_config(OverridesParser.create().parse_overrides(sys.argv[2:]), cfg)
print(json.dumps(OmegaConf.to_container(cfg, resolve=True)))
"""
CLICK = """
import click, json
@click.command()
@click.option("--lr", type=float)
@click.option("--n", type=int)
@click.option("--layer", type=int, multiple=True)
@click.option("--amp/--no-amp")
@click.option("--name")
def main(**got):
    print(json.dumps({**got, "layer": list(got["layer"])}))
main()
"""
TYPER = """
import typer, json
from typing import List
def main(lr: float = 0, n: int = 0, layer: List[int] = [], amp: bool = False, name: str = ""):
    print(json.dumps({"lr": lr, "n": n, "layer": layer, "amp": amp, "name": name}))
typer.run(main)
"""
ABSL = """
import json
from absl import app, flags
flags.DEFINE_float("lr", 0, "")
flags.DEFINE_integer("n", 0, "")
flags.DEFINE_multi_integer("layer", [], "")
flags.DEFINE_bool("amp", False, "")
flags.DEFINE_string("name", "", "")
def main(_):
    f = flags.FLAGS
    print(json.dumps({"lr": f.lr, "n": f.n, "layer": f.layer, "amp": f.amp, "name": f.name}))
app.run(main)
"""
ARGPARSE = """
import argparse, json
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
p.add_argument("--n", type=int)
p.add_argument("--layer", type=int, %s)
p.add_argument("--amp", type=lambda s: s == "True")
p.add_argument("--name")
print(json.dumps(vars(p.parse_args())))
"""
FIRE = """
import fire, json
def main(lr, n, layer, amp, name):
    print(json.dumps({"lr": lr, "n": n, "layer": layer, "amp": amp, "name": name}))
fire.Fire(main)
"""
JSONARGPARSE = """
import json
from typing import List, Optional
from jsonargparse import ArgumentParser
p = ArgumentParser()
p.add_argument("--opt.lr", type=float)
p.add_argument("--n", type=int)
p.add_argument("--layer", type=List[int])
p.add_argument("--amp", type=bool)
p.add_argument("--name", type=str)
got = p.parse_args()
print(json.dumps({"opt": {"lr": got.opt.lr}, "n": got.n, "layer": got.layer, "amp": got.amp, "name": got.name}))
"""
VALUES = {"lr": 1e-05, "n": 100000, "layer": [64, 32], "amp": True, "name": "resnet 18"}
TEXTS = ["adam", "a b", "1e5", "12", "true", "Null", "nan", "", "it's", 'say "hi"', "it's \"so\"", "a,b", "[a]", "{a:1}",
         "k=v", "a:b", "/data/x.csv", "-x", "+x", "C:\\dir\\", "back\\'slash", "${nothing}", "x/y-z_1.0", "é", "(", "#1",
         "a\\b", "@x", "$HOME", " lead", "glob(*)", "~", "10px", "a\tb"]


class Libraries(driver.Case):
    def argv(self, macro, params):
        spec = self.folder / "sweep.yaml"
        spec.write_text("method: random\nprogram: p.py\ncommand: ['${%s}']\nparameters: {x: {value: 1}}\n" % macro)
        done = subprocess.run([self.binary, "plan", "--json", "--params", json.dumps(params), str(spec)], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["argv"]

    def read(self, script, argv):
        (self.folder / "p.py").write_text(script)
        done = subprocess.run([sys.executable, "-W", "ignore", str(self.folder / "p.py"), *argv],
                              env=dict(os.environ, PYTHONPATH=str(SITE)), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual(done.returncode, 0, "%s\n%s" % (argv, done.stderr))
        return json.loads(done.stdout)

    def check(self, macro, script, params):
        self.assertEqual(self.read(script, self.argv(macro, params)), params)

    def nested(self, value):
        return {"opt": {"lr": value, "deep": {"x": value}}}

    def test_hydra_gets_every_value_back(self):
        values = {"t%d" % i: text for i, text in enumerate(TEXTS)}
        values.update(n=None, yes=True, i=-3, f=1e-05, big=1e300, list=[1, "a b", None, [True, 0.5]], empty=[],
                      dicts=[{"a": 1, "b": "c d"}])
        for macro, have in ("args_hydra", dict.fromkeys(values, "")), ("args_hydra_append", {}), (
                "args_hydra_override", {}):
            want = {"opt": values}
            got = self.read(HYDRA, [json.dumps({"opt": have}), *self.argv(macro, want)])
            for name, value in values.items():
                with self.subTest(macro=macro, value=value):
                    self.assertEqual(got["opt"][name], value)

    def test_click_and_typer(self):
        for amp in True, False:
            self.check("args_flags", CLICK, dict(VALUES, amp=amp))
            self.check("args_flags", TYPER, dict(VALUES, amp=amp))

    def test_absl(self):
        self.check("args_repeated", ABSL, VALUES)
        self.check("args_repeated", ABSL, dict(VALUES, amp=False))

    def test_argparse(self):
        self.check("args_nargs", ARGPARSE % "nargs='*'", VALUES)
        self.check("args_nargs", ARGPARSE % "nargs='*'", dict(VALUES, layer=[]))
        self.check("args_nargs", ARGPARSE % "nargs='+'", dict(VALUES, layer=[-1, 2]))
        self.check("args_repeated", ARGPARSE % "action='append'", VALUES)

    def test_fire(self):
        self.check("args", FIRE, VALUES)

    def test_jsonargparse(self):
        params = {"opt": {"lr": 1e-05}, "n": 3, "layer": [64, 32], "amp": False, "name": "resnet"}
        self.check("args_dotted", JSONARGPARSE, params)


def install():
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(SITE), "-r",
           str(WANTED)]
    if subprocess.run(pip, timeout=1200, check=False).returncode == 0:
        (SITE / "done").touch()


def prepare():
    """Puts the libraries in sys.path, or skips the tests."""
    if "--install" in sys.argv and not (SITE / "done").exists():
        install()
    if not (SITE / "done").exists():
        print("SKIPPED: hydra-core, click and others are not installed: %s --install" % sys.argv[0], file=sys.stderr)
        sys.exit(77)
    sys.path.append(str(SITE))
    sys.argv = [a for a in sys.argv if a != "--install"]


if __name__ == "__main__":
    prepare()
    driver.main()
