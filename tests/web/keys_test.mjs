// SPDX-License-Identifier: GPL-3.0-or-later
// The page by the keyboard alone: see checks.mjs. After each key something in sight has the focus, and an outline.
import assert from "node:assert/strict";
import {at, BIG, done, page, picture, ready, settled, test} from "./checks.mjs";

const query = (name) => new URL(page.url()).searchParams.get(name) ?? "";
const path = () => new URL(page.url()).pathname;

// Why nobody sees where the focus is, once what the key changed is drawn; "" if they do.
const unseen = () =>
  page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    const e = document.activeElement;
    if (!e || e === document.body) return "nothing has the focus";
    const style = getComputedStyle(e),
      box = e.getBoundingClientRect(),
      bar = document.querySelector("header.top"),
      top = bar.contains(e) ? 0 : bar.getBoundingClientRect().bottom,
      what = e.outerHTML.slice(0, 120);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) return "no outline: " + what;
    if (box.bottom <= top || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
      return `out of sight at ${[box.left, box.top, box.right, box.bottom].map(Math.round)}: ${what}`;
    return "";
  });
const steps = [];
async function press(...keys) {
  for (const key of keys) {
    await page.keyboard.press(key);
    steps.push(key);
    if (!/Tab$/.test(key)) await settled();
    assert.equal(await unseen(), "", `after ${steps.slice(-6).join(" ")}`);
  }
}
const isAt = (selector) => page.evaluate((s) => !!document.activeElement?.matches(s), selector);
async function tabTo(selector, key = "Tab") {
  for (let i = 0; i < 150; i++) {
    if (await isAt(selector)) return;
    await press(key);
  }
  assert.fail(`${key} does not reach ${selector}`);
}
async function type(text) {
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
  assert.equal(await page.evaluate(() => document.activeElement.value), text);
}
const LR = '.parallel .name[aria-label^="lr: axis"]';

await test("53: from the list to a cancelled sweep and back, by keys", async () => {
  await page.waitForSelector("table.list tbody tr");
  await press("Tab", "j", "j", "k");
  await tabTo('table.list a[href="/s/bigbig01"]');
  await press("Enter");
  await ready();
  assert.equal(path(), BIG);

  // A brush: bounds that are typed, then moved.
  await tabTo(LR);
  await press("Enter");
  assert.ok(await isAt(".axis-menu select"));
  await press("Tab");
  await type("1e-4");
  await press("Tab");
  await type("1e-2");
  await press("Enter");
  assert.equal(query("b"), "params.lr:0.0001~0.01");
  await press("Escape");
  assert.ok(await isAt(LR), "closed, it leaves the focus where it was opened");
  await tabTo(".parallel [role=slider]", "Shift+Tab");
  await press("ArrowUp");
  assert.notEqual(query("b"), "params.lr:0.0001~0.01");
  const b = query("b");

  await press("j", "x", "j", "x", "c");
  await page.waitForSelector("table.compare");
  await tabTo("table.compare thead a");
  await press("Enter");
  await page.waitForSelector("#log");
  assert.match(path(), /^\/t\/bigbig01-\d+$/);
  await press("l");
  await page.waitForFunction(() => document.activeElement.id === "log");
  await press("e");
  assert.ok(await isAt("#why"));

  // Back, and the sweep is as it was left.
  await press("Escape");
  await ready();
  assert.deepEqual([path(), query("b"), query("tab")], [BIG, b, "compare"]);
  await press(".");
  const item = () => page.evaluate(() => document.activeElement.textContent),
    items = [await item()];
  for (const key of ["ArrowUp", "ArrowDown", "End", "Home"]) {
    await press(key);
    items.push(await item());
  }
  assert.deepEqual(items, ["Pause", "Edit the spec …", "Pause", "Edit the spec …", "Pause"]);
  while (!/^Cancel/.test(await item())) await press("ArrowDown");
  await press("Enter");
  await page.waitForSelector(".act-panel .effect");
  assert.match(await page.textContent(".act-panel .effect"), /It ends 4 running trials/);
  await tabTo(".act-panel button.primary");
  let answer;
  const meanwhile = new Promise((go) => (answer = go));
  await page.route(/\/cancel$/, (route) => meanwhile.then(() => route.continue()));
  await page.keyboard.press("Enter");
  await page.waitForSelector(".act-panel button.primary:disabled"); // nothing can be pressed
  assert.equal(await unseen(), "", "while the controller is asked");
  answer();
  await page.waitForFunction(() => /confirmed/.test(document.querySelector(".act-panel").textContent));
  await picture("keys-cancelled");
  await tabTo(".act-panel button:not(.primary)");
  await press("Enter");
  assert.ok(await isAt("[data-actions]"), "closed, the question leaves the focus at what opened it");
  await page.waitForSelector(".head .state:has-text('cancelled')");
  await page.waitForFunction(() =>
    /cancelled\s*by .*, now/.test(document.querySelector(".head .facts").textContent),
  );
  await page.goto(at(BIG));
  await ready();
  await press("j");
  assert.notEqual(query("sel"), "");
  await press("Escape", "Escape");
  assert.deepEqual([path(), query("sel")], [BIG, ""], "it ends the selection, and does not leave the sweep");
});

await test("each key of the list of keys does what it says", async () => {
  await page.goto(at(BIG));
  await ready();
  await press("Tab", "?");
  const keys = await page.$$eval(".help kbd", (all) => all.map((e) => e.textContent));
  assert.deepEqual(
    keys.join(" ").split(/[ ,]+/).sort(),
    "/ g s g h g a g r g p [ ] j k Enter x c p e l t f . Esc ?".split(" ").sort(),
  );
  await press("Escape");
  assert.equal(await page.$(".help"), null);
  assert.equal(path(), BIG, "one level: the list is closed, the page stays");

  await press("/");
  assert.ok(await isAt("#filter"));
  await page.keyboard.type("depth>3");
  await press("Escape");
  assert.equal(query("f"), "depth>3", "the filter is left, not emptied");
  await press("f");
  assert.equal(query("f"), "state:failed");
  await press("f");
  assert.equal(query("f"), "");

  await press("]", "]", "[");
  assert.equal(query("tab"), "table");
  await press("j", "j", "k", "x", "p");
  const number = query("sel");
  assert.deepEqual([query("cmp"), query("pin")], [number, number]);
  await press("p", "j", "x", "c");
  assert.equal(query("tab"), "compare");
  assert.equal(query("pin"), "");

  await page.goto(at(BIG + "?tab=parallel"));
  await ready();
  await press("Tab", "t");
  assert.equal(query("t"), "parallel");
  await press("t", "e");
  assert.equal(query("tab"), "explain", "no trial is selected: the sweep is explained");
  await page.waitForSelector("ol.explain");

  for (const [key, id] of [
    ["e", "why"],
    ["l", "log"],
  ]) {
    await page.goto(at(BIG + "?tab=importance&sel=7"));
    await page.waitForSelector(".tabs");
    await press("Tab");
    await page.keyboard.press(key);
    await page.waitForFunction((id) => document.activeElement.id === id, id);
    await press("Tab");
    assert.equal(path(), "/t/bigbig01-7");
  }

  await page.goto(at(BIG + "?sel=7"));
  await ready();
  await press("Tab");
  for (const [key, to] of [
    ["p", "/reports"],
    ["a", "/agents"],
    ["h", "/"],
    ["r", "/runs"],
    ["s", "/"],
  ]) {
    await press("g", key);
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, to);
  }
});

await test("what is moved by keys keeps the focus, to be moved again", async () => {
  await page.goto(at(BIG + "?tab=parallel"));
  await ready();
  const places = async (all, name) =>
    (await page.$$eval(all, (es) => es.map((e) => e.textContent))).indexOf(name);
  const first = await page.textContent(".of-axis > title");
  await page.focus(".parallel .name");
  await press("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowLeft");
  assert.equal(await places(".of-axis > title", first), 2);
  await page.focus('.rows .head button[title="params.depth"]');
  const had = await places(".rows .head button", "depth");
  await press("Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowLeft");
  assert.equal(await places(".rows .head button", "depth"), had - 2);
  await page.focus(".trials summary");
  await press("Enter", "Tab", "Escape");
  assert.ok(await isAt(".trials summary"));
  assert.equal(path(), BIG);
  await settled();
});

await done();
