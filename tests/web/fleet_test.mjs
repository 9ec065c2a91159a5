// SPDX-License-Identifier: GPL-3.0-or-later
// Is it going well, is every GPU busy, when is it done: the list, a sweep's head, its timeline, the agents.
import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {
  api,
  at,
  BIG,
  done,
  expected,
  page,
  picture,
  settled,
  test,
  timed,
  figures,
  trials,
} from "./checks.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const text = (where = "main") => page.textContent(where);

// A part of the page that needs no document, compiled as the page compiles it.
async function part(path) {
  const {buildSync} = createRequire(join(process.env.BESOM_WEB_MODULES, "package.json"))("esbuild");
  const {outputFiles} = buildSync({
    entryPoints: [join(ROOT, "web/src", path)],
    bundle: true,
    write: false,
    format: "esm",
  });
  return import("data:text/javascript;base64," + Buffer.from(outputFiles[0].contents).toString("base64"));
}

// Where texts end, in each row: of the last one in each of its parts.
const bottoms = (rows, ...parts) =>
  page.$$eval(
    rows,
    (all, parts) =>
      all.map((row) =>
        parts.map((part) => {
          const range = document.createRange();
          range.selectNodeContents(row.querySelector(part).lastChild);
          return Math.round(range.getBoundingClientRect().bottom);
        }),
      ),
    parts,
  );
const level = (rows) => {
  assert.ok(rows.length > 0);
  for (const [first, ...rest] of rows)
    assert.ok(
      rest.every((y) => Math.abs(y - first) <= 1),
      String(rows),
    );
};

await test("the list says how each sweep goes", async () => {
  await page.waitForSelector("table.list tbody tr:nth-child(4)");
  const row = page.locator("table.list tbody tr", {hasText: "cifar-resnet"});
  await row.locator(".spark path").waitFor();
  const said = await row.textContent();
  assert.match(said, /running.*cifar-resnet.*tpe.*of.*↓/);
  assert.match(said, /slot/); // hours of slots
  await page.locator("tr", {hasText: "empty003"}).locator(".waits").waitFor();
  assert.match(await page.textContent("tr:has-text('empty003') .waits"), /waits: no agent is connected/);
  await picture("fleet-list");
});

await test("search, state and order are the controller's", async () => {
  await page.fill("#filter", "CIFAR");
  await page.waitForFunction(() => document.querySelectorAll("table.list tbody tr").length === 1);
  assert.match(page.url(), /q=CIFAR/);
  for (const [sort, sign] of [
    ["failed", 1],
    ["-failed", -1],
  ]) {
    await page.goto(at("/?sort=" + sort));
    await page.waitForSelector("table.list tbody tr:nth-child(4)");
    const failed = await page.$$eval("table.list tbody tr", (all) =>
      all.map((r) => Number(/^[\d,]+/.exec(r.cells[10].textContent)[0].replace(",", ""))),
    );
    assert.deepEqual(
      failed,
      [...failed].sort((a, b) => sign * (a - b)),
    );
  }
  await page.goto(at("/?st=paused"));
  await page.waitForSelector("text=No sweep matches the search");
  const found = await api("sweeps?limit=2&skip=1&sort=name");
  assert.equal(found.of, 4);
  assert.equal(found.sweeps.length, 2);
  const all = await api("sweeps");
  assert.equal(all.length, 4, "the whole list is a list");
});

await test("the head has what is left with its basis, hours, and the best with what it changed", async () => {
  await timed("head", async () => {
    await page.goto(at(BIG));
    await page.waitForSelector(".left");
    await page.waitForSelector(".best", {timeout: 60000});
  });
  assert.match(await text(".left"), /left .*\d.*·.*\/(h|min)/);
  assert.match(
    await page.getAttribute(".left", "title"),
    /have not started; of the [\d,]+ that ended, half took less than/,
  );
  const head = await text(".head");
  assert.match(head, /slot-h [\d.,]+ \+ [\d.,]+/);
  assert.match(head, /no agent is connected/);
  assert.match(head, /\(was /);
  assert.match(head, /the best before/);
  const pace = await api("sweeps/bigbig01/pace");
  assert.ok(pace.left[0] <= pace.left[1]);
  const {text: chance, record, brief, forecasts, held} = pace.chance; // its method looks at results
  assert.match(chance, /^next \d+ trials: \d+ % for a new best$/);
  assert.ok(record.startsWith(`${held} of its last ${forecasts} forecasts held`), record);
  assert.ok(forecasts === 20 && held > 5 && held <= 20, record);
  assert.ok(head.includes(`${chance} · ${brief}`), head);
  assert.equal(pace.line.length, 24);
  assert.equal(
    pace.causes.reduce((n, c) => n + c.n, 0) + pace.other_causes,
    (await api("sweeps/bigbig01")).counts.failed,
  );
  await picture("fleet-head");
});

await test("the time left and the chance of a new best are in the words of besom run", async () => {
  let [left, chance] = [
    [840.2, 841],
    {text: "next 7 trials: 18 % for a new best", record: null, basis: "because"},
  ];
  await page.route("**/sweeps/bigbig01/pace", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({response: answer, json: {...(await answer.json()), left, chance}});
  });
  const head = async (words) => {
    await page.goto(at(BIG));
    await page.waitForFunction((w) => document.querySelector(".head")?.textContent.includes(w), words);
  };
  await head("left 14–15 min");
  await head("next 7 trials: 18 % for a new best");
  left = [40, 40];
  await head("left about 40 s");
  left = [11400, 15600];
  await head("left 3 h 10–4 h 20");
  await page.unroute("**/sweeps/bigbig01/pace");
});

await test("28: where all trials failed, the page explains by cause and host", async () => {
  await page.goto(at("/s/failed04"));
  await page.waitForSelector(".failures[open]");
  await settled();
  const said = await text(".failures");
  assert.match(said, /All 6 trials that ended failed/);
  assert.match(
    said,
    /4out of memoryits largest process [^,]* GiBgpu-0[01] 2, gpu-0[01] 2/,
    "numbers make no two causes: " + said,
  );
  assert.match(said, /2signal 11/);
  assert.match(await text(".head"), /all 6 trials that ended failed · newest: trial 5/);
  assert.doesNotMatch(await text(), /NaN|undefined|Infinity/);
  await picture("fleet-failed");
  for (const tab of ["table", "parallel", "importance", "space", "curves", "timeline", "compare", "spec"]) {
    await page.goto(at("/s/failed04?tab=" + tab));
    await page.waitForSelector(".tabs");
    await settled();
  }
  expected(/status of (400|404|409|503)/); // the log of a trial whose agent is not there
});

await test("29: a sweep without a trial has its texts on every tab", async () => {
  await page.goto(at("/s/empty003"));
  await page.waitForSelector(".tabs");
  const tabs = await page.$$eval(".tabs a", (all) => all.map((a) => a.getAttribute("href")));
  for (const tab of tabs) {
    await page.goto(at("/s/empty003" + tab));
    await page.waitForSelector(".tabs");
    await settled();
    const said = await text();
    assert.doesNotMatch(said, /NaN|undefined|Infinity/, tab);
    assert.match(said, /waits: no agent is connected/, tab);
    if (!tab.includes("spec")) assert.match(said, /No trial|no trial/, tab);
  }
});

await test("25: the timeline has running attempts, and merges what is narrower than a pixel", async () => {
  await timed("timeline", async () => {
    await page.goto(at(BIG + "?tab=timeline"));
    await page.waitForSelector(".timeline canvas");
  });
  const line = await api("sweeps/bigbig01/timeline?px=1000"),
    bars = line.rows.flatMap((row) => row.bars),
    merged = bars.filter((b) => typeof b[2] !== "string");
  assert.equal(line.of, trials);
  assert.equal(
    bars.length -
      merged.length +
      merged.reduce((n, b) => n + Object.values(b[2]).reduce((s, x) => s + x, 0), 0),
    trials,
    "no attempt is lost",
  );
  const running = bars.filter((b) => b[2] === "running" || b[2].running);
  assert.ok(running.length >= 1 && running.every((b) => Math.abs(line.from + b[1] - line.now) < 1));
  assert.ok(JSON.stringify(line).length < 120000, String(JSON.stringify(line).length));
  figures.timelineBytes = JSON.stringify(line).length;
  assert.equal(line.busy.length, 240);
  await page.keyboard.press("Escape");
  await page.goto(at(BIG + "?tab=timeline&t=timeline"));
  await page.waitForSelector(".twin tbody tr");
  assert.match(await text(".twin"), /attempt.*T.*Z/);
});

await test("drag zooms the timeline; the address has it, and back undoes it", async () => {
  await page.goto(at(BIG + "?tab=timeline"));
  await page.waitForSelector(".timeline canvas");
  await settled();
  const drawing = () => page.$eval(".timeline canvas", (canvas) => canvas.toDataURL()),
    full = await drawing();
  await page.fill("#filter", "state:failed");
  await settled();
  assert.notEqual(await drawing(), full, "what is not shown is pale");
  await page.fill("#filter", "");
  await settled();
  const box = await page.locator(".timeline canvas").boundingBox();
  await page.mouse.move(box.x + 300, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 500, box.y + 45, {steps: 4});
  await page.mouse.up();
  await page.waitForFunction(() => location.search.includes("tl="));
  const [from, to] = new URL(page.url()).searchParams.get("tl").split("~").map(Number);
  const all = await api("sweeps/bigbig01/timeline"),
    part = await api(`sweeps/bigbig01/timeline?from=${from}&to=${to}`);
  assert.ok(from > all.from && to < all.to && from < to);
  assert.ok(Math.abs(part.from - from) < 0.01 && Math.abs(part.to - to) < 0.01);
  await picture("fleet-timeline");
  await page.goBack();
  await page.waitForFunction(() => !location.search.includes("tl="));
});

await test("58: a zone changes the marks' texts alone, and the night in which clocks change is monotone", async () => {
  const {marks} = await part("base/moments.ts");
  const from = Date.UTC(2026, 9, 24, 22) / 1000,
    to = Date.UTC(2026, 9, 25, 6) / 1000; // Berlin turns back from 3 to 2 in between
  const there = marks(from, to, 10, "Europe/Berlin"),
    utc = marks(from, to, 10, "UTC");
  assert.deepEqual(
    there.map((m) => m.at),
    utc.map((m) => m.at),
  );
  assert.notDeepEqual(
    there.map((m) => m.text),
    utc.map((m) => m.text),
  );
  for (let i = 1; i < there.length; i++)
    assert.equal(there[i].at - there[i - 1].at, there[1].at - there[0].at);
  const twice = there.map((m) => m.text).filter((t) => t.includes("02:00"));
  assert.deepEqual(twice, ["02:00", "02:00 CET"], "the hour that comes twice says its zone");
  assert.match(there[0].text, /^25 Oct 00:00 CEST$/);
  await page.goto(at(BIG + "?tab=timeline&t=timeline"));
  await page.waitForSelector(".twin tbody tr");
  const before = await text(".twin");
  await page.click(".top button[title^='times:']");
  await page.waitForFunction(() => location.search.includes("tz=utc"));
  await settled();
  assert.equal(await text(".twin"), before);
});

await test("no agent yet: the page has the line to paste", async () => {
  await page.route("**/api/v1/agents", (route) => route.fulfill({json: {ok: true, agents: [], alerts: []}}));
  await page.goto(at("/"));
  await page.waitForSelector("table.list");
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.waitForSelector("text=No agent yet");
  assert.match(await text(), /besom agent --join/);
  assert.match(await text(), /out of memory/, "failures of the last day, by cause");
  await page.unroute("**/api/v1/agents");
});

await test("59: 200 hosts with 8 slots in a second, and each idle slot has its reason", async () => {
  const agents = Array.from({length: 200}, (_, h) => ({
    name: `gpu-${h}`,
    state: h === 7 ? "cordoned" : h === 9 ? "away" : "up",
    duty: h === 7 ? "cordoned" : "up",
    by: h === 7 ? "besom" : null,
    text: h === 7 ? "3 attempts in a row failed or were lost on it" : null,
    seen: Date.now() / 1000 - 240,
    load:
      h === 7
        ? {
            time: Date.now() / 1000,
            disk: {free: 20 * 2 ** 30, total: 900 * 2 ** 30, low: true},
            gpus: Array.from({length: 8}, (_, i) => ({
              gpu: "GPU-" + i,
              index: String(i),
              utilization: 3,
              memory_used: 2 ** 30,
              memory_total: 2 ** 36,
              temperature: 40 + i,
              power: null,
            })),
          }
        : null,
    until: h === 9 ? Date.UTC(2026, 11, 1, 12, 40) / 1000 : null,
    slots: Array.from({length: 8}, (_, i) => ({
      slot: i,
      gpus: ["GPU-" + i],
      trial: i < 6 && h !== 7 ? `bigbig01-${i}` : null,
      why_idle: null,
      idle: i < 6 && h !== 7 ? null : h === 7 ? "its agent is cordoned" : "sweep bigbig01 is paused",
    })),
  }));
  const use = (h) => (h % 3 === 1 ? 12 : 87);
  const load = agents.flatMap((a, h) =>
    a.slots
      .filter((s) => s.trial)
      .map((s) => ({
        trial: s.trial,
        agent: a.name,
        time: Date.now() / 1000,
        line: [],
        sample: {
          "gpu.0.utilization": use(h),
          "gpu.0.memory.used": 60e9,
          "gpu.0.memory.total": 80e9,
          "gpu.0.temperature": 71,
          "gpu.0.power": 640,
        },
      })),
  );
  const alerts = [{kind: "away", text: "agent gpu-9 is away", n: 1, agents: ["gpu-9"]}];
  await page.route("**/api/v1/agents", (route) => route.fulfill({json: {ok: true, agents, alerts}}));
  const causes = [1, 5, 3].map((n) => ({
    cause: `cause ${n}`,
    says: "",
    n,
    trial: "bigbig01-1",
    hosts: {"gpu-1": n},
  }));
  await page.route("**/api/v1/fleet", (route) =>
    route.fulfill({json: {now: Date.now() / 1000, load, ended: {"gpu-1": [96, 2]}, causes, cut: false}}),
  );
  await timed("agents", async () => {
    await page.goto(at("/agents"));
    await page.waitForSelector(".hosts button:nth-child(200)");
  });
  const idle = await page.$$eval(".cell.idle", (all) => all.map((c) => c.title));
  assert.equal(idle.length, 199 * 2 + 8);
  assert.ok(idle.every((t) => /is idle: \w/.test(t)));
  assert.match(await text(".alerts"), /agent gpu-9 is away/);
  assert.match(await text(), /slots 1,188 busy of 1,592/);
  assert.match(await text(), /GPU median 87 %/);
  const cells = (names) => page.$$eval(names, (all) => all.length);
  assert.deepEqual(
    [await cells(".cell.u2"), await cells(".cell.u4"), await cells(".cell.away")],
    [6 * 66, 6 * 132, 6],
    "cells by their use; those of an agent that is away have none",
  );
  assert.match(await text(), /cause 5.*cause 3.*cause 1/s);
  await page.click("button:text-is('as a list')");
  await page.waitForSelector("table.agents");
  assert.equal(await cells("table.agents .cells"), 200);
  await page.click("button:text-is('as cells')");
  await picture("fleet-agents");
  await page.click(".hosts button:has-text('gpu-7 ')");
  await page.waitForSelector("table.agents");
  assert.match(
    await text("table.agents"),
    /3 attempts in a row failed or were lost on it.*8 slots idle: its agent is cordoned/,
  );
  await page.setViewportSize({width: 390, height: 844});
  const over = await page.$$eval("table.agents tr", (all) =>
    all.filter((tr) => tr.scrollHeight > tr.clientHeight).map((tr) => tr.textContent),
  );
  assert.deepEqual(over, [], "texts that overprint the next row");
  await page.setViewportSize({width: 1280, height: 900});
  assert.match(await text("table.agents"), /busy3 %8\.0\/512 GiB47°20 GiB0 of 0/); // of GPUs that no trial has
  assert.match(await page.getAttribute("table.agents .cell.idle", "title"), / · GPU 0: 3 %, 1.0 GiB, 40°$/);
  assert.equal(await page.textContent("table.agents td .bad"), "20 GiB");
  await page.click(".alerts a");
  await page.waitForFunction(() => document.querySelectorAll("table.agents tbody tr b").length === 11); // gpu-9, gpu-90 …
  assert.match(
    await text("table.agents"),
    /away, 4 min ago.*6 trials may keep running there: held for it until 1 Dec 2026, .*when its lease ends/,
  );
  const forget = await page.$$eval("table.agents button", (all) =>
    all.filter((b) => b.textContent === "Forget").map((b) => b.closest("tr").querySelector("b").textContent),
  );
  assert.deepEqual(forget, ["gpu-9"], "only an agent that is away can be forgotten");
  await page.route("**/api/v1/agents/gpu-9/duty?dry_run=1", async (route) => {
    assert.deepEqual(route.request().postDataJSON(), {state: "forgotten"});
    await route.fulfill({
      json: {
        possible: true,
        message: "leaves the list: 6 trials run again elsewhere at once",
        revision: null,
        effect: {running: 6, again: 6},
      },
    });
  });
  await page.click("table.agents button:has-text('Forget')");
  await page.waitForSelector(".act-panel .effect");
  assert.equal(await text(".act-panel .effect"), "It leaves the list: 6 trials run again elsewhere at once.");
  await page.keyboard.press("Escape");
});

await test("columns that no host has, such as those of GPUs, are left out", async () => {
  const agents = ["a", "b"].map((name) => ({
      name,
      state: "up",
      duty: "up",
      slots: [{slot: 0, gpus: [], trial: "bigbig01-1" + name, idle: null}],
    })),
    told = {agent: "a", time: 0, line: [], trial: "bigbig01-1a"},
    heads = async (sample) => {
      await page.route("**/api/v1/agents", (route) => route.fulfill({json: {ok: true, agents, alerts: []}}));
      await page.route("**/api/v1/fleet", (route) =>
        route.fulfill({json: {load: sample ? [{...told, sample}] : [], ended: {}, causes: []}}),
      );
      await page.goto(at("/agents"));
      await page.waitForSelector("table.agents td");
      return page.$$eval("table.agents th", (all) => all.map((th) => th.textContent).slice(4, -3));
    };
  assert.deepEqual(await heads(null), []);
  assert.deepEqual(await heads({"cpu.percent": 40, memory: 1e9}), ["CPU", "memory"]);
  assert.match(await text("table.agents"), /CPU 40 %954 MiB0 of 0.*busy––0 of 0/);
  const one = {"gpu.0.utilization": 50, "gpu.0.temperature": 0};
  assert.deepEqual(await heads(one), ["GPU", "hottest"]);
  assert.match(await text("table.agents"), /50 %0°/);
  level(await bottoms("table.agents tbody tr", "b", "a", "button"));
  await page.setViewportSize({width: 390, height: 844});
  level(await bottoms("table.agents tbody tr:last-child", "td:nth-last-child(3) .narrow", ".trials a"));
  await page.setViewportSize({width: 1280, height: 900});
  for (const agent of agents) agent.state = "away";
  Object.assign(agents[0], {seen: null, seen_before: Date.UTC(2026, 10, 30, 10, 31) / 1000}); // not since a restart
  await page.reload();
  await page.waitForSelector("text=2 away");
  assert.match(await text("table.agents"), /away, since before \d\d:\d\d/);
  assert.match(await text(".tools"), /2 awayno agent is connected/);
});

await test("the list fits, without columns that are empty, and a row is level on a phone", async () => {
  await page.goto(at("/"));
  await page.waitForSelector("table.sweeps tbody tr");
  const heads = await page.$$eval("table.sweeps th", (all) =>
    all.filter((th) => th.offsetWidth).map((th) => th.textContent),
  );
  assert.equal(heads.length, 12, String(heads));
  assert.ok(!heads.includes("by") && !heads.includes("tags"));
  assert.ok(await page.$eval(".scroll", (e) => e.scrollWidth <= e.clientWidth));
  await page.setViewportSize({width: 390, height: 844});
  level(await bottoms("table.sweeps tbody tr", ".state", "a"));
  await page.goto(at(BIG));
  await page.waitForSelector(".acts button");
  level(await bottoms(".acts", "button", "[data-actions]"));
  level(await bottoms(".report-row", ".tabs a", ".report-views button"));
  await page.goto(at("/t/bigbig01-" + (await api("sweeps/bigbig01")).best.number));
  await page.waitForSelector(".word");
  const broken = await page.$$eval(".word", (all) => {
    const range = document.createRange();
    return all.filter((e) => (range.selectNodeContents(e), range.getClientRects().length > 1)).map(String);
  });
  assert.deepEqual(broken, [], "an option has its dashes, also where the command is in several lines");
  await page.waitForSelector("header .muted:has-text('grey: 10 to 90 %')");
  assert.doesNotMatch(await text("header:has(.muted:has-text('grey: 10'))"), / · grey/);
  await page.goto(at(BIG + "?tab=explain"));
  await page.waitForSelector(".explain-text");
  const apart = await page.$eval("li:has(> .explain-text)", (li) => {
    const [time, said] = ["time", ".explain-text"].map((part) =>
      li.querySelector(part).getBoundingClientRect(),
    );
    return said.top - time.bottom;
  });
  assert.ok(apart >= 0 && apart < 4, String(apart));
  await page.setViewportSize({width: 1280, height: 900});
});

await done();
