// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium with the page of a controller: what goes wrong in it is collected.
import {existsSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";

export const missing = () =>
  !process.env.BESOM_WEB_MODULES ||
  !existsSync(process.env.BESOM_WEB_MODULES + "/node_modules/playwright-core")
    ? "no packages of the page (BESOM_WEB)"
    : !existsSync(chromium())
      ? "no chromium (apt-get install chromium)"
      : "";
const chromium = () => process.env.CHROMIUM ?? "/usr/bin/chromium";

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
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

// A page that is signed in, and the list of what was wrong with it.
export async function open(browser, link, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
  const page = await context.newPage(),
    wrong = [],
    origin = new URL(link).origin;
  page.on("console", (m) => {
    if (m.type() === "error" || m.type() === "warning") wrong.push(m.text());
  });
  page.on("pageerror", (e) => wrong.push(String(e)));
  page.on("request", (r) => {
    if (!r.url().startsWith(origin) && !r.url().startsWith("data:")) wrong.push("a request to " + r.url());
  });
  await page.addInitScript(() =>
    addEventListener("securitypolicyviolation", (e) =>
      console.error("CSP " + e.violatedDirective + " " + e.blockedURI),
    ),
  );
  await page.goto(link);
  return {page, context, wrong};
}
