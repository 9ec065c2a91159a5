#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page shows of runs: documents, the content of files and how safe it is, edits. No client of wandb's is needed."""
import json
import math
import urllib.parse
import urllib.request

import desk
import fleet
import logged

OF = {"entity": logged.ENTITY, "project": logged.PROJECT}
FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}


class Look(desk.Case):
    def setUp(self):
        super().setUp()
        self.serve()
        logged.make(self.base, self.first["admin"])

    def fetch(self, where, /, token=None, body=None, accept=None, **query):
        """Status, headers, body."""
        headers = {"Authorization": "Bearer " + (token or self.first["admin"]), **query.pop("headers", {})}
        if accept:
            headers["Accept"] = accept
        url = self.base + where + ("?" + urllib.parse.urlencode(query) if query else "")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(urllib.request.Request(url, body, headers), timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read()

    def document(self, what, status=200, /, **query):
        code, _, text = self.fetch("/api/v1/" + what, **query)
        self.assertEqual(code, status, text)
        return json.loads(text)

    def test_what_was_logged(self):
        self.check_documents()
        self.check_tables()
        self.check_kinds_of_tables()
        self.check_clouds()
        self.check_artifacts()
        self.check_content_is_safe()
        self.check_links_open_the_page()

    def check_documents(self):
        page = self.document("runs/all/page", **OF)
        self.assertEqual(page["lines"], {"history": 121, "events": 20, "log": 3})
        self.assertEqual(sorted(page["plots"]), sorted(logged.CHARTS))
        keys = {key["name"]: key for key in self.document("runs/all/keys", **OF)["keys"]}
        self.assertEqual((keys["loss"]["type"], keys["loss"]["count"]), ("number", 120))
        self.assertEqual((keys["nested.deep.n"]["count"], keys["pics"]["type"], keys["pics"]["last"]), (120, "images/separated", 80))
        self.assertEqual([key["name"] for key in self.document("runs/all/keys", what="events", **OF)["keys"]], ["system.cpu", "_runtime"])
        asked = dict(OF, cols=json.dumps(["loss", "nested.deep.n", "none"]), points="10")
        loss, deep, none = self.document("runs/all/curves", **asked)["curves"]
        self.assertEqual((loss["of"], len(loss["x"]), max(loss["max"]), none["of"]), (120, 10, 1e6, 0))
        self.assertEqual((deep["last"][-1], deep["x"][-1]), (119, 119))
        whole, = self.document("runs/all/curves", **dict(asked, cols='["loss"]', points="500"))["curves"]
        self.assertEqual((whole["last"][50], whole["last"][1], "min" in whole), ("NaN", 0.5, False))
        by_time, = self.document("runs/all/curves", **dict(asked, cols='["loss"]', points="500", x="_runtime"))["curves"]
        self.assertEqual(by_time["x"][:3], [0, 2, 4])
        media, deep, none = self.document("runs/all/media", cols='["pics", "nested.deep.n", "none"]', **OF)["media"]
        self.assertEqual((media["of"], [item["step"] for item in media["items"]]), (3, [0, 40, 80]))
        self.assertEqual((deep["of"], deep["items"][-1], none), (120, {"step": 119, "value": 119}, {"key": "none", "of": 0, "items": []}))
        log = self.document("runs/all/log", limit="2", **OF)
        self.assertEqual((log["total"], log["first"], log["lines"]), (3, 1, logged.LOG[1:]))
        for path, status in (("runs/all/nothing", 404), ("runs/nobody/page", 404), ("runs/all/curves?cols=loss", 400), ("runs/all/media?cols=pics", 400),
                             ("runs/all/media?cols=[1]", 400), ("runs/all/log?skip=x", 400)):
            self.document(path, status)
        short = self.document("runs", **{**OF, "as": "short"})["runs"]
        self.assertEqual(short[0]["summary"]["pics"], {"_type": "images/separated"})

    def check_tables(self):
        asked = dict(OF, path="media/table/preds.table.json", place="wandb-client-artifact://%s/preds.table.json" % ("c" * 40))
        table = self.document("runs/all/table", limit="3", skip="2", **asked)
        self.assertEqual((table["columns"], table["total"], table["next"]), (["id", "image", "text", "score"], 250, 5))
        self.assertIsNone(self.document("runs/all/table", skip="248", limit="2", **asked)["next"])
        self.assertEqual([row[0] for row in table["rows"]], [2, 3, 4])
        self.assertEqual(table["rows"][0][1]["_type"], "image-file")
        status, headers, body = self.fetch("/api/v1/artifacts/%d/file" % table["artifacts"][1], name=table["rows"][0][1]["path"])
        self.assertEqual((status, headers["Content-Type"], body), (200, "image/png", logged.png((80, 120, 90))))
        for desc in "0", "1":
            scores = [row[3] for row in self.document("runs/all/table", sort="score", desc=desc, limit="250", **asked)["rows"]]
            numbers = [s for s in scores[:150]]
            self.assertEqual(numbers, sorted(numbers, reverse=desc == "1"))
            self.assertTrue(all(s is None or s == "NaN" for s in scores[150:]))
        self.assertIsNone(self.document("runs/all/table", path="media/table/line.table.json", **OF)["artifacts"][0])
        self.document("runs/all/table", 400, sort="nothing", **asked)
        self.document("runs/all/table", 404, path="none", **OF)
        self.document("runs/all/table", 400, path="media/o.pts.json", **OF)

    def check_kinds_of_tables(self):
        kept = dict(OF, project=logged.RECORDED)
        summary = self.document("runs/sdk/page", **kept)["summary"]

        def table(key, status=200, **more):
            value = summary[key]
            return self.document("runs/sdk/table", status, **{**kept, "path": value.get("path", ""), "place": value["artifact_path"], **more})
        joined = table("joined")
        self.assertEqual((joined["columns"], joined["total"]), (["id", "score", "id (2)", "score (2)", "image"], 5))
        self.assertEqual([row[:4] for row in joined["rows"]],
                         [[1, 0.5, 1, 20], [1, 0.5, 1, 40], [2, 0.25, 2, 10], [3, 0.125, None, None], [None, None, 4, 30]])
        picture = joined["rows"][0][4]
        self.assertEqual(self.fetch("/api/v1/artifacts/%d/file" % joined["artifacts"][4], name=picture["path"])[0], 200)
        for desc, ids in ("0", [2, 1, 4, 1, None]), ("1", [1, 4, 1, 2, None]):
            self.assertEqual([row[2] for row in table("joined", sort="score (2)", desc=desc)["rows"]], ids)
        self.assertEqual([row[0] for row in table("joined", sort="score", skip="1", limit="2")["rows"]], [2, 1])
        self.assertEqual(table("partitioned")["rows"], [[10 * i + k, "p%d" % i] for i in range(3) for k in range(2)])
        self.assertEqual(table("growing")["rows"], [[0, 0], [1, 1], [2, 4]])
        table("joined", 400, sort="none")
        table("joined", 404, place="wandb-client-artifact://nobody/x.table.json")
        for name, text, status in (("loop", '{"_type":"joined-table","table1":"loop.joined-table.json","table2":"a.table.json","join_key":"x"}', 400),
                                   ("gone", '{"_type":"joined-table","table1":"none.table.json","table2":"a.table.json","join_key":"x"}', 404),
                                   ("key", '{"_type":"joined-table","table1":"a.table.json","table2":"a.table.json","join_key":["x","y"]}', 400),
                                   ("few", '{"_type":"joined-table","table1":"a.table.json","table2":"a.table.json","join_key":["x"]}', 400),
                                   ("empty", '{"_type":"partitioned-table","parts_path":"nowhere"}', 404)):
            c = logged.Client(self.base, self.first["admin"])
            file = name + ".joined-table.json"
            c.artifact("sdk", name, "run_table", {file: text.encode(), "a.table.json": b'{"columns":["x"],"data":[[1]]}'}, client="c-" + name, project=logged.RECORDED)
            self.document("runs/sdk/table", status, **kept, place="wandb-client-artifact://c-%s/%s" % (name, file))

    def check_clouds(self):
        kept = dict(OF, project=logged.RECORDED)
        summary = self.document("runs/sdk/page", **kept)["summary"]
        cloud, category, lidar = (self.document("runs/sdk/cloud", path=summary[key]["path"], **kept) for key in ("cloud", "category", "lidar"))
        self.assertEqual((len(cloud["points"]), cloud["text"].split(",")[0]), (4 * 19, "19 of 20 points"))  # one is NaN
        self.assertEqual(len({rgb for rgb in cloud["points"][3::4]}), 1)
        self.assertGreater(len({rgb for rgb in category["points"][3::4]}), 2)
        box, arrow = lidar["boxes"]
        self.assertEqual((len(box["ends"]), box["text"], box["rgb"], len(arrow["ends"])), (12 * 6, "car 0.9", 0xff0000, 6))
        sides = sorted(round(math.dist(box["ends"][i:i + 3], box["ends"][i + 3:i + 6])) for i in range(0, 72, 6))
        self.assertTrue(all(abs(side / sides[0] - wanted) < 0.01 for side, wanted in zip(sides, 4 * [1] + 4 * [2] + 4 * [3])), sides)
        big = self.document("runs/odd/cloud", path="big.pts.json", **kept)
        self.assertEqual(big["text"], "20001 of 40001 points, 0 boxes, x 0 to 98, y 0 to 400, z 0 to 6")
        self.assertLess(max(map(abs, big["points"][0::4])), 10001)
        for k, most in enumerate((98, 400, 6)):
            places = [big["middle"][k] + big["unit"] * p for p in big["points"][k::4]]
            self.assertLess(abs(min(places)) + abs(max(places) - most), 0.1)
        junk = self.document("runs/odd/cloud", path="junk.pts.json", **kept)
        self.assertEqual((junk["text"], junk["points"][:3]), ("1 of 7 points, 3 boxes, x 1 to 1, y 2 to 2, z 3 to 3", [0, 0, 0]))
        self.document("runs/odd/cloud", 400, path="not.pts.json", **kept)
        self.document("runs/odd/cloud", 404, path="none", **kept)

    def check_artifacts(self):
        made = self.document("runs/all/artifacts", **OF)
        self.assertEqual([v["name"] for v in made["made"]], ["run-all-preds", "data", "model"])
        self.assertEqual([v["name"] for v in self.document("runs/eval/artifacts", **OF)["used"]], ["data", "model"])
        all_of_them = {c["name"]: c for c in self.document("artifacts", **OF)}
        self.assertEqual(all_of_them["model"]["latest"]["aliases"], ["best", "latest"])
        model = self.document("artifacts", name="model", version="best", **OF)
        self.assertEqual([c["name"] for c in model["contents"]], ["model.bin", "t.table.json"])
        lineage = model["lineage"]
        depth = {node["name"]: node["depth"] for node in lineage["nodes"]}
        self.assertEqual(depth, {"model": 0, "all": -1, "eval": 1, "report": 2})
        self.assertEqual(len(lineage["edges"]), 3)
        self.assertIn(b'"columns"', self.fetch("/api/v1/artifacts/%d/file" % model["n"], name="t.table.json")[2])
        self.assertEqual(len(self.document("artifacts", name="model", **OF)["versions"]), 1)
        self.document("artifacts", 404, name="nothing", **OF)

    def check_content_is_safe(self):
        def file(name, **more):
            return self.fetch("/api/v1/runs/all/file", name=name, **OF, **more)
        for name, shown in (("media/images/p0.png", True), ("media/audio/s.wav", True), ("notes.txt", True), ("media/images/d.svg", False),
                            ("media/html/h.html", False), ("media/table/line.table.json", False)):
            status, headers, body = file(name)
            self.assertEqual((status, body), (200, logged.contents()[name]))
            self.assertEqual(headers["Content-Disposition"].split(";")[0], "inline" if shown else "attachment", name)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertTrue(headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'"))
            self.assertNotIn("allow-scripts", headers["Content-Security-Policy"])
            self.assertNotIn("script-src", headers["Content-Security-Policy"])
        framed = file("media/html/h.html", headers=FRAME)[1]
        self.assertEqual(framed["Content-Disposition"].split(";")[0], "inline")
        self.assertTrue(framed["Content-Security-Policy"].startswith("sandbox; default-src 'none'"))
        self.assertEqual(file("media/images/d.svg", headers=FRAME)[1]["Content-Disposition"].split(";")[0], "attachment")
        self.assertEqual(file("media/html/h.html", headers=dict(FRAME, **{"Sec-Fetch-Site": "cross-site"}))[0], 403)
        status, headers, body = file("notes.txt", headers={"Range": "bytes=6-9"})
        self.assertEqual((status, body), (206, b"text"))
        self.assertEqual(file("notes.txt", headers={"If-None-Match": headers["ETag"]})[0], 304)
        for name in "../runs.db", "/etc/passwd", "none", "":
            self.assertEqual(file(name)[0], 404)
        self.assertEqual(self.fetch("/api/v1/artifacts/999/file", name="x")[0], 404)
        self.assertEqual(self.fetch("/api/v1/runs/all/file", token="bsm_viewer_nobody00_x", name="notes.txt", **OF)[0], 401)

    def test_edit(self):
        def edit(token=None, **change):
            status, _, text = self.fetch("/api/v1/runs/all/edit", token=token, body=json.dumps({**OF, **change}).encode())
            return status, text
        viewer = self.besom("token", "create", "--scope", "viewer", "--store", self.store).strip()
        self.assertEqual(edit(viewer, notes="x")[0], 403)
        self.assertEqual(edit(notes="second", tags=["a", "b"], group=None, display="new")[0], 200)
        run = self.document("runs/all/page", **OF)
        self.assertEqual((run["notes"], run["tags"], run["group"], run["display"], run["job_type"]), ("second", ["a", "b"], None, "new", "train"))
        for change in ({"tags": "a"}, {"tags": [""]}, {"notes": 1}, {"notes": "x" * 50000}, {"display": "x" * 600}):
            self.assertEqual(edit(**change)[0], 400, change)
        self.assertEqual(edit(project="none", notes="x")[0], 404)
        self.assertEqual(edit(display="")[0], 200)
        self.assertEqual(self.document("runs/all/page", **OF)["display"], "all")
        asked = [(a["what"], a["subject"], a["result"]) for a in json.loads(self.besom("audit", "--limit", "0", "--store", self.store, "--json"))]
        self.assertEqual([a for a in asked if a[0] == "edit run"], 2 * [("edit run", "all", "ok")])

    def check_links_open_the_page(self):
        html = "text/html,application/xhtml+xml"
        for path in ("/besom/looks", "/besom/looks/runs/all", "/besom/looks/sweeps/abc", "/besom/looks/artifacts/model/model/v0", "/runs", "/runs/besom/looks"):
            status, headers, _ = self.fetch(path, accept=html)
            self.assertIn((status, headers["Content-Type"].split(";")[0]), ((200, "text/html"),), path)
        for path in ("/besom/looks", "/api/v1", "/api/v2/runs/x", "/files/x", "/storage/x"):
            self.assertEqual(self.fetch(path, accept=html if path != "/besom/looks" else "application/json")[0], 404, path)
        self.assertEqual(self.fetch("/besom/looks", body=b"{}")[0], 404)


if __name__ == "__main__":
    fleet.main()
