#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to a trial, in its command and its environment: ${trial_id} and its like, variables,
a port."""
import scene

SPEC = """
command: [sh, train.sh, "id=${trial_id}", "number=${trial_number}", "dir=${trial_dir}", "sweep=${sweep_id}",
          "slot=${slot}", "attempt=${attempt}", "params=${params_file}", "x${envvar:OWN}y", "${trial_id}"]
workdir: .
env: {OWN: "${trial_number}-${envvar:OUTER}", TWICE: "<${envvar:OWN}>", SAME: "${envvar:BESOM_DIR}"}
method: grid
parameters: {x: {values: [5, 6, 7]}}
"""
TRAIN = """
test "$1" = "id=$BESOM_TRIAL" || exit 11
test "$2" = "number=${BESOM_TRIAL#*-}" || exit 12
test "$3" = "dir=$BESOM_DIR" && test -d "$BESOM_DIR" || exit 13
test "$4" = "sweep=$BESOM_SWEEP" || exit 14
test "$5" = "slot=$BESOM_SLOT" || exit 15
test "$6" = "attempt=$BESOM_ATTEMPT" || exit 16
test "$7" = "params=$BESOM_PARAMS" || exit 17
test "$8" = "x${BESOM_TRIAL#*-}-outery" || exit 18
test "$9" = "$BESOM_TRIAL" || exit 19
test "$TWICE" = "<$OWN>" || exit 20
test "$SAME" = "$BESOM_DIR" || exit 21
test -z "$BESOM_PORT" || exit 22
test "$(head -n 1 "$WANDB_SWEEP_PARAM_PATH")" = "wandb_version: 1" || exit 23
grep -qx "  value: $((5 + ${BESOM_TRIAL#*-}))" "$WANDB_SWEEP_PARAM_PATH" || exit 24
"""
PORT = """
command: [sh, train.sh, "--port=${port}"]
workdir: .
env: {MASTER_PORT: "${port}"}
method: grid
parameters: {x: {values: [5, 6, 7]}}
"""
PORT_TRAIN = """
test "$1" = "--port=$BESOM_PORT" && test "$MASTER_PORT" = "$BESOM_PORT" || exit 11
test "$BESOM_PORT" -gt 1023 || exit 12
echo "$BESOM_PORT" >> ports
"""
UNSET = """
command: [sh, train.sh, "--data=${envvar:NOT_SET_ANYWHERE}/x"]
workdir: .
method: grid
parameters: {x: {values: [5, 6, 7]}}
"""


class Names(scene.Case):
    def test_names_and_variables_of_the_trial(self):
        self.write("train.sh", TRAIN)
        self.env["OUTER"] = "outer"
        self.says("run", self.sweep(SPEC), "--slots", 2)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)

    def test_a_parameter_file_of_wandbs_own_stays(self):
        self.write("train.sh", 'test "$WANDB_SWEEP_PARAM_PATH" = mine && test "$W" = mine || exit 1\n')
        spec = self.sweep("command: [sh, train.sh]\nworkdir: .\nmethod: grid\nparameters: {x: {values: [1]}}\n"
                          "env: {W: '${envvar:WANDB_SWEEP_PARAM_PATH}'}\n")
        self.env["WANDB_SWEEP_PARAM_PATH"] = "mine"
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")])

    def test_each_trial_has_a_port(self):
        self.write("train.sh", PORT_TRAIN)
        self.says("run", self.sweep(PORT), "--slots", 3)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        ports = (self.folder / "ports").read_text().split()
        self.assertEqual(len(set(ports)), 3, ports)

    def test_a_variable_that_is_not_set_stops_before_anything_runs(self):
        self.write("train.sh", "exit 0")
        said = self.says("run", self.sweep(UNSET), code=2)
        self.assertIn("command uses ${envvar:NOT_SET_ANYWHERE}, and NOT_SET_ANYWHERE is not set", said)
        self.assertFalse((self.store / "besom.db").exists())
        self.assertIn("NOT_SET_ANYWHERE is not set", self.says("plan", "sweep.yaml", code=2))
        self.env["NOT_SET_ANYWHERE"] = ""
        self.says("run", "sweep.yaml")
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)

    def test_plan_shows_what_is_known_before(self):
        self.env["OUTER"] = "outer"
        said = self.says("plan", self.sweep(SPEC, "exit 0\n"))
        self.assertIn("number=0", said)
        self.assertIn("x0-outery", said)


if __name__ == "__main__":
    scene.main()
