#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts with wandb's own client on the agents of a fleet: runs, media and many rows reach the controller, whatever is
killed."""
import json
import os
import signal

import client_test
import desk

wait_until = desk.wait_until
SPEC = """
program: train.py
workdir: .
method: grid
metric: {name: loss, goal: minimize}
parameters: {n: {values: [%s]}}
"""


class Fleet(desk.Case):
    def begin_fleet(self, text, values="0", slots=1):
        self.serve()
        for name in [name for name in self.env if name.startswith("WANDB_")]:
            del self.env[name]
        self.env["PYTHONPATH"] = str(client_test.SITE)
        for name in "CACHE", "CONFIG", "DATA":
            self.env["WANDB_%s_DIR" % name] = str(self.root / name)
        self.env.update(WANDB_INIT_TIMEOUT="400", WANDB_X_SERVICE_WAIT="400")
        self.write("train.py", text)
        self.write("sweep.yaml", SPEC % values)
        self.agent("a", "--slots", slots)
        return self.besom("sweep", "sweep.yaml", "--quiet").strip()

    def forwarded(self):
        spool = self.root / "agent.a" / "wandb-runs"
        wait_until(lambda: os.listdir(spool) == [], "the runs to be forwarded")
        return {run["name"]: run for run in self.runs()}

    def files(self, run):
        with self.database() as db:
            found = db.execute("SELECT name, hash FROM file WHERE owner=?", (run["n"],)).fetchall()
        return {row["name"]: (self.store / "files" / row["hash"][:2] / row["hash"]).read_bytes() for row in found}

    def test_media_and_files(self):
        sweep = self.begin_fleet('''
import wandb
run = wandb.init(config={"layers": 3}, tags=["a"])
run.log({"loss": 1, "html": wandb.Html("<b>word</b>")})
open("big.bin", "wb").write(b"0123456789abcdef" * 200000)
wandb.save("big.bin")
print("printed")
''')
        self.until_ended()
        run = self.forwarded()[sweep + "-0"]
        self.assertEqual((run["state"], run["exit_code"], run["sweep"], run["tags"], run["config"]["layers"]["value"]),
                         ("finished", 0, sweep, ["a"], 3))
        files = self.files(run)
        self.assertEqual(files["big.bin"], b"0123456789abcdef" * 200000)
        self.assertIn(b"<b>word</b>", files[self.rows(run)[0]["html"]["path"]])
        self.assertTrue(any("printed" in line for line in run["log_lines"]), run["log_lines"])
        self.end_all()

    def test_artifacts_and_questions_of_a_trial(self):
        """What a script has just said of its run is there when it asks; it may not change other runs."""
        sweep = self.begin_fleet('''
import os, wandb
run = wandb.init(config={"layers": 3})
art = wandb.Artifact("model", type="model")
open("model.bin", "wb").write(b"0123456789abcdef" * 100000)
art.add_file("model.bin")
run.log_artifact(art).wait()
folder = run.use_artifact("model:latest").download(root=os.environ["BESOM_DIR"] + "/down")
assert open(folder + "/model.bin", "rb").read() == b"0123456789abcdef" * 100000
run.log({"loss": 7})
seen = wandb.Api().run(run.path)
assert (seen.state, seen.config["layers"]) == ("running", 3), seen
try:
    seen.delete()
except Exception as e:
    assert "for the run" in str(e), e
else:
    raise SystemExit("a trial may delete runs")
''')
        self.until_ended()
        self.assertEqual(self.look("show", "last-0")["state"], "finished", self.besom("logs", "last-0"))
        self.assertEqual(self.forwarded()[sweep + "-0"]["state"], "finished")
        self.end_all()

    def test_many_rows_while_controller_and_agent_are_killed(self):
        sweep = self.begin_fleet('''
import os, time, wandb
run = wandb.init()
for i in range(20000):
    run.log({"loss": i})
    if i == 6000:
        time.sleep(1.5)  # the client has sent some of it
        open("begun", "w").close()
        while not os.path.exists("killed"):
            time.sleep(0.05)
''')
        self.wait_for("begun")
        for process in self.controller, self.agents["a"]:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.touch("killed")
        self.serve()
        self.agent("a")
        self.until_ended()
        run = self.forwarded()[sweep + "-0"]
        self.assertEqual((run["state"], run["history"]), ("finished", 20000))
        self.assertEqual([row["loss"] for row in self.rows(run)], list(range(20000)))
        points = (json.loads(line)["metrics"]["loss"] for line in self.besom("metrics", "last-0", "--json").splitlines())
        self.assertEqual(list(points), list(range(20000)))
        self.assertEqual(self.look("show", "last-0")["attempts"], 1)
        self.end_all()

    def test_three_clients_with_ten_megabytes(self):
        sweep = self.begin_fleet('''
import wandb
run = wandb.init()
for i in range(100):
    run.log({"loss": i, "text": "x" * 100000})
''', "0, 1, 2", 3)
        self.until_ended()
        runs = self.forwarded()
        for n in range(3):
            rows = self.rows(runs["%s-%d" % (sweep, n)])
            self.assertEqual([(row["loss"], len(row["text"])) for row in rows], [(i, 100000) for i in range(100)])
        self.end_all()


if __name__ == "__main__":
    desk.main()
