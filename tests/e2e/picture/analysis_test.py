# SPDX-License-Identifier: GPL-3.0-or-later
"""What a controller says of a sweep's trials together: as the commands say it, and the same each time."""
import http.client
import json
import signal
import subprocess
import unittest

import pictured
from pictured import SWEEP


class Analysis(pictured.Case):
    def sweep(self, trials, **how):
        self.store = self.here / "served"  # a controller wants an agent's slots to fit its trials
        super().sweep(trials, **how)

    def serve(self):
        env = {**self.env, "XDG_STATE_HOME": str(self.here), "HOME": str(self.here)}
        serving = subprocess.Popen([self.binary, "serve", "--store", str(self.store), "--listen", "127.0.0.1:0", "--json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
        self.addCleanup(self.end, serving)
        self.serving = serving
        self.first = json.loads(serving.stdout.readline())
        self.place = self.first["url"].split("//")[1]

    def send(self, token, query):
        """The connection, on which an answer is due."""
        connection = http.client.HTTPConnection(self.place, timeout=60)
        connection.request("GET", "/api/v1/sweeps/%s/importance?%s" % (SWEEP, query), headers={"Authorization": "Bearer " + token})
        return connection

    def end(self, serving):
        serving.send_signal(signal.SIGTERM)
        serving.communicate(timeout=60)

    def ask(self, path, status=200):
        connection = http.client.HTTPConnection(self.place, timeout=60)
        connection.request("GET", "/api/v1/sweeps/" + path, headers={"Authorization": "Bearer " + self.first["admin"]})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        self.assertEqual(answer.status, status, text)
        return json.loads(text)

    def test_importances_are_those_of_the_command(self):
        self.sweep(200)
        told = {method: self.json("importance", SWEEP, "--store", self.store, "--method", method) for method in ("ped-anova", "fanova", "forest", "correlation")}
        acc = self.json("importance", SWEEP, "--store", self.store, "--metric", "acc", "--goal", "maximize")
        self.serve()
        for method, there in told.items():
            self.assertEqual(self.ask("%s/importance?method=%s" % (SWEEP, method)), there)
        self.assertEqual(self.ask(SWEEP + "/importance"), told["ped-anova"])
        self.assertEqual(self.ask(SWEEP + "/importance"), told["ped-anova"])  # as it was kept
        self.assertEqual(self.ask(SWEEP + "/importance?metric=acc&goal=maximize"), acc)
        self.assertTrue([one for one in told["ped-anova"]["parameters"] if one["name"] == "noise"][0]["noise"])
        remote = subprocess.run([self.binary, "importance", SWEEP, "--metric", "acc", "--goal", "maximize", "--json"], check=True,
                                stdout=subprocess.PIPE, env={**self.env, "BESOM_SERVER": self.first["url"], "BESOM_TOKEN": self.first["admin"]})
        self.assertEqual(json.loads(remote.stdout), acc)
        self.assertIn("minimize or --goal maximize", self.ask(SWEEP + "/importance?metric=acc", 400)["error"])
        self.assertIn("did you mean 'acc'", self.ask(SWEEP + "/importance?metric=ac&goal=minimize", 400)["error"])
        self.ask("nosuch/importance", 404)

    def test_ten_trials_are_too_few(self):
        self.sweep(10)
        self.serve()
        told = self.ask(SWEEP + "/importance")
        self.assertEqual((told["parameters"], told["missing"]), ([], 29))
        self.assertIn("need, 29 more.", told["notes"][0])
        told = self.ask(SWEEP + "/surface?x=lr&y=depth")
        self.assertEqual((told["mean"], told["missing"]), (None, 20 - told["trials"]))

    def test_where_most_were_stopped_early(self):
        """More of the same may never be enough: it says how many, and what helps."""
        self.sweep(60, few=True)
        self.serve()
        for told in self.ask(SWEEP + "/importance"), self.ask(SWEEP + "/surface?x=lr&y=depth"):
            self.assertRegex(told["notes"][0], r"Of 59 trials that ended, 1\d finished; 4\d were stopped early, and are not compared\. "
                                               r"If that continues, it takes about \d+ trials in all: a larger run_cap, or a sweep without "
                                               r"early_terminate, helps\.")

    def test_at_a_rung_where_too_few_finished(self):
        """Importances and surfaces of a controller, and a picture of it elsewhere, have the values at the same rung."""
        self.sweep(120, few=True, spec=pictured.RUNGS)
        told, picture = self.json("importance", SWEEP, "--store", self.store), self.besom("plot", SWEEP, "--store", self.store, "-o", "-")
        self.serve()
        self.assertEqual(self.ask(SWEEP + "/importance"), told)
        surface = self.ask(SWEEP + "/surface?x=lr&y=optimizer")
        self.assertEqual((told["at"], surface["at"], surface["trials"]), (4, 4, told["trials"]))
        self.assertIn("trials at iteration 4", surface["notes"][0])
        self.assertEqual(self.ask(SWEEP + "/surface?x=lr&y=optimizer&at=end")["at"], None)
        columns = {c["name"]: c["values"] for c in self.ask(SWEEP + "/columns")["columns"]}
        self.assertEqual([x for x in columns["rung.4"] if x is not None], [value for _, value in self.at_iteration(SWEEP, 4)])
        self.assertIn("ped-anova, gamma 0.1, %d at iteration 4" % told["trials"], picture)
        self.assertIn("Slices: val_loss at iteration 4 against each parameter", picture)
        remote = subprocess.run([self.binary, "plot", SWEEP, "-o", "-"], check=True, stdout=subprocess.PIPE, text=True,
                                env={**self.env, "BESOM_SERVER": self.first["url"], "BESOM_TOKEN": self.first["admin"]})
        self.assertEqual(remote.stdout, picture)

    def test_the_metric_reduced_in_other_ways(self):
        self.sweep(60)
        points = {}
        for line in self.besom("export", SWEEP, "--metrics", "--jsonl", "--store", self.store).splitlines():
            point = json.loads(line)
            points.setdefault(point["number"], []).append(point["metrics"]["val_loss"])
        self.serve()
        columns = {c["name"]: c["values"] for c in self.ask(SWEEP + "/columns?reduce=best")["columns"]}
        self.assertEqual(columns["reduce.best"], columns["objective"])
        self.assertNotIn("reduce.best", {c["name"] for c in self.ask(SWEEP + "/columns")["columns"]})
        few = self.ask(SWEEP + "/columns?reduce=first&trials=3,5&cols=number,reduce.first")["columns"]
        self.assertEqual([c["values"] for c in few], [[3, 5], [points[3][0], points[5][0]]])
        for trial in self.ask(SWEEP + "/trials?reduce=mean-2&sort=number"):
            last = points[trial["number"]][-2:]
            if all(isinstance(value, float) for value in last):
                self.assertAlmostEqual(trial["reduced"], sum(last) / 2, 12)
            else:
                self.assertEqual(trial["reduced"], "NaN")
        self.assertIn("write best, last, first, or mean-5", self.ask(SWEEP + "/columns?reduce=worst", 400)["error"])
        self.assertIn("write best, last, first, or mean-5", self.ask(SWEEP + "/trials?reduce=mean-0", 400)["error"])

    def test_a_surface(self):
        self.sweep(200)
        self.serve()
        told = self.ask(SWEEP + "/surface?x=lr&y=optimizer")
        self.assertEqual((told["x"]["scale"], len(told["x"]["values"]), told["y"]["values"]), ("log", 40, ["adamw", "sgd"]))
        adamw, sgd = told["mean"]
        best = min((mean, lr) for mean, lr in zip(adamw, told["x"]["values"]) if mean is not None)
        self.assertTrue(4e-4 < best[1] < 2.5e-3, best)  # 1e-3 is planted
        self.assertTrue(all(a < s for a, s in zip(adamw, sgd) if a is not None and s is not None))
        self.assertEqual(self.ask(SWEEP + "/surface?x=lr&y=optimizer"), told)
        self.assertIn("more than one value", self.ask(SWEEP + "/surface?x=lr&y=epochs", 400)["error"])

    def test_one_viewer_does_not_take_all_the_room(self):
        """Half of what may wait is for one credential; the questions arrive while the controller is halted, so all at once."""
        self.sweep(200)
        self.serve()
        busy, other = [self.json("token", "create", "--scope", "viewer", "--store", self.store)["token"] for _ in range(2)]
        self.serving.send_signal(signal.SIGSTOP)
        asked = [self.send(busy, "method=fanova&nan=%d" % i) for i in range(40)]
        last = self.send(other, "method=fanova&nan=other")
        self.serving.send_signal(signal.SIGCONT)
        answers = [connection.getresponse() for connection in asked]
        told = [(answer.status, answer.read()) for answer in answers]
        refused = [json.loads(text)["error"] for status, text in told if status == 503]
        self.assertEqual(set(refused), {"too many of your questions are waiting: ask again in a moment"})
        self.assertEqual({status for status, _ in told}, {200, 503})
        self.assertGreaterEqual(len(asked) - len(refused), 16)
        self.assertEqual(last.getresponse().status, 200)


if __name__ == "__main__":
    unittest.main()
