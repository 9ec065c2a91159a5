#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What trials use of GPUs (lines of a file, tests/fake/nvml.c), processors and memory is recorded beside their metrics:
on one machine, and by agents that are killed or without a controller."""
import csv
import io
import json
import os
import signal

import fleet
import scene

SPEC = """
method: grid
metric: {name: loss, goal: minimize}
parameters: {x: {values: [1]}}
"""
TRAIN = """
echo '{"loss": 1}' >> "$BESOM_METRICS"
touch ready
sleep 0.6 # what ends within half a second has no sample of its end
while [ ! -e go ]; do sleep 0.02; done
"""
GPUS = ["gpu GPU-a 81920 100", "set GPU-a util 93", "set GPU-a power 612"]


class Gpus:
    def begin_gpus(self):
        locks = self.folder / "locks"
        locks.mkdir()
        self.env.update(BESOM_NVML=os.environ["FAKE_LIBRARY"], BESOM_LOCKS=str(locks), BESOM_GPU_PERIOD_MS="100000",
                        BESOM_SAMPLE_PERIOD_MS="150", FAKE_NVML=str(self.folder / "gpus"))
        self.gpus(*GPUS)

    def gpus(self, *lines):
        self.write("gpus.new", "\n".join(lines) + "\n")
        (self.folder / "gpus.new").rename(self.folder / "gpus")

    def samples(self, trial="last-0"):
        return [json.loads(line) for line in self.besom("metrics", trial, "--system", "--json").splitlines()]

    def wait_samples(self, holds, what):
        fleet.wait_until(lambda: any(holds(s["metrics"]) for s in self.samples()), what)


class Local(Gpus, scene.Case):
    def test_samples_are_beside_the_metrics(self):
        self.begin_gpus()
        run = self.begin("run", self.sweep(SPEC, TRAIN))
        self.wait_for("ready", run)
        self.wait_samples(lambda m: m.get("system/gpu.0.utilization") == 93, "a sample of the GPU")
        self.gpus(*GPUS, "set GPU-a util 40")
        self.wait_samples(lambda m: m.get("system/gpu.0.utilization") == 40, "another one")
        self.touch("go")
        self.end(run, 0)
        trial = self.look("show", "last-0")
        used = trial["attempts_list"][0]["system"]
        self.assertEqual({k: used["system/gpu.0." + k]["max"] for k in ("utilization", "memory.used", "memory.total", "power")},
                         {"utilization": 93, "memory.used": 100 << 20, "memory.total": 80 << 30, "power": 612})
        self.assertEqual(used["system/gpu.0.utilization"]["last"], 40)
        self.assertTrue(40 < used["system/gpu.0.utilization"]["mean"] < 93)
        self.assertGreater(used["system/memory"]["max"], 1 << 16)
        self.assertGreater(used["system/memory.peak"]["max"], 1 << 16)  # of the shim, when it ended
        self.assertEqual((trial["metrics"], trial["step"]), ({"loss": 1}, 0))
        self.assertEqual(self.look("trials", "last")[0]["objective"], 1)
        shown = self.besom("show", "last-0")
        self.assertRegex(shown, r"gpu 0 busy +\d+ % +93 %")
        self.assertRegex(shown, r"gpu 0 memory +100 MiB +100 MiB of 80.0 GiB")
        samples = self.samples()
        self.assertEqual([s["step"] for s in samples], list(range(len(samples))))
        rows = list(csv.DictReader(io.StringIO(self.besom("export", "--system", "--csv"))))
        self.assertEqual([float(r["time"]) for r in rows], [s["time"] for s in samples])
        self.assertEqual(rows[0]["system/gpu.0.memory.used"], str(float(100 << 20)))
        self.assertNotIn("system/", self.besom("metrics", "last-0") + self.besom("export", "--metrics", "--jsonl"))
        self.assertIn("0 problems", self.besom("check"))

    def test_short_trial_has_none(self):
        run = self.begin("run", self.sweep(SPEC, "echo '{\"loss\": 1}' >> $BESOM_METRICS\n"))
        self.end(run, 0)
        self.assertEqual((self.samples(), self.look("show", "last-0")["attempts_list"][0]["system"]), ([], None))
        self.assertIn("no samples", self.besom("metrics", "last-0", "--system"))


class Fleet(Gpus, fleet.Case):
    def lines(self):
        """Of the file that the agent keeps."""
        found = list(self.root.glob("agent.a/run/*/system"))
        text = found[0].read_text() if found else ""
        return [json.loads(line)["_time"] for line in text[:text.rfind("\n") + 1].splitlines()]

    def wait_lines(self, more):
        n = len(self.lines()) + more
        fleet.wait_until(lambda: len(self.lines()) >= n, "%d samples" % n)

    def test_samples_outlive_the_agent_and_the_controller(self):
        self.begin_gpus()
        self.serve()
        agent = self.agent("a")
        self.create(SPEC, TRAIN)
        self.wait_for("ready")
        self.wait_samples(lambda m: m.get("system/gpu.0.utilization") == 93, "a sample of the GPU")
        agent.kill()
        agent.wait()
        before = len(self.lines())
        self.gpus(*GPUS, "set GPU-a util 40")
        agent = self.agent("a")
        self.wait_samples(lambda m: m.get("system/gpu.0.utilization") == 40, "a sample by the second agent")
        self.assertGreater(len(self.lines()), before)
        self.controller.kill()
        self.controller.wait()
        self.wait_lines(2)  # nobody is told of them yet
        agent.kill()
        agent.wait()
        agent = self.agent("a")
        self.wait_lines(2)  # nor does it know anything of its trial but the directory
        self.serve()
        fleet.wait_until(lambda: len(self.samples()) >= len(self.lines()), "the samples at the controller")
        os.kill(agent.pid, signal.SIGSTOP)
        kept = self.lines()
        os.kill(agent.pid, signal.SIGCONT)
        self.touch("go")
        self.until_ended()
        times = [s["time"] for s in self.samples()]
        self.assertEqual(times[:len(kept)], kept)
        self.assertEqual(times, sorted(set(times)))
        self.assertEqual([s["step"] for s in self.samples()], list(range(len(times))))
        self.assertEqual(self.look("show", "last-0")["attempts_list"][0]["system"]["system/gpu.0.power"]["max"], 612)
        self.end_all()
        del self.env["BESOM_SERVER"]
        self.assertIn("0 problems", self.besom("check", "--store", self.store))

    def test_idle_gpus_and_disks_are_shown(self):
        self.begin_gpus()
        self.env.update(BESOM_GPU_PERIOD_MS="100", BESOM_GPU_SILENT_MS="60000")
        self.serve()
        self.agent("gpu-1")
        ask = self.asker()

        def told():
            agents = ask("agents")["agents"]
            return agents[0]["load"] if agents else None

        fleet.wait_until(lambda: told() and told()["gpus"] and told()["gpus"][0]["utilization"] == 93, "what the GPU does")
        gpu, = told()["gpus"]
        self.assertEqual([gpu[key] for key in ("gpu", "index", "utilization", "memory_used", "memory_total", "power")],
                         ["GPU-a", "0", 93, 100 << 20, 80 << 30, 612])
        disk = told()["disk"]
        self.assertTrue(0 <= disk["free"] <= disk["total"] and disk["total"] > 0)
        self.assertEqual(disk["total"], os.statvfs(self.root).f_blocks * os.statvfs(self.root).f_frsize)
        metrics = ask("metrics", whole="/metrics")
        self.assertRegex(metrics, r'(?m)^besom_agent_disk_free_bytes\{agent="gpu-1"\} \d+$')
        self.assertIn('\nbesom_agent_disk_bytes{agent="gpu-1"} %d\n' % disk["total"], metrics)
        self.gpus(*GPUS, "set GPU-a util 40")
        fleet.wait_until(lambda: told()["gpus"][0]["utilization"] == 40, "what it does now")
        self.gpus("gpu GPU-b 81920 100")
        fleet.wait_until(lambda: not told()["gpus"], "that the GPU is gone")
        self.end_all()


if __name__ == "__main__":
    fleet.main()
