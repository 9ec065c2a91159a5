# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted training: what it reports follows from its parameters alone, and it notices when another
execution of the same trial is alive."""
import fcntl
import json
import os
import sys
import time

params = dict(arg[2:].split("=", 1) for arg in sys.argv[1:])
x, y = float(params["x"]), float(params["y"])
seconds = float(os.environ.get("CHAOS_SECONDS", "0.1"))

lock = os.open(os.path.join(os.environ["BESOM_DIR"], "lock"), os.O_CREAT | os.O_RDWR, 0o666)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    with open(os.environ["CHAOS_DOUBLE"], "a") as f:
        f.write(os.environ["BESOM_TRIAL"] + "\n")
    sys.exit(9)

metrics = os.open(os.environ["BESOM_METRICS"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o666)
for step in range(5):
    loss = (x - 3) ** 2 + y / (step + 1)
    os.write(metrics, (json.dumps({"step": step, "loss": loss, "x": x}) + "\n").encode())
    print("step", step, "loss", loss, flush=True)
    time.sleep(seconds / 5)
