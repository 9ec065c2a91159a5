#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/lint-examples.md and docs/lint.svg are what besom lint prints of ten small specs. As a test this holds
them to it, byte for byte; with --write it makes them anew: capture.py --write BESOM"""
import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE, PICTURE = ROOT / "docs/lint-examples.md", ROOT / "docs/lint.svg"

EXAMPLES = [
    ("Exponents where values were meant", """\
program: train.py
method: random
run_cap: 40
parameters:
  learning_rate:
    distribution: log_uniform
    min: -5
    max: -1
"""),
    ("A grid over a range", """\
program: train.py
method: grid
parameters:
  batch_size: {values: [16, 32]}
  dropout: {min: 0.1, max: 0.5}
"""),
    ("Misspelled keys", """\
program: train.py
method: random
run_cap: 40
metrc: {name: val_loss}
parameters:
  optimizer:
    vales: [adam, sgd]
"""),
    ("A metric without a goal", """\
program: train.py
method: random
run_cap: 40
metric:
  name: val_accuracy
parameters:
  width: {values: [64, 128]}
"""),
    ("Text instead of a list", """\
program: train.py
method: random
run_cap: 40
parameters:
  layers: {values: 3}
  activation:
    values: relu, gelu
"""),
    ("Parameters indented into another", """\
program: train.py
method: random
run_cap: 40
parameters:
  optimizer:
    values: [adam, sgd]
    learning_rate:
      min: 0.001
      max: 0.1
    layers:
      values: [1, 2]
"""),
    ("An unknown macro", """\
program: train.py
method: grid
command:
  - ${env}
  - ${interpereter}
  - ${program}
  - --epochs 10
  - ${args}
parameters:
  width: {values: [64, 128]}
"""),
    ("Integer bounds where floats were meant", """\
program: train.py
method: random
run_cap: 40
parameters:
  dropout: {min: 0, max: 1}
  weight_decay: {min: '1e-6', max: 0.01}
"""),
    ("A sweep in a larger file", """\
model: {width: 64}
sweep:
  program: train.py
  method: grid
  parameters:
    width: {values: [64, 128]}
"""),
    ("Python instead of YAML", """\
import wandb

sweep_config = {
    "method": "random",  # or grid
    "parameters": {"lr": {"min": 0.001, "max": 0.1}},
}
"""),
]

HEAD = """\
# What `besom lint` says: ten examples

The output on this page is made by `tests/e2e/lint/capture.py`, and a test compares it with what besom prints.
[lint.md](lint.md) explains the messages.
"""

TONES = {"1": "b", "1;31": "e", "1;33": "w", "1;36": "n", "32": "g", "31": "e"}


def lint(besom, folder, text, terminal):
    (folder / "sweep.yaml").write_text(text)
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS") and not k.startswith("BESOM_")}
    env.update(COLUMNS="100", TERM="xterm")
    if not terminal:
        return subprocess.run([besom, "lint", "sweep.yaml"], cwd=folder, env=env,
                              stdout=subprocess.PIPE).stdout.decode()
    leader, follower = os.openpty()
    subprocess.run([besom, "lint", "sweep.yaml"], cwd=folder, env=env, stdout=follower)
    os.close(follower)
    out = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            part = b""
        if not part:
            os.close(leader)
            return out.decode().replace("\r\n", "\n")
        out += part


def picture(lines):
    """The lines of a terminal, with its colours, as SVG."""
    high = 19
    width = 8.43 * max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines) + 32
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" font-size="14">'
           % (width, high * len(lines) + 28),
           "<style>text{fill:#d4d4d4;white-space:pre}.b{font-weight:bold}.e{fill:#f14c4c;font-weight:bold}"
           ".w{fill:#e5c07b;font-weight:bold}.n{fill:#56b6c2;font-weight:bold}.g{fill:#98c379}</style>",
           '<rect width="100%" height="100%" rx="8" fill="#1e1e1e"/>']
    for i, line in enumerate(lines):
        tone, spans = "", []
        for j, part in enumerate(re.split(r"\x1b\[([0-9;]*)m", line)):
            if j % 2:
                tone = TONES.get(part, "")
            elif part:
                text = html.escape(part, quote=False)
                spans.append('<tspan class="%s">%s</tspan>' % (tone, text) if tone else text)
        out.append('<text x="16" y="%d" xml:space="preserve">%s</text>' % (high * (i + 1) + 8, "".join(spans)))
    return "\n".join(out + ["</svg>\n"])


def capture(besom):
    page, shown = [HEAD], []
    with tempfile.TemporaryDirectory(prefix="besom-capture-") as folder:
        folder = pathlib.Path(folder)
        (folder / "train.py").write_text("")
        for i, (title, text) in enumerate(EXAMPLES):
            out = lint(besom, folder, text, False)
            page.append("\n## %s\n\n```\n$ besom lint sweep.yaml\n%s```\n" % (title, out))
            if i in (2, 3, 4):
                shown += ["$ besom lint sweep.yaml"] + lint(besom, folder, text, True).splitlines() + [""]
    return "".join(page), picture(shown[:-1])


def main():
    write = sys.argv[1:2] == ["--write"]
    besom = sys.argv[2] if write else os.environ.get("BESOM_BINARY")
    if not besom:
        print("SKIPPED: BESOM_BINARY names no besom", file=sys.stderr)
        return 77
    wrong = 0
    for path, text in zip((PAGE, PICTURE), capture(str(pathlib.Path(besom).resolve()))):
        if write:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            wrong += 1
            print("%s is not what besom lint prints now; look at it, then: %s --write BESOM"
                  % (path.relative_to(ROOT), pathlib.Path(__file__).relative_to(ROOT)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
