// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium with the page of a controller: what goes wrong in it is collected.
import {existsSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {unsettled} from "./settled.mjs";

export const missing = () =>
  !process.env.BESOM_WEB_MODULES ||
  !existsSync(process.env.BESOM_WEB_MODULES + "/node_modules/playwright-core")
    ? "no packages of the page (BESOM_WEB)"
    : !existsSync(chromium())
      ? "no chromium (apt-get install chromium)"
      : "";
// Without windows a page takes a third less of a processor.
const chromium = () =>
  process.env.CHROMIUM ??
  ["/usr/lib/chromium/chromium-headless-shell", "/usr/bin/chromium"].find(existsSync) ??
  "/usr/bin/chromium";

// It has no network: of all names and addresses it finds only this machine's loopback.
export async function launch() {
  const playwright = createRequire(join(process.env.BESOM_WEB_MODULES, "package.json"))("playwright-core");
  return playwright.chromium.launch({
    executablePath: chromium(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--no-first-run",
      "--disable-sync",
      // The last of these lists counts. The field of addresses would have two pages of its own in each window.
      "--disable-features=PaintHolding,HttpsUpgrades,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

// What goes wrong in any page of the context is added to the list: an error of its console, a request to elsewhere, or a
// report of its security policy.
async function watched(context, wrong, origin) {
  context.on("console", (m) => {
    if (m.type() === "error" || m.type() === "warning") wrong.push(`${m.text()} ${m.location().url}`);
  });
  context.on("weberror", (e) => wrong.push(String(e.error())));
  context.on("request", (r) => {
    if (!r.url().startsWith(origin) && !r.url().startsWith("data:")) wrong.push("a request to " + r.url());
  });
  await context.addInitScript(() =>
    addEventListener("securitypolicyviolation", (e) =>
      console.error("CSP " + e.violatedDirective + " " + e.blockedURI),
    ),
  );
  await context.addInitScript(unsettled);
  return context;
}

// A context of its own, and the list of what was wrong with its pages.
export async function contextNew(browser, link, options = {}, wrong = []) {
  const size = {viewport: {width: 1280, height: 900}};
  return watched(await browser.newContext({...size, ...options}), wrong, new URL(link).origin);
}

// A page that is signed in, and the list of what was wrong with it.
export async function open(browser, link, options = {}) {
  const wrong = [],
    context = await contextNew(browser, link, options, wrong),
    page = await context.newPage();
  await page.goto(link);
  return {page, context, wrong};
}
