#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/terminal/ is what besom shows on terminals of 60, 80 and 120 columns, and of a fleet on one of 80. As a test this holds the files to it,
with ids, times and folders made the same; with --write it makes them anew: capture.py --write BESOM"""
import difflib
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

from screen import shown as screen

ROOT = pathlib.Path(__file__).resolve().parents[3]
WIDTHS = (60, 80, 120)
PATIENCE = 120  # seconds until a wait is called a failure
BARS = re.compile("[▁▂▃▄▅▆▇█]{2,8}")  # sparklines: they depend on when besom looks
ID, HOME = "k3f9wq1c", "/data/digits"

SPEC = """\
name: digits
command: [sh, train.sh, "${args_no_hyphens}"]
workdir: .
method: random
seed: 7
run_cap: 6
metric: {name: loss, goal: minimize}
report: {stdout: json}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 1e-5, max: 0.1}
  batch_size: {values: %s}
  model: {parameters: {depth: {values: [2, 3, 4]}}}
  epochs: {value: 3}
"""
# Trials 2 and 3 wait in the middle, so that there is a moment to look at.
TRAIN = """\
for word in "$@"; do case $word in
    learning_rate=*) lr=${word#*=} ;;
    batch_size=*) batch=${word#*=} ;;
esac; done
for step in 0 1 2; do
    awk -v lr="$lr" -v step="$step" 'BEGIN {
        printf "{\\"step\\": %d, \\"loss\\": %.4f}\\n", step, (0.3 + lr * 20) / (step + 1) }'
done
case $BESOM_TRIAL in *-[23]) while [ ! -e go ]; do sleep 0.05; done ;; esac
if [ "$batch" -ge 256 ]; then
    echo "Traceback (most recent call last):" >&2
    echo "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate $batch MiB" >&2
    exit 1
fi
"""

class Terminal:
    """A command on a terminal."""

    def __init__(self, argv, folder, columns, env):
        self.master, slave = pty.openpty()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.process = subprocess.Popen(argv, cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                        stdout=slave, stderr=slave)
        os.close(slave)
        self.text = ""

    def read(self, until):
        """Reads on until `until` holds of the screen, or to the end for None."""
        deadline = time.monotonic() + PATIENCE
        while until is None or not until("\n".join(screen(self.text))):
            if not select.select([self.master], [], [], deadline - time.monotonic())[0]:
                self.process.kill()
                raise AssertionError("waited in vain; the screen:\n" + "\n".join(screen(self.text)))
            try:
                chunk = os.read(self.master, 65536)
            except OSError:
                chunk = b""
            if not chunk:
                break
            self.text += chunk.decode(errors="replace").replace("\r\n", "\n")
        if until is None:
            os.close(self.master)
            self.process.wait()
        return screen(self.text)


def same(lines, sweep, folder):
    """The lines with what differs between runs made the same, as wide as it was."""
    def span(match):
        blanks, before = match.group(1), match.string[:match.start()]
        if len(blanks) < 2 or re.fullmatch("[a-z]+", before):  # in a sentence, or after a label
            return blanks + "1.2s"
        return "1.2s".rjust(max(len(match.group(0)), len("  1.2s")))  # 10s is narrower than 9.9s
    for line in lines:
        line = line.replace(sweep, ID).replace(os.path.realpath(folder), HOME)
        line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}", "2026-01-31 17:05:09 +0000", line)
        line = re.sub(r"(http://127\.0\.0\.1:)\d+(/s/\w+#token=)\w+", r"\g<1>40123\g<2>bsm_operator_…", line)
        line = re.sub(r"( +)(?:\d+\.\ds|\d+s|\d+m\d\ds)\b", span, line)
        line = re.sub(r"   [\d.]+/(s|min|h)(   left .*)?$", "   1.2/s", line)
        line = BARS.sub(lambda bars: " " * len(bars.group()), line) if re.match(r" +\d+ ▶", line) else line
        yield "" if re.match(r"     [▁▂▃▄▅▆▇█]", line) else line.rstrip()


def without_link(text):
    """Where besom was built without its page, there is no link."""
    return re.sub("(?m)^Page: .*\n", "", text)


def capture_sweep(besom, batches, columns, looks):
    """besom run in the middle and at its end, then each of `looks`."""
    with tempfile.TemporaryDirectory(prefix="besom-terminal-") as folder:
        env = {k: v for k, v in os.environ.items()
               if not k.startswith("BESOM_") and k not in ("COLUMNS", "LINES")}
        env.update(TERM="xterm", NO_COLOR="1", TZ="UTC", LC_ALL="C" if columns == 60 else "C.UTF-8")
        pathlib.Path(folder, "sweep.yaml").write_text(SPEC % batches)
        pathlib.Path(folder, "train.sh").write_text(TRAIN)
        run = Terminal([besom, "run", "sweep.yaml", "--slots", "2"], folder, columns, env)
        shown = [("besom run sweep.yaml --slots 2     # in the middle", run.read(
            lambda seen: re.search(r"(?m)^ +2 ..*step 2 .*\n +3 .*step 2 ", seen)))]
        pathlib.Path(folder, "go").touch()
        shown.append(("besom run sweep.yaml --slots 2     # at its end", run.read(None)))
        sweep = re.search(r"(?m)^Sweep (\w+) of", run.text).group(1)
        for look in looks:
            argv = [besom, *look.split()]
            shown.append(("besom " + look, Terminal(argv, folder, columns, env).read(None)))
        return "".join("$ %s\n%s\n\n" % (command, "\n".join(same(lines, sweep, folder)))
                       for command, lines in shown)


def capture(besom, columns):
    return (capture_sweep(besom, "[64, 128]", columns,
                          ["trials --sort objective", "trials -n 2 --metrics", "best", "show"]) +
            "# A sweep that fails in part\n\n" +
            capture_sweep(besom, "[64, 256, 512]", columns,
                          ["trials --state failed", "show", "show 1"]))


class Fleet:
    """A controller and two agents, whose trials wait for the file `go`."""

    def __init__(self, besom, folder, env):
        self.besom, self.folder, self.started = besom, folder, []
        self.env = dict(env, XDG_STATE_HOME=str(pathlib.Path(folder, "state")))
        pathlib.Path(folder, "train.sh").write_text(TRAIN.replace("*-[23])", "*)"))
        pathlib.Path(folder, "sweep.yaml").write_text(SPEC % "[64, 128]")
        pathlib.Path(folder, "labels.yaml").write_text(SPEC % "[64, 128]" + "resources: {labels: [a100]}\n")
        controller = self.begin("serve", "--listen", "127.0.0.1:0", "--store", "controller", "--json")
        first = json.loads(controller.stdout.readline())
        self.env.update(BESOM_SERVER=first["url"], BESOM_TOKEN=first["admin"])

    def begin(self, *args):
        process = subprocess.Popen([self.besom, *args], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.started.append(process)
        return process

    def run(self, *args):
        return subprocess.run([self.besom, *args], cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True, text=True).stdout.strip()

    def wait(self, sweep, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition(json.loads(self.run("show", sweep, "--json"))):
            if time.monotonic() > deadline:
                raise AssertionError("waited in vain for sweep " + sweep)
            time.sleep(0.05)

    def agent(self, name, running):
        join = self.run("token", "create", "--scope", "join")
        self.begin("agent", "--join", join, "--name", name, "--dir", name, "--slots", "1", "--workdir", ".")
        self.wait("last", lambda shown: shown["counts"].get("running") == running)

    def show(self, *args, until=None):
        terminal = Terminal([self.besom, *args], self.folder, 80, self.env)
        lines = terminal.read(until)
        if until:
            terminal.process.kill()
            terminal.process.wait()
            os.close(terminal.master)
        return lines

    def end(self):
        for process in reversed(self.started):
            process.terminate()
            process.wait()
            process.stdout.close()


def capture_fleet(besom):
    """besom watch of a sweep on two agents, and of one that no agent can run; what lists show of them."""
    with tempfile.TemporaryDirectory(prefix="besom-terminal-") as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith("BESOM_") and k not in ("COLUMNS", "LINES")}
        env.update(TERM="xterm", NO_COLOR="1", TZ="UTC", LC_ALL="C.UTF-8")
        fleet = Fleet(besom, folder, env)
        shown = []
        try:
            sweep = fleet.run("sweep", "sweep.yaml", "--quiet")
            for i, name in enumerate(("gpu-host-0017", "local")):
                fleet.agent(name, i + 1)
            shown.append(("besom watch", fleet.show("watch", until=lambda seen: len(re.findall("(?m)^ +[01] .* step 2 ", seen)) == 2)))
            shown.append(("besom agents", fleet.show("agents")))
            other = fleet.run("sweep", "labels.yaml", "--quiet")
            shown.append(("besom watch", fleet.show("watch", until=lambda seen: re.search("(?m)^waits: ", seen))))
            shown.append(("besom ls", fleet.show("ls")))
            fleet.run("cancel", other)
            pathlib.Path(folder, "go").touch()
            fleet.wait(sweep, lambda shown: shown["state"] == "finished")
            shown.append(("besom watch %s     # at its end" % ID, fleet.show("watch", sweep)))
        finally:
            fleet.end()
        return "".join("$ %s\n%s\n\n" % (command, "\n".join(line.replace(other, "m6zhwdz7") for line in same(lines, sweep, folder)))
                       for command, lines in shown)


def main():
    write = sys.argv[1:2] == ["--write"]
    besom = sys.argv[2] if write else os.environ.get("BESOM_BINARY")
    if not besom:
        print("SKIPPED: BESOM_BINARY names no besom", file=sys.stderr)
        return 77
    wrong = 0
    besom = str(pathlib.Path(besom).resolve())
    pages = [("%d-columns" % columns, lambda columns=columns: capture(besom, columns)) for columns in WIDTHS]
    for name, take in [*pages, ("fleet", lambda: capture_fleet(besom))]:
        page = ROOT / "docs" / "terminal" / (name + ".txt")
        text = take()
        if write:
            page.write_text(text, encoding="utf-8")
            continue
        stands = page.read_text(encoding="utf-8") if page.exists() else ""
        if without_link(text) != without_link(stands):
            wrong += 1
            sys.stderr.writelines(difflib.unified_diff(
                stands.splitlines(True), text.splitlines(True), str(page), "besom"))
    if wrong:
        print("make them anew: tests/e2e/terminal/capture.py --write BESOM", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
