#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every route against every kind of credential, from docs/openapi.yaml, which has to list what the server serves."""
import http.client
import json
import re

import fleet
import hostile_test

SCOPES = ("admin", "operator", "viewer", "agent", "trial", "join")
MAY = {"admin": {"admin", "operator", "viewer"}, "operator": {"operator", "viewer"}, "viewer": {"viewer"},
       "agent": {"agent"}, "trial": {"trial"}, "join": {"join"}}
HEADERS = {  # a foreign page, or a name of ours that is none
    "another site": {"Origin": "http://evil.example"},
    "an opaque origin": {"Origin": "null"},
    "a browser's word": {"Sec-Fetch-Site": "cross-site"},
    "a sibling": {"Sec-Fetch-Site": "same-site"},
    "another name": {"Host": "evil.example"},
    "a name that ends like ours": {"Host": "localhost.evil.example:8470"},
    "no name": {"Host": ""},
}


def text_of(*parts):
    return fleet.scene.ROOT.joinpath(*parts).read_text()


def documented(queries=False):
    """(method, path) of the page -> its scope or None; with queries: name -> whether it is a whole number."""
    page, shared = text_of("docs", "openapi.yaml").split("\ncomponents:\n")
    named = {}
    for name, rest in re.findall(r"    (\w+):\s+(\{name: .*|(?:      .*\n)+)", shared):
        named[name] = re.sub(r"\s*\n\s+", ", ", rest.strip())
        named[name] = named[name] if named[name].startswith("{") else "{" + named[name]
    path = method = None
    found = {}
    for line in page.splitlines():
        if re.match(r"  /\S*:$", line):
            path, method = line.strip()[:-1], None
        elif re.match(r"    (get|post|put|delete):$", line):
            method = line.strip()[:-1].upper()
            found[method, path] = {} if queries else None
        elif re.match(r"      x-scope: ", line) and not queries:
            found[method, path] = line.split()[1]
        elif queries and method:
            line = re.sub(r'\{\$ref: "#/components/parameters/(\w+)"\}', lambda m: named[m.group(1)], line)
            for part in line.split("{name: ")[1:]:
                name, rest = re.match(r"(\w[\w-]*), (.*)", part).groups()
                if rest.startswith("in: query"):
                    assert name not in found[method, path], (method, path, name)
                    found[method, path][name] = bool(re.search(r"schema: \{(type: integer|enum: \[0, 1\])", rest))
    return found


def built(queries=False):
    """The same of the table that the server is built from."""
    text = re.sub(r"\s*\\\n\s*", " ", text_of("orchestrator", "server", "route", "server_routes.h"))
    scope = {"SERVER_ANYBODY": None, "SERVER_SIGNED": "signed"}
    found = {}
    for method, path, need, query in re.findall(r'X\((\w+), "([^"]+)", (\w+), \w+, [^,]+, [^,]+, (NULL|"[^"]*")\)', text):
        if queries:
            found[method, path] = None if query == "NULL" else {n.rstrip("#"): n[-1] == "#" for n in query.strip('"').split()}
        else:
            found[method, path] = scope.get(need, need.replace("CREDENTIAL_", "").lower())
    return found


def messages():
    """word -> fields of each message, from the table that they are built from."""
    text = "".join((fleet.scene.ROOT / "protocol" / name).read_text() for name in ("message_fields.h", "message.h"))
    fields = {"INT": 0, "STR": "", "VALUE": {}}
    kinds = {name: (low, fields[kind]) for name, low, kind in re.findall(r"X\((\w+), (\w+), (INT|STR|VALUE)\)", text)}
    found = {}
    for word, mask in re.findall(r'X\(MESSAGE_\w+,\s*"(\w+)",(.*?)\)\s*(?=\\\n\s*X\(|\n\n)', text.replace("\\\n", "\\\n"), re.S):
        names = re.findall(r"MESSAGE_F\((\w+)\)", mask)
        if "MESSAGE_OF_ATTEMPT" in mask:
            names += ["SWEEP", "TRIAL", "ATTEMPT"]
        found[word] = dict(kinds[name] for name in names)
        found[word].update({"attempt": 1, "agent": "b", "instance": 1, "version": 1, "slots": [{}], "host": {}, "held": [],
                            "to": 9, "text": '{"m": 1}\n', "cause": "none"})
    return found


class Scopes(fleet.Case):
    asked = 0

    def source(self):
        """Few of each address fail, so that the controller does not answer late."""
        self.asked += 1
        return "127.0.%d.1" % (self.asked // 8)

    def ask(self, method, path, token=None, headers=None, body=None):
        place = self.url.split("//")[1].split("#")[0]
        connection = http.client.HTTPConnection(place, timeout=fleet.PATIENCE, source_address=(self.source(), 0))
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = "Bearer " + token
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def token(self, scope, *options):
        return json.loads(self.besom("token", "create", "--scope", scope, *options, "--store", self.store, "--json"))

    def test_the_page_lists_what_is_served(self):
        page = {(method, re.sub(r"\{[^}]*\}", "*", path)): scope for (method, path), scope in documented().items()}
        self.assertEqual(page, built())
        table = built(queries=True)
        page = {(method, re.sub(r"\{[^}]*\}", "*", path)): names for (method, path), names in documented(queries=True).items()}
        self.assertEqual({route: names for route, names in page.items() if table[route] is not None},
                         {route: names for route, names in table.items() if names is not None})
        self.assertGreater(sum(len(names) for names in page.values()), 100)

    def test_a_parameter_that_a_route_does_not_take(self):
        """Of each route of the table: another name, one twice, and no number where one is due."""
        self.serve()
        token = {scope: self.token(scope, *(["--name", "a"] if scope == "agent" else []))["token"]
                 for scope in ("admin", "agent", "join")}
        asked = 0
        for (method, path), names in sorted(built(queries=True).items()):
            need = built()[method, path]
            if names is None or need is None:
                continue
            place = path.replace("*", "zzz-1" if "/trials/" in path else "3" if "audit" in path else "zzz")
            cases = [("fliter=1", "'fliter' is unknown" if names else "no parameters here")]
            cases += [("%s=1&%s=1" % (name, name), "duplicate %s=" % name) for name in list(names)[:1]]
            cases += [(name + "=1x", name + "=1x is not a whole number") for name, number in names.items() if number][:1]
            if "filter" in names:
                cases[0] = ("fliter=1", "did you mean 'filter'?\nknown: " + ", ".join(names))
            for query, says in cases:
                status, text = self.ask(method, place + "?" + query, token.get(need, token["admin"]))
                self.assertEqual(status, 400, (method, path, query, text))
                self.assertIn(says, json.loads(text)["error"], (method, path, query))
                asked += 1
        self.assertGreater(asked, 100)
        self.end_all()

    def test_each_route_with_each_scope(self):
        self.serve()
        tokens = {scope: self.token(scope, *(["--name", "a"] if scope == "agent" else []))["token"]
                  for scope in SCOPES if scope != "trial"}
        revoked = self.token("admin")["token"]
        self.besom("token", "revoke", revoked.split("_")[2], "--store", self.store)
        wrong = tokens["admin"][:-1] + ("0" if tokens["admin"][-1] != "0" else "1")
        cells = 0
        for (method, path), need in sorted(documented().items()):
            place = re.sub(r"\{[^}]*\}", "zzz-1" if "/trials/" in path else "3" if "audit" in path else "zzz", path)
            for scope, token in [("none", None), ("revoked", revoked), ("wrong", wrong), *tokens.items()]:
                if path == "/api/v1/events" and need in MAY.get(scope, ()):
                    continue  # it would not end
                status, text = self.ask(method, place, token)
                said = "%s %s with %s: %d %s" % (method, path, scope, status, text[:200])
                if need is None:  # the page is the same for everybody
                    self.assertIn(status, {"/plain": (403,), "/assets/{file}": (404,), "/healthz": (200,)}.get(
                        path, (404,) if path.startswith("/{entity}") else (200, 303)), said)
                elif need == "signed":  # the right is in the URL, whoever asks
                    self.assertEqual(status, 403, said)
                elif path.startswith("/plain") and scope == "none":
                    self.assertIn(b"<form", text, said)
                elif scope not in MAY:
                    self.assertEqual(status, 401, said)
                elif need in MAY[scope] and b"no such attempt" not in text and b"may only read" not in text:
                    self.assertNotIn(status, (401, 403, 500), said)
                else:
                    self.assertEqual(status, 403, said)
                cells += 1
        self.assertGreater(cells, 150)
        self.end_all()

    def test_a_request_that_lacks_something(self):
        self.serve()
        token = self.token("admin")["token"]
        for method, path, *body, says in (("GET", "sweeps/zzz/log", "besom show TRIAL --json has them"),
                                   ("GET", "sweeps/zzz/log?agent=a&trial=first", "trial=first is not a whole number"),
                                   ("GET", "sweeps/zzz/waits?trial=-1", "trial=-1 is not a whole number"),
                                   ("GET", "sweeps/zzz/waits?trial=9999999999999999999", "is not a whole number"),
                                   ("POST", "sweeps/zzz/pause?dry_run=2", "dry_run must be 0 or 1"),
                                   ("POST", "sweeps/zzz/pause?dry_run=1%00", "dry_run= is not UTF-8 text, or has a NUL"),
                                   ("POST", "sweeps/zzz/pause", b'{"dry_run":true,"of":{"a":":"},"dry_run":false}',
                                    "the body has a key twice"),
                                   ("POST", "sweeps/zzz/stop", b'{"trial":-1}', '"trial" a number of at least 0'),
                                   ("GET", "sweeps?limit=9&q=%ff", "q= is not UTF-8 text, or has a NUL"),
                                   ("POST", "agents/a/duty", "must be up, draining, cordoned or forgotten"),
                                   ("POST", "sweeps/zzz/retry", "must be a list")):
            status, text = self.ask(method, "/api/v1/" + path, token, body=body[0] if body else None)
            self.assertEqual(status, 400, text)
            self.assertIn(says, json.loads(text)["error"])
        self.assertEqual(json.loads(self.ask("GET", "/api/v1/sweeps?q=zzz", token)[1]), {"of": 0, "sweeps": []})
        self.end_all()

    def test_what_is_said_in_two_places_must_agree(self):
        """A dry run that only the body or only the query asks for would act for somebody who did not want it."""
        self.serve()
        token = self.token("operator")["token"]
        for query, headers, body, says in (("?dry_run=0", {}, {"dry_run": True}, '"dry_run" in the body differs from the query'),
                                           ("?dry_run=1", {}, {"dry_run": False}, '"dry_run" in the body differs from the query'),
                                           ("", {"If-Match": '"4"'}, {"revision": 5}, '"revision" in the body differs from the header'),
                                           ("", {"If-Match": '"x"'}, {}, "If-Match must be the revision"),
                                           ("?dry_run=1", {"If-Match": '"4"'}, {"dry_run": True, "revision": 4}, "zzz")):
            status, text = self.ask("POST", "/api/v1/sweeps/zzz/pause" + query, token, headers, json.dumps(body))
            told = json.loads(text)
            self.assertEqual(status, 400 if says != "zzz" else 200, text)
            self.assertIn(says, told["message"] if status == 200 else told["error"])
        self.end_all()

    def test_each_message_with_each_scope(self):
        """No scope but agent gets a link, and an agent's messages change nothing of another agent's attempt."""
        self.serve()
        self.agent("a")
        self.create("method: grid\nparameters: {x: {values: [1]}}\n", "touch running\nwhile [ ! -e go ]; do sleep 0.05; done\n")
        self.wait_for("running")
        sweep = self.look("ls")[0]["id"]
        for scope in SCOPES:
            if scope not in ("agent", "trial"):
                link = hostile_test.Link(self, "/agent/v1", self.token(scope)["token"], *hostile_test.UPGRADE,
                                         source=self.source())
                self.assertEqual(link.head(), 403, scope)
        token = self.token("agent", "--name", "b")["token"]
        kinds = sorted(messages())
        self.assertGreater(len(kinds), 20)
        for joined in (False, True):
            for kind in kinds:
                link = hostile_test.Link(self, "/agent/v1", token, *hostile_test.UPGRADE, source=self.source())
                self.assertEqual(link.head(), 101)
                store = ""
                if joined:
                    link.send(hostile_test.hello("b"))
                    store = link.message()["store"]
                link.send(dict(messages()[kind], type=kind, store=store, epoch=1, sweep=sweep, padding="x" * 200))
                link.socket.close()
        fleet.wait_until(lambda: all(a["state"] != "up" for a in self.look("agents") if a["name"] == "b"), "its end")
        shown = self.look("show", "last-0")
        self.assertEqual((shown["state"], shown["attempts"], shown["agent"]), ("running", 1, "a"))
        duties = {a["name"]: a["duty"] for a in self.look("agents")}
        self.assertEqual(duties["a"], "up")
        self.touch("go")
        self.until_ended()
        trial = self.look("trials", "last")[0]
        self.assertEqual((trial["state"], trial["attempts"], trial["points"] if "points" in trial else 0),
                         ("finished", 1, 0))
        self.end_all()

    def test_no_token_of_the_reserved_scope_is_made(self):
        self.serve()
        status, text = self.ask("POST", "/api/v1/tokens/create", self.first["admin"], body=json.dumps(
            {"fact": {"kind": "token_created", "token": "trial001", "hash": "a" * 64, "scope": "trial", "form": "secret",
                      "store": "", "by": "", "time_ms": 1}}))
        self.assertEqual(status, 400, text)
        self.end_all()

    def audit(self):
        return self.look("audit", "--limit", 0, "--store", self.store)

    def test_a_join_whose_answer_was_lost_is_answered_again(self):
        self.serve()
        made = self.token("join")
        body = {"name": "box", "token": "agent001", "hash": "a" * 64}
        join = lambda **change: self.ask("POST", "/api/v1/join", made["token"], body=json.dumps({**body, **change}))
        self.assertEqual(join()[0], 200)
        status, text = join(token="agent002")
        self.assertEqual((status, json.loads(text)["token"]), (200, "agent001"))
        self.assertEqual(join(token="agent003", hash="b" * 64, name="other")[0], 403)
        asked = [(a["by"], a["subject"], a["result"]) for a in self.audit() if a["what"] == "join"]
        self.assertEqual(asked, [(made["id"], "box", "ok"), (made["id"], "box", "ok"),
                                 (made["id"], "other", "ERR_PERMISSION")])
        self.end_all()

    def test_a_revoked_credential_ends_what_is_open(self):
        self.serve()
        agent, viewer = self.agent("a"), self.token("viewer")
        connection = http.client.HTTPConnection(self.url.split("//")[1].split("#")[0], timeout=60)
        connection.request("GET", "/api/v1/events", headers={"Authorization": "Bearer " + viewer["token"]})
        events = connection.getresponse()
        self.assertEqual(events.status, 200)
        self.besom("token", "revoke", viewer["id"], "--store", self.store)
        while events.read1(4096):
            pass  # ends, or the test times out
        connection.close()
        self.assertEqual(self.ask("GET", "/api/v1/sweeps", viewer["token"])[0], 401)
        refused = (viewer["id"], "ERR_PERMISSION")  # recorded after the answer
        fleet.wait_until(lambda: refused in [(a["by"], a["result"]) for a in self.audit()], "the record")
        fleet.wait_until(lambda: [a["name"] for a in self.look("agents") if a["state"] == "up"] == ["a"], "the agent")
        self.besom("token", "revoke", "a", "--store", self.store)
        self.assertEqual(agent.wait(fleet.PATIENCE), 5)
        self.end_all()

    def test_pages_of_others_are_refused(self):
        """As CVE-2025-62593 got at Ray: a name that resolves to us, or a page that posts to us."""
        self.serve()
        for (method, path), need in sorted(documented().items()):
            place = re.sub(r"\{[^}]*\}", "zzz-1" if "/trials/" in path else "3" if "audit" in path else "zzz", path)
            for what, headers in HEADERS.items():
                status, _ = self.ask(method, place, self.first["admin"], headers)
                self.assertIn(status, (400, 403, 421), "%s %s from %s" % (method, path, what))
        self.end_all()

    def test_paths_lead_nowhere_else(self):
        """As the traversals of MLflow did: no path of a request is a path of the disk."""
        self.serve()
        for path in ("/api/v1/../../etc/passwd", "/api/v1/sweeps/..%2f..%2fetc%2fpasswd", "/api/v1/sweeps/%2e%2e",
                     "/api/v1/sweeps/%00", "/api/v1/sweeps/a;/../b", "//etc/passwd", "/api/v1/find?what=/etc/passwd",
                     "/api/v1/sweeps/%252e%252e/trials", "/api/v1//sweeps", "/api/v1/trials/..%5c..%5cx"):
            status, text = self.ask("GET", path, self.first["admin"])
            self.assertIn(status, (400, 404), path)
            self.assertNotIn(b"root:", text)
        self.end_all()


if __name__ == "__main__":
    fleet.main()
