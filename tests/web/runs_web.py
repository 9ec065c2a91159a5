#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""runs_test.mjs against a controller to which runs with all kinds of things were reported, one of them of a trial."""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e" / "wandb"))
import fixture  # noqa: E402
import logged  # noqa: E402
import serving  # noqa: E402

TRIAL = "bigbig01-7"


def main():
    why = serving.missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    with tempfile.TemporaryDirectory(prefix="besom-web.") as name:
        folder = pathlib.Path(name)
        fixture.make(folder / "store", 10)
        def prepare(first):
            logged.make(first["url"], first["admin"])
            client = logged.Client(first["url"], first["admin"])
            client.run(TRIAL, logged.rows()[:90], logged.config(), project="trials", sweep="bigbig01")
            client.files(TRIAL, logged.contents(), project="trials")
            viewer = subprocess.run([serving.BESOM, "token", "create", "--scope", "viewer", "--store", str(folder / "store")], check=True,
                                    stdout=subprocess.PIPE, text=True, env=serving.environment(folder)).stdout.strip()
            return {"VIEWER": "%s/#token=%s" % (first["url"], viewer)}

        return serving.checked(folder, "runs", 10, prepare)


if __name__ == "__main__":
    sys.exit(main())
