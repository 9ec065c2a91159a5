// SPDX-License-Identifier: GPL-3.0-or-later
// The table, its files and its groups, what is compared, and what all of it costs: see checks.mjs.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {axis, column, columns, fresh, query} from "./big.mjs";
import {
  api,
  at,
  BIG,
  calls,
  cost,
  done,
  download,
  inFile,
  keepCalls,
  page,
  picture,
  rows,
  saved,
  settled,
  shown,
  test,
  trials,
} from "./checks.mjs";

const heads = () => page.$$eval(".rows .head button", (all) => all.map((e) => e.title));

const all = await columns();

await test("26: 2^53 + 1 keeps its last digit in the table, files, groups, a trial and what is enqueued", async () => {
  const text = "9007199254740993";
  await page.goto(at("/s/failed04?tab=table&cols=number,params.salt&sort=number"));
  await page.waitForSelector(".rows .row:nth-child(3)");
  assert.equal(await page.getAttribute(".rows .row:has-text('1') >> [title*='740993']", "title"), text);
  const lines = await download(() => page.click("button:text-is('CSV')"));
  assert.deepEqual(
    lines.slice(1, 4),
    [0, 1, 2].map((i) => [String(i), "900719925474099" + (2 + i)]),
  );
  await page.goto(at("/s/failed04?tab=table&g=params.salt"));
  await page.waitForSelector(".trials .rows .row:nth-child(6)");
  await page.goto(at("/t/failed04-1"));
  await page.waitForSelector(`.pairs td:text-is('${text}')`);
  const asked = page.waitForRequest((r) => r.url().includes("/enqueue") && r.method() === "POST");
  await page.click("[data-actions]");
  await page.click("[role=menuitem]:has-text('Enqueue one like it')");
  assert.ok((await asked).postData().includes(`"salt":${text}`), (await asked).postData());
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
  assert.equal(await page.$eval('.rows .head span:has([title="params.depth"])', (e) => e.offsetWidth), 120);
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
  const lines = await download(() => page.click("text=CSV of groups")),
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
    const [o, d, n, m, failed, mean, sd, min, max, chance] = line,
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
  const file = await saved(() => page.click("text=CSV of all")),
    text = String(file.bytes),
    lines = text.trimEnd().split("\n"),
    names = lines[0].split(",");
  assert.equal(file.name, "bigbig01.csv");
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
  const check = (way, number, cell) => {
    const want = ways[way](points.get(Number(number)) ?? []);
    if (want === undefined || !Number.isFinite(Number(want))) assert.match(cell, /^(|NaN)$/);
    else assert.ok(Math.abs(Number(cell) - want) < 1e-9, `${way} of ${number}: ${cell}, not ${want}`);
  };
  for (const way of Object.keys(ways)) {
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
    const [names, ...lines] = await download(() => page.click("button:text-is('CSV')")),
      name = way === "last" ? "metrics.val_loss" : "reduce." + way,
      at = names.indexOf(name);
    assert.ok(at >= 0, names.join());
    assert.equal(lines.length, 100);
    for (const cells of lines) check(way, cells[names.indexOf("number")], cells[at]);
    if (way !== "mean-3") continue;
    await fresh(`?r=${way}&f=number<100&t=best`);
    assert.match(await page.textContent("#chart-best h2"), new RegExp(`\\(${word}\\)`));
    const drawn = await page.$$eval("#chart-best .twin tbody tr", (all) =>
      all.map((row) => [row.cells[0].title, row.cells[3].title]),
    );
    assert.equal(drawn.length, 100);
    for (const [number, value] of drawn) check(way, number, value);
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

await test("a narrow page has cards, and drawings come back after a change of size and theme", async () => {
  await fresh();
  const drawn = async (some) => (await page.$eval(some + " canvas", (c) => c.toDataURL().length)) > 4000;
  await page.setViewportSize({width: 700, height: 800});
  await page.click("button[aria-label^=theme]");
  await settled();
  assert.ok((await drawn("#chart-best")) && (await drawn("#chart-parallel")));
  await page.click("#chart-best button:text-is('table')");
  assert.equal(await page.textContent("#chart-best th:nth-child(3)"), "order"); // how many had ended by then
  const order = await page.$$eval("#chart-best .twin tbody td:nth-child(3)", (all) =>
    all.map((cell) => Number(cell.title)).filter(Boolean),
  );
  assert.ok(order.length > 50);
  assert.deepEqual(
    order.sort((a, b) => a - b),
    order.map((_, i) => i + 1),
  );
  await page.click("#chart-best button:text-is('chart')");
  await settled();
  assert.ok(await drawn("#chart-best"));
  await picture("dark");
  await page.setViewportSize({width: 360, height: 800});
  await page.waitForSelector(".rows .as-card");
  await picture("cards");
  await page.setViewportSize({width: 1280, height: 900});
});

await test("a trial that was stopped early is a ◆ in the scatter and the slices, and the legends say so", async () => {
  await keepCalls();
  const stopped = column(all, "state").filter((state) => state === "stopped").length,
    said = /◆ stopped early: its value until then/;
  for (const [address, chart] of [
    ["?range=all", "#chart-best"],
    ["?tab=space", "#chart-slices"],
    ["?range=all&f=state:finished", "#chart-best"], // those that are not shown are grey
  ]) {
    await page.goto(at(BIG + address));
    await page.waitForSelector(chart + " .legend");
    await settled();
    const legend = await page.textContent(chart + " .legend");
    assert.match(legend, said);
    assert.equal(legend.match(/stopped/g).length, 1);
    if (chart === "#chart-best") assert.match(legend, /finished.*× failed/);
    if (trials > 1000) continue; // not all are points
    assert.equal((await calls(chart + " canvas", "closePath")).length, stopped, chart);
  }
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
