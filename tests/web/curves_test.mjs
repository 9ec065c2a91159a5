// SPDX-License-Identifier: GPL-3.0-or-later
// Curves: curves_web.py makes the store; the second argument is how many points its longest curve has.
import assert from "node:assert/strict";
import {
  api,
  at,
  calls,
  count,
  done,
  figures,
  keepCalls,
  page,
  picture,
  settled,
  test,
  timed,
  trials as points,
} from "./checks.mjs";

const [LONG, RUNGS, MANY] = ["curvec01", "rungsr02", "manymm03"];
await keepCalls();
let answers = [];
page.on("response", async (response) => {
  if (!/\/curves\?/.test(response.url())) return;
  const url = response.url();
  answers.push({url, body: await response.json().catch(() => null)});
});
const header = (id = "curves") => page.textContent(`#chart-${id} header`);
const drawn = () => page.waitForSelector("#chart-curves .plot canvas", {timeout: 60000});
// The newest answer to a question of this kind; a busy machine takes its time.
async function asked(pattern) {
  for (let i = 0; i < 400; i++) {
    const found = answers.findLast((a) => pattern.test(a.url) && a.body);
    if (found) return found.body;
    await page.waitForTimeout(50);
  }
  assert.fail(`nobody asked for ${pattern}`);
}
async function go(path) {
  answers = [];
  await page.goto(at(path));
  await drawn();
}
const twin = async () => {
  await page.click("#chart-curves button:has-text('table')");
  const rows = await page.$$eval("#chart-curves .twin tbody tr", (all) =>
    all.map((tr) => [...tr.children].map((td) => td.getAttribute("title"))),
  );
  await page.click("#chart-curves button:has-text('chart')");
  return rows;
};

await test("5: a long curve is drawn of few points, and its one spike is among them", async () => {
  await timed("curve_ms", async () => {
    await page.goto(at(`/s/${LONG}?tab=curves`));
    await drawn();
  });
  const from = Date.now();
  const {curves} = await api(`sweeps/${LONG}/curves?metric=loss&trials=0&points=1900`);
  figures.curve_server_ms = Date.now() - from;
  const shown = (await asked(/points=1900/)).curves[0];
  assert.equal(shown.of, points);
  assert.ok(shown.x.length <= 2000, `${shown.x.length} points`);
  assert.equal(shown.y[shown.x.indexOf(Math.floor(points / 3))], 50);
  assert.ok(shown.y.includes("NaN"), "the gap of three NaN");
  assert.deepEqual(curves[0].x, shown.x);
  assert.match(await header(), new RegExp(`min–max of ${count(shown.thin)} points a column`));
  // Far outside of the rest, it is marked at the edge, counted, and shown on request.
  await page.click("#chart-curves button:has-text('values outside')");
  await page.waitForSelector("#chart-curves button:has-text('without outliers')");
  await picture("curve");
});

await test("6: zooming asks for its range, and shows each point when there are few", async () => {
  const box = await page.locator("#chart-curves .canvases").boundingBox();
  answers = [];
  await page.mouse.move(box.x + 200, box.y + 150);
  await page.mouse.down();
  await page.mouse.move(box.x + 500, box.y + 160, {steps: 4});
  await page.mouse.up();
  await page.waitForFunction(() => /cz=/.test(location.search));
  await page.waitForSelector("#chart-curves button:has-text('reset zoom')");
  await settled();
  const [low, high] = new URL(page.url()).searchParams.get("cz").split("~").map(Number);
  assert.ok(low > 0 && high < points, `${low} to ${high}`);
  await asked(/from=.*to=/);
  const at600 = Math.floor(points / 3) - 300;
  await go(`/s/${LONG}?tab=curves&cz=${at600}~${at600 + 599}`);
  const near = (await asked(/from=.*to=/)).curves[0];
  await settled();
  assert.equal(near.of, 600);
  assert.equal(near.x.filter((x) => x >= at600 && x <= at600 + 599).length, 600);
  assert.ok(!near.thin);
  assert.equal((await twin()).length, 200, "the first 200 of them in the document");
  await page.focus("#chart-curves .canvases");
  await page.keyboard.press("0");
  await page.waitForFunction(() => !/cz=/.test(location.search));
});

await test("41: the smoothed curve is that of the whole series, whatever is thinned", async () => {
  const ask = `sweeps/${RUNGS}/curves?metric=loss&trials=7`;
  const raw = (await api(ask + "&points=5000")).curves[0],
    soft = (await api(ask + "&points=200&smooth=0.9")).curves[0];
  assert.equal(raw.x.length, 4000);
  assert.ok(soft.sx.length <= 202 && soft.x.length <= 202);
  const mean = (raw.x.at(-1) - raw.x[0]) / (raw.x.length - 1),
    whole = new Map();
  let sum = 0,
    all = 0;
  raw.x.forEach((x, i) => {
    const w = i ? 0.9 ** ((x - raw.x[i - 1]) / mean) : 0;
    sum = sum * w + raw.y[i];
    all = all * w + 1;
    whole.set(x, sum / all);
  });
  soft.sx.forEach((x, i) => assert.ok(Math.abs(soft.sy[i] - whole.get(x)) < 1e-6, `at ${x}`));
  const least = Math.min(...whole.values());
  assert.ok(Math.abs(Math.min(...soft.sy) - least) < 1e-6, "its least value stays");
});

await test("42: stopped trials end at their rung, and rungs have the threshold of the decisions", async () => {
  await go(`/s/${RUNGS}?tab=curves&f=number<7&top=all`);
  const rungs = await api(`sweeps/${RUNGS}/rungs`),
    trial = await api(`trials/${RUNGS}-3`);
  assert.deepEqual(
    rungs.map((r) => r.rung),
    [1, 2, 4, 8],
  );
  const last = trial.rungs.at(-1);
  assert.equal(last.rung, 4);
  assert.ok(rungs.some((r) => r.threshold !== null));
  const answer = await asked(/marks=1,2,4,8/);
  const stopped = answer.curves.find((c) => c.trial === 3);
  assert.equal(stopped.marks[2], stopped.x.at(-1), "it ends where it reached the rung");
  assert.deepEqual(
    answer.curves.find((c) => c.trial === 6).attempts,
    [
      [1, 0],
      [2, 4],
    ],
    "the second attempt goes on from step 4",
  );
  // What is drawn: ◆ at the end of the two that were stopped, × of the failed one, the rungs and their thresholds.
  await settled();
  const texts = await calls("#chart-curves canvas", "fillText"),
    where = (sign) => texts.filter(([text]) => text === sign).map(([, x]) => Math.round(x));
  const [first, second] = where("◆"),
    [failed] = where("×");
  assert.deepEqual([where("◆").length, where("×").length], [2, 1]);
  assert.equal(first, second, "both at rung 4");
  assert.ok(failed > first, "two steps later");
  const lines = where("rung 4");
  assert.equal(lines.length, 1);
  assert.ok(Math.abs(lines[0] - 3 - first) <= 1, `the line of rung 4 at ${lines[0] - 3}, ◆ at ${first}`);
  await picture("rungs");
});

await test("36: the line under the mouse is marked in the table, and the other way round", async () => {
  const box = await page.locator("#chart-curves .canvases").boundingBox();
  let marked = "";
  for (let y = 40; y < 290 && !marked; y += 12) {
    await page.mouse.move(box.x + 700, box.y + y);
    await page.waitForTimeout(40);
    marked = (await page.textContent("#chart-curves .under")).match(/^trial (\d+)/)?.[1] ?? "";
  }
  assert.ok(marked, "a line was near the mouse");
  await page.waitForSelector(`.rows .row.hover:has-text("${marked}")`);
});

await test("a metric over another one, several metrics, and logarithms", async () => {
  await go(`/s/${RUNGS}?tab=curves&f=number<7&m=loss;acc&cxl=1&cy=log`);
  await page.waitForSelector("#chart-curves-acc .plot canvas");
  await go(`/s/${RUNGS}?tab=curves&f=number<3&cx=acc`);
  assert.equal((await asked(/x=acc/)).curves[0].x.at(-1), 11 / 12);
  for (const x of ["time", "wall", "gpuh"]) {
    await go(`/s/${RUNGS}?tab=curves&f=number<3&cx=${x}&cs=0.5`);
    const one = (await asked(new RegExp(`x=${x}`))).curves[0];
    assert.ok(one.x.length && one.sx.length && one.x.every((v) => v >= 0), x);
  }
});

await test("in the timeline, what was lost is in stripes, and the legend says so", async () => {
  await page.goto(at(`/s/${RUNGS}?tab=timeline`));
  await page.waitForSelector("#chart-timeline >> text=▤lost");
  await settled();
  const stripes = (await calls(".timeline canvas", "fillRect")).filter(([, , , high]) => high === 2);
  assert.equal(stripes.length, 4, "of one attempt");
  assert.equal(new Set(stripes.map(([x]) => x)).size, 1);
});

await test("more than 200 trials are quantiles, by group where the colour is a category", async () => {
  await go(`/s/${MANY}?tab=curves&top=all`);
  const {bands, of} = await asked(/agg=band/);
  assert.equal(of, 220);
  assert.deepEqual(bands.n, [220, 220, 220]);
  assert.deepEqual(
    bands.q50.map((v) => Math.round(v * 10) / 10),
    [109.5, 110.5, 111.5],
  );
  assert.match(await header(), /10–90 % and 25–75 % of 220 of 220/);
  await go(`/s/${MANY}?tab=curves&top=all&c=params.opt`);
  await page.waitForSelector("#chart-curves .key:has-text('sgd')");
  assert.equal(answers.filter((a) => /agg=band/.test(a.url)).length, 2);
  assert.match(await page.textContent("#chart-curves"), /opt adamw.*opt sgd/s);
  await picture("bands");
});

await done();
