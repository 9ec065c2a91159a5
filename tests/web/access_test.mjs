// SPDX-License-Identifier: GPL-3.0-or-later
// Every view as people with a screen reader, a keyboard, other colours or a narrow screen have it: see checks.mjs.
import assert from "node:assert/strict";
import {axeFinds, COLOURS} from "./axe.mjs";
import {column as columnOf, columns} from "./big.mjs";
import {bundled} from "./bundled.mjs";
import {
  another,
  api,
  at,
  BIG,
  browser,
  context,
  done,
  download,
  inFile,
  link,
  page,
  ready,
  settled,
  test,
} from "./checks.mjs";

// Three hosts: one is full, one has slots without work, one is away.
const host = (name, state, trials) => ({
  name,
  state,
  duty: state,
  by: null,
  text: null,
  seen: Date.now() / 1000 - 240,
  load: null,
  slots: trials.map((trial, slot) => ({
    slot,
    gpus: ["GPU-" + slot],
    trial,
    why_idle: null,
    idle: trial ? null : "sweep bigbig01 is paused",
  })),
});
const agents = [
  host("gpu-0", "up", ["bigbig01-1", "bigbig01-2"]),
  host("gpu-1", "up", ["bigbig01-3", null]),
  host("gpu-2", "away", [null, null]),
];
await context.route("**/api/v1/agents", (route) =>
  route.fulfill({
    json: {
      ok: true,
      agents,
      alerts: [{kind: "away", text: "agent gpu-2 is away", n: 1, agents: ["gpu-2"]}],
    },
  }),
);
const post = (path, body) =>
  page.evaluate(
    async ([path, body]) => {
      const answer = await fetch("/api/v1/" + path, {method: "POST", body: JSON.stringify(body)});
      return answer.ok ? answer.json() : Promise.reject(await answer.text());
    },
    [path, body],
  );
const id = BIG.slice(3),
  blocks = [{text: "# Found\n\nIt *works*."}, {sweep: id, query: "tab=parallel", title: "All"}];
await page.goto(at(BIG));
await ready();
await post(`sweeps/${id}/tag`, {add: ["paper"]});
const report = await post("reports/new", {name: "A report", body: {blocks}});
const tabs = await page.$$eval(".tabs a", (all) => all.map((a) => new URL(a.href).search)),
  few = "&f=" + encodeURIComponent("number<3 OR state:running OR (state:failed number<60)"); // of each kind some
const views = [
  ["/", "table.list tbody tr"],
  ...tabs.map((search) => [BIG + search + few, ".card, pre"]),
  ["/t/bigbig01-17", ".values"],
  ["/?g=tag", "tr.group"],
  ["/agents", "table.agents"],
  ["/reports", "table"],
  ["/reports/" + report.id, ".report-view .card"],
];

async function open(some, [path, what]) {
  await some.goto(at(path));
  await some.waitForSelector("main:has(" + what + ")", {timeout: 60000});
  await some.waitForFunction(() => !document.querySelector("[aria-busy=true]"), null, {timeout: 60000});
  await settled(some);
}

async function narrow(view) {
  const wide = [];
  for (const [width, height] of [
    [320, 640],
    [640, 450],
  ]) {
    await page.setViewportSize({width, height});
    await settled();
    await page
      .waitForFunction((width) => document.documentElement.scrollWidth <= width, width, {timeout: 5000})
      .catch(() => {}); // what draws by its width does so when it is another
    const needs = await page.evaluate(() => document.documentElement.scrollWidth);
    if (needs <= width) continue;
    const far = await page.$$eval(
      "main *",
      (all, width) =>
        all
          .filter((e) => e.getBoundingClientRect().right > width && !e.closest(".scroll, .parallel, .card"))
          .slice(0, 3)
          .map((e) => e.tagName + "." + e.getAttribute("class")),
      width,
    );
    wide.push(`${view} needs ${needs} of ${width}: ${far}`);
  }
  await page.setViewportSize({width: 1280, height: 900});
  return wide;
}

// What can be touched at 390 px, and is smaller than 24 px both ways (WCAG 2.5.8). The label of a box counts with it. Names of
// axes have room around them instead, and links in sentences keep to their line.
async function small(view) {
  await page.setViewportSize({width: 390, height: 844});
  await settled();
  const [n, few] = await page.evaluate(() => {
    const targets = [...document.querySelectorAll("a[href], button, input, select, summary, textarea")]
        .map((e) => (e.matches("[type=checkbox]") && e.closest("label")) || e)
        .filter((e) => e.checkVisibility() && !e.matches("p a"))
        .map((e) => [e, e.getBoundingClientRect()]),
      few = targets.filter(([, {width, height}]) => width < 24 || height < 24);
    return [
      targets.length,
      few.map(([e, {width, height}]) => `${e.tagName} ${e.textContent.slice(0, 20)} ${width} × ${height}`),
    ];
  });
  assert.ok(n > 8, `${view}: ${n} targets`);
  await page.setViewportSize({width: 1280, height: 900});
  return few.map((one) => `${view}: ${one}`);
}

const found = {serious: [], nameless: [], mute: [], wide: [], small: []};
await test("each view is opened once, for the checks that follow", async () => {
  for (const view of views) {
    await page.emulateMedia({colorScheme: "light"});
    await open(page, view);
    const serious = await axeFinds(page);
    found.nameless.push(
      ...(await page.$$eval("canvas", (all) =>
        all
          .filter((c) => !c.closest("[aria-label]") && c.getAttribute("aria-hidden") !== "true")
          .map((c) => location.search + c.parentElement.outerHTML.slice(0, 200)),
      )),
    );
    found.mute.push(
      ...(await page.$$eval("canvas", (all) =>
        all
          .map((c) => c.closest("[aria-label]")?.getAttribute("aria-label") ?? "")
          .filter((label) => label && !/\d/.test(label)),
      )),
    );
    await page.emulateMedia({colorScheme: "dark"});
    serious.push(...(await axeFinds(page, COLOURS)));
    found.serious.push(...serious.map((one) => `${view[0]}: ${one}`));
    found.wide.push(...(await narrow(view[0])));
    found.small.push(...(await small(view[0])));
  }
});
await test("52: axe finds nothing serious, light and dark", () => assert.deepEqual(found.serious, []));
await test("54: every canvas has a name, or belongs to one that has", () =>
  assert.deepEqual(found.nameless, []));
await test("54: every drawing says what is in it, with numbers", () => assert.deepEqual(found.mute, []));
await test("56: no view scrolls sideways at 320 px, nor at 200 % of a window of 1280", () =>
  assert.deepEqual(found.wide, []));
await test("no target is smaller than 24 px on a phone", () => assert.deepEqual(found.small, []));
await test("56: nor does it for a choice with a long name; the head leaves most of a window", async () => {
  await open(page, [BIG + "?tab=compare&cmp=3,5,8", ".compare"]);
  await page.setViewportSize({width: 390, height: 844});
  await page.$$eval("main select", (all) => {
    for (const select of all)
      select.append(new Option("validation/a_metric_with_a_rather_long_name".repeat(2)));
  });
  await settled();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.match(await page.$eval(".tabs", (e) => getComputedStyle(e).maskImage), /gradient/, "tabs fade out");
  await page.setViewportSize({width: 1280, height: 800});
  await settled();
  const from = await page.$eval(".tabs", (e) => e.getBoundingClientRect().top);
  assert.ok(from < 800 / 3, `the tabs begin at ${from} of 800`);
});

const texts = (rows) => rows.map(inFile);
// The rows of a chart's download, of which its twin shows the first ones.
async function twin(id) {
  const rows = await page.$$eval(`#chart-${id} .twin tbody tr`, (all) =>
      all.map((row) => [...row.children].map((cell) => cell.title)),
    ),
    lines = (await download(() => page.click(`#chart-${id} .twins button:text-is("CSV")`))).slice(1);
  assert.deepEqual(texts(rows), lines.slice(0, 200), "the download has what the table shows");
  return lines;
}
// A view of twins, and what the controller answered to the question for it.
async function twins(path, ids, asked) {
  const answer = asked && page.waitForResponse((response) => asked.test(response.url()));
  await page.goto(at(`${path}t=${ids}`));
  for (const id of ids.split(",")) await page.waitForSelector(`#chart-${id} .twin tbody tr`);
  return (await answer)?.json();
}

await test("43, 54: the twins, and what is downloaded of them, have the numbers of the controller", async () => {
  const all = await columns(),
    column = (name) => columnOf(all, name),
    state = column("state"),
    table = (names, wanted = () => true) =>
      texts(state.map((_, row) => names.map((name) => column(name)[row])).filter((_, row) => wanted(row)));
  await twins(BIG + "?f=number<150&x=ended&", "best,parallel");
  const few = column("number").map((n) => n < 150);
  assert.deepEqual(
    await twin("best"),
    table(["number", "state", "ended", "objective"], (row) => few[row]).map((row) =>
      row.map((text, at) => (at === 2 && text ? new Date(text * 1000).toISOString() : text)),
    ),
  );
  const axes = await page.$$eval("#chart-parallel .twin th", (all) => all.slice(1).map((e) => e.textContent));
  assert.deepEqual(
    await twin("parallel"),
    table(
      ["number", ...axes.map((name) => (/↓/.test(name) ? "objective" : "params." + name))],
      (row) => few[row] && state[row] !== "failed",
    ),
  );
  const points = ({curves}) => texts(curves.flatMap((c) => c.x.map((x, i) => [c.trial, x, c.y[i]])));
  await twins(BIG + "?tab=curves&", "curves");
  const best = column("number")
    .filter((_, row) => state[row] !== "failed" && typeof column("objective")[row] === "number")
    .sort((a, b) => column("objective")[a] - column("objective")[b])
    .slice(0, 20);
  assert.deepEqual(
    await twin("curves"),
    points(await api(`sweeps/${id}/curves?metric=val_loss&trials=${best.sort((a, b) => a - b)}&points=1000`)),
  );
  await twins(`/t/${id}-17?`, "curve");
  const {number} = (await api("sweeps/" + id)).best;
  assert.deepEqual(
    await twin("curve"),
    points(await api(`sweeps/${id}/curves?metric=val_loss&trials=17,${number}&points=1000`)),
  );
  const line = await twins(BIG + "?tab=timeline&", "timeline", /timeline\?px=/),
    iso = (s) => new Date((line.from + s) * 1000).toISOString();
  assert.deepEqual(
    await twin("timeline"),
    texts(
      line.rows.flatMap(({agent, slot, bars, gaps}) => [
        ...bars.map(([from, to, what, ...which]) =>
          typeof what === "string"
            ? [agent, slot, "attempt", what, ...which, iso(from), iso(to)]
            : [
                agent,
                slot,
                Object.values(what).reduce((a, b) => a + b) + " attempts",
                Object.entries(what).map(([s, n]) => `${n} ${s}`),
                null,
                null,
                iso(from),
                iso(to),
              ],
        ),
        ...gaps.map(([from, to, why]) => [agent, slot, "gap: " + why, null, null, null, iso(from), iso(to)]),
      ]),
    ),
  );
});

// Contrast as WCAG has it; distance in OKLab, as it is and as it is seen with three kinds of colour blindness.
const linear = (hex) =>
  [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a, b) => {
  const [x, y] = [luminance(linear(a)), luminance(linear(b))].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
};
const times = (m, v) => m.map((row) => row.reduce((sum, x, i) => sum + x * v[i], 0));
// Machado, Oliveira and Fernandes 2009, severity 1.
const SIGHT = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
function oklab(rgb) {
  const lms = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb.map((c) => Math.min(1, Math.max(0, c))),
  ).map(Math.cbrt);
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    lms,
  );
}

const {shade, SHADES, signed, wordColours} = await bundled(
  `export {shade, SHADES, signed, wordColours} from "../base/scale";`,
);
for (const theme of ["light", "dark"])
  await test(`55: the shipped colours can be read and told apart, ${theme}`, async () => {
    await page.emulateMedia({colorScheme: theme});
    const names = [
      "page",
      "text",
      "muted",
      "accent",
      ...[0, 1, 2, 3].map((i) => "series-" + i),
      ...["pending", "running", "finished", "stopped", "failed"].map((s) => "s-" + s),
    ];
    const colours = await page.evaluate((names) => {
      const style = getComputedStyle(document.documentElement);
      return Object.fromEntries(names.map((n) => [n, style.getPropertyValue("--" + n).trim()]));
    }, names);
    for (const name of ["text", "muted", "accent"])
      assert.ok(contrast(colours[name], colours.page) >= 4.5, name);
    const states = names.filter((n) => n.startsWith("s-"));
    const dark = theme === "dark",
      drawn = Object.entries(colours)
        .filter(([name]) => /^(s|series)-/.test(name))
        .concat([-1, 1].map((sign) => ["sign " + sign, signed(sign, dark)]))
        .concat(wordColours(dark).map((colour, i) => ["category " + i, colour]));
    for (const name of ["cividis", "viridis"]) {
      const shades = Array.from({length: SHADES}, (_, i) => shade(i / (SHADES - 1), 0, dark, name)),
        ratios = shades.map((colour) => contrast(colour, colours.page));
      drawn.push(...shades.map((colour, i) => [`${name}, at ${i}`, colour]));
      assert.equal(shades[0], shade(1, 1, dark, name), "the best at either end");
      for (let i = 1; i < SHADES; i++) assert.ok(ratios[i] < ratios[i - 1], `${name}: ${ratios}`);
    }
    for (const [name, colour] of drawn) {
      const ratio = contrast(colour, colours.page);
      assert.ok(ratio >= 3, `${name} ${colour}: ${ratio.toFixed(2)}`);
    }
    const told = states.flatMap((one, i) =>
      states.slice(0, i).map((other) => [colours[one], colours[other]]),
    );
    told.push([signed(-1, dark), signed(1, dark)]);
    for (const name of ["cividis", "viridis"]) told.push([0, 1].map((at) => shade(at, 0, dark, name)));
    for (const [sight, matrix] of Object.entries(SIGHT))
      for (const pair of told) {
        const [a, b] = pair.map((colour) => oklab(times(matrix, linear(colour))));
        const far = Math.hypot(...a.map((x, k) => x - b[k]));
        assert.ok(far >= 0.1, `${pair}, ${sight}: ${far.toFixed(3)}`);
      }
  });

await test("57: forced colours and reduced motion are obeyed", async () => {
  await page.emulateMedia({colorScheme: "dark"});
  const own = await page.evaluate(() =>
    ["series-0", "series-1", "series-2", "muted", "line"].map((name) => {
      const hex = getComputedStyle(document.documentElement).getPropertyValue("--" + name);
      return `${[1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))}`;
    }),
  );
  await page.emulateMedia({forcedColors: "active", reducedMotion: "reduce", colorScheme: "dark"});
  await open(page, [BIG, ".rows"]);
  const moving = await page.$$eval(
    "*",
    (all) =>
      all.filter((e) => {
        const s = getComputedStyle(e);
        return parseFloat(s.transitionDuration) > 0 || parseFloat(s.animationDuration) > 0;
      }).length,
  );
  assert.equal(moving, 0);
  // Drawings have the colours of the system and of scales, and none of the page's own.
  await open(page, [BIG + "?tab=curves&top=4", ".plot canvas"]);
  const seen = await page.evaluate(() => {
    const pixels = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data,
      solid = new Set(),
      one = Object.assign(document.createElement("canvas"), {width: 3, height: 1}),
      c = one.getContext("2d"),
      data = pixels(document.querySelector("#chart-curves .plot canvas"));
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) solid.add(`${data.slice(i, i + 3)}`);
    ["CanvasText", "GrayText", "LinkText"].forEach((name, i) => {
      c.fillStyle = name;
      c.fillRect(i, 0, 1, 1);
    });
    const system = pixels(one);
    return {solid: [...solid], system: [0, 4, 8].map((i) => `${system.slice(i, i + 3)}`)};
  });
  for (const colour of seen.system) assert.ok(seen.solid.includes(colour), colour);
  assert.deepEqual(
    own.filter((colour) => seen.solid.includes(colour)),
    [],
  );
  await page.emulateMedia({forcedColors: null, reducedMotion: null, colorScheme: null});
});

await test("9: few requests, few bytes", async () => {
  const fresh = await another({storageState: await context.storageState()});
  const other = await fresh.newPage(),
    asked = [];
  other.on("request", (r) => asked.push(r.url()));
  await other.goto(at("/"));
  await other.waitForSelector("table.list tbody tr");
  const files = asked.filter((url) => !url.includes("/api/"));
  assert.ok(files.length <= 6, files.join(" "));
  let bytes = 0;
  for (const url of files.filter((u) => u.startsWith(new URL(link).origin))) {
    const answer = await fresh.request.get(url, {headers: {"accept-encoding": "gzip"}});
    bytes += Number(answer.headers()["content-length"] ?? 0);
  }
  assert.ok(bytes > 10000 && bytes < 120000, String(bytes));
  await fresh.close();
});

await test("10: all of this was without a network, and workers may ask of nobody else either", async () => {
  const fresh = await browser.newContext(),
    other = await fresh.newPage();
  for (const url of ["http://example.com/", at("/").replace("127.0.0.1", "localhost")])
    await assert.rejects(other.goto(url, {timeout: 20000}), /ERR_NAME_NOT_RESOLVED/, url);
  const asked = async (path) => context.request.get(at(path)),
    main = /\/assets\/[^"']*\.js/.exec(await (await asked("/")).text())[0],
    worker = /\/assets\/stream[^"`']*\.js/.exec(await (await asked(main)).text())[0],
    script = (await asked(worker)).headers()["content-security-policy"];
  assert.match(script, /default-src 'none'.*connect-src 'self'/);
});

await done();
