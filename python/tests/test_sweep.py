# SPDX-License-Identifier: MIT
"""besom.Sweep against a stand-in for `besom ask`; tests/e2e does the same with the real one."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import besom  # noqa: E402

FAKE = os.path.join(HERE, "fake_besom.py")


class Ask(unittest.TestCase):
    def sweep(self):
        sweep = besom.Sweep("sweep.yaml", seed=5, binary=FAKE)
        self.addCleanup(sweep.close)
        return sweep

    def test_a_whole_sweep(self):
        sweep = self.sweep()
        for trial in sweep:
            self.assertEqual(trial.params, {"lr": trial.trial / 10})
            sweep.tell(trial, {"loss": abs(trial.params["lr"] - 0.1)})
        self.assertEqual(sweep.done, "exhausted")
        self.assertEqual(sweep.best, {"trial": 1, "objective": 0})
        self.assertIsNone(sweep.ask())

    def test_many_at_once(self):
        sweep = self.sweep()
        self.assertEqual([t.trial for t in sweep.ask_many(2)], [0, 1])
        self.assertIsNone(sweep.done)
        self.assertEqual([t.trial for t in sweep.ask_many(2)], [2])
        self.assertEqual(sweep.done, "exhausted")

    def test_report(self):
        sweep = self.sweep()
        trial = sweep.ask()
        self.assertFalse(sweep.report(trial, {"loss": 1.0}, step=0))
        self.assertTrue(sweep.report(trial, {"loss": float("nan")}, step=1))

    def test_a_refused_request_does_not_end_it(self):
        sweep = self.sweep()
        with self.assertRaisesRegex(besom.BesomError, "no trial 9"):
            sweep.tell(9, {"loss": 1})
        self.assertEqual(sweep.ask().trial, 0)

    def test_a_refused_spec(self):
        with besom.Sweep("bad.yaml", binary=FAKE) as sweep:
            with self.assertRaisesRegex(besom.BesomError, "bad.yaml:1:1: no method"):
                sweep.ask()

    def test_closed(self):
        sweep = self.sweep()
        sweep.close()
        with self.assertRaisesRegex(besom.BesomError, "closed"):
            sweep.ask()

    def test_no_binary(self):
        with self.assertRaisesRegex(besom.BesomError, "cannot start "):
            besom.Sweep("sweep.yaml", binary="/nonexistent/besom")


if __name__ == "__main__":
    unittest.main()
