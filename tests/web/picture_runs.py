# SPDX-License-Identifier: GPL-3.0-or-later
"""What a script that uses wandb has logged of a few runs, and a report."""
import csv
import gzip
import math
import os
import pathlib
import random
import struct
import time
import zlib

import logged
from picture_facts import BIG, HOSTS

ROOT = pathlib.Path(__file__).resolve().parents[2]


def digits():
    with gzip.open(ROOT / "examples" / "quickstart" / "digits.csv.gz", "rt") as file:
        return [[int(cell) for cell in row] for row in csv.reader(file)]


def png(rows):
    """Rows of grey values."""
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))) + chunk(b"IEND", b""))


def digit_png(row, size=8):
    big = [[min(255, row[y // size * 8 + x // size] * 16) for x in range(8 * size)] for y in range(8 * size)]
    return png(big)


def made(base, token, n=6):
    """Runs of a script that uses wandb: curves, pictures, a table of predictions, a confusion matrix, artifacts."""
    c, dice, images = logged.Client(base, token), random.Random(2), digits()
    names = ["brisk-sweep", "calm-river", "dry-leaf", "early-frost", "fair-wind", "grey-heron"]
    made = None
    for k in range(n):
        lr, width = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001][k], [16, 32, 64, 32, 16, 64][k]
        best = 0.05 + 0.05 * (math.log10(lr) + 1.5) ** 2
        rows = []
        for i in range(120):
            loss = best + 2.2 * math.exp(-i / (12 + 10 * abs(math.log10(lr) + 1))) + dice.gauss(0, 0.01)
            row = {"_step": i, "_runtime": i * 2.0, "_timestamp": time.time() - 7200 + i * 2, "train/loss": loss * 0.9, "val/loss": loss,
                   "val/accuracy": 1 / (1 + loss / 2), "lr": lr * (1 - i / 130)}
            if i % 30 == 29:
                row["val/digits"] = {"_type": "images/separated", "width": 64, "height": 64, "format": "png", "count": 6,
                                     "captions": ["seen %d, read %d" % (images[j + i][-1], images[j + i][-1]) for j in range(6)],
                                     "filenames": ["media/images/d%d-%d.png" % (i, j) for j in range(6)]}
                row["val/weights"] = {"_type": "histogram", "bins": [round(-1 + b / 10, 1) for b in range(21)],
                                      "values": [int(400 * math.exp(-((b - 10) / (2 + i / 40)) ** 2) + dice.uniform(0, 20)) for b in range(20)]}
            rows.append(row)
        cells = [[j, {"_type": "image-file", "path": "media/images/d29-%d.png" % (j % 6), "format": "png", "width": 64, "height": 64},
                  images[j % 6 + 29][-1], images[j % 6 + 29][-1] if j % 7 else (images[j % 6 + 29][-1] + 3) % 10, round(dice.uniform(0.5, 1), 3)]
                 for j in range(60)]
        matrix = [[str(a), str(b), (38 - a % 3 if a == b else (a * 7 + b * 3) % 4 if abs(a - b) in (1, 5) else 0)] for a in range(10) for b in range(10)]
        definition, fields = "wandb/confusion_matrix/v1", {"Actual": "Actual", "Predicted": "Predicted", "nPredictions": "nPredictions"}
        rows.append({"_step": 120, "val/loss": rows[-1]["val/loss"], "val/accuracy": rows[-1]["val/accuracy"],
                     "predictions": {"_type": "table-file", "path": "media/table/predictions.table.json", "ncols": 5, "nrows": len(cells)},
                     "confusion_table": {"_type": "table-file", "path": "media/table/confusion.table.json", "ncols": 3, "nrows": 100}})
        config = {"lr": lr, "width": width, "optimizer": ["sgd", "adamw"][k % 2], "seed": k,
                  "_wandb": {"visualize": {"confusion": logged.chart(definition, "confusion_table", fields, title="Confusion matrix")}}}
        name = "run%d" % (k + 1)
        c.run(name, rows, config, displayName=names[k], groupName="baseline" if k < 3 else "wide", jobType="train", host=HOSTS[k % 4],
              tags=["baseline"] if k < 3 else ["wide", "again"], notes="The first run with **augmentation**." if k == 0 else "", project="digits",
              log=["2026-01-01T10:00:%02d.000000 epoch %d  val/loss %.4f" % (i % 60, i, rows[i]["val/loss"]) for i in range(0, 120, 4)],
              events=[{"system.cpu": 40 + dice.uniform(-10, 10), "system.memory": 20 + i / 10, "_runtime": 10 * i} for i in range(24)])
        files = {"media/table/predictions.table.json": logged.table(["id", "image", "digit", "read", "confidence"], cells),
                 "media/table/confusion.table.json": logged.table(["Actual", "Predicted", "nPredictions"], matrix)}
        files.update({"media/images/d%d-%d.png" % (i, j): digit_png(images[j + i]) for i in range(29, 120, 30) for j in range(6)})
        c.files(name, files, project="digits")
        if k == 0:
            data = c.artifact(name, "digits", "dataset", {"digits.csv": b"0,1\n" * 5000}, description="8x8 digits, 1,797 of them", project="digits")
        else:
            c.use(name, data, project="digits")
        made = c.artifact(name, "model", "model", {"model.bin": os.urandom(4000 + k)}, project="digits", aliases=("latest",) + (("best",) if k == 2 else ()))
    c.run("eval", [{"_step": 0, "val/accuracy": 0.971, "val/loss": 0.09}], {"lr": 0.03, "width": 64}, jobType="eval", displayName="evaluation", project="digits")
    c.use("eval", made, project="digits")


REPORT = """# What 10,000 trials say about the learning rate

The optimum is near **8e-4**, whatever the depth. Three findings:

1. `adamw` beats `sgd` by 0.09 in `val_loss`; `lion` is close.
2. Dropout above 0.3 never pays.
3. `batch=512` runs out of memory from depth 7 on: 80 % of those trials failed.

| depth | best val_loss | trials |
|---|---|---|
| 4 | 0.2291 | 1,204 |
| 5 | 0.2102 | 3,310 |
| 6 | 0.2187 | 2,466 |
"""


def report(client_post):
    return client_post("/api/v1/reports/new", {"name": "Learning rate of cifar-resnet", "body": {"blocks": [
        {"text": REPORT}, {"sweep": BIG, "query": "tab=space", "title": "Where the good ones are"},
        {"sweep": BIG, "query": "tab=curves", "title": "Curves of the best"}]}})
