#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""odd_web.py: odd_test.mjs against a store with hostile texts in each place that takes one, values that are hard to draw, and a
sweep with one trial. The texts are those of TEMPLATES, with a number of its own in each; odd.json has them."""
import json
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402
from serving import checked, missing  # noqa: E402

# $ is replaced by what a script would do.
TEMPLATES = [
    "<script>$</script>", "<img src=x onerror=$>", '"><svg onload=$>', "' onmouseover='$", '" autofocus onfocus="$', "javascript:$",
    "<iframe srcdoc='<script>$</script>'>", "<a href=javascript:$>x</a>", "{{constructor.constructor('$')()}}", "${$}", "`${$}`",
    "</title><script>$</script>", "</textarea><img src=x onerror=$>", "--><script>$</script>", "]]><svg/onload=$>", "<details open ontoggle=$>",
    "<object data=javascript:$>", "<base href=javascript:$//>", "<style onload=$></style>", "<svg><animate onbegin=$ attributeName=x>",
    "<math><mi href=javascript:$>", "<x style=animation-name:x onanimationstart=$>", "&lt;script&gt;$&lt;/script&gt;", "<body onload=$>",
    "data:text/html,<script>$</script>"]
PLACES = ["sweep", "metric", "parameter", "category", "host", "tag", "error", "group", "log"]
ENQUEUED = 2 ** 61  # the cursor of a trial that somebody enqueued
VALUES = [1e-3, 0, -1, 5e-324, 1e20, 0.5, float("nan"), float("inf"), None]


def payloads():
    """Of each place, as many texts as there are templates: none is in two places."""
    return {place: [t.replace("$", "window.hit=%d" % (100 * p + i)).replace(",", ";") for i, t in enumerate(TEMPLATES)]
            for p, place in enumerate(PLACES)}


def hostile(f, texts):
    """A sweep with a trial for each template; and one without for each, but the first, as the name of a sweep and its tag."""
    spec = {"name": texts["sweep"][0], "program": "t.py", "method": "random",
            "metrics": [{"name": name, "goal": "minimize"} for name in texts["metric"][:2]],
            "parameters": {**{name: {"min": 0.0, "max": 1.0} for name in texts["parameter"]}, "kind": {"values": texts["category"]}}}
    f.created("hostile1", "/d/h.yaml", "/d", spec=spec, total=len(TEMPLATES))
    for i in range(len(TEMPLATES)):
        params = {**{name: round(f.dice.random(), 3) for name in texts["parameter"]}, "kind": texts["category"][i]}
        f.add("proposed", "hostile1", trial=i, cursor=i + 1, known=0, params=params, why={})
        f.add("launched", "hostile1", trial=i, attempt=1, agent=texts["host"][i], slot=0)
        f.metrics("hostile1", i, [{"step": s, **{name: f.dice.random() for name in texts["metric"]}} for s in range(2)])
        f.add("tagged", "hostile1", trials=[i], add=[texts["tag"][i]], remove=[])
        f.ended("hostile1", i, "exit" if i % 2 else "ok", "failed" if i % 2 else "finished", code=i % 2, text=texts["error"][i])
    f.add("tagged", "hostile1", add=[texts["group"][0]], remove=[])
    for i, name in enumerate(texts["sweep"][1:], 1):
        f.created("named%03d" % i, "/d/n.yaml", "/d", spec={"name": name, "program": "t.py", "method": "random", "parameters": {"x": {"min": 0.0, "max": 1.0}}}, total=1)
        f.add("tagged", "named%03d" % i, add=[texts["group"][i]], remove=[])


def odd(f):
    """A parameter with a log axis, one of words, and a metric, which have what is no place on an axis."""
    spec = dict(fixture.SPEC, name="odd", method="random", parameters={
        "lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1.0}, "word": {"values": ["", "a"]}, "n": {"min": 0.0, "max": 1.0}})
    f.created("oddodd01", "/d/o.yaml", "/d", spec=spec, total=len(VALUES))
    for i, value in enumerate(VALUES):
        params = {"n": i / 10, "word": ["", "a"][i % 2], "lr": value}
        f.add("proposed", "oddodd01", trial=i, cursor=i + 1, known=0, params={k: v for k, v in params.items() if v is not None}, why={})
        f.add("launched", "oddodd01", trial=i, attempt=1, agent="gpu-00", slot=0)
        if value is not None:
            f.metrics("oddodd01", i, [{"step": 0, "val_loss": value}])
        f.now += 5000
        f.ended("oddodd01", i, "ok", "finished")


def make(folder):
    f = fixture.Made(random.Random(7))
    f.now = int(time.time() * 1000) - 600000
    texts = payloads()
    hostile(f, texts)
    odd(f)
    f.created("oneone01", "/d/1.yaml", "/d", spec=dict(fixture.SPEC, name="one"), total=1)
    params = {"lr": 0.01, "depth": 3}
    f.add("proposed", "oneone01", trial=0, cursor=1, known=0, params=params, why={})
    f.add("launched", "oneone01", trial=0, attempt=1, agent="local", slot=0)
    f.metrics("oneone01", 0, [{"step": 0, "val_loss": 0.5}])
    f.ended("oneone01", 0, "ok", "finished")
    f.created("noneyet1", "/d/n.yaml", "/d", spec=dict(fixture.SPEC, name="none yet"), total=2)
    for i in range(2):
        f.add("proposed", "noneyet1", trial=i, cursor=i + 1, known=0, params={"lr": 0.01, "seed": i + 1}, why={})
        f.add("launched", "noneyet1", trial=i, attempt=1, agent="local", slot=i)
    f.created("noneever", "/d/m.yaml", "/d", spec=dict(fixture.SPEC, name="misspelt"), total=1)
    f.add("proposed", "noneever", trial=0, cursor=1, known=0, params=params, why={})
    f.add("launched", "noneever", trial=0, attempt=1, agent="local", slot=0)
    f.metrics("noneever", 0, [{"step": 0, "acc": 0.5, "loss": 1}])
    f.ended("noneever", 0, "ok", "finished")
    f.add("sweep_state", "noneever", state="finished", reason="")
    f.created("again001", "/d/a.yaml", "/d", spec=dict(fixture.SPEC, name="again"), total=1)
    f.add("sweep_state", "again001", state="finished", reason="ok")
    f.add("sweep_state", "again001", state="running", reason="ok")
    f.add("proposed", "again001", trial=0, cursor=ENQUEUED, known=0, params=params, why={})
    fixture.store(folder / "store", f)
    log = folder / "store" / "logs" / "oneone01" / "0-1.log"
    log.parent.mkdir(parents=True)
    log.write_text("\n".join(texts["log"]) + "\n")
    (folder / "odd.json").write_text(json.dumps(texts))


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    with tempfile.TemporaryDirectory(prefix="besom-web.") as name:
        folder = pathlib.Path(name)
        make(folder)
        return checked(folder, "odd", len(TEMPLATES))


if __name__ == "__main__":
    sys.exit(main())
