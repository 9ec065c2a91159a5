#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artifacts, tables and media, by wandb's own client: what one run logs, another one reads back."""
import base64
import hashlib
import json

import files_test

BEGIN = '''
import json, pathlib, wandb
def files(where):
    where = pathlib.Path(where)
    return {str(p.relative_to(where)): p.read_bytes() for p in where.rglob("*") if p.is_file()}
'''
VERSIONS = BEGIN + '''
pathlib.Path("d/deep er").mkdir(parents=True)
pathlib.Path("d/a.bin").write_bytes(bytes(range(256)) * 1000)
pathlib.Path("d/deep er/b ü%.txt").write_text("hello")

def data(extra=None):
    art = wandb.Artifact("data", type="dataset", description="words", metadata={"n": 1, "x": [1, 2]})
    art.add_dir("d")
    art.add_reference("https://example.org/x.bin", name="ref", checksum=False)
    if extra:
        with art.new_file(extra) as f:
            f.write(extra)
    return art

with wandb.init(project="p", id="maker") as run:
    art = run.log_artifact(data(), aliases=["best"], tags=["t1"]).wait()
    assert (art.version, art.aliases, art.tags, art.file_count) == ("v0", ["best", "latest"], ["t1"], 3)
    assert art.size == 256005, art.size
    same = run.log_artifact(data(), aliases=["again"]).wait()
    assert (same.version, same.aliases) == ("v0", ["again", "best", "latest"])
    other = run.log_artifact(data("more.txt"), aliases=["best"]).wait()
    assert (other.version, other.aliases) == ("v1", ["best", "latest"])

with wandb.init(project="p", id="user") as run:
    used = run.use_artifact("data:again")
    assert (used.version, used.type, used.metadata, used.description) == ("v0", "dataset", {"n": 1, "x": [1, 2]}, "words")
    assert files(used.download()) == files("d")
    assert used.get_entry("ref").ref_target() == "https://example.org/x.bin"
    assert pathlib.Path(used.get_entry("a.bin").download()).read_bytes() == files("d")["a.bin"]
    assert run.use_artifact("data:v1").get_entry("more.txt") is not None

api = wandb.Api()
assert api.artifact("p/data:latest").version == api.artifact("p/data:best").version == "v1"
assert api.artifact("p/data:v0").logged_by().id == "maker"
assert [r.id for r in api.artifact("p/data:v0").used_by()] == ["user"]
assert [t.name for t in api.artifact_types("p")] == ["dataset"]
assert [c.name for c in api.artifact_type("dataset", "p").collections()] == ["data"]
assert [v.version for v in api.artifacts("dataset", "p/data")] == ["v1", "v0"]
assert [v.name for v in api.run("p/maker").logged_artifacts()] == ["data:v0", "data:v1"]
assert [v.name for v in api.run("p/user").used_artifacts()] == ["data:v0", "data:v1"]
assert sorted(f.name for f in api.artifact("p/data:v0").files()) == ["a.bin", "deep er/b ü%.txt"]
assert not api.artifact_exists("p/data:none") and api.artifact_exists("p/data:v1")

art = api.artifact("p/data:v0")
art.aliases.append("kept")
art.aliases.remove("again")
art.description, art.tags = "new", ["t2"]
art.metadata["n"] = 2
art.save()
art = api.artifact("p/data:kept")
assert (art.aliases, art.description, art.metadata["n"], art.tags) == (["kept"], "new", 2, ["t2"])

draft = art.new_draft()
with draft.new_file("c.txt") as f:
    f.write("c")
with wandb.init(project="p", id="drafter") as run:
    draft = run.log_artifact(draft).wait()
assert files(api.artifact("p/data:v2").download("out")) == dict(files("d"), **{"c.txt": b"c"})
api.artifact("p/data:v1").delete(delete_aliases=True)
assert [v.version for v in api.artifacts("dataset", "p/data")] == ["v2", "v0"]
assert api.artifact("p/data:latest").version == "v2"
api.artifact("p/data:v2").delete(delete_aliases=True)
assert api.artifact("p/data:latest").version == "v0"
'''
DISTRIBUTED = BEGIN + '''
def part(name, content):
    art = wandb.Artifact("shards", type="dataset")
    with art.new_file(name) as f:
        f.write(content)
    return art

for i in range(3):
    with wandb.init(project="p", id="part%d" % i, group="g") as run:
        run.upsert_artifact(part("%d.txt" % i, "part %d" % i), distributed_id="one")
with wandb.init(project="p", id="end", group="g") as run:
    run.finish_artifact(part("end.txt", "end"), distributed_id="one")
wanted = {"%d.txt" % i: b"part %d" % i for i in range(3)}
api = wandb.Api()
assert files(api.artifact("p/shards:latest").download("out")) == dict(wanted, **{"end.txt": b"end"}), files("out")
assert api.artifact("p/shards:v0").file_count == 4

more = part("more.txt", "more")
more._incremental = True
with wandb.init(project="p", id="more") as run:
    more = wandb.Artifact("shards", type="dataset", incremental=True)
    with more.new_file("more.txt") as f:
        f.write("more")
    more = run.log_artifact(more).wait()
    assert more.version == "v1"
assert files(api.artifact("p/shards:v1").download("out1")) == dict(wanted, **{"end.txt": b"end", "more.txt": b"more"})
'''
MEDIA = BEGIN + '''
pathlib.Path("x.wav").write_bytes(b"RIFF0000WAVEfmt ")
pathlib.Path("x.mp4").write_bytes(b"0000ftypisom")
table = wandb.Table(columns=["a", "b", "c"], data=[[1, "x", 0.5], [2, "ü", None]])
with wandb.init(project="p", id="media") as run:
    run.log({"table": table, "html": wandb.Html("<b>x</b>"), "audio": wandb.Audio("x.wav", caption="c"),
             "video": wandb.Video("x.mp4", format="mp4"), "histogram": wandb.Histogram(np_histogram=([1, 2], [0, 1, 2]))})
    run.log({"bar": wandb.plot.bar(table, "b", "a", title="bars"), "line": wandb.plot.line(table, "a", "c"),
             "scatter": wandb.plot.scatter(table, "a", "c"), "hist": wandb.plot.histogram(table, "a"),
             "series": wandb.plot.line_series([0, 1], [[0, 1], [1, 2]], keys=["p", "q"], title="s", xname="x")})
with wandb.init(project="p", id="reader") as run:
    read = run.use_artifact("run-media-table:latest").get("table")
    assert read.columns == ["a", "b", "c"] and read.data == [[1, "x", 0.5], [2, "ü", None]], read.data
run = wandb.Api().run("p/media")
summary = run.summary
for name, kind, path in (("html", "html-file", "html"), ("audio", "audio-file", "audio"), ("video", "video-file", "videos"),
                         ("table", "table-file", "table")):
    entry = summary[name]
    assert entry["_type"] == kind and entry["path"].startswith("media/" + path), dict(entry)
    with run.file(entry["path"]).download("got", replace=True) as f:
        assert len(pathlib.Path("got", entry["path"]).read_bytes()) == entry["size"]
assert summary["histogram"]["values"] == [1, 2] and summary["histogram"]["bins"] == [0, 1, 2]
assert pathlib.Path("got", summary["audio"]["path"]).read_bytes() == b"RIFF0000WAVEfmt "
charts = run.config.get("_wandb", {}) or json.loads(run.json_config)["_wandb"]["value"]
print(json.dumps(sorted(charts.get("visualize", {}))))
for name in "bar", "line", "scatter", "hist", "series":
    rows = json.loads(pathlib.Path(run.file(summary[name + "_table"]["path"]).download("got", replace=True).name).read_text())
    assert rows["columns"] and rows["data"], rows
'''


class Artifacts(files_test.Kit):
    def test_versions(self):
        self.serve()
        self.script(VERSIONS)
        with self.database() as db:
            self.assertEqual(db.execute("SELECT count(*) FROM file WHERE kind=1 AND hash IS NULL").fetchone()[0], 0)
        self.assertEqual(len([p for p in self.stored() if p.stat().st_size == 256000]), 1)

    def test_distributed_and_incremental(self):
        self.serve()
        self.script(DISTRIBUTED)

    def test_tables_and_media(self):
        self.serve()
        self.script(MEDIA)

    def make(self, name, files, type="dataset", digest="d", **more):
        """An artifact that is announced, and the URLs for its files."""
        made = self.graphql("CreateArtifact", input=dict(
            artifactTypeName=type, artifactCollectionName=name, entityName="besom", projectName="p", runName="one",
            digest=digest, enableDigestDeduplication=True, aliases=[], **more))
        if isinstance(made, str):
            return made
        artifact = made["createArtifact"]["artifact"]
        if artifact["state"] != "PENDING":
            return artifact, None, None
        manifest = self.graphql("CreateArtifactManifest", artifactID=artifact["id"], name="m", digest="", entityName="besom",
                                projectName="p", runName="one", manifestType="FULL",
                                includeUpload=True)["createArtifactManifest"]["artifactManifest"]
        sent = self.graphql("CreateArtifactFiles", input={"artifactFiles": [
            {"artifactID": artifact["id"], "artifactManifestID": manifest["id"], "name": n, "md5": self.md5(content)}
            for n, content in files.items()]})
        return artifact, manifest, sent

    def md5(self, content):
        return base64.b64encode(hashlib.md5(content).digest()).decode()

    def test_hostile(self):
        self.serve()
        self.graphql("UpsertBucket", entity="besom", project="p", name="one")
        artifact, manifest, sent = self.make("x", {"a": b"right"})
        url = sent["createArtifactFiles"]["files"]["edges"][0]["node"]["uploadUrl"]
        listed = {"version": 1, "contents": {"a": {"digest": self.md5(b"right"), "size": 5}}}
        commit = lambda: self.graphql("CommitArtifact", artifactID=artifact["id"])
        self.assertIn("manifest of the artifact has not come", commit())
        self.assertEqual(self.put(manifest["file"]["uploadUrl"], b"{"), 200)
        self.assertIn("malformed", commit())
        self.assertEqual(self.put(manifest["file"]["uploadUrl"], json.dumps(listed).encode()), 200)
        self.assertIn("content of the artifact's file a has not come", commit())
        self.assertEqual(self.put(url, b"wrong"), 400)
        self.assertIn("has not come", commit())
        self.assertEqual(self.put(url, b"right"), 200)
        self.assertEqual(commit()["commitArtifact"]["artifact"]["versionIndex"], 0)
        self.assertEqual(commit()["commitArtifact"]["artifact"]["versionIndex"], 0)
        self.assertIn("committed already", self.graphql("CreateArtifactFiles", input={"artifactFiles": [
            {"artifactID": artifact["id"], "name": "b", "md5": self.md5(b"b")}]}))
        self.assertEqual(self.make("x", {}, digest="d")[0]["state"], "COMMITTED")
        self.assertIn("has type dataset", self.make("x", {}, type="model"))
        for name in ("../x", "a/b", "a:b", "", "x" * 200):
            self.assertIn("an artifact", self.make(name, {}))
        for name in ("../x", "/x", "a//b", ".", "a\n"):
            self.assertIn("a file's name", self.make("y", {name: b""}, digest="e")[2])
        _, _, again = self.make("z", {"same": b"right"}, digest="f")
        self.assertIsNone(again["createArtifactFiles"]["files"]["edges"][0]["node"]["uploadUrl"])
        for id in ("", "nonsense", None, base64.b64encode(b"Artifact:99").decode()):
            self.assertIn("no such artifact", self.graphql("CommitArtifact", artifactID=id))
        self.assertIn("no such run", self.graphql("CreateArtifact", input=dict(artifactTypeName="t", artifactCollectionName="n", entityName="besom",
                                         projectName="p", runName="none", digest="")))
        for path in ("/artifactsV2/default/e/p/c/b/%s/x" % hashlib.md5(b"none").hexdigest(), "/artifacts/e/nonsense",
                     "/artifactsV2/default/e/p/c/%s" % ("0" * 32)):
            self.assertIn(self.ask(path, None, method="GET")[0], (404,), path)


if __name__ == "__main__":
    files_test.desk.main()
