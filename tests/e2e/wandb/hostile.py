# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that no client of wandb makes, for whatever answers those clients. They are the same each time."""
import base64
import gzip
import itertools
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]

# What each operation is given; the values are right ones, and names in capitals stand for what is there.
OPERATIONS = {
    "Viewer": {}, "GetViewer": {}, "GetDefaultEntity": {}, "ServerFeaturesQuery": {},
    "OrganizationCoreWeaveOrganizationID": {"entityName": "e"},
    "UpsertBucket": {
        "id": None, "name": "RUN", "entity": "e", "project": "p", "groupName": "g", "description": "d", "displayName": "n",
        "notes": "n", "commit": "c", "config": "{\"a\":{\"value\":1}}", "host": "h", "debug": False, "program": "t.py",
        "repo": "r", "jobType": "j", "state": "running", "sweep": None, "tags": ["a"], "summaryMetrics": "{\"a\":1}"},
    "RunResumeStatus": {"entity": "e", "project": "p", "name": "RUN"},
    "RunStoppedStatus": {"entityName": "e", "projectName": "p", "runId": "RUN"},
    "RewindRun": {"entity": "e", "project": "p", "runName": "RUN", "metricName": "_step", "metricValue": 1},
    "CreateRunFiles": {"entity": "e", "project": "p", "run": "RUN", "files": ["a.txt"]},
    "NotifyScriptableRunAlert": {
        "entityName": "e", "projectName": "p", "runName": "RUN", "title": "t", "text": "x", "severity": "INFO",
        "waitDuration": 0},
    "UpsertSweep": {
        "id": None, "config": "{method: random, parameters: {a: {min: 1, max: 2}}}", "description": "d", "entityName": "e",
        "projectName": "p", "controller": None, "launchScheduler": None, "templateVariableValues": "null",
        "scheduler": None, "priorRunsFilters": None, "displayName": "n", "state": None},
    "SweepWithRuns": {"entity": "e", "project": "p", "sweep": "SWEEP", "specs": "{}"},
    "GetSweepState": {"entity": "e", "project": "p", "sweep": "SWEEP"},
    "CreateAgent": {"host": "h", "projectName": "p", "entityName": "e", "sweep": "SWEEP"},
    "Heartbeat": {"id": "AGENT", "metrics": "{}", "runState": "{\"RUN\":true}"},
    "StopRun": {"id": "RUN"}, "DeleteRun": {"id": "RUN", "deleteArtifacts": False},
    "Run": {"entity": "e", "project": "p", "name": "RUN"},
    "Runs": {"entity": "e", "project": "p", "cursor": None, "perPage": 10, "order": "+created_at",
             "filters": "{\"$and\":[{\"state\":\"running\"}]}"},
    "RunFullHistory": {"entity": "e", "project": "p", "name": "RUN", "samples": 10},
    "RunSampledHistory": {"entity": "e", "project": "p", "name": "RUN", "specs": ["{\"keys\":[\"loss\"],\"samples\":5}"]},
    "RunHistoryKeys": {"entity": "e", "project": "p", "name": "RUN"},
    "RunParquetHistory": {"entity": "e", "project": "p", "runName": "RUN", "liveKeys": ["loss"]},
    "HistoryPage": {"entity": "e", "project": "p", "run": "RUN", "minStep": 0, "maxStep": 10, "pageSize": 5},
    "SampledHistoryPage": {"entity": "e", "project": "p", "run": "RUN", "spec": "{\"keys\":[\"loss\"]}"},
    "RunFiles": {"entity": "e", "project": "p", "name": "RUN", "fileCursor": None, "fileLimit": 5, "fileNames": ["a.txt"],
                 "pattern": "%", "upload": True},
    "GetProjects": {"entity": "e", "cursor": None, "perPage": 5},
    "GetSweep": {"entity": "e", "project": "p", "name": "SWEEP"},
    "GetSweeps": {"entity": "e", "project": "p", "cursor": None, "perPage": 5, "filters": None},
    "GetSweepAgents": {"entity": "e", "project": "p", "sweep": "SWEEP"},
    "ArtifactType": {"entity": "e", "project": "p", "name": "dataset"},
    "CreateArtifact": {"input": {
        "entityName": "e", "projectName": "p", "runName": "RUN", "artifactTypeName": "dataset",
        "artifactCollectionName": "c", "digest": "00", "clientID": "i", "sequenceClientID": "s", "aliases": []}},
    "CreateArtifactManifest": {
        "artifactID": "ARTIFACT", "baseArtifactID": None, "digest": "00", "entityName": "e", "projectName": "p", "runName": "RUN",
        "includeUpload": True, "manifestType": "FULL", "name": "wandb_manifest.json"},
    "CreateArtifactFiles": {"input": {"artifactFiles": [{"artifactID": "ARTIFACT", "name": "f", "md5": "00"}]}},
    "CommitArtifact": {"artifactID": "ARTIFACT"},
    "UseArtifact": {"input": {"artifactID": "ARTIFACT", "entityName": "e", "projectName": "p", "runName": "RUN"}},
    "UpdateArtifact": {"input": {"artifactID": "ARTIFACT", "metadata": "{}", "tagsToAdd": [], "tagsToDelete": []}},
    "ArtifactMembershipByName": {"entity": "e", "project": "p", "name": "c:latest"},
    "ArtifactByID": {"id": "ARTIFACT"}, "FetchArtifactManifest": {"id": "ARTIFACT"},
    "GetArtifactMembershipFileUrls": {"entity": "e", "project": "p", "collection": "c", "alias": "latest", "perPage": 5},
}
# For operations that are not above.
ANY = {
    "entity": "e", "entityName": "e", "project": "p", "projectName": "p", "name": "c", "run": "RUN", "runName": "RUN",
    "id": "ARTIFACT", "artifactID": "ARTIFACT", "sweep": "SWEEP", "sweepName": "SWEEP", "agent": "AGENT",
    "agentID": "AGENT", "type": "dataset", "types": ["dataset"],
    "destinationArtifactTypeName": "dataset", "baseArtifactID": "ARTIFACT", "artifactManifestID": "ARTIFACT",
    "artifactTypeName": "dataset", "artifactType": "dataset", "collection": "c", "collections": ["c"],
    "artifactCollectionName": "c", "alias": "latest", "aliases": [{"alias": "x", "artifactCollectionName": "c"}],
    "clientID": "i", "cursor": "1", "after": "1", "before": "1", "first": 5, "last": 5, "perPage": 5, "limit": 5,
    "filters": "{}", "order": "-createdAt", "entries": ["f"], "files": ["a.txt"], "filenames": ["a.txt"], "pattern": "%",
    "input": {"artifactID": "ARTIFACT", "aliases": [{"alias": "x"}], "artifactSequenceID": "ARTIFACT", "name": "c",
              "description": "d", "deleteAliases": True, "runName": "RUN", "entityName": "e", "projectName": "p"}}
LAST = ("DeleteRun", "DeleteArtifact", "DeleteArtifactSequence", "deleteFiles", "StopRun")  # they take away what others need
ODD = [
    True, -1, 0.5, 2 ** 63, -2 ** 63, 1e308, "", "x" * 100000, "\0", "a\0b", "../../../../etc/passwd", "/etc/passwd",
    "a/b", "..", ".", "'; DROP TABLE run; --", "%00%2e%2e", "\ud800", "\u202e", "{", "[" * 5000, "{\"a\":" * 5000,
    "NaN", "{\"a\":NaN}", "null", "[]", [], {}, [[]], [None], ["x"] * 5000, {"value": {"value": {}}}, {"": ""},
    {"a" * 5000: 1}, {str(i): i for i in range(5000)}, [1, "a", None, {"x": []}], "{\"$and\":[{\"$or\":[" * 200,
    "{\"config.x\":{\"$regex\":\"(a+)+$\"}}", "{\"x\":{\"$regex\":\"[\"}}", "-summary_metrics.", "+", "💥" * 1000,
]


def named(value, names):
    """The value with each of names replaced."""
    text = json.dumps(value)
    for name, real in names.items():
        text = text.replace(name, real)
    return json.loads(text)


def table():
    """The names of the desk's operations."""
    return re.findall(r'{"(\w+)", DESK_', (ROOT / "orchestrator/wandb/wandb_desk_table.c").read_text())


def graphql(names):
    """Bodies for /graphql: each variable of each operation gets some of the odd values, and is left out once."""
    odd = itertools.cycle(ODD)
    for name in sorted({*OPERATIONS, *table()}, key=lambda name: (name in LAST, name)):
        query = {"query": "mutation %s { x }" % name, "operationName": name}
        right = named(OPERATIONS.get(name, ANY), names)
        for variables in (None, [], 7, "x", [right], {}):
            yield json.dumps(dict(query, variables=variables)).encode()
        fields = [((), key) for key in right]
        fields += [((key,), inner) for key in right if isinstance(right[key], dict) for inner in right[key]]
        for path, key in fields:
            for i in range(4 if name in OPERATIONS else 2):
                variables = json.loads(json.dumps(right))
                at = variables[path[0]] if path else variables
                if i:
                    at[key] = next(odd)
                else:
                    del at[key]
                yield json.dumps(dict(query, variables=variables)).encode()


def documents():
    """Bodies that are no request at all."""
    yield from (b"", b"{", b"[]", b"null", b"7", b"\"x\"", b"\0" * 1000, b"[" * 200000, b"{\"a\":" * 100000, b"\xff\xfe{}",
                b"{\"query\":\"\xff\xc0\x80\"}", b"{\"query\":7}", b"{\"query\":[]}", b"{\"query\":\"\"}",
                b"{\"query\":\"query\"}", b"{\"query\":\"mutation  \"}", b"{\"query\":\"#\"}", b"{\"query\":\"#graphql\"}",
                b"{\"query\":\"query " + b"A" * 200000 + b" {x}\"}", b"{\"query\":\"query A {" + b"a{" * 100000 + b"\"}",
                b"{\"query\":\"query A{x}\",\"operationName\":7}", b"{\"query\":\"query A{x}\",\"operationName\":\"\\u0000\"}",
                b"{\"query\":\"query A{x}\",\"variables\":1e999}", b"{\"query\":\"query A{x}\",\"query\":\"mutation B{x}\"}",
                b"{\"query\":\"query Viewer{x}\",\"variables\":{\"a\":" + b"9" * 100000 + b"}}", b"[{\"query\":\"query Viewer{x}\"}]")


def streams():
    """Bodies for …/file_stream."""
    history = "wandb-history.jsonl"
    for offset in (-1, 0.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e300, "0", None, [], {}, True):
        yield json.dumps({"files": {history: {"offset": offset, "content": ["{\"loss\":1,\"_step\":0}"]}}}).encode()
        yield json.dumps({"files": {"output.log": {"offset": offset, "content": ["x"]}}}).encode()
    for content in (None, 7, "x", {}, [None], [7], [[]], [{}], [""], ["{"], ["\0"], ["[" * 5000], ["null"], ["[]"],
                    ["{\"loss\":" + "9" * 5000 + "}"], ["{\"_step\":-1,\"loss\":1}"], ["{\"_step\":\"x\",\"loss\":1}"],
                    ["{\"_step\":1e300}"], ["{\"" + "k" * 100000 + "\":1}"], ["{\"a\":" * 2000 + "1" + "}" * 2000],
                    ["{" + ",".join("\"k%d\":1" % i for i in range(20000)) + "}"], ["{\"\":1,\"\\u0000\":2}"],
                    ["\ud800"], ["{\"loss\":1}"] * 5000, ["x" * 1000000]):
        for name in history, "wandb-summary.json", "wandb-events.jsonl", "output.log", "../../x", "", "\0":
            yield json.dumps({"files": {name: {"offset": 0, "content": content}}}).encode()
    for body in ({"files": []}, {"files": 7}, {"files": {history: []}}, {"files": {history: {}}}, {"complete": "yes"},
                 {"complete": True, "exitcode": "x"}, {"complete": True, "exitcode": 2 ** 63}, {"exitcode": -1},
                 {"preempting": 7}, {"uploaded": [7, None, "../x"]}, {"uploaded": "x"}, [], 7, None, "x"):
        yield json.dumps(body).encode()


PATHS = ("/", "/graphql/", "/graphql/x", "/graphql?x=%00", "//graphql", "/GRAPHQL", "/files/", "/files/e/p/file_stream",
         "/files//p/r/file_stream", "/files/e/p//file_stream", "/files/e/p/../file_stream", "/files/e/p/%2e%2e/file_stream",
         "/files/e/p/a%00b/file_stream", "/files/e/p/%ff%fe/file_stream", "/files/%2f/%2f/%2f/file_stream",
         "/files/e/p/" + "r" * 5000 + "/file_stream", "/files/" + "e/" * 1000 + "file_stream", "/files/e/p/r/file_stream/x",
         "/files/e/p/r/", "/files/e/p/r/../../../../etc/passwd", "/files/e/p/r/%2e%2e/%2e%2e/etc/passwd", "/storage/x",
         "/artifacts/x", "/sdk/otel/", "/sdk/otel/../../graphql", "/%", "/%zz", "/%c0%af")


def raw(authorization, path):
    """Bytes of connections; each ends in another way than HTTP allows, or says what is not so."""
    head = b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\nAuthorization: " + authorization.encode() + b"\r\n"
    inner = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    for lines in (
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
            b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + inner,
            b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", b"Content-Length: 2, 2\r\n\r\n{}",
            b"Content-Length: -1\r\n\r\n", b"Content-Length: +2\r\n\r\n{}", b"Content-Length: 0x2\r\n\r\n{}",
            b"Content-Length: 99999999999999999999999\r\n\r\n{}", b"Content-Length: 9223372036854775807\r\n\r\n{}",
            b"Content-Length: 1099511627776\r\n\r\n{}", b"Content-Length: 2 \r\n\r\n{}", b"Content-Length:\r\n\r\n{}",
            b"Content-Length : 2\r\n\r\n{}", b"Content-Length: 1000\r\n\r\n{}", b"\r\n{}",
            b"Transfer-Encoding: gzip\r\n\r\n{}", b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nx", b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n2;" + b"x" * 100000 + b"\r\n{}\r\n0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
            b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
            b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
            b"Content-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\n{}",
            b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}", b"X: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
            b" folded: x\r\nContent-Length: 2\r\n\r\n{}", b"no colon here\r\nContent-Length: 2\r\n\r\n{}",
            b"X: " + b"y" * 200000 + b"\r\nContent-Length: 2\r\n\r\n{}", b"X: y\r\n" * 5000 + b"Content-Length: 2\r\n\r\n{}",
            b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"Expect: magic\r\nContent-Length: 2\r\n\r\n{}",
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}"):
        yield head + lines
    bomb = gzip.compress(bytes(64 << 20), 9)
    yield head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    yield head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (len(bomb) // 2) + bomb[:len(bomb) // 2]
    for line in (b"POST /graphql\r\n\r\n", b"POST /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /graphql HTTP/9.9\r\n\r\n", b"P\0ST /graphql HTTP/1.1\r\n\r\n",
                 b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"\r\n" * 10000, b"GET " + b"/" * 200000,
                 b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\xff" * 1000, b"POST  /graphql HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", b"PUT http://127.0.0.1:1/x HTTP/1.1\r\nHost: x\r\n\r\n"):
        yield line


def keys(key):
    """Values of Authorization that must not be taken."""
    def basic(text):
        return "Basic " + base64.b64encode(text.encode("latin-1")).decode()
    return (None, "", "Basic", "Basic !!!", "Bearer " + key[:-1], basic(key), basic("api:" + key[:-1]),
            basic("api:" + key + "\0"), basic("api:" + "x" * 5000), "Digest " + key)
