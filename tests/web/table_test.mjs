// SPDX-License-Identifier: GPL-3.0-or-later
// The table, the filter, brushes and what is compared: see checks.mjs.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {readFileSync} from "node:fs";
import {open} from "./browser.mjs";
import {
  api,
  at,
  BIG,
  browser,
  cost,
  count,
  differs,
  done,
  download,
  drawn,
  inFile,
  link,
  page,
  picture,
  ready,
  restored,
  rows,
  settled,
  shown,
  test,
  trials,
} from "./checks.mjs";

const columns = (query = "") => api("sweeps/bigbig01/columns" + query);
const column = (all, name) => {
  const c = all.columns.find((one) => one.name === name);
  return c.values.map((v) => (v === null || !c.words ? v : c.words[v]));
};
const query = (name) => new URL(page.url()).searchParams.get(name) ?? "";
const heads = () => page.$$eval(".rows .head button", (all) => all.map((e) => e.title));
const axis = (name) =>
  page.$eval(`.of-axis:has(> title:text-is("${name}")) > .grip`, (e) => {
    const b = e.getBoundingClientRect();
    return {x: b.x + b.width / 2, y: b.y, height: b.height};
  });
async function drag(x, from, to) {
  await page.mouse.move(x, from);
  await page.mouse.down();
  await page.mouse.move(x, (from + to) / 2);
  await page.mouse.move(x, to);
  await page.mouse.up();
  await settled();
}
async function fresh(search = "") {
  await page.goto(at(BIG + search));
  await ready();
}
const save = async (click) => {
  const [file] = await Promise.all([page.waitForEvent("download"), click()]);
  return readFileSync(await file.path(), "utf8")
    .trimEnd()
    .split("\r\n");
};

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

await test("26: 2^53 + 1 keeps its last digit in the table, files, groups, a trial and what is enqueued", async () => {
  const text = "9007199254740993";
  await page.goto(at("/s/failed04?tab=table&cols=number,params.salt&sort=number"));
  await page.waitForSelector(".rows .row:nth-child(3)");
  assert.equal(await page.getAttribute(".rows .row:has-text('1') >> [title*='740993']", "title"), text);
  const lines = await save(() => page.click("button:text-is('CSV')"));
  assert.deepEqual(lines.slice(1, 4), ["0,9007199254740992", "1,9007199254740993", "2,9007199254740994"]);
  await page.goto(at("/s/failed04?tab=table&g=params.salt"));
  await page.waitForSelector(".trials .rows .row:nth-child(6)");
  await page.goto(at("/t/failed04-1"));
  await page.waitForSelector(`.pairs td:text-is('${text}')`);
  const asked = page.waitForRequest((r) => r.url().includes("/enqueue") && r.method() === "POST");
  await page.click("[data-actions]");
  await page.click("[role=menuitem]:has-text('Enqueue one like it')");
  assert.ok((await asked).postData().includes(`"salt":${text}`), (await asked).postData());
});

await test("the lanes of NaN and of what is not set filter", async () => {
  await fresh("?tab=parallel&ax=params.lr,metrics.val_loss");
  for (const [word, term] of [
    ["NaN", "metrics.val_loss:nan,inf,-inf"],
    ["not set", "-has:metrics.val_loss"],
  ]) {
    const lane = page.locator(`.lane[aria-label*='${word}']`);
    if (!(await lane.count())) continue;
    const n = await lane.textContent();
    await lane.click();
    await settled();
    assert.equal(query("f"), term);
    assert.equal(await shown(), `${n} of ${trials}`);
    await page.goBack();
    await settled();
  }
  assert.ok(await page.$(".lane[aria-label*='NaN']"));
});

await test("colours of any column, with a legend", async () => {
  await fresh("?c=params.optimizer");
  assert.match(await page.textContent("#chart-parallel .legend"), /optimizer.*adamw.*sgd.*lion/);
  await fresh("?c=params.lr");
  assert.match(await page.textContent("#chart-best .legend"), /lr.*0\./);
});

await test("columns are chosen, moved, pinned and resized, and the address has it", async () => {
  await fresh("?tab=table");
  const before = await heads();
  await page.click(".trials summary");
  await page.fill(".trials .pick input[type=search]", "momentum");
  await page.click(".trials .pick fieldset label:has-text('momentum') input");
  await settled();
  assert.equal((await heads()).includes("params.momentum"), !before.includes("params.momentum"));
  await page.click(".trials .pick button:text-is('default')");
  await page.focus('.rows .head button[title="params.depth"]');
  await page.keyboard.press("Shift+ArrowLeft");
  await settled();
  assert.equal((await heads()).indexOf("params.depth"), before.indexOf("params.depth") - 1);
  await page.focus('.rows .head button[title="params.depth"]');
  await page.keyboard.press("p");
  await settled();
  assert.equal((await heads())[1], "params.depth");
  await page.focus('.rows .head button[title="params.depth"]');
  await page.keyboard.press("Alt+ArrowRight");
  await settled();
  assert.equal(query("w"), "params.depth:120");
});

await test("the head stays over the rows that scroll, and why failed trials failed is beside their state", async () => {
  await fresh("?tab=table");
  await page.$eval(".rows", (box) => (box.scrollTop = 14.5 * 28));
  await settled();
  const over = await page.$eval(".rows .head button[title=number]", (e) => {
    const {left, top, width, height} = e.getBoundingClientRect();
    return !!document.elementFromPoint(left + width / 2, top + height / 2)?.closest(".head");
  });
  assert.ok(over, "a row is drawn over the head");
  await fresh("?tab=table&f=state:failed");
  assert.deepEqual((await heads()).slice(0, 4), ["number", "state", "reason", "objective"]);
});

await test("several columns sort", async () => {
  await fresh("?tab=table");
  await page.click('.rows .head button[title="params.depth"]');
  await page.click('.rows .head button[title="objective"]', {modifiers: ["Shift"]});
  await settled();
  assert.equal(query("sort"), "params.depth,objective");
  const names = await heads(),
    [d, o] = [names.indexOf("params.depth"), names.indexOf("objective")],
    read = (await rows()).map((r) => [Number(r[d]), Number(r[o])]);
  for (let i = 1; i < 15; i++)
    assert.ok(
      read[i - 1][0] < read[i][0] || (read[i - 1][0] === read[i][0] && !(read[i - 1][1] > read[i][1])),
      `${read[i - 1]} before ${read[i]}`,
    );
});

await test("40: groups by all but the seed are those of a direct computation", async () => {
  await fresh("?tab=table&g=params.optimizer,params.depth");
  const lines = await save(() => page.click("text=CSV of groups")),
    values = column(all, "objective"),
    state = column(all, "state"),
    [optimizer, depth] = [column(all, "params.optimizer"), column(all, "params.depth")],
    want = new Map();
  state.forEach((s, i) => {
    const key = `${optimizer[i]},${depth[i]}`;
    if (!want.has(key)) want.set(key, {n: 0, failed: 0, values: []});
    const g = want.get(key);
    g.n++;
    if (s === "failed") g.failed++;
    else if (s === "finished" && typeof values[i] === "number") g.values.push(values[i]);
  });
  assert.equal(lines.length - 1, want.size);
  const means = [...want.values()]
      .filter((g) => g.values.length > 1)
      .map((g) => g.values.reduce((a, b) => a + b) / g.values.length),
    least = Math.min(...means);
  let total = 0;
  for (const line of lines.slice(1)) {
    const [o, d, n, m, failed, mean, sd, min, max, chance] = line.split(","),
      g = want.get(`${o},${d}`),
      average = g.values.reduce((a, b) => a + b, 0) / g.values.length,
      spread = Math.sqrt(g.values.reduce((a, b) => a + (b - average) ** 2, 0) / (g.values.length - 1));
    assert.deepEqual([Number(n), Number(m), Number(failed)], [g.n, g.values.length, g.failed]);
    if (g.values.length < 2) assert.equal(chance, "");
    else if (average === least) assert.ok(Number(chance) > 0, `${chance} of the best mean`);
    total += Number(chance);
    if (!g.values.length) continue;
    assert.ok(
      Math.abs(Number(mean) - average) < 1e-9 &&
        (g.values.length < 2 || Math.abs(Number(sd) - spread) < 1e-9),
    );
    assert.deepEqual([Number(min), Number(max)], [Math.min(...g.values), Math.max(...g.values)]);
  }
  assert.ok(Math.abs(total - 1) < 1e-9, `${total}: one of the means is the best`);
  await picture("groups");
});

await test("43: the CSV of all has every trial and column, and values that come back", async () => {
  await fresh("?tab=table&f=state:failed");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=CSV of all")]),
    text = readFileSync(await file.path(), "utf8"),
    lines = text.trimEnd().split("\n"),
    names = lines[0].split(",");
  assert.equal(file.suggestedFilename(), "bigbig01.csv");
  const known = new Set(names);
  for (const {name} of all.columns)
    assert.ok(known.has(name.replace(/^(params|metrics)\./, "")), name + " is missing");
  assert.equal(lines.length - 1, trials);
  const now = await columns(), // the trials of an agent that is away are lost after a minute
    same = (cell, v) =>
      typeof v === "number" ? Number(cell) === v : cell.toLowerCase() === String(v ?? "").toLowerCase();
  for (const {name} of now.columns.filter((c) =>
    /^(params|metrics)\.|^(number|state|objective)$/.test(c.name),
  )) {
    const at = names.indexOf(name.replace(/^(params|metrics)\./, "")),
      values = column(now, name);
    lines
      .slice(1)
      .forEach((line, i) => assert.ok(same(line.split(",")[at], values[i]), `${name} ${values[i]}: ${line}`));
  }
  const printed = execFileSync(
    process.env.BESOM_BINARY,
    ["trials", "bigbig01", "--csv", "--metrics", "--store", "store"],
    {encoding: "utf8", maxBuffer: 1 << 28},
  );
  assert.equal(text, printed, "it is what besom trials prints");
  // What is shown.
  await fresh("?tab=table&f=number<100&cols=" + now.columns.map((c) => c.name).join());
  const [shownNames, ...shownLines] = await download(() => page.click("button:text-is('CSV')")),
    at = shownNames.indexOf("number"),
    numbers = shownLines.map((line) => Number(line[at])),
    iso = (s) => s && new Date(s * 1000).toISOString();
  assert.equal(shownLines.length, 100);
  assert.ok(shownNames.length > 14, shownNames.join());
  shownNames.forEach((name, at) => {
    const values = numbers.map((n) => column(now, name)[n]);
    assert.deepEqual(
      shownLines.map((line) => line[at]),
      inFile(/^(created|started|ended)$/.test(name) ? values.map(iso) : values),
      name,
    );
  });
});

await test("another reduction of the metric is that of its points, in the table, the scatter, the axes and the CSV", async () => {
  const numbers = column(all, "number").slice(0, 100),
    points = new Map(
      (await api(`sweeps/bigbig01/curves?metric=val_loss&trials=${numbers}`)).curves.map((c) => [
        c.trial,
        c.y,
      ]),
    ),
    ways = {
      first: (y) => y[0],
      "mean-3": (y) => y.slice(-3).reduce((sum, v) => sum + Number(v), 0) / Math.min(3, y.length),
      last: (y) => y[y.length - 1],
    };
  for (const [way, of] of Object.entries(ways)) {
    await fresh("?tab=table&f=number<100");
    await page.selectOption("label:has-text('reduce') select", way === "mean-3" ? "mean-5" : way);
    if (way === "mean-3") {
      const field = "input[aria-label='how many of the last values']";
      await page.fill(field, "3");
      await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate"))); // it is drawn anew
      await settled();
      assert.equal(await page.inputValue(field), "3", "what is typed stays");
      await page.keyboard.press("Enter");
    }
    const word = {first: "first", "mean-3": "mean of last 3", last: "last"}[way];
    await page.waitForSelector(`.rows [role=columnheader]:has-text('val_loss ↓ (${word})')`);
    await settled();
    assert.equal(query("r"), way);
    const lines = await save(() => page.click("button:text-is('CSV')")),
      names = lines[0].split(","),
      name = way === "last" ? "metrics.val_loss" : "reduce." + way,
      at = names.indexOf(name);
    assert.ok(at >= 0, names.join());
    for (const line of lines.slice(1)) {
      const cells = line.split(","),
        want = of(points.get(Number(cells[names.indexOf("number")])) ?? []);
      if (want === undefined || !Number.isFinite(Number(want))) assert.match(cells[at], /^(|NaN)$/);
      else assert.ok(Math.abs(Number(cells[at]) - want) < 1e-9, `${way}: ${line}`);
    }
    if (way !== "mean-3") continue;
    await fresh(`?r=${way}&f=number<100`);
    assert.match(await page.textContent("#chart-best h2"), new RegExp(`\\(${word}\\)`));
    await axis(name);
  }
});

await test("keys choose rows, and the chosen are compared by what differs", async () => {
  await fresh("?tab=table&sort=objective");
  for (const key of ["j", "x", "j", "x", "c"]) {
    await page.keyboard.press(key);
    await settled();
  }
  assert.equal(query("cmp").split(",").length, 2);
  await page.waitForSelector("table.compare");
  const keys = await page.$$eval("table.compare th[scope=row]", (all) => all.map((e) => e.textContent));
  const chosen = query("cmp").split(",").map(Number),
    numbers = column(all, "number");
  for (const c of all.columns.filter((one) => one.name.startsWith("params."))) {
    const [a, b] = chosen.map((n) => column(all, c.name)[numbers.indexOf(n)]);
    assert.equal(keys.includes(c.name.slice(7)), a !== b, c.name);
  }
  const sent = await api(
      `sweeps/bigbig01/curves?metric=val_loss&trials=${[...chosen].sort((a, b) => a - b)}`,
    ),
    id = "#chart-curves-val_loss";
  await page.waitForSelector(id + " .plot canvas");
  await page.click(id + " header button:has-text('table')");
  const told = await page.$$eval(id + " .twin tbody tr", (all) =>
    all.map((row) => [...row.children].map((cell) => Number(cell.title))),
  );
  assert.deepEqual(
    told,
    sent.curves.flatMap((c) => c.x.map((x, i) => [c.trial, x, c.y[i]])),
  );
  assert.equal((await page.$$("table.compare thead svg line")).length, 2);
  await page.click(id + " header button:has-text('chart')");
  await picture("compare");
});

await test("14: a fresh profile shows the same of an address", async () => {
  await fresh(
    "?tab=table&f=state:finished&b=params.lr:0.0001~0.01;params.optimizer:!sgd&sort=-params.depth,objective&cols=number,objective,params.depth,params.lr&left=params.depth&w=params.lr:200&shade=1&cmp=1,2",
  );
  const other = await open(browser, link);
  await other.page.waitForSelector("table.list");
  await other.page.goto(page.url());
  await ready(other.page);
  assert.deepEqual(await rows(other.page), await rows());
  assert.equal(await shown(other.page), await shown());
  assert.deepEqual(other.wrong, []);
  await other.context.close();
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

await test("a narrow page has cards, and drawings come back after a change of size and theme", async () => {
  await fresh();
  const drawn = async (some) => (await page.$eval(some + " canvas", (c) => c.toDataURL().length)) > 4000;
  await page.setViewportSize({width: 700, height: 800});
  await page.click("button[aria-label^=theme]");
  await settled();
  assert.ok((await drawn("#chart-best")) && (await drawn("#chart-parallel")));
  await page.click("#chart-best button:text-is('table')");
  assert.equal(await page.textContent("#chart-best th:nth-child(3)"), "ended"); // as the line of the best so far
  await page.click("#chart-best button:text-is('chart')");
  await settled();
  assert.ok(await drawn("#chart-best"));
  await picture("dark");
  await page.setViewportSize({width: 360, height: 800});
  await page.waitForSelector(".rows .as-card");
  await picture("cards");
  await page.setViewportSize({width: 1280, height: 900});
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

await test("2 to 4, 36: what it costs", async () => {
  await page.emulateMedia({colorScheme: "light"});
  await fresh();
  await cost("sort", () => page.click(".rows .head button[title=objective]"));
  await cost("filter", () => page.fill("#filter", "state:finished lr<1e-3"));
  await cost("unfilter", () => page.fill("#filter", ""));
  await cost("colour", () => page.selectOption(".tools select", "params.lr"));
  await cost("scroll", () => page.$eval(".rows", (e) => (e.scrollTop = e.scrollHeight / 2)));
  await page.locator(".parallel").scrollIntoViewIfNeeded();
  const lr = await axis("params.lr"),
    moves = trials > 1000 ? 90 : 10, // 3 s of a hand, or what CI has time for
    drawn = [];
  const slide = async (y) => {
    for (let i = 1; i <= moves; i++) {
      await page.mouse.move(lr.x + 20, y(i / moves));
      if (trials > 1000) await page.waitForTimeout(33);
    }
  };
  await cost("hover", () => slide((p) => lr.y + lr.height * p), moves);
  await cost(
    "brush",
    async () => {
      await page.mouse.move(lr.x, lr.y + lr.height * 0.2);
      await page.mouse.down();
      await slide((p) => lr.y + lr.height * (0.2 + 0.6 * p));
      drawn.push(await shown());
      await page.mouse.up();
    },
    moves,
  );
  assert.notEqual(drawn[0], `${trials} of ${trials}`, "it was a brush");
});

await done();
