# SPDX-License-Identifier: MIT
"""Report metrics from a besom trial, read its hyperparameters, ask a strategy, load results.

    import besom

    run = besom.init(defaults={"lr": 0.1})
    run.log({"loss": 0.5}, step=0)

Outside a sweep, the parameters are the defaults and metrics are printed.
"""
from ._load import load
from ._run import Run, init, log, should_stop
from ._sweep import BesomError, Proposal, Sweep

__version__ = "0.1.0"
__all__ = ["BesomError", "Proposal", "Run", "Sweep", "init", "load", "log", "should_stop"]
