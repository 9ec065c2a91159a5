#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training that speaks wandb's protocol as its client does, without the client: what it logs are the trial's metrics,
each row once, whatever process of besom is killed."""
import base64
import json
import os
import pathlib
import signal
import socket
import sqlite3
import sys
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fleet"))
import fleet  # noqa: E402
import scene  # noqa: E402

CLIENT = '''
import base64, json, os, sys, time, urllib.error, urllib.request
URL, KEY, RUN = (os.environ.get("WANDB_" + n, "") for n in ("BASE_URL", "API_KEY", "RUN_ID"))

def post(path, body):
    """Tries again as wandb does: whatever is not final."""
    head = {"Authorization": "Basic " + base64.b64encode(("api:" + KEY).encode()).decode()}
    while True:
        try:
            request = urllib.request.Request(URL + path, json.dumps(body).encode(), head)
            return json.load(urllib.request.urlopen(request))
        except urllib.error.HTTPError as e:
            if e.code < 500:
                raise
        except (OSError, ValueError):
            pass
        time.sleep(0.05)

def init():
    reply = post("/graphql", {"query": "mutation UpsertBucket { x }", "variables": {"name": RUN}})
    return reply["data"]["upsertBucket"]["bucket"]

def log(first, rows, **more):
    rows = [json.dumps(row) for row in rows]
    files = {"wandb-history.jsonl": {"offset": first, "content": rows}}
    return post("/files/e/p/%s/file_stream" % RUN, dict(more, files=files))

def until(name):
    while not os.path.exists(name):
        time.sleep(0.02)
'''
SPEC = """
method: grid
metric: {name: loss, goal: minimize}
parameters: {lr: {values: [1, 2]}}
"""


class Training:
    """For cases of one machine and of a fleet."""

    def script(self, text, spec=SPEC):
        self.write("client.py", CLIENT)
        self.write("train.py", "from client import *\n" + text)
        return self.write("sweep.yaml", "program: train.py\nworkdir: .\n" + spec.lstrip("\n"))

    def recorded(self):
        """The runs that the store holds, by name: state, exit code, the losses of the rows, and the files."""
        if not (self.store / "runs.db").exists():
            return {}
        db = sqlite3.connect("file:%s?mode=ro" % (self.store / "runs.db"), uri=True)
        try:
            found = {}
            for n, name, state, code, display, sweep in db.execute("SELECT n, name, state, exit_code, display, sweep FROM run"):
                chunks = db.execute("SELECT first, text FROM lines WHERE run=? AND stream=0 ORDER BY first", (n,)).fetchall()
                rows = [line for _, text in chunks for line in text.split("\n")]
                self.assertEqual([first for first, _ in chunks][:1], [0][:len(chunks)])
                self.assertEqual((display, sweep), (name, name.split("-")[0]))
                found[name] = (state, code, [json.loads(row).get("loss") for row in rows])
            return found
        finally:
            db.close()

    def values(self, trial, metric="loss"):
        lines = self.besom("metrics", trial, "--json").splitlines()
        points = [json.loads(line) for line in lines]
        return [(p["step"], p["metrics"][metric]) for p in points if metric in p["metrics"]]


class OneMachine(Training, scene.Case):
    def test_rows_are_the_metrics_of_the_trial(self):
        spec = self.script('''
bucket = init()
assert bucket["name"] == RUN and bucket["historyLineCount"] == 0 and bucket["sweepName"] in RUN, bucket
log(0, [{"loss": 3, "_step": 0, "_timestamp": 1.5}, {"loss": 2, "nest": {"a": 1}, "_step": 4}])
log(1, [{"loss": 2, "nest": {"a": 1}, "_step": 4}, {"loss": float("nan"), "_step": 5}])  # the answer was lost
log(3, [], complete=True, exitcode=0)
assert init()["historyLineCount"] == 3
''')
        self.besom("run", spec)
        for trial in self.by_number():
            self.assertEqual(trial["state"], "finished")
            self.assertEqual(trial["objective"], 2)
            self.assertEqual(self.values(trial["id"]), [(0, 3), (4, 2), (5, "NaN")])
            self.assertEqual(self.values(trial["id"], "nest.a"), [(4, 1)])
            state, code, rows = self.recorded()[trial["id"]]
            self.assertEqual((state, code, rows[:2]), ("finished", 0, [3, 2]))
            self.assertNotEqual(rows[2], rows[2])  # NaN
        self.assertEqual(os.listdir(self.store / "wandb-runs"), [])

    def test_a_metric_that_is_reported_twice_counts_once(self):
        """By wandb and in the metrics file: that of whichever was first, in each of two trials."""
        spec = self.script('''
init()
first = sys.argv[1] == "--lr=1"  # the file
def own(i):
    with open(os.environ["BESOM_METRICS"], "a") as f:
        f.write(json.dumps({"loss": i + 0.5, "own": i, "step": i}) + "\\n")
for i in range(20):
    if first:
        own(i)
    log(i, [{"loss": i, "theirs": i, "_step": i}])
    if not first:
        own(i)
log(20, [], complete=True, exitcode=0)
''')
        self.besom("run", spec)
        for trial, add in zip(self.by_number(), (0.5, 0)):
            self.assertEqual(self.values(trial["id"]), [(i, i + add) for i in range(20)])
            for name in "own", "theirs":
                self.assertEqual(self.values(trial["id"], name), [(i, i) for i in range(20)])

    def environment(self, spec=SPEC, **env):
        self.env.update(env)
        self.besom("run", "--new", self.script('''
found = {k: v for k, v in os.environ.items() if k.startswith("WANDB_")}
json.dump(found, open("env.json", "w"))
open(os.environ["BESOM_METRICS"], "w").write('{"loss": 1}')
''', spec))
        for name in env:
            del self.env[name]
        found = json.loads((self.folder / "env.json").read_text())
        return found

    def test_what_training_is_told(self):
        found = self.environment(SPEC + "project: mine\nentity: we\n")
        trials = {t["id"]: t["sweep"] for t in self.trials()}
        self.assertRegex(found["WANDB_BASE_URL"], r"^http://127\.0\.0\.1:\d+$")
        self.assertEqual((found["WANDB_PROJECT"], found["WANDB_ENTITY"]), ("mine", "we"))
        self.assertEqual(trials[found["WANDB_RUN_ID"]], found["WANDB_SWEEP_ID"])
        self.assertGreaterEqual(len(found["WANDB_API_KEY"].partition("-")[2]), 40)

    def test_who_has_decided_where_wandb_reports_to_is_left_alone(self):
        for spec, env in ((SPEC + "wandb: off\n", {}), (SPEC, {"WANDB_API_KEY": "x" * 40}),
                          (SPEC, {"WANDB_MODE": "disabled"}), (SPEC + "env: {WANDB_BASE_URL: 'http://h'}\n", {})):
            with self.subTest(spec=spec, env=env):
                found = self.environment(spec, **env)
                self.assertNotIn("WANDB_RUN_ID", found)
                self.assertEqual(found.get("WANDB_API_KEY"), env.get("WANDB_API_KEY"))

    def test_besom_is_killed(self):
        spec = self.script('''
init()
for i in range(60):
    log(i, [{"loss": i, "_step": i}])
    if i == 20:
        open("begun." + RUN[-1], "w").close()
        until("killed")
''')
        run = self.begin("run", spec, "--slots", 2)
        self.wait_for("begun.0", run)
        self.wait_for("begun.1", run)
        self.kill_besom(run)
        self.touch("killed")  # training finds nobody until besom runs again
        self.besom("run", spec)
        for trial in self.by_number():
            self.assertEqual((trial["state"], trial["attempts"]), ("finished", 1))
            self.assertEqual(self.values(trial["id"]), [(i, i) for i in range(60)])
            # The client never said that it was done.
            self.assertEqual(self.recorded()[trial["id"]], ("finished", 0, list(range(60))))

    def test_a_stop_is_told_to_scripts_that_ignore_signals(self):
        spec = self.script('''
import signal
import socket
signal.signal(signal.SIGTERM, signal.SIG_IGN)
init()
i = 0
while not log(i, [{"loss": i, "_step": i}]).get("stopped"):
    open("begun", "w").close()
    i += 1
    time.sleep(0.05)
''', SPEC.replace("[1, 2]", "[1]"))
        run = self.begin("run", spec)
        self.wait_for("begun", run)
        self.besom("cancel", "last")
        self.end(run, 1)
        self.assertEqual(self.ends(), [("cancelled", "user")])

    def request(self, url, path, key, body=b"{}", method="POST"):
        head = {"Authorization": "Basic " + base64.b64encode(("api:" + key).encode()).decode()} if key else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(url + path, body, head, method=method)) as reply:
                return reply.status
        except urllib.error.HTTPError as e:
            return e.code
        except OSError:
            return 0  # it is closed before a body that is too large was sent

    def begin_two(self):
        """besom with two trials that wait for the file `done`, and the environment of each."""
        spec = self.script('''
json.dump(dict(os.environ), open("part." + RUN[-1], "w"))
os.rename("part." + RUN[-1], "env." + RUN[-1])
until("done")
''')
        run = self.begin("run", spec, "--slots", 2)
        for n in "01":
            self.wait_for("env." + n, run)
        return run, [json.loads((self.folder / ("env." + n)).read_text()) for n in "01"]

    def test_a_key_is_good_for_its_trial_alone(self):
        run, env = self.begin_two()
        url, key, own, other = (env[0]["WANDB_BASE_URL"], env[0]["WANDB_API_KEY"], env[0]["WANDB_RUN_ID"],
                                env[1]["WANDB_RUN_ID"])
        stream = "/files/e/p/%s/file_stream"
        self.assertEqual(self.request(url, stream % own, key), 200)
        self.assertEqual(self.request(url, stream % other, key), 403)
        self.assertEqual(self.request(url, stream % own, key.replace("-1-", "-2-")), 401)
        forged = key.replace(own, other)
        for bad in (None, "", "x" * 86, key[:-1], key + "0", forged, "besom-" + own + "-1-"):
            self.assertEqual(self.request(url, stream % own, bad), 401, bad)
            self.assertEqual(self.request(url, "/graphql", bad), 401, bad)
        for path in ("/", "/api/v1/sweeps", "/files/e/p/%s/../file_stream" % own, "/files/file_stream", "/graphql/x"):
            self.assertIn(self.request(url, path, key), (400, 404), path)
        self.assertEqual(self.request(url, "/graphql", key, method="GET", body=None), 404)
        for body in (b"", b"{", b"[]", b"\0" * 1000, b'{"query":7}', b"[" * 100000):
            self.assertEqual(self.request(url, "/graphql", key, body), 400, body[:20])
        self.assertIn(self.request(url, stream % own, key, b" " * (17 << 20)), (0, 413))
        self.assertEqual(self.request(url, "/sdk/otel/v1/metrics", None, b"\x0a\x00"), 200)
        mode = os.stat(self.store / "wandb").st_mode & 0o777
        self.assertEqual(mode, 0o600)
        self.touch("done")
        self.end(run, 1)  # without a metric
        self.assertEqual(self.values("last-0"), [])

    def test_a_script_makes_further_runs(self):
        """As helpers for cross-validation do: each child has a run of its own."""
        spec = self.script('''
init()
def run(name, sweep=None):
    return post("/graphql", {"query": "mutation UpsertBucket { x }", "variables": {
        "name": name, "entity": "e", "project": "cv", "groupName": "g", "sweep": sweep}})

def rows(name, n):
    return post("/files/e/cv/%s/file_stream" % name, {"files": {"wandb-history.jsonl": {
        "offset": 0, "content": ['{"fold_loss":1}'] * n}}, "complete": True, "exitcode": 0})

own = "fold-" + RUN[-1]
assert run(own)["data"]["upsertBucket"]["inserted"]
rows(own, 3)
open("made." + RUN[-1], "w").close()
until("made.0")
if RUN[-1] == "1":
    assert "fold-0" not in str(run(own)["data"])
    for name, sweep in ("fold-0", None), ("new", "sweep"), ("abcdefgh-7", None):
        assert "it may read" in str(run(name, sweep)["errors"]), name
    try:
        rows("fold-0", 5)
        raise SystemExit("it was taken")
    except urllib.error.HTTPError as e:
        assert e.code == 403, e.code
log(0, [{"loss": 1, "_step": 0}], complete=True, exitcode=0)
''')
        self.besom("run", spec, "--slots", 2)
        runs = json.loads(self.besom("runs", "cv", "--json"))
        self.assertEqual(sorted((r["name"], r["state"], r["rows"]) for r in runs), [
            ("fold-0", "finished", 3), ("fold-1", "finished", 3)])
        for trial in self.by_number():
            self.assertEqual([p["metrics"] for p in self.points(trial)], [{"loss": 1}])

    def test_one_training_does_not_take_the_memory_for_all(self):
        """Bodies that are on their way count: those of one attempt are refused for now beyond 32 MiB."""
        run, env = self.begin_two()
        url, large = env[0]["WANDB_BASE_URL"], b'{"files":{}}' + b" " * (12 << 20)
        send = [lambda body=large, e=e: self.request(url, "/files/e/p/%s/file_stream" % e["WANDB_RUN_ID"],
                                                     e["WANDB_API_KEY"], body) for e in env]
        head = "POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nContent-Length: %d\r\n\r\n" % (
            base64.b64encode(("api:" + env[0]["WANDB_API_KEY"]).encode()).decode(), 15 << 20)
        half_open = []
        for _ in range(2):
            half_open.append(socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))))
            half_open[-1].sendall(head.encode() + b"x" * 1000)
        scene.wait_until(lambda: send[0]() in (0, 503), "a refusal")
        self.assertEqual((send[0](b'{"files":{}}'), send[1]()), (200, 200))
        for connection in half_open:
            connection.close()
        scene.wait_until(lambda: send[0]() == 200, "room")
        self.touch("done")
        self.end(run, 1)  # without a metric


class Fleet(Training, fleet.Case):
    def test_the_controller_is_away(self):
        """Training ends all the same, and nothing that it logged is lost; the agent is killed as well."""
        self.script('''
init()
for i in range(40):
    log(i, [{"loss": i, "_step": i}])
    if i == 10:
        open("begun." + RUN[-1], "w").close()
        until("killed")
log(40, [], complete=True, exitcode=0)
open("ended." + RUN[-1], "w").close()
''')
        self.serve()
        self.agent("a", "--slots", 2)
        self.besom("sweep", "sweep.yaml")
        for n in "01":
            self.wait_for("begun." + n)
        for process in self.controller, self.agents["a"]:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.touch("killed")
        self.agent("a", "--slots", 2)
        for n in "01":
            self.wait_for("ended." + n)
        self.serve()
        self.until_ended()
        for n in range(2):
            self.assertEqual(self.values("last-%d" % n), [(i, i) for i in range(40)])
            self.assertEqual(self.look("show", "last-%d" % n)["attempts"], 1)
        spool = self.root / "agent.a" / "wandb-runs"
        scene.wait_until(lambda: os.listdir(spool) == [], "the runs to be forwarded")
        runs = self.recorded()
        self.assertEqual(sorted(runs), sorted(self.look("show", "last-%d" % n)["id"] for n in range(2)))
        for run in runs.values():
            self.assertEqual(run, ("finished", 0, list(range(40))))
        self.end_all()

    def test_a_trial_that_runs_again_begins_its_run_anew(self):
        """What the first attempt logged is replaced."""
        self.script('''
attempt = int(os.environ["BESOM_ATTEMPT"])
init()
log(0, [{"loss": 10 * attempt + i, "_step": i} for i in range(3 if attempt == 1 else 2)])
sys.exit(attempt == 1)
''', SPEC.replace("[1, 2]", "[1]") + "retry: {failed: 1}\n")
        self.serve()
        self.agent("a")
        self.besom("sweep", "sweep.yaml")
        self.until_ended()
        spool = self.root / "agent.a" / "wandb-runs"
        scene.wait_until(lambda: os.listdir(spool) == [], "the runs to be forwarded")
        run, = self.recorded().values()
        self.assertEqual(run, ("finished", 0, [20, 21]))
        self.end_all()

    def test_an_agent_may_change_the_runs_of_its_trials_alone(self):
        """Two agents; each asks for the other's trial, and for other runs."""
        self.script('''
json.dump(dict(os.environ), open("part." + RUN[-1], "w"))
os.rename("part." + RUN[-1], "env." + RUN[-1])
init()
log(0, [{"loss": 1, "_step": 0}])
until("done")
''')
        self.serve()
        for name in "ab":
            self.agent(name)
        self.besom("sweep", "sweep.yaml")
        env = []
        for n in "01":
            self.wait_for("env." + n)
            env.append(json.loads((self.folder / ("env." + n)).read_text()))
        own, other = (e["WANDB_RUN_ID"] for e in env)

        def ask(operation, **variables):
            body = json.dumps({"query": "mutation %s { x }" % operation, "variables": variables}).encode()
            head = {"Authorization": "Basic " + base64.b64encode(("api:" + env[0]["WANDB_API_KEY"]).encode()).decode()}
            request = urllib.request.Request(env[0]["WANDB_BASE_URL"] + "/graphql", body, head)
            with urllib.request.urlopen(request) as reply:
                answer = json.load(reply)
            return answer["errors"][0]["message"] if answer.get("errors") else answer["data"]

        for operation in ("UpsertBucket", "DeleteRun", "UpsertSweep", "CreateAgent", "StopRun", "RewindRun"):
            self.assertIn("for the run " + own, ask(operation, id=other, name=other, runName=other), operation)
        scene.wait_until(lambda: len(self.recorded()) == 2, "both runs")
        self.assertIn("id", ask("Run", entity="besom", project="uncategorized", name=other)["project"]["run"])  # may be read
        self.touch("done")
        self.until_ended()
        self.end_all()


if __name__ == "__main__":
    fleet.main()
