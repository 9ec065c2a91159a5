// SPDX-License-Identifier: GPL-3.0-or-later
// live_test.mjs LINK: the page while a sweep runs. web_test.py does what each line of stdout asks for, and answers.
import assert from "node:assert/strict";
import {createInterface} from "node:readline";
import {launch, open} from "./browser.mjs";

const browser = await launch(),
  answers = createInterface({input: process.stdin})[Symbol.asyncIterator]();
const please = async (what) => {
  console.log("PLEASE " + what);
  return (await answers.next()).value;
};
process.on("uncaughtException", async (error) => {
  console.log("FAILED: " + error.stack + "\n" + (await page.textContent("body").catch(() => "")));
  process.exit(1);
});
const {page, context, wrong} = await open(browser, process.argv[2]);
const states = (name, n) =>
  page.waitForFunction(
    ([name, n]) =>
      [...document.querySelectorAll(".rows .row .state")].filter((e) => e.textContent.includes(name))
        .length === n,
    [name, n],
    {timeout: 60000},
  );

await page.waitForSelector("text=No sweep yet");
await please("sweep");
await page.click("table.list a", {timeout: 60000});
await states("running", 2);
console.log("ok   running trials are shown, and the first sweep without a reload");

await page.fill("#filter", "has:x");
await page.click(".rows .row:nth-child(3)");
await page.focus("#filter");
const url = page.url();
await please("go");
await states("finished", 6);
await page.waitForFunction(
  () =>
    /finished/.test(document.querySelector(".card").textContent) &&
    /6 of 6/.test(document.querySelector(".card").textContent),
  null,
  {timeout: 60000},
);
assert.equal(page.url(), url);
assert.equal(await page.inputValue("#filter"), "has:x");
assert.equal(await page.evaluate(() => document.activeElement.id), "filter");
assert.deepEqual(wrong, []);
console.log("ok   what ends is shown, and moves neither the filter, the selection nor the focus");

// A hidden tab cannot be had without a window: the page is told that it is one.
const hide = (some, hidden) =>
  some.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

const tabs = [];
for (let i = 0; i < 9; i++) {
  tabs.push(await context.newPage());
  await tabs[i].goto(page.url());
}
for (const tab of tabs) await tab.waitForSelector("text=● live", {timeout: 60000});
let asked = [];
tabs[0].on("request", (request) => asked.push(request.url()));
await hide(tabs[0], true);
await please("sweep");
const from = Date.now();
await tabs[8].goto(new URL("/", page.url()).href);
await tabs[8].waitForFunction(() => document.querySelectorAll("table.list tbody tr").length === 2, null, {
  timeout: 60000,
});
console.log(`ok   21: ten tabs are live, and the tenth shows the next sweep (${Date.now() - from} ms)`);
const last = await tabs[8].$eval("table.list tbody tr a", (a) => a.getAttribute("href"));
await tabs[1].goto(new URL(last, page.url()).href);
await tabs[1].waitForFunction(() => /6 of 6/.test(document.querySelector(".card")?.textContent ?? ""), null, {
  timeout: 60000,
});
assert.deepEqual(asked, []);
await hide(tabs[0], false);
console.log("ok   22: a hidden tab asks for nothing while another sweep ends");
for (const tab of tabs) await tab.close();

const bare = await browser.newContext({storageState: await context.storageState()});
await bare.addInitScript(() => {
  delete window.SharedWorker;
  delete window.Notification;
  Object.defineProperty(window, "localStorage", {
    get: () => {
      throw new Error("denied");
    },
  });
});
const alone = await bare.newPage();
await alone.goto(page.url());
await alone.waitForSelector("text=● live", {timeout: 60000});
assert.equal((await alone.$$(".rows .row:not(.head)")).length, 6);
await bare.close();
console.log("ok   12: it works without shared workers, local storage and notifications");

await please("end");
await page.waitForSelector("text=no contact since", {timeout: 30000});
assert.equal((await page.$$(".rows .row:not(.head)")).length, 6);
await please("begin");
await page.waitForSelector("text=● live", {timeout: 60000});
assert.equal(page.url(), url);
console.log("ok   a controller that was away is found again, and what was shown stays");

await please("revoke");
await page.waitForSelector("form input[type=password]", {timeout: 60000});
console.log("ok   a revoked token ends the session of an open page");
await browser.close();
process.exit(0);
