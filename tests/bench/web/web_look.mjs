// SPDX-License-Identifier: GPL-3.0-or-later
// web_look.mjs WHOSE LINK: how long a page takes to show 10,000 trials, and to follow a brush on an axis of parallel
// coordinates; what it holds in memory. Prints JSON; null is what did not appear within two minutes.
import {createRequire} from "node:module";
import {join} from "node:path";

const [whose, link] = process.argv.slice(2),
  MOST = 120000,
  MOVES = 20;
const pages = {
  besom: {
    table: ["/s/bigbig01", ".rows .row:nth-child(3)"],
    parallel: ["/s/bigbig01?tab=parallel", ".of-axis .grip"],
  },
  optuna: {
    table: ["/dashboard/studies/0/smartSelection", "tbody tr:nth-child(3)"],
    parallel: ["/dashboard/studies/0/smartSelection", ".parcoords .axis-brush .background"],
  },
}[whose];

const {chromium} = createRequire(join(process.env.BESOM_WEB_MODULES, "package.json"))("playwright-core");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"], // Optuna's lines want WebGL
});
const page = await browser.newPage({viewport: {width: 1280, height: 1400}});
const tools = await page.context().newCDPSession(page);
await tools.send("Performance.enable");
const metric = async (name) =>
  (await tools.send("Performance.getMetrics")).metrics.find((m) => m.name === name).value;

async function shown([path, what]) {
  const from = Date.now();
  await page.goto(new URL(path, link).href, {timeout: MOST}).catch(() => {});
  const found = await page.waitForSelector(what, {state: "attached", timeout: MOST}).catch(() => null);
  return found && (Date.now() - from) / 1000;
}

if (whose === "besom") {
  await page.goto(link);
  await page.waitForSelector("table.list tbody tr");
}
const result = {table_s: await shown(pages.table), parallel_s: await shown(pages.parallel), brush_ms: null};
if (result.parallel_s !== null) {
  await page.waitForTimeout(3000);
  const box = await page.locator(pages.parallel[1]).first().boundingBox(),
    x = box.x + box.width / 2;
  const y = (i) => box.y + box.height * (0.3 + (0.4 * i) / MOVES);
  await page.mouse.move(x, y(0));
  await page.mouse.down();
  const from = await metric("TaskDuration");
  for (let i = 1; i <= MOVES; i++) {
    await page.mouse.move(x, y(i));
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  }
  result.brush_ms = (1000 * ((await metric("TaskDuration")) - from)) / MOVES;
  await page.mouse.up();
}
await tools.send("HeapProfiler.collectGarbage");
result.heap_mb = (await metric("JSHeapUsedSize")) / 1e6;
await browser.close();
console.log(JSON.stringify(result));
