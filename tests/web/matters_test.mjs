// SPDX-License-Identifier: GPL-3.0-or-later
// Importances, slices, surfaces and fronts: see matters_web.py and checks.mjs.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {axeFinds, COLOURS} from "./axe.mjs";
import {
  api,
  at,
  BIG,
  differs,
  done,
  drawn,
  expected,
  figures,
  page,
  picture,
  restored,
  settled,
  test,
  timed,
  trials,
} from "./checks.mjs";

const cli = JSON.parse(readFileSync("cli.json", "utf8"));
const bars = (some = page) =>
  some.$$eval(".importance tr", (all) =>
    all.map((row) => ({
      name: row.querySelector(".name").textContent.trim(),
      title: row.querySelector(".number").title,
      noise: row.classList.contains("noise"),
      trend: row.querySelector(".trend").textContent,
    })),
  );
const told = (m) =>
  [...m.parameters, ...m.seeds].map((p) => ({
    name: p.name,
    title: `${p.importance}, between ${p.low} and ${p.high}`,
    noise: p.noise || m.seeds.includes(p),
    trend: m.seeds.includes(p) ? "noise between seeds" : p.noise ? "may be noise" : (p.trend ?? ""),
  }));
// The rows of a chart's twin.
async function twin(id) {
  const shown = await page.$(`#chart-${id} .twin`);
  if (!shown) await page.click(`#chart-${id} header button:has-text("table")`);
  await page.waitForSelector(`#chart-${id} .twin`);
  const rows = await page.$$eval(`#chart-${id} .twin tbody tr`, (all) =>
    all.map((row) => [...row.children].map((cell) => cell.title)),
  );
  await page.click(`#chart-${id} header button:has-text("chart")`);
  return rows;
}

await page.waitForSelector("table.list tbody tr");

await test("39: the page's importances are those of the command, each time", async () => {
  await timed("importance_ms", async () => {
    await page.goto(at(BIG + "?tab=importance"));
    await page.waitForSelector(".importance tr", {timeout: 60000});
  });
  const first = await bars();
  assert.deepEqual(first, told(cli.importance));
  assert.ok(
    first[0].name === "lr" && !first[0].noise && /best near/.test(first[0].trend),
    JSON.stringify(first[0]),
  );
  assert.ok(first.find((p) => p.name === "label_smoothing").noise);
  assert.deepEqual(
    cli.importance.seeds.map((p) => p.name),
    ["seed"],
  );
  assert.ok(cli.importance.parameters.every((p) => p.name !== "seed"));
  for (const note of cli.importance.notes)
    assert.ok((await page.textContent("#chart-importance")).includes(note));
  await picture("importance");
  assert.deepEqual(
    (await twin("importance")).map((row) => [row[0], Number(row[1])]),
    [...cli.importance.parameters, ...cli.importance.seeds].map((p) => [p.name, p.importance]),
  );
  await page.reload();
  await page.waitForSelector(".importance tr", {timeout: 60000});
  assert.deepEqual(await bars(), first);
});

await test("39: another method, and another metric with its goal", async () => {
  assert.equal(cli.importance.method, "forest", "of a method that learns");
  assert.equal(await page.$eval("label:has-text('method') select", (e) => e.value), "forest");
  await page.selectOption("label:has-text('method') select", "ped-anova");
  await page.waitForFunction(
    (name) => document.querySelector("#chart-importance")?.textContent.includes(name),
    "PED-ANOVA, gamma",
    {
      timeout: 60000,
    },
  );
  assert.deepEqual(await bars(), told(cli.ped));
  await page.selectOption("label:has-text('method') select", "correlation");
  await page.waitForSelector("#chart-importance p:has-text('rho, Spearman')", {timeout: 60000});
  assert.deepEqual(await bars(), told(cli.correlation));
  assert.deepEqual(
    (await twin("importance")).map((row) => (row[4] === "" ? null : Number(row[4]))),
    [...cli.correlation.parameters, ...cli.correlation.seeds].map((p) => p.rho),
  );
  await picture("correlation");
  await page.route(/importance\?.*method=correlation/, async (route) => {
    const answer = await (await route.fetch()).json(),
      parameters = [-0.5, 0.5, null, -0.5].map((rho, i) => ({...answer.parameters[i], rho, noise: i === 3}));
    await route.fulfill({json: {...answer, parameters, seeds: []}});
  });
  await page.reload();
  await page.waitForSelector(".importance tr", {timeout: 60000});
  assert.deepEqual(
    await page.$$eval(".importance rect", (all) => all.map((e) => getComputedStyle(e).fill)),
    ["rgb(94, 60, 153)", "rgb(230, 97, 1)", "rgb(0, 114, 178)", "rgb(185, 192, 201)"],
    "violet below zero, orange above, grey where it may be noise",
  );
  await page.unroute(/importance\?.*method=correlation/);
  await page.selectOption("label:has-text('method') select", "forest");
  await page.selectOption("label:has-text('metric') select", "acc");
  await page.selectOption("label:has-text('better') select", "maximize");
  await page.waitForFunction(() =>
    document.querySelector("#chart-importance h2")?.textContent.includes("acc ↑"),
  );
  await page.waitForSelector(".importance tr", {timeout: 60000});
  assert.deepEqual(await bars(), told(cli.acc));
  assert.match(page.url(), /impm=acc&impg=maximize/);
});

await test("39: ten trials: no bars, but how many more it takes", async () => {
  await page.goto(at("/s/few00010?tab=importance"));
  await page.waitForSelector(".matter-notes p", {timeout: 60000});
  assert.equal((await page.$$(".importance tr")).length, 0);
  assert.match(
    await page.textContent("#chart-importance"),
    /Too few finished trials to say what matters: \d+ of the \d+ that \d+ parameters need, 50 more/,
  );
  await page.click(".tabs a:has-text('Space')");
  await page.waitForSelector("#chart-surface p:has-text('No model yet')", {timeout: 60000});
});

await test("39: where most were stopped early, all has the values at one rung", async () => {
  const columns = await api("sweeps/rungs080/columns"),
    of = (name) => columns.columns.find((c) => c.name === name),
    kind = of("params.kind"),
    values = of("rung.2").values.filter((v, i) => v !== null && kind.words[kind.values[i]] === "sgd");
  values.sort((a, b) => a - b);
  const median = (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2;
  await page.goto(at("/s/rungs080?tab=importance"));
  await page.waitForSelector(".importance tr", {timeout: 60000});
  assert.deepEqual(await bars(), told(cli.rungs));
  assert.ok((await page.textContent("#chart-importance header")).includes(cli.rungs.basis));
  assert.equal(cli.rungs.basis, "of 80 trials at iteration 2 (at a rung until 20 have finished)");
  await picture("importance_rung");
  await page.click(".tabs a:has-text('Space')");
  await page.waitForSelector("#chart-surface p:has-text('80 trials at iteration 2')", {timeout: 60000});
  await page.waitForSelector("#chart-slices p:has-text('trials shown at iteration 2')");
  assert.match(await page.textContent("#chart-slices h2"), /val_loss ↓ at 2 over each parameter/);
  const row = (await twin("slices")).find((r) => r[0] === "kind" && r[3] === "sgd");
  assert.equal(Number(row[4]), values.length);
  assert.ok(Math.abs(Number(row[6]) - median) < 1e-9, `${row[6]} ${median}`);
  await picture("space_rung");
  await page.goto(at("/s/rungs080?tab=importance"));
  await page.selectOption("label:has(option[value=end]) select", "end");
  await page.waitForSelector("#chart-importance p:has-text('Too few finished trials')", {timeout: 60000});
  assert.match(page.url(), /[?&]at=end/);
});

await test("where importances are computed elsewhere than before, the head says so", async () => {
  const basis = "of 60 finished trials (at a rung until 20 have finished)";
  await page.goto(at("/s/rungs080?tab=importance"));
  await page.waitForSelector("#chart-importance header >> text=/of 80 .* have finished\\)/");
  await page.evaluate((now) => (Date.now = () => now), Date.now() + 60000); // it asks again
  await page.route("**/rungs080/importance?*", async (route) =>
    route.fulfill({json: {...(await (await route.fetch()).json()), at: null, basis}}),
  );
  await page.route("**/sweeps/rungs080", async (route) => {
    const sweep = await (await route.fetch()).json();
    await route.fulfill({json: {...sweep, counts: {...sweep.counts, finished: 60}}});
  });
  await page.click("a[href='/']");
  await page.waitForSelector("table.list tbody tr");
  await page.goBack();
  await page.waitForSelector(
    "#chart-importance header >> text=/of 60 .* have finished\\), before: of 80 trials at iteration 2 /",
  );
  await page.unroute("**/rungs080/importance?*");
  await page.unroute("**/sweeps/rungs080");
});

await test("a best that may be luck names the trial that the model prefers, as besom best does", async () => {
  const [first] = cli.noisy.recommended,
    text = async (selector) => (await page.textContent(selector)).replace(/\s+/g, " ").trim();
  assert.equal(cli.noisy.number, 20);
  assert.ok(first.number !== 20);
  await page.setViewportSize({width: 1280, height: 900});
  await page.goto(at("/s/noisy024"));
  await page.waitForSelector(".luck a");
  assert.match(
    await text(".luck"),
    new RegExp(
      `^may be luck: a model prefers trial ${first.number}, ${+first.expected.toPrecision(4)} expected$`,
    ),
  );
  assert.match(
    await page.getAttribute(".luck span", "title"),
    /noise ± 0\.\d+;.* trial 20: \S+ expected, P\(best\) (under )?\d+ %$/,
  );
  assert.ok((await page.$eval(".best", (e) => e.clientHeight)) < 40, "the row of the best is one line");
  await page.waitForSelector("#chart-importance header >> text=/of 24 finished trials$/");
  await page.click(".luck a");
  await page.waitForURL(`**/t/noisy024-${first.number}`);
  for (const [changes, said] of [
    [{verdict: "tie"}, `^about as good: trial ${first.number}, `],
    [{verdict: "open"}, "^noise ± 0\\.\\d+ · P\\(best\\) (under )?\\d+ %$"],
    [
      {noise: 0.0186, measured: 4, recommended: undefined, best: undefined, verdict: undefined},
      "^noise ± 0\\.019 in 4 repeats$",
    ],
  ]) {
    await page.route("**/noisy024/luck*", async (route) =>
      route.fulfill({json: {...(await (await route.fetch()).json()), ...changes}}),
    );
    await page.goto(at("/s/noisy024"));
    await page.waitForSelector(".luck span");
    assert.match(await text(".luck span"), new RegExp(said));
    await page.unroute("**/noisy024/luck*");
  }
});

await test("a best with fewer seeds left than asked for is repeated with those; more than 20 times is not asked for", async () => {
  await page.goto(at(BIG));
  await page.click('.again button:has-text("Repeat it")');
  await page.click('.act-panel button:has-text("Repeat 2 times")');
  await page.waitForSelector(".act-panel >> text=It gets 2 new trials like");
  await page.click('.act-panel button:has-text("No")');
  await page.fill(".again input", "20");
  assert.ok(await page.$eval(".again input", (e) => e.scrollWidth <= e.clientWidth), "the number is whole");
  await page.fill(".again input", "25");
  await page.waitForSelector(".again .error >> text=times: 1 to 20");
  assert.equal(await page.getAttribute(".again button", "aria-disabled"), "true");
  expected(/400|409/);
});

await test("the table of failures names the suspect", async () => {
  await page.goto(at("/s/suspect0"));
  await page.waitForSelector(".causes >> text=/^suspect: batch[=≥]512: 7 of 7 trials with it/");
});

await test("a filter that cannot be read is ignored, and says so", async () => {
  await page.goto(at(`${BIG}?tab=table&f=` + encodeURIComponent("lr<<3")));
  await page.waitForSelector(".tools .error >> text=/^filter ignored: < needs a number/");
  await page.fill("#filter", "nosuch<3");
  await page.waitForSelector(".tools .error >> text=part of the filter ignored: no trial has 'nosuch'");
});

await test("the head has what repeats of the best gave, as besom best does", async () => {
  const {mean, sd, trials} = cli.again.repeats,
    four = (x) => +x.toPrecision(4);
  assert.equal(trials, 7);
  await page.goto(at("/s/suspect0"));
  await page.waitForSelector(`.best >> text=repeats: mean ${four(mean)} ± ${four(sd)} of 7`);
});

await test("the axes of parallel coordinates start in the order of importance", async () => {
  await page.goto(at(BIG));
  await page.waitForSelector(".importance tr", {timeout: 60000});
  await settled();
  const axes = await page.$$eval(".parallel .name", (all) =>
      all.map((n) => n.querySelector("title")?.textContent ?? n.textContent),
    ),
    order = cli.importance.parameters.map((p) => p.name);
  assert.match(await page.textContent("#chart-importance"), /and 4 smaller.*seed.*noise between seeds/s);
  assert.ok(axes[0].includes(order[0]) && axes[1].includes(order[1]), axes.join());
  for (const width of [390, 1400, 1280]) {
    await page.setViewportSize({width, height: 900});
    const cut = await page.$$eval(".importance td:not(.name)", (all) =>
      all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent),
    );
    assert.deepEqual(cut, [], "no text is cut off at " + width);
  }
  await page.click(".importance .name button");
  await page.waitForSelector(".slice.here");
  assert.match(await page.textContent(".slice h3"), new RegExp(order[0]));
});

await test("30, 35: slices have the spec's scale and bounds, and obey the filter", async () => {
  await page.goto(at(BIG + "?tab=space"));
  await page.waitForSelector(".slice canvas");
  await settled();
  assert.equal(await page.inputValue(".slice:has(h3 span:text-is('lr')) select"), "log");
  assert.equal((await page.$$(".slice")).length, 12);
  const tops = await page.$$eval(".slice .chart", (all) =>
    all.slice(0, 2).map((e) => e.getBoundingClientRect().top),
  );
  assert.equal(tops[0], tops[1], "also where an axis has no scale");
  const columns = await api("sweeps/bigbig01/columns?cols=state,objective,params.optimizer"),
    of = (name) => columns.columns.find((c) => c.name === name),
    state = of("state"),
    finished = (i) => state.words[state.values[i]] === "finished",
    kind = of("params.optimizer"),
    values = of("objective").values.filter(
      (v, i) => typeof v === "number" && finished(i) && kind.words[kind.values[i]] === "sgd",
    );
  values.sort((a, b) => a - b);
  const median = (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2,
    row = (await twin("slices")).find((r) => r[0] === "optimizer" && r[3] === "sgd");
  assert.equal(Number(row[4]), values.length);
  assert.ok(Math.abs(Number(row[6]) - median) < 1e-9, `${row[6]} ${median}`);
  await picture("space");
  await page.goto(at(BIG + "?tab=space&f=optimizer:adamw"));
  await page.waitForSelector(".slice canvas");
  await settled();
  const left = await twin("slices");
  assert.ok(left.some((r) => r[3] === "adamw") && !left.some((r) => r[3] === "sgd"));
});

await test("a column has one scale in slices, surface and parallel, which the address keeps", async () => {
  const lr = (chart) => `${chart} select[aria-label="scale of lr"]`,
    drawn = (chart) => page.$eval(chart + " canvas", (c) => c.toDataURL()),
    widths = async () =>
      (await twin("slices")).filter((r) => r[0] === "lr").map((r) => Number(r[2]) - Number(r[1]));
  await page.goto(at(BIG + "?tab=space&sp=params.lr&spx=params.lr&spy=params.optimizer"));
  await page.waitForSelector("#chart-surface p:has-text('Gaussian process')", {timeout: 60000});
  await settled();
  const before = [await drawn(".slice"), await drawn("#chart-surface")],
    [low, ...others] = await widths();
  assert.ok(others.every((w) => w > 1.2 * low));
  await page.selectOption(lr(".slice"), "linear");
  await page.waitForURL(/[?&]scale=params\.lr:linear/);
  assert.equal(await page.inputValue(lr("#chart-surface")), "linear");
  await settled();
  const wide = await widths();
  assert.ok(wide.length > 2 && wide.every((w) => Math.abs(w / wide[0] - 1) < 1e-6), String(wide));
  assert.ok((await drawn(".slice")) !== before[0] && (await drawn("#chart-surface")) !== before[1]);
  for (const scale of ["rank", "symlog"]) {
    await page.selectOption(lr("#chart-surface"), scale);
    await page.waitForFunction(
      ([at, scale]) => document.querySelector(at).value === scale,
      [lr(".slice"), scale],
    );
    assert.ok((await widths()).every((w) => w > 0));
  }
  await page.selectOption("#chart-slices header label:has-text('val_loss') select", "rank");
  await page.waitForURL(/objective:rank/);
  await page.click(".tabs a:has-text('Overview')");
  await page.waitForSelector(".parallel .name");
  await page.goto(at(BIG + "?tab=space&sp=params.lr&scale=params.lr:log"));
  await page.waitForSelector(lr(".slice"));
  await settled();
  assert.equal((await twin("slices")).length > 0 && (await drawn(".slice")), before[0]);
});

await test("the scale of colours is viridis where somebody chooses so", async () => {
  const ends = () =>
      page.$$eval("#chart-slices .legend rect", (all) => all.map((r) => r.getAttribute("fill"))),
    drawn = () => page.$eval(".slice canvas", (c) => c.toDataURL()),
    [usual, cividis] = [await ends(), await drawn()];
  assert.equal(usual[0], "#002051");
  await page.click("#chart-slices .legend button:text-is('viridis')");
  await page.waitForURL(/[?&]pal=viridis/);
  await settled();
  assert.deepEqual([(await ends())[0], (await drawn()) !== cividis], ["#440154", true]);
  await page.goBack();
  await page.waitForURL((url) => !/pal=/.test(url.search));
  await settled();
  assert.deepEqual([await ends(), await drawn()], [usual, cividis]);
});

await test("a slice is brushed; going back removes it", async () => {
  await page.goto(at(BIG + "?tab=space"));
  await page.waitForSelector(".slice canvas");
  await settled();
  const box = await (await page.$(".slice:has(h3 span:text-is('lr')) canvas")).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 40, box.y + 100, {steps: 4});
  await page.mouse.up();
  await page.waitForURL(/[?&]b=params\.lr(:|%3A)/);
  await page.goBack();
  await page.waitForURL((url) => !/[?&]b=/.test(url.search));
});

await test("a surface of two parameters is the controller's", async () => {
  const there = await api("sweeps/bigbig01/surface?x=lr&y=optimizer");
  await timed("surface_ms", async () => {
    await page.goto(at(BIG + "?tab=space&spx=params.lr&spy=params.optimizer"));
    await page.waitForSelector("#chart-surface p:has-text('Gaussian process')", {timeout: 60000});
  });
  const rows = await twin("surface"),
    flat = there.mean.flat();
  assert.equal(rows.length, flat.length);
  rows.forEach((row, i) => assert.equal(row[2] === "" ? null : Number(row[2]), flat[i]));
  await page.locator("#chart-surface").scrollIntoViewIfNeeded();
  if (process.argv[4])
    await page.locator("#chart-surface").screenshot({path: `${process.argv[4]}/surface.png`});
});

// What besom best says of a sweep, and what all pairs and all strips say.
function brute(rows) {
  const front = rows.filter(
    (a) =>
      !rows.some((b) => b.latency <= a.latency && b.acc >= a.acc && (b.latency < a.latency || b.acc > a.acc)),
  );
  const worst = {latency: Math.max(...rows.map((r) => r.latency)), acc: Math.min(...rows.map((r) => r.acc))};
  const cuts = [...new Set(rows.map((r) => r.latency))].sort((a, b) => a - b);
  let volume = 0,
    most = worst.acc;
  cuts.forEach((cut, i) => {
    for (const r of rows) if (r.latency === cut) most = Math.max(most, r.acc);
    volume += ((cuts[i + 1] ?? worst.latency) - cut) * (most - worst.acc);
  });
  return {front: front.map((r) => r.number).sort((a, b) => a - b), volume};
}

await test("60: the front and its hypervolume equal a brute-force check and the command", async () => {
  const columns = await api("sweeps/pareto02/columns"),
    of = (name) => columns.columns.find((c) => c.name === name),
    state = of("state");
  const rows = of("number")
    .values.map((number, i) => ({
      number,
      state: state.words[state.values[i]],
      latency: of("metrics.latency").values[i],
      acc: of("metrics.acc").values[i],
    }))
    .filter(
      (r) => /finished|stopped/.test(r.state) && typeof r.latency === "number" && typeof r.acc === "number",
    );
  const want = brute(rows);
  await page.goto(at("/s/pareto02?tab=table"));
  await page.waitForSelector(".rows .row:nth-child(3)", {timeout: 60000});
  await settled();
  const heads = await page.$$eval(".rows .head button[title]", (all) => all.map((e) => e.textContent));
  for (const name of ["latency ↓", "acc ↑"])
    assert.ok(
      heads.some((t) => t.startsWith(name)),
      heads.join(),
    );
  const tool = await page.context().newCDPSession(page);
  await tool.send("Performance.enable");
  const script = async () =>
    (await tool.send("Performance.getMetrics")).metrics.find((m) => m.name === "ScriptDuration").value;
  const before = await script();
  await timed("pareto_ms", async () => {
    await page.click(".tabs a:has-text('Pareto')");
    await page.waitForSelector("#chart-pareto canvas");
    await page.waitForFunction(
      () => document.querySelector("#chart-hypervolume path")?.getAttribute("d").length > 10,
    );
  });
  figures.pareto_script_ms = Math.round(1000 * ((await script()) - before));
  assert.ok(trials < 10000 || figures.pareto_script_ms < 1000, `${figures.pareto_script_ms} ms`);
  const head = await page.textContent(".head .best"),
    volume = Number(/hypervolume (\S+)/.exec(head)[1].replace(/alone.*|best.*/, ""));
  assert.ok(head.includes(`front of ${want.front.length} trials`), head);
  assert.ok(Math.abs(volume / want.volume - 1) < 1e-3, `${volume} ${want.volume}`);
  assert.match(head, /best in latency ↓ .* alone/);
  assert.match(await page.title(), new RegExp(`front of ${want.front.length} `));
  const found = (await twin("pareto")).filter((r) => r[1] === "true").map((r) => Number(r[0]));
  assert.deepEqual(found, want.front.slice(0, 200));
  assert.deepEqual(
    want.front,
    cli.pareto02.front.map((t) => t.number).sort((a, b) => a - b),
  );
  const volumes = (await twin("hypervolume")).map((r) => Number(r[3])),
    last = volumes[volumes.length - 1];
  assert.ok(Math.abs(last - want.volume) <= 1e-9 * want.volume, `${last} ${want.volume}`);
  assert.ok(Math.abs(last - cli.pareto02.hypervolume) <= 1e-9 * last, `${last} ${cli.pareto02.hypervolume}`);
  assert.deepEqual(
    volumes,
    [...volumes].sort((a, b) => a - b),
  );
  await picture("pareto");
});

await test("60: three objectives, any two of them; the reference point is moved", async () => {
  await page.goto(at("/s/pareto03?tab=pareto&pa=memory,acc"));
  await page.waitForSelector("#chart-pareto canvas");
  await settled();
  const volumes = (await twin("hypervolume")).map((r) => Number(r[3])),
    want = cli.pareto03.hypervolume;
  assert.ok(
    Math.abs(volumes[volumes.length - 1] - want) <= 1e-9 * want,
    `${volumes[volumes.length - 1]} ${want}`,
  );
  const front = (await twin("pareto")).filter((r) => r[1] === "true").map((r) => Number(r[0]));
  assert.deepEqual(
    front,
    cli.pareto03.front
      .map((t) => t.number)
      .sort((a, b) => a - b)
      .slice(0, 200),
  );
  await page.locator("#chart-pareto .reference").scrollIntoViewIfNeeded();
  await settled();
  const [reference, canvas] = [
      await page.$("#chart-pareto .reference"),
      await page.$("#chart-pareto canvas"),
    ],
    from = await reference.boundingBox(),
    box = await canvas.boundingBox();
  await page.mouse.move(from.x + 7, from.y + 7);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 200, {steps: 4});
  await page.mouse.up();
  await page.waitForURL(/par=/);
  const smaller = (await twin("hypervolume")).map((r) => Number(r[3]));
  assert.ok(smaller[smaller.length - 1] < want && smaller[smaller.length - 1] > 0, String(smaller));
  await page.click("button:has-text('the worst values seen')");
  assert.doesNotMatch(page.url(), /par=/);
  await page.click("button:has-text('compare the front')");
  assert.match(page.url(), /tab=compare/);
});

await test("all pairs of three objectives are side by side; a click opens one", async () => {
  const columns = await api("sweeps/pareto03/columns"),
    of = (name) => columns.columns.find((c) => c.name === name),
    state = of("state"),
    goals = {latency: -1, acc: 1, memory: -1},
    names = Object.keys(goals);
  const rows = of("number")
    .values.map((number, i) => ({
      number,
      state: state.words[state.values[i]],
      gains: names.map((name) => {
        const value = of("metrics." + name).values[i];
        return typeof value === "number" ? goals[name] * value : NaN;
      }),
    }))
    .filter((r) => /finished|stopped/.test(r.state) && r.gains.every((g) => g === g));
  const want = [];
  for (const [x, y] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ])
    for (const a of rows) {
      const beaten = rows.some(
        ({gains: b}) => b[x] >= a.gains[x] && b[y] >= a.gains[y] && (b[x] > a.gains[x] || b[y] > a.gains[y]),
      );
      if (!beaten) want.push(`${names[x]} ${names[y]} ${a.number}`);
    }
  await page.goto(at("/s/pareto03?tab=pareto"));
  await page.waitForSelector(".fronts canvas");
  await settled();
  assert.equal((await page.$$(".fronts button")).length, 3);
  const told = (await twin("pairs")).map((r) => r.slice(0, 3).join(" "));
  assert.deepEqual([...told].sort(), want.sort());
  await picture("pairs");
  await page.click(".fronts button:has-text('memory ↓ over acc ↑')");
  await page.waitForURL(/[?&]pa=acc(,|%2C)memory/);
  assert.equal(
    await page.getAttribute(".fronts button:has-text('memory ↓ over acc ↑')", "aria-pressed"),
    "true",
  );
  const before = await drawn();
  assert.equal(await differs(await restored("#chart-hypervolume path"), before), 0, "14");
  assert.equal(await page.inputValue("#chart-pareto label:has-text('x') select"), "acc");
  await page.goto(at("/s/pareto02?tab=pareto"));
  await page.waitForSelector("#chart-pareto canvas");
  assert.equal((await page.$$(".fronts button")).length, 0);
});

await test("52: axe finds nothing serious on the fronts", async () => {
  await page.emulateMedia({colorScheme: "dark"});
  await page.goto(at("/s/pareto03?tab=pareto"));
  await page.waitForSelector("#chart-hypervolume path");
  await settled();
  assert.deepEqual(await axeFinds(page), [], "dark");
  await page.emulateMedia({colorScheme: "light"});
  await settled();
  assert.deepEqual(await axeFinds(page, COLOURS), [], "light");
});

await test("a sweep of one objective has no such tab, and an old link to it says so", async () => {
  await page.goto(at("/s/few00010"));
  await page.waitForSelector(".tabs");
  assert.equal((await page.$$(".tabs a:has-text('Pareto')")).length, 0);
  await page.goto(at("/s/few00010?tab=pareto"));
  await page.waitForSelector("text=one objective");
});

await test("26, 44: hostile names, and values beyond any range", async () => {
  for (const tab of ["importance", "space"]) {
    await page.goto(at("/s/xssxss02?tab=" + tab));
    await page.waitForSelector("text=15 more", {timeout: 60000});
    await settled();
    assert.match(await page.textContent("main"), /<img src=x onerror=window\.hit=1> ↑/);
    assert.doesNotMatch(await page.textContent("main"), /undefined|NaN %|Infinity/);
  }
  assert.equal(await page.evaluate(() => window.hit), undefined);
});

await test("56: narrow pages do not scroll sideways; the dark theme has all of it", async () => {
  for (const path of [BIG + "?tab=importance", BIG + "?tab=space", "/s/pareto02?tab=pareto"]) {
    await page.setViewportSize({width: 320, height: 700});
    await page.emulateMedia({colorScheme: "dark"});
    await page.goto(at(path));
    await page.waitForSelector(".card canvas, .importance tr", {timeout: 60000});
    await settled();
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320, path);
    for (const cell of await page.$$(".importance td"))
      assert.ok(
        await cell.evaluate((td) => td.clientWidth && td.scrollWidth <= td.clientWidth),
        "a text that is cut",
      );
    assert.doesNotMatch(await page.textContent("main"), /undefined|NaN %|Infinity/);
  }
});

await done();
