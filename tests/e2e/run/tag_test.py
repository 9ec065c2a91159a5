#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`besom tag`: words on sweeps and trials, which find them again."""
import csv
import io
import sqlite3

import scene

GRID = "name: first\nmethod: grid\nmetric: {name: x}\nparameters: {x: {values: [0, 1, 2]}}\n"
TRAIN = "besom report x=$((0 + ${1#x=}))\n"


class Tags(scene.Case):
    def setUp(self):
        super().setUp()
        self.says("run", self.sweep(GRID, TRAIN), "--slots", 1)
        self.id = self.look("ls")[0]["id"]

    def says(self, *args, code=0):
        return self.end(self.begin(*args), code)

    def tagged(self, *args):
        return {t["number"]: t["tags"] for t in self.look("trials", *args) if t["tags"]}

    def numbers(self, text):
        return [t["number"] for t in self.look("trials", "last", "--filter", text)]

    def test_tags_are_kept_shown_and_found(self):
        self.assertIn("sweep %s is tagged +paper +ü 2\n" % self.id, self.says("tag", "first", "--add", "paper,ü 2"))
        self.assertIn("has 2 of 2 trials tagged +good", self.says("tag", self.id + "-0", self.id + "-2", "--add", "good"))
        self.assertIn("has trial 2 tagged +best -good", self.says("tag", self.id + "-2", "--add", "best", "--remove", "good"))
        self.assertIn("has 1 of 2 trials tagged +best", self.says("tag", self.id + "-2", self.id + "-1", "--add", "best"))
        self.assertIn("already has the requested tags on these trials", self.says("tag", self.id + "-2", "--add", "best"))
        self.assertEqual(self.tagged(), {0: ["good"], 1: ["best"], 2: ["best"]})
        self.assertEqual(self.look("ls")[0]["tags"], ["paper", "ü 2"])
        self.assertEqual(self.look("show", self.id + "-1")["tags"], ["best"])
        self.assertIn("paper,ü 2", self.besom("ls"))
        self.assertRegex(self.besom("show", "first"), r"tags +paper,ü 2\n")
        self.assertRegex(self.besom("trials"), r"tags\n(.*\n)*.*best\n")
        self.assertEqual((self.numbers("tag:BEST"), self.numbers("-tag:best"), self.numbers("tag:good,best x>0"),
                          self.numbers("has:tag tag!=best")), ([1, 2], [0], [1, 2], [0]))
        rows = list(csv.DictReader(io.StringIO(self.besom("trials", "--csv"))))
        self.assertEqual([row["tags"] for row in rows], ["good", "best", "best"])
        self.assertIn("tags", self.besom("export", "last", "--csv").splitlines()[0])
        asked = [(a["what"], a["subject"], a["result"]) for a in self.look("audit") if a["what"] == "tag"]
        self.assertEqual(asked, [("tag", self.id, "ok")] + [("tag", self.id + suffix, "ok") for suffix in ("", "-2", "", "-2")])
        self.besom("check")
        self.besom("backup", str(self.store), str(self.folder / "copy"))
        self.assertEqual([t["tags"] for t in self.look("trials", "--store", self.folder / "copy")], [["good"], ["best"], ["best"]])
        self.besom("rm", "last", "--yes")
        with sqlite3.connect("file:%s?mode=ro" % (self.store / "besom.db"), uri=True) as db:
            self.assertEqual(db.execute("SELECT count(*) FROM tag").fetchone(), (0,))

    def test_what_is_refused(self):
        for tag in ("", "a" * 65, "a\nb", "\x1b[1m", " a", "a,,b"):
            self.assertIn("--add", self.says("tag", "last", "--add", tag, code=2))
        self.assertIn("name the tags", self.says("tag", "last", code=2))
        self.assertIn("there is no trial", self.says("tag", self.id + "-3", "--add", "a", code=3))
        many = ["t%d" % n for n in range(64)]
        self.says("tag", "last", "--add", ",".join(many))
        self.assertIn("would have 65 tags; the limit is 64", self.says("tag", "last", "--add", "one", code=2))
        self.says("tag", "last", "--add", "one", "--remove", "t0")
        self.assertEqual(len(self.look("ls")[0]["tags"]), 64)
        self.assertEqual(self.tagged(), {})


if __name__ == "__main__":
    scene.main()
