#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens and the record of actions: with a process that writes the store and without, over a kill, and in
a copy of the store."""
import hashlib
import json
import os
import pathlib
import pwd
import re
import signal
import sqlite3
import subprocess

import scene

GATED = "while [ ! -e go ]; do sleep 0.02; done\n"
TWO = "method: grid\nparameters: {x: {values: [0, 1]}}\n"
ME = "local user " + pwd.getpwuid(os.geteuid()).pw_name


class Trust(scene.Case):
    def create(self, *args):
        return self.look("token", "create", *args)

    def tokens(self, *args):
        return {t["id"]: t for t in self.look("token", "list", *args)}

    def actions(self):
        return [(a["by"], a["what"], a["subject"], a["result"]) for a in self.look("audit", "--limit", 0)]

    def facts(self):
        with sqlite3.connect("file:%s/besom.db?mode=ro" % self.store, uri=True) as db:
            return "\n".join(row[0] for row in db.execute("SELECT body FROM fact"))

    def everything_written(self):
        return b"".join(p.read_bytes() for p in pathlib.Path(self.store).glob("besom.db*"))

    def run_to_end(self):
        self.says("run", self.sweep(TWO, "true\n"), "--quiet")

    def test_a_token_is_printed_once_and_never_kept(self):
        self.run_to_end()
        made = self.create("--scope", "operator", "--name", "CI")
        text = made["token"]
        self.assertRegex(text, r"^bsm_operator_[a-z0-9]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$")
        self.assertEqual((made["scope"], made["name"], made["expires"]), ("operator", "CI", None))
        self.assertNotIn(text.encode(), self.everything_written())
        self.assertNotIn(text.split("_")[3].encode(), self.everything_written())
        self.assertIn(hashlib.sha256(text.encode()).hexdigest(), self.facts())
        self.assertNotIn("hash", json.dumps(self.tokens()))
        plain = self.besom("token", "create", "--scope", "viewer")
        self.assertRegex(plain, r"\Absm_viewer_\S+\n\Z")
        self.assertEqual([t["state"] for t in self.tokens().values()], ["valid", "valid"])
        self.besom("check")

    def test_revoke_by_name_by_prefix_and_twice(self):
        self.run_to_end()
        first = self.create("--scope", "viewer", "--name", "lab")["id"]
        second = self.create("--scope", "viewer")["id"]
        self.besom("token", "revoke", "lab")
        self.besom("token", "revoke", second[:6])
        self.assertEqual({t["state"] for t in self.tokens().values()}, {"revoked"})
        self.assertEqual(self.look("token", "revoke", first)["message"], "is revoked already")
        self.besom("token", "revoke", "nothing0", code=3)
        self.assertEqual(self.tokens()[first]["revoked_by"], ME)
        named = self.create("--scope", "viewer", "--name", first[:1])["id"]  # the beginning of an id too
        self.assertEqual(self.look("token", "revoke", first[:1])["id"], named)
        self.besom("check")

    def test_what_is_asked_wrongly(self):
        self.run_to_end()
        for wrong in (["create"], ["create", "--scope", "root"], ["create", "--scope", "trial"], ["list", "x"],
                      ["create", "--scope", "viewer", "--expires", "soon"], ["list", "--name", "x"], ["revoke"],
                      ["create", "--scope", "join", "--expires", "25h"], ["create", "--scope", "join", "--name", ""],
                      ["make"], []):
            self.besom("token", *wrong, code=2)
        self.assertEqual(self.tokens(), {})
        self.assertEqual([a[1] for a in self.actions()], ["create"])

    def test_expiry(self):
        self.run_to_end()
        join, forever = self.create("--scope", "join"), self.create("--scope", "admin")
        day = self.create("--scope", "viewer", "--expires", "1d")
        made = self.tokens()
        self.assertAlmostEqual(made[join["id"]]["expires"] - made[join["id"]]["created"], 3600, delta=60)
        self.assertAlmostEqual(made[day["id"]]["expires"] - made[day["id"]]["created"], 86400, delta=60)
        self.assertIsNone(made[forever["id"]]["expires"])

    def test_beside_the_process_that_writes(self):
        run = self.begin("run", self.sweep(TWO, GATED), "--slots", 1)
        scene.wait_until(lambda: self.store.joinpath("besom.db").exists() and self.alive(), "a trial")
        made = self.create("--scope", "viewer")["id"]
        self.besom("pause", "last")
        self.besom("pause", "last")
        self.besom("token", "revoke", made)
        self.besom("resume", "last")
        self.assertEqual(self.tokens()[made]["state"], "revoked")
        self.touch("go")
        self.end(run, 0)
        self.besom("stop", "last", code=2)
        sweep = self.look("show", "last")["id"]
        asked = [(what, subject) for by, what, subject, result in self.actions() if result == "ok"]
        self.assertEqual(asked, [("create", sweep), ("token create", made), ("pause", sweep), ("pause", sweep),
                                 ("token revoke", made), ("resume", sweep)])
        self.assertEqual({by for by, *_ in self.actions()}, {ME})
        self.besom("check")

    def test_a_refused_action_is_recorded_with_its_reason(self):
        self.run_to_end()
        self.besom("enqueue", "last", "x=7", code=2)
        self.besom("retry", "last-0", code=2)
        refused = [a for a in self.look("audit") if a["result"] != "ok"]
        self.assertEqual([a["what"] for a in refused], ["retry"])
        self.assertTrue(refused[0]["text"])

    def test_removal_is_recorded_and_the_record_outlives_the_sweep(self):
        self.run_to_end()
        sweep = self.look("show", "last")["id"]
        self.besom("rm", sweep, "--yes")
        self.assertEqual(self.actions(), [(ME, "create", sweep, "ok"), (ME, "rm", sweep, "ok")])
        self.assertIn("rm", self.besom("audit", "--limit", 1))
        self.besom("check")

    def test_killed_at_any_moment_a_token_is_there_whole_or_not_at_all(self):
        self.run_to_end()
        printed = []
        for ms in range(0, 60, 6):
            process = subprocess.Popen([self.binary, "token", "create", "--scope", "viewer"], cwd=self.folder,
                                       env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            try:
                process.wait(ms / 1000)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            printed += re.findall(r"^bsm_viewer_([a-z0-9]{8})_\S+$", process.communicate()[0], re.M)
        there = set(self.tokens())
        self.assertLessEqual(set(printed), there)
        made = self.create("--scope", "viewer")["id"]
        self.assertEqual(set(self.tokens()), there | {made})
        self.besom("check")

    def test_a_backup_keeps_tokens_but_no_join_token(self):
        self.run_to_end()
        viewer, join = self.create("--scope", "viewer")["id"], self.create("--scope", "join")["id"]
        copy = self.folder / "copy"
        self.besom("backup", copy)
        states = {i: t["state"] for i, t in self.tokens("--store", copy).items()}
        self.assertEqual(states, {viewer: "valid", join: "copied"})
        self.besom("check", copy)


scene.main()
