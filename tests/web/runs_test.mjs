// SPDX-License-Identifier: GPL-3.0-or-later
// What scripts that use wandb have logged: tests/e2e/wandb/logged.py has sent it. See checks.mjs.
import assert from "node:assert/strict";
import {axeFinds} from "./axe.mjs";
import {open} from "./browser.mjs";
import {api, at, browser, done, expected, page, picture, settled, test, timed} from "./checks.mjs";

const RUN = "/runs/besom/looks/all",
  RUNS = "/runs/besom/looks";
const text = (what = "main") => page.textContent(what);
const unharmed = async (some = page) => {
  assert.equal(await some.evaluate(() => window.hit), undefined);
  assert.doesNotMatch(await some.textContent("main"), /undefined|NaN %|\[object/);
};
// The browser says that it ran no script of what was logged: that is what is wanted.
const refusals = () =>
  // wandb.Html asks for a style sheet of wandb's, which its frame does not fetch.
  expected(/Blocked script execution|Security Policy directive: "img-src data:"|CSP img-src|normalize\.css/);
const seen = (id) => page.$eval(`[id="chart-${id}"]`, (e) => e.scrollIntoView());
const card = (name) => `section.card:has(h2:text-is("${name}"))`;

await test("runs are found from the head of the page, by project", async () => {
  await page.goto(at("/"));
  await page.click("header.top >> text=runs");
  await page.waitForSelector("table.list tbody tr");
  assert.deepEqual(
    (
      await page.$$eval("table.list tbody tr", (all) =>
        all.map((row) => row.cells[0].textContent + " " + row.cells[1].textContent),
      )
    ).sort(),
    ["besom/looks 3", "besom/other 1", "besom/recorded 2", "besom/trials 1"],
  );
  await page.click("text=besom/looks");
  await page.waitForSelector(".run-table tbody tr:nth-child(3)");
});

await test("44: the table of runs has the columns that differ, sorts, filters, and shows hostile texts as texts", async () => {
  const heads = await page.$$eval(".run-table thead th", (all) => all.map((e) => e.textContent.trim()));
  for (const name of ["state", "name ", "lr", "opt.name", "loss", "acc"])
    assert.ok(
      heads.some((h) => h.startsWith(name.trim())),
      name + " in " + heads,
    );
  assert.match(await text(".run-table"), /"><svg onload=window\.hit=1>/);
  await page.click('.run-table th button[title="sort by lr"]');
  await page.waitForSelector("[aria-sort=ascending] >> text=lr");
  await settled(page);
  assert.equal(await page.textContent(".run-table tbody tr:first-child td:nth-child(5)"), "train");
  await page.fill("#filter", "lr>0.1 job:eval");
  await page.waitForFunction(() => document.querySelectorAll(".run-table tbody tr").length === 1);
  assert.match(await text(".run-table tbody"), /evaluation/);
  await page.fill("#filter", "nothing-like-it");
  await page.waitForSelector("text=No run matches");
  await page.fill("#filter", "");
  await page.waitForSelector(".run-table tbody tr:nth-child(3)");
  await unharmed();
  await picture("runs");
});

await test("runs are compared by configuration, summary and curves, and the address restores it", async () => {
  await page.goto(at(RUNS + "?sel=all,eval"));
  await page.waitForSelector(card("Configuration"));
  const rows = await page.$$eval('section.card:has(h2:text-is("Configuration")) tbody tr', (all) =>
    all.map((r) => [...r.cells].map((c) => c.textContent)),
  );
  assert.deepEqual(
    rows.find((r) => r[0] === "lr"),
    ["lr", "0.2", "0.1"],
  );
  assert.ok(rows.some((r) => r[0] === "opt.wd" && r.includes("–")));
  await page.waitForSelector("#chart-cmp-curves svg .line, #chart-cmp-curves svg .dot");
  assert.match(await text("#chart-cmp-curves"), /2 of 2 runs/);
  await page.selectOption("#chart-cmp-curves select", "acc");
  await page.waitForSelector("text=1 of 2 runs have it");
  assert.match(page.url(), /m=acc/);
  await page.selectOption("label:has-text('media') select", "hist");
  const side = (name) => page.locator(`section.card:has(h2:text-is('${name}: hist')) header`);
  await side("evaluation").locator("text=step 20").waitFor();
  await side('"><svg onload=window.hit=1>').locator("text=step 80").waitFor();
  await page.press('[aria-label="step of hist"] >> nth=0', "Home");
  await page.waitForURL(/md-hist=0/);
  await side("evaluation").locator("text=step 0").waitFor();
  await side('"><svg onload=window.hit=1>').locator("text=step 0").waitFor();
  await unharmed();
});

await test("a run: notes, configuration, summary; a viewer cannot edit, an operator can", async () => {
  await page.goto(at(RUN));
  await page.waitForSelector("text=first **notes**");
  assert.match(await text(card("Configuration")), /opt\.name.*adam/s);
  await page.click("text=edit name, notes, tags, group");
  await page.fill("textarea[name=notes]", "better <img src=x onerror=window.hit=1>");
  await page.fill("input[name=tags]", "good, <b>bold</b>");
  await page.fill("input[name=group]", "g2");
  await page.click("text=Save");
  await page.waitForSelector("p.notes:has-text('better')");
  assert.match(await text(".facts"), /g2.*good.*<b>bold<\/b>/s);
  const run = await api("runs/all/page?entity=besom&project=looks");
  assert.deepEqual([run.group, run.tags, run.job_type], ["g2", ["good", "<b>bold</b>"], "train"]);
  await unharmed();
  await picture("run");
  const viewer = await open(browser, process.env.VIEWER);
  await viewer.page.waitForSelector("table.list");
  await viewer.page.goto(at(RUN));
  await viewer.page.waitForSelector("button:has-text('edit name'):disabled");
  assert.deepEqual(viewer.wrong, []);
  await viewer.context.close();
});

await test("5, 26: each key is a curve, by prefix; NaN is marked, and a spike is seen", async () => {
  await timed("run_curves_ms", async () => {
    await page.goto(at(RUN + "?tab=curves"));
    await page.waitForSelector('[id="chart-cv-loss"] svg path.line');
  });
  const names = await page.$$eval("section.card h2", (all) => all.map((e) => e.textContent));
  for (const name of ["loss", "nested.deep.n", "train/acc", "train/f1", "' onmouseover='window.hit=1"])
    assert.ok(names.includes(name), name + " in " + names);
  assert.match(await text('[id="chart-cv-loss"] svg'), /×NaN at 50/);
  assert.match(await text('[id="chart-cv-loss"] svg'), /1e\+?06|800000/);
  await page.check("text=log scale");
  await page.waitForFunction(
    () => !document.querySelector('[id="chart-cv-loss"] svg').textContent.includes("500000"),
  );
  await page.click('[id="chart-cv-loss"] button:text-is("table")');
  assert.match(await text('[id="chart-cv-loss"] .twin'), /50NaN/);
  await unharmed();
  await picture("run-curves");
});

await test("each chart of wandb.plot is drawn from its table, an unknown one as fits", async () => {
  await page.goto(at(RUN + "?tab=media"));
  const drawn = {
    cm: ".matrix td",
    roc: "path.line",
    pr: "path.line",
    line: "path.line",
    scatter: "circle.dot",
    bar: "rect.dot",
    histogram: "rect.dot",
    series: "path.line",
    custom: ".line",
  };
  for (const [key, what] of Object.entries(drawn)) await page.waitForSelector(`#chart-plot-${key} ${what}`);
  const n = (selector) => page.$$eval(selector, (all) => all.length);
  assert.equal(await n("#chart-plot-cm .matrix td"), 9);
  assert.match(await text("#chart-plot-cm"), /<script>window\.hit=1<\/script>/);
  assert.equal(await n("#chart-plot-roc path.line"), 2);
  assert.equal(await n("#chart-plot-roc line.d1"), 1);
  assert.equal(await n("#chart-plot-pr line.d1"), 0);
  assert.equal(await n("#chart-plot-series path.line"), 2);
  assert.equal(await n("#chart-plot-bar rect.dot"), 2);
  assert.match(await text("#chart-plot-bar svg"), /×.*NaN/s);
  assert.equal(await n("#chart-plot-scatter circle.dot"), 20);
  assert.match(await text("#chart-plot-custom"), /of its own kind, me\/custom/);
  await page.click('#chart-plot-line button:text-is("table")');
  assert.match(await text("#chart-plot-line .twin"), /19361/);
  await settled(page);
  refusals();
});

await test("27, 44: a table with pictures is sorted and paged; NaN and missing cells are last", async () => {
  const table = card("preds");
  await page.waitForSelector(table + " tbody img");
  assert.match(await text(table), /rows 1–50 of 250/);
  await page.$eval(table + " tbody img", (img) => img.scrollIntoView());
  await page.waitForFunction(
    (at) => document.querySelector(at)?.naturalWidth === 8,
    "section.card:has(th) tbody td img",
  );
  await page.click(table + ' th button[title="sort by score"]');
  await page.waitForSelector(table + " [aria-sort=ascending]");
  await page.waitForSelector(table + " tbody tr:first-child td:nth-child(4) span:text-is('-1')");
  await page.click(table + ' th button[title="sort by score"]');
  await page.waitForSelector(table + " [aria-sort=descending]");
  await page.waitForSelector(table + " tbody tr:first-child td:nth-child(4):has-text('1e+20')");
  for (let i = 0; i < 4; i++) await page.click(table + ' button:text-is("later →")');
  await page.waitForSelector("text=rows 201–250 of 250");
  assert.ok(
    (await page.$$eval(table + " tbody tr", (all) => all.map((r) => r.cells[3].textContent))).every(
      (c) => c === "NaN" || c === "–",
    ),
  );
  await unharmed();
});

await test("44: media by step: pictures, sounds, a page and a drawing with scripts, of which none runs", async () => {
  for (const key of ["pics", "sound", "page", "drawing", "hist", "say"])
    await page.waitForSelector(`[id="chart-md-${key}"]`);
  await page.$eval('[id="chart-md-pics"]', (e) => e.scrollIntoView());
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[id="chart-md-pics"] img')].every((img) => img.naturalWidth === 8),
  );
  assert.match(await text('[id="chart-md-pics"]'), /step 80.*<img src=x onerror=window\.hit=1>/s);
  await page.$eval('[id="chart-md-pics"] input[type=range]', (e) => {
    e.value = "0";
    e.dispatchEvent(new Event("input", {bubbles: true}));
  });
  await page.waitForSelector('[id="chart-md-pics"] >> text=step 0');
  assert.match(page.url(), /md-pics=0/);
  await page.$eval('[id="chart-md-page"]', (e) => e.scrollIntoView());
  const frame = await (await page.waitForSelector('[id="chart-md-page"] iframe')).contentFrame();
  await frame.waitForSelector("h1");
  assert.equal(await frame.textContent("h1"), "Written by a script");
  await page.$eval('[id="chart-md-drawing"]', (e) => e.scrollIntoView());
  await page.waitForFunction(() => document.querySelector('[id="chart-md-drawing"] img').naturalWidth === 40);
  assert.equal(
    await page.$eval(
      '[id="chart-md-sound"] audio',
      (e) =>
        (e.preload = "auto") &&
        new Promise(
          (ok) => (
            (e.onloadedmetadata = () => ok(e.duration > 0.05)),
            (e.onerror = () => ok(false)),
            e.load()
          ),
        ),
    ),
    true,
  );
  assert.equal((await page.$$('[id="chart-md-hist"] rect.dot')).length, 3);
  const steps = '[id="chart-md-pics"] input[type=range]';
  await page.press(steps, "End");
  await page.press(steps, "ArrowLeft");
  await page.waitForSelector('[id="chart-md-pics"] >> text=step 40');
  assert.match(page.url(), /md-pics=40/);
  await page.press(steps, "End");
  await page.waitForURL((url) => !/md-pics/.test(url.search));
  await settled(page);
  await unharmed();
  refusals();
  await picture("run-media");
});

await test("many media are in groups, asked for twelve at a time; the table of histograms has all steps", async () => {
  const asked = [],
    listen = (r) =>
      /\/media\?/.test(r.url()) && asked.push(JSON.parse(new URL(r.url()).searchParams.get("cols")));
  page.on("request", listen);
  await page.goto(at(RUN + "?tab=media"));
  await page.waitForSelector("details:has-text('gradients') >> text=2 more of 14");
  await settled(page);
  page.off("request", listen);
  assert.ok(asked.every((cols) => cols.length <= 12));
  assert.ok(asked.length <= 4, `${asked.length} questions`);
  await seen("md-hist");
  await page.press('[id="chart-md-hist"] input[type=range]', "ArrowLeft");
  await page.waitForURL(/md-hist=40/);
  assert.match(await text('[id="chart-md-hist"] svg'), /2 to 3: 42/);
  await page.click('[id="chart-md-hist"] button:text-is("table")');
  assert.deepEqual(
    await page.$$eval('[id="chart-md-hist"] .twin tbody tr', (all) =>
      all.map((row) => [...row.cells].map((c) => c.title).join()),
    ),
    [0, 40, 80].flatMap((step) => [`${step},0,1,1`, `${step},1,2,4`, `${step},2,3,${2 + step}`]),
  );
  await page.click("text=2 more of 14");
  await page.waitForSelector('[id="chart-md-gradients/layer13"] svg rect');
  await unharmed();
  refusals();
});

await test("a table of each epoch has its step; a chart of wandb.sklearn is drawn", async () => {
  await page.waitForSelector(card("epoch") + " span:text-is('1080')");
  await page.press(card("epoch") + " input[type=range]", "Home");
  await page.waitForSelector(card("epoch") + " span:text-is('1000')");
  assert.match(page.url(), /md-epoch=0/);
  await page.waitForSelector("#chart-plot-learning path.line >> nth=1");
  assert.match(await text("#chart-plot-learning"), /train_size.*score|score.*train_size/s);
  refusals();
});

await test("57: pictures are as they are, in the dark too", async () => {
  const shots = [];
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({colorScheme});
    await settled(page);
    const dark =
      (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) !== "rgb(255, 255, 255)";
    assert.equal(dark, colorScheme === "dark");
    shots.push(await page.locator('[id="chart-md-pics"] img').first().screenshot());
  }
  assert.ok(shots[0].equals(shots[1]));
});

const REC = "/runs/besom/recorded/";
// The colour of a place of the canvas over a picture, from 0 to 1 in both directions.
const inked = (id, x, y) =>
  page.$eval(
    `[id="${id}"] canvas`,
    (c, [x, y]) => {
      const copy = new OffscreenCanvas(1, 1).getContext("2d");
      copy.drawImage(c, -Math.floor(c.width * x), -Math.floor(c.height * y));
      return [...copy.getImageData(0, 0, 1, 1).data];
    },
    [x, y],
  );

await test("44: masks and boxes lie over their picture; entries of the legend hide and show classes", async () => {
  await page.goto(at(REC + "sdk?tab=media"));
  for (const [key, pictures] of [
    ["scene", 1],
    ["scenes", 2],
    ["val.inner", 1],
  ]) {
    const chart = `[id="chart-md-${key}"]`;
    await page.waitForSelector(chart);
    await seen("md-" + key);
    await page.waitForSelector(chart + " .legend button:nth-child(4)");
    assert.deepEqual(
      (await page.$$eval(chart + " .legend button", (all) => all.map((e) => e.textContent.trim()))).sort(),
      ["<img src=x onerror=window.hit=1>", "car", "class 7", "road"].map((name) => "predictions: " + name),
    );
    assert.equal((await page.$$(chart + " figure img")).length, pictures);
    assert.equal((await page.$$(chart + " canvas")).length, 1);
  }
  const label = await page.$eval('[id="chart-md-scene"] canvas', (c) => c.getAttribute("aria-label"));
  assert.equal(label, "2 boxes: a car acc 0.75, <img src=x onerror=window.hit=1> acc 0.5 iou 0.25");
  const car = await inked("chart-md-scene", 0.25, 0.35),
    road = await inked("chart-md-scene", 0.25, 0.8);
  assert.ok(car[3] > 100 && road[3] > 100 && String(car) !== String(road), `${car} ${road}`);
  await page.click('[id="chart-md-scene"] .legend button:has-text("car")');
  await page.waitForSelector('[id="chart-md-scene"] [aria-pressed=false]:has-text("car")');
  assert.match(page.url(), /mh-scene=predictions\/1/);
  await page.waitForFunction(() =>
    document.querySelector('[id="chart-md-scene"] canvas').ariaLabel.startsWith("1 boxes"),
  );
  await settled(page);
  assert.equal((await inked("chart-md-scene", 0.25, 0.35))[3], 0);
  await picture("run-masks");
  assert.deepEqual(await inked("chart-md-scene", 0.25, 0.8), road);
  assert.equal((await page.$$('[id="chart-md-scenes"] .legend [aria-pressed=false]')).length, 0);
  await unharmed();
  refusals();
});

await test("point clouds are drawn, turn by keys and zoom; other 3D files and molecules are links", async () => {
  const cloud = '[id="chart-md-lidar"] canvas',
    drawn = (at = cloud) => page.$eval(at, (c) => c.toDataURL());
  await page.waitForSelector(cloud);
  await seen("md-lidar");
  assert.match(await page.getAttribute(cloud, "aria-label"), /^lidar: 8 points, 1 box, x /);
  await settled(page);
  const pictures = [await drawn()];
  await page.focus(cloud);
  for (const key of ["ArrowRight", "ArrowUp", "+"]) {
    await page.press(cloud, key);
    await settled(page);
    pictures.push(await drawn());
  }
  await page.mouse.wheel(0, -200);
  assert.equal(new Set(pictures).size, 4);
  await page.waitForURL(/mv-lidar=0\.7,0\.5,1\.728/);
  await page.click('[id="chart-md-lidar"] button:text-is("table")');
  const points = await page.$$eval('[id="chart-md-lidar"] .twin tbody tr', (all) =>
    all.map((row) => [...row.cells].slice(1).map((c) => c.title)),
  );
  assert.equal(points.length, 8);
  assert.ok(
    points.every(([x, y, z, rgb]) => [x, y, z].every((v) => Math.abs(v) < 4) && /^#[0-9a-f]{6}$/.test(rgb)),
  );
  await page.click('[id="chart-md-lidar"] button:text-is("chart")');
  await settled(page);
  const turned = await drawn();
  await page.reload();
  await page.waitForSelector(cloud);
  await settled(page);
  assert.ok((await drawn()) === turned && turned !== pictures[0], "the address keeps the view");
  assert.match(await text('[id="chart-md-cloud"]'), /19 of 20 points/);
  assert.equal((await page.$$('[id="chart-md-clouds"] canvas')).length, 2);
  assert.match(await text('[id="chart-md-mesh"]'), /object3D is not drawn here: mesh.*\.obj/);
  assert.match(await text('[id="chart-md-molecules"]'), /molecule is not drawn here: molecules.*\.pdb/);
  assert.equal((await page.$$('[id="chart-md-pages"] iframe')).length, 2);
  await picture("run-clouds");
  refusals();
});

await test("joined, partitioned and incremental tables are tables, with masks in their cells", async () => {
  const joined = card("joined");
  await page.waitForSelector(joined + " tbody tr:nth-child(5)");
  assert.match(await text(joined + " thead"), /id.*score.*id \(2\).*score \(2\).*image/s);
  await page.$eval(joined + " tbody img", (e) => e.scrollIntoView());
  await page.waitForSelector(joined + " tbody canvas");
  await page.waitForSelector(joined + " .legend button:has-text('predictions: car')");
  assert.match(await text(card("partitioned")), /rows 1–6 of 6/);
  assert.match(await text(card("growing")), /rows 1–3 of 3/);
  await settled(page);
  await unharmed();
  refusals();
});

await test("44: media that nobody means so are texts, and the rest of the page is there", async () => {
  await page.goto(at(REC + "odd?tab=media"));
  await page.waitForSelector('[id="chart-md-odd"]');
  await seen("md-odd");
  await page.waitForSelector('[id="chart-md-odd"] .legend >> text=gone cannot be read');
  const legend = await text('[id="chart-md-odd"] .legend');
  for (const entry of ["text", "bad", "nothing"]) assert.match(legend, new RegExp(entry + " cannot be read"));
  assert.match(legend, /other size: class 200.*b: <img src=x onerror=window\.hit=1>/s);
  await page.waitForSelector('[id="chart-md-junk"] >> text=1 of 7 points');
  await page.waitForSelector('[id="chart-md-not"] >> text=this file has no points');
  await page.waitForSelector('[id="chart-md-big"] >> text=293 KiB: too large to be shown');
  await page.press('[id="chart-md-big"] input[type=range]', "Home");
  await page.waitForSelector('[id="chart-md-big"] >> text=20001 of 40001 points');
  await page.waitForSelector('[id="chart-md-bars"] p:has-text("histogram")');
  await page.press('[id="chart-md-bars"] input[type=range]', "Home");
  await page.waitForURL(/md-bars=0/);
  await page.waitForSelector("#chart-plot-chart .error");
  await settled(page);
  await unharmed();
  expected(/status of 40[04]/);
  refusals();
});

await test("console, files, system", async () => {
  await page.goto(at(RUN + "?tab=log"));
  await page.waitForSelector("pre.log");
  assert.equal(await text("pre.log"), "red text\n<script>window.hit=1</script>\nno time");
  await page.goto(at(RUN + "?tab=files"));
  await page.waitForSelector("text=notes.txt");
  await page.goto(at(RUN + "?tab=system"));
  await page.waitForSelector('[id="chart-cv-system.cpu"] path.line');
  await page.goto(at("/runs/besom/looks/none?tab=media"));
  await page.waitForSelector("text=It has logged no media");
  await unharmed();
});

await test("artifacts: versions, files, and the lineage from one run to the next", async () => {
  await page.goto(at(RUN + "?tab=artifacts"));
  await page.waitForSelector("text=model:v0");
  assert.match(await text(), /and 1 versions of tables/);
  await page.click("text=model:v0");
  await page.waitForSelector("svg.lineage");
  const names = await page.$$eval("svg.lineage a > title", (all) => all.map((e) => e.textContent));
  assert.deepEqual(names.sort(), ['"><svg onload=window.hit=1>', "evaluation", "model:v0", "report:v0"]);
  assert.equal((await page.$$("svg.lineage .edge")).length, 3);
  assert.match(await text(card("Files")), /model\.bin.*1000 bytes.*t\.table\.json/s);
  await unharmed();
  await picture("artifact");
  await page.click("svg.lineage a:has-text('evaluation')");
  await page.waitForSelector("h1:has-text('evaluation')");
});

await test("the links that wandb prints open the page where they say", async () => {
  for (const [link, to] of [
    ["/besom/looks", RUNS],
    ["/besom/looks/runs/all", RUN],
    ["/besom/looks/sweeps/bigbig01", "/s/bigbig01"],
    ["/besom/looks/artifacts/model/model/v0", RUNS + "?tab=artifacts&a=model%3Av0"],
  ]) {
    await page.goto(at(link));
    await page.waitForURL(at(to));
    await page.waitForSelector("main h1, main .facts");
  }
  await settled(page);
});

await test("44: a trial shows what its run has logged, and each links to the other", async () => {
  await page.goto(at("/t/bigbig01-7"));
  await page.waitForSelector("text=Logged with wandb");
  await page.waitForSelector('[id="chart-md-pics"]');
  await unharmed();
  await page.click("text=its run: notes, files, artifacts");
  await page.waitForSelector("a:has-text('trial 7')");
  await page.click("a:has-text('trial 7')");
  await page.waitForURL(at("/t/bigbig01-7"));
  await page.goto(at("/t/bigbig01-3"));
  await page.waitForSelector("text=Attempts");
  await settled(page);
  assert.ok(!(await page.$("text=Logged with wandb")));
  expected(/503/);
  refusals();
});

const VIEWS = [
  "/runs",
  RUNS + "?sel=all,eval",
  RUNS + "?tab=artifacts&a=model:v0",
  "/runs/besom/recorded/sdk?tab=media",
  ...["", "curves", "media", "log", "files", "artifacts", "system"].map((t) => RUN + (t ? "?tab=" + t : "")),
];

await test("52, 56: axe finds nothing serious, and narrow pages do not scroll sideways", async () => {
  const found = [];
  for (const [i, path] of VIEWS.entries()) {
    await page.emulateMedia({colorScheme: i % 2 ? "dark" : "light"});
    await page.goto(at(path));
    await page.waitForSelector("main h1");
    await settled(page);
    found.push(...(await axeFinds(page, {iframes: false})).map((one) => `${path}: ${one}`));
    await page.setViewportSize({width: 320, height: 640});
    await settled();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${path}: ${width}`);
    await page.setViewportSize({width: 1280, height: 900});
  }
  await page.emulateMedia({colorScheme: "light"});
  assert.deepEqual(found, []);
  refusals();
});

await done();
