#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom rerun: the trial's own command, environment and configuration, in the foreground, and the
store as it was."""
import signal

import scene

SPEC = """
command: [sh, train.sh, "${args_no_hyphens}", "id=${trial_id}"]
workdir: .
env: {MODE: "fast one"}
method: grid
metric: {name: loss, goal: minimize}
parameters: {lr: {values: [0.5, 0.25]}, quick: {value: true, flag: {true: [--quick, "${trial_number}"]}}}
"""
TRAIN = """
echo "$1 $2 $3 $4 $MODE $(cat "$BESOM_PARAMS") $BESOM_TRIAL $BESOM_ATTEMPT" >> seen
echo "here is the output"
besom report loss="${1#lr=}" --step 1
: > "$BESOM_DIR/model"
[ ! -e fail ] || exit 7
[ ! -e wait ] || { : > waiting; exec sleep 60; }
"""


class Rerun(scene.Case):
    def setUp(self):
        super().setUp()
        self.write("train.sh", TRAIN)
        self.says("run", self.sweep(SPEC))
        self.seen = (self.folder / "seen").read_text().splitlines()
        self.before = self.look("trials"), self.look("show", "last-1")

    def test_it_is_the_trial(self):
        said = self.says("rerun", "last-1")
        lines = (self.folder / "seen").read_text().splitlines()
        self.assertEqual(lines[2:], [line for line in self.seen if line.startswith("lr=0.25")])
        self.assertIn("here is the output", said)
        self.assertIn('it reported: {"loss":0.25}', said)
        self.assertIn("$ cd %s && sh train.sh lr=0.25 --quick 1 id=" % self.folder, said)
        self.assertEqual((self.look("trials"), self.look("show", "last-1")), self.before)
        self.besom("check")

    def test_its_exit_status_is_ours(self):
        self.touch("fail")
        self.says("rerun", "last-0", code=7)

    def test_a_signal_reaches_it(self):
        self.touch("wait")
        rerun = self.begin("rerun", "last-0")
        self.wait_for("waiting", rerun)
        rerun.send_signal(signal.SIGTERM)
        self.end(rerun, 143)

    def test_best_says_how(self):
        self.assertIn("run it again: besom rerun %s" % self.look("best")["id"], self.besom("best"))

    def test_a_backup_takes_folders_along(self):
        copy = str(self.folder / "copy")
        self.assertNotIn("not in it", self.besom("backup", copy, "--with-dirs"))
        number = "%s/0" % self.look("best")["sweep"]
        self.assertTrue((self.folder / "copy" / "trials" / number / "model").exists())
        log = self.besom("logs", "last-0", "--store", copy)
        self.assertIn("here is the output", log)

    def test_an_unknown_trial(self):
        self.assertIn("the last one is", self.says("rerun", "last-9", code=3))


if __name__ == "__main__":
    scene.main()
