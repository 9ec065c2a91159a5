# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller, agents, and a person elsewhere who uses both: each with a folder of its own. In the end no process of
theirs may be left."""
import http.client
import json
import os
import pathlib
import re
import signal
import ssl
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "run"))
import proxy  # noqa: E402
import scene  # noqa: E402

main = scene.main
wait_until = scene.wait_until
PATIENCE = scene.PATIENCE


class Case(scene.Case):
    """The person's commands run in self.folder, with BESOM_SERVER and BESOM_TOKEN."""

    def setUp(self):
        super().setUp()
        self.root = self.folder.parent
        self.store = self.root / "controller"
        self.agents, self.listen = {}, "127.0.0.1:0"
        del self.env["BESOM_STORE"]
        self.env["XDG_STATE_HOME"] = str(self.root / "state")

    def alive(self):
        """The shims and trainings of every agent."""
        found = {}
        for place in self.root.glob("agent.*"):
            found.update(scene.processes(place))
        return found

    def serve(self, *options):
        """The controller; the first time, what it printed is self.first."""
        controller = self.begin("serve", "--listen", self.listen, "--store", self.store, "--json", *options)
        wait_until(lambda: "\n" in self.said(controller) or controller.poll() is not None, "the controller")
        lines = [line for line in self.said(controller).splitlines() if line.startswith("{")]
        self.assertTrue(lines, self.said(controller))
        printed = json.loads(lines[-1])
        if printed["admin"]:
            self.first = printed
        self.url = printed["url"]
        self.listen = "%s:%s" % (self.listen.rpartition(":")[0], re.search(r":(\d+)(#|$)", self.url).group(1))
        self.env["BESOM_SERVER"], self.env["BESOM_TOKEN"] = self.url, self.first["admin"]
        self.controller = controller
        return controller

    def join_string(self):
        return self.besom("token", "create", "--scope", "join", "--store", self.store).strip()

    def agent(self, name="a", *options, link=None, inside=()):
        """An agent in a folder of its own; it joins the first time, through a link (proxy.Proxy) if it is given one."""
        place = self.root / ("agent." + name)
        join = [] if place.exists() else ["--join", self.join_string()]
        if join and link:
            join[1] = join[1].replace(self.listen, "%s:%d" % (link.address, link.port))
        agent = self.begin("agent", *join, "--name", name, "--dir", place, "--workdir", self.folder, *options,
                           inside=inside)
        self.agents[name] = agent
        return agent

    def link(self, seed=0, address="127.0.0.1"):
        """A link to the controller that can be made bad. Agents find it at this address."""
        host, _, port = self.listen.rpartition(":")
        link = proxy.Proxy((host, int(port)), seed, address)
        self.addCleanup(link.close)
        return link

    def asker(self):
        """A function from a path of the controller's API to its answer, over one connection."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # besom's commands look at the fingerprint
        url = urllib.parse.urlsplit(self.url)
        connection = (http.client.HTTPSConnection(url.netloc, context=context) if url.scheme == "https" else
                      http.client.HTTPConnection(url.netloc))
        self.addCleanup(connection.close)

        def ask(path, whole=None):
            connection.request("GET", whole or "/api/v1/" + path, headers={"Authorization": "Bearer " + self.first["admin"]})
            answer = connection.getresponse()
            text = answer.read().decode()
            self.assertEqual(answer.status, 200, path + ": " + text)
            return text if whole else json.loads(text)
        return ask

    def create(self, spec, train=None):
        return self.besom("sweep", self.sweep(spec, train), "--quiet").strip()

    def until_ended(self, sweep="last", states=("finished", "cancelled")):
        return wait_until(lambda: self.look("show", sweep)["state"] in states, "the end of the sweep")

    def end_all(self):
        for process in [*self.agents.values(), self.controller]:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in [*self.agents.values(), self.controller]:
            process.wait(timeout=PATIENCE)


def tree(folder):
    return sorted(os.listdir(folder))
