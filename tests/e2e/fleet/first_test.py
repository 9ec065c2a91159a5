#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller and agents from the first start to the end of a sweep, over loopback and over TLS."""
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import stat
import subprocess

import fleet

GRID = """
method: grid
metric: {name: loss, goal: minimize}
parameters: {x: {values: [0, 1, 2, 3, 4, 5]}}
"""
TRAIN = """
x=${1#x=}
echo "{\\"loss\\": $((x * x))}" >> "$BESOM_METRICS"
echo "x is $x"
"""


OTHER = "method: grid\nparameters: {x: {values: [1]}}\ncommand: ['true']\n"


def without_ages(text):
    return re.sub(r" +\d+(\.\d)?s\b", " AGE", text)


class First(fleet.Case):
    def said_times(self, process, begin, end, times):
        line = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d %s.*%s$" % (re.escape(begin), re.escape(end)), re.M)
        wait_for = "%s (%d times)" % (begin, times)
        fleet.wait_until(lambda: len(line.findall(self.said(process))) == times, wait_for)

    def works_through(self):
        self.serve()
        self.agent("a", "--slots", 2)
        self.agent("b")
        sweep = self.create(GRID, TRAIN)
        self.until_ended()
        trials = self.look("trials", "last")
        self.assertEqual([t["state"] for t in trials], ["finished"] * 6)
        self.assertEqual(sorted(t["objective"] for t in trials), [0, 1, 4, 9, 16, 25])
        agents = {t["agent"] for t in trials}
        self.assertEqual(agents - {"a", "b"}, set())
        self.assertEqual("agent" in self.besom("trials", "last").split("\n")[0].split(), len(agents) > 1)
        self.assertEqual(self.look("best", "last")["params"], {"x": 0})
        self.assertEqual(self.besom("logs", sweep + "-3"), "x is %d\n" % trials[3]["params"]["x"])
        return sweep

    def test_over_loopback(self):
        sweep = self.works_through()
        for command in ("ls", "show", "trials", "best", "importance", "export"):
            options = ["--csv"] if command == "export" else []
            here = self.besom(command, *([] if command == "ls" else [sweep]), *options)
            del self.env["BESOM_SERVER"]
            there = self.besom(command, *([] if command == "ls" else [sweep]), *options, "--store", self.store)
            self.env["BESOM_SERVER"] = self.url
            there = re.sub(r"run it again: .*\n", "", there.replace(" --store %s" % self.store, ""))
            self.assertEqual(without_ages(here), without_ages(there), command)
        self.end_all()

    def test_over_tls(self):
        self.listen = "0.0.0.0:0"
        self.works_through()
        mode = os.stat(self.store / "controller.pem").st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        self.end_all()

    def test_stop_of_one_trial(self):
        self.serve()
        self.agent("a")
        sweep = self.create(GRID, "[ $1 = x=0 ] && exec sleep 1000\n" + TRAIN)
        fleet.wait_until(lambda: [t for t in self.look("trials", "last") if t["state"] == "running"], "a trial")
        self.assertIn("trial %s-0 is being stopped" % sweep, self.besom("stop", sweep + "-0"))
        self.until_ended()
        self.assertEqual([t["state"] for t in self.look("trials", "last")], ["stopped"] + ["finished"] * 5)
        self.end_all()

    def test_resources(self):
        """A trial runs where it has what it needs."""
        self.serve()
        self.agent("a", "--slots", 2)
        self.agent("b", "--slots", 2, "--labels", "nvlink,big")
        self.create(GRID + "resources: {labels: [big], cpus: 1, memory: 1MiB}\n", 'touch "$BESOM_DIR/kept"\n' + TRAIN)
        self.until_ended()
        ran = [(t["state"], t["agent"]) for t in self.look("trials", "last")]
        self.assertEqual(ran, [("finished", "b")] * 6)
        attempt = self.look("show", "last-0")["attempts_list"][0]
        self.assertEqual((attempt["cpus"], attempt["memory"], attempt["slots"]), (1, 1 << 20, [attempt["slot"]]))
        self.assertEqual(attempt["workdir"], os.path.realpath(self.folder))
        self.assertTrue(os.path.exists(attempt["dir"] + "/kept"), attempt)
        shown = self.besom("show", "last-0")
        self.assertIn("\nruns in   %s\nfolder    %s\n" % (attempt["workdir"], attempt["dir"]), shown)
        self.end_all()

    def test_connection_is_told(self):
        self.serve()
        agent = self.agent("a", "--slots", 3)
        self.said_times(agent, "agent a works for 127.0.0.1:", ", 3 trials at once", 1)
        self.controller.kill()
        self.controller.wait()
        self.said_times(agent, "agent a lost its connection to ", ": trying again; trainings continue", 1)
        self.serve()
        self.said_times(agent, "agent a works for ", ", 3 trials at once", 2)
        agent.send_signal(signal.SIGTERM)  # before the controller, whose end it would tell of
        self.end(agent, 143)
        self.end_all()
        self.assertEqual(self.said(agent).count("trying again"), 1, self.said(agent))

    def test_another_name(self):
        self.serve("--host", "ctrl.example.org")
        for host, status in (("ctrl.example.org", 200), ("localhost", 200), ("other.example.org", 421)):
            ask = http.client.HTTPConnection("127.0.0.1", int(self.url.rpartition(":")[2]))
            ask.request("GET", "/api/v1/sweeps", headers={"Host": host, "Authorization": "Bearer " + self.first["admin"]})
            self.assertEqual(ask.getresponse().status, status, host)
            ask.close()
        self.end_all()
        self.listen = "0.0.0.0:0"
        self.serve("--host", "ctrl.example.org")
        self.assertRegex(self.url, r"^https://ctrl.example.org:\d+#sha256:")
        self.assertTrue(self.join_string().startswith(self.url + ",bsm_join_"))
        self.end_all()
        self.assertIn("--host", self.says("serve", "--host", "a'b", code=2))

    def variables(self, code=0, **env):
        """What a shell has after eval "$(besom wandb)", and what the command says on stderr."""
        plain = {name: value for name, value in self.env.items() if not re.match("(SSL|REQUESTS)_", name)}
        shell = subprocess.run(["sh", "-c", 'eval "$("$0" wandb)" && env', self.binary], env=dict(plain, **env),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=fleet.PATIENCE)
        self.assertEqual(shell.returncode, code, shell.stderr)
        new = dict(line.split("=", 1) for line in shell.stdout.splitlines() if re.match("(WANDB|SSL|REQUESTS)_", line))
        return new, shell.stderr

    def connects(self, trusted, host):
        """Whether a program that trusts this file, and besom's key in no other way, takes the controller for this host."""
        context = ssl.create_default_context(cafile=trusted)
        with socket.create_connection(("127.0.0.1", int(self.listen.rpartition(":")[2]))) as below:
            try:
                context.wrap_socket(below, server_hostname=host).close()
            except ssl.SSLCertVerificationError:
                return False
        return True

    def test_wandb_over_tls(self):
        """The certificate is for the names and addresses of the controller, and programs that do not know
        besom's fingerprints trust it with the file of besom wandb."""
        self.listen = "0.0.0.0:0"
        self.serve("--host", "ctrl.example.org,10.9.8.7")
        named, pin = self.url.split("#")
        port = named.rpartition(":")[2]
        self.env["BESOM_SERVER"] = "https://127.0.0.1:%s#%s" % (port, pin)
        base = self.folder / "base.pem"
        base.write_text("# what this machine trusts\n")
        base.chmod(0o644)
        new, said = self.variables(SSL_CERT_FILE=str(base))
        trusted = new["SSL_CERT_FILE"]
        self.assertEqual((new["WANDB_BASE_URL"], new["WANDB_API_KEY"], new["REQUESTS_CA_BUNDLE"], said),
                         ("https://127.0.0.1:" + port, self.first["admin"], trusted, ""))
        self.assertEqual(stat.S_IMODE(os.stat(trusted).st_mode), 0o600)
        with open(trusted) as f:
            text = f.read()
        self.assertEqual((text.partition("# besom controller")[0], text.count("BEGIN CERTIFICATE")), (base.read_text(), 1))
        self.assertEqual(self.variables(SSL_CERT_FILE=trusted)[0], new)  # in the same shell
        with open(trusted) as f:
            self.assertEqual(f.read(), text)
        self.assertEqual(fleet.tree(os.path.dirname(trusted)), [os.path.basename(trusted)])
        for host in "127.0.0.1", "localhost", "::1", socket.gethostname(), "ctrl.example.org", "10.9.8.7":
            self.assertTrue(self.connects(trusted, host), host)
        for file, host in (trusted, "other.example.org"), (trusted, "10.9.8.6"), (None, "127.0.0.1"):
            self.assertFalse(self.connects(file, host), host)

        self.env["BESOM_SERVER"] = "https://127.0.0.3:%s#%s" % (port, pin)
        self.assertIn("besom serve --host 127.0.0.3", self.variables(code=1)[1])
        self.assertIn("not for 127.0.0.3", self.says("wandb", code=4))
        self.end_all()

        before = (self.store / "controller.pem").read_bytes()
        self.serve("--host", "ctrl.example.org,10.9.8.7")
        self.assertEqual((self.store / "controller.pem").read_bytes(), before)  # scripts that are running go on
        self.end_all()
        self.serve("--host", "other.example.org")
        self.assertEqual(self.url.partition("#")[2], pin)
        self.assertFalse(self.connects(trusted, "other.example.org"))
        self.env["BESOM_SERVER"] = "https://localhost:%s#%s" % (port, pin)
        self.assertEqual(self.variables()[0]["SSL_CERT_FILE"], trusted)
        self.assertTrue(self.connects(trusted, "other.example.org"))
        self.assertGreater(os.path.getsize(trusted), 2 * len(text))  # with what the system trusts
        self.end_all()

    def test_wandb_on_this_machine(self):
        self.serve()
        self.assertEqual(self.variables(), ({"WANDB_BASE_URL": self.url, "WANDB_API_KEY": self.first["admin"]}, ""))
        tokens = {scope: json.loads(self.besom("token", "create", "--scope", scope, "--store", self.store, "--json"))["token"]
                  for scope in ("viewer", "operator")}
        new, said = self.variables(BESOM_TOKEN=tokens["viewer"])
        self.assertEqual(new["WANDB_API_KEY"], tokens["viewer"])
        self.assertIn("scope viewer", said)
        self.assertEqual(self.variables(BESOM_TOKEN=tokens["operator"])[1], "")
        self.assertIn("does not know this credential", self.variables(code=1, BESOM_TOKEN=tokens["operator"] + "0")[1])
        self.assertIn("set $BESOM_TOKEN", self.variables(code=1, BESOM_TOKEN="")[1])
        self.assertIn("set $BESOM_SERVER", self.variables(code=1, BESOM_SERVER="")[1])
        self.end_all()
        self.assertIn("cannot be reached", self.variables(code=1)[1])

    def test_files_for_many_agents(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
        try:
            self.serve()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.assertEqual(resource.prlimit(self.controller.pid, resource.RLIMIT_NOFILE), (hard, hard))
        self.end_all()

    def test_steering(self):
        self.serve()
        sweep = self.create("method: random\nparameters: {x: {min: 0.0, max: 1.0}}\n", "sleep 600\n")
        self.agent()
        fleet.wait_until(lambda: self.look("show", sweep)["counts"].get("running"), "a trial")
        self.besom("pause", sweep)
        self.assertEqual(self.look("show", sweep)["state"], "paused")
        here = {"BESOM_SERVER": self.env.pop("BESOM_SERVER")}
        shown = self.besom("show", sweep, "--store", self.store)
        self.assertIn("continue it:\n  besom resume %s --store" % sweep, shown)
        self.env.update(here)
        self.besom("resume", sweep)
        self.assertRegex(self.besom("show", sweep), r"state +running\n")
        self.besom("enqueue", sweep, "x=0.5")
        self.besom("cancel", sweep)
        fleet.wait_until(lambda: not self.alive(), "the end of the training")
        self.assertEqual(self.look("show", sweep)["state"], "cancelled")
        said = self.says("run", self.write("other.yaml", OTHER), "--store", self.store, "--slots", 1)
        self.assertIn("besom serve (process %d) holds this store: its agents will run this sweep.\n" % self.controller.pid, said)
        self.assertNotIn("Another besom run", said)
        self.end_all()


    def test_a_sweep_without_an_agent_is_told(self):
        self.serve()
        spec = self.sweep("method: random\nrun_cap: 1\nparameters: {x: {min: 0.0, max: 1.0}}\n", "true\n")
        self.assertIn("No agent is taking trials", self.says("sweep", spec))
        agent = self.agent()
        self.until_ended()
        self.assertNotIn("No agent", self.says("sweep", spec))
        self.until_ended()
        self.besom("cordon", "a")
        said = self.says("sweep", spec)
        self.assertIn("No agent is taking trials: a is cordoned\n", said)
        self.assertNotIn("warning", said)
        text = (self.folder / spec).read_text()
        (self.folder / spec).write_text("program: trian.py\n" + "".join(l for l in text.splitlines(True) if "command" not in l))
        self.assertIn("warning: program: there is no trian.py here", self.says("sweep", spec))
        self.assertNotIn("trian", self.says("sweep", spec, "--quiet"))
        agent.send_signal(signal.SIGTERM)
        self.assertIn("agent a leaves", self.end(agent, 143))
        self.end_all()

    def test_run_says_that_it_stays_here(self):
        self.env["BESOM_SERVER"] = "http://127.0.0.1:1"
        said = self.says("run", self.sweep("method: grid\nparameters: {x: {values: [1]}}\n", "true\n"), "--slots", 1)
        self.assertIn("besom sweep creates it at the controller", said)

    def test_the_commit_is_recorded(self):
        if not shutil.which("git"):
            self.skipTest("git is not there")
        self.serve()
        spec = self.sweep(GRID, TRAIN)
        git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.com"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
            subprocess.run(git + command, cwd=self.folder, check=True)
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.folder, check=True, stdout=subprocess.PIPE)
        self.besom("sweep", spec, "--quiet")
        self.assertEqual(self.look("show", "last")["code"]["commit"], head.stdout.decode().strip())
        self.end_all()


class Refused(fleet.Case):
    def test_without_a_token(self):
        self.serve()
        del self.env["BESOM_TOKEN"]
        self.assertIn("set $BESOM_TOKEN", self.says("ls", code=5))
        self.env["BESOM_TOKEN"] = json.loads(self.besom("token", "create", "--scope", "viewer", "--store", self.store, "--json"))["token"]
        self.assertEqual(self.besom("ls"), "no sweep at this controller yet: besom sweep SPEC\n")
        self.assertIn("scope admin", self.says("token", "list", code=5))
        self.env["BESOM_TOKEN"] += "0"
        self.assertIn("does not know this credential", self.says("ls", code=5))

    def test_with_another_key(self):
        self.listen = "0.0.0.0:0"
        self.serve()
        place, _, pin = self.url.partition("#sha256:")
        self.env["BESOM_SERVER"] = "%s#sha256:%s" % (place, "0" * len(pin))
        self.assertIn("key", self.says("ls", code=4))
        self.env["BESOM_SERVER"] = place
        self.assertIn(place + "#sha256:… is the whole address", self.says("ls", code=4))

    def test_options_of_serve(self):
        for options, says in ((["--lost-after", "5s"], "at least 20s"), (["--lost-after", "soon"], "--lost-after"),
                              (["--host", "a,,b"], "--host"), (["--listen", "gpu0"], "HOST:PORT")):
            self.assertIn(says, self.says("serve", "--store", self.store, *options, code=2))

    def test_no_store_here(self):
        served = pathlib.Path(self.env["XDG_STATE_HOME"], "besom")
        says = "The store of besom serve is %s\n" % served
        self.assertIn(says, self.says("token", "list", code=3))
        self.serve()
        del self.env["BESOM_SERVER"]
        served.parent.mkdir(exist_ok=True)
        served.symlink_to(self.store)
        self.assertIn("token", self.besom("token", "list"))
        self.assertIn("ID is missing", self.says("token", "revoke", "", code=2))
        self.assertIn("token create", self.besom("audit"))
        self.assertIn("no agent", self.besom("agents"))
        self.assertIn("there is no agent", self.says("forget", "gpu1", code=3))
        self.assertIn(says, self.says("ls", code=3))
        self.end_all()

    def test_nobody_there(self):
        self.env["BESOM_SERVER"] = "http://127.0.0.1:1"
        self.assertRegex(self.says("ls", code=4), r"besom: \S+ cannot be reached: connection refused")

    def test_a_join_string_works_once(self):
        self.serve()
        string = self.first["join"]
        self.begin("agent", "--join", string, "--name", "one", "--dir", self.root / "agent.one")
        fleet.wait_until(lambda: (self.root / "agent.one" / "controller").exists(), "the first agent")
        said = self.says("agent", "--join", string, "--name", "two", "--dir", self.root / "agent.two", code=5)
        self.assertIn("has been used", said)
        self.assertIn("address", self.says("agent", "--join", string.partition(",")[2], "--name", "three", code=2))


if __name__ == "__main__":
    fleet.main()
