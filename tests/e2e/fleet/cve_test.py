#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has gone wrong in other tools of this kind, re-enacted against the real binaries: one test a class of weakness, named
after a CVE of it. docs/guide/trust.md lists the classes."""
import base64
import http.client
import json
import re
import socket

import controller_test
import fleet
import hostile_test

GRID = "method: grid\nparameters: {x: {values: [1]}}\n"
EVIL = "<script>alert(1)</script>"
ESCAPES = "\x1b[2J\x1b]0;owned\x07"


class Case(hostile_test.Case):
    def ask(self, method, path, token=None, body=None, headers=()):
        """(status, headers, text)"""
        connection = http.client.HTTPConnection(self.url.split("//")[1], timeout=fleet.PATIENCE)
        sent = dict(headers)
        if token:
            sent["Authorization"] = "Bearer " + token
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), text


class Server(Case):
    def test_cve_2023_48022_jobs_without_a_credential(self):
        """Ray, Dask, MLflow: the API of jobs was open to the network."""
        self.serve()
        for method, path in (("POST", "/api/v1/sweeps/aaaa1111/create"), ("GET", "/api/v1/sweeps"), ("GET", "/agent/v1")):
            for headers in ({}, {"Authorization": "Basic " + base64.b64encode(b"admin:").decode()},
                            {"Authorization": "Bearer "}, {"Authorization": "Bearer admin"}, {"Cookie": "token=admin"},
                            {"X-Forwarded-For": "127.0.0.1"}):
                self.assertEqual(self.ask(method, path, headers=headers)[0], 401, (path, headers))
                if path == "/agent/v1":
                    break  # further guesses are answered late
        self.end_all()

    def test_cve_2021_42343_listeners_beyond_loopback(self):
        """Dask, beanstalkd: workers listened for everybody. Here, only what --listen names does."""
        self.serve()
        agent = self.agent()
        self.said_when(agent, "works for")
        inodes = set()
        for process in (self.controller, agent):
            for fd in (fleet.scene.pathlib.Path("/proc/%d/fd" % process.pid)).iterdir():
                try:
                    inodes.update(re.findall(r"socket:\[(\d+)\]", str(fd.readlink())))
                except OSError:
                    continue
        listening = []
        for name in ("tcp", "tcp6"):
            for line in open("/proc/net/" + name).read().splitlines()[1:]:
                field = line.split()
                if field[3] == "0A" and field[9] in inodes:
                    listening.append(field[1].split(":")[0])
        self.assertEqual(set(listening), {"0100007F"})
        self.end_all()

    def said_when(self, process, text):
        fleet.wait_until(lambda: text in self.said(process), text)

    def test_cve_2023_48023_requests_to_other_servers(self):
        """Ray, MLflow, W&B: a URL in a request made the server ask another one."""
        self.serve()
        other = socket.create_server(("127.0.0.1", 0))
        url = "http://127.0.0.1:%d/" % other.getsockname()[1]
        admin = self.first["admin"]
        for path in ("/api/v1/find?what=" + url, "/api/v1/sweeps/" + url.replace("/", "%2f"), url, "/" + url):
            self.assertIn(self.ask("GET", path, admin)[0], (400, 404, 421), path)
        self.assertIn(self.ask("CONNECT", url[7:-1], admin)[0], (400, 404, 405, 421, 501))
        for key in ("url", "webhook", "from", "workdir"):
            body = json.dumps({"name": "box", "token": "abcdefgh", "hash": "0" * 64, key: url})
            self.ask("POST", "/api/v1/join", self.join_string().rpartition(",")[2], body)
        other.setblocking(False)
        self.assertRaises(BlockingIOError, other.accept)
        other.close()
        self.end_all()

    def test_cve_2024_27132_script_in_answers(self):
        """MLflow, Dask, ClearML: a page showed what came from a run as HTML. Here no answer is HTML."""
        self.serve()
        sweep = self.create("name: %s\n" % json.dumps(EVIL) + GRID, "true\n")
        admin = self.first["admin"]
        seen = 0
        for path in ("/api/v1/sweeps", "/api/v1/sweeps/" + sweep, "/api/v1/%3Cscript%3E", "/api/v1/sweeps/%3Cscript%3E",
                     "/api/v1/find?what=%3Cscript%3E", "/api/v1/trials/%s-0" % sweep):
            status, headers, text = self.ask("GET", path, admin)
            self.assertRegex(headers["content-type"], "^(application/json|text/plain)", path)
            self.assertEqual(headers["x-content-type-options"], "nosniff", path)
            seen += EVIL in text
        self.assertGreater(seen, 0)
        self.end_all()

    def test_cve_2024_24595_secrets_at_rest(self):
        """ClearML, Jupyter: tokens lay in files that were served. Here the store has hashes."""
        self.serve()
        secrets = [self.first["admin"], self.first["join"].rpartition(",")[2], self.token("viewer")]
        self.end_all()
        self.assertEqual(self.store.stat().st_mode & 0o077, 0)
        for path in sorted(self.store.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                for secret in secrets:
                    self.assertNotIn(secret.split("_")[3].encode(), content, path)

    def test_cve_2017_18640_bombs_in_yaml(self):
        """SnakeYAML, Symfony: aliases that multiply, nesting without end."""
        self.serve()
        layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        layers += ["a%d: &a%d [%s]" % (i, i, ", ".join(["*a%d" % (i - 1)] * 9)) for i in range(1, 12)]
        for content in ("\n".join(layers), "a: " + "[" * 100000):
            status, _, text = self.ask("POST", "/api/v1/sweeps/aaaa1111/create", self.first["admin"],
                                       json.dumps({"sweep": "aaaa1111", "content": content, "path": "/x", "workdir": "/",
                                                   "seed": 1}))
            self.assertEqual(status, 400, text[:300])
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)
        self.end_all()

    def test_cwe_409_bombs_of_compression(self):
        """Nothing is decompressed that a stranger sends: no encoding of bodies, no extension of WebSocket."""
        self.serve()
        status, _, text = self.ask("POST", "/api/v1/join", self.first["join"].rpartition(",")[2], b"\x1f\x8b\x08" + bytes(64),
                                   {"Content-Encoding": "gzip"})
        self.assertIn(status, (400, 415), text)
        token = self.token("agent", "--name", "a")
        link = hostile_test.Link(self, "/agent/v1", token, *hostile_test.UPGRADE,
                                 "Sec-WebSocket-Extensions: permessage-deflate")
        self.assertTrue(link.need(lambda: b"\r\n\r\n" in link.got))
        self.assertNotIn(b"extensions", link.got.lower())
        link.got = b""
        link.socket.sendall(b"\xc1\x84" + bytes(8))  # a compressed frame
        self.assertIsNone(link.message())
        self.end_all()

    def test_cwe_117_lines_and_escapes_in_names(self):
        """A name with line ends or escapes of the terminal forges no line of a log, and rules no terminal."""
        self.serve()
        token = self.first["join"].rpartition(",")[2]
        status, _, text = self.ask("POST", "/api/v1/join", token, json.dumps(
            {"name": "a\n2026-01-01 forged" + ESCAPES, "token": "abcdefgh", "hash": "0" * 64}))
        self.assertEqual(status, 400, text)
        self.create("name: %s\n" % json.dumps("b\nforged" + ESCAPES) + GRID, "echo '%s'\n" % ESCAPES)
        for command in (["token", "list"], ["audit"], ["agents"], ["ls"], ["show", "last"]):
            said = self.besom(*command, *(["--store", self.store] if command[0] == "audit" else []))
            self.assertNotIn("\x1b", said, command)
            self.assertNotIn("\nforged", said)
            self.assertNotIn("\n2026-01-01 forged", said)
        said = self.said(self.controller)
        self.assertNotIn("\x1b", said)
        self.assertNotIn("\nforged", said)
        self.end_all()


class Agent(Case):
    def test_cve_2024_24590_objects_in_files(self):
        """ClearML: a pickle of somebody else ran code when it was read. Here nothing makes objects from data."""
        self.serve()
        for tag in ("!!python/object/apply:os.system ['touch pwned']", "!!java.lang.Runtime [x]", "!<tag:x,2000:y> z"):
            said = self.says("sweep", self.sweep("method: grid\nparameters: {x: {values: [%s]}}\n" % tag, "true\n"), code=2)
            self.assertIn("tag", said.lower())
        self.assertFalse((self.folder / "pwned").exists())
        self.end_all()

    def test_cve_2023_6019_commands_in_values(self):
        """Ray: a parameter became part of a shell's line. Here it is one argument, byte for byte."""
        values = ["; touch pwned", "$(touch pwned)", "`touch pwned`", "a' || touch pwned #", "--help", "a\nb", "%s%n", "é\\"]
        self.write("show.py", "import sys\nopen('said.txt', 'a').write(repr(sys.argv[1:]) + '\\n')\n")
        self.serve()
        self.agent()
        spec = "command: [python3, show.py, \"${args}\"]\nworkdir: .\nmethod: grid\nparameters: {x: {values: %s}}\n"
        self.besom("sweep", self.write("values.yaml", spec % json.dumps(values)))
        self.until_ended()
        said = (self.folder / "said.txt").read_text().splitlines()
        self.assertEqual(sorted(said), sorted(repr(["--x=" + value]) for value in values))
        self.assertFalse((self.folder / "pwned").exists())
        self.end_all()


class Controller(controller_test.Case):
    def test_cve_2026_91771_names_from_the_server(self):
        """W&B: a client wrote files under the names that the server said. Here an agent trusts no name of its controller."""
        agent = self.begin_agent("--slots", 4)
        before = sorted(str(p) for p in self.root.rglob("*") if "/agent.a/" not in str(p))
        for number, sweep in enumerate(("../../evil", "/tmp/evil", "a/b", "..", "")):
            self.control.describe(sweep)
            self.control.launch(number, 0, sweep)
            self.control.send(type="log_read", sweep=sweep, trial=0, attempt=1, max=4096, lines=0, fold=0, to=0, find="", request=number,
                              **{"from": 0})
        self.control.send(type="log_read", sweep="s1", trial=0, attempt=1, max=4096, lines=0, fold=0, to=0, find="", request=99, **{"from": 0})
        while True:
            answer = self.control.message("log")
            self.assertEqual(answer["bytes"], "", answer)
            self.assertNotEqual(answer["error"], "", answer)
            if answer["request"] == 99:
                break
        for number, (sweep, path) in enumerate((("..", "a"), ("../..", ""), ("s1", "../../../secret"), ("s1", "/etc/passwd"))):
            self.control.send(type="files_read", sweep=sweep, trial=0, attempt=1, path=path, max=4096, request=number, **{"from": 0})
            answer = self.control.message("files")
            self.assertEqual((answer["bytes"], answer["rows"], answer["error"]), ("", None, "ERR_NOT_FOUND"), answer)
        self.assertEqual(self.shims(), [])
        self.assertEqual(sorted(str(p) for p in self.root.rglob("*") if "/agent.a/" not in str(p)), before)
        self.end_agent(agent)


if __name__ == "__main__":
    fleet.main()
