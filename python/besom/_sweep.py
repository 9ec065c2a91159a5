# SPDX-License-Identifier: MIT
"""The strategy of a sweep file, without an orchestrator: `besom ask` in a subprocess."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Union

from . import _metrics


class BesomError(RuntimeError):
    """besom could not be started, or refused a spec or a request."""


class Proposal(NamedTuple):
    """A configuration to try."""

    trial: int
    params: Dict[str, Any]
    why: Dict[str, Any]


class Sweep:
    """Asks the strategy of a sweep file for configurations, and tells it the results.

    `seed` replaces the file's own. `binary` is the besom to start; the default is $BESOM_BINARY,
    else `besom` on the PATH.
    """

    def __init__(
        self,
        spec: Union[str, "os.PathLike[str]"],
        seed: Optional[int] = None,
        binary: Optional[str] = None,
    ) -> None:
        program = binary or os.environ.get("BESOM_BINARY") or shutil.which("besom")
        if not program:
            raise BesomError("besom is not on the PATH: install it, or set BESOM_BINARY")
        options = [] if seed is None else ["--seed", str(seed)]
        argv = [program, "ask", *options, os.fspath(spec)]
        self.done: Optional[str] = None
        """Why there are no more configurations ("exhausted", "run_cap", …), else None."""
        self.best: Optional[Dict[str, Any]] = None
        """The best trial so far."""
        self._lock = threading.Lock()
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        except OSError as error:
            self._errors.close()
            raise BesomError("cannot start %s: %s" % (program, error)) from error

    def ask(self) -> Optional[Proposal]:
        """The next configuration; None if there are no more (`done` says why)."""
        proposals = self.ask_many(1)
        return proposals[0] if proposals else None

    def ask_many(self, n: int) -> List[Proposal]:
        """The next `n` configurations; fewer if there are no more."""
        proposals: List[Proposal] = []
        with self._lock:
            if self.done is not None or n <= 0:
                return proposals
            self._send({"op": "ask"} if n == 1 else {"op": "ask", "n": n})
            while len(proposals) < n:
                answer = self._receive()
                if "done" in answer:
                    self.done = str(answer["done"])
                    break
                why = answer.get("why") or {}
                proposals.append(Proposal(answer["trial"], answer["params"], why))
        return proposals

    def report(self, trial: Union[int, Proposal], metrics: Mapping[str, Any], step: int) -> bool:
        """Report metrics of a trial at a step; True if the trial should be stopped."""
        message = {"op": "report", "trial": _number(trial), "step": step}
        answer = self._request(dict(message, metrics=_metrics.numbers(metrics)))
        return bool(answer.get("stop"))

    def tell(
        self,
        trial: Union[int, Proposal],
        metrics: Optional[Mapping[str, Any]] = None,
        state: str = "finished",
    ) -> Optional[Dict[str, Any]]:
        """Tell how a trial ended ("finished", "failed" or "stopped"); returns the best so far."""
        message = {"op": "tell", "trial": _number(trial), "state": state}
        answer = self._request(dict(message, metrics=_metrics.numbers(metrics or {})))
        self.best = answer.get("best")
        return self.best

    def close(self) -> None:
        """End the subprocess. Later requests raise BesomError."""
        with self._lock:
            process = self._process
            try:
                process.stdin.close()  # type: ignore[union-attr]
            except OSError:
                pass
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()  # type: ignore[union-attr]
            self._errors.close()

    def __iter__(self) -> Iterator[Proposal]:
        """Ask until there are no more configurations."""
        while True:
            proposal = self.ask()
            if proposal is None:
                return
            yield proposal

    def __enter__(self) -> "Sweep":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def _request(self, message: Dict[str, Any]) -> Dict[str, Any]:
        with self._lock:
            self._send(message)
            return self._receive()

    def _send(self, message: Dict[str, Any]) -> None:
        if self._errors.closed:
            raise BesomError("this sweep is closed")
        try:
            stdin = self._process.stdin
            stdin.write(json.dumps(message).encode() + b"\n")  # type: ignore[union-attr]
            stdin.flush()  # type: ignore[union-attr]
        except OSError:
            raise self._ended() from None

    def _receive(self) -> Dict[str, Any]:
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line.endswith(b"\n"):
            raise self._ended()
        answer: Dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise BesomError(str(answer["error"]))
        return answer

    def _ended(self) -> BesomError:
        code = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        return BesomError(said or "besom ask exited with status %d" % code)


def _number(trial: Union[int, Proposal]) -> int:
    return trial.trial if isinstance(trial, Proposal) else trial
