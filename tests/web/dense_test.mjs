// SPDX-License-Identifier: GPL-3.0-or-later
// More trials than there is room for as points: each view says what it shows of them. `web_test.py dense:60000` has as
// many in the store; with fewer, the page is sent those of the store again and again.
import assert from "node:assert/strict";
import {
  BIG,
  api,
  at,
  cost,
  count,
  done,
  expected,
  page,
  picture,
  ready,
  settled,
  test,
  trials,
} from "./checks.mjs";

const MANY = Math.max(trials, 25000),
  BEST = 2000,
  density = "#chart-best >> text=/^density of/";

async function manyTimes(route) {
  if (trials === MANY || route.request().url().includes("trials=")) return route.continue();
  const answer = await (await route.fetch()).json();
  for (const column of answer.columns)
    column.values = Array.from({length: MANY}, (_, row) => {
      const value = column.values[row % answer.n],
        noise = ((row * 7919) % 997) / 997;
      if (column.name === "number") return row;
      if (typeof value !== "number" || column.words) return value;
      return column.name === "ended"
        ? value + 600 * noise
        : column.name === "objective"
          ? value + noise
          : value;
    });
  answer.n = answer.of = MANY;
  await route.fulfill({json: answer});
}
await page.route(/\/bigbig01\/columns/, manyTimes);
await page.addInitScript(() => {
  window.drawn = 0;
  window.shades = new Set();
  for (const name of ["fillRect", "arc", "fillText"]) {
    const draw = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...args) {
      window.drawn++;
      if (name === "fillRect" && this.canvas.closest("#chart-best")) window.shades.add(this.globalAlpha);
      return draw.apply(this, args);
    };
  }
});

await test("the scatter has the density of many trials, the best as points, and says so", async () => {
  await page.goto(at(BIG));
  await ready();
  assert.equal(
    await page.textContent(density),
    `density of ${count(MANY)} trials, the ${count(BEST)} best as points`,
  );
  await page.evaluate(() => (window.drawn = 0));
  await cost("scale", () => page.selectOption("#chart-best label:has-text('y') select", "log"));
  const drawn = await page.evaluate(() => window.drawn);
  assert.ok(drawn > BEST && drawn < MANY, `${drawn} shapes`);
  const shades = await page.evaluate(() => [...window.shades].sort());
  assert.ok(shades.length > 5 && shades[0] < 0.4, `the more trials, the darker: ${shades}`);
  await picture("dense");
  const box = await page.locator("#chart-best canvas").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.7);
  await page.waitForSelector("#chart-best .tip"); // also of trials that are no points
});

await test("what a filter leaves is drawn as points", async () => {
  await page.goto(at(BIG + "?f=number<300"));
  await ready();
  assert.match(await page.textContent("#chart-best .shown"), new RegExp(`300 of ${count(MANY)} shown`));
  assert.equal(await page.locator(density).count(), 0);
  await page.goto(at(BIG + "?f=number>=1000"));
  await ready();
  assert.match(await page.textContent(density), new RegExp(`^density of ${count(MANY - 1000)} trials`));
});

await test("the other views have them all, and say so", async () => {
  const tabs = ["table", "parallel", ...(trials === MANY ? ["curves", "space", "compare"] : [])];
  for (const tab of tabs) {
    await page.goto(at(`${BIG}?tab=${tab}`));
    await page.waitForSelector(".shown");
    await settled();
    assert.match(await page.textContent(".shown"), new RegExp(`${count(MANY)} of ${count(MANY)} shown`), tab);
  }
});

await test("of a sweep with too many trials for one answer, the newest are shown, and each view says so", async () => {
  await page.unroute(/\/bigbig01\/columns/, manyTimes);
  await page.route(/\/bigbig01\/columns/, (route) => {
    const url = route.request().url();
    return url.includes("most=50000")
      ? route.continue({url: url.replace("most=50000", "most=50")})
      : route.fulfill({status: 413, json: {error: "the sweep has too many values"}});
  });
  const best = (await api("sweeps/bigbig01")).best.number;
  for (const tab of ["overview", "table", "parallel"]) {
    await page.goto(at(`${BIG}?tab=${tab}`));
    await ready();
    for (const text of await page.$$eval(".shown", (all) => all.map((e) => e.textContent)))
      assert.match(text, new RegExp(`^5[01] of 5[01] shownthe newest and the best of ${trials} trials`));
    assert.equal(await page.locator(".error").count(), 0);
    assert.match(await page.textContent(".best.facts"), new RegExp(`trial ${best}`));
  }
  expected(/413/);
});

await done();
