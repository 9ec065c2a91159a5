// SPDX-License-Identifier: GPL-3.0-or-later
// The page while a sweep runs: stage.mjs. The checks have the numbers of the design's list.
import assert from "node:assert/strict";
import {
  another,
  at,
  ask,
  BIG,
  context,
  durable,
  end,
  expected,
  figures,
  hide,
  line,
  long,
  number,
  page,
  please,
  ready,
} from "./stage.mjs";
import {running, seen, settled, test, until} from "./stage.mjs";

const SLOTS = Number(process.env.SLOTS);
let path = BIG,
  ids = [];

await test("the first sweep is shown without a reload, and its running trials", async () => {
  if (!long) {
    await page.waitForSelector("text=No sweep yet");
    path = "/s/" + (await please("sweep"));
    await page.click("table.list a", {timeout: 60000});
  } else await page.goto(at(path));
  ids = (await please("running", SLOTS)).split(" ");
  await running(SLOTS);
});

const report = (i, value) => please("report", ids[i], value),
  api = (rest = "") => ask("sweeps/" + path.slice(3) + rest);
// The trial ends, and another one takes its place.
async function ends(i) {
  await please("ends", ids[i]);
  ids = (await please("running", SLOTS)).split(" ");
  ended++;
}
let ended = (await api()).counts.finished ?? 0;

await test("25: running trials are in curves, timeline and table before they end", async () => {
  await page.goto(at(path + "?tab=curves&t=curves"));
  await ready();
  for (let i = 0; i < SLOTS; i++) await report(i, 0.15 + i / 1000);
  const all = ids.map(number);
  await until((all) => {
    const there = [...document.querySelectorAll(".twin tbody tr")].map((row) =>
      Number(row.cells[0].textContent),
    );
    return all.every((n) => there.includes(n));
  }, all);
  await until(
    (all) =>
      all.every((n) =>
        [...document.querySelectorAll(".rows .row:not(.head)")].some(
          (row) =>
            row.children[0].textContent === String(n) &&
            /running/.test(row.textContent) &&
            /0\.1[56]/.test(row.textContent),
        ),
      ),
    all,
  );
  await page.goto(at(path + "?tab=timeline&t=timeline"));
  await until((all) => {
    const there = [...document.querySelectorAll(".twin tbody tr")].filter(
      (row) => row.cells[3].textContent === "running",
    );
    return all.every((n) => there.some((row) => row.cells[4].textContent === String(n)));
  }, all);
  assert.equal((await api()).counts.finished ?? 0, ended);
});

// What the page shows of the best trial: the head, the line of the chart where it has one, its row, and the title of
// the tab.
const isBest = (some, value, n) =>
  until(
    ([value, n]) =>
      document.querySelector(".best b")?.textContent === value &&
      (location.search.includes("tab=table") ||
        document
          .querySelector("#chart-best canvas")
          ?.getAttribute("aria-label")
          .includes("best " + value + ";")) &&
      [...document.querySelectorAll(".rows .row:not(.head)")].some(
        (row) => row.children[0].textContent === String(n) && row.textContent.includes(value),
      ) &&
      document.title.includes(" " + value + " "),
    [value, n],
    some,
  );

await test("24: a new best changes the head, the line, its row and the title", async () => {
  await page.goto(at(path));
  await ready();
  const picture = () => page.$eval("#chart-best canvas", (canvas) => canvas.toDataURL()),
    [best, before] = [number(ids[0]), await picture()],
    fact = await durable((kind, {trial}) => kind === "ended" && trial === best);
  const [shown, since] = await Promise.all([
    isBest(page, "0.0625", best).then(() => Date.now()),
    fact.came(),
    report(0, 0.0625).then(() => ends(0)),
  ]);
  figures.bestMs = shown - since;
  await settled(); // the line is drawn after its name is there
  assert.notEqual(await picture(), before, "the line is drawn anew");
  await running(SLOTS);
});

const counted = (some = page) =>
  until(
    (n) =>
      [...document.querySelectorAll(".head button")].some(
        (e) => e.textContent.replace(/^\D|,/g, "") === n + " finished",
      ),
    ended,
    some,
  );
// A trial ends with this value, and another one begins: the page has it when the head counts it.
async function update(value, some = page) {
  await report(1, value);
  await ends(1);
  await counted(some);
}

await test("23: an update moves neither the filter, the selected trial, a menu nor the focus", async () => {
  await page.fill("#filter", "has:val_loss");
  await page.click(".rows .row:nth-child(3) [role=gridcell]:nth-child(2)");
  await page.click(".trials summary:has-text('columns')");
  await page.fill(".trials .picker input[type=search]", "val");
  const url = page.url();
  await update(0.9);
  assert.equal(page.url(), url);
  assert.equal(await page.inputValue("#filter"), "has:val_loss");
  assert.ok(await page.$(".trials .picker[open]"), "the list of columns is open");
  const [value, at] = await page.evaluate(() => [
    document.activeElement.value,
    document.activeElement.selectionStart,
  ]);
  assert.deepEqual([value, at], ["val", 3], "what is typed, and where");
  await page.click(".trials summary:has-text('columns')");
  await page.fill("#filter", "");
  await page.click("[data-actions]");
  await update(0.91);
  assert.equal(
    await page.getAttribute("[data-actions]", "aria-expanded"),
    "true",
    "the menu of actions is open",
  );
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "menuitem");
  await page.keyboard.press("Escape");
});

await test("23: an update moves no selected text and no table that is scrolled", async () => {
  const last = await page.$$eval(".rows .row:not(.head)", (all) => {
    const cell = all[all.length - 1].querySelector("[role=gridcell]:nth-child(3)");
    getSelection().selectAllChildren(cell);
    return getSelection().toString();
  });
  assert.ok(last);
  await update(0.92);
  assert.equal(await page.evaluate(() => getSelection().toString()), last);
  const box = () =>
    page.$eval(".rows", (e) => [
      e.scrollTop,
      ...[...e.querySelectorAll(".row:not(.head)")].map((row) => row.children[0].textContent),
    ]);
  await page.$eval(".rows", (e) => (e.scrollTop = 40));
  await settled();
  const before = await box();
  assert.equal(before[0], 40);
  await report(1, 0.93);
  await ends(1);
  await page.waitForSelector(".trials header button:has-text('new ▲')", {timeout: 60000});
  assert.deepEqual(await box(), before);
  await page.click(".trials header button:has-text('new ▲')");
  await running(SLOTS);
});

await test("23: an update moves no zoom, and ends none that is being drawn", async () => {
  await page.goto(at(path + "?tab=curves"));
  await page.waitForSelector(".plot canvas", {timeout: 60000});
  await settled();
  const {x, y, width} = await page.locator(".plot canvas").first().boundingBox(),
    drag = async (from, to, between) => {
      await page.mouse.move(x + width * from, y + 60);
      await page.mouse.down();
      await page.mouse.move(x + (width * (from + to)) / 2, y + 62);
      await between();
      await page.mouse.move(x + width * to, y + 64, {steps: 3});
      await page.mouse.up();
    };
  await drag(0.4, 0.9, () => update(0.94));
  await page.waitForFunction(() => location.search.includes("cz="));
  const url = page.url();
  await update(0.95);
  assert.equal(page.url(), url);
  const [from, to] = new URL(url).searchParams.get("cz").split("~").map(Number);
  assert.ok(from < to);
});

await test("22: a hidden tab asks for nothing, and catches up when it is shown", async () => {
  await page.goto(at(path));
  await running(SLOTS);
  await settled();
  await hide(page, true);
  await settled(); // what was asked for before has come
  const asked = line.asked.length,
    best = number(ids[1]);
  await line.idle(); // its events end, too
  await report(1, 0.05);
  await ends(1);
  if (long) await page.waitForTimeout(60000);
  assert.deepEqual(line.asked.slice(asked), []);
  const from = Date.now();
  await hide(page, false);
  await isBest(page, "0.05", best);
  figures.shownMs = Date.now() - from;
});

await test("21: ten tabs are live, and the tenth shows a new best and acts", async () => {
  const tabs = [];
  for (let i = 0; i < 9; i++) tabs.push(await context.newPage());
  // The tenth one draws, too.
  await Promise.all(tabs.map((tab, i) => tab.goto(at(path + (i < 8 ? "?tab=table" : "")))));
  for (const tab of tabs) await tab.waitForSelector("text=● live", {timeout: 60000});
  const best = number(ids[2]);
  await report(2, 0.04);
  await ends(2);
  for (const tab of tabs) await isBest(tab, "0.04", best);
  const from = Date.now(),
    post = (what) =>
      tabs[8].evaluate(
        async (path) => (await fetch(path, {method: "POST"})).status,
        `/api/v1/sweeps/${path.slice(3)}/${what}`,
      );
  assert.equal(await post("pause"), 200);
  figures.tenthPostMs = Date.now() - from;
  for (const tab of [page, ...tabs]) await tab.waitForSelector(".head :text('paused')", {timeout: 60000});
  assert.equal(await post("resume"), 200);
  for (const tab of tabs) await tab.close();
});

await test("12: it works without shared workers, local storage and notifications", async () => {
  const bare = await another({storageState: await context.storageState()});
  await bare.addInitScript(() => {
    delete window.SharedWorker;
    delete window.Notification;
    Object.defineProperty(window, "localStorage", {
      get: () => {
        throw new Error("denied");
      },
    });
  });
  const alone = await bare.newPage();
  await alone.goto(page.url());
  await alone.waitForSelector("text=● live", {timeout: 60000});
  await running(SLOTS, alone);
  for (const tab of await alone.$$eval(".tabs a", (all) => all.map((e) => e.textContent))) {
    await alone.click(`.tabs a:text-is("${tab}")`);
    await alone.waitForSelector(`.tabs [aria-current]:text-is("${tab}")`);
    await alone.waitForSelector("main .card, main pre");
    await alone.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
  }
  await bare.close();
});

if (!long)
  await test("the list follows its sweeps after a question that found nobody", async () => {
    const list = await context.newPage(),
      shows = (text) =>
        until((text) => document.querySelector("table.list")?.textContent.includes(text), text, list);
    await list.goto(at("/"));
    await shows(`${ended} of 100`);
    await list.route(/\/sweeps\?/, (route) => route.abort(), {times: 1});
    await ends(1);
    await shows(`${ended} of 100`);
    await ends(1);
    await shows(`${ended} of 100`);
    expected(/net::ERR_/); // the question that found nobody
    await list.close();
  });

await test("20: a controller that was away is found again, and what was shown stays", async () => {
  // It has all that happened: the newest trial runs in it, and none that has ended.
  await until((all) => {
    const there = [...document.querySelectorAll(".rows .row:not(.head)")]
      .filter((row) => row.textContent.includes("running"))
      .map((row) => Number(row.children[0].textContent));
    return there.includes(all[all.length - 1]) && there.every((n) => all.includes(n));
  }, ids.map(number));
  await settled();
  const url = page.url(),
    before = await seen();
  await please("end");
  await page.waitForSelector("text=no contact since", {timeout: 60000});
  assert.deepEqual((await seen()).rows, before.rows);
  await please("begin");
  const from = Date.now();
  await page.waitForSelector("text=● live", {timeout: 60000});
  figures.foundMs = Date.now() - from;
  assert.equal(page.url(), url);
  await report(1, 0.03);
  await until(() => document.querySelector(".rows").textContent.includes("0.03"));
  expected(/net::ERR_/); // requests that found nobody
});

await test("a revoked token ends the session of an open page", async () => {
  await please("revoke");
  await page.waitForSelector("form input[type=password]", {timeout: 60000});
  expected(/401|net::ERR_/); // its connections are closed, too
});

await end();
