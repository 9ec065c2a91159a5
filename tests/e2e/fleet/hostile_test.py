#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that are up to no good, or whose credential is no longer good, against the controller's port."""
import base64
import json
import re
import socket
import struct

import fleet


class Link:
    """A raw connection to the controller; as a WebSocket, what an agent sends and gets."""

    def __init__(self, case, path, token, *headers, source="127.0.0.1"):
        host, _, port = case.url.split("//")[1].partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=fleet.PATIENCE, source_address=(source, 0))
        lines = ["GET %s HTTP/1.1" % path, "Host: localhost", "Authorization: Bearer " + token, *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.got = b""

    def need(self, done):
        """Reads until there is enough; False at the end of the connection."""
        while not done():
            piece = self.socket.recv(65536)
            if not piece:
                return False
            self.got += piece
        return True

    def head(self):
        assert self.need(lambda: b"\r\n\r\n" in self.got), self.got
        head, _, self.got = self.got.partition(b"\r\n\r\n")
        return int(head.split()[1])

    def rest(self):
        self.need(lambda: False)
        self.socket.close()
        return self.got.decode("utf-8", "replace")

    def send(self, message):
        text = json.dumps(message).encode()
        self.socket.sendall(b"\x81\xfe" + struct.pack(">H", len(text)) + bytes(4) + text)

    def message(self):
        """The next one of an agent's link; None when it was closed."""
        while self.need(lambda: len(self.got) >= 4):
            size, at = self.got[1], 2
            if size == 126:
                size, at = struct.unpack(">H", self.got[2:4])[0], 4
            if not self.need(lambda: len(self.got) >= at + size):
                return None
            code, text = self.got[0] & 15, self.got[at:at + size]
            self.got = self.got[at + size:]
            if code == 8:
                return None
            if code == 1 and text:
                return json.loads(text)
        return None


UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
           "Sec-WebSocket-Key: " + base64.b64encode(bytes(16)).decode())


def hello(name):
    return {"type": "hello", "store": "", "epoch": 0, "version": 1, "agent": name, "instance": 1, "slots": [{}],
            "host": {}, "leaving": "", "held": []}


class Case(fleet.Case):
    def token(self, scope, *options):
        return json.loads(self.besom("token", "create", "--scope", scope, *options, "--store", self.store,
                                     "--json"))["token"]

    def revoke(self, token):
        self.besom("token", "revoke", token.split("_")[2], "--store", self.store)

    def link(self, token, name, **options):
        link = Link(self, "/agent/v1", token, *UPGRADE, **options)
        self.assertEqual(link.head(), 101)
        link.send(hello(name))
        return link

    def post(self, path, token, body):
        text = json.dumps(body)
        link = Link(self, "/healthz", token)
        link.socket.sendall(("POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
                             "Content-Length: %d\r\n\r\n%s" % (path, token, len(text), text)).encode())
        answer = link.rest().partition("HTTP/1.1 ")[2].partition("HTTP/1.1 ")[2]
        return int(answer.split()[0]), answer


class Revoked(Case):
    def test_an_agent_loses_its_link_at_once(self):
        self.serve()
        token = self.token("agent", "--name", "a")
        link = self.link(token, "a")
        self.assertEqual(link.message()["type"], "welcome")
        self.revoke(token)
        self.assertIsNone(link.message())
        self.assertEqual(Link(self, "/agent/v1", token, *UPGRADE).head(), 401)
        self.end_all()

    def test_a_link_ends_with_its_own_credential_and_no_other(self):
        self.serve()
        mine, other = self.token("agent", "--name", "a"), self.token("agent", "--name", "a")
        link = self.link(mine, "a")
        self.assertEqual(link.message()["type"], "welcome")
        self.revoke(other)
        self.besom("drain", "a")
        self.assertEqual(link.message()["type"], "drained")
        self.revoke(mine)
        self.assertIsNone(link.message())
        self.end_all()

    def test_what_is_open_ends_when_its_credential_expires(self):
        self.serve()
        agent, viewer = self.token("agent", "--name", "a", "--expires", "4s"), self.token("viewer", "--expires", "4s")
        link, events = self.link(agent, "a"), Link(self, "/api/v1/events", viewer)
        mine = link.message()
        self.assertEqual(mine["type"], "welcome")
        self.assertEqual(events.head(), 200)
        self.assertIn(link.message(), (None, {"type": "renew", "store": mine["store"], "epoch": 1}))
        self.assertIsNone(link.message())
        self.assertNotIn("id:", events.rest())
        self.assertEqual(Link(self, "/agent/v1", agent, *UPGRADE).head(), 401)
        self.end_all()

    def test_events_end_at_once_and_those_of_others_go_on(self):
        self.serve()
        token = self.token("viewer")
        mine, other = Link(self, "/api/v1/events", token), Link(self, "/api/v1/events", self.token("viewer"))
        self.assertEqual((mine.head(), other.head()), (200, 200))
        self.revoke(token)
        self.assertNotIn("id:", mine.rest())
        self.create("method: random\nrun_cap: 1\nparameters: {x: {min: 0.0, max: 1.0}}\n", "true\n")
        self.assertTrue(other.need(lambda: b"id: " in other.got))
        other.socket.close()
        self.end_all()

    def test_one_viewer_has_so_many_streams(self):
        self.serve()
        token = self.token("viewer")
        streams = [Link(self, "/api/v1/events?from=0", token) for _ in range(64)]
        self.assertEqual([stream.head() for stream in streams], [200] * 64)
        more = Link(self, "/api/v1/events", token, "Connection: close")
        self.assertEqual(more.head(), 429)
        self.assertIn("64 streams of events", more.rest())
        other = Link(self, "/api/v1/events?from=999999999999999999", self.token("viewer"))
        self.assertEqual(other.head(), 200)
        self.assertTrue(other.need(lambda: b"event: reset" in other.got))
        for stream in [other, *streams]:
            stream.socket.close()
        self.end_all()


class Handshakes(Case):
    def test_half_open_ones_keep_nobody_out(self):
        """Many hosts may share one address: those that begin no handshake must not shut the door for the others."""
        self.listen = "0.0.0.0:0"
        self.serve()
        port = int(self.url.split("#")[0].rpartition(":")[2])
        self.env["BESOM_SERVER"] = self.url.replace(self.url.split("//")[1].split("#")[0], "127.0.0.1:%d" % port)
        idle = []
        for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            for _ in range(260):
                idle.append(socket.create_connection(("127.0.0.1", port), source_address=(source, 0)))
            self.assertEqual(self.look("ls"), [])
        for one in idle:
            one.close()
        self.end_all()


class Names(Case):
    def test_a_token_of_an_agent_names_it(self):
        self.serve()
        self.assertIn("name of the agent", self.says("token", "create", "--scope", "agent", "--store", self.store, code=2))
        token = self.token("agent", "--name", "a")
        self.assertEqual(self.link(token, "b").message()["type"], "refused")
        self.assertEqual(self.link(token, "a").message()["type"], "welcome")
        self.end_all()

    def test_refusals_of_one_neither_fill_the_log_nor_hide_another(self):
        self.serve()
        a, b = self.token("agent", "--name", "a"), self.token("agent", "--name", "b")
        for _ in range(20):
            self.assertEqual(self.link(a, "x").message()["type"], "refused")
        self.assertEqual(self.link(b, "x").message()["type"], "refused")
        self.assertEqual(self.link(a, "x", source="127.0.0.2").message()["type"], "refused")
        self.end_all()
        lines = re.findall(r"peer.refused who=(\S+) (?:peer=\d+ (why)=.*|left_out=(\d+))", self.said(self.controller))
        self.assertEqual([lines.count((who, "why", "")) for who in ("a@127.0.0.1", "b@127.0.0.1", "a@127.0.0.2")], [16, 1, 1])
        self.assertEqual(lines[18:], [("a@127.0.0.1", "", "4")])

    def test_a_join_whose_answer_was_lost_is_repeated(self):
        self.serve()
        token = self.first["join"].rpartition(",")[2]
        body = {"name": "a", "token": "abcdefgh", "hash": "0" * 64}
        self.assertEqual(self.post("/api/v1/join", token, body)[0], 200)
        status, answer = self.post("/api/v1/join", token, body)
        self.assertEqual(status, 200, answer)
        self.assertIn('"abcdefgh"', answer)
        status, answer = self.post("/api/v1/join", token, dict(body, name="b", token="bcdefghi", hash="1" * 64))
        self.assertEqual(status, 403, answer)
        self.assertIn("used", answer)
        self.end_all()


class Guesses(Case):
    def test_after_ten_in_a_minute_they_are_answered_late(self):
        self.serve()
        for _ in range(10):
            self.assertEqual(Link(self, "/api/v1/sweeps", "bsm_guess").head(), 401)
        late = [Link(self, "/api/v1/sweeps", "bsm_guess") for _ in range(64 + 16)]
        self.assertEqual(late.pop().head(), 429)  # no more wait than 64
        self.assertEqual(Link(self, "/api/v1/sweeps", self.first["admin"]).head(), 200)
        self.assertEqual(Link(self, "/api/v1/sweeps", "bsm_guess", source="127.0.0.2").head(), 401)
        self.assertEqual(late[0].head(), 401)
        self.end_all()


class Logs(Case):
    def ask(self, token, query):
        return Link(self, "/api/v1/sweeps/aaaaaa/log?trial=0&agent=a&fold=1" + query, token, "Connection: close")

    def test_one_viewer_does_not_keep_an_agent_busy(self):
        self.serve()
        link = self.link(self.token("agent", "--name", "a"), "a")
        self.assertEqual(link.message()["type"], "welcome")
        mine, other = self.token("viewer"), self.token("viewer")
        long = self.ask(mine, "&find=" + "A" * 201)
        self.assertEqual(long.head(), 400)
        self.assertIn("more than 200 bytes", long.rest())
        for _ in range(4):
            asked = self.ask(mine, "&find=" + "A" * 200)
            self.assertEqual(link.message()["type"], "log_read")
            asked.socket.close()  # gone, but the agent is at it
        files = Link(self, "/api/v1/sweeps/aaaaaa/files?trial=0&agent=a", mine, "Connection: close")
        self.assertEqual(files.head(), 200)
        self.assertIn("ERR_BUSY", files.rest())
        refused = self.ask(mine, "")
        self.assertEqual(refused.head(), 200)
        self.assertIn("ERR_BUSY", refused.rest())
        asked = self.ask(other, "")
        self.assertEqual(link.message()["type"], "log_read")
        asked.socket.close()
        self.end_all()


class Starts(Case):
    def test_on_a_port_in_use(self):
        self.serve()
        said = self.says("serve", "--listen", self.listen, "--store", self.root / "other", code=1)
        self.assertIn("in use", said)
        self.assertNotIn("Sanitizer", said)
        self.end_all()


if __name__ == "__main__":
    fleet.main()
