// SPDX-License-Identifier: GPL-3.0-or-later
// What a mouse does: brushes on axes, axes that are moved, and the trial under it. See checks.mjs.
import assert from "node:assert/strict";
import {axis, column, columns, drag, fresh, query} from "./big.mjs";
import {
  at,
  BIG,
  count,
  done,
  download,
  page,
  picture,
  ready,
  rows,
  settled,
  shown,
  test,
  trials,
} from "./checks.mjs";

const all = await columns();

await test("35, 37: several ranges of an axis, as many trials as the controller's filter finds", async () => {
  await fresh("?tab=parallel");
  const lr = await axis("params.lr");
  await drag(lr.x, lr.y + lr.height * 0.1, lr.y + lr.height * 0.3);
  await drag(lr.x, lr.y + lr.height * 0.6, lr.y + lr.height * 0.8);
  assert.equal(query("b").split("|").length, 2, query("b"));
  const tip = await page.getAttribute("button:text-is('keep')", "title");
  const found = await columns(
    "?cols=number&filter=" + encodeURIComponent(tip.replace("into the filter: ", "")),
  );
  assert.equal(await shown(), `${found.n} of ${trials}`);
  assert.ok(found.n > 0 && found.n < trials);
  const [head, ...lines] = await download(() => page.click(".trials header button:text-is('CSV')")),
    numbers = lines.map((line) => Number(line[head.indexOf("number")]));
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    column(found, "number"),
  );
  await page.click("button:text-is('invert')");
  await settled();
  const none = column(all, "params.lr").filter((v) => v === null).length;
  assert.equal(await shown(), `${trials - found.n - none} of ${trials}`);
  await page.click("button:text-is('invert')");
  await page.click("button:text-is('keep')");
  await settled();
  assert.equal(query("b"), "");
  assert.equal(await shown(), `${found.n} of ${trials}`);
  await picture("kept");
});

await test("35: a filter and a brush leave as many trials in each view as the controller finds", async () => {
  const filter = "state:finished,stopped lr<1e-2",
    {n} = await columns("?cols=number&filter=" + encodeURIComponent(filter + " dropout>=0.1 dropout<=0.4"));
  assert.ok(n > 20 && n < trials / 2, String(n));
  for (const [tab, ...charts] of [
    ["overview", "best", "parallel"],
    ["parallel", "parallel"],
    ["curves"],
    ["timeline", "timeline"],
    ["space", "slices"],
    ["compare"],
    ["table"],
  ]) {
    await page.goto(at(`${BIG}?tab=${tab}&b=params.dropout:0.1~0.4&f=${encodeURIComponent(filter)}`));
    for (const id of charts) await page.waitForSelector(`#chart-${id} .shown`, {timeout: 60000});
    if (tab !== "timeline" && tab !== "space") await ready();
    const said = await page.$$eval("main .shown", (all) =>
      all.map((e) => parseInt(e.textContent.replaceAll(",", ""))),
    );
    assert.ok(said.length > charts.length - 1 && said.every((some) => some === n), `${tab}: ${said}, ${n}`);
    if (tab === "curves")
      assert.match(
        await page.textContent("#chart-curves header"),
        new RegExp(`20 of ${count(n)} shown trials`),
      );
  }
});

await test("a brush is moved and resized by hand and by keys, and its bounds are typed", async () => {
  await fresh("?tab=parallel&b=params.dropout:0.2~0.3");
  const body = await page.$eval(".parallel .body", (e) => {
    const b = e.getBoundingClientRect();
    return {x: b.x + b.width / 2, y: b.y + b.height / 2};
  });
  await drag(body.x, body.y, body.y - 30);
  const [low, high] = /dropout:([^~]+)~(.+)/.exec(query("b")).slice(1).map(Number);
  assert.ok(low > 0.22 && Math.abs(high - low - 0.1) < 0.01, query("b"));
  const inside = column(all, "params.dropout").filter((v) => v >= low && v <= high).length;
  assert.equal(await shown(), `${inside} of ${trials}`);
  await page.focus(".parallel [role=slider]");
  await page.keyboard.press("Shift+ArrowUp");
  await settled();
  const taller = Number(/~(.+)/.exec(query("b"))[1]);
  assert.ok(taller > high);
  await page.keyboard.press("Delete");
  await settled();
  assert.equal(query("b"), "");
  await page.focus('.of-axis:has(> title:text-is("params.lr")) > .name');
  await page.keyboard.press("Enter");
  await page.fill(".axis-menu input[aria-label=from]", "1e-4");
  await page.fill(".axis-menu input[aria-label=to]", "1e-3");
  await page.click(".axis-menu button:text-is('brush')");
  await settled();
  assert.equal(query("b"), "params.lr:0.0001~0.001");
  await picture("axis-menu");
});

await test("a category's ticks are switched on and off", async () => {
  await fresh("?tab=parallel");
  const [adamw, sgd] = ["adamw", "sgd"].map((w) => `.parallel [aria-label="optimizer: ${w}"]`);
  await page.click(adamw);
  await page.focus(sgd);
  await page.keyboard.press("Enter");
  await settled();
  const want = column(all, "params.optimizer").filter((v) => v === "adamw" || v === "sgd").length;
  assert.equal(await shown(), `${want} of ${trials}`);
  await page.click(adamw);
  await settled();
  assert.equal(query("b"), "params.optimizer:=sgd");
});

await test("30, 38: an axis is flipped, hidden, scaled, and moved by mouse and by keys", async () => {
  await fresh("?tab=parallel");
  const names = () => page.$$eval(".of-axis > title", (all) => all.map((e) => e.textContent));
  const before = await names();
  await page.focus(".parallel .name >> nth=2");
  await page.keyboard.press("Shift+ArrowLeft");
  await settled();
  assert.deepEqual((await names()).slice(1, 3), [before[2], before[1]]);
  const [from, to] = await page.$$eval(".parallel .name", (all) =>
    [0, 2].map((i) => {
      const b = all[i].getBoundingClientRect();
      return {x: b.x + b.width / 2, y: b.y + b.height / 2};
    }),
  );
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, {steps: 3});
  await page.mouse.up();
  await settled();
  assert.equal((await names())[2], before[0]);
  const lr = '.of-axis:has(> title:text-is("params.lr")) > .name';
  assert.match(await page.getAttribute(lr, "aria-label"), /axis, log;/);
  await page.click(lr);
  await page.selectOption(".axis-menu select", "rank");
  await page.click(".axis-menu button:text-is('flip')");
  await settled();
  assert.deepEqual([query("scale"), query("flip")], ["params.lr:rank", "params.lr"]);
  await page.click(".axis-menu button:text-is('hide')");
  await settled();
  assert.ok(!(await names()).includes("params.lr"));
});

await test("the lane of NaN filters", async () => {
  await fresh("?tab=parallel&ax=params.lr,metrics.val_loss");
  const lane = page.locator(".lane[aria-label*='NaN']"),
    n = await lane.textContent();
  await lane.click();
  await settled();
  assert.equal(query("f"), "metrics.val_loss:nan,inf,-inf");
  assert.equal(await shown(), `${n} of ${trials}`);
});

await test("colours of any column, with a legend", async () => {
  await fresh("?c=params.optimizer");
  assert.match(await page.textContent("#chart-parallel .legend"), /optimizer.*adamw.*sgd.*lion/);
  await fresh("?c=params.lr");
  assert.match(await page.textContent("#chart-best .legend"), /lr.*0\./);
});

// Whether something is drawn on the last canvas there: what is marked has one of its own.
const marked = (some) =>
  page.$$eval(some + " canvas", (all) => {
    const c = all.at(-1),
      blank = Object.assign(document.createElement("canvas"), {width: c.width, height: c.height});
    return c.toDataURL() !== blank.toDataURL();
  });
const MARKS = ["#chart-best", "#chart-parallel"];
// The trial that the tip of the scatter and the table tell of.
const told = () =>
  page.evaluate(() => [
    parseInt(document.querySelector("#chart-best .tip")?.textContent ?? "-1"),
    parseInt(document.querySelector(".rows .row.hover")?.textContent ?? "-1"),
  ]);
async function sweepOver(selector, until) {
  const box = await page.locator(selector).boundingBox();
  for (let i = 1; i < 60; i++) {
    await page.mouse.move(box.x + (box.width * (20 + ((i * 37) % 60))) / 100, box.y + (box.height * i) / 60);
    await page.waitForTimeout(20);
    if (await until()) return;
  }
  assert.fail("nothing is marked over " + selector);
}

await test("36: the trial under the mouse is marked in each other view", async () => {
  const few = "f=number:" + Array.from({length: 9}, (_, i) => Math.floor((i * trials) / 9)).join(",");
  await page.setViewportSize({width: 1280, height: 1600});
  await fresh("?" + few);
  const seen = async () => {
      const [tip, row] = await told();
      return tip >= 0 && tip === row && (await marked(MARKS[0])) && (await marked(MARKS[1]));
    },
    none = async () => {
      await page.mouse.move(2, 2);
      await page.waitForFunction(() => !document.querySelector(".row.hover, .tip"));
      await page.waitForTimeout(50);
      for (const chart of MARKS) assert.ok(!(await marked(chart)), chart);
    };
  await none();
  await page.hover(".rows .row:nth-child(6) [role=gridcell]:nth-child(3)");
  await page.waitForSelector(".tip");
  assert.ok(await seen(), "from the table");
  const [number] = await told(),
    point = await page.$eval("#chart-best .tip", (tip) => {
      const box = tip.parentElement.getBoundingClientRect();
      return [box.x + parseFloat(tip.style.left) - 10, box.y + parseFloat(tip.style.top) + 30];
    });
  await none();
  await page.mouse.move(...point);
  await page.waitForSelector(".row.hover");
  assert.ok(await seen(), "from the scatter");
  assert.equal((await told())[0], number);
  await none();
  await sweepOver(".parallel .chart", seen);
  await none();
  await fresh("?tab=curves&" + few);
  await page.waitForSelector("#chart-curves .plot canvas");
  assert.ok(!(await marked("#chart-curves")));
  const rowOf = () =>
    page.$eval("#chart-curves .under", (e) => {
      const trial = /^trial (\d+)/.exec(e.textContent)?.[1];
      return !!trial && parseInt(document.querySelector(".rows .row.hover")?.textContent) === Number(trial);
    });
  await sweepOver("#chart-curves .canvases", rowOf);
  await page.mouse.move(2, 2);
  await page.waitForFunction(() => !document.querySelector(".row.hover"));
  const numbers = (await rows()).map((r) => r[0]);
  for (let i = 0; i < numbers.length && !(await marked("#chart-curves")); i++)
    await page.hover(`.rows .row:nth-child(${i + 2}) [role=gridcell]:nth-child(3)`);
  assert.ok(await marked("#chart-curves"), "a row marks its curve");
  await page.setViewportSize({width: 1280, height: 900});
});

await done();
