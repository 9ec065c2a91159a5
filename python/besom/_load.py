# SPDX-License-Identifier: MIT
"""The trials of a sweep from the store, for analysis."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any, Dict, Iterator, List, Optional, Union

from ._sweep import BesomError


def load(
    sweep: str = "last",
    metrics: bool = False,
    store: Optional[Union[str, "os.PathLike[str]"]] = None,
    binary: Optional[str] = None,
) -> List[Dict[str, Any]]:
    """The trials of a sweep as plain dicts, in the order of their numbers.

    `sweep` is an id, the beginning of one, a name, the path of a sweep file, or "last". With
    `metrics`, each trial has all its points under "history". `pandas.json_normalize(besom.load("digits"))` is a table with a
    column for each parameter and metric. NaN and the infinities are floats. `store` is the folder
    of the store; the default is $BESOM_STORE, else the nearest .besom/ here or in a parent folder. `binary`
    is the besom to start; the default is $BESOM_BINARY, else `besom` on the PATH.
    """
    options = [] if store is None else ["--store", os.fspath(store)]
    program = binary or os.environ.get("BESOM_BINARY") or shutil.which("besom")
    if not program:
        raise BesomError("besom is not on the PATH: install it, or set BESOM_BINARY")
    trials = list(_export(program, [sweep, *options]))
    for trial in trials:
        trial["objective"] = _number(trial.get("objective"))
        trial["metrics"] = _numbers(trial.get("metrics"))
    if metrics:
        # The id, not "last": another sweep may have begun meanwhile.
        sweep = trials[0]["sweep"] if trials else sweep
        histories: Dict[int, List[Dict[str, Any]]] = {t["number"]: [] for t in trials}
        for point in _export(program, [sweep, "--metrics", *options]):
            del point["trial"]
            point["metrics"] = _numbers(point["metrics"])
            histories.get(point.pop("number"), []).append(point)
        for trial in trials:
            trial["history"] = histories[trial["number"]]
    return trials


def _export(program: str, args: List[str]) -> Iterator[Dict[str, Any]]:
    argv = [program, "export", "--jsonl", *args]
    try:
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            out, said = process.communicate()
    except OSError as error:
        raise BesomError("cannot start %s: %s" % (program, error)) from error
    if process.returncode != 0:
        why = said.decode(errors="replace").strip()
        raise BesomError(why or "besom export exited with status %d" % process.returncode)
    for line in out.splitlines():
        yield json.loads(line)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, str) else value


def _numbers(metrics: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    return {key: _number(value) for key, value in (metrics or {}).items()}
