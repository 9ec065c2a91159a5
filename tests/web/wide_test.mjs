// SPDX-License-Identifier: GPL-3.0-or-later
// A sweep of 200 parameters whose configurations repeat with other seeds: wide_web.py has made the store.
import assert from "node:assert/strict";
import {api, at, done, download, page, picture, ready, settled, test, trials} from "./checks.mjs";

const SWEEP = "/s/wide0001",
  query = (name) => new URL(page.url()).searchParams.get(name) ?? "",
  axes = () => page.$$eval(".of-axis > title", (all) => all.map((e) => e.textContent)),
  heads = () => page.$$eval(".rows .head button", (all) => all.map((e) => e.title));
async function open(search) {
  await page.goto(at(SWEEP + search));
  await ready();
}

await test("34: constants are neither axes nor columns; the axes scroll, those in sight alone are there", async () => {
  await open("?tab=parallel");
  const {columns} = await api("sweeps/wide0001/columns"),
    constant = ["params.epochs", "params.data"];
  assert.ok(constant.every((name) => columns.some((c) => c.name === name)));
  const seen = new Set();
  let most = 0,
    blank = 0;
  const [wide, sight] = await page.$eval(".parallel", (e) => [e.scrollWidth, e.clientWidth]);
  const room = await page.$eval(".parallel", (box) => {
    const edge = box.getBoundingClientRect().right,
      all = [...document.querySelectorAll(".of-axis .axis")].map(
        (e) => edge - e.getBoundingClientRect().right,
      );
    return Math.min(...all.filter((left) => left > 0));
  });
  assert.ok(room > 50, `${room} px for the labels of the last axis in sight`);
  for (let x = 0; x < wide; x += sight - 100) {
    await page.$eval(".parallel", (e, x) => (e.scrollLeft = x), x);
    await page.waitForFunction(() => {
      const box = document.querySelector(".parallel"),
        right = Math.max(
          ...[...document.querySelectorAll(".of-axis .axis")].map((e) => e.getBoundingClientRect().right),
        );
      return (
        right >= box.getBoundingClientRect().right || box.scrollLeft + box.clientWidth >= box.scrollWidth - 1
      );
    });
    await page.waitForTimeout(30);
    const now = await axes();
    most = Math.max(most, now.length);
    for (const name of now) seen.add(name);
    blank += await page.$eval(".parallel canvas", (c) => c.toDataURL().length < 4000);
  }
  assert.equal(seen.size, 202, "200 parameters, the seed and the metric");
  assert.ok(constant.every((name) => !seen.has(name)));
  assert.ok(most < 30, `${most} axes in the document`);
  assert.equal(blank, 0, "there are lines wherever it is scrolled to");
  await picture("wide");
  const cells = await heads();
  assert.ok(cells.length < 25 && constant.every((name) => !cells.includes(name)), cells.join());
});

await test("34: the pickers search among 200", async () => {
  await open("?tab=parallel");
  const picker = "#chart-parallel .picker";
  await page.click(picker + " summary");
  assert.match(await page.textContent(picker), /100 of 2\d\d: search for the others/);
  await page.fill(picker + " input[type=search]", "p19");
  await page.waitForFunction((p) => document.querySelectorAll(p + " fieldset > label").length === 10, picker);
  await page.fill(picker + " input[type=search]", "p199");
  await page.click(picker + " fieldset > label:has-text('p199') input");
  await settled();
  assert.ok(!query("ax").split(",").includes("params.p199"));
  await page.click(".trials .picker summary");
  await page.fill(".trials .picker input[type=search]", "epo");
  const epochs = page.locator(".trials .picker fieldset > label:has-text('epochs') input");
  for (const which of ["differs", "spec"]) {
    await page.selectOption(".trials .picker select", which);
    await settled();
    assert.equal(await epochs.count(), 0, which);
  }
  await page.selectOption(".trials .picker select", "");
  await epochs.click();
  await settled();
  assert.ok((await heads()).includes("params.epochs"), "a constant can be asked for");
});

await test("40: the groups by all but the seed are those of a direct computation", async () => {
  await open("?tab=table");
  await page.selectOption(".trials header label:has-text('group') select", {label: "all but seed"});
  await page.waitForSelector("text=CSV of groups");
  assert.equal(query("g"), "-params.seed");
  const [names, ...lines] = await download(() => page.click("text=CSV of groups")),
    {columns} = await api("sweeps/wide0001/columns"),
    values = (name) => {
      const c = columns.find((one) => one.name === name);
      return c.values.map((v) => (v === null || !c.words ? v : c.words[v]));
    },
    [p000, state, objective] = ["params.p000", "state", "objective"].map(values),
    want = new Map();
  state.forEach((s, row) => {
    const g = want.get(p000[row]) ?? {n: 0, failed: 0, values: []};
    want.set(p000[row], g);
    g.n++;
    if (s === "failed") g.failed++;
    else if (s === "finished" && typeof objective[row] === "number") g.values.push(objective[row]);
  });
  assert.equal(lines.length, want.size);
  assert.equal(lines.length * 4, trials);
  assert.ok(!names.includes("params.seed") && !names.includes("params.epochs"));
  for (const line of lines) {
    const of = (name) => Number(line[names.indexOf(name)]),
      g = want.get(of("params.p000")),
      mean = g.values.reduce((a, b) => a + b, 0) / g.values.length,
      sd = Math.sqrt(g.values.reduce((a, b) => a + (b - mean) ** 2, 0) / (g.values.length - 1));
    assert.deepEqual([of("n"), of("values"), of("failed")], [g.n, g.values.length, g.failed]);
    assert.ok(Math.abs(of("mean") - mean) < 1e-12 && Math.abs(of("sd") - sd) < 1e-12, String(line.slice(-9)));
  }
  assert.match(await page.textContent(".trials"), /12 groups of equal/);
  // The head says the same of the seeds of the best, in four digits.
  const best = [...want.values()].find((g) =>
      g.values.includes(Math.min(...objective.filter(Number.isFinite))),
    ),
    average = best.values.reduce((a, b) => a + b, 0) / best.values.length,
    said = /repeats: mean ([\d.]+) ± [\d.]+ of (\d)/.exec(await page.textContent(".head .best"));
  assert.deepEqual([Number(said[1]), Number(said[2])], [Number(average.toPrecision(4)), best.values.length]);
  await picture("wide-groups");
  await page.goto(at("/s/wide0001"));
  await page.waitForSelector("#chart-best :text('mean ± sd of the best')");
});

await test("the curve of a trial is over the band of all", async () => {
  await page.goto(at("/t/wide0001-1"));
  const finished = (await api("sweeps/wide0001")).counts.finished,
    text = await page.textContent("#chart-curve :text('10 to 90 % of')"),
    of = Number(/10 to 90 % of (\d+) trials/.exec(text)[1]);
  assert.ok(of >= finished && of <= trials, text);
});

await test("a seed has no ratio beside another", async () => {
  await page.goto(at("/t/wide0001-1?vs=2"));
  await page.waitForSelector(".values td:has-text('seed')");
  await page.waitForFunction(() => /beside trial 2/.test(document.body.textContent));
  const row = await page.$$eval(".values tr", (all) =>
    all.map((tr) => [...tr.children].map((td) => td.textContent)).find((cells) => cells[0] === "seed"),
  );
  assert.deepEqual(row, ["seed", "1", "2", ""]);
  await page.goto(at("/t/wide0001-1?vs=5"));
  await page.waitForFunction(() => /beside trial 5/.test(document.body.textContent));
  assert.match(await page.textContent(".values tr:has-text('p000')"), /×/);
});

await done();
