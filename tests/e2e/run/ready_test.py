#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be right before a trial runs: where it is not, no trial is used up and no sweep begins."""
import scene

GRID = "method: grid\nparameters: {x: {values: [0, 1]}}\n"


class Ready(scene.Case):
    def sweeps(self):
        return self.look("ls")

    def test_a_file_in_the_place_of_a_folder(self):
        self.says("run", self.sweep(GRID, "echo hello\n"))
        self.besom("rm", "last", "--yes")
        for name in ("logs", "trials", "run"):
            for each in (self.store / name).glob("*"):
                each.unlink()
            (self.store / name).rmdir()
            (self.store / name).write_text("")
            said = self.says("run", "sweep.yaml", code=6)
            self.assertIn("%s/%s is not a folder: move it away" % (self.store, name), said)
            self.assertNotIn("begins", said)
            self.assertEqual(self.sweeps(), [])
            (self.store / name).unlink()
        self.assertIn("begins", self.says("run", "sweep.yaml"))
        self.assertEqual(self.ends(), [("finished", "ok")] * 2)

    def test_a_sweep_that_has_ended_is_shown_without_its_program(self):
        spec = self.write("sweep.yaml", "program: train.sh\ncommand: [sh, '${program}']\n" + GRID)
        self.write("train.sh", "echo hello\n")
        self.says("run", spec)
        (self.folder / "train.sh").unlink()
        said = self.says("run", spec)
        self.assertIn("`besom run --new sweep.yaml` starts another", said)
        self.assertNotIn("there is no train.sh", said)
        for code, args in ((2, ("run", "--new", spec)), (2, ("plan", spec)), (0, ("lint", spec))):
            self.assertIn("there is no train.sh", self.says(*args, code=code))
        self.assertEqual(len(self.sweeps()), 1)

    def test_nothing_is_made_for_a_program_that_is_missing(self):
        spec = self.write("sweep.yaml", "program: train.sh\ncommand: [sh, '${program}']\n" + GRID)
        said = self.says("run", spec, code=2)
        self.assertIn("there is no train.sh here", said)
        self.assertIn("nothing was done", said)
        self.assertFalse(self.store.exists())

    def test_variables_that_besom_sets(self):
        text = 'command: [sh, -c, "echo ${envvar:%s}"]\n' + GRID
        for name in ("OMP_NUM_THREADS", "BESOM_TRIAL", "WANDB_SWEEP_PARAM_PATH", "PYTHONUNBUFFERED"):
            self.env.pop(name, None)
            self.write("set.yaml", text % name)
            self.says("run", "--new", "--slots", 2, "set.yaml")
            self.assertEqual(self.ends(), [("finished", "ok")] * 2, name)
        for name in ("BESOM_PORT", "BESOM_NONE", "NOT_SET_AT_ALL"):
            self.write("unset.yaml", text % name)
            for command in ("run", "plan"):
                self.assertIn("%s is not set" % name, self.says(command, "--slots", 2, "unset.yaml", code=2))


scene.main()
