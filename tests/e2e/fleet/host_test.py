#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts with something wrong: what a trial needs is missing there, the disk is full, the controller is away for long."""

import json
import os
import pathlib
import re
import signal

import fleet

GRID = """
method: grid
metric: {name: loss, goal: minimize}
parameters: {x: {values: [0, 1, 2, 3, 4, 5, 6, 7]}}
"""
TRAIN = """
echo '{"loss": 1}' >> "$BESOM_METRICS"
"""


class Unstarted(fleet.Case):
    """An agent that cannot start a trial costs the trial nothing."""

    def empty(self):
        """Another working directory for an agent."""
        place = self.root / "empty"
        place.mkdir()
        return ["--workdir", place]

    def held(self, name):
        """Why the agent of that name starts nothing."""
        return next(a["text"] for a in self.look("agents") if a["name"] == name)

    def all_on(self, agent):
        """Every trial has finished there; those that began elsewhere had no cost."""
        trials = self.look("trials", "last")
        self.assertEqual([(t["state"], t["agent"]) for t in trials], [("finished", agent)] * 8)
        ends = [a["reason"] for t in trials for a in self.look("show", t["id"])["attempts_list"]]
        self.assertEqual(sorted(set(ends)), ["ok", "unstarted"])

    def test_the_program_is_missing_on_one_host(self):
        self.serve()
        self.agent("bad", "--slots", 4, *self.empty())
        self.agent("good")
        fleet.wait_until(lambda: len(self.look("agents")) == 2, "both agents")
        self.create(GRID, TRAIN)
        self.until_ended()
        self.all_on("good")
        self.end_all()

    def test_the_folder_is_missing_on_one_host(self):
        self.serve()
        self.agent("bad", *self.empty())
        self.agent("good")
        fleet.wait_until(lambda: len(self.look("agents")) == 2, "both agents")
        (self.folder / "here").mkdir()
        (self.folder / "here" / "train.sh").write_text(TRAIN)
        self.create(GRID + "workdir: here\n", TRAIN)
        self.until_ended()
        self.all_on("good")
        self.end_all()

    def test_the_host_is_shown_and_tries_again(self):
        self.serve()
        self.agent("bad", *self.empty())
        self.agent("good")
        fleet.wait_until(lambda: len(self.look("agents")) == 2, "both agents")
        sweep = self.create(GRID + "retry: {failed: 0, host: 0}\n", "test -e go || sleep 600\n" + TRAIN)
        fleet.wait_until(lambda: self.held("bad"), "the agent that cannot start it")
        self.assertRegex(self.held("bad"), "^cannot start trials of %s: .*train.sh" % sweep)
        self.env["COLUMNS"] = "80"
        shown = self.besom("agents")
        self.assertIn("bad: " + self.held("bad"), " ".join(shown.split()))
        self.assertLessEqual(max(map(len, shown.splitlines())), 80)
        waits = fleet.wait_until(lambda: [t for t in self.look("trials", sweep) if t["state"] == "pending"], "a trial")
        said = self.besom("explain", waits[0]["id"])
        self.assertIn("agent bad cannot start it", said)
        for name in ("train.sh", "go"):
            (self.root / "empty" / name).write_text("#!/bin/sh\n" + TRAIN)
            (self.root / "empty" / name).chmod(0o755)
        self.assertIn("agent bad tries again to start trials", self.besom("uncordon", "bad"))
        fleet.wait_until(lambda: [t for t in self.look("trials", sweep) if t["state"] == "finished"], "a trial on it")
        self.assertFalse(self.held("bad"))
        self.besom("cancel", sweep)
        self.end_all()

    def test_a_typo_fails_on_every_host(self):
        self.serve()
        self.agent("a")
        self.agent("b")
        fleet.wait_until(lambda: len(self.look("agents")) == 2, "both agents")
        self.create("program: ./tarin.sh\ncommand: ['${program}']\n" + GRID)
        self.until_ended(states=("paused",))
        trials = [t for t in self.look("trials", "last") if t["state"] == "failed"]
        self.assertGreaterEqual(len(trials), 5)
        self.assertEqual({t["reason"] for t in trials}, {"launch"})
        said = self.besom("explain", trials[0]["id"])
        self.assertRegex(said, r"./tarin.sh: No such file or directory \(agents a, b could not start it\)")
        self.assertEqual({a["state"] for a in self.look("agents")}, {"up"})
        self.end_all()

    def test_what_env_and_python_would_only_exit_for(self):
        self.serve()
        self.agent("a")
        for command, says in (("[/usr/bin/env, no-such-python, '${program}']", "no-such-python cannot be found on the host of the agent"),
                              ("['${interpreter}', '${program}']", "missing.py is not in %s on the host of the agent: check its name, start the agent with --workdir FOLDER, or" % self.folder)):
            self.create("program: missing.py\ncommand: %s\nrun_cap: 1\n%s" % (command, GRID))
            self.until_ended()
            trial, = self.look("trials", "last")
            self.assertEqual((trial["state"], trial["reason"]), ("failed", "launch"))
            self.assertIn(says, self.besom("explain", trial["id"]))
        self.end_all()


class Cordoned(fleet.Case):
    def duty(self):
        return {a["name"]: a["duty"] for a in self.look("agents")}

    def test_a_cordon_by_besom_ends_after_a_crash_of_the_controller(self):
        """Trials fail on one agent; the controller is killed; then they fail so on the other one."""
        self.serve()
        self.touch("fails.a")
        for who in "b", "a":
            self.env["WHO"] = who
            self.agent(who, "--slots", 1)
        sweep = self.create("method: grid\nretry: {failed: 0}\nmetric: {name: loss}\nparameters: {x: {min: 1, max: 4000}}\n",
                            """
echo '{"loss": 1}' >> "$BESOM_METRICS"
[ -e "fails.$WHO" ] || exit 0
echo "KeyError: 'block ${1#x=}'" >&2; exit 1
""")
        fleet.wait_until(lambda: self.duty().get("a") == "cordoned", "the cordon")
        self.kill_besom(self.controller)
        self.serve()
        self.assertEqual(self.duty()["a"], "cordoned")
        failed = [t for t in self.look("trials", sweep) if t["state"] == "failed"]
        self.assertIn("agent a is cordoned since", self.besom("explain", failed[-1]["id"]))
        self.touch("fails.b")
        fleet.wait_until(lambda: self.duty()["a"] == "up", "the end of the cordon")
        self.assertRegex(self.said(self.controller), "agent=a state=uncordoned by=besom why=.*failed alike on agent b")
        self.end_all()


class Edited(fleet.Case):
    def test_resources_of_a_fleet(self):
        """What a sweep needs of agents can be edited, at the controller and in its store."""
        self.serve()
        sweep = self.create(GRID + "resources: {labels: [none], memory: 1MiB, cpus: 1}\n", TRAIN)
        self.agent("a", "--labels", "big")
        fleet.wait_until(lambda: self.look("agents"), "the agent")
        self.assertIn("no agent has the label none", self.besom("show", sweep))
        spec = (self.folder / "sweep.yaml").read_text()
        self.write("sweep.yaml", spec.replace("1MiB", "2MiB"))
        self.assertIn("resources", self.says("edit", sweep, "sweep.yaml"))
        del self.env["BESOM_SERVER"], self.env["BESOM_TOKEN"]
        self.write("sweep.yaml", spec.replace("method: grid", "method: random"))
        self.assertIn("start another sweep: besom sweep sweep.yaml", self.says("edit", sweep, "sweep.yaml", "--store", self.store, code=2))
        self.write("sweep.yaml", spec.replace("none", "big"))
        self.assertIn("resources", self.says("edit", sweep, "sweep.yaml", "--store", self.store))
        again = self.besom("sweep", "sweep.yaml", "--store", self.store, "--quiet").strip()
        self.env["BESOM_SERVER"], self.env["BESOM_TOKEN"] = self.url, self.first["admin"]
        self.until_ended(sweep)
        self.until_ended(again)
        self.assertEqual({t["agent"] for t in self.look("trials", sweep)}, {"a"})
        self.assertIn("agent a is up already", self.besom("uncordon", "a"))
        self.end_all()
        self.serve()
        self.assertIn("agent a is gone, and takes new trials when it is started again", self.gone())
        self.controller.terminate()
        self.controller.wait()

    def gone(self):
        """What uncordon says of an agent that is not there, and was cordoned."""
        agent = self.agent("a")
        fleet.wait_until(lambda: [a for a in self.look("agents") if a["state"] == "up"], "the agent")
        self.besom("cordon", "a")
        agent.terminate()
        agent.wait()
        fleet.wait_until(lambda: self.look("agents")[0]["state"] == "gone", "the end of the agent")
        return self.besom("uncordon", "a")


class Cores(fleet.Case):
    def test_granted_cores_are_a_trial_s_own(self):
        """Also after the agent was started anew."""
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            self.skipTest("one core cannot be divided")
        train = """
python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)), os.environ.get("OMP_NUM_THREADS"))' > "seen.${BESOM_TRIAL##*-}"
: > "here.${BESOM_TRIAL##*-}"
echo '{"loss": 1}' >> "$BESOM_METRICS"
while [ ! -e "go.${BESOM_TRIAL##*-}" ]; do sleep 0.02; done
"""
        for name in "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS":
            self.env.pop(name, None)
        self.serve()
        agent = self.agent("a", "--slots", 4 * len(cores))
        self.create(GRID + "resources: {cpus: 1}\nmax_parallel: 2\n", train)
        self.wait_for("here.0"), self.wait_for("here.1")
        agent.kill()
        agent.wait()
        self.agent("a", "--slots", 4 * len(cores))
        self.touch("go.0")
        self.wait_for("here.2")
        seen = [(self.folder / ("seen.%d" % n)).read_text().split() for n in range(3)]
        self.assertEqual([threads for _, threads in seen], ["1"] * 3)
        self.assertNotEqual(seen[0], seen[1])
        self.assertEqual(seen[0], seen[2])
        for number in range(8):
            self.touch("go.%d" % number)
        self.until_ended()
        self.end_all()


class Groups(fleet.Case):
    """Trials that were granted memory or cores get a control group, where the agent may divide its own."""
    SPEC = "method: grid\nmetric: {name: loss, goal: minimize}\nparameters: {x: {values: %s}}\nmax_parallel: 1\n"

    def group(self, controllers="cpu io memory pids"):
        """A folder of plain files instead of a group that systemd delegates."""
        group = self.root / "group"
        (group / "besom.agent").mkdir(parents=True)
        (group / "cgroup.controllers").write_text(controllers + "\n")
        (group / "cgroup.subtree_control").touch()
        self.env.update(BESOM_CGROUP=str(group / "besom.agent"), GROUP=str(group))
        return group

    def member(self, group, name, *files):
        (group / name).mkdir()
        for file in files:
            (group / name / file).touch()
        return group / name

    def test_limits_are_written_and_the_group_is_removed(self):
        """The kernel makes the files of a group; here they are there before, except for the second trial's."""
        train = """
cd "$GROUP/${BESOM_ATTEMPT_DIR##*/}" && : > "$OLDPWD/here" && for f in *; do echo "$f=$(cat "$f")"; done && rm -f *
echo '{"loss": 1}' >> "$BESOM_METRICS"
"""
        group = self.group()
        self.serve()
        sweep = self.create(self.SPEC % [0, 1] + "resources: {memory: 1MiB, cpus: 1}\n", train)
        files = "memory.max", "memory.swap.max", "cpu.max", "cgroup.procs", "cgroup.kill"
        self.member(group, sweep + "-0-1", *files)
        self.member(group, "gone-0-1"), self.member(group, "other"), self.member(group, "busy-0-1", "cgroup.procs")
        agent = self.agent("a", "--slots", 1)
        self.until_ended()
        self.assertEqual((group / "cgroup.subtree_control").read_text(), "+memory +cpu")
        said = self.besom("logs", sweep + "-0").split()
        self.assertEqual(said, ["cgroup.kill=", "cgroup.procs=0", "cpu.max=100000", "100000", "memory.max=1048576",
                                "memory.swap.max=0"])
        self.assertIn("[besom: without limits of memory and cores: %s-1-1 cannot be entered: No such file" % (group / sweep),
                      self.besom("logs", sweep + "-1"))
        self.assertEqual({t["state"] for t in self.look("trials", sweep)}, {"finished"})
        fleet.wait_until(lambda: fleet.tree(group) == ["besom.agent", "busy-0-1", "cgroup.controllers", "cgroup.subtree_control",
                                                       "other"], "the end of the groups")
        self.assertIn("%s-1-1 cannot be set up: No such file" % (group / sweep), self.said(agent))
        self.create(self.SPEC % [2], "test ! -e \"$GROUP/${BESOM_ATTEMPT_DIR##*/}\" && echo '{\"loss\": 1}' >> $BESOM_METRICS")
        self.until_ended()
        self.assertEqual({t["state"] for t in self.look("trials", "last")}, {"finished"})
        self.end_all()

    def test_a_dead_shim_s_group_is_killed(self):
        """So that what left the session and the environment of its training ends too."""
        group = self.group("memory")
        self.serve()
        sweep = self.create(self.SPEC % [0] + "resources: {memory: 1MiB}\n",
                            "test -e here || { : > here; exec sleep 600; }\n" + TRAIN)
        kept = self.member(group, sweep + "-0-1", "memory.max", "cgroup.procs", "cgroup.kill")
        self.agent("a", "--slots", 1)
        self.wait_for("here")
        self.assertEqual((kept / "cgroup.kill").read_text(), "")
        shim, = [pid for pid, name in self.alive().items() if name == "besom-shim"]
        os.kill(shim, signal.SIGKILL)
        self.until_ended()
        self.assertEqual((group / "cgroup.subtree_control").read_text(), "+memory")
        self.assertEqual((kept / "cgroup.kill").read_text(), "1")
        self.assertEqual([t["state"] for t in self.look("trials", sweep)], ["finished"])
        self.end_all()

    def test_without_delegation_trials_run_without_limits(self):
        group = self.group("pids")
        self.serve()
        agent = self.agent("a", "--slots", 1)
        self.create(self.SPEC % [0] + "resources: {memory: 1MiB, cpus: 1}\n", TRAIN)
        self.until_ended()
        self.assertIn("trials may use more memory and cores than they were granted: the control group %s cannot be divided: "
                      "it has neither controller" % group, self.said(agent))
        self.assertEqual({t["state"] for t in self.look("trials", "last")}, {"finished"})
        self.assertEqual(self.besom("logs", self.look("trials", "last")[0]["id"]), "")
        self.end_all()

    def delegated(self):
        """The group that this test may divide: systemd-run --user -p Delegate=yes -p DelegateSubgroup=besom.agent --wait makes one."""
        own = re.search(r"(?m)^0::(/.*)/besom.agent$", pathlib.Path("/proc/self/cgroup").read_text())
        group = pathlib.Path("/sys/fs/cgroup" + (own.group(1) if own else "/nowhere"))
        if not own or not os.access(group / "cgroup.subtree_control", os.W_OK):
            self.skipTest("no delegated control group")
        if "memory" not in (group / "cgroup.controllers").read_text().split():
            self.skipTest("memory is not delegated")
        return group

    def test_a_trial_over_its_memory_ends_alone(self):
        group = self.delegated()
        self.serve()
        self.agent("a", "--slots", 1)
        sweep = self.create(self.SPEC % [0, 1] + "resources: {memory: 64MiB}\n",
                            "test ${BESOM_TRIAL##*-} = 1 || exec python3 -c 'b\"x\" * int(2e8)'\n" + TRAIN)
        self.until_ended()
        trials = self.look("trials", sweep)
        self.assertEqual([(t["state"], t["reason"]) for t in trials], [("failed", "oom"), ("finished", "ok")])
        self.assertIn("of 64 MiB", self.besom("show", trials[0]["id"]))
        fleet.wait_until(lambda: not list(group.glob(sweep + "-*")), "the end of the groups")
        self.end_all()


class Causes(fleet.Case):
    HOW = ["ok", "exit", "signal", "oom", "cuda", "time", "nan"]
    TRAIN = """
case ${1#how=} in
exit) echo "before the end"; exit 3 ;;
signal) kill -SEGV $$ ;;
oom) echo "oom_kill 1" > "$BESOM_MEMORY_EVENTS"; kill -KILL $$ ;;
cuda) echo "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB" >&2; exit 1 ;;
time) sleep 600 ;;
nan) echo '{"loss": NaN}' >> "$BESOM_METRICS" ;;
*) echo '{"loss": 1}' >> "$BESOM_METRICS" ;;
esac
"""

    def test_each_failure_is_named(self):
        self.env["BESOM_MEMORY_EVENTS"] = str(self.folder / "oom")
        self.write("oom", "oom_kill 0\n")
        self.serve()
        agent = self.agent("a", "--slots", 1)
        self.create("method: grid\nmetric: {name: loss, goal: minimize}\nparameters: {how: {values: %s}}\n"
                    "resources: {time: 1s}\nmax_parallel: 1\n" % json.dumps(self.HOW), self.TRAIN)
        fleet.wait_until(lambda: sum(t["state"] in ("finished", "failed") for t in self.look("trials", "last")) == len(self.HOW)
                         or self.look("show", "last")["state"] == "paused" and not self.besom("resume", "last"), "the ends")
        trials = {t["params"]["how"]: t for t in self.look("trials", "last")}
        self.assertEqual([(trials[how]["state"], trials[how]["reason"]) for how in self.HOW],
                         [("finished", "ok"), ("failed", "exit"), ("failed", "signal"), ("failed", "oom"), ("failed", "exit"),
                          ("failed", "timeout"), ("finished", "ok")])
        self.assertEqual(trials["nan"]["objective"], "NaN")
        causes = {"ok": None, "exit": "exit 3: before the end", "signal": "signal 11", "oom": "out of memory",
                  "cuda": "out of GPU memory", "time": "over its time limit", "nan": "last loss is NaN"}
        self.assertEqual({how: trial["cause"] for how, trial in trials.items()}, causes)
        self.assertEqual({t["params"]["how"] for t in self.look("trials", "last", "--filter", "why:oom")}, {"oom", "cuda"})
        table = self.besom("trials", "last")
        for how in ("exit", "signal", "oom", "cuda", "time"):
            self.assertIn("failed (%s)" % causes[how], table)
            self.assertIn("failed    " + causes[how], self.besom("explain", trials[how]["id"]))
        ask = self.asker()
        told = ask("fleet")["causes"] + ask("sweeps/%s/pace" % trials["ok"]["sweep"])["causes"]
        self.assertEqual(sorted(one["cause"] for one in told), sorted(2 * [c for how, c in causes.items() if c and how != "nan"]))
        said = {how: self.besom("show", trials[how]["id"]) for how in self.HOW}
        for how, words in {"exit": "before the end", "signal": "signal 11", "oom": "out of memory", "cuda": "CUDA out of memory",
                           "time": "time limit"}.items():
            self.assertIn(words, said[how] + self.besom("explain", trials[how]["id"]), how)
        agent.terminate()
        agent.wait()
        for how, words in ("exit", "before the end\n"), ("cuda", "CUDA out of memory"):
            self.assertIn(words, self.besom("logs", trials[how]["id"]))
            self.assertIn(words, self.besom("logs", trials[how]["id"], "--tail", "1"))
            self.assertIn(words, self.besom("show", trials[how]["id"]) + "\n")
        self.assertIn("agent a has the log, but is not connected", self.says("logs", trials["signal"]["id"], code=4))
        self.end_all()
        self.besom("rm", trials["ok"]["id"].partition("-")[0], "--yes", "--store", self.store)
        self.assertEqual(list((self.store / "logs").glob("*/*")), [])


class Left(fleet.Case):
    def test_an_agent_that_never_returns_leaves_a_training_that_ends(self):
        """As under systemd with KillMode=process: the shim ends all that the training started, and itself."""
        train = """
setsid sh -c 'while :; do sleep 1; done' &
(setsid sleep 600 &)
: > started
while [ ! -e go ]; do sleep 0.02; done
"""
        self.serve()
        agent = self.agent("a", "--slots", 1)
        self.create("method: grid\nparameters: {x: {values: [1]}}\n", train)
        self.wait_for("started")
        agent.kill()
        agent.wait()
        self.assertIn("besom-shim", self.alive().values())
        self.touch("go")
        fleet.wait_until(lambda: not self.alive(), "the end of all that it started")
        self.controller.terminate()
        self.controller.wait()


class Away(fleet.Case):
    """The controller is away for long."""
    LINES = 80000

    def spooled(self, agent):
        """Bytes of the disk that reports and logs of the agent's trials take."""
        place = self.root / ("agent." + agent)
        files = [f for folder in ("run", "logs") for f in (place / folder).rglob("*") if f.is_file()]
        return sum(f.stat().st_blocks * 512 for f in files)

    def test_reports_stay_below_their_bound(self):
        """Beyond it the oldest are dropped, and their number is told."""
        train = """
echo '{"step": -1, "loss": 0.5}' >> "$BESOM_METRICS"
: > started
while [ ! -e go ]; do sleep 0.02; done
awk 'BEGIN { for (i = 0; i < %d; i++) printf "{\\"step\\":%%d,\\"loss\\":%%d}\\n", i, i }' >> "$BESOM_METRICS"
: > written
while [ ! -e end ]; do sleep 0.02; done
echo '{"step": %d, "loss": 0.25}' >> "$BESOM_METRICS"
""" % (self.LINES, self.LINES)
        self.serve()
        self.assertIn("--spool-max: expected an amount such as 1GiB", self.end(self.agent("a", "--spool-max", "lots"), 2))
        agent = self.agent("a", "--slots", 1, "--spool-max", "1MiB")
        sweep = self.create("method: grid\nmetric: {name: loss}\nparameters: {x: {values: [1]}}\n", train)
        fleet.wait_until(lambda: self.points({"id": sweep + "-0"}), "the first point")
        self.controller.kill()
        self.controller.wait()
        self.touch("go")
        self.wait_for("written")
        fleet.wait_until(lambda: "the oldest are dropped" in self.said(agent), "what the agent says")
        fleet.wait_until(lambda: self.spooled("a") < 1.1 * 2**20, "less than the bound")
        self.touch("end")
        fleet.wait_until(lambda: not self.alive(), "the end of the training")
        self.serve()
        self.until_ended()
        trial, = self.look("trials", sweep)
        self.assertEqual((trial["state"], trial["metrics"]), ("finished", {"loss": 0.25}))
        steps = [p["step"] for p in self.points({"id": sweep + "-0"})]
        dropped, = re.findall(r"attempt 1: (\d+) lines of metrics were dropped", self.besom("show", sweep + "-0"))
        self.assertEqual(len(steps) + int(dropped), self.LINES + 2)
        self.assertEqual(steps, sorted(set(steps)))
        self.assertEqual((steps[0], steps[-1]), (-1, self.LINES))
        self.assertGreater(len(steps), self.LINES / 10)
        self.end_all()


if __name__ == "__main__":
    fleet.main()
