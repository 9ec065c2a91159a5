#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that report to a controller by wandb's own client, outside of sweeps: what was logged is what besom holds."""
import math

import desk


class Runs(desk.Case):
    def test_what_is_logged_is_what_besom_holds(self):
        self.serve()
        self.script('''
import wandb
run = wandb.init(project="demo", entity="team", name="first", config={"lr": 0.1, "deep": {"a": [1, 2]}}, tags=["a", "b"],
                 notes="some words", group="g", job_type="train")
for i in range(50):
    run.log({"loss": 1 / (i + 1), "deep": {"a": i}, "nan": float("nan"), "inf": float("inf"), "text": "é"})
run.log({"late": 1}, step=100)
run.config.update({"added": None})
run.summary["only"] = 7
print("printed")
''')
        run, = self.runs()
        self.assertEqual((run["entity"], run["project_name"], run["display"], run["state"], run["exit_code"]),
                         ("team", "demo", "first", "finished", 0))
        self.assertEqual((run["tags"], run["notes"], run["run_group"], run["job_type"]),
                         (["a", "b"], "some words", "g", "train"))
        config = {k: v["value"] for k, v in run["config"].items()}
        self.assertEqual((config["lr"], config["deep"], config["added"]), (0.1, {"a": [1, 2]}, None))
        rows = self.rows(run)
        self.assertEqual([row["_step"] for row in rows], list(range(50)) + [100])
        for i, row in enumerate(rows[:50]):
            self.assertEqual((row["loss"], row["deep"]["a"], row["text"], row["inf"]), (1 / (i + 1), i, "é", math.inf))
            self.assertTrue(math.isnan(row["nan"]))
        self.assertEqual(run["history"], 51)
        self.assertEqual((run["summary"]["only"], run["summary"]["late"], run["summary"]["loss"]), (7, 1, 1 / 50))
        self.assertTrue(any("printed" in line for line in run["log_lines"]), run["log_lines"])

    def test_names(self):
        """A run without a name gets one; projects and entities are whatever the script says."""
        self.serve()
        self.script('''
import wandb
for project in "MLOps Basics", "MLOps Basics", "a+b=ü":
    with wandb.init(project=project) as run:
        assert run.entity == "besom" and run.name, run.name
        run.log({"a": 1})
wandb.init().finish()
''')
        runs = self.runs()
        self.assertEqual([r["project_name"] for r in runs], ["MLOps Basics"] * 2 + ["a+b=ü", "uncategorized"])
        self.assertEqual([r["display"].split("-")[2] for r in runs], ["1", "2", "1", "1"])
        self.assertEqual([r["state"] for r in runs], ["finished"] * 4)
        self.assertEqual([len(r["name"]) for r in runs], [8] * 4)

    def test_who_may(self):
        self.serve()
        viewer = self.besom("token", "create", "--scope", "viewer", "--store", self.store).strip()
        self.assertEqual(self.graphql("Viewer", token=viewer)["viewer"]["entity"], "besom")
        self.assertIn("may only read", self.graphql("UpsertBucket", token=viewer, name="x", project="p"))
        self.assertEqual(self.ask("/files/besom/p/x/file_stream", {}, token=viewer)[0], 403)
        status, answer = self.ask("/graphql", {"query": "query Viewer { x }"}, token="x" * 40)
        self.assertEqual((status, bool(answer["errors"][0]["message"])), (401, True))
        self.assertEqual(self.ask("/sdk/otel/v1/logs", b"", token="x"), (200, {}))
        self.assertIn("does not support the operation Nonsense", self.graphql("Nonsense"))
        self.assertEqual(self.ask("/graphql", b"{")[0], 200)
        self.assertEqual(self.ask("/files/besom/p/x/file_stream", {})[0], 404)


if __name__ == "__main__":
    desk.main()
