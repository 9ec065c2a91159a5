#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom run, watch and top on terminals of several kinds and sizes: nothing wraps, no sequence is written that a
terminal need not know, and the terminal is as before at the end."""
import fcntl
import itertools
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

from screen import Screen

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "look"))
import facts  # noqa: E402

PATIENCE = 60
SPEC = """\
name: "dig\\e[2Jits 日本 \\u202Ex"
command: [sh, train.sh, "${args_no_hyphens}"]
workdir: .
method: random
seed: 7
run_cap: 6
metric: {name: loss, goal: minimize}
report: {stdout: json}
parameters:
  lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}
  batch: {values: [64, 512]}
"""
TRAIN = """\
case "$*" in *batch=512*) echo "RuntimeError: CUDA out of memory" >&2; exit 1 ;; esac
for step in 0 1 2; do echo "{\\"step\\": $step, \\"loss\\": 0.$((9 - step))}"; done
while [ ! -e go ]; do sleep 0.05; done
"""


class Terminal:
    """A process in the foreground of a terminal of its own, as a shell starts it."""

    def __init__(self, argv, folder, env, columns=80, lines=24):
        self.screen = Screen(columns, lines)
        self.bytes = 0
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.chdir(folder)
            os.execve(argv[0], argv, env)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def look(self, seconds):
        """Reads for so long; False at the end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self.master, 65536)
        except OSError:
            chunk = b""
        self.bytes += len(chunk)
        self.screen.feed(chunk.decode(errors="replace").replace("\r\n", "\n"))
        return bool(chunk)

    def until(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.screen.text()):
            if time.monotonic() > deadline or not self.look(0.2):
                raise AssertionError("waited in vain for %r:\n%s" % (pattern, self.screen.text()))
        return self.screen.text()

    def end(self):
        """The exit status, once it has ended by itself."""
        deadline = time.monotonic() + PATIENCE
        while self.look(0.2):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                raise AssertionError("it does not end:\n" + self.screen.text())
        self.cooked = self.is_cooked()
        os.close(self.master)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def send(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, columns, lines):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.columns, self.screen.height = columns, lines

    def is_cooked(self):
        flags = termios.tcgetattr(self.master)[3]
        return bool(flags & termios.ICANON and flags & termios.ECHO)


class Watch(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="besom-watch-")
        self.folder = pathlib.Path(self.temporary.name)
        self.addCleanup(self.temporary.cleanup)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("BESOM_", "LC_", "SSH_"))}
        self.env.update(TERM="xterm", LC_ALL="C.UTF-8", BESOM_STORE=str(self.folder / "store"))
        (self.folder / "sweep.yaml").write_text(SPEC)
        (self.folder / "train.sh").write_text(TRAIN)
        self.binary = os.environ["BESOM_BINARY"]

    def terminal(self, *args, columns=80, lines=24, **env):
        t = Terminal([self.binary, *args], self.folder, dict(self.env, **env), columns, lines)
        self.addCleanup(self.kill, t.pid)
        return t

    def kill(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def clean(self, t):
        """No line of a block was wrapped, no strange sequence was written, and the terminal is as it was before."""
        self.assertEqual([line for line in t.screen.wrapped if re.search("(?!^✓ finished )[▶│░▓█]| ▶|^best: none", line)], [])
        self.assertTrue(t.cooked)
        self.assertEqual(t.screen.strange, [])
        self.assertFalse(t.screen.alternate)
        self.assertFalse(t.screen.hidden)

    def steady(self, t):
        """While the block is drawn again, as its times go on, none of its lines is too long."""
        n = len(t.screen.wrapped)
        for _ in range(2 if t.screen.columns >= 40 else 0):  # a block of one line has no times
            before, bytes_ = t.screen.text(), t.bytes
            deadline = time.monotonic() + PATIENCE
            while t.bytes == bytes_:
                self.assertLess(time.monotonic(), deadline, before)
                t.look(0.1)
        self.assertEqual(t.screen.wrapped[n:], [])

    def run_sweep(self, columns, lines, *patterns, **env):
        """What stands there once all patterns do, and the terminal at the end."""
        t = self.terminal("run", "sweep.yaml", "--new", "--slots", "2", columns=columns, lines=lines, **env)
        text = t.until(r"(?m)\A" + "".join(r"(?=[\s\S]*?^%s)" % p for p in patterns))
        self.steady(t)
        (self.folder / "go").touch()
        self.assertEqual(t.end(), 0, t.screen.text())
        self.clean(t)
        end = "".join(t.screen.scrolled + t.screen.lines())  # however narrow it is
        self.assertRegex(end, r"best: trial 1 of sweep .*run it again: besom rerun (\w{8})-1.*  besom retry \1$")
        (self.folder / "go").unlink()
        return text, t

    def test_run_at_80(self):
        """61, 64: the block, and its end."""
        text, t = self.run_sweep(80, 24, r" +\d+ ▶ .* 0.7 ", r"█*▓+░* \d/6 .*✗\d ▶2",
                                 r".*✗ \d out of GPU.*, 2 alike +besom logs \w+-\d · besom retry")
        self.assertIn("digits 日本 ?x · random", text)
        self.assertIn("p pause  q stop  ?", text)
        self.assertTrue(t.screen.colours)

    def test_run_at_other_sizes(self):
        self.run_sweep(120, 40, r" +\d+ ▶ .* 0.7 ", r".*│ ✗ \d out of GPU memory")
        self.run_sweep(40, 10, r" +\d+ ▶ .* 0.7")
        self.run_sweep(30, 10, r"2/6 ✗\d ▶2$")

    def test_run_in_ascii_without_colours(self):
        t = self.terminal("run", "sweep.yaml", "--slots", "2", LC_ALL="C", NO_COLOR="1")
        text = t.until(r"(?m)^ +\d+ > .* 0.7 ")
        self.assertRegex(text, r"(?m)^#*=+-* \d/6")
        self.assertTrue(text.split("random", 1)[1].isascii(), text)
        self.steady(t)
        t.send("\x03")
        self.assertEqual(t.end(), 130)
        self.clean(t)
        self.assertEqual(t.screen.colours, [])

    def test_run_elsewhere(self):
        """A pipe, and a terminal that cannot move its cursor: lines; --json: the same as objects."""
        (self.folder / "go").touch()
        ran = subprocess.run([self.binary, "run", "sweep.yaml"], cwd=self.folder, env=self.env, capture_output=True, check=True,
                             stdin=subprocess.DEVNULL, text=True)
        self.assertNotIn("\x1b", ran.stderr)
        self.assertRegex(ran.stderr, r"sweep=\w+ state=running trials=6 slots=\d+ method=random metric=loss goal=minimize")
        self.assertRegex(ran.stderr, r"trial=\d state=finished loss=0.7 ran=\S+ new_best=yes params=\"batch=64 lr=\S+\" done=\d/6")
        t = self.terminal("run", "sweep.yaml", "--new", TERM="dumb")
        self.assertEqual(t.end(), 0)
        self.assertEqual(t.screen.strange, [])
        ran = subprocess.run([self.binary, "run", "sweep.yaml", "--new", "--json"], cwd=self.folder, env=self.env, capture_output=True,
                             check=True, stdin=subprocess.DEVNULL, text=True)
        lines = [json.loads(line) for line in ran.stderr.splitlines()]
        self.assertEqual(lines[0]["state"], "running")
        ends = [line for line in lines if line.get("trial") is not None]
        self.assertEqual(({line["trial"] for line in ends}, ends[-1]["done"]), ({0, 1, 2, 3, 4, 5}, 6))
        self.assertEqual(json.loads(ran.stdout)["state"], "finished")

    def test_keys_of_run(self):
        t = self.terminal("run", "sweep.yaml", "--slots", "2")
        t.until(r"(?m)^ +\d+ ▶ .* 0.7 ")
        self.assertFalse(t.is_cooked())
        t.send("p")
        t.until("· paused ·")
        t.send("p")
        t.until(r"p pause(?s:(?!paused ·).)*$")
        t.send("q")
        t.until("stop the sweep[?]")
        t.send("n")
        t.send("?")
        t.until("q: stop")
        t.resize(60, 20)
        t.until(r"(?m)^ +\d+ ▶ .* 0.7 ")
        t.send("\x03")
        self.assertEqual(t.end(), 130)
        self.clean(t)
        self.stop_and_continue("run sweep.yaml --new --slots 2", r" ▶ .* 0.7 ", "\x03", "no finished trial is lost")

    def begin_quietly(self):
        """A run whose two trials wait for the file `go`."""
        run = subprocess.Popen([self.binary, "run", "sweep.yaml", "--slots", "2", "--quiet"], cwd=self.folder, env=self.env,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while b'"running":2' not in subprocess.run([self.binary, "show", "--json"], cwd=self.folder, env=self.env,
                                                   capture_output=True, check=False).stdout:
            if time.monotonic() > deadline:
                run.kill()
                self.fail("no two trials run")
            time.sleep(0.1)
        return run

    def test_watch(self):
        """62: its screen goes, and the terminal is as before, after q, Ctrl-C and Ctrl-Z."""
        run = self.begin_quietly()
        try:
            self.watch_screens()
        finally:
            (self.folder / "go").touch()
            run.wait(PATIENCE)

    def test_watch_where_no_process_runs_it(self):
        run = self.begin_quietly()
        run.send_signal(signal.SIGINT)
        run.wait(PATIENCE)
        t = self.terminal("watch")
        text = t.until(r"waits: no process runs")
        self.assertRegex(text, r"‖ interrupted")
        self.assertNotIn("for a new best", text)
        t.send("\x1b")
        t.until(r"(?m)^> ‖ .* interrupted")
        t.send("q")
        self.assertEqual(t.end(), 0)

    def watch_screens(self):
        t = self.terminal("watch")
        text = t.until(r"(?m)^>? +\d+ ▶ running +0\.7 ")
        self.assertTrue(t.screen.alternate and t.screen.hidden)
        self.assertIn("digits 日本 ?x ▶ running", text)
        self.assertIn("─[trials]─ curves ─", text)
        t.send("g")
        t.until(r"(?m)^> +\d+ ▶ running +0\.7 ")
        t.send("\t")
        t.until(r"▶ █▅▁ .* 0.9 → 0.7")
        t.send("\t")
        t.until(r"local +● up +▮▮ 2/2")
        t.send("\t")
        t.until(r"(?m)^> ✗ \d +out of GPU")
        t.send("l")
        t.until(r'"loss": 0\.')
        t.send("a\x1b[Z\x1b[Z\r")
        t.until(r"(?m)^── trial \d")
        t.send("e")
        t.until(r"(?m)^  proposed  by random")
        t.send("\x1b")
        t.until(r"\[trials\]|\[curves\]")
        t.send("/state:failed\r")
        t.until(r"step +time +where\n>? +\d+ ✗ out of GPU memory(?s:.*)filter: state:failed")
        t.send("\x1b")
        t.send("P")
        t.until(r"(?m)^ pause: .*y or n")
        t.send("n")
        self.assertEqual(t.screen.wrapped, [])
        t.resize(120, 40)
        t.until(r"── agents ──")
        t.resize(80, 24)
        t.until(r"─\[trials\]─")
        t.send("q")
        self.assertEqual(t.end(), 0)
        self.assertIn("is running; look closer:", t.screen.text())
        self.clean(t)
        for keys, code in (("\x03", 130),):
            t = self.terminal("watch", columns=40, lines=10)
            t.until(r"\[trials\]")
            t.send(keys)
            self.assertEqual(t.end(), code)
            self.clean(t)
        self.stop_and_continue("watch", r"\[trials\]", "q", "look closer:")
        self.top()

    @unittest.skipUnless("STORE_OF_FACTS" in os.environ, "it needs store_of_facts")
    def test_watch_of_many(self):
        """63: of many trials (./dev bench watch has 10,000), as many bytes are written as cells have changed, and a few to move there."""
        fixture = pathlib.Path(__file__).resolve().parents[2] / "web" / "fixture.py"
        subprocess.run([sys.executable, "-B", fixture, self.folder / "store", "1000"], check=True)
        t = self.terminal("watch", "bigbig01")
        t.until(r"9\d\d more")
        t.send("/state:running\r")
        t.until(r"(?m)^>? +\d+ ▶ running")
        report = {"kind": "metrics", "time": int(time.time() * 1000), "sweep": "bigbig01", "trial": 998, "attempt": 1,
                  "text": '{"step": 50, "val_loss": 0.0123}\n'}
        t.bytes = changed = turns = 0
        subprocess.run([os.environ["STORE_OF_FACTS"], self.folder / "store"], input=json.dumps(report), text=True, check=True,
                       stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not re.search(r"(?m)^>? +998 ▶ running +0.0123", t.screen.text()):
            self.assertLess(time.monotonic(), deadline)
            before, n = t.screen.lines(), t.bytes
            t.look(0.5)
            turns += t.bytes > n
            for old, new in itertools.zip_longest(before, t.screen.lines(), fillvalue=""):
                changed += sum(a != b for a, b in itertools.zip_longest(old, new))
        self.assertGreater(changed, 0)
        self.assertLess(t.bytes, 20 * changed + 100 * turns)
        t.send("q")
        self.assertEqual(t.end(), 0)
        self.clean(t)

    def two_sweeps(self):
        """A sweep whose trials with batch=512 fail, one of them twice; before it, one that ann paused two hours ago."""
        f = facts.Facts()
        spec = {"program": "train.py", "method": "tpe", "metric": {"name": "loss", "goal": "minimize"}, "retry": {"failed": 1},
                "parameters": {"lr": {"min": 0.0, "max": 1.0}, "batch": {"values": [256, 512]}, "opt": {"values": ["adamw", "sgd"]}}}
        f.now = int(time.time() * 1000) - 2 * 3600 * 1000 - 60000
        f.created("7ab20001", "/data/lm.yaml", "/data", spec=dict(spec, name="lm-small"), total=300)
        f.add("sweep_state", "7ab20001", state="paused", reason="user")
        f.now -= 1000  # in the same step
        f.add("action", "", by="local user ann", what="pause", subject="7ab20001", result="ok", **{"from": "this host"})
        f.now = int(time.time() * 1000) - 3600 * 1000
        f.created("k3f90002", "/data/cifar.yaml", "/data", spec=dict(spec, name="cifar-resnet"), total=100)
        for n in range(14):
            fails = n >= 7 and n != 12
            why = {"strategy": "tpe", "phase": "model", "results": n, "pending": 0, "nearest": [3, 1, 2]} if n > 10 else {}
            f.add("proposed", "k3f90002", trial=n, cursor=n + 1, known=0, why=why,
                  params={"lr": 0.5 + n % 3 / 10, "batch": 512 if n >= 7 else 256, "opt": "adamw"})
            for attempt in (1, 2) if n == 11 else (1,):
                f.launched("k3f90002", n, attempt)
                f.metrics("k3f90002", n, [{"step": i, "loss": 0.9 / (i + 1) + n / 100} for i in range(5)], attempt)
                f.ended("k3f90002", n, "exit" if fails else "ok", "pending" if fails and n == 11 and attempt == 1 else
                        "failed" if fails else "finished", attempt, code=int(fails), text="CUDA out of memory" if fails else None)
        subprocess.run([os.environ["STORE_OF_FACTS"], self.folder / "store"], input="\n".join(f.lines) + "\n", text=True, check=True,
                       stdout=subprocess.DEVNULL)

    @unittest.skipUnless("STORE_OF_FACTS" in os.environ, "it needs store_of_facts")
    def test_sizes_of_watch(self):
        """From 120 columns on all is there at once; with less, a pane at a time; on each no line is too long."""
        self.two_sweeps()
        t = self.terminal("watch", columns=120, lines=30)
        t.until(r"(?m)^> ‖ k3f90002 cifar-resnet +█+░+ +14/100  best ↓ 0.18 +▁+ +✗6  interrupted$")
        t.until(r"(?m)^  ‖ 7ab20001 lm-small .* 0/300  no result yet .*paused by ann, 2 h ago$")
        text = t.until(r"── trials of k3f90002 · by loss ↓ · 14 ─+┬─ trial 0 ✓ ─")
        self.assertRegex(text, r"\Abesom · 2 sweeps · \d\d:\d\d:\d\d \w+ +● live")
        self.assertRegex(text, r"(?m)^  ✓8  best: trial 0 ")
        self.assertIn("│ the best trial\n", text)
        t.send("/number:11\r")
        t.until(r"┬─ trial 11 ✗ ─")
        for line in ("out of GPU memory at step 4", r"lr 0.7 \(best: 0.5\)", r"batch 512 \(best: 256\)", "as the best: opt adamw",
                     "suspect batch=512: 6 of 7 trials", "attempt 2 of 2, no retry left", r"\[r\]etry \[l\]ogs \[e\]xplain", "nearest 3 1 2"):
            t.until(r"(?m)│ %s" % line)
        t.send("e")
        t.until(r"(?m)│ proposed +by the model of tpe.*\n.*│ +from 11 results")
        t.send("\x1b")
        self.assertEqual(t.screen.wrapped, [])
        for columns, lines, pattern in ((200, 60, r"── log of trial 11 ✗ ─"), (100, 30, r"(?m)^─\[trials\]─.{90}$"),
                                        (80, 24, r"(?m)^─\[trials\]─.{70}$")):
            t.resize(columns, lines)
            t.until(pattern)
        t.screen.wrapped.clear()  # what was on its way for a wider one
        t.send("\r")
        t.until(r"(?m)^  batch 512 \(best: 256\)\n")
        t.send("\x1b\x1b\x1b")  # the trial, the filter, the sweep
        t.until(r"(?m)^> ‖ k3f90002 (?s:.*)^  ‖ 7ab20001 lm-small .*paused by ann")
        self.assertEqual(t.screen.wrapped, [])
        t.send("q")
        self.assertEqual(t.end(), 0)
        self.clean(t)

    def stop_and_continue(self, command, block, key, end):
        shell = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], self.folder, dict(self.env, PS1="$ "))
        self.addCleanup(self.kill, shell.pid)
        shell.send("%s %s\n" % (self.binary, command))
        shell.until(block)
        shell.send("\x1a")
        shell.until("Stopped")
        self.assertFalse(shell.screen.alternate)
        shell.send("clear\n")
        shell.until(r"\A\$\Z")
        shell.send("fg\n")
        shell.until(block)
        shell.send(key)
        shell.until(end)
        self.assertEqual([s for s in shell.screen.strange if not s.startswith("?2004")], [])  # those are of bash
        shell.send("exit\n")
        shell.end()
        self.assertFalse(shell.screen.alternate)
        self.assertTrue(shell.cooked)

    def top(self):
        t = self.terminal("top", columns=120, lines=30)
        t.until(r"(?m)^> ▶ \w{8} digits 日本 ?[?]x .* \d/6 +no result yet +▶2")
        t.until(r"local +● up +▮▮ 2/2")
        t.send("\r")
        t.until(r"── trials of \w{8} · by loss ↓ · \d+ ─+┬─ trial")
        t.send("\x1b")
        t.until(r"── sweeps ──")
        t.send("q")
        self.assertEqual(t.end(), 0)
        self.clean(t)
        said = subprocess.run([self.binary, "top"], env=self.env, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(said.returncode, 2)
        self.assertIn(b"it needs a terminal: besom ls", said.stderr)


if __name__ == "__main__":
    if "BESOM_BINARY" not in os.environ:
        print("SKIPPED: BESOM_BINARY names no besom", file=sys.stderr)
        sys.exit(77)
    unittest.main()
