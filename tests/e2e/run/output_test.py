#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics read from what training prints: progress bars, colours, stderr, the readers of tools, and what is told of text
that gives none."""
import scene

ONE = """
method: grid
metric: {name: loss}
parameters: {x: {value: 1}}
report: %s
"""


class Output(scene.Case):
    def read(self, report, train):
        """What besom said, and the points as (step, metrics)."""
        said = self.says("run", self.sweep(ONE % report, train), "--new")
        trial = self.look("show", "last-0")
        self.assertEqual(trial["reason"], "ok")
        return said, [(p["step"], p["metrics"]) for p in self.points(trial)]

    def test_bar_counts_with_its_last_state(self):
        """200 states are more than a line may have bytes."""
        bar = r"""
for epoch in 1 2; do
  for i in $(seq 1 200); do
    printf '\r\033[32mEpoch %d: %3d%%|%500s| %d/200 [00:01<00:01, 9.8it/s, loss=%d]\033[0m' $epoch $i '' $i $((400 - i - epoch))
  done
  printf '\n'
done
"""
        want = [(1, {"loss": 199}), (2, {"loss": 198})]
        self.assertEqual(self.read("{stdout: tqdm}", bar)[1], want)
        said, points = self.read("{stderr: tqdm}", "exec >&2\n" + bar)
        self.assertEqual(points, want)
        self.assertNotIn("lost", said)
        self.assertEqual(self.look("show", "last-0")["objective"], 198)
        self.assertEqual(self.besom("logs", "last-0").count("9.8it/s"), 400)  # the log keeps all

    def test_stderr_beside_stdout(self):
        """Each has its own readers; lines of the one are not held against those of the other."""
        _, points = self.read(
            r"{stdout: json, stderr: ['loss=(?<loss>\d+)', {val/loss: 'val=(\d+)'}]}",
            """
echo '{"step":1,"a":1}'; echo 'loss=9'
echo '{"step":8,"a":8}' >&2; echo 'loss=3' >&2; echo 'val=4' >&2
""")
        self.assertEqual(sorted(points[i][1].popitem() for i in range(3)),
                         [("a", 1), ("loss", 3), ("val/loss", 4)])

    def test_groups_that_are_not_numbers_are_reported(self):
        said, points = self.read(r"{stdout: 'loss=(?<loss>\S+) acc=(?<acc>\S+)'}", """
echo begun; echo 'loss=1, acc=0.5'; echo 'loss=n/a acc=?'; echo 'loss=2 acc=1'
""")
        self.assertEqual(points, [(0, {"acc": 0.5}), (1, {"acc": 1, "loss": 2})])
        self.assertIn('-0: in a line of its output loss is "1,", which is not a number', said)
        trial = self.look("show", "last-0")
        self.assertEqual(trial["bad_lines"], 3)

    def test_wrong_reports_are_refused_by_all(self):
        for report, want in ((r"{stdout: 'loss=(?<loss>\S+'}", "not a regular expression: at character 17: missing"),
                             (r"{stderr: [{acc: 'a=(\d)'}, '(?<los>\d)']}", "finds this metric; they find acc and los"),
                             (r"{stdout: kears}", "unknown reader `kears`")):
            spec = self.sweep(ONE % report, "exit 0\n")
            for command, code in (("lint", 2), ("plan", 2), ("run", 2)):
                said = self.says(command, spec, code=code)
                self.assertIn(want, said)
                self.assertRegex(said, r"sweep.yaml:\d+:\d+")
        self.besom("ls", code=3)  # no store was made

    def test_a_program_that_is_nowhere(self):
        """Lint warns: the file may be for another place. Plan and run refuse, and make nothing."""
        spec = "method: grid\nparameters: {x: {value: 1}}\n"
        self.touch("train.py")
        for line, place, want in (("program: trian.py", "1:10", "there is no trian.py here"),
                                  ("command: [python, sub/train.sh, '${args}']", "1:19", "there is no sub/train.sh"),
                                  ("command: [./nowhere, '${args}']", "1:11", "there is no ./nowhere"),
                                  ("command: [no-such-program, '${args}']", "1:11", "no-such-program is not on $PATH"),
                                  ("program: no-such-program\ncommand: ['${program}']", "1:10",
                                   "no-such-program is not on $PATH")):
            path = self.write("sweep.yaml", line + "\n" + spec)
            self.assertIn("sweep.yaml:%s: error: " % place, self.says("run", path, code=2))
            self.assertIn(want, self.said(self.started[-1]))
            self.assertIn(want, self.says("plan", path, code=2))
            said = self.says("lint", path)
            self.assertNotIn("error", said)
            self.assertEqual("$PATH" in want or "./nowhere" in want, want not in said)
        self.assertFalse(self.store.exists())

    def tried(self, report, log, code=0):
        (self.folder / "train.log").write_text(log)
        self.sweep(ONE % report, "exit 0\n")
        with open(self.folder / "train.log") as read:
            return self.end(self.begin("try-report", "sweep.yaml", stdin=read), code)

    def test_try_report(self):
        log = "begun\n\r50%|#\rEpoch 1, \x1b[1mloss=2.5\x1b[0m acc=x\nEpoch 2, loss=2 acc=0.5\n"
        self.assertEqual(self.tried(r"{stderr: 'Epoch (?<step>\d+), loss=(?<loss>\S+) acc=(?<acc>\S+)'}", log), '''\
line 2: step 1 loss=2.5
line 2: acc is "x", which is not a number
line 3: step 2 acc=0.5 loss=2.0

3 lines: 2 points, 1 lost
  loss: 2
  acc: 1
the sweep's metric loss is among them
''')
        said = self.tried("{stdout: key=value}", "val_loss=1 acc=0.5\nepoch 7 val_loss=2.0\n", code=1)
        self.assertIn("line 2: step 7 val_loss=2.0\n", said)
        self.assertIn("the sweep's metric loss is not among them: the log reported val_loss and acc; did you mean "
                      "val_loss?", said)
        self.assertIn("no metric", self.tried("{stdout: keras}", "nothing\n", code=1))
        self.assertIn("line 1: step 0 loss=Infinity acc=NaN\n",
                      self.tried("{stdout: key=value}", "loss=1e999 acc=nan\n"))
        said = self.tried("{stdout: json}", '{"loss": 1, "loss": 2}\n')
        self.assertIn("line 1: step 0 loss=2.0\nline 1: a name twice, and only its last value counts\n", said)
        (self.folder / "plain.yaml").write_text((self.folder / "sweep.yaml").read_text().replace("report:", "#"))
        self.assertIn("add report: {stdout: json}", self.says("try-report", "plain.yaml", code=2))


if __name__ == "__main__":
    scene.main()
