// SPDX-License-Identifier: GPL-3.0-or-later
// What is hostile, odd or nearly nothing, on every tab: odd_web.py has made the store.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {api, at, context, done, expected, page, settled, shown, test} from "./checks.mjs";

const payloads = JSON.parse(readFileSync("odd.json", "utf8")),
  all = Object.entries(payloads).flatMap(([place, texts]) => texts.map((text) => [place, text]));
// What somebody may read: texts and attributes. And what should not be: elements and attributes that do something.
const read = () =>
  page.evaluate(() => {
    const elements = [...document.querySelectorAll("body, body *")],
      attributes = elements.flatMap((e) => [...e.attributes].map((a) => a.value));
    return {
      text: [document.title, document.body.textContent, ...attributes].join("\n"),
      bad: elements
        .filter(
          (e) =>
            /^(script|iframe|object|embed|base|style|math|x|details)$/i.test(e.localName) ||
            /^\s*(javascript|data:text)/i.test(e.getAttribute("href") ?? "") ||
            [...e.attributes].some((a) => /^on/i.test(a.name)),
        )
        .map((e) => e.outerHTML.slice(0, 200))
        .filter((html) => !/^<script type="module"|^<details class=/.test(html)),
      hit: window.hit,
    };
  });
const seen = new Set();
async function look(path, what = ".card, pre", go = () => page.goto(at(path))) {
  await go();
  await page.waitForSelector(`main:has(${what})`, {timeout: 60000});
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"), null, {timeout: 60000});
  await settled();
  const {text, bad, hit} = await read();
  assert.deepEqual(bad, [], path);
  assert.equal(hit, undefined, path);
  for (const [, one] of all) if (text.includes(one)) seen.add(one);
  return text;
}
// Each tab of a sweep, by its name.
async function walk(id, told = () => {}) {
  await look("/s/" + id, ".tabs");
  const tabs = await page.$$eval(".tabs a", (all) => all.map((a) => a.textContent));
  for (const tab of tabs)
    await told(
      tab,
      await look(tab, ".tabs [aria-current]:has-text('" + tab + "')", () =>
        page.click(`.tabs a:text-is("${tab}")`),
      ),
    );
  return tabs;
}

await page.waitForSelector("table.list tbody tr");

await test("44: 200 hostile texts are texts in each view, and none does anything", async () => {
  assert.ok(all.length >= 200 && new Set(all.map(([, text]) => text)).size === all.length);
  await look("/", "table.list");
  await look("/?g=tag", "tr.group");
  await context.route("**/api/v1/agents", (route) =>
    route.fulfill({
      json: {
        ok: true,
        alerts: payloads.host.map((text) => ({kind: "away", text, n: 1, agents: [text]})),
        agents: payloads.host.map((name, i) => ({
          name,
          state: "up",
          duty: "cordoned",
          by: payloads.sweep[i],
          text: payloads.error[i],
          seen: Date.now() / 1000,
          load: null,
          slots: [{slot: 0, gpus: [], trial: null, why_idle: null, idle: payloads.error[i]}],
        })),
      },
    }),
  );
  await look("/agents", ".hosts, table.agents");
  const tabs = await walk("hostile1");
  assert.ok(tabs.length === 11 && tabs.includes("Pareto"), String(tabs));
  await look("/s/hostile1?tab=table&g=params.kind");
  await look("/s/hostile1?tab=compare&cmp=0,1,2,3", "table.compare");
  await look("/t/hostile1-1", ".values");
  await look("/t/oneone01-0", ".log .line");
  expected(/status of (404|503)/); // the logs of agents that are not there
  const unseen = all.filter(([, text]) => !seen.has(text));
  assert.deepEqual(unseen, [], `${unseen.length} of ${all.length} were nowhere`);
});

await test("29: a sweep with one trial has its text on each tab", async () => {
  await walk("oneone01", async (tab, text) => {
    assert.doesNotMatch(text, /\b(NaN|undefined|Infinity)\b/, tab);
    const cards = await page.$$eval("main .card, main pre", (all) => all.map((e) => e.textContent.length));
    assert.ok(
      cards.every((n) => n > 20),
      `${tab}: ${cards}`,
    );
  });
});

await test("29: a sweep whose seeds differ, and that has no result yet, says so", async () => {
  await look("/s/noneyet1", ":text('No trial has a value of val_loss yet.')");
  await look("/s/noneever", ":text('No trial has a value of val_loss: they report acc, loss.')");
});

await test("a sweep that had ended and runs an enqueued trial says that it runs again", async () => {
  await look("/", "tr:has-text('again001') .state:has-text('running again')");
  assert.match(await look("/s/again001"), /running again.*only what was retried or enqueued since it ended/);
});

const lanes = (name) =>
  page.$eval(`.of-axis:has(> title:text-is("${name}"))`, (g) =>
    [...g.querySelectorAll(":scope > text.tick[text-anchor=middle]")]
      .filter((t) => Number(t.getAttribute("y")) > 264)
      .map((t) => t.textContent),
  );
await test("26: what has no place on an axis is in its lane, and counted, on each tab", async () => {
  await walk("oddodd01", (tab, text) => assert.doesNotMatch(text, /undefined|NaN %|Infinity %/, tab));
  await look("/s/oddodd01?tab=parallel");
  assert.deepEqual(await lanes("params.lr"), ["4", "1"], "0, -1, NaN and inf; and one is not set");
  assert.deepEqual(await lanes("objective"), ["2", "1"]);
  for (const [lane, filter, n] of [
    ["NaN", "(params.lr:nan,inf,-inf OR params.lr<=0)", 4],
    ["not set", "-has:params.lr", 1],
  ]) {
    await page.click(`.of-axis:has(> title:text-is("params.lr")) .lane[aria-label*="${lane}"]`);
    await settled();
    assert.equal(new URL(page.url()).searchParams.get("f"), filter);
    assert.equal(await shown(), `${n} of 9`);
    await page.goBack();
    await settled();
  }
  const words = await page.$$eval(`.of-axis:has(> title:text-is("params.word")) .word title`, (all) =>
    all.map((e) => e.textContent),
  );
  assert.equal(words.length, 2, String(words));
  await look("/s/oddodd01?y=log");
  assert.match(await page.textContent("#chart-best"), /9 of 9 shown.*1 without val_loss/);
  const {n} = await api("sweeps/oddodd01/columns?cols=number&filter=has:val_loss");
  assert.equal(n, 8);
  await look("/s/oddodd01?tab=table&g=params.word");
  await look("/s/oddodd01?tab=compare&cmp=0,1,2,3,6,8", "table.compare");
});

await done();
