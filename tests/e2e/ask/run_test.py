#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `besom run` proposes is what `besom ask` says, also when it is killed and started again."""
import json
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

SPEC = """
method: %s
command: [sh, -c, "sleep 0.02; cat $BESOM_PARAMS > out/$BESOM_TRIAL"]
run_cap: 40
seed: 11
parameters:
  a: {min: 1, max: 60}
  b: {values: [x, y]}
  c: {parameters: {d: {distribution: q_uniform, min: 0, max: 1, q: 0.5}}}
"""


class Run(driver.Case):
    def asked(self, spec):
        said = subprocess.run([self.binary, "ask", str(spec)], env=self.env, timeout=100,
                              input=b'{"op":"ask","n":40}\n', stdout=subprocess.PIPE)
        return {str(line["trial"]): line["params"]
                for line in map(json.loads, said.stdout.splitlines())}

    def killed_on_the_way(self, spec, out, when):
        process = self.start("run", spec, "--slots", "2", stderr=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while process.poll() is None and len(list(out.iterdir())) < when:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def test_run_proposes_what_ask_says(self):
        for method in "grid", "random", "sobol":
            with self.subTest(method):
                out = self.folder / "out"
                out.mkdir()
                spec = self.folder / (method + ".yaml")
                spec.write_text(SPEC % method)
                for when in 5, 20:
                    self.killed_on_the_way(spec, out, when)
                self.besom("run", spec, "--slots", "2")
                ran = {f.name.rpartition('-')[2]: json.loads(f.read_text()) for f in out.iterdir()}
                self.assertEqual(ran, self.asked(spec))
                self.assertEqual(len(ran), 40)
                out.rename(self.folder / (method + ".out"))


if __name__ == "__main__":
    driver.main()
