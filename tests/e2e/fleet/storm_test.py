#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A storm over a fleet: a controller and eight agents, each behind a link of its own, are killed, stopped, cut off and
slowed down, chosen by a seed. Afterwards a grid has exactly its cells and a random sweep its trials, each finished once,
with every point; no slot was used twice at once, and no process is left. Where network namespaces are allowed, each agent
has one, reaches the controller over TLS, and its cable is pulled too. BESOM_STORM_SEEDS=FROM:TO and BESOM_STORM_SECONDS
make it longer."""
import os
import random
import signal
import sys
import time

import fleet
import namespaces
import proxy

AGENTS = 8
SECONDS = float(os.environ.get("BESOM_STORM_SECONDS", "6"))
FIRST, END = map(int, os.environ.get("BESOM_STORM_SEEDS", "0:5").split(":"))
GRID = """
method: grid
metric: {name: loss, goal: minimize}
retry: {host: 100}
parameters: {x: {values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}, y: {values: [0, 1, 2, 3, 4, 5]}}
"""
DRAWN = """
method: random
seed: 7
run_cap: 12
metric: {name: loss, goal: minimize}
retry: {host: 100}
parameters: {z: {min: 0.0, max: 1.0}}
"""
# A slot that two trainings use at once is seen by its folder. The steps are numbered over all attempts of a trial.
TRAIN = """
held="$AGENT_FOLDER/slot.$BESOM_SLOT"
mkdir "$held" 2> /dev/null || { grep -q "^State:[[:space:]]*[RSDTt]" "/proc/$(cat "$held/pid")/status" 2> /dev/null &&
    echo "$(date +%s.%N) $BESOM_TRIAL.$BESOM_ATTEMPT in $held beside $(cat "$held/pid" "$held/who")" > shared; }
echo $$ > "$held/pid"
echo "$BESOM_TRIAL.$BESOM_ATTEMPT" > "$held/who"
for step in 0 1 2 3 4; do
    echo "{\\"step\\": $step, \\"loss\\": $step}" >> "$BESOM_METRICS"
    sleep 0.1
done
rm -r "$held"
"""


class Storm(fleet.Case):
    why_loopback, hosts = None, {}

    @classmethod
    def setUpClass(cls):
        if cls.why_loopback:
            print("storm: %d agents on loopback: %s" % (AGENTS, cls.why_loopback), file=sys.stderr)
            return
        for number in range(AGENTS):
            host = cls.hosts["a%d" % number] = namespaces.Host(number + 1)
            cls.addClassCleanup(host.close)
        print("storm: %d agents in network namespaces" % AGENTS, file=sys.stderr)

    def setUp(self):
        super().setUp()
        self.links, self.counts, self.pulled = {}, {}, 0
        if self.hosts:
            self.listen = namespaces.HERE + ":0"

    def agent_behind(self, name):
        """An agent that reaches the controller through a link of its own."""
        host = self.hosts.get(name)
        if name not in self.links:
            self.links[name] = self.link(len(self.links), host.near if host else "127.0.0.1")
        self.env["AGENT_FOLDER"] = str(self.root / ("agent." + name))
        self.agent(name, "--slots", 2, link=self.links[name], inside=host.inside if host else ())

    def turn(self, name, mode):
        """Makes a link good or bad. Pulled: no packet reaches the agent or comes from it."""
        if name in self.hosts:
            self.hosts[name].plug(mode != "pulled")
            self.pulled += mode == "pulled"
        self.links[name].mode = "pass" if mode == "pulled" else mode

    def nemesis(self, random):
        """One misfortune."""
        what = random.choice(["agent", "agent", "controller", "stop agent", "stop controller", "link", "link", "link", "shim"])
        name = random.choice(sorted(self.agents))
        self.counts[what] = self.counts.get(what, 0) + 1
        if what == "agent":
            self.kill_besom(self.agents[name])
            time.sleep(random.uniform(0, 1))
            self.agent_behind(name)
        elif what == "controller":
            self.kill_besom(self.controller)
            time.sleep(random.uniform(0, 1.5))
            self.serve()
        elif what.startswith("stop"):
            process = self.controller if what == "stop controller" else self.agents[name]
            process.send_signal(signal.SIGSTOP)
            time.sleep(random.uniform(0, 1.5))
            process.send_signal(signal.SIGCONT)
        elif what == "shim":
            shims = self.shims()
            if shims:
                try:
                    os.kill(random.choice(shims), signal.SIGKILL)
                except ProcessLookupError:
                    pass
        else:
            for name in random.sample(sorted(self.links), random.randint(1, 3)):
                self.turn(name, random.choice([*proxy.MODES, *["pulled"] * bool(self.hosts)]))

    def check(self, grid, drawn):
        trials = self.look("trials", grid, "--limit", 1000)
        self.assertEqual(sorted((t["params"]["x"], t["params"]["y"]) for t in trials),
                         [(x, y) for x in range(10) for y in range(6)])
        others = self.look("trials", drawn, "--limit", 1000)
        self.assertEqual(len({t["params"]["z"] for t in others}), 12)
        self.assertEqual(sorted(t["number"] for t in others), list(range(12)))
        trials += others
        ask = self.asker()
        for trial in trials:
            self.assertEqual(trial["state"], "finished", trial)
            shown = ask("trials/" + trial["id"])
            ended = [a for a in shown["attempts_list"] if a["reason"] == "ok" and not a.get("superseded")]
            self.assertEqual(len(ended), 1, shown["attempts_list"])
            steps = sorted({p["step"] for p in ask("trials/%s/points" % trial["id"])})
            self.assertEqual(steps, [0, 1, 2, 3, 4], trial["id"])
        shared = self.folder / "shared"
        self.assertFalse(shared.exists(), "one slot twice at once: " + (shared.read_text() if shared.exists() else ""))

    def storm(self, seed):
        chance = random.Random(seed)
        self.serve()
        for i in range(AGENTS):
            self.agent_behind("a%d" % i)
        fleet.wait_until(lambda: len(self.look("agents")) == AGENTS, "the agents")
        sweeps = [self.create(spec, TRAIN) for spec in (GRID, DRAWN)]
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.nemesis(chance)
            time.sleep(chance.uniform(0, 0.5))
        for name in self.links:
            self.turn(name, "pass")
        for sweep in sweeps:
            self.until_ended(sweep)
        fleet.wait_until(lambda: not self.alive(), "the end of every training")
        self.check(*sweeps)
        for name, link in self.links.items():
            self.assertGreater(link.met["pass"], 0, name + " does not speak through its link")
        met = {mode: sum(link.met[mode] for link in self.links.values()) for mode in proxy.MODES}
        print("seed %d: %s; links: %s, pulled: %d" % (seed, self.counts, met, self.pulled), file=sys.stderr)
        self.end_all()


for number in range(FIRST, END):
    setattr(Storm, "test_seed_%d" % number, lambda self, seed=number: self.storm(seed))

if __name__ == "__main__":
    Storm.why_loopback = namespaces.enter()
    fleet.main()
