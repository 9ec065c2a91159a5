#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trials on the GPUs of this host, by a driver library whose GPUs are lines of a file
(tests/fake/nvml.c): each trial sees its own, and none gets one that is in use, locked, silent or
broken."""
import json
import os
import pathlib
import select
import signal
import subprocess
import time

import scene

THREE = ["gpu GPU-a 81920 0", "gpu GPU-b 81920 0", "gpu GPU-c 81920 0"]
SPEC = "method: grid\nparameters: {x: {values: [1, 2, 3]}}\n"
NAMES = "CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER BESOM_GPUS"
TRAIN = """
n=${BESOM_TRIAL##*-}
env | grep -E '^(CUDA_VISIBLE_DEVICES|CUDA_DEVICE_ORDER|BESOM_GPUS|HIP_VISIBLE_DEVICES)=' > seen.tmp.$n
echo $$ > pid.$n
mv seen.tmp.$n seen.$n
while [ ! -e go ] && [ ! -e go.$n ]; do sleep 0.02; done
[ ! -e fail.$n ] || { rm fail.$n; exit 3; }
"""
TABLE = """\
gpu  name                  memory  busy  power   temp  for trials
  0  Fake H200     5.0 of 140 GiB  93 %  612 W  50 °C  in use by process PID (COMM)
  1  Fake H200      0.0 of 80 GiB  10 %  100 W  50 °C  free
  2  Fake H200      3.2 of 80 GiB  10 %  100 W  50 °C  3.2 GiB of its memory are taken by others
3:0  Fake 1g.10gb    0.0 of 9 GiB  10 %  100 W  50 °C  hidden by CUDA_VISIBLE_DEVICES or --gpus
"""


class Gpus(scene.Case):
    def setUp(self):
        super().setUp()
        for name in (NAMES + " ROCR_VISIBLE_DEVICES HIP_VISIBLE_DEVICES").split():
            self.env.pop(name, None)
        locks = self.folder / "locks"
        locks.mkdir()
        self.env.update(BESOM_NVML=os.environ["FAKE_LIBRARY"], BESOM_LOCKS=str(locks),
                        BESOM_GPU_PERIOD_MS="150", BESOM_GPU_SILENT_MS="30000",
                        FAKE_NVML=str(self.folder / "gpus"))
        self.gpus(*THREE)

    def gpus(self, *lines):
        """What the driver says from now on."""
        self.write("gpus.new", "\n".join(lines) + "\n")
        (self.folder / "gpus.new").rename(self.folder / "gpus")

    def seen(self, number, run=None):
        self.wait_for("seen.%d" % number, run)
        lines = (self.folder / ("seen.%d" % number)).read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def gpu_of(self, number, run=None):
        return self.seen(number, run)["CUDA_VISIBLE_DEVICES"]

    def is_launched(self, number):
        return (self.folder / ("seen.%d" % number)).exists()

    def wait_said(self, run, text):
        try:
            scene.wait_until(lambda: text in self.said(run), text)
        except AssertionError as e:
            raise AssertionError("%s in:\n%s" % (e, self.said(run))) from None

    def test_each_trial_has_a_gpu_of_its_own(self):
        run = self.begin("run", self.sweep(SPEC, TRAIN))
        self.assertEqual([self.seen(n, run) for n in range(3)], [
            {"CUDA_VISIBLE_DEVICES": "GPU-" + "abc"[n], "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
             "BESOM_GPUS": str(n)} for n in range(3)])
        self.touch("go")
        self.end(run, 0)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)

    def test_inherited_variable_is_the_whole_pool(self):
        self.env["CUDA_VISIBLE_DEVICES"] = "2,GPU-a"
        run = self.begin("run", self.sweep(SPEC, TRAIN), "--gpu-ids", "index")
        self.assertEqual([self.gpu_of(n, run) for n in range(2)], ["2", "0"])
        self.touch("go")
        self.end(run, 0)

    def test_several_trials_share_a_gpu(self):
        run = self.begin("run", self.sweep(SPEC, TRAIN), "--gpus", "GPU-b", "--slots-per-gpu", 2)
        self.assertEqual([self.gpu_of(n, run) for n in range(2)], ["GPU-b"] * 2)
        self.assertFalse(self.is_launched(2))
        self.touch("go")
        self.end(run, 0)

    def test_trials_of_several_gpus_and_of_none(self):
        run = self.begin("run", self.sweep(SPEC + "resources: {gpus: 2}\n", TRAIN))
        self.assertEqual(self.gpu_of(0, run), "GPU-a,GPU-b")
        self.assertFalse(self.is_launched(1))
        self.touch("go")
        self.end(run, 0)
        said = self.says("run", self.sweep(SPEC + "resources: {gpus: 4}\n", TRAIN), "--new", code=2)
        self.assertIn("a trial needs 4, and besom can use 3 here", said)
        for path in self.folder.glob("seen.*"):
            path.unlink()
        run = self.begin("run", self.sweep(SPEC + "resources: {gpus: 0}\n", TRAIN), "--new")
        self.assertEqual(self.seen(0, run), {"CUDA_VISIBLE_DEVICES": "", "BESOM_GPUS": "",
                                             "HIP_VISIBLE_DEVICES": ""})
        self.end(run, 0)

    def test_host_without_gpus_changes_nothing(self):
        self.env["BESOM_NVML"] = ""
        run = self.begin("run", self.sweep(SPEC, TRAIN), "--slots", 1)
        self.assertEqual(self.seen(0, run), {})
        self.touch("go")
        self.end(run, 0)
        self.assertIn("besom finds no GPU", self.besom("gpus"))
        self.assertIn("this host has no GPU", self.says("run", "sweep.yaml", "--new", "--gpus", "0", code=2))
        said = self.says("run", self.sweep(SPEC + "resources: {gpus: 1}\n", TRAIN), "--new", code=2)
        self.assertIn("resources.gpus: a trial needs 1, and besom can use 0 here", said)

    def test_gpu_that_somebody_uses_is_not_offered(self):
        used = "process GPU-a %d 2000" % os.getpid()
        self.gpus(*THREE, used)
        run = self.begin("run", self.sweep(SPEC, TRAIN))
        self.assertEqual({self.gpu_of(n, run) for n in range(2)}, {"GPU-b", "GPU-c"})
        self.wait_said(run, "GPU 0 gets no trial now: in use by process %d (" % os.getpid())
        time.sleep(0.5)
        self.assertFalse(self.is_launched(2))
        self.gpus(*THREE)
        self.assertEqual(self.gpu_of(2, run), "GPU-a")
        self.assertIn("GPU 0 can be used again", self.said(run))
        self.touch("go")
        self.end(run, 0)

    def test_gpu_that_fails_is_not_the_trial_s_fault(self):
        self.gpus(*THREE[:2])
        run = self.begin("run", self.sweep(SPEC, TRAIN))
        self.assertEqual([self.gpu_of(n, run) for n in range(2)], ["GPU-a", "GPU-b"])
        (self.folder / "seen.1").unlink()
        self.touch("fail.1")
        self.gpus(*THREE[:2], "set GPU-b lost 1")
        self.touch("go.1")
        self.wait_said(run, "GPU 1 gets no trial now: quarantined: GPU is lost")
        self.gpus(*THREE[:2])  # it is back, and nobody knows for how long
        self.touch("go")
        self.end(run, 0)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        self.assertEqual(self.gpu_of(1), "GPU-a")
        self.assertEqual(self.attempts("last-1"), ["host", "ok"])

    def test_hours_of_gpus_are_a_budget(self):
        train = "sleep 0.4\n"
        run = self.begin("run", self.sweep(SPEC + "budget: {gpu_hours: 0.0001}\n", train), "--slots", 1)
        self.end(run, 0)
        sweep = self.look("show", "last")
        self.assertEqual((sweep["state"], sweep["reason"]), ("finished", "budget"))
        self.assertEqual(self.ends(), [("finished", "ok")])

    def test_error_event_quarantines(self):
        self.gpus(*THREE[:2])
        run = self.begin("run", self.sweep(SPEC, TRAIN))
        self.gpu_of(1, run)
        self.gpus(*THREE[:2], "xid GPU-a 13", "xid GPU-b 79")
        self.wait_said(run, "GPU 1 gets no trial now: quarantined: Xid 79")
        self.touch("go")
        self.end(run, 0)
        self.assertNotIn("GPU 0", self.said(run))

    def test_quarantine_is_ended_by_uncordon(self):
        self.gpus(*THREE[:2])
        run = self.begin("run", self.sweep(SPEC, TRAIN))
        self.assertEqual([self.gpu_of(n, run) for n in range(2)], ["GPU-a", "GPU-b"])
        self.gpus(*THREE[:2], "xid GPU-b 79")
        self.wait_said(run, "GPU 1 gets no trial now: quarantined: Xid 79")
        self.gpus(*THREE[:2])
        self.touch("go.1")
        scene.wait_until(lambda: "quarantined: Xid 79" in self.besom("agents"), "the slot without a trial")
        self.assertFalse(self.is_launched(2))
        self.assertIn("offers its quarantined GPUs again", self.besom("uncordon", "local"))
        self.assertEqual(self.gpu_of(2, run), "GPU-b")
        self.assertIn("agent local is up already", self.besom("uncordon", "local"))
        self.touch("go")
        self.end(run, 0)

    def test_driver_that_hangs_blocks_no_trial(self):
        self.gpus(*THREE[:1])
        self.env["BESOM_GPU_SILENT_MS"] = "3000"
        run = self.begin("run", self.sweep(SPEC, TRAIN))
        self.gpu_of(0, run)
        self.gpus(*THREE[:1], "hang")
        self.wait_said(run, "GPU 0 gets no trial now: the driver has not answered for 3 s")
        self.touch("go.0")
        scene.wait_until(lambda: self.ends()[0][0] == "finished", "the end of the trial")
        self.assertFalse(self.is_launched(1))
        self.gpus(*THREE[:1])
        self.gpu_of(1, run)
        self.touch("go")
        self.end(run, 0)

    def test_slow_machine_is_not_a_silent_driver(self):
        self.gpus(*THREE[:1])
        self.env["BESOM_GPU_SILENT_MS"] = "1000"
        run = self.begin("run", self.sweep(SPEC, TRAIN))
        self.gpu_of(0, run)
        run.send_signal(signal.SIGSTOP)  # its child still prints lines
        time.sleep(1.4)
        run.send_signal(signal.SIGCONT)
        self.gpus(*THREE[:1], "busy")  # the child computes
        time.sleep(1.4)
        self.gpus(*THREE[:1])
        self.touch("go")
        self.end(run, 0)
        self.assertNotIn("gets no trial now", self.said(run))

    def test_readings_that_are_asked_for_do_not_put_off_the_next_one(self):
        watch = subprocess.Popen([self.binary, "gpu-watch", "1000"], env=self.env, bufsize=0,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(100):
            watch.stdout.readline()
            watch.stdin.write(b"\n")
            watch.stdin.flush()
        for _ in range(2):
            ready, _, _ = select.select([watch.stdout], [], [], 30)
            self.assertTrue(ready, "no line for 30 s, with a period of 1 s")
            self.assertEqual(json.loads(watch.stdout.readline())["asked"], 100)
        watch.stdin.close()
        watch.wait()
        watch.stdout.close()

    def test_driver_that_hangs_at_the_start_is_an_error(self):
        self.gpus(*THREE, "hang")
        self.env["BESOM_GPU_SILENT_MS"] = "500"
        said = self.says("run", self.sweep(SPEC, TRAIN), code=4)
        self.assertIn("the driver of the GPUs does not answer; --gpus none runs trials without", said)
        self.touch("go")
        self.says("run", "sweep.yaml", "--gpus", "none")

    def test_two_runs_never_share_a_gpu(self):
        one = self.begin("run", self.sweep(SPEC, TRAIN), "--slots", 1)
        self.assertEqual(self.gpu_of(0, one), "GPU-a")
        (self.folder / "seen.0").unlink()
        two = self.begin("run", "sweep.yaml", "--store", self.folder / "other")
        self.assertEqual({self.gpu_of(n, two) for n in range(2)}, {"GPU-b", "GPU-c"})
        self.assertIn("GPU 0 gets no trial now: another besom process on this host has locked it",
                      self.said(two))
        self.touch("go")
        self.end(one, 0)
        self.end(two, 0)

    def test_trial_that_an_earlier_run_left_keeps_its_gpu(self):
        run = self.begin("run", self.sweep(SPEC, TRAIN), "--gpus", "0")
        self.assertEqual(self.gpu_of(0, run), "GPU-a")
        pid = (self.folder / "pid.0").read_text().strip()
        self.kill_besom(run)
        self.gpus(*THREE[:2], "process GPU-a %s 4000" % pid)
        run = self.begin("run", "sweep.yaml", "--gpus", "1,0")  # its slot has another GPU now
        self.wait_said(run, "GPU 0 gets no trial now: in use by")
        time.sleep(0.5)
        self.assertFalse(self.is_launched(1))  # one slot has the trial, the other one its GPU
        self.gpus(*THREE[:2])
        self.touch("go")
        self.end(run, 0)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)

    def test_gpus_are_listed(self):
        self.gpus("gpu GPU-a 143771 5120", "set GPU-a util 93", "set GPU-a power 612",
                  "process GPU-a %d 5000" % os.getpid(), THREE[1], "gpu GPU-c 81920 3277",
                  "gpu GPU-d 81920 0", "mig GPU-d MIG-x 9216 0")
        self.env["CUDA_VISIBLE_DEVICES"] = "GPU-a,GPU-b,GPU-c"
        out = self.besom("gpus").replace(str(os.getpid()), "PID")
        comm = pathlib.Path("/proc/self/comm").read_text().strip()
        self.assertEqual(out.splitlines(), [line.replace("COMM", comm) for line in TABLE.splitlines()])
        found = json.loads(self.besom("gpus", "--json"))
        self.assertEqual([(g["index"], g["uuid"], g["offered"]) for g in found],
                         [("0", "GPU-a", False), ("1", "GPU-b", True), ("2", "GPU-c", False),
                          ("3:0", "MIG-x", False)])
        self.assertEqual(found[0]["processes"], [[os.getpid(), 5000 << 20]])
        self.gpus("init 18")
        said = self.says("gpus")
        self.assertIn("besom finds no GPU on this host", said)
        self.assertIn("Driver/library version mismatch", said)


if __name__ == "__main__":
    scene.main()
