# SPDX-License-Identifier: GPL-3.0-or-later
"""PyPI's sweeps and PyYAML, installed by pip into build/differential where that can be had."""
import hashlib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SITE = HERE.parents[1] / "build" / "differential"
# The variables that commands of tests/corpus/own name.
CORPUS_ENV = {"CORPUS_SET": "a b"}


def skip(why):
    print("SKIPPED: %s" % why, file=sys.stderr)
    sys.exit(77)


def install(may=True):
    """Once for each text of requirements.txt; 77 where it fails, or where it may not."""
    wanted = HERE / "requirements.txt"
    folder = SITE / hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]
    if not may and not (folder / "done").exists():
        skip("sweeps 0.3.0 is not installed: ./dev differential installs it into build/")
    if not (folder / "done").exists():
        print("installing sweeps into %s" % folder, file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:",
               "--disable-pip-version-check", "--target", str(folder), "-r", str(wanted)]
        try:
            done = subprocess.run(pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  universal_newlines=True, timeout=600, check=False)
        except (OSError, subprocess.TimeoutExpired) as e:
            skip("pip: %s" % e)
        if done.returncode != 0:
            skip("sweeps 0.3.0 and what it needs cannot be installed by pip:\n%s" % done.stdout)
        (folder / "done").touch()
    sys.path.insert(0, str(folder))
