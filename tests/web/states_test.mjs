// SPDX-License-Identifier: GPL-3.0-or-later
// What a view says while it waits, and where it cannot be had; and in whose time zone all times of the page are.
import assert from "node:assert/strict";
import {another, api, at, BIG, context, done, expected, page, picture, settled, test} from "./checks.mjs";

const WHY = "the disk of the controller cannot be read",
  fails = (route) => route.fulfill({status: 500, json: {error: WHY, code: "ERR_IO"}});
const best = (await api("sweeps/bigbig01")).best.number;

// The page, what is asked for, and what is there in its place once it has come.
const VIEWS = [
  ["/", /\/api\/v1\/sweeps\?/, "table.sweeps"],
  ["/agents", /\/fleet/, ".empty, table.agents, .card"],
  [BIG + "?tab=timeline", /\/timeline/, ".timeline canvas"],
  [BIG + "?tab=explain", /\/sweeps\/bigbig01\/explain\?(?!kind)|\/explain$/, "ol.explain li"],
  [BIG + "?tab=importance", /\/importance/, "#chart-importance svg"],
  [BIG + "?tab=table", /\/luck/, ".luck > span"],
  [`/t/bigbig01-${best}`, /-\d+\/explain/, "#why .act-why, #why .muted"],
  [`/s/failed04`, /-\d+\/explain/, ".causes td"],
  ["/runs", /\/api\/v1\/runs$/, ".empty, table.list"],
];

await test("an error of a view says what and since when, offers to ask again, and the rest of the page lives", async () => {
  for (const [path, asked, there] of VIEWS) {
    await page.route(asked, fails);
    await page.goto(at(path));
    const error = page.locator(".error", {hasText: WHY}).first();
    await error.waitFor();
    assert.match(await error.textContent(), /since \d\d:\d\d:\d\d.*retry$/, path);
    assert.ok((await page.$$("main h1, main h2")).length > 0, path + ": the rest of the page lives");
    if (path.includes("timeline")) await picture("states-error");
    const since = await error.textContent();
    await settled();
    assert.equal(await error.textContent(), since, path + ": it was wrong since then");
    await page.unroute(asked, fails);
    await page.$$eval(".error button", (all) => all.forEach((button) => button.click()));
    await page.waitForFunction((why) => !document.body.textContent.includes(why), WHY);
    await page.waitForSelector(there);
    expected(/status of 500/);
  }
});

await test("what was known stays, and is said to be old", async () => {
  await page.goto(at("/"));
  await page.waitForSelector("table.sweeps tbody tr");
  await page.route(/\/api\/v1\/sweeps\?/, fails);
  await page.selectOption("main select", "running");
  await page.waitForSelector(".error:has-text('what is shown may be old')");
  assert.ok((await page.$$("table.sweeps tbody tr")).length > 0);
  await page.unroute(/\/api\/v1\/sweeps\?/, fails);
  expected(/status of 500/);
});

await test("what takes more than a second says what it waits for", async () => {
  let go;
  const held = new Promise((done) => (go = done));
  await page.route(/\/timeline/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(at(BIG + "?tab=timeline"));
  const words = page.locator(".skeleton p", {hasText: "Waiting for the attempts …"});
  await words.waitFor({state: "attached"});
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".skeleton p")).opacity === "1");
  const delay = await words.evaluate((e) => getComputedStyle(e).animationDelay);
  assert.equal(delay, "1s");
  await picture("states-waiting");
  go();
  await page.waitForSelector(".timeline canvas");
  await page.unroute(/\/timeline/);
});

await test("a controller that has too many of one's questions is asked again, without an error", async () => {
  for (const [tab, asked, words, there] of [
    ["timeline", /\/timeline/, "Waiting for the attempts …", ".timeline canvas"],
    [
      "space",
      /\/surface/,
      "the model is computed …",
      "#chart-surface:not(:has-text('the model is computed'))",
    ],
  ]) {
    let busy = 2;
    await page.route(asked, (route) =>
      busy-- > 0
        ? route.fulfill({status: 503, json: {error: "ask again in a moment", code: "ERR_BUSY"}})
        : route.continue(),
    );
    await page.goto(at(`${BIG}?tab=${tab}`));
    await page.locator("main", {hasText: words}).waitFor();
    await page.locator(".error").or(page.locator(there)).first().waitFor();
    assert.equal(await page.locator(".error").count(), 0, tab);
    assert.ok(busy < 0, "asked three times");
    await page.unroute(asked);
  }
  expected(/status of 503/);
});

// Somebody in New York looks at a controller in Kolkata.
const away = await another({
  timezoneId: "America/New_York",
  storageState: {cookies: await context.cookies(), origins: []},
});
const there = await away.newPage();
await there.route("**/api/v1/session", async (route) => {
  const answer = await route.fetch();
  await route.fulfill({response: answer, json: {...(await answer.json()), zone: "Asia/Kolkata"}});
});
const turn = () => there.click(".top button[title^='times:']"),
  zone = () => there.textContent(".top button[title^='times:']"),
  first = () => there.$eval("ol.explain time", (e) => [e.dateTime, e.textContent, e.title]);
const clock = (iso, timeZone) =>
  new Date(iso).toLocaleTimeString("en-GB", {timeZone, hour12: false, timeStyle: "medium"});

await test("58: one switch turns all times to another zone, which is printed, and the data stay", async () => {
  await there.goto(at(BIG + "?tab=explain"));
  await there.waitForSelector("ol.explain li time");
  const [iso, text, title] = await first();
  assert.equal(text, clock(iso, "America/New_York"));
  assert.match(title, /GMT-[45]$|E[SD]T$/);
  assert.match(await zone(), /GMT-[45]$|E[SD]T$/);
  await turn();
  await there.waitForFunction(() => location.search.includes("tz=utc"));
  assert.deepEqual((await first()).slice(0, 2), [iso, clock(iso, "UTC")]);
  assert.match((await first())[2], /UTC$/);
  await turn();
  await there.waitForFunction(() => location.search.includes("tz=host"));
  assert.deepEqual((await first()).slice(0, 2), [iso, clock(iso, "Asia/Kolkata")]);
  assert.equal(await zone(), "GMT+5:30");
  assert.match(
    await there.getAttribute(".top button[title^='times:']", "title"),
    /Asia\/(Kolkata|Calcutta), the controller's$/,
  );
});

await test("the zone goes along to each page, and is in the address of each link", async () => {
  await there.click("ol.explain a");
  await there.waitForSelector("text=Attempts");
  assert.match(there.url(), /\/t\/bigbig01-\d+\?tz=host$/);
  assert.match(await there.getAttribute(".top nav a", "href"), /\?tz=host$/);
  const titles = await there.$$eval("main [title]", (all) =>
    all.map((e) => e.title).filter((t) => / 20\d\d, /.test(t)),
  );
  assert.ok(titles.length > 0 && titles.every((t) => t.endsWith("GMT+5:30")), String(titles));
  await turn();
  await there.waitForFunction(() => !location.search);
  await there.goto(at(BIG + "?tab=table&cols=number,started&tz=mars"));
  await there.waitForSelector(".rows .row:nth-child(3)");
  assert.match(await there.textContent("main"), /zone of times mars/);
  const cell = await there.textContent(".rows .row:not(.head) span:nth-child(2)");
  assert.match(cell, /^\d+ \w+ 20\d\d, \d\d:\d\d:\d\d (GMT-[45]|E[SD]T)$/);
});

await test("a table of points over the clock has them as ISO 8601", async () => {
  await there.goto(at(BIG + "?tab=curves&cx=wall&t=curves&top=5"));
  await there.waitForSelector(".twin tbody tr");
  const cells = await there.$$eval(".twin tbody td:nth-child(2)", (all) => all.map((e) => e.title));
  assert.ok(
    cells.length > 5 && cells.every((t) => /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(t)),
    cells[0],
  );
});
await away.close();

await test("the best trial has its newest checkpoint, or none, as the agent that has it says", async () => {
  await page.goto(at(BIG));
  await page.waitForSelector(".slots, .strip:has-text('no agent is connected')");
  assert.doesNotMatch(await page.textContent(".config"), /checkpoint/, "its agent is not connected");
  await page.route("**/api/v1/agents", async (route) => {
    const answer = await (await route.fetch()).json(),
      slots = [{slot: 0, gpus: [], trial: null, idle: "its agent is new"}];
    await route.fulfill({json: {...answer, agents: answer.agents.map((a) => ({...a, state: "up", slots}))}});
  });
  await page.reload();
  const unknown = page.locator(".config", {hasText: "checkpoint not known"});
  await unknown.locator("[title*='agent gpu-0']").waitFor();
  let rows = [
    ["notes.txt", 10, 1e12],
    ["ckpt/step_100.pt", 3 * 2 ** 30, 1e12],
    ["ckpt/step_400.pt", 3 * 2 ** 30, 1e12 + 5],
  ];
  await page.route("**/sweeps/bigbig01/files?**", async (route) => {
    assert.match(route.request().url(), new RegExp(`trial=${best}&attempt=1&agent=gpu-0\\d$`));
    await route.fulfill({json: {ok: true, rows, end: true, left_out: 0}});
  });
  await unknown.locator("button:has-text('retry')").click();
  await page.waitForSelector(".config:has-text('checkpoint step_400.pt (step 400), 3.0 GiB on gpu-0')");
  await picture("states-best");
  rows = [["notes.txt", 10, 1e12]];
  await page.reload();
  await page.waitForSelector(".config:has-text('no checkpoint saved')");
  await page.unroute("**/sweeps/bigbig01/files?**");
  // A folder that is not there has none either: nothing to ask again for.
  await page.route("**/sweeps/bigbig01/files?**", (route) =>
    route.fulfill({
      json: {ok: false, code: "not_found", error: "the trial has no folder on this machine: gone"},
    }),
  );
  await page.reload();
  await page.waitForSelector(".config:has-text('no checkpoint saved')");
  assert.equal(await unknown.count(), 0);
  await page.unroute("**/sweeps/bigbig01/files?**");
  expected(/status of (404|503)/);
});

await done();
