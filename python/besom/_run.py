# SPDX-License-Identifier: MIT
"""The trial of this process: its parameters and metrics, and whether it should stop."""
from __future__ import annotations

import copy
import json
import operator
import os
import signal
import threading
import time
from typing import Any, Dict, Mapping, Optional, Union

from . import _metrics


class Run:
    """One attempt of a trial, as the environment describes it. `besom.init()` creates it."""

    params: Dict[str, Any]
    """The configuration, nested as in the sweep file: the defaults, replaced by the proposal."""
    dir: str
    """The trial's own folder, kept between attempts; the current folder outside a sweep."""
    trial: Optional[str]
    """The trial's id, None outside a sweep."""
    sweep: Optional[str]
    """The sweep's id, None outside a sweep."""
    attempt: int
    """1 the first time that the trial runs, 2 when it runs again."""

    def __init__(
        self, defaults: Optional[Mapping[str, Any]] = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        self.params = _merge({}, defaults or {})
        if environ.get("BESOM_PARAMS"):
            self.params = _merge(self.params, _read_params(environ["BESOM_PARAMS"]))
        self.dir = environ.get("BESOM_DIR") or os.getcwd()
        self.trial = environ.get("BESOM_TRIAL") or None
        self.sweep = environ.get("BESOM_SWEEP") or None
        attempt = environ.get("BESOM_ATTEMPT", "")
        self.attempt = int(attempt) if attempt.isdigit() else 1
        path = environ.get("BESOM_METRICS")
        self._out: Union[_metrics.File, _metrics.Screen]
        self._out = _metrics.File(path) if path else _metrics.Screen()
        self._timed = bool(path)
        self._next_step = 0

    def log(self, metrics: Mapping[str, Any], step: Optional[int] = None) -> None:
        """Report numbers at a step; the default is the previous step plus 1, from 0. Never raises.

        Nested dicts become `outer.inner`. A value may be anything that `float()` accepts, such as
        a NumPy or PyTorch scalar; other values are dropped with a warning. A key `step` is the
        step.
        """
        try:
            metrics = dict(metrics)
            said = metrics.pop("step", None)
            if metrics.pop("_time", None) is not None:
                _metrics.warn("_time", "dropped metric '_time': besom uses this name itself")
            values = _metrics.numbers(metrics)
            with _lock:
                at = self._step(said if step is None else step)
                if not values:
                    return
                for line in _metrics.lines(at, time.time() if self._timed else None, values):
                    self._out.write(line)
        except Exception as error:
            _metrics.warn("log", "cannot write metrics, so they are dropped: %s" % error)

    def _step(self, said: Any) -> int:
        step = self._next_step
        if said is not None:
            try:
                asked = operator.index(said) if hasattr(said, "__index__") else int(said)
                if asked != float(said) or abs(asked) > _metrics.EXACT_INT:
                    raise ValueError
                step = asked
            except Exception:
                _metrics.warn("step", "step %.40r is not an integer: used %d" % (said, step))
        self._next_step = step + 1
        return step

    def should_stop(self) -> bool:
        """The same as `besom.should_stop()`."""
        return should_stop()


_lock = threading.RLock()  # re-entrant: a signal handler of the script may call log() too
_run: Optional[Run] = None


def init(defaults: Optional[Mapping[str, Any]] = None) -> Run:
    """The run of this process. Later calls return the same run and add missing defaults.

    Raises RuntimeError if the trial's parameters cannot be read: training with others would be
    worse.
    """
    global _run
    with _lock:
        if _run is None:
            _run = Run(defaults)
            _term.listen()
        elif defaults:
            _run.params = _merge(_merge({}, defaults), _run.params)
        return _run


def log(metrics: Mapping[str, Any], step: Optional[int] = None) -> None:
    """`init().log(metrics, step)`"""
    init().log(metrics, step)


def should_stop() -> bool:
    """Whether besom asked this trial to stop (SIGTERM): save and exit within 30 seconds.

    Before the first call, SIGTERM ends the process at once: a script that never calls this would
    only use up the 30 seconds.
    """
    _term.asked = True
    init()
    _term.listen()
    return _term.seen


class _Term:
    """Whether this process got SIGTERM. A forked worker starts with a new one and without a handler,
    as without besom: its parent's terminate() must end it."""

    def __init__(self) -> None:
        self.seen = False
        self.asked = False
        self.listening = False
        self.before: Any = signal.SIG_DFL

    def listen(self) -> None:
        if self.listening or threading.current_thread() is not threading.main_thread():
            return
        self.listening = True
        before = signal.getsignal(signal.SIGTERM)
        if before is None or before == signal.SIG_IGN:
            return  # set from C, or ignored on purpose
        self.before = before
        signal.signal(signal.SIGTERM, self.handle)

    def handle(self, signum: int, frame: Any) -> None:
        self.seen = True
        if callable(self.before):
            self.before(signum, frame)
        elif not self.asked:
            signal.signal(signum, signal.SIG_DFL)
            os.kill(os.getpid(), signum)


_term = _Term()
_forking = threading.local()  # the thread's signal mask before the fork


def _before_fork() -> None:
    # Python loses a signal that reaches a child before the child has its own state: block it.
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def _after_fork_in_parent() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


def _after_fork_in_child() -> None:
    global _lock, _term
    _lock = threading.RLock()  # another thread may have held it, and does not exist here
    if signal.getsignal(signal.SIGTERM) == _term.handle:
        signal.signal(signal.SIGTERM, _term.before)
    _term = _Term()
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
)


def _read_params(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as f:
            params = json.load(f)
    except (OSError, ValueError) as error:
        raise RuntimeError("besom: cannot read the trial's parameters: %s" % error) from error
    if not isinstance(params, dict):
        raise RuntimeError("besom: %s does not contain a JSON object" % path)
    return params


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> Dict[str, Any]:
    """A copy of `under` with the values of `over` in place of its own; dicts are merged by key."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, Mapping):
            merged[key] = _merge(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged
