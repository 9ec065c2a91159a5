// SPDX-License-Identifier: GPL-3.0-or-later
// The list, a sweep's overview, a trial: see checks.mjs.
import assert from "node:assert/strict";
import {axis, column, columns} from "./big.mjs";
import {open} from "./browser.mjs";
import {
  api,
  at,
  BIG,
  browser,
  context,
  count,
  done,
  expected,
  figures,
  link,
  page,
  picture,
  ready,
  rows,
  settled,
  shown,
  test,
  timed,
  trials,
  wrong,
} from "./checks.mjs";

await test("the token leaves the address, and its history", async () => {
  await page.waitForSelector("table.list tbody tr");
  assert.equal(page.url(), at("/"));
  const cookies = await context.cookies();
  assert.equal(cookies.length, 1);
  assert.ok(cookies[0].httpOnly && cookies[0].sameSite === "Strict" && !cookies[0].value.includes("bsm_"));
});

await test("hostile texts are texts in the list", async () => {
  assert.match(await page.textContent("table.list"), /<script>window\.hit=1<\/script>/);
  assert.equal((await page.$$("table.list tbody tr")).length, 4);
  await picture("list");
});

await test("a sweep of hostile texts, values beyond any range, and a failed trial", async () => {
  await page.goto(at("/s/xssxss02"));
  await ready(page);
  const text = await page.textContent("main");
  assert.match(text, /\\u202egnp/);
  for (const order of ["objective", "-objective"]) {
    await page.goto(at("/s/xssxss02?sort=" + order));
    await ready(page);
    const values = (await rows(page)).map((row) => row[2]);
    assert.deepEqual(values.slice(-3), ["2", "inf", "NaN"], "failed, inf and NaN are last: " + values);
  }
  for (const tab of ["parallel", "curves", "spec"]) {
    await page.goto(at("/s/xssxss02?tab=" + tab));
    await page.waitForSelector(".tabs");
    await settled(page);
  }
  for (let n = 0; n < 8; n++) {
    await page.goto(at("/t/xssxss02-" + n));
    await page.waitForSelector("text=Attempts");
    await settled(page);
  }
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.doesNotMatch(await page.textContent("main"), /undefined|NaN %|Infinity/);
});

await test("a sweep without a trial says what is to come", async () => {
  await page.goto(at("/s/empty003"));
  await page.waitForSelector("text=No trial yet");
});

await test("all trials are there, few of them in the document", async () => {
  await timed("sweep_ms", async () => {
    await page.goto(at(BIG));
    await page.waitForSelector(".rows .row:nth-child(3)", {timeout: 60000});
  });
  await settled(page);
  assert.equal(await shown(page), `${trials} of ${trials}`);
  assert.ok((await page.$$(".rows .row")).length <= 80);
  assert.equal((await rows(page))[0][0], String(trials - 1));
  await timed("scroll_ms", async () => {
    await page.$eval(".rows", (e) => {
      e.scrollTop = e.scrollHeight;
    });
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".rows .row")].some((row) => row.firstChild.textContent === "0"),
    );
  });
  assert.ok((await page.$$(".rows .row")).length <= 80);
  await page.$eval(".rows", (e) => {
    e.scrollTop = 0;
  });
  await picture("sweep");
});

await test("sorting puts failed trials and NaN last both ways", async () => {
  await timed("sort_ms", async () => {
    await page.click(".rows .head button[title=objective]");
    await page.waitForSelector("[aria-sort=ascending]");
  });
  await settled(page);
  const best = (await rows(page)).slice(0, 10).map((row) => Number(row[2]));
  assert.deepEqual(
    best,
    [...best].sort((a, b) => a - b),
  );
  assert.ok(page.url().endsWith("?sort=objective"));
  await page.click(".rows .head button[title=objective]");
  await page.waitForSelector("[aria-sort=descending]");
  await settled(page);
  const worst = await rows(page);
  assert.ok(worst.slice(0, 10).every((row) => !/failed/.test(row[1]) && row[2] !== "NaN"));
  await page.goBack();
  await page.waitForSelector("[aria-sort=ascending]");
});

await test("a filter changes each view, and so does its removal", async () => {
  await timed("filter_ms", async () => {
    await page.fill("#filter", "state:finished lr<1e-3");
    await page.waitForFunction(
      (all) => !document.querySelector(".trials header .shown").textContent.startsWith(all),
      count(trials),
    );
  });
  await settled(page);
  const n = (await shown(page)).split(" ")[0];
  for (const heading of ["Best so far", "Parallel"])
    assert.match(
      (await page.textContent(`.card:has(h2:has-text("${heading}")) header .shown`)).replace(/,/g, ""),
      new RegExp("^" + n + " of"),
    );
  const lr = (await page.$$eval(".rows .head span", (all) => all.map((e) => e.textContent))).indexOf("lr");
  const left = await rows(page);
  assert.ok(left.length > 3);
  for (const row of left) {
    assert.match(row[1], /finished/);
    assert.ok(Number(row[lr]) < 1e-3);
  }
  await page.fill("#filter", "nothing<3");
  await page.waitForSelector("text=no trial has 'nothing'");
  await page.fill("#filter", "");
  await settled(page);
  assert.equal(await shown(page), `${trials} of ${trials}`);
});

await test("a brush on an axis holds for all views, and going back removes it", async () => {
  await page.goto(at(BIG));
  await ready(page);
  await page.locator(".parallel").scrollIntoViewIfNeeded();
  const lr = await axis("params.lr"),
    url = page.url();
  await page.mouse.move(lr.x, lr.y + lr.height * 0.5);
  await page.mouse.down();
  const moves = [];
  for (let i = 1; i <= 10; i++) {
    const from = Date.now();
    await page.mouse.move(lr.x, lr.y + lr.height * (0.5 + 0.04 * i));
    moves.push(Date.now() - from);
  }
  await page.mouse.up();
  await settled(page);
  figures.brush_ms = Math.max(...moves);
  const b = new URL(page.url()).searchParams.get("b"),
    [, low, high] = /params\.lr:([^~]+)~(.+)/.exec(b).map(Number);
  assert.ok(low > 0 && low < high && high < 0.01, "an axis with a log scale: " + b);
  const inside = column(await columns("?cols=params.lr"), "params.lr").filter((x) => x >= low && x <= high);
  assert.equal(await shown(page), `${inside.length} of ${trials}`);
  await page.goBack();
  await settled(page);
  assert.equal(page.url(), url);
  assert.equal(await shown(page), `${trials} of ${trials}`);
  await page.goForward();
  await settled(page);
  assert.notEqual(await shown(page), `${trials} of ${trials}`);
  await picture("brush");
});

await test("axes are reordered by keys, and the address restores all of it in a fresh profile", async () => {
  const names = () => page.$$eval("svg .of-axis > title", (all) => all.map((e) => e.textContent));
  const before = await names();
  await page.focus("svg .name >> nth=1");
  await page.keyboard.press("Shift+ArrowLeft");
  await settled(page);
  assert.deepEqual((await names()).slice(0, 2), [before[1], before[0]]);
  await page.fill("#filter", "state:finished");
  await page.click(".rows .head button[title='params.depth']");
  await settled(page);
  const [want, url, text] = [await names(), page.url(), await shown(page)];
  const other = await open(browser, link);
  await other.page.waitForSelector("table.list");
  await other.page.goto(url);
  await ready(other.page);
  assert.deepEqual(
    await other.page.$$eval("svg .of-axis > title", (all) => all.map((e) => e.textContent)),
    want,
  );
  assert.equal(await shown(other.page), text);
  assert.ok(await other.page.$("[aria-sort=ascending] button[title='params.depth']"));
  assert.deepEqual(other.wrong, []);
  await other.context.close();
});

await test("hovering a row marks its trial in the charts", async () => {
  await page.goto(at(BIG));
  await ready(page);
  await page.hover(".rows .row:nth-child(5)");
  await page.waitForSelector(".chart .tip");
  const number = (await rows(page))[3][0];
  assert.match(await page.textContent(".chart .tip"), new RegExp("^" + number + " "));
});

await test("curves of the best trials", async () => {
  await timed("curves_ms", async () => {
    await page.goto(at(BIG + "?tab=curves"));
    await page.waitForSelector(".plot canvas", {timeout: 60000});
  });
  assert.match(await page.textContent(".card:has(h2:has-text('Curves')) header"), /20 of/);
  await picture("curves");
});

await test("keys: list, sweep, rows, trial, and back", async () => {
  await page.goto(at(BIG));
  await ready(page);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get("sel"), String(trials - 2));
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Attempts");
  assert.ok(page.url().endsWith(`/t/bigbig01-${trials - 2}`));
  await settled(page);
  await page.keyboard.press("Escape");
  await ready(page);
  await page.keyboard.press("f");
  await settled(page);
  const failed = await rows(page);
  assert.ok(failed.length > 1 && failed.every((row) => /failed/.test(row[1])));
  assert.match(await page.textContent(".head .best"), /best .*trial \d/, "the head is of all trials");
  const parallel = await page.textContent(".card:has(.parallel)");
  assert.match(parallel, /colour: state/, "where all that is shown failed, it is drawn");
  assert.doesNotMatch(parallel, /failed hidden/);
  await page.keyboard.press("]");
  await settled(page);
  assert.match(page.url(), /tab=table/);
});

await test("a trial beside the best", async () => {
  await page.goto(at("/t/bigbig01-17"));
  await page.waitForSelector(".plot canvas");
  await settled(page);
  assert.match(await page.textContent(".values"), /./);
  await picture("trial");
});

await test("narrow pages do not scroll sideways", async () => {
  await page.setViewportSize({width: 320, height: 640});
  for (const path of ["/", BIG, "/t/bigbig01-3"]) {
    await page.goto(at(path));
    await page.waitForSelector("main table, main .rows");
    await settled(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${path}: ${width}`);
    if (path !== "/") continue;
    const cut = await page.$$eval("table.list td", (all) =>
      all.filter((td) => td.getBoundingClientRect().right > innerWidth).map((td) => td.textContent),
    );
    assert.deepEqual(cut, [], "cells beyond the edge");
    assert.match(await page.textContent(".sweeps tbody"), /\d+ failed · \d+ of \d+ in 1 h/);
  }
  await page.goto(at(BIG + "?tab=spec"));
  await page.waitForSelector(".tabs [aria-current]");
  await settled(page);
  const [bar, tab] = await page.evaluate(() =>
    [".tabs", ".tabs [aria-current]"].map((name) => {
      const {left, right} = document.querySelector(name).getBoundingClientRect();
      return [left, right];
    }),
  );
  assert.ok(tab[0] >= bar[0] - 1 && tab[1] <= bar[1] + 1, `the open tab is in sight: ${tab} of ${bar}`);
  await page.setViewportSize({width: 1280, height: 900});
});

await test("13: without scripts the list, the head of a sweep and its trials are tables", async () => {
  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  });
  const tables = await plain.newPage();
  await tables.goto(at("/"));
  await tables.click("noscript a");
  await tables.waitForURL(at("/plain"));
  const cells = (some) =>
    tables.$$eval(some + " tr", (all) =>
      all.map((tr) => [...tr.children].map((td) => td.textContent.trim())),
    );
  const sweep = await api("sweeps/bigbig01"),
    best = `${sweep.best.objective}, trial ${sweep.best.number}`,
    counts = Object.entries(sweep.counts)
      .filter(([, n]) => n)
      .map(([state, n]) => `${n} ${state}`)
      .join(", ");
  assert.deepEqual(
    (await cells("table")).find((row) => row[0] === "bigbig01"),
    ["bigbig01", "cifar-resnet", "running", "tpe", counts, best],
  );
  await tables.click("a:text-is('bigbig01')");
  assert.deepEqual(Object.fromEntries(await cells("table:nth-of-type(1)")), {
    id: "bigbig01",
    state: "running",
    reason: "",
    method: "tpe",
    metric: "val_loss, minimize",
    best,
    trials: `${counts} of ${sweep.total}`,
  });
  const [head, first, ...others] = await cells("table:nth-of-type(2)");
  assert.deepEqual(head, ["trial", "state", "reason", "objective", "parameters", "seconds", "agent"]);
  assert.deepEqual([Number(first[0]), Number(first[3])], [sweep.best.number, sweep.best.objective]);
  assert.match(first[4], /^lr=.*, optimizer=(adamw|sgd|lion), .*seed=\d$/);
  assert.equal(others.length + 1, Math.min(trials, 1000));
  await plain.close();
});

await test("signed out, nothing is shown", async () => {
  await page.goto(at("/"));
  await page.waitForSelector("table.list");
  await page.click("text=sign out");
  await page.waitForSelector("form input[type=password]");
  expected(/401/);
  await page.reload();
  await page.waitForSelector("form input[type=password]");
  expected(/401/);
});

await test("a link with a token that is pasted into the open page signs in", async () => {
  await page.evaluate((hash) => (location.hash = hash), new URL(link).hash);
  await page.waitForSelector("table.list");
  assert.equal(page.url(), at("/"));
});

await done();
