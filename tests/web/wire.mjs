// SPDX-License-Identifier: GPL-3.0-or-later
// A wire between the browser and the controller: it notes what all tabs and workers ask for, and can be cut.
import {connect, createServer} from "node:net";

export async function wire(link) {
  const url = new URL(link),
    to = {port: Number(url.port), host: url.hostname},
    open = new Set(), // the connections with events
    w = {asked: [], isCut: false, patience: 0};
  const server = createServer((client) => {
    const there = connect(to),
      end = () => (client.destroy(), there.destroy());
    for (const [from, to] of [
      [client, there],
      [there, client],
    ]) {
      from.on("close", end);
      from.on("error", end);
      if (from === there) from.on("data", (bytes) => to.write(bytes));
    }
    client.on("data", (bytes) => {
      let text = bytes.toString("latin1");
      const path = /^[A-Z]+ (\S+) HTTP/.exec(text)?.[1];
      if (path) w.asked.push(path);
      if (path?.startsWith("/api/v1/events")) {
        if (w.isCut) return end();
        open.add(client);
        client.on("close", () => open.delete(client));
        // So many facts may be missed: a number of as many digits as the page's.
        if (w.patience)
          text = text.replace(/most=(\d+)/, (all, n) => "most=" + String(w.patience).padStart(n.length, "0"));
      }
      there.write(text, "latin1");
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  url.port = server.address().port;
  // Events alone, until it is mended: what else is asked for arrives.
  w.cut = () => {
    w.isCut = true;
    for (const client of open) client.destroy();
  };
  w.idle = async () => {
    while (open.size) await new Promise((go) => setTimeout(go, 50));
  };
  w.mend = () => {
    w.isCut = false;
  };
  w.link = url.href;
  w.close = () => server.close();
  return w;
}
