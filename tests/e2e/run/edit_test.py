#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A spec that has changed is taken up by its sweep where the trials so far stay true."""
import scene

RANDOM = "method: random\nrun_cap: 3\nmetric: {name: x}\nparameters: {x: {min: 0.0, max: 1.0}}\n"
GRID = "method: grid\nmetric: {name: x}\nparameters:\n  a: {values: [1, 2]}\n  x: {values: [10, 30]}\n"
REPORT = 'besom report "x=${BESOM_TRIAL##*-}"\n'


class Changes(scene.Case):
    def sound(self):
        self.besom("check")
        self.besom("replay", "last")

    def change(self, old, new):
        text = (self.folder / "sweep.yaml").read_text()
        self.assertIn(old, text)
        self.write("sweep.yaml", text.replace(old, new))

    def params(self):
        return [t["params"] for t in self.by_number()]


class Edit(Changes):
    def test_a_larger_run_cap(self):
        spec = self.sweep("seed: 7\n" + RANDOM, REPORT)
        self.says("run", spec)
        before = self.params()
        self.change("run_cap: 3", "run_cap: 6\nname: larger")
        said = self.says("run", spec)
        self.assertIn("continues with the changes in sweep.yaml:", said)
        self.assertIn("run_cap: 3 -> 6", said)
        self.assertEqual(self.ends(), [("finished", "ok")] * 6)
        self.assertEqual(self.params()[:3], before)
        self.assertEqual(self.look("show", "larger")["total"], 6)
        self.sound()
        self.assertNotIn("continues with the changes", self.says("run", spec))
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

    def test_changes_that_affect_earlier_trials_are_refused(self):
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
        self.besom("retry", "moved/conf/s.yaml")
        said = self.says("run", "moved/conf/s.yaml")
        self.assertIn("has moved here from", said)
        self.assertEqual([s["id"] for s in self.look("ls")], [sweep])
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        self.assertNotIn("moved here", self.says("run", "moved/conf/s.yaml"))
        self.sound()

    def test_a_sweep_is_named_by_its_file(self):
        spec = self.sweep(RANDOM, REPORT)
        self.assertIn("there is no store", self.says("best", spec, code=3))
        self.says("run", spec)
        other = self.folder / "other.yaml"
        other.write_text((self.folder / "sweep.yaml").read_text().replace("run_cap: 3", "run_cap: 1"))
        self.says("run", "other.yaml")
        self.assertEqual((self.look("show", spec)["total"], self.look("show", "./other.yaml")["total"]), (3, 1))
        self.says("run", spec, "--new")
        self.assertEqual(self.look("show", spec)["id"], self.look("show", "last")["id"])
        (self.folder / "third.yaml").write_text(other.read_text())
        self.assertIn("there is no sweep of third.yaml in", self.says("trials", "third.yaml", code=3))
        self.write("train.py", "")
        said = self.says("trials", "train.py", code=3)
        self.assertIn("train.py is not the file of a sweep in", said)
        self.assertNotIn("begins one", said)
        self.assertIn("there is no sweep 'fourth.yaml' in", self.says("trials", "fourth.yaml", code=3))

    def test_an_absolute_workdir_is_that_of_later_attempts(self):
        spec = self.sweep(RANDOM, "exit 1\n")
        self.says("run", spec, "--count", 1, code=1)
        (self.folder / "other").mkdir()
        (self.folder / "other" / "train.sh").write_text(REPORT)
        self.besom("retry", "last")
        self.change("workdir: .", "workdir: other")
        self.assertIn('workdir: "." -> "other"', self.says("edit", "last", code=2))
        self.change("workdir: other", "workdir: %s/other" % self.folder)
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        self.sound()

    def test_env_is_that_of_later_attempts(self):
        spec = self.sweep("env: {OK: 'no'}\n" + RANDOM, '[ $OK = yes ] || exit 3\n' + REPORT)
        self.says("run", spec, "--slots", 1, code=1)
        self.besom("retry", "last")
        self.change("OK: 'no'", "OK: 'yes'")
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        self.sound()


class EditCommand(Changes):
    """`besom edit` and `besom rename`, beside a run and alone."""
    GATED = 'while [ ! -e "go.${BESOM_TRIAL##*-}" ]; do sleep 0.02; done\n' + REPORT

    def begin_gated(self, spec=RANDOM):
        run = self.begin("run", self.sweep(spec, self.GATED), "--slots", 1)
        scene.wait_until(lambda: self.store.exists() and self.alive(), "a trial")
        return run

    def let_go(self, n):
        for i in range(n):
            self.touch("go.%d" % i)

    def test_a_running_sweep_uses_the_new_spec(self):
        run = self.begin_gated()
        self.change("run_cap: 3", "run_cap: 5\nname: longer")
        said = self.says("edit", "last")
        self.assertIn("continues with the changes in sweep.yaml:", said)
        self.assertIn("run_cap: 3 -> 5", said)
        self.assertIn("now uses the new spec\n", said)
        self.assertEqual(self.look("show", "longer")["total"], 5)
        self.assertIn("has not changed", self.says("edit", "last"))
        self.let_go(5)
        self.end(run, 0)
        self.assertEqual(self.ends(), [("finished", "ok")] * 5)
        self.sound()

    def test_alone(self):
        spec = self.sweep(RANDOM, REPORT)
        self.says("run", spec)
        self.change("run_cap: 3", "run_cap: 5")
        (self.folder / "elsewhere").mkdir()
        at, self.folder = self.folder, self.folder / "elsewhere"
        said = self.look("edit", "last")
        self.folder = at
        self.assertIn("has more to run; no process runs it: continue it with besom run", said["message"])
        self.assertEqual(self.look("show", "last")["state"], "running")
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")] * 5)
        self.sound()

    def test_a_cancelled_sweep_stays_so(self):
        spec = self.sweep(RANDOM, "exit 1\n")
        self.says("run", spec, "--count", 1, code=1)
        self.besom("cancel", "last")
        self.change("run_cap: 3", "run_cap: 5")
        self.assertNotIn("continues with the changes", self.says("run", spec, code=1))
        self.assertIn("and stays cancelled", self.says("edit", "last"))
        self.sound()

    def test_what_is_refused(self):
        run = self.begin_gated(GRID)
        text = (self.folder / "sweep.yaml").read_text()
        self.change("[10, 30]", "[10, 40]")
        said = self.says("edit", "last", code=2)
        self.assertIn("parameters.x.values: [10, 30] -> [10, 40]", said)
        self.assertIn("besom run --new sweep.yaml", said)
        self.write("sweep.yaml", text.replace("method: grid", "method: gird"))
        said = self.says("edit", "last", code=2)
        self.assertIn("sweep.yaml:3:9: error: method", said)
        self.assertIn("nothing was done", said)
        (self.folder / "sweep.yaml").unlink()
        self.assertIn("name the file to read instead", self.says("edit", "last", code=3))
        self.assertIn("none.yaml", self.says("edit", "last", "none.yaml", code=3))
        self.assertIn("there is no sweep", self.says("edit", "nosuch", code=3))
        self.write("sweep.yaml", text)
        self.let_go(4)
        self.end(run, 0)
        self.sound()

    def test_another_file(self):
        spec = self.sweep(RANDOM, REPORT)
        self.says("run", spec)
        self.write("longer.yaml", (self.folder / spec).read_text().replace("run_cap: 3", "run_cap: 4"))
        said = self.says("edit", "last", "longer.yaml")
        self.assertIn("has moved here from", said)
        self.assertIn("run_cap: 3 -> 4", said)
        self.assertIn("Continuing sweep", self.says("run", "longer.yaml"))
        self.assertEqual(self.ends(), [("finished", "ok")] * 4)
        self.assertIn("begins", self.says("run", spec))
        self.sound()

    def test_a_spec_as_large_as_one_may_be(self):
        run = self.begin_gated()
        filler = "description: '%s'\n" % ("\u00e4" * 500000)
        self.assertGreater(len(filler.encode()), 1000000)
        self.change("run_cap: 3", filler + "run_cap: 2")
        self.says("edit", "last")
        self.assertEqual(self.look("show", "last")["spec"]["description"], "\u00e4" * 500000)
        self.let_go(2)
        self.end(run, 0)
        self.sound()

    def test_rename(self):
        run = self.begin_gated("name: first\n" + RANDOM)
        sweep = self.look("ls")[0]["id"]
        self.assertEqual(self.says("rename", "first", "second"), "sweep %s is named second\n" % sweep)
        self.assertEqual(self.look("show", "second")["id"], sweep)
        self.assertIn("no sweep 'first'", self.says("show", "first", code=3))
        self.let_go(3)
        self.end(run, 0)
        self.assertEqual(self.says("rename", "second", "the third"), "sweep %s is named the third\n" % sweep)
        self.assertEqual(self.look("show", "the third")["state"], "finished")
        # The file is still found, and does not take the name back.
        self.assertIn("is finished", self.says("run", "sweep.yaml"))
        self.change("run_cap: 3", "run_cap: 4")
        self.touch("go.3")
        self.says("run", "sweep.yaml")
        self.assertEqual(self.look("show", "the third")["total"], 4)
        self.change("name: first", "name: fourth")
        self.says("run", "sweep.yaml")
        self.assertEqual([s["name"] for s in self.look("ls")], ["fourth"])
        for name in "", "last", "a\nb", "x" * 1001:
            self.assertIn("NAME", self.says("rename", "fourth", name, code=2))
        self.change("name: fourth", "name: other")
        self.says("run", "--new", "sweep.yaml")
        other = [s["id"] for s in self.look("ls") if s["id"] != sweep][0]
        for name in other, sweep + "-3", other + "-0", "17":
            self.assertIn("NAME cannot", self.says("rename", "fourth", name, code=2))
        self.assertIn("sweep %s has the name other too" % other, self.says("rename", "fourth", "other"))
        self.sound()


if __name__ == "__main__":
    scene.main()
