#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page as a browser gets it, without a browser: files and their headers, signing in, and what a session may do."""
import base64
import gzip
import http.client
import json
import os
import re
import ssl

import fleet

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self'; frame-src 'self'; "
          "frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
SIGN_IN = {"Content-Type": "application/x-www-form-urlencoded"}


class Page(fleet.Case):
    def ask(self, method, path, headers=None, body=None):
        """(status, headers, text)"""
        connection = http.client.HTTPConnection(self.place, timeout=fleet.PATIENCE)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.getheader("Content-Encoding") == "gzip":
            text = gzip.decompress(text)
        return answer.status, answer.headers, text.decode()

    def begin_page(self):
        self.serve()
        self.place = self.url.split("//")[1].split("#")[0]
        self.ours = {"Origin": "http://" + self.place, "Sec-Fetch-Site": "same-origin"}

    def token(self, scope, *options):
        return json.loads(self.besom("token", "create", "--scope", scope, *options, "--store", self.store, "--json"))

    def session(self, token):
        status, headers, text = self.ask("POST", "/api/v1/session", {**self.ours, "Authorization": "Bearer " + token})
        self.assertEqual(status, 200, text)
        cookie = headers["Set-Cookie"]
        self.assertRegex(cookie, r"^besom_[0-9a-f]{32}=[^;]+; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800$")
        self.assertNotIn(token, cookie)
        return {**self.ours, "Cookie": "theme=dark; " + cookie.split(";")[0]}

    def test_files(self):
        self.begin_page()
        status, headers, text = self.ask("GET", "/")
        if status == 303:  # built without node
            self.assertEqual(headers["Location"], "/plain")
            self.end_all()
            self.skipTest("besom was built without its page")
        self.assertEqual((status, headers["Content-Security-Policy"], headers["Cache-Control"]), (200, POLICY, "no-cache"))
        self.assertEqual((headers["X-Content-Type-Options"], headers["Referrer-Policy"], headers["Cross-Origin-Opener-Policy"]),
                         ("nosniff", "no-referrer", "same-origin"))
        self.assertEqual(self.ask("GET", "/", {"If-None-Match": headers["ETag"]})[0], 304)
        for path in ("/s/abc", "/t/abc-1"):
            self.assertEqual(self.ask("GET", path)[2], text)
        found = re.findall(r'(?:src|href)="(/assets/[^"]+)"', text)
        self.assertEqual(len(found), 2)
        for path in found:
            status, headers, _ = self.ask("GET", path)
            self.assertEqual((status, headers["Cache-Control"]), (200, "public, max-age=31536000, immutable"))
            self.assertEqual(headers["Content-Security-Policy"], POLICY)
        self.assertEqual(self.ask("GET", "/assets/..")[0], 400)
        self.assertEqual(self.ask("GET", "/assets/index")[0], 404)
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        self.assertEqual(self.ask("GET", "/s/abc", link)[0], 200)  # somebody follows a link
        for change in ({"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Mode": "cors"}, {"Origin": "http://evil.example"}):
            self.assertEqual(self.ask("GET", "/s/abc", {**link, **change})[0], 403)
        self.assertEqual(self.ask("GET", "/api/v1/sweeps", link)[0], 403)
        self.end_all()

    def test_logs_of_besom_run(self):
        """The store of a run that has ended: its agent will never connect, its logs are in the store's folder."""
        spec = self.write("sweep.yaml", "command: [sh, -c, 'echo line; echo more']\nworkdir: .\n"
                                        "method: grid\nparameters: {a: {values: [7]}}\n")
        self.besom("run", spec, "--store", self.store)
        sweep = json.loads(self.besom("ls", "--json", "--store", self.store))[0]["id"]
        self.begin_page()
        ask = self.asker()
        whole = ask("sweeps/%s/log?trial=0&agent=local&lines=9" % sweep)
        self.assertEqual(base64.b64decode(whole["bytes"]), b"line\nmore\n")
        rows = ask("sweeps/%s/log?trial=0&agent=local&fold=1" % sweep)
        self.assertEqual([row[1] for row in rows["rows"]], ["line", "more"])
        missing = ask("sweeps/%s/log?trial=0&attempt=2&agent=local&fold=1" % sweep)
        self.assertEqual(missing["error"], "agent local has the log, but is not connected")
        self.end_all()

    def test_a_session_is_judged_as_its_token(self):
        self.env["TZ"] = "Asia/Kolkata"
        self.begin_page()
        viewer, operator = self.token("viewer", "--name", "lab"), self.token("operator")
        looking, steering = self.session(viewer["token"]), self.session(operator["token"])
        status, _, text = self.ask("GET", "/api/v1/session", looking)
        said = {"id": viewer["id"], "scope": "viewer", "name": "lab", "run": False, "expires": None, "zone": "Asia/Kolkata"}
        self.assertEqual((status, json.loads(text)), (200, said))
        self.assertEqual(self.ask("GET", "/api/v1/sweeps", looking)[0], 200)
        self.assertEqual(self.ask("POST", "/api/v1/sweeps/zzz/pause", looking)[0], 403)
        self.assertEqual(self.ask("POST", "/api/v1/sweeps/zzz/pause", steering)[0], 404)
        self.assertEqual(self.ask("GET", "/api/v1/tokens", steering)[0], 403)
        self.assertEqual(self.ask("POST", "/api/v1/session", looking)[0], 400)  # no session from a session
        for headers in ({**steering, "Origin": "http://evil.example"}, {**steering, "Origin": "null"},
                        {**steering, "Sec-Fetch-Site": "same-site"}, {"Cookie": steering["Cookie"]}):
            self.assertEqual(self.ask("POST", "/api/v1/sweeps/zzz/pause", headers)[0], 403)
        value = looking["Cookie"]
        ends = value.split(".")
        for wrong in (value[:-1] + ("0" if value[-1] != "0" else "1"), value.replace(viewer["id"], operator["id"]),
                      ".".join([ends[0], str(int(ends[1]) + 1), ends[2]]), value.rsplit(".", 1)[0], "besom_=a"):
            self.assertEqual(self.ask("GET", "/api/v1/sweeps", {**self.ours, "Cookie": wrong})[0], 401, wrong)
        self.besom("token", "revoke", viewer["id"], "--store", self.store)
        self.assertEqual(self.ask("GET", "/api/v1/sweeps", looking)[0], 401)
        self.assertEqual(self.ask("GET", "/api/v1/sweeps", steering)[0], 200)
        for scope in ("join", "agent"):
            made = self.token(scope, *(["--name", "a"] if scope == "agent" else []))
            self.assertEqual(self.ask("POST", "/api/v1/session", {**self.ours, "Authorization": "Bearer " + made["token"]})[0], 403)
        status, headers, _ = self.ask("DELETE", "/api/v1/session", steering)
        self.assertEqual((status, "Max-Age=0" in headers["Set-Cookie"]), (200, True))
        self.end_all()
        self.assertEqual(os.stat(self.store / "page.key").st_mode & 0o777, 0o600)
        self.serve()  # the same key
        self.assertEqual(self.ask("GET", "/api/v1/sweeps", steering)[0], 200)
        self.end_all()

    def test_over_tls_the_cookie_is_for_this_host_alone(self):
        self.listen = "0.0.0.0:0"
        self.serve()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the browser's user accepts it once
        place = "127.0.0.1:" + self.listen.rpartition(":")[2]
        connection = http.client.HTTPSConnection(place, context=context, timeout=fleet.PATIENCE)
        ours = {"Origin": "https://" + place}

        def ask(method, path, headers):
            connection.request(method, path, headers={**ours, **headers})
            answer = connection.getresponse()
            answer.read()
            return answer
        answer = ask("POST", "/api/v1/session", {"Authorization": "Bearer " + self.first["admin"]})
        cookie = answer.headers["Set-Cookie"]
        self.assertRegex(cookie, r"^__Host-besom_[0-9a-f]{32}=[^;]+; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure$")
        value = cookie.split(";")[0]
        self.assertEqual(ask("GET", "/api/v1/sweeps", {"Cookie": value}).status, 200)
        self.assertEqual(ask("GET", "/api/v1/sweeps", {"Cookie": value.replace("__Host-", "")}).status, 401)
        self.assertEqual(ask("POST", "/api/v1/sweeps/zzz/pause", {"Cookie": value, "Origin": "http://" + place}).status, 403)
        connection.close()
        self.end_all()

    def test_an_open_stream_ends_with_the_token(self):
        self.begin_page()
        viewer = self.token("viewer")
        connection = http.client.HTTPConnection(self.place, timeout=60)
        connection.request("GET", "/api/v1/events", headers=self.session(viewer["token"]))
        events = connection.getresponse()
        self.assertEqual(events.status, 200)
        self.besom("token", "revoke", viewer["id"], "--store", self.store)
        while events.read1(4096):
            pass  # ends, or the test times out
        connection.close()
        self.end_all()

    def test_events_of_the_page_are_short_and_begin_again(self):
        self.begin_page()
        self.agent("a")
        self.create("method: grid\nmetric: {name: loss, goal: minimize}\nparameters: {x: {values: [3]}}\n",
                    'echo \'{"loss": 1.5}\' >> "$BESOM_METRICS"\n')
        self.until_ended()

        def event(query):
            connection = http.client.HTTPConnection(self.place, timeout=60)
            connection.request("GET", "/api/v1/events?" + query, headers=self.session(self.first["admin"]))
            answer = connection.getresponse()
            lines = {}
            for line in iter(lambda: answer.readline().decode().rstrip("\n"), ""):
                name, _, value = line.partition(":")
                lines[name] = value.strip()
            connection.close()
            return lines.get("event"), json.loads(lines["data"]), int(lines["id"])

        kind, data, last = event("from=0&most=0&brief=1")
        self.assertEqual((kind, data), ("reset", {}))
        self.assertGreater(last, 5)
        self.assertEqual(event("from=%d&most=0" % (last + 1000))[0], "reset")  # it knew another store
        seen = {event("brief=1&most=1000&from=%d" % n)[0]: event("brief=1&from=%d" % n)[1] for n in range(2, last)}
        self.assertEqual(set(seen["sweep_created"]), {"sweep"})
        self.assertEqual(set(seen["metrics"]), {"sweep", "trial"})
        self.end_all()

    def test_tables_without_scripts(self):
        self.begin_page()
        name = "<script>alert(1)</script>"
        self.agent("a")
        self.create('name: "%s"\nmethod: grid\nmetric: {name: loss, goal: minimize}\nparameters: {x: {values: [3]}}\n' % name,
                    'echo \'{"loss": 1.5}\' >> "$BESOM_METRICS"\n')
        self.until_ended()
        status, headers, text = self.ask("GET", "/plain")
        self.assertEqual((status, "<form" in text, "script-src" in headers["Content-Security-Policy"]), (401, True, False))
        form = {**self.ours, **SIGN_IN}
        self.assertEqual(self.ask("POST", "/plain", form, "token=bsm_viewer_guess")[0], 401)
        body = "token=" + self.token("viewer")["token"]
        self.assertEqual(self.ask("POST", "/plain", SIGN_IN, body)[0], 403)
        self.assertEqual(self.ask("POST", "/plain", {**form, "Origin": "http://evil.example"}, body)[0], 403)
        status, headers, _ = self.ask("POST", "/plain", form, body)
        self.assertEqual((status, headers["Location"]), (303, "/plain"))
        cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
        status, _, text = self.ask("GET", "/plain", cookie)
        self.assertEqual((status, name in text, "&lt;script&gt;" in text), (200, False, True))
        status, _, text = self.ask("GET", re.search(r'href="(/plain/[^"]+)"', text).group(1), cookie)
        self.assertEqual((status, name in text), (200, False))
        self.assertIn("<td>1.5<td>x=3<td>", text)
        self.assertIn('<th align="left">best<td>1.5, trial 0\n<tr><th align="left">trials<td>1 finished of 1', text)
        self.end_all()

    def test_views_and_reports_are_kept(self):
        self.begin_page()
        admin, viewer = self.first["admin"], self.token("viewer")["token"]
        def ask(path, body=None, token=admin, seen=None):
            text = body if body is None or isinstance(body, str) else json.dumps(body)
            status, _, answer = self.ask("POST" if body is not None else "GET", "/api/v1/" + path,
                                         {"Authorization": "Bearer " + token, **({"If-Match": '"%s"' % seen} if seen else {})}, text)
            return status, json.loads(answer)
        self.assertEqual(ask("views"), (200, {"views": []}))
        sweep = self.create("method: grid\nprogram: t.py\nparameters: {x: {values: [1]}}\n", "pass\n")
        view = {"name": "best <b>", "sweep": sweep, "body": {"query": "f=lr<1&tab=parallel"}}
        status, made = ask("views/new", view)
        self.assertEqual((status, made["revision"], made["name"], made["sweep"], made["body"]), (200, 1, *view.values()))
        self.assertEqual(ask("views", token=viewer), (200, {"views": [made]}))
        for path in "views/new", "views/" + made["id"], "views/%s/remove" % made["id"], "reports/new":
            self.assertEqual(ask(path, view, viewer)[0], 403)
        for path in "views/" + made["id"], "views/%s/remove" % made["id"]:
            self.assertEqual([ask(path, made, seen=seen)[0] for seen in (None, 2, "x")], [428, 412, 400])
        named = self.token("operator", "--name", "ann")["token"]
        status, changed = ask("views/" + made["id"], {**made, "name": "other"}, named, seen=1)
        self.assertEqual((status, changed["revision"], changed["name"], changed["changed_by"]), (200, 2, "other", "ann"))
        status, refused = ask("views/" + made["id"], {**made, "name": "late"}, seen=1)
        self.assertEqual((status, "has changed it since you loaded it" in refused["error"]), (412, True))
        self.assertEqual(ask("views/%s/remove" % made["id"], {}, seen=1)[0], 412)
        self.assertEqual(ask("views/nonesuch", view)[0], 404)
        self.assertEqual(ask("reports/" + made["id"])[0], 404)  # it is a view
        for bad in ("", "[]", "{", "[" * 100000, {**view, "name": ""}, {**view, "name": "a\nb"}, {**view, "name": "a\u202eb"}, {**view, "name": "\u200b"}, {**view, "name": "a" * 121},
                    {**view, "body": "text"}, {**view, "body": {"blocks": ["x" * (256 << 10)]}}, {**view, "body": {"blocks": [0] * 10001}},
                    {**view, "sweep": "s" * 65}, {"name": "no body"}):
            self.assertEqual(ask("views/new", bad)[0], 400, str(bad)[:60])
        blocks = [{"text": "# hello"}, {"sweep": sweep, "query": ""}]
        status, report = ask("reports/new", {"name": "r", "body": {"blocks": blocks}})
        self.assertEqual(status, 200)
        for strange, near in (sweep[:-1] + "?", ": did you mean %s?" % sweep), ("nothing-like-it", ""):
            missing = {"error": "there is no sweep '%s'%s" % (strange, near)}
            self.assertEqual(ask("views/new", {**view, "sweep": strange}), (404, missing))
            self.assertEqual(ask("views/" + made["id"], {**view, "sweep": strange}, seen=2), (404, missing))
            self.assertEqual(ask("reports/new", {"name": "s", "body": {"blocks": [*blocks, {"sweep": strange}]}}), (404, missing))
        self.assertNotIn("body", ask("reports")[1]["reports"][0])
        copy = self.root / "copy"
        self.besom("cancel", sweep)
        self.besom("backup", str(self.store), str(copy))
        self.assertEqual([ask("views/%s/remove" % made["id"], {}, seen=2)[0] for _ in range(2)], [200, 404])
        self.assertEqual(ask("views")[1], {"views": []})
        self.controller.kill()
        self.controller.wait()
        self.besom("rm", sweep, "--yes", "--store", str(self.store))
        self.serve()
        self.assertEqual(ask("reports/" + report["id"]), (200, report))
        status, changed = ask("reports/" + report["id"], {**report, "name": "of a sweep that was removed"}, seen=1)
        self.assertEqual((status, changed["body"]["blocks"]), (200, blocks))
        self.assertEqual(ask("reports/new", {"name": "s", "body": {"blocks": blocks}})[0], 404)
        self.besom("check", "--store", str(self.store))
        self.end_all()
        self.store, self.listen = copy, "127.0.0.1:0"
        self.serve("--restored")
        self.place = self.url.split("//")[1].split("#")[0]
        self.assertEqual(ask("views")[1]["views"][0]["name"], "other")
        self.end_all()

if __name__ == "__main__":
    fleet.main()
