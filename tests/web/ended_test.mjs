// SPDX-License-Identifier: GPL-3.0-or-later
// The page of `besom run`, in tabs that are open when it ends: ended_web.py.
import assert from "node:assert/strict";
import {please} from "./asked.mjs";
import {api, at, context, done, expected, hide, page, test} from "./checks.mjs";

const states = (some) => some.$$eval(".rows .row .state", (all) => all.map((e) => e.textContent));

await test("tabs that are open when besom run ends show how it ended", async () => {
  await page.waitForSelector("table.list tbody tr");
  const [{id}] = await api("sweeps"),
    [trial, list, hidden] = [await context.newPage(), await context.newPage(), await context.newPage()];
  await page.goto(at("/s/" + id));
  await page.waitForSelector(".rows .row:nth-child(3)", {timeout: 60000});
  await trial.goto(at(`/t/${id}-1`));
  await list.goto(at("/"));
  await hidden.goto(at("/s/" + id));
  for (const tab of [page, trial, list, hidden]) await tab.waitForSelector("text=● live", {timeout: 60000});
  await hidden.waitForSelector(".rows .row:nth-child(3)", {timeout: 60000});
  await hide(hidden, true);
  for (const tab of [page, trial, list]) await tab.waitForSelector(".state:has-text('running') >> nth=0");
  assert.equal(await please("go"), "ended with 0");
  for (const tab of [page, trial, list]) {
    await tab.waitForSelector(
      "text=besom run has ended; to view its results, run besom serve --store store",
      {
        timeout: 60000,
      },
    );
    await tab.waitForFunction(
      () => ![...document.querySelectorAll(".state")].some((e) => /running|pending/.test(e.textContent)),
      null,
      {timeout: 60000},
    );
  }
  assert.equal((await states(page)).filter((text) => text.includes("finished")).length, 4);
  assert.match(await page.textContent(".head"), /sweep\.yaml · grid.*finished.*4 of 4.*0\.25/s);
  assert.match(await page.title(), /^\w+ sweep\.yaml 0\.25 · besom$/);
  for (const tab of [page, list])
    assert.equal((await tab.$$(".error")).length, 0, await tab.textContent("main"));
  assert.match(await trial.textContent("main"), /finished/);
  assert.match(await list.textContent("table.list"), /finished.*4 of 4/);
  await hide(hidden, false);
  await hidden.waitForFunction(
    () => /finished.*4 of 4/s.test(document.querySelector(".head").textContent),
    null,
    {timeout: 60000},
  );
  assert.equal((await states(hidden)).filter((text) => text.includes("finished")).length, 4);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.click(".tabs a:has-text('Timeline')");
  await page.waitForSelector("text=besom run has ended >> nth=1");
  assert.deepEqual(asked, [], "its address may be another program's by now");
  expected(/net::ERR_/); // what was asked for while it ended
});

await test("another controller at its address is that of the tabs that come then", async () => {
  const next = await context.newPage();
  await next.goto(await please("serve"));
  await next.waitForSelector("text=● live", {timeout: 60000});
  assert.match(await page.textContent(".top"), /besom run has ended/);
});

await done();
