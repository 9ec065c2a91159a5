// SPDX-License-Identifier: GPL-3.0-or-later
// What an address keeps, and what is said of an old one: see checks.mjs.
import assert from "node:assert/strict";
import {columns, fresh} from "./big.mjs";
import {at, BIG, differs, done, drawn, page, restored, rows, shown, test, trials} from "./checks.mjs";

await test("16: of an old address, what is unknown is named and left out", async () => {
  await fresh(
    "?b=params.gone:1~2;params.optimizer:0~1&cols=number,params.gone&sort=metrics.gone&c=nothing&scale=params.lr:cubic&x=never&sel=abc&f=gone<3" +
      "&tab=gone&m=val_loss;gone&cx=never&sp=params.gone&spx=gone&spy=params.never&pa=gone&par=1&imp=guess" +
      "&g=-params.gone&cmp=1,987654321&flip=params.gone&left=params.gone&w=params.gone:99,params.lr:9&top=some",
  );
  const said = (await page.$$eval("[role=alert]", (all) => all.map((e) => e.textContent))).join(" ");
  for (const word of [
    "brush gone",
    "brush optimizer",
    "column gone",
    "sort by gone",
    "colour nothing",
    "scale",
    "x never",
    "trial abc",
    "tab gone",
    "metric gone",
    "x of curves never",
    "slice of gone",
    "x of the surface gone",
    "y of the surface never",
    "objective gone",
    "reference point 1",
    "way of importance guess",
    "group by gone",
    "trial 987654321",
    "flipped axis gone",
    "column at the left gone",
    "width of gone",
    "width of lr",
    "best some",
    "no trial has 'gone'",
  ])
    assert.ok(said.includes(word), word + ": " + said);
  for (const word of ["metric val_loss", "trial 1,"]) assert.ok(!said.includes(word), word + ": " + said);
  assert.equal(await shown(), `${trials} of ${trials}`);
});

await test("14: an address has the columns with their places, widths and order, and the trials", async () => {
  const filter = "state:finished params.lr>=0.0001 params.lr<=0.01 -optimizer:sgd";
  await fresh(
    "?tab=table&f=state:finished&b=params.lr:0.0001~0.01;params.optimizer:!sgd&sort=-params.depth,objective&cols=number,objective,params.depth,params.lr&left=params.depth&w=params.lr:200&shade=1&cmp=1,2",
  );
  const heads = await page.$$eval(".rows .head > span", (all) =>
    all.map((e) => [e.querySelector("button").title, e.offsetWidth, e.ariaSort, e.className]),
  );
  assert.deepEqual(heads, [
    ["number", 88, "none", "pinned"],
    ["params.depth", 104, "descending", "pinned"],
    ["objective", 104, "ascending", ""],
    ["params.lr", 200, "none", ""],
  ]);
  const {n} = await columns("?cols=number&filter=" + encodeURIComponent(filter));
  assert.equal(await shown(), `${n} of ${trials}`);
  const shades = await page.$$eval(".rows .row > :nth-child(3)", (all) => all.map((e) => e.style.cssText));
  assert.ok(shades.filter((text) => /gradient/.test(text)).length > 2, "the objective is shaded");
  assert.match(await page.textContent(".trials"), /2 chosen/);
});

const near = async (selector, from, to, y) => {
  const box = await page.locator(selector).boundingBox();
  await page.mouse.move(box.x + from * box.width, box.y + y);
  await page.mouse.down();
  await page.mouse.move(box.x + to * box.width, box.y + y + 4, {steps: 4});
  await page.mouse.up();
};
await test("14: scales, turned axes, colours, the selected trial and zooms are restored in each tab", async () => {
  const lr = '.of-axis:has(> title:text-is("params.lr")) > .name';
  for (const [tab, what, steps] of [
    [
      "parallel",
      ".rows .row:nth-child(3)",
      {
        async scale() {
          await page.click(lr);
          await page.selectOption(".axis-menu select", "linear");
          await page.keyboard.press("Escape");
        },
        async flip() {
          await page.click(lr);
          await page.click(".axis-menu button:text-is('flip')");
          await page.keyboard.press("Escape");
        },
        c: () => page.selectOption(".tools select", "params.optimizer"),
        sel: () => page.click(".rows .row:nth-child(4) [role=gridcell]:nth-child(2)"),
      },
    ],
    [
      "curves",
      ".plot canvas",
      {cz: () => near(".plot canvas >> nth=1", 0.3, 0.8, 60), cy: () => page.check("text=log y")},
    ],
    ["timeline", ".timeline canvas", {tl: () => near(".timeline canvas", 0.3, 0.5, 40)}],
    [
      "space",
      "#chart-surface p:has-text('Gaussian process')",
      {spx: () => page.selectOption("#chart-surface select >> nth=0", "params.optimizer")},
    ],
  ]) {
    await page.goto(at(`${BIG}?tab=${tab}&f=state:finished`));
    await page.waitForSelector(what, {timeout: 60000});
    let before = await drawn();
    for (const [name, step] of Object.entries(steps)) {
      await step();
      await page.waitForFunction((name) => new URL(location).searchParams.has(name), name);
      await page.waitForSelector(what, {timeout: 60000});
      const after = await drawn();
      assert.ok((await differs(after, before)) > 20, `${tab}: ${name} changes nothing`);
      before = after;
    }
    assert.equal(await differs(await restored(what), before), 0, tab + ": a fresh profile shows the same");
  }
});

await done();
