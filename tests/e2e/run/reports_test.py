#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What training reports, well or badly, and what besom makes of it; the keys of the spec that say
how much is run."""
import json

import scene

ONE = """
method: grid
metric: {name: loss%s}
parameters: {x: {value: 1}}
"""


class Reports(scene.Case):
    def reported(self, train, goal=""):
        """The trial of a sweep of one, and its points as (step, metrics)."""
        self.says("run", self.sweep(ONE % goal, train), "--new")
        trial = self.look("show", "last-0")
        self.assertEqual(trial["reason"], "ok")
        return trial, [(p["step"], p["metrics"]) for p in self.points(trial)]

    def losses(self, said, **counts):
        """What was lost is in each place where one looks."""
        trial = self.look("show", "last-0")
        keys = "bad_lines", "long_lines", "dropped_values", "stdout_dropped", "rewrites"
        for one in trial, trial["attempts_list"][0]:
            self.assertEqual({k: one[k] for k in keys if one[k]}, counts)
        self.assertIn("lost metrics: ", said)
        self.assertRegex(self.besom("show", "last-0"), r"(?m)^lost  ")

    def test_long_lines_and_bad_ones(self):
        train = """
{ echo '{"loss":1}'; echo "{'loss': 2}"; printf '{"x":"'; head -c 70000 /dev/zero | tr '\\0' x
  echo '","loss":3}'; printf '\\377\\n'; echo '{"loss":4}'; } %s
"""
        said = self.says("run", self.sweep(ONE % "", train % '>> "$BESOM_METRICS"'))
        self.losses(said, bad_lines=2, long_lines=1)
        self.assertRegex(said, r"(?s)-0: line 2 of \$BESOM_METRICS is not a metric.*\{'loss': 2\}")
        self.assertIn("-0: line 3 of $BESOM_METRICS is longer than 64 KiB", said)
        self.assertEqual([p["metrics"]["loss"] for p in self.points(self.trials()[0])], [1, 4])
        spec = self.sweep(ONE % "" + "report: {stdout: json}\n", train % "")
        said = self.says("run", spec, "--new")
        self.losses(said, bad_lines=1, long_lines=1)
        self.assertIn("-0: line 3 of its output is longer than 64 KiB", said)
        self.assertEqual([p["metrics"]["loss"] for p in self.points(self.trials()[0])], [1, 4])

    def test_a_name_twice(self):
        spec = self.sweep(ONE % "", """
for loss in 1 2; do echo "{\\"loss\\":9,\\"x\\":1,\\"loss\\":$loss}"; done >> "$BESOM_METRICS"
""")
        said = self.says("run", spec)
        self.losses(said, bad_lines=2)
        self.assertEqual(said.count("has a name twice"), 1)
        self.assertIn('-0: line 1 of $BESOM_METRICS has a name twice, and only its last value counts: {"loss":9,', said)
        self.assertEqual([p["metrics"]["loss"] for p in self.points(self.trials()[0])], [1, 2])

    def test_overwritten(self):
        """`>` in place of `>>`: each epoch is read, and besom says what is wrong, once."""
        spec = self.sweep(ONE % "", """
for loss in 1 2 3; do
  echo "{\\"loss\\":$loss}" > "$BESOM_METRICS"
  until besom metrics last-0 | grep -q "^ *[0-9]* .* $loss"; do sleep 0.05; done
done
""")
        said = self.says("run", spec)
        self.losses(said, rewrites=2)
        self.assertEqual(said.count("$BESOM_METRICS was overwritten"), 1)
        points = [(p["step"], p["metrics"]["loss"]) for p in self.points(self.trials()[0])]
        self.assertEqual(points, [(0, 1), (1, 2), (2, 3)])

    def test_without_a_step(self):
        trial, points = self.reported("""
for loss in 3 1 2; do echo "{\\"loss\\":$loss}" >> "$BESOM_METRICS"; done
echo '{"loss":9,"step":7}' >> "$BESOM_METRICS"; echo '{"loss":8}' >> "$BESOM_METRICS"
""")
        self.assertEqual([(s, m["loss"]) for s, m in points],
                         [(0, 3), (1, 1), (2, 2), (7, 9), (8, 8)])
        self.assertEqual(trial["objective"], 1)

    def test_steps_backward_and_again(self):
        trial, points = self.reported("""
echo '{"step":5,"loss":5}' >> "$BESOM_METRICS"
echo '{"step":2,"loss":2}' >> "$BESOM_METRICS"
echo '{"step":5,"loss":4,"accuracy":0.5}' >> "$BESOM_METRICS"
""")
        self.assertEqual(points, [(2, {"loss": 2}), (5, {"loss": 4, "accuracy": 0.5})])
        self.assertEqual(trial["objective"], 2)
        self.assertEqual((trial["step"], trial["metrics"]["loss"]), (5, 4))

    def test_a_file_of_terabytes_without_a_byte(self):
        trial, points = self.reported("""
echo '{"step":1,"loss":5}' >> "$BESOM_METRICS"
truncate -s 2T "$BESOM_METRICS"
""")
        self.assertEqual(points, [(1, {"loss": 5})])
        self.assertEqual(self.look("show", "last-0")["attempts_list"][0]["long_lines"], 1)

    def test_steps_below_zero(self):
        trial, points = self.reported("""
echo '{"step":-5,"loss":5}' >> "$BESOM_METRICS"
echo '{"loss":2}' >> "$BESOM_METRICS"
""")
        self.assertEqual(points, [(-5, {"loss": 5}), (-4, {"loss": 2})])
        self.assertEqual((trial["step"], self.look("show", "last-0")["step"]), (-4, -4))

    def test_half_lines(self):
        _, points = self.reported("""
printf '{"step":0,"lo' >> "$BESOM_METRICS"; sleep 0.3
printf 'ss":0.5}\\n{"step":1,"loss":0.25}' >> "$BESOM_METRICS"
""")
        self.assertEqual(points, [(0, {"loss": 0.5}), (1, {"loss": 0.25})])

    def test_rubbish_between(self):
        trial, points = self.reported("""
echo '{"step":0,"loss":1}' >> "$BESOM_METRICS"
printf '\\0\\1\\377\\n{"loss":}\\n[1]\\n\\n"x"\\n{"loss":"text"}\\n' >> "$BESOM_METRICS"
head -c 300000 /dev/urandom >> "$BESOM_METRICS"
head -c 300000 /dev/zero >> "$BESOM_METRICS"
printf '\\n{"step":4,"loss":0.25}\\n{"step":5,"loss":0.1' >> "$BESOM_METRICS"
""")
        self.assertEqual(points, [(0, {"loss": 1}), (4, {"loss": 0.25})])
        self.assertGreaterEqual(trial["attempts_list"][0]["bad_lines"], 4)

    def test_what_training_does_to_the_file(self):
        spec = self.sweep("""
method: grid
parameters: {how: {values: [removed, emptied, folder, pipe, zero, closed, apart]}}
""", """
echo '{"step":0,"loss":1}' >> "$BESOM_METRICS"
while [ "$1" != how=removed ] && [ ! -e go ]; do sleep 0.02; done
case $1 in
how=removed) rm "$BESOM_METRICS" ;;
how=emptied) : > "$BESOM_METRICS" ;;
how=folder) rm "$BESOM_METRICS"; mkdir "$BESOM_METRICS" ;;
how=pipe) rm "$BESOM_METRICS"; mkfifo "$BESOM_METRICS" ;;
how=zero) rm "$BESOM_METRICS"; ln -s /dev/zero "$BESOM_METRICS" ;;
how=closed) chmod 0 "${BESOM_METRICS%/*}"/* ;;
how=apart) rm -r "$BESOM_DIR" ;;
esac
: > go
""")
        self.says("run", spec, "--slots", 2)
        self.assertEqual(self.ends(), [("finished", "ok")] * 7)
        self.assertIn("is finished", self.says("run", spec))

    def test_numbers(self):
        _, points = self.reported("""
echo '{"step":0,"loss":NaN,"a":-Infinity,"b":"Infinity","c":-0.0,"d":1e308,"e":5e-324,
"f":123456789012345678901234567890,"g":{"h":true,"i":null},"j":0.1}' | tr -d '\\n' >> "$BESOM_METRICS"
""")
        (_, seen), = points
        self.assertEqual(json.dumps(seen, sort_keys=True), json.dumps(
            {"a": "-Infinity", "b": "Infinity", "c": -0.0, "d": 1e308, "e": 5e-324,
             "f": 123456789012345678901234567890.0, "g.h": 1.0, "j": 0.1, "loss": "NaN"}))

    def test_thirty_thousand_points(self):
        trial, points = self.reported("""
python3 -c "import os
with open(os.environ['BESOM_METRICS'], 'a') as f:
    for i in range(30000):
        f.write('{\\"step\\": %d, \\"loss\\": %r}\\\\n' % (i, 1 / (i + 1)))"
""")
        self.assertEqual(len(points), 30000)
        self.assertTrue(all(m == {"loss": 1 / (s + 1)} for s, m in points))
        self.assertEqual([s for s, _ in points], list(range(30000)))
        self.assertEqual(trial["objective"], 1 / 30000)

    def test_from_stdout(self):
        self.write("train.sh", """
echo '{"step":1,"loss":4}'; echo 'epoch 1 loss=4.0'; echo '{"step":9,"loss":0}' >&2
echo 'epoch 2 loss=nan'; printf '{"step":2,"loss":2}\\nepoch 3 loss=2e0'
""")
        for report, want in (("json", [(1, 4), (2, 2)]),
                             (r"['epoch (?<step>\d+) loss=(?<loss>\S+)']",
                              [(1, 4), (2, "NaN"), (3, 2)])):
            spec = self.write("sweep.yaml", "command: [sh, train.sh]\nworkdir: .\n"
                              "report: {stdout: %s}\n" % report + ONE.lstrip() % "")
            self.says("run", spec, "--new")
            trial = self.look("show", "last-0")
            points = [(p["step"], p["metrics"]["loss"]) for p in self.points(trial)]
            self.assertEqual(points, want)
            self.assertEqual(trial["objective"], 2)
            self.assertIn("epoch 2", self.besom("logs", "last-0"))

    def test_nan_is_never_the_best(self):
        for goal in "minimize", "maximize":
            spec = self.sweep("metric: {name: loss, goal: %s}\n" % goal + """
method: grid
parameters: {loss: {values: [.nan, 2, 1, .nan]}}
""", 'echo "{\\"loss\\": ${1#loss=}}" | sed s/nan/NaN/ >> "$BESOM_METRICS"\n')
            self.says("run", spec, "--new")
            best = self.look("best", "last")["objective"]
            self.assertEqual(best, 1 if goal == "minimize" else 2)

    def test_nobody_reports_the_metric(self):
        """Told after the first trial, paused after the third, an error at the end."""
        spec = self.sweep("""
method: grid
metric: {name: loss}
parameters: {x: {values: [1, 2, 3, 4]}}
""", "besom report accuracy=0.5 val_loss=1\n")
        said = self.says("run", spec, "--slots", 1, code=1)
        meant = "reported accuracy and val_loss; did you mean val_loss?"
        self.assertIn("-0 finished without the metric loss: it " + meant, said)
        self.assertEqual(said.count("finished without the metric loss: it"), 1)
        self.assertIn("3 trials in a row finished without the metric loss: the last " + meant, said)
        self.assertEqual(self.look("show", "last")["state"], "paused")
        self.assertEqual(len(self.trials()), 3)
        self.assertIn("3 trials that finished without loss run again.", self.says("run", spec, "--slots", 1, code=1))
        self.assertEqual([t["attempts"] for t in self.trials()], [2] * 3)
        self.says("resume", "last") # without them
        said = self.says("run", spec, "--slots", 1, code=1)
        none = "no trial has reported the metric loss: the first " + meant + \
               "\nReport loss in the script, or start a new sweep with one of them as metric.name.\n"
        self.assertIn(none, said)
        self.assertNotIn("besom retry", said)
        shown = self.besom("show", "last")
        self.assertIn(none, shown)
        self.assertNotIn("besom retry", shown)
        self.assertEqual([t["objective"] for t in self.trials()], [None] * 4)
        self.assertIsNone(self.look("best", "last", code=1))
        self.assertIn("is finished", self.says("run", spec, code=1))

    def test_a_script_that_only_prints(self):
        """The pause, and the end of a sweep too short for one, name the ways to report."""
        text = "method: grid\nmetric: {name: loss}\nparameters: {x: {values: %s}}\n"
        how = "Add `report: {stdout: json}`, or the name of a reader"
        said = self.says("run", self.sweep(text % [1, 2, 3, 4], "echo loss=0.5\n"), "--slots", 1, code=1)
        self.assertIn("3 trials in a row finished without the metric loss: the last reported no metric", said)
        self.assertEqual(said.count(how), 1, said)
        self.assertIn("what the script logs with wandb", said)
        said = self.says("run", self.sweep(text % [1], "echo loss=0.5\n"), "--new", code=1)
        self.assertEqual(said.count(how), 1, said)
        said = self.says("run", self.sweep(text % [1] + "report: {stdout: key=value}\n", "echo loss=0.5\n"), "--new")
        self.assertNotIn(how, said)

    def test_a_script_that_reports_not_always(self):
        """Then the cause is not that nothing reads its reports."""
        how = "Add `report: {stdout: json}`"
        spec = self.sweep("method: grid\nmetric: {name: loss}\nparameters: {x: {values: [1, 2, 3, 4, 5]}}\n",
                          '[ "$1" != x=1 ] || besom report loss=0.5\n')
        said = self.says("run", spec, "--slots", 1, code=1)
        sweep = self.look("show", "last")["id"]
        self.assertIn("Other trials have reported it, such as trial 0.", said)
        self.assertIn("besom logs %s-1" % sweep, said)
        self.assertNotIn(how, said)
        spec = self.sweep("method: grid\nmetric: {name: loss}\nparameters: {x: {values: [1]}}\nretry: {failed: 1}\n",
                          '[ $BESOM_ATTEMPT != 1 ] || { besom report loss=0.5; exit 1; }\n')
        said = self.says("run", spec, "--new", code=1)
        self.assertIn("it reported no metric. Its attempts before 2 did, but only the last counts", said)


class HowMuch(scene.Case):
    def test_target(self):
        spec = self.sweep("""
method: grid
metric: {name: x, goal: maximize, target: 4}
parameters: {x: {min: 1, max: 50}}
""", 'besom report "$1"\n')
        self.says("run", spec, "--slots", 1)
        self.assertEqual([t["params"]["x"] for t in self.by_number()], [1, 2, 3, 4])
        sweep = self.look("show", "last")
        self.assertEqual((sweep["state"], sweep["reason"]), ("finished", "target"))
        self.assertEqual(sweep["best"]["objective"], 4)
        self.assertIn("is finished", self.says("run", spec))

    def test_target_lets_the_running_finish(self):
        spec = self.sweep("""
method: grid
metric: {name: x, goal: maximize, target: 1}
parameters: {x: {min: 0, max: 50}}
""", """
: > "$1"
while [ ! -e x=0 ] || [ ! -e x=1 ]; do sleep 0.02; done
besom report "$1"
[ $1 = x=1 ] || while [ ! -e go ]; do sleep 0.02; done
""")
        run = self.begin("run", spec, "--slots", 2)
        self.wait_for("x=1", run)
        scene.wait_until(lambda: self.look("show", "last")["state"] == "stopping", "the target")
        self.touch("go")
        self.end(run, 0)
        self.assertEqual(self.ends(), [("finished", "ok")] * 2)

    def test_run_cap(self):
        spec = self.sweep("""
method: random
run_cap: 7
parameters: {x: {min: 0.0, max: 1.0}}
""", "exit 0\n")
        self.says("run", spec)
        self.assertEqual(len(self.trials()), 7)

    def at_once(self, keys, *options):
        """The most trials that any trial saw beside itself, the first two having waited for each
        other."""
        for old in self.folder.glob("*.x=*"):
            old.unlink()
        spec = self.sweep(keys + """
method: grid
parameters: {x: {min: 1, max: 10}}
""", """
: > "now.$1"
case $1 in
x=1) while [ ! -e now.x=2 ] && [ ! -e seen.x=2 ] && [ ! -e alone ]; do sleep 0.02; done ;;
*) sleep 0.05 ;;
esac
ls now.* | wc -l > "seen.$1"
rm "now.$1"
""")
        self.says("run", spec, "--new", *options)
        seen = [int(f.read_text()) for f in self.folder.glob("seen.x=*")]
        self.assertEqual(len(seen), 10)
        return max(seen)

    def test_never_more_at_once(self):
        self.assertEqual(self.at_once("max_parallel: 2\n", "--slots", 5), 2)
        self.assertEqual(self.at_once("", "--slots", 2), 2)
        self.touch("alone")
        self.assertEqual(self.at_once("max_parallel: 1\n", "--slots", 4), 1)

    def test_params_as_a_file(self):
        self.sweep("""
command: [cp, "${args_json_file}", seen.json]
workdir: .
method: grid
parameters: {a: {value: 1.0e-5}, b: {parameters: {c: {value: [x, null]}}}}
""")
        self.says("run", "sweep.yaml")
        self.assertEqual(json.loads((self.folder / "seen.json").read_text()),
                         {"a": 1e-05, "b": {"c": ["x", None]}})

    def test_log(self):
        """A line an event, nothing without being asked, and nothing that may be a secret."""
        spec = self.sweep("""
method: grid
env: {TOKEN: hush-hush}
parameters: {x: {values: [41123, 41124]}}
""", "besom report ok=1\n")
        self.says("run", spec, "--log-level", "debug", "--log-file", "besom.log")
        log = (self.folder / "besom.log").read_text()
        for line in log.splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT[0-9:.]{12}Z (error|warn|info|debug) [a-z.]+( [a-z_]+=\S.*)?$")
        events = [line.split()[2] for line in log.splitlines()]
        self.assertEqual(events.count("attempt.launched"), 2)
        self.assertIn("peer.up", events)
        self.assertNotIn("hush-hush", log)
        self.assertNotIn("41123", log)
        self.assertNotIn(" info ", self.says("run", "--new", spec))
        self.env["BESOM_LOG"] = "info"
        self.assertIn(" info attempt.launched ", self.says("run", "--new", spec))
        self.env["BESOM_LOG"] = "loud"
        self.assertIn("BESOM_LOG", self.says("run", "--new", spec, code=2))


if __name__ == "__main__":
    scene.main()
