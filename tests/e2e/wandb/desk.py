# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that wandb's clients report to, by themselves and outside of sweeps; its runs.db is read beside it."""
import base64
import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fleet"))
import fleet  # noqa: E402

import client_test  # noqa: E402

wait_until = fleet.wait_until
SCRIPT_SECONDS = 300
CHUNK = "SELECT first, n, text FROM lines WHERE run=? AND stream=? ORDER BY first"
STREAMS = ("history", "events", "log")


class Case(fleet.Case):
    """self.serve() begins the controller. Scripts run with wandb's client in self.folder."""

    def serve(self, *options):
        controller = super().serve(*options)
        self.base = self.url.partition("#")[0]
        self.env.update(
            PYTHONPATH=str(client_test.SITE), WANDB_BASE_URL=self.base, WANDB_API_KEY=self.first["admin"],
            WANDB_ERROR_REPORTING="false", WANDB_SILENT="true", WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL="1")
        for name in "CACHE", "CONFIG", "DATA":
            self.env["WANDB_%s_DIR" % name] = str(self.root / name)
        return controller

    def stop(self):
        self.controller.terminate()
        self.end(self.controller, 0)

    def begin_script(self, text, args=(), **env):
        return subprocess.Popen([sys.executable, "-c", text, *map(str, args)], env=dict(self.env, **env), cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)

    def script(self, text, code=0, args=(), **env):
        """Runs it to its end; what it printed."""
        process = self.begin_script(text, args, **env)
        try:
            out, _ = process.communicate(timeout=SCRIPT_SECONDS)
        finally:
            process.kill()
        self.assertEqual(process.returncode, code, out)
        return out

    def ask(self, path, body, token=None, method="POST"):
        """Status and document of a request, as wandb's client sends it."""
        key = base64.b64encode(("api:" + (token or self.first["admin"])).encode()).decode()
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Authorization": "Basic " + key}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as e:
            return e.code, json.loads(e.read())

    def graphql(self, operation, /, token=None, **variables):
        """The data of an answer, or the text of its error."""
        kind = "query" if operation.startswith(("Get", "Viewer", "Run")) else "mutation"
        status, answer = self.ask("/graphql", {"query": "%s %s { x }" % (kind, operation), "variables": variables}, token)
        self.assertEqual(status, 200, answer)
        return answer["errors"][0]["message"] if answer.get("errors") else answer["data"]

    @contextlib.contextmanager
    def database(self):
        db = sqlite3.connect("file:%s?mode=ro" % (self.store / "runs.db"), uri=True)
        db.row_factory = sqlite3.Row
        try:
            yield db
        finally:
            db.close()

    def runs(self):
        """All runs, oldest first, with config and summary as dicts, and their lines."""
        with self.database() as db:
            found = []
            for row in db.execute("SELECT run.*, entity, project.name AS project_name FROM run"
                                  " JOIN project ON project.n = project ORDER BY run.n"):
                run = dict(row)
                for kind, name in enumerate(("config", "summary")):
                    text = db.execute("SELECT text FROM document WHERE run=? AND kind=?", (run["n"], kind)).fetchone()
                    run[name] = json.loads(text[0]) if text else {}
                run["tags"] = json.loads(run["tags"])
                for stream, name in enumerate(STREAMS):
                    run[name + "_lines"] = self.lines(db, run["n"], stream)
                found.append(run)
        return found

    def lines(self, db, n, stream):
        lines = []
        for chunk in db.execute(CHUNK, (n, stream)):
            self.assertGreaterEqual(chunk["first"], len(lines))
            lines += [None] * (chunk["first"] - len(lines)) + chunk["text"].split("\n")
            self.assertEqual(len(lines), chunk["first"] + chunk["n"])
        return lines

    def runs_there(self):
        """self.runs(), even before the first."""
        return self.runs() if (self.store / "runs.db").exists() else []

    def rows_of(self, name):
        """Of a run that may not be there yet."""
        return [row for run in self.runs_there() if run["name"] == name for row in self.rows(run)]

    def id_of(self, name, project="demo"):
        """As wandb's clients know it."""
        return self.graphql("UpsertBucket", name=name, project=project)["upsertBucket"]["bucket"]["id"]

    def rows(self, run):
        return [json.loads(line) for line in run["history_lines"]]


def main():
    missing = client_test.install()
    if missing:
        print("SKIPPED: wandb's client is not here: " + missing, file=sys.stderr)
        sys.exit(77)
    fleet.main()
