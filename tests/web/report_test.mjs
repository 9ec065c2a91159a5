// SPDX-License-Identifier: GPL-3.0-or-later
// Saved views, and reports: what they keep, what hostile text does, and the file that a report becomes.
import assert from "node:assert/strict";
import {writeFileSync} from "node:fs";
import {pathToFileURL} from "node:url";
import {
  api,
  at,
  BIG,
  browser,
  done,
  expected,
  page,
  picture,
  ready,
  saved,
  settled,
  test,
  trials,
} from "./checks.mjs";

const id = BIG.slice(3);
const FILTER = "state:finished";
const hostile = [
  "<img src=x onerror=alert(1)>",
  "<script>alert(2)</script>",
  "[a](javascript:alert(3))",
  "[b](JaVaScRiPt:alert(4))",
  "[c](data:text/html,<script>alert(5)</script>)",
  "[d](//evil.example.org/x)",
  "![e](https://evil.example.org/x.png)",
  '[f](https://evil.example.org/"onmouseover="alert(6))',
  "`<b onclick=alert(7)>`",
  "| <svg onload=alert(8)> | b |\n|---|---|\n| <iframe src=x> | [x](vbscript:alert(9)) |",
  "> <style>*{display:none}</style>",
  "# <a href='javascript:alert(10)'>",
  "&lt;img src=x onerror=alert(11)&gt;",
  "**".repeat(3000),
  "[".repeat(3000),
  "- ".repeat(300) + "deep",
  "> ".repeat(300) + "deep",
];
const GOOD =
  "# Title\n\nSome *words*, **strong** and `code_here`.\n\n- one\n- two\n\n1. first\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[link](https://example.org/x?a=1)\n\n```\nx < y\n```\n";

await page.evaluate(() => {
  window.alert = () => document.body.setAttribute("data-hacked", "1");
});

async function menu() {
  await page.click("button:has-text('Views')");
  await page.waitForSelector(".report-views input[name=name]");
}

await test("a view is saved by name, opened, renamed and deleted", async () => {
  await page.goto(at(`${BIG}?tab=parallel&f=${FILTER}`));
  await ready();
  await menu();
  await page.fill(".report-views input[name=name]", "only <b>finished</b>");
  await page.click(".report-views button:has-text('Save')");
  await page.waitForSelector(".report-views li a");
  const kept = (await api("views")).views;
  assert.deepEqual(
    kept.map((v) => [v.name, v.sweep, v.body.query]),
    [["only <b>finished</b>", id, "tab=parallel&f=state%3Afinished"]],
  );
  await picture("report-views");
  await page.goto(at(BIG));
  await ready();
  await menu();
  await page.click(".report-views li a");
  await page.waitForFunction(() => location.search.includes("f=state"));
  await settled();
  await menu();
  await page.click(".report-views li button:has-text('rename')");
  await page.fill(".report-views li input", "finished");
  await page.click(".report-views li button:has-text('Rename')");
  await page.waitForSelector(".report-views li a:text-is('finished')");
  assert.equal((await api("views")).views[0].revision, 2);
});

let reportId;
await test("44: a report from a view, with hostile Markdown shown as text", async () => {
  await page.click(".report-views button:has-text('Add to report')");
  await page.waitForURL(/\/reports\/\w+$/);
  reportId = page.url().split("/").pop();
  await page.waitForSelector(".report-view .card", {timeout: 60000});
  await page.click("button:has-text('Add text')");
  await page.fill(".report-block textarea", hostile.join("\n\n"));
  await page.keyboard.press("Escape");
  await page.waitForSelector(".markdown");
  const found = await page.evaluate(() => ({
    bad: [...document.querySelectorAll(".markdown *")].filter(
      (e) =>
        /^(SCRIPT|IMG|IFRAME|SVG|STYLE|OBJECT|EMBED|LINK|META|FORM|INPUT)$/i.test(e.tagName) ||
        [...e.attributes].some((a) => /^on/i.test(a.name) || a.name === "style"),
    ).length,
    links: [...document.querySelectorAll(".markdown a")].map((a) => a.getAttribute("href")),
    text: document.querySelector(".markdown").textContent,
    hacked: document.body.hasAttribute("data-hacked"),
  }));
  assert.equal(found.bad, 0);
  assert.equal(found.hacked, false);
  for (const link of found.links) assert.match(link, /^https:\/\/evil\.example\.org\//);
  for (const part of ["<img src=x onerror=alert(1)>", "<script>alert(2)</script>", "javascript:alert(3)"])
    assert.ok(found.text.includes(part), part);
  assert.equal(await page.locator("main.report").isVisible(), true);
});

await test("Markdown becomes headings, lists, tables, code and links", async () => {
  await page.click(".report-block:has(.markdown) button:has-text('edit')");
  await page.fill(".report-block textarea", GOOD);
  await page.keyboard.press("Escape");
  const tags = await page.$$eval(".markdown *", (all) => all.map((e) => e.tagName.toLowerCase()));
  for (const tag of ["h2", "em", "strong", "code", "ul", "ol", "table", "pre", "a"])
    assert.ok(tags.includes(tag), tag);
  assert.equal(await page.textContent(".markdown pre"), "x < y");
  await page.fill("input[aria-label='name of the report']", "What <i>we</i> found");
  await page.fill("input[aria-label='title of the view']", "The finished ones");
  await page.waitForSelector("[role=status]:text-is('saved')");
  const kept = await api("reports/" + reportId);
  assert.equal(kept.name, "What <i>we</i> found");
  assert.deepEqual(
    kept.body.blocks.map((b) => b.text ?? [b.sweep, b.query, b.title]),
    [[id, "tab=parallel&f=state%3Afinished", "The finished ones"], GOOD],
  );
});

await test("a second view, another order, and the same after a reload", async () => {
  await page.setViewportSize({width: 1400, height: 900}); // charts of the overview are side by side
  await page.fill("input[aria-label=view]", at(`${BIG}?f=state:finished`));
  await page.click("button:has-text('Add view')");
  await page.waitForFunction(() => document.querySelectorAll(".report-view .card").length >= 4, null, {
    timeout: 60000,
  });
  await page.click(".report-block:nth-of-type(2) button[aria-label='move up']");
  await page.waitForSelector("[role=status]:text-is('saved')");
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll(".report-view .card").length >= 4, null, {
    timeout: 60000,
  });
  assert.equal(await page.locator(".report-block").first().locator(".markdown").count(), 1);
  await settled();
  await picture("report");
  const before = await page.getAttribute(".report-view img", "src");
  await page.emulateMedia({colorScheme: "dark"});
  await page.waitForFunction((src) => document.querySelector(".report-view img")?.src !== src, before);
  await picture("report-dark");
  await page.emulateMedia({colorScheme: "light"});
});

await test("44: the file asks nothing, has all charts, and as many trials as the sweep", async () => {
  const cards = await page.locator(".report-view .card").count();
  const file = await saved(() => page.click("button:has-text('Save as file')"));
  assert.equal(file.name, "What-i-we-i-found.html");
  writeFileSync("report.html", file.bytes);
  const text = String(file.bytes),
    asked = [],
    other = await browser.newContext({offline: true}),
    alone = await other.newPage();
  alone.on("request", (r) => asked.push(r.url()));
  const said = [];
  alone.on("console", (m) => said.push(m.text()));
  await alone.goto(pathToFileURL("report.html").href);
  await alone.waitForTimeout(300);
  assert.deepEqual(
    asked.filter((url) => !url.startsWith("data:")),
    [pathToFileURL("report.html").href],
  );
  assert.deepEqual(said, []);
  assert.doesNotMatch(text, /<script|<link|@import|url\((?!["']?data:)|\bsrc="(?!data:)/i);
  const seen = await alone.evaluate(() => ({
    cards: document.querySelectorAll(".report-view .card").length,
    pictures: [...document.querySelectorAll("img")].map((i) => i.naturalWidth),
    buttons: document.querySelectorAll("button,input,textarea,canvas").length,
    title: document.title,
    h1: document.querySelector("h1").innerText,
    captions: document.querySelectorAll("figcaption").length,
    names: [...document.querySelectorAll(".importance .name")].map((td) => td.innerText),
    chart: document.querySelector(".report-view .chart img").getBoundingClientRect().width,
    card: document.querySelector(".report-view .card").getBoundingClientRect().width,
    shown: document.querySelector(".report-view .shown").innerText,
    data: [...document.querySelectorAll(".report-data a")].map((a) => [a.download, a.href]),
    wide: document.documentElement.scrollWidth <= innerWidth,
    dark: getComputedStyle(document.body).backgroundColor,
  }));
  assert.equal(seen.cards, cards);
  assert.ok(seen.pictures.length >= 3 && seen.pictures.every((w) => w > 0), String(seen.pictures));
  assert.equal(seen.buttons, 0);
  assert.equal(seen.title, "What <i>we</i> found");
  assert.equal(seen.h1, "What <i>we</i> found");
  assert.equal(seen.captions, 2);
  assert.ok(seen.names.includes("lr"), String(seen.names));
  assert.ok(seen.chart > 0.9 * seen.card, `a chart of ${seen.chart} px in a card of ${seen.card} px`);
  assert.match(seen.shown, /\d shown( ·|$)/);
  const csv = Buffer.from(
    seen.data.find(([name]) => name === "trials.csv")[1].split(",")[1],
    "base64",
  ).toString();
  const finished = (await api("sweeps/" + id)).counts.finished;
  assert.equal(csv.trim().split("\r\n").length - 1, finished);
  assert.ok(text.includes(`${finished.toLocaleString("en-US")} of ${trials.toLocaleString("en-US")} trials`));
  await alone.setViewportSize({width: 1100, height: 1400});
  await picture("report-file", alone);
  await other.close();
});

await test("somebody else's change is not overwritten", async () => {
  const had = await api("reports/" + reportId);
  const status = await page.evaluate(
    async ([path, body, revision]) => {
      const statuses = [];
      for (const [to, headers] of [
        [path, {}],
        [path + "/remove", {}],
        [path + "/remove", {"If-Match": `"${revision + 1}"`}],
        [path, {"If-Match": `"${revision}"`}],
        [path + "/remove", {"If-Match": `"${revision}"`}],
        [path + "x/remove", {"If-Match": `"${revision}"`}],
      ])
        statuses.push((await fetch(to, {method: "POST", headers, body: JSON.stringify(body)})).status);
      return statuses;
    },
    [`/api/v1/reports/${reportId}`, {name: "theirs", body: had.body}, had.revision],
  );
  assert.deepEqual(status, [428, 428, 412, 200, 412, 404]);
  expected(/428|412|404/);
  await page.fill("input[aria-label='name of the report']", "mine");
  await page.waitForSelector("[role=status]:has-text('has changed it since you loaded it')");
  expected(/412/);
  assert.equal((await api("reports/" + reportId)).name, "theirs");
});

await test("29: the list, and its empty text", async () => {
  await page.goto(at("/reports"));
  await page.waitForSelector("td a:text-is('theirs')");
  await picture("reports");
  page.once("dialog", (d) => d.accept());
  await page.click("td button:has-text('delete')");
  await page.waitForSelector("text=No report yet");
  await page.setViewportSize({width: 360, height: 700});
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

await done();
