#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`besom ask` with three configurations and no strategy, for the tests of besom.Sweep."""
import json
import sys

if sys.argv[1:] == ["ask", "bad.yaml"]:
    sys.exit("bad.yaml:1:1: no method")
assert sys.argv[1:] == ["ask", "--seed", "5", "sweep.yaml"], sys.argv
asked, best = 0, None
for line in sys.stdin:
    message = json.loads(line)
    answers = [{"error": "unknown op"}]
    if message["op"] == "ask":
        left = range(asked, min(3, asked + message.get("n", 1)))
        answers = [{"trial": i, "params": {"lr": i / 10}, "why": {"method": "fake"}} for i in left]
        asked += len(answers)
        if len(answers) < message.get("n", 1):
            answers.append({"done": "exhausted"})
    elif message["op"] == "report":
        answers = [{"stop": message["metrics"]["loss"] == "NaN"}]
    elif message["op"] == "tell" and message["trial"] < asked:
        loss = message["metrics"].get("loss")
        if message["state"] == "finished" and (best is None or loss < best["objective"]):
            best = {"trial": message["trial"], "objective": loss}
        answers = [{"ok": True, "best": best}]
    elif message["op"] == "tell":
        answers = [{"error": "no trial %d" % message["trial"]}]
    for answer in answers:
        print(json.dumps(answer), flush=True)
