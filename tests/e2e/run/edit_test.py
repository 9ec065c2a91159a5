#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A spec that has changed is taken up by its sweep where the trials so far stay true."""
import scene

RANDOM = "method: random\nrun_cap: 3\nmetric: {name: x}\nparameters: {x: {min: 0.0, max: 1.0}}\n"
GRID = "method: grid\nmetric: {name: x}\nparameters:\n  a: {values: [1, 2]}\n  x: {values: [10, 30]}\n"
REPORT = 'besom report "x=${BESOM_TRIAL##*-}"\n'


class Edit(scene.Case):
    def sound(self):
        self.besom("check")
        self.besom("replay", "last")

    def change(self, old, new):
        text = (self.folder / "sweep.yaml").read_text()
        self.assertIn(old, text)
        self.write("sweep.yaml", text.replace(old, new))

    def params(self):
        return [t["params"] for t in self.by_number()]

    def test_a_larger_run_cap(self):
        spec = self.sweep("seed: 7\n" + RANDOM, REPORT)
        self.says("run", spec)
        before = self.params()
        self.change("run_cap: 3", "run_cap: 6\nname: larger")
        said = self.says("run", spec)
        self.assertIn("takes up what has changed in sweep.yaml:", said)
        self.assertIn("run_cap: 3 -> 6", said)
        self.assertEqual(self.ends(), [("finished", "ok")] * 6)
        self.assertEqual(self.params()[:3], before)
        self.assertEqual(self.look("show", "larger")["total"], 6)
        self.sound()
        self.assertNotIn("takes up", self.says("run", spec))
        # What an undisturbed sweep tries.
        self.says("run", spec, "--new")
        self.assertEqual(self.params(), [t["params"] for t in self.look("trials", self.look("ls")[-1]["id"])])

    def test_a_grid_grows(self):
        spec = self.sweep(GRID, REPORT)
        self.says("run", spec, "--slots", 1)
        before = self.params()
        self.change("[10, 30]", "[10, 20, 30]")
        self.says("run", spec, "--slots", 1, "--count", 1)
        self.sound()
        self.change("[1, 2]", "[0, 1, 2]")
        self.says("run", spec, "--slots", 1)
        after = self.params()
        self.assertEqual(after[:4], before)
        self.assertEqual(sorted((p["a"], p["x"]) for p in after),
                         [(a, x) for a in (0, 1, 2) for x in (10, 20, 30)])
        self.sound()

    def test_a_grid_grows_with_its_flags(self):
        spec = self.sweep("method: grid\nmetric: {name: x}\nparameters:\n"
                          "  flag: {values: [1, 2], flag: {1: -x, 2: -y}}\n", REPORT)
        self.says("run", spec)
        self.change("[1, 2]", "[1, 2, 3]")
        self.change("2: -y", "2: -y, 3: -z")
        self.assertIn('parameters.flag.flag.3: (absent) -> "-z"', self.says("run", spec))
        self.assertEqual([p["flag"] for p in self.params()], [1, 2, 3])
        self.sound()
        self.change("1: -x", "1: -X")
        self.assertIn("parameters.flag.flag.1", self.says("run", spec, code=2))

    def test_what_trials_rest_on_is_refused(self):
        spec = self.sweep(GRID, REPORT)
        self.says("run", spec)
        for old, new, key in (("[10, 30]", "[10, 40]", "parameters.x.values"),
                              ("[10, 40]", "[10]", "parameters.x.values"),
                              ("method: grid", "method: random\nrun_cap: 9", "method")):
            self.change(old, new)
            said = self.says("run", spec, code=2)
            self.assertIn(key, said)
            self.assertNotIn("run_cap", said)
            self.assertIn("--new", said)

    def test_a_project_that_moves(self):
        project = self.folder / "project"
        (project / "conf").mkdir(parents=True)
        self.store = project / ".besom"
        self.env["BESOM_STORE"] = str(self.store)
        (project / "train.sh").write_text("[ -e fixed ] || exit 1\n" + REPORT)
        (project / "conf/s.yaml").write_text('command: [sh, train.sh]\nworkdir: ..\n' + RANDOM)
        self.says("run", "project/conf/s.yaml", "--count", 1, code=1)
        sweep = self.look("ls")[0]["id"]
        moved = self.folder / "moved"
        project.rename(moved)
        self.store = moved / ".besom"
        self.env["BESOM_STORE"] = str(self.store)
        (moved / "fixed").touch()
        self.besom("retry", "last")
        said = self.says("run", "moved/conf/s.yaml")
        self.assertIn("has moved here from", said)
        self.assertEqual([s["id"] for s in self.look("ls")], [sweep])
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        self.assertNotIn("moved here", self.says("run", "moved/conf/s.yaml"))
        self.sound()

    def test_env_is_that_of_later_attempts(self):
        spec = self.sweep("env: {OK: 'no'}\n" + RANDOM, '[ $OK = yes ] || exit 3\n' + REPORT)
        self.says("run", spec, "--slots", 1, code=1)
        self.besom("retry", "last")
        self.change("OK: 'no'", "OK: 'yes'")
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        self.sound()


if __name__ == "__main__":
    scene.main()
