# SPDX-License-Identifier: GPL-3.0-or-later
"""A link that can be made bad: a proxy for TCP, in a thread of the test."""
import random
import select
import socket
import threading

MODES = ("pass", "cut", "blackhole", "deaf", "mute", "slow", "dribble")
CHUNK = 65536


class Pair:
    """Bytes from one socket to the other, held until they may go on."""

    def __init__(self, source, sink, forward):
        self.source, self.sink, self.forward, self.held, self.ended = source, sink, forward, b"", False


class Proxy:
    """Forwards connections to `target`, (host, port). mode: as bytes go on now. cut: every connection ends, new ones too;
    blackhole: nothing goes on, in silence; deaf, mute: the same for one direction; slow: 4 KiB a second; dribble: one byte
    at a time. What was held goes on when the link is good again. cut_after: cuts itself after so many bytes."""

    def __init__(self, target, seed=0, address="127.0.0.1"):
        self.target, self.random, self.mode, self.address = target, random.Random(seed), "pass", address
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        self.pairs, self.accepted, self.closing, self.passed, self.cut_after = [], 0, False, 0, None
        self.met = dict.fromkeys(MODES, 0)  # by mode: bytes that went on; times that some waited or a connection ended
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        self.closing = True
        self.thread.join()

    def drop(self, pair):
        for other in [p for p in self.pairs if p.source in (pair.source, pair.sink)]:
            self.pairs.remove(other)
        for end in (pair.source, pair.sink):
            end.close()

    def accept(self):
        client, _ = self.listener.accept()
        self.accepted += 1
        if self.mode == "cut":
            client.close()
            return
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.setblocking(False)
        self.pairs += [Pair(client, server, True), Pair(server, client, False)]

    def is_open(self, pair):
        return not (self.mode == "blackhole" or (self.mode == "deaf" and not pair.forward) or
                    (self.mode == "mute" and pair.forward))

    def read(self, pair):
        try:
            data = pair.source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        pair.held += data
        pair.ended = not data

    def write(self, pair):
        most = {"slow": 80, "dribble": 1}.get(self.mode, CHUNK)
        try:
            sent = pair.sink.send(pair.held[:most])
        except BlockingIOError:
            return
        except OSError:
            self.drop(pair)
            return
        pair.held = pair.held[sent:]
        self.passed += sent
        self.met[self.mode] += sent
        if self.cut_after is not None and self.passed >= self.cut_after:
            self.mode, self.cut_after = "cut", None

    def step(self, pair):
        if self.mode == "cut":
            self.met[self.mode] += 1
            self.drop(pair)
        elif pair.held and not self.is_open(pair):
            self.met[self.mode] += 1
        elif pair.held and self.is_open(pair):
            self.write(pair)
        elif pair.ended and not pair.held and self.is_open(pair):
            self.drop(pair)

    def run(self):
        while not self.closing:
            reading = {p.source: p for p in self.pairs if len(p.held) < CHUNK and not p.ended}
            waiting = any(p.held for p in self.pairs)
            ready, _, _ = select.select([self.listener, *reading], [], [], 0.02 if waiting or self.mode == "cut" else 0.1)
            for source in ready:
                if source is self.listener:
                    self.accept()
                elif source in reading and source.fileno() >= 0:
                    self.read(reading[source])
            for pair in list(self.pairs):
                if pair in self.pairs:
                    self.step(pair)
        for pair in list(self.pairs):
            if pair in self.pairs:
                self.drop(pair)
        self.listener.close()
