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
const {page, wrong} = await open(browser, process.argv[2]);
const states = (name, n) =>
  page.waitForFunction(
    ([name, n]) =>
      [...document.querySelectorAll(".rows .w-state")].filter((e) => e.textContent.includes(name)).length ===
      n,
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
