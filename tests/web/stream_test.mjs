// SPDX-License-Identifier: GPL-3.0-or-later
// Facts that come in a stream, cut or whole: stage.mjs. The checks have the numbers of the design's list.
import assert from "node:assert/strict";
import {
  another,
  at,
  BIG,
  context,
  end,
  expected,
  figures,
  line,
  long,
  page,
  please,
  ready,
} from "./stage.mjs";
import {running, seen, settled, test, trials, until} from "./stage.mjs";

const SLOTS = Number(process.env.SLOTS),
  path = trials ? BIG : "/s/" + (await please("sweep")),
  columns = (asked) => asked.filter((path) => /\/columns($|\?)/.test(path) && !path.includes("trials="));
let ids = (await please("running", SLOTS)).split(" ");

// What a page shows is what another one shows that is opened now.
async function isFresh() {
  const other = await context.newPage();
  await other.goto(page.url());
  await ready(other);
  const want = await seen(other);
  await other.close();
  await until((want) => window.seenNow() === want, JSON.stringify(want)).catch(async () =>
    assert.deepEqual(await seen(), want),
  );
}

async function opened(query = "") {
  await page.goto(at(path + query));
  await ready();
  await running(SLOTS);
  await page.waitForSelector("text=● live", {timeout: 60000});
  await page.evaluate(`window.seenNow = () => JSON.stringify((${seen.reader})())`);
}

async function newTrial() {
  const last = ids.at(-1);
  await please("report", ids[0], 0.9);
  await please("ends", ids[0]);
  ids = (await please("running", SLOTS)).split(" ");
  assert.notEqual(ids.at(-1), last);
}

await test("18: after a cut of its events, the page is as if it was loaded anew, without reading all trials", async () => {
  await opened();
  const from = line.asked.length;
  line.cut();
  await please("feed", long ? 500 : 3 * SLOTS, long ? 50 : 100);
  await newTrial();
  await page.waitForSelector("text=no contact since", {timeout: 60000});
  line.mend();
  await page.waitForSelector("text=● live", {timeout: 60000});
  await isFresh();
  const whole = columns(line.asked.slice(from));
  assert.equal(whole.length, 1, "that of the fresh page: " + whole);
  expected(/net::ERR_/); // the events that were cut
});

await test("19: where too many facts were missed, all is read once, and the view stays", async () => {
  await opened(`?f=number>=${Math.max(0, trials - 9)}&sort=number&sel=` + ids[2].split("-")[1]);
  const top = await page.$eval(".rows", (e) => (e.scrollTo(0, 40), e.scrollTop)); // 0 where there are few
  await settled();
  const from = line.asked.length,
    url = page.url(),
    rows = (await seen()).rows.map((row) => row[0]);
  line.cut();
  await please("feed", 2 * SLOTS, 100);
  await page.waitForSelector("text=no contact since", {timeout: 60000});
  line.patience = 3;
  line.mend();
  await page.waitForSelector("text=● live", {timeout: 60000});
  for (let i = 0; i < 300 && columns(line.asked.slice(from)).length < 1; i++) await page.waitForTimeout(100);
  line.patience = 0;
  await please("report", ids[1], 0.95); // and afterwards it goes on
  await until(() => document.querySelector(".rows").textContent.includes("0.95"));
  assert.equal(columns(line.asked.slice(from)).length, 1);
  assert.equal(page.url(), url);
  assert.equal(await page.$eval(".rows", (e) => e.scrollTop), top);
  assert.deepEqual(
    (await seen()).rows.map((row) => row[0]),
    rows,
  );
  expected(/net::ERR_/);
});

await test("an answer that facts have overtaken is shown, and one is asked for at a time", async () => {
  let enough = false;
  const updates = () => line.asked.filter((path) => path.includes("/columns?trials=")).length,
    more = async (to) => {
      while (!enough && updates() < to) await new Promise((go) => setTimeout(go, 50));
    },
    begun = async () => {
      await newTrial(); // a decision
      await newTrial();
    },
    // Facts until the work is done; each answer comes after the page has read what some of them have changed.
    late = async (tab, drawn, feed, pattern = new RegExp(`/${tab}(\\?|$)`), after = 2) => {
      let asking = 0,
        most = 0;
      const hold = async (route) => {
        if (route.request().resourceType() !== "fetch") return route.continue();
        most = Math.max(most, ++asking);
        await more(updates() + after);
        asking--;
        await route.continue().catch(() => {});
      };
      enough = false;
      await page.route(pattern, hold);
      const feeding = (async () => {
        while (!enough) await feed();
      })();
      await page.goto(at(path + "?tab=" + tab));
      await page.waitForSelector(drawn, {timeout: 15000}).finally(() => (enough = true));
      await feeding;
      await page.unroute(pattern, hold);
      assert.equal(most, 1, tab);
    },
    reports = () => please("feed", 10, 20);
  await late("curves", "#chart-curves canvas", reports);
  await late("timeline", "#chart-timeline canvas", reports);
  await late("explain", "ol.explain li", begun);
  await late("spec", ".head .slots", reports, /\/pace$/, 6);
});

// What the page's thread was kept busy with for long, what it holds, and how much is in its documents.
async function weigh(some) {
  const cdp = await some.context().newCDPSession(some);
  for (let i = 0; i < 3; i++) await cdp.send("HeapProfiler.collectGarbage");
  const {usedSize} = await cdp.send("Runtime.getHeapUsage"),
    {nodes, jsEventListeners} = await cdp.send("Memory.getDOMCounters");
  await cdp.detach();
  return {bytes: usedSize, nodes, listeners: jsEventListeners};
}

// A page of its own whose timers are so many times faster; it has no worker, whose timers would not be.
async function fast(times) {
  const its = await another({storageState: await context.storageState()});
  await its.addInitScript((times) => {
    delete window.SharedWorker;
    const [timeout, interval] = [window.setTimeout, window.setInterval];
    window.setTimeout = (f, ms, ...more) => timeout(f, (ms ?? 0) / times, ...more);
    window.setInterval = (f, ms, ...more) => interval(f, (ms ?? 0) / times, ...more);
    window.long = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.long.push(Math.round(entry.duration));
    }).observe({type: "longtask"});
  }, times);
  const some = await its.newPage();
  await some.goto(at(path));
  await ready(some);
  await some.waitForSelector("text=● live", {timeout: 60000});
  return some;
}

const RATE = SLOTS * 4, // an agent reads what its trials report every 200 ms
  weighed = async (some, n, rate) => {
    const a = await weigh(some);
    await please("feed", n, rate);
    await some.waitForTimeout(300); // with a clock that is faster, it has always something to do
    const b = await weigh(some);
    return {bytes: b.bytes - a.bytes, nodes: b.nodes - a.nodes, listeners: b.listeners - a.listeners};
  };

await test("7, 8: facts that come for long grow neither the heap nor the document", async () => {
  const some = await fast(10),
    from = line.asked.length,
    first = await weighed(some, 6 * SLOTS, RATE),
    second = await weighed(some, 6 * SLOTS, RATE),
    text = JSON.stringify([first, second]);
  assert.deepEqual(columns(line.asked.slice(from)), [], "no update reads all trials");
  assert.ok(second.bytes < 500000, "bytes of the heap: " + text);
  assert.ok(Math.abs(second.nodes) < 50 && second.listeners < 20, "of the document: " + text);
  await some.context().close();
});

// The long forms, whose figures are for people: docs/BENCHMARKS.md.
if (long)
  await test("7: 50 facts a second for 60 s", async () => {
    const some = await fast(1);
    await weighed(some, 100, 50);
    await some.evaluate(() => (window.long = []));
    figures.minute = await weighed(some, 3000, 50);
    figures.minute.long = await some.evaluate(() => window.long.sort((a, b) => b - a).slice(0, 5));
    await some.context().close();
  });
if (long && trials < 1000)
  await test("8: the facts of an hour, 20 a second, with a clock that is ten times faster", async () => {
    const some = await fast(10),
      from = line.asked.length;
    await weighed(some, 2000, 200);
    figures.hour = [];
    for (let i = 0; i < 6; i++) figures.hour.push(await weighed(some, 12000, 200));
    figures.updates = line.asked.slice(from).filter((path) => path.includes("/columns?trials=")).length;
    await some.context().close();
  });

await end();
