# SPDX-License-Identifier: GPL-3.0-or-later
"""What a careless or hostile user, script or pipe does to besom run."""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver

GRID = """
command: [sh, -c, '%s']
method: grid
parameters: {x: {values: [1, 2, 3, 4]}}
"""


class Hostile(driver.Case):
    def spec(self, text):
        (self.folder / "s.yaml").write_text(text)
        return "s.yaml"

    def test_a_reader_that_goes_first(self):
        """As tee does at Ctrl-C: the running trials are ended politely all the same."""
        spec = self.spec(GRID % "trap \"touch polite; exit\" TERM; touch up; sleep 60 & wait")
        run = self.start("run", spec, "--slots", 1, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
        self.addCleanup(run.kill)
        self.assertIn("begins: grid, 4 trials, 1 at a time.", run.stderr.readline()
                      + run.stderr.readline())
        while not (self.folder / "up").exists():
            self.assertIsNone(run.poll())
            time.sleep(0.01)
        self.assertIn("state     running\n", self.besom("show"))
        run.stderr.close()
        run.stdout.close()
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=60), 130)
        self.assertTrue((self.folder / "polite").exists())
        self.assertEqual([t["state"] for t in self.trials()], ["pending"])
        said = self.besom("show")
        self.assertIn("state     interrupted\n", said)
        self.assertIn("continue it:\n  besom run ", said)
        self.assertIn("interrupted", self.besom("ls"))

    def test_another_seed_is_not_ignored(self):
        spec = self.spec(GRID % "true")
        self.besom("run", spec, "--seed", 7)
        self.besom("run", spec, "--seed", 7)
        self.besom("run", spec, "--seed", 8, code=2)
        self.besom("run", spec, "--seed", 8, "--new")

    def test_an_interrupt_while_a_cancelled_sweep_ends(self):
        """The sweep is over, and besom offers no command to continue it."""
        spec = self.spec(GRID % "trap \"\" TERM; touch up; sleep 60; sleep 60")
        run = self.start("run", spec, "--slots", 1, "--quiet", stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
        self.addCleanup(run.kill)
        while not (self.folder / "up").exists():
            self.assertIsNone(run.poll())
            time.sleep(0.01)
        self.besom("cancel", "last")
        run.send_signal(signal.SIGINT)
        while "Interrupted" not in (line := run.stderr.readline()):
            self.assertTrue(line)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 1)
        self.assertNotIn("Go on", err)
        self.assertIn("is cancelled (user): 1 cancelled", out)

    def test_a_metric_that_nobody_reports(self):
        spec = self.spec(GRID % "besom report accuracy=1" + 'metric: {name: "val\\e[31m_loss"}\n')
        said = self.besom("run", spec, code=1)
        self.assertIn("no trial has reported the metric val_loss: the first reported accuracy; did you mean ", said)
        self.assertNotIn("\x1b", said + self.besom("best", code=1))

    def test_the_end_says_how_to_look_at_a_failure(self):
        spec = self.spec(GRID % '[ "$1" = --x=2 ] && exit 1; true' + "env: {A: b}\n")
        spec = self.spec((self.folder / spec).read_text().replace("']", "', x, '${args}']"))
        said = self.besom("run", spec)
        trial = [t["id"] for t in self.trials() if t["state"] == "failed"]
        self.assertEqual(len(trial), 1)
        self.assertIn("1 failed: exit 1; besom logs %s\n" % trial[0], said)
        self.assertIn("  besom trials %s --state failed\n" % trial[0].split("-")[0], said)

    def test_a_failure_says_why_when_it_happens(self):
        spec = self.spec(GRID % 'echo "ValueError: bad x" >&2; exit 1' + "retry: {failed: 0}\n")
        run = self.start("run", spec, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(run.kill)
        out, err = run.communicate(timeout=60)
        self.assertIn('state=failed reason=exit code=1 why="ValueError: bad x" ran=', err)
        self.assertRegex(out, r"\n\d failed alike: ValueError: bad x; besom logs ")
        self.assertRegex(out, r"the last lines of trial \d:\n  ValueError: bad x\n")

    def test_a_program_that_is_not_there(self):
        """A launch that fails writes no log: the reason itself is said."""
        program = self.folder / "program"
        program.write_text("#!/no/such/interpreter\n")
        program.chmod(0o755)
        spec = self.spec("command: [./program]\nworkdir: .\nmethod: random\nparameters: {x: {min: 0, max: 9}}")
        run = self.start("run", spec, "--quiet", stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(run.kill)
        said = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 1)
        self.assertIn("the last: ./program: No such file or directory.\n", said)
        said = self.besom("show", self.trials()[0]["id"])
        self.assertIn("why attempt 1 ended: ./program: No such file or directory\n", said)
        self.assertNotIn("exit 0", said)

    def test_a_launch_larger_than_a_message(self):
        """The link to the agent closed at it, and the run hung. (JSON writes each of these as six.)"""
        spec = self.spec("command: ['true', '${args}']\nmethod: grid\n"
                         "parameters: {x: {values: [\"%s\", 2]}}\n" % ("\\x01" * 200000))
        self.besom("run", spec, "--slots", 1)
        self.assertEqual([t["reason"] for t in self.trials()], ["launch", "ok"])

    def test_a_sweep_larger_than_a_message(self):
        """What agents are told of a sweep is one message: one that cannot be is refused before it is created."""
        spec = self.spec("command: ['true', \"%s\"]\nmethod: grid\nparameters: {x: {values: [1, 2]}}\n"
                         % ("\\x01" * 200000))
        run = self.start("run", spec, "--slots", 1, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(run.kill)
        said = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 2, said)
        self.assertIn("command, flag, program, env, workdir and report take more than", said)

    def test_what_fails_at_each_look_is_said_once(self):
        spec = self.spec(GRID % "rm -f $BESOM_METRICS; mkdir $BESOM_METRICS; sleep 1")
        run = self.start("run", spec, "--slots", 4, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(run.kill)
        said = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 0)
        self.assertEqual(said.count("metrics is not a file: it has been replaced\n"), 4, said)

    def test_closed_standard_descriptors(self):
        """What is printed must not go into what took their numbers."""
        spec = self.spec(GRID % "touch up; sleep 60")
        run = self.start("run", spec, close_fds=False, preexec_fn=lambda: os.closerange(0, 3))
        self.addCleanup(run.kill)
        while not (self.folder / "up").exists():
            self.assertIsNone(run.poll())
            time.sleep(0.01)
        for fd in range(3):
            self.assertEqual(os.readlink("/proc/%d/fd/%d" % (run.pid, fd)), "/dev/null")
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=60), 130)

    def test_a_fifo_in_place_of_the_metrics_file(self):
        spec = self.spec(GRID % "rm -f $BESOM_METRICS; mkfifo $BESOM_METRICS; sleep 0.5")
        self.besom("run", spec, "--slots", 4)
        self.assertEqual({t["reason"] for t in self.trials()}, {"ok"})

    def test_the_folder_of_what_runs_is_removed(self):
        spec = self.spec(GRID % "[ $BESOM_ATTEMPT = 2 ] || rm -rf $BESOM_STORE/run")
        self.besom("run", spec, "--slots", 1)
        self.assertEqual({(t["reason"], t["attempts"]) for t in self.trials()}, {("ok", 2)})


if __name__ == "__main__":
    driver.main()
