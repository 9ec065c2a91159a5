#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that is up to no good, against an agent that trusts it: besom agent starts nothing beyond its slots, its
memory has a bound, and it works for one store."""
import base64
import hashlib
import json
import socket
import struct

import fleet

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TOKEN = "bsm_agent_abcdefgh_" + "0" * 43 + "_"


def token():
    import zlib
    digits, text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", TOKEN[:-1]
    left, out = zlib.crc32(text.encode()), ""
    for _ in range(6):
        left, digit = divmod(left, 62)
        out = digits[digit] + out
    return text + "_" + out


class Controller:
    """Listens, and speaks to one agent at a time by hand."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(fleet.PATIENCE)
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]

    def accept(self):
        self.socket, _ = self.listener.accept()
        self.socket.settimeout(fleet.PATIENCE)
        self.got = b""
        while b"\r\n\r\n" not in self.got:
            self.got += self.socket.recv(65536)
        head, _, self.got = self.got.partition(b"\r\n\r\n")
        key = [line.split(b":", 1)[1].strip() for line in head.split(b"\r\n")
               if line.lower().startswith(b"sec-websocket-key:")][0]
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.socket.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        return self.message("hello")

    def need(self, n):
        while len(self.got) < n:
            piece = self.socket.recv(65536)
            if not piece:
                return False
            self.got += piece
        return True

    def message(self, kind):
        """The next message of this kind; None at the end of the link."""
        while self.need(2):
            size, at = self.got[1] & 127, 2
            if size >= 126:
                at = 4 if size == 126 else 10
                if not self.need(at):
                    return None
                size = int.from_bytes(self.got[2:at], "big")
            if not self.need(at + 4 + size):
                return None
            mask, text = self.got[at:at + 4], self.got[at + 4:at + 4 + size]
            code = self.got[0] & 15
            self.got = self.got[at + 4 + size:]
            text = bytes(b ^ mask[i % 4] for i, b in enumerate(text))
            if code == 8:
                return None
            if code == 1 and text and json.loads(text)["type"] == kind:
                return json.loads(text)
        return None

    def send(self, **message):
        text = json.dumps({"store": "s", "epoch": 1, **message}).encode()
        n = len(text)
        head = (struct.pack(">BB", 0x81, n) if n < 126 else struct.pack(">BBH", 0x81, 126, n) if n < 65536
                else struct.pack(">BBQ", 0x81, 127, n))
        self.socket.sendall(head + text)

    def welcome(self, store="s"):
        self.send(type="welcome", version=1, store=store)

    def describe(self, sweep, program="true"):
        self.send(type="sweep", sweep=sweep, command=["sh", "-c", "touch $BESOM_SLOT.$$; sleep 1000"], flags=None,
                  program=program, env={}, wandb=None, workdir="", snapshot="", time_ms=0, report={})

    def launch(self, trial, slot, sweep="s1"):
        self.send(type="launch", sweep=sweep, trial=trial, attempt=1, slot=slot, grant={"slots": [slot]}, params={},
                  offsets=[0, 0])


class Case(fleet.Case):
    def setUp(self):
        super().setUp()
        self.control = Controller()
        self.addCleanup(self.control.listener.close)
        place = self.root / "agent.a"
        place.mkdir(mode=0o700)
        (place / "controller").write_text(self.control.url + "\n")
        (place / "agent.token").write_text(token() + "\n")
        (place / "agent.token").chmod(0o600)

    def begin_agent(self, *options):
        agent = self.agent("a", *options)
        self.control.accept()
        self.control.welcome()
        return agent

    def memory(self, process):
        with open("/proc/%d/status" % process.pid) as f:
            return [int(line.split()[1]) for line in f if line.startswith("VmRSS")][0] << 10

    def end_agent(self, agent):
        self.control.socket.close()
        agent.terminate()
        agent.wait(fleet.PATIENCE)
        self.kill_alive()


class Hostile(Case):
    def test_no_trial_starts_beyond_the_slots(self):
        agent = self.begin_agent("--slots", 2)
        self.control.describe("s1")
        for trial, slot in enumerate((0, 1, 2, 7, 1, 0)):
            self.control.launch(trial, slot)
        refused = [self.control.message("ended") for _ in range(4)]
        self.assertEqual([m["trial"] for m in refused], [2, 3, 4, 5])
        self.assertEqual({m["cause"] for m in refused}, {"interrupt"})
        self.assertEqual(refused[0]["text"], "the controller asks for slot 2, but this agent has 2")
        self.assertEqual(refused[2]["text"], "the controller asks for slot 1, where a trial runs already")
        fleet.wait_until(lambda: len(self.shims()) == 2, "two trainings")
        self.control.launch(6, 0)
        self.assertEqual(self.control.message("ended")["trial"], 6)
        self.assertEqual(len(self.shims()), 2)
        self.assertIn("the controller asks for slot 7, but this agent has 2", self.said(agent))
        self.end_agent(agent)

    def test_memory_has_a_bound(self):
        agent = self.begin_agent()
        before = self.memory(agent)
        with self.assertRaises(OSError):  # the agent ends the link
            for number in range(1000):
                self.control.describe("s%d" % number, "x" * (900 << 10))
        fleet.wait_until(lambda: "describes more sweeps than this agent has memory for" in self.said(agent), "a word")
        self.assertLess(self.memory(agent) - before, 400 << 20)  # with sanitizers, which keep what was freed
        self.control.accept()  # and comes back
        self.control.welcome()
        self.end_agent(agent)

    def test_another_store_is_refused(self):
        agent = self.begin_agent()
        self.control.describe("s1")
        self.control.launch(0, 0)
        fleet.wait_until(lambda: len(self.shims()) == 1, "a training")
        self.control.welcome("another")
        self.assertIsNone(self.control.message("nothing"))
        said = "the controller has the store another, but this agent works for the store s"
        fleet.wait_until(lambda: said in self.said(agent), "a word")
        self.assertEqual(self.control.accept()["store"], "s")
        self.assertEqual(len(self.shims()), 1)
        self.end_agent(agent)


if __name__ == "__main__":
    fleet.main()
