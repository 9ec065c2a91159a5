#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of configs/ that start a controller and agents: systemd's units with their options, and the Slurm job."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess

import fleet

CONFIGS = pathlib.Path(__file__).resolve().parents[3] / "configs"
SYSTEMD, SLURM = CONFIGS / "systemd", CONFIGS / "slurm"
SPEC = "method: grid\nparameters: {x: {values: [1]}}\n"
TRAIN = """
[ -e go ] && exit
touch begun
exec sleep 600
"""


def settings(text):
    """KEY=VALUE of an environment file, as systemd reads it."""
    return dict(line.split("=", 1) for line in text.splitlines() if re.match("[A-Z_]+=", line))


def command(unit, name, conf):
    """The argv of a unit, without the program, with the options of the file of the environment."""
    text = (SYSTEMD / unit).read_text()
    given = settings(text)
    given.update(re.findall(r'(?m)^Environment="([^=]+)=(.*)"$', text))
    given.update(settings(conf))
    argv = re.search(r"(?m)^ExecStart=\S+/besom (.*)$", text).group(1).split()
    return [word for w in argv for word in (shlex.split(given.get(w[1:], "")) if w == "$" + name else [w])]


class Units(fleet.Case):
    def variants(self, conf, name):
        """The file as it is, and with each of the lines that are comments in it."""
        text = (SYSTEMD / conf).read_text()
        return [text, *(text + line + "\n" for line in re.findall(r"(?m)^#(%s=.*)$" % name, text))]

    def test_options_are_known(self):
        for unit, conf, name in (("besom-controller.service", "controller.conf", "BESOM_SERVE_OPTIONS"),
                                 ("besom-agent.service", "agent.conf", "BESOM_AGENT_OPTIONS")):
            variants = self.variants(conf, name)
            self.assertGreater(len(variants), 2)
            for text in ["", *variants]:
                self.assertIn("usage: besom", self.besom(*command(unit, name, text), "--help"))
                self.assertNotIn("$", " ".join(command(unit, name, text)))

    def test_units_are_read_by_systemd(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not there")
        for unit in SYSTEMD.glob("*.service"):
            (self.folder / unit.name).write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text()))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", self.folder / unit.name], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False)
            said = [line for line in done.stdout.decode().splitlines() if unit.name in line]
            self.assertEqual(said, [], unit.name)

    def test_a_controller_and_an_agent(self):
        serve = command("besom-controller.service", "BESOM_SERVE_OPTIONS", (SYSTEMD / "controller.conf").read_text())
        serve[serve.index("/var/lib/besom")] = str(self.store)
        self.assertEqual(serve[serve.index("--listen") + 1], "0.0.0.0:8470")
        self.listen, given = "127.0.0.1:0", iter(serve[1:])
        options = {word: next(given) for word in given}
        self.assertEqual(options.pop("--store"), str(self.store))
        del options["--listen"]
        self.serve(*(word for pair in options.items() for word in pair))
        join = self.root / "join"
        join.write_text(self.join_string())
        conf = "BESOM_AGENT_OPTIONS=--join %s --slots 1\n" % join
        for _ in range(2):  # the second start is a member already
            agent = self.begin(*command("besom-agent.service", "BESOM_AGENT_OPTIONS", conf))
            fleet.wait_until(lambda: "works for" in self.said(agent), "the agent")
            agent.send_signal(signal.SIGHUP)
            self.end(agent, 129)
        self.end_all()

    def slurm(self):
        said = open(self.folder / "slurm.out", "a")
        self.addCleanup(said.close)
        bin_dir = self.root / "bin"
        bin_dir.mkdir(exist_ok=True)
        if not (bin_dir / "besom").exists():
            (bin_dir / "besom").symlink_to(self.binary)
        env = dict(self.env, HOME=str(self.root), SLURM_JOB_ID="17", SLURM_ARRAY_TASK_ID="1", SLURM_SUBMIT_DIR=str(self.folder),
                   PATH="%s:%s" % (bin_dir, os.environ["PATH"]))
        job = subprocess.Popen([SLURM / "besom-agent.sh"], env=env, stdout=said, stderr=said, cwd="/")
        self.started.append(job)
        return job

    def alive(self):
        return fleet.scene.processes(self.root / "besom" / "slurm-1")

    def test_a_job_is_preempted_and_comes_back(self):
        self.serve()
        (self.root / "besom").mkdir()
        (self.root / "besom" / "join.1").write_text(self.join_string())
        self.create(SPEC, TRAIN)
        job = self.slurm()
        self.wait_for("begun")
        job.send_signal(signal.SIGUSR1)
        self.assertEqual(job.wait(timeout=fleet.PATIENCE), 128 + signal.SIGUSR1)
        self.assertEqual(self.attempts(), ["preempted"])
        self.assertEqual(self.look("show", "last-0")["state"], "pending")
        self.touch("go")
        job = self.slurm()
        self.until_ended()
        self.assertEqual(self.attempts(), ["preempted", "ok"])
        job.send_signal(signal.SIGTERM)
        job.wait(timeout=fleet.PATIENCE)
        self.end_all()


if __name__ == "__main__":
    fleet.main()
