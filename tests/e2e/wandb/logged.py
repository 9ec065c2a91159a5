# SPDX-License-Identifier: GPL-3.0-or-later
"""What wandb's client sends for runs with all kinds of things, by plain requests: rows, media, tables, charts, artifacts."""
import base64
import hashlib
import json
import pathlib
import struct
import urllib.error
import urllib.request
import zlib

ENTITY, PROJECT, RECORDED = "besom", "looks", "recorded"
HOSTILE = ["<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", "\"><svg onload=window.hit=1>",
           "javascript:window.hit=1", "\u202egnp.exe", "' onmouseover='window.hit=1"]
HTML = b"<h1>Written by a script</h1><script>parent.hit=1;top.hit=1;window.hit=1</script><img src=x onerror='parent.hit=1'>"
SVG = (b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40' onload='window.hit=1'><script>window.hit=1;parent.hit=1</script>"
       b"<circle cx='20' cy='20' r='15' fill='green'/></svg>")


def png(colour, size=8):
    line = b"\0" + bytes(colour) * size
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(line * size)) + chunk(b"IEND", b""))


def wav():
    return b"RIFF" + struct.pack("<I", 36 + 800) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + \
        struct.pack("<I", 800) + bytes(128 + (i % 20) * 4 for i in range(800))


class Client:
    def __init__(self, base, token):
        self.base, self.token = base, token
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, path, body, method="POST"):
        key = base64.b64encode(("api:" + self.token).encode()).decode()
        request = urllib.request.Request(path if "://" in path else self.base + path, body if isinstance(body, bytes) else json.dumps(body).encode(),
                                         {"Authorization": "Basic " + key} if "://" not in path else {}, method=method)
        with self.opener.open(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def graphql(self, operation, /, **variables):
        answer = self.ask("/graphql", {"query": "mutation %s { x }" % operation, "variables": variables})
        assert not answer.get("errors"), answer
        return answer["data"]

    def run(self, name, rows=(), config=None, summary=None, log=(), events=(), ended=True, project=PROJECT, **more):
        self.graphql("UpsertBucket", entity=ENTITY, project=project, name=name, config=json.dumps(
            {**{k: {"value": v} for k, v in (config or {}).items() if k != "_wandb"}, "_wandb": {"value": (config or {}).get("_wandb", {})}}), **more)
        kept = dict(summary or {})
        for row in rows:
            kept.update(row)
        streams = {"wandb-history.jsonl": [json.dumps(row) for row in rows], "output.log": list(log),
                   "wandb-events.jsonl": [json.dumps(row) for row in events], "wandb-summary.json": [json.dumps(kept)]}
        body = {"files": {name: {"offset": 0, "content": lines} for name, lines in streams.items() if lines}}
        if ended:
            body.update(complete=True, exitcode=0)
        self.ask("/files/%s/%s/%s/file_stream" % (ENTITY, project, name), body)

    def files(self, run, contents, project=PROJECT):
        made = self.graphql("CreateRunFiles", entity=ENTITY, project=project, run=run, files=sorted(contents))
        for file in made["createRunFiles"]["files"]:
            self.ask(file["uploadUrl"], contents[file["name"]], "PUT")

    def artifact(self, run, name, kind, contents, client=None, references=(), aliases=("latest",), project=PROJECT, **more):
        made = self.graphql("CreateArtifact", input=dict(
            more, entityName=ENTITY, projectName=project, artifactTypeName=kind, artifactCollectionName=name, digest=hashlib.md5(
                repr(sorted(contents.items())).encode()).hexdigest(), runName=run, clientID=client, aliases=[{"artifactCollectionName": name, "alias": a} for a in aliases]))
        n = made["createArtifact"]["artifact"]["id"]
        entries = {file: {"digest": base64.b64encode(hashlib.md5(content).digest()).decode(), "size": len(content)}
                   for file, content in contents.items()}
        entries.update({file: {"digest": "x", "ref": ref, "size": 0} for file, ref in references})
        manifest = self.graphql("CreateArtifactManifest", artifactID=n, name="m", digest="", entityName=ENTITY, projectName=project,
                                runName=run, includeUpload=True, type="FULL")
        url = manifest["createArtifactManifest"]["artifactManifest"]["file"]["uploadUrl"]
        self.ask(url, json.dumps({"version": 1, "storagePolicy": "wandb-storage-policy-v1", "contents": entries}).encode(), "PUT")
        specs = [{"artifactID": n, "name": file, "md5": entries[file]["digest"]} for file in contents]
        for edge in self.graphql("CreateArtifactFiles", input={"artifactFiles": specs})["createArtifactFiles"]["files"]["edges"]:
            if edge["node"]["uploadUrl"]:
                self.ask(edge["node"]["uploadUrl"], contents[edge["node"]["name"]], "PUT")
        self.graphql("CommitArtifact", artifactID=n)
        return n

    def use(self, run, artifact, project=PROJECT):
        self.graphql("UseArtifact", entityName=ENTITY, projectName=project, runName=run, artifactID=artifact)


def table(columns, data):
    return json.dumps({"columns": columns, "data": data}).encode()


def chart(definition, table_key, fields, **texts):
    """What wandb.plot leaves in the configuration."""
    query = {"queryFields": [{"name": "runSets", "fields": [{"name": "summaryTable", "args": [{"name": "tableKey", "value": table_key}]}]}]}
    return {"panel_type": "Vega2", "panel_config": {"userQuery": query, "panelDefId": definition, "fieldSettings": fields, "stringSettings": texts}}


CHARTS = {
    "cm": ("wandb/confusion_matrix/v1", {"Actual": "Actual", "Predicted": "Predicted", "nPredictions": "nPredictions"},
           ["Actual", "Predicted", "nPredictions"], [[a, b, 9 if a == b else 2] for a in ("cat", "dog", HOSTILE[0]) for b in ("cat", "dog", HOSTILE[0])]),
    "roc": ("wandb/area-under-curve/v0", {"x": "fpr", "y": "tpr", "class": "class"}, ["class", "fpr", "tpr"],
            [[c, i / 10, min(1, i / 10 * 1.5)] for c in ("a", "b") for i in range(11)]),
    "pr": ("wandb/area-under-curve/v0", {"x": "recall", "y": "precision", "class": "class"}, ["class", "precision", "recall"],
           [[c, 1 - i / 20, i / 10] for c in ("a", "b") for i in range(11)]),
    "line": ("wandb/line/v0", {"x": "x", "y": "y"}, ["x", "y"], [[i, i * i] for i in range(20)]),
    "scatter": ("wandb/scatter/v0", {"x": "x", "y": "y"}, ["x", "y"], [[i, (i * 7) % 11] for i in range(20)]),
    "bar": ("wandb/bar/v0", {"label": "label", "value": "value"}, ["label", "value"], [["a", 3], [HOSTILE[1], 5], ["c", float("nan")]]),
    "histogram": ("wandb/histogram/v0", {"value": "scores"}, ["scores"], [[(i * i) % 17] for i in range(200)]),
    "series": ("wandb/lineseries/v0", {"step": "step", "lineKey": "lineKey", "lineVal": "lineVal"}, ["step", "lineKey", "lineVal"],
               [[i, key, i * k] for k, key in ((1, "one"), (2, "two")) for i in range(10)]),
    "custom": ("me/custom", {"x": "height", "y": "weight"}, ["height", "weight"], [[i, i * 2 + 1] for i in range(10)]),
}


def make(base, token):
    """Runs in besom/looks: `all` has everything, `eval` uses what it made, `none` has logged nothing; and a run of another project."""
    c = Client(base, token)
    c.run("all", rows(), config(), log=LOG, events=[{"system.cpu": i % 7 * 10, "_runtime": 10 * i} for i in range(20)],
          tags=["base", HOSTILE[0]], notes="first **notes** " + HOSTILE[1], groupName="g1", jobType="train", displayName=HOSTILE[2], host="box")
    c.files("all", contents())
    images = {"media/images/t%d.png" % i: png((40 * i, 200 - 40 * i, 90)) for i in range(4)}
    cells = [[i, {"_type": "image-file", "path": "media/images/t%d.png" % (i % 4), "format": "png", "width": 8, "height": 8},
              HOSTILE[i % len(HOSTILE)], [2.5, float("nan"), None, -1.0, 1e20][i % 5]] for i in range(250)]
    c.artifact("all", "run-all-preds", "run_table", {"preds.table.json": table(["id", "image", "text", "score"], cells), **images}, client="c" * 40)
    data = c.artifact("all", "data", "dataset", {"d.csv": b"a,b\n1,2\n"}, description="the data")
    model = c.artifact("all", "model", "model", {"model.bin": b"m" * 1000}, aliases=("latest", "best"), metadata=json.dumps({"acc": 0.9, "who": HOSTILE[0]}),
                       references=[("t.table.json", "wandb-client-artifact://%s/preds.table.json" % ("c" * 40))])
    hist = {"_type": "histogram", "values": [5, 6], "bins": [0, 1, 2]}
    c.run("eval", [{"_step": 0, "hist": hist}, {"_step": 20, "acc": 0.5, "loss": 0.3, "hist": hist}], {"lr": 0.2, "opt": {"name": "sgd"}}, jobType="eval", groupName="g1", displayName="evaluation")
    c.use("eval", model)
    c.use("eval", data)
    c.artifact("eval", "report", "report", {"r.md": b"# good"})
    c.run("none", (), {"lr": 0.2}, ended=False, displayName="nothing yet")
    c.run("alone", [{"_step": 0, "x": 1}], {}, project="other")
    recorded(c)
    odd(c)


def recorded(c):
    """The run `sdk`: what wandb's client 0.31.0 itself sent of media_script.py, with shorter names of artifacts."""
    kept = json.loads((pathlib.Path(__file__).parent / "recorded_media.json").read_text())
    content = lambda v: base64.b64decode(v["base64"]) if isinstance(v, dict) else v.encode()
    c.run("sdk", kept["rows"], {"_wandb": {"mask/class_labels": kept["labels"]}}, project=RECORDED)
    c.files("sdk", {name: content(v) for name, v in kept["files"].items()}, project=RECORDED)
    for artifact in kept["artifacts"]:
        c.artifact("sdk", artifact["name"], artifact["type"], {name: content(v) for name, v in artifact["files"].items()},
                   client=artifact["client"], project=RECORDED)


CLOUD_POINTS = 40001


def odd(c):
    """The run `odd`: the same kinds, as nobody means them."""
    text = {"toString": 1, "valueOf": 1}
    boxes = [{"position": {"minX": float("nan"), "maxX": 1, "minY": 0, "maxY": 1}}, None, 5, {"position": "x", "class_id": text}, {
        "position": {"minX": 0, "maxX": 1e300, "minY": -5, "maxY": 1}, "class_id": -3, "box_caption": text, "scores": {HOSTILE[1]: text}}]
    c.run("odd", [{"_step": 0, "odd": {"_type": "image-file", "path": "o.png", "caption": text, "masks": {"other size": {"path": "m.png"}, "gone": {"path": "none.png"},
                                                                                                   "nothing": None, "text": {"path": "x.png"}},
                                       "boxes": {"b": {"path": "b.json"}, "bad": {"path": "bad.json"}, "many": {"path": "many.json"}}},
                   "big": {"_type": "object3D-file", "path": "big.pts.json"}, "junk": {"_type": "object3D-file", "path": "junk.pts.json"},
                   "not": {"_type": "object3D-file", "path": "not.pts.json"}, "sounds": {"_type": "audio", "audio": [None, 5, text]}, "type": {"_type": text},
                       "bars": {"_type": "histogram", "values": [text, float("nan"), "x", None, 3], "bins": {"a": 1}}},
                      {"_step": 1, "bars": {"_type": "histogram", "values": [1, text, 2], "bins": [text, 0, "NaN", 1]}, "big": {"_type": "html-file", "path": "x" * 300000},
                       "chart": {"_type": "table-file", "path": "m.png"}}],
          {"_wandb": {"visualize": {"a": 5, "b": {"panel_config": {"panelDefId": text, "fieldSettings": 5, "stringSettings": {"title": text}, "userQuery": [text]}}, "c": None},
                      "viz": {"chart": {"id": text}, "d": text}}}, project=RECORDED)
    c.files("odd", {
        "o.png": png((90, 90, 90)), "m.png": png((200, 200, 200), 3), "x.png": b"no picture", "bad.json": b"{", "many.json": json.dumps(
            {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": i} for i in range(1500)]}).encode(),
        "b.json": json.dumps({"box_data": boxes, "class_labels": {"-3": HOSTILE[1], "2": text}}).encode(),
        "big.pts.json": json.dumps([[i % 100, i // 100, i % 7] for i in range(CLOUD_POINTS)]).encode(),
        "junk.pts.json": b'{"points":[["a"],[1e999,0,0],null,[1],{},[1,2,NaN],[1,2,3,NaN]],"boxes":[5,{"corners":"x"},{"corners":[[0,0,0]],'
                         b'"label":{"a":1},"color":"red"}],"vectors":5}', "not.pts.json": b"5"}, project=RECORDED)


def rows():
    found = []
    for i in range(120):
        row = {"_step": i, "_runtime": i * 2.0, "_timestamp": 1.7e9 + i, "loss": 1 / (1 + i), "train/acc": i / 120, "train/f1": i / 130, "nested": {"deep": {"n": i}},
               HOSTILE[5]: i}
        if i == 50:
            row["loss"] = "NaN"
        if i == 60:
            row["loss"] = 1e6
        if i % 40 == 0:
            row.update(pics={"_type": "images/separated", "width": 8, "height": 8, "format": "png", "count": 2, "captions": ["one", HOSTILE[1]],
                             "filenames": ["media/images/p%d.png" % (i % 3), "media/images/p%d.png" % ((i + 1) % 3)]},
                       sound={"_type": "audio-file", "path": "media/audio/s.wav", "caption": "tone"},
                       page={"_type": "html-file", "path": "media/html/h.html"}, drawing={"_type": "image-file", "path": "media/images/d.svg", "format": "svg"},
                       hist={"_type": "histogram", "values": [1, 4, 2 + i], "bins": [0, 1, 2, 3]}, epoch={
                           "_type": "table-file", "path": "media/table/epoch%d.table.json" % i, "ncols": 1, "nrows": 1},
                       **{"gradients/layer%d" % k: {"_type": "histogram", "values": [i + 1, 2, k], "bins": [-k - 1, 0, 1, 2 * k + 2]} for k in range(14)}, say=HOSTILE[0], cloud={"_type": "object3D-file", "path": "media/o.pts.json"})
        found.append(row)
    found.append({"_step": 120, "preds": {"_type": "table-file", "path": "media/table/preds.table.json", "ncols": 4, "nrows": 250,
                                          "artifact_path": "wandb-client-artifact://%s/preds.table.json" % ("c" * 40)},
                  **{key + "_table": {"_type": "table-file", "path": "media/table/%s.table.json" % key, "ncols": len(columns), "nrows": len(data)}
                     for key, (_, _, columns, data) in CHARTS.items()},
                  "learning": {"_type": "table-file", "path": "media/table/learning.table.json", "ncols": 3, "nrows": 6}})
    return found


def config():
    return {"lr": 0.1, "opt": {"name": "adam", "wd": 0.1}, "who": HOSTILE[3],
            "_wandb": {"visualize": {key: chart(definition, key + "_table", fields, title=key + " chart") for key, (definition, fields, _, _) in CHARTS.items()},
                       # of wandb.sklearn
                       "viz": {"learning": {"id": "wandb/learning_curve/v1", "historyFieldSettings": {"x-axis": "_step", "key": "learning"}}}}}


def contents():
    found = {"media/images/p%d.png" % i: png((i * 100, 60, 200)) for i in range(3)}
    found.update({"media/audio/s.wav": wav(), "media/html/h.html": HTML, "media/images/d.svg": SVG, "notes.txt": b"plain text", "media/o.pts.json": b"[[0,0,0]]",
                  "media/table/preds.table.json": table(["id", "image", "text", "score"], [[0, "Image", "x", 1]]), "x.html": HTML})
    found.update({"media/table/%s.table.json" % key: table(columns, data) for key, (_, _, columns, data) in CHARTS.items()})
    found.update({"media/table/epoch%d.table.json" % i: table(["n"], [[1000 + i]]) for i in (0, 40, 80)})
    found["media/table/learning.table.json"] = table(["dataset", "score", "train_size"], [[d, i / 9, 100 * i] for d in ("train", "test") for i in range(1, 4)])
    return found


LOG = ["2026-11-29T10:00:00.000001 \x1b[31mred\x1b[0m text", "ERROR 2026-11-29T10:00:01.000001 " + HOSTILE[0], "no time"]
