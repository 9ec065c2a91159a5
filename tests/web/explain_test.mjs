// SPDX-License-Identifier: GPL-3.0-or-later
// What was decided in a sweep and by whom: explain_web.py has made the store.
import assert from "node:assert/strict";
import {api, at, done, expected, page, picture, ready, settled, test, timed, trials} from "./checks.mjs";

const SWEEP = "rungs001";
const texts = () => page.$$eval("ol.explain .explain-text", (all) => all.map((e) => e.textContent));
const several = (n) =>
  page.waitForFunction((n) => document.querySelectorAll("ol.explain .explain-text").length === n, n);

await page.waitForSelector("table.list"); // it is signed in

await test("pages of the log are all of it, in order, and within bounds", async () => {
  const seen = [];
  for (let before = ""; before !== null;) {
    const answer = await api(`sweeps/${SWEEP}/explain?limit=100${before ? "&before=" + before : ""}`);
    assert.ok(answer.entries.length <= 100);
    seen.push(...answer.entries);
    before = answer.before;
  }
  assert.equal(seen.filter((e) => e.kind === "proposal").length, trials);
  assert.equal(seen.filter((e) => e.kind === "stop").length, trials / 10);
  assert.equal(seen.filter((e) => e.kind === "end").length, trials / 10);
  assert.deepEqual(
    seen.map((e) => e.seq),
    seen.map((e) => e.seq).sort((a, b) => b - a),
  );
  assert.match(seen[1].text + seen[1].by, /the sweep is paused \(user\)local user ann/);
  assert.equal(seen.at(-1).text, "the sweep was created");
  assert.equal((await api(`sweeps/${SWEEP}/explain?kind=nothing`)).entries.length, 0);
  assert.match((await api(`sweeps/${SWEEP}/explain?limit=x`)).error, /limit=x is not a whole number/);
  expected(/400/);
});

await test("42: the rung table of Explain has the numbers of the stops", async () => {
  await timed("explain_ms", async () => {
    await page.goto(at(`/s/${SWEEP}?tab=explain&ek=stop`));
    await several(trials / 10);
  });
  const {entries} = await api(`sweeps/${SWEEP}/explain?kind=stop&limit=1000`);
  const table = await page.$$eval(".explain-rungs tbody tr", (all) =>
    all.map((row) => [...row.children].map((cell) => cell.title || cell.textContent)),
  );
  assert.deepEqual(
    table,
    entries.map(({trial, rung}) =>
      rung.value === "NaN"
        ? [String(trial), "–", "NaN", "", "–", "asha"]
        : [String(trial), "4", String(rung.value), `${trial} of ${trial + 1}`, "1.001", "asha"],
    ),
  );
  for (const [i, text] of (await texts()).entries())
    assert.match(
      text,
      new RegExp(
        `^trial ${table[i][0]} was stopped by asha: ` +
          (table[i][2] === "NaN"
            ? "its metric is NaN, and was last finite at step 3"
            : `${Number(Number(table[i][2]).toPrecision(6))} at iteration 4 is rank`),
      ),
    );
  await picture("explain-stops");
});

await test("what another tab of the page shows already is not read again", async () => {
  const asked = [],
    note = (request) => /\/columns/.test(request.url()) && asked.push(request.url());
  page.on("request", note);
  await page.goto(at(`/s/${SWEEP}`));
  await ready();
  await page.waitForSelector("text=● live", {timeout: 60000});
  await page.click(".tabs a:has-text('Explain')");
  await several(100);
  await page.waitForTimeout(700); // tabs are told of facts after 500 ms
  await page.goto(at(`/s/${SWEEP}?tab=explain`));
  await several(100);
  await page.waitForSelector("text=● live", {timeout: 60000});
  await page.waitForTimeout(700);
  page.off("request", note);
  assert.equal(asked.length, 2, "one for each time that the page was opened: " + asked);
});

await test("on a narrow page the numbers of the rungs are in sight, and can be read", async () => {
  await page.setViewportSize({width: 360, height: 740});
  await settled();
  const [needs, has] = await page.$eval(".explain-rungs", (e) => [e.scrollWidth, e.clientWidth]);
  assert.ok(needs <= has, `${needs} of ${has}`);
  await picture("explain-narrow");
  await page.setViewportSize({width: 1280, height: 900});
});

await test("the sentences are those of the trial's page, and each leads there", async () => {
  await page.goto(at(`/s/${SWEEP}?tab=explain&eq=trial 43 `));
  await several(2);
  assert.match((await texts()).join("\n"), /trial 43 was proposed by the model of tpe, from 43 results/);
  await page.click("ol.explain a:has-text('trial 43')");
  await page.waitForSelector(".act-why");
  const why = await page.textContent(".act-why");
  assert.match(why, /proposedby the model of tpe, from 43 results and 0 running trials/);
  assert.match(why, /chosenbecause good results .* 2 times as dense/);
  assert.match(why, /nearestgood trials 0 \(1\), 1 \(1\.001\), 2 \(1\.002\)/);
  assert.match(
    why,
    /stoppedby asha: 1\.043 at iteration 4 is rank 43 of 44 trials; the worst that continues is 1\.001/,
  );
  await page.goto(at(`/t/${SWEEP}-47`));
  await page.waitForSelector(".act-why");
  assert.match(await page.textContent(".act-why"), /failedout of memory: CUDA out of memory/);
  expected(/503/);
});

await test("older entries come when they are asked for, and a search that finds nothing says so", async () => {
  await page.goto(at(`/s/${SWEEP}?tab=explain`));
  await several(100);
  assert.match(await page.textContent("ol.explain"), /the sweep is paused.* · local user ann/);
  assert.match(await page.textContent("ol.explain li:first-child.explain-day"), /^\d+ \w+ 20\d\d$/);
  await page.click("button:has-text('Earlier')");
  await several(200);
  await page.fill("#filter", "no such word");
  await page.waitForSelector("text=Nothing of this kind was decided");
  // One answer looks at some facts, and may have found nothing yet.
  await page.route(/explain\?q=CUDA$/, (route) => route.fulfill({json: {entries: [], before: 1e9}}));
  await page.fill("#filter", "CUDA");
  await several(trials / 10);
  await page.unroute(/explain\?q=CUDA$/);
});

await test("what is being read stays where it is when there is more", async () => {
  await page.goto(at(`/s/${SWEEP}?tab=explain`));
  await several(100);
  await page.waitForSelector("text=● live", {timeout: 60000});
  await page.mouse.wheel(0, 4000);
  await page.waitForFunction(() => scrollY > 1000);
  const before = await texts();
  await page.evaluate(
    (path) => fetch(path, {method: "POST", body: JSON.stringify({add: ["read"]})}),
    `/api/v1/sweeps/${SWEEP}/tag`,
  );
  const more = page.locator("button", {hasText: "there is more ▲"});
  await more
    .or(page.locator("ol.explain", {hasText: "read"}))
    .first()
    .waitFor();
  assert.deepEqual(await texts(), before);
  await more.click();
  await page.locator("ol.explain", {hasText: "the sweep was tagged +read"}).waitFor();
});

await test("a trial that runs although its metric stays NaN is named, and one button stops it", async () => {
  await page.goto(at("/s/lost0001"));
  await page.click(
    ".alerts li:has-text('trial 1 still runs, but its val_loss stays NaN or infinite') button",
  );
  await page.waitForSelector(".act-panel:has-text('lost0001-1')");
});

await test("44: hostile texts are texts", async () => {
  await page.goto(at("/s/xssxss02?tab=explain"));
  await page.waitForSelector("ol.explain .explain-text");
  await settled();
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.match(await page.textContent("ol.explain"), /onmouseover='window\.hit=1/);
});

await done();
