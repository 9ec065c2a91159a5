// SPDX-License-Identifier: GPL-3.0-or-later
// What a test of the page begins with: `NAME_test.mjs LINK TRIALS [FOLDER]` is signed in at the controller of the link,
// whose store fixture.py has made with so many trials. With FOLDER, pictures are left there. A failed check ends it, as
// does an error of the console, a request to elsewhere, or a report of the page's security policy.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {contextNew, launch, missing, open} from "./browser.mjs";
import {settled as pageSettled} from "./settled.mjs";

export const [link, trials, pictures] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const why = missing();
if (why) {
  console.log("SKIPPED: " + why);
  process.exit(77);
}

// Ends the test where what it does now takes longer.
let late;
function within(minutes, what) {
  clearTimeout(late);
  late = setTimeout(() => {
    console.log(`FAILED: ${what} is not done after ${minutes} minutes`);
    process.exit(1);
  }, 60000 * minutes);
}
within(2, "the beginning");

export const BIG = "/s/bigbig01";
export const browser = await launch();
export const {page, context, wrong} = await open(browser, link);
export const figures = {};
// Another profile, whose pages are watched as the first one's.
export const another = (options) => contextNew(browser, link, options, wrong);

export const count = (n) => n.toLocaleString("en-US");
export const at = (path) => new URL(path, link).href;
export const settled = (some = page) => pageSettled(some);
export const api = (path, some = page) =>
  some.evaluate(async (path) => (await fetch("/api/v1/" + path)).json(), path);

// The rows of the table that are in the document, as the texts of their cells.
export const rows = (some = page) =>
  some.$$eval(".rows .row:not(.head)", (all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
// "N of M": how many trials the table shows.
export const shown = async (some = page) =>
  (await some.textContent(".trials header .shown button")).replace(/,/g, "").replace(" shown", "");

export async function ready(some = page) {
  await some.waitForSelector(".rows .row:nth-child(3)", {timeout: 60000});
  await settled(some);
}

export async function timed(name, work) {
  const from = Date.now();
  await work();
  figures[name] = Date.now() - from;
}

// What some work costs the page: its script, its longest task (those below 50 ms count as none), how many rows of tables
// are in the document afterwards. moves: of the mouse, each of which is to be quick.
export async function cost(name, work, moves = 1) {
  const tool = await page.context().newCDPSession(page);
  await tool.send("Performance.enable", {timeDomain: "threadTicks"}); // what else the machine does is not counted
  const script = async () =>
    (await tool.send("Performance.getMetrics")).metrics.find((m) => m.name === "ScriptDuration").value;
  await page.evaluate(() => {
    window.longest = 0;
    window.watch = new PerformanceObserver((list) => {
      for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration);
    });
    window.watch.observe({type: "longtask"});
  });
  const before = await script();
  await work();
  await settled();
  figures[`${name}_script_ms`] = Number(((1000 * ((await script()) - before)) / moves).toPrecision(3));
  figures[`${name}_longest_task_ms`] = await page.evaluate(() => {
    window.watch.disconnect();
    return Math.round(window.longest);
  });
  const rows = (await page.$$(".rows .row")).length;
  assert.ok(rows <= 80, `${rows} rows in the document after ${name}`);
  await tool.detach();
}

// The file that a click downloads.
export async function saved(click) {
  const [file] = await Promise.all([page.waitForEvent("download", {timeout: 60000}), click()]);
  return {name: file.suggestedFilename(), bytes: readFileSync(await file.path())};
}
// The lines of a CSV that a click downloads, each as its cells.
export async function download(click) {
  return String((await saved(click)).bytes)
    .trimEnd()
    .split("\r\n")
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => plain ?? quoted.replace(/""/g, '"'),
      ),
    );
}
// Values as such cells have them.
export const inFile = (values) =>
  values.map((value) => String(value ?? "").replace(/^[tf](?=rue$|alse$)/, (c) => c.toUpperCase()));

export async function picture(name, some = page) {
  if (!pictures) return;
  await some.evaluate(() => scrollTo(0, 0));
  await some.screenshot({path: `${pictures}/${name}.png`});
}

// From the next document on, the calls that draw on each canvas since it was cleared are kept.
export const keepCalls = () =>
  context.addInitScript(() => {
    const own = CanvasRenderingContext2D.prototype;
    window.calls = new WeakMap();
    for (const name of ["clearRect", "closePath", "fillRect", "fillText", "lineTo", "moveTo"]) {
      const call = own[name];
      own[name] = function (...given) {
        if (name === "clearRect") window.calls.set(this.canvas, []);
        else window.calls.get(this.canvas)?.push([name, ...given]);
        return call.apply(this, given);
      };
    }
  });
// The arguments of those of this name, of the first such canvas.
export const calls = (canvas, name) =>
  page.$eval(
    canvas,
    (one, name) => window.calls.get(one).flatMap(([called, ...given]) => (called === name ? [given] : [])),
    name,
  );

// What is drawn in a tab, without the head of the page, which depends on the clock.
export async function drawn(some = page) {
  await some.mouse.move(2, 2);
  await settled(some);
  const [y, height] = await some.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
    const y = Math.round(document.querySelector(".tabs").getBoundingClientRect().bottom);
    return [y, document.documentElement.scrollHeight - y];
  });
  return some.screenshot({fullPage: true, clip: {x: 0, y, width: 1280, height}});
}
// How many pixels of two such pictures differ, but for the rounding of edges.
export async function differs(one, two) {
  return page.evaluate(
    async (pictures) => {
      const [a, b] = await Promise.all(
        pictures.map(async (text) => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)),
            image = await createImageBitmap(new Blob([bytes], {type: "image/png"})),
            c = new OffscreenCanvas(image.width, image.height).getContext("2d");
          c.drawImage(image, 0, 0);
          return c.getImageData(0, 0, image.width, image.height);
        }),
      );
      if (a.width !== b.width || a.height !== b.height) return Infinity;
      let n = 0;
      for (let i = 0; i < a.data.length; i += 4)
        if ([0, 1, 2].some((k) => Math.abs(a.data[i + k] - b.data[i + k]) > 8)) n++;
      return n;
    },
    [one, two].map((shot) => shot.toString("base64")),
  );
}
// 14: what the page's address shows in a profile that knows nothing.
export async function restored(what) {
  const fresh = await another({storageState: {cookies: await context.cookies(), origins: []}}),
    other = await fresh.newPage();
  await other.goto(page.url());
  await other.waitForSelector(what, {timeout: 60000});
  await settled(other);
  const shot = await drawn(other);
  await fresh.close();
  return shot;
}

// A hidden tab cannot be had without a window: the page is told that it is one.
export const hide = (some, hidden) =>
  some.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

// An error that the test brings about by itself.
export function expected(pattern) {
  wrong.splice(0, wrong.length, ...wrong.filter((w) => !pattern.test(w)));
}

export async function test(name, work, minutes = trials > 1000 ? 20 : 4) {
  const from = Date.now();
  within(minutes, name);
  try {
    await work();
    assert.deepEqual(wrong, []);
  } catch (error) {
    await page.screenshot({path: "failed.png"}).catch(() => {});
    console.log(`FAILED: ${name} at ${page.url()}\n${error.stack}`);
    process.exit(1);
  }
  console.log(`ok   ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
  within(2, "what follows " + name);
}

export async function done() {
  await browser.close();
  console.log(JSON.stringify({trials, ...figures}));
  process.exit(0); // standard input may be open still
}
