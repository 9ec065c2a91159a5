// SPDX-License-Identifier: GPL-3.0-or-later
// Steering from the page: act_web.py begins it with a link and the number of slots, and does what PLEASE asks for.
import assert from "node:assert/strict";
import {please} from "./asked.mjs";
import {axeFinds, COLOURS} from "./axe.mjs";
import {open} from "./browser.mjs";
import {api, at, browser, done, expected, page, picture, settled, test, trials as slots} from "./checks.mjs";

const panel = ".act-panel";
// What is open now, in both themes and on a narrow screen; access_test.mjs looks at the page around it.
async function accessible(name, some = page, where = panel) {
  for (const [theme, rules] of [
    ["dark", {}],
    ["light", COLOURS],
  ]) {
    await some.emulateMedia({colorScheme: theme});
    assert.deepEqual(await axeFinds(some, rules, where), [], `${name}, ${theme}`);
    if (theme === "dark") await picture(name + "-dark", some);
  }
  await some.setViewportSize({width: 360, height: 740});
  await settled(some);
  const wide = await some.evaluate(() =>
    document.documentElement.scrollWidth <= 360
      ? []
      : [...document.querySelectorAll("body *")]
          .filter((e) => e.getBoundingClientRect().right > 361)
          .map((e) => e.tagName + "." + e.getAttribute("class")),
  );
  assert.deepEqual(wide, [], name);
  await picture(name + "-narrow", some);
  await some.setViewportSize({width: 1280, height: 900});
}
const said = (some = page) => some.textContent(panel);
const sweepOf = (id) => api("sweeps/" + id);

async function choose(item, some = page) {
  await some.click("[data-actions]");
  await some.click(`[role=menuitem]:has-text("${item}")`);
  await some.waitForSelector(`${panel}:not(:has-text("counts what"))`);
}
const until = (text, some = page) =>
  some.waitForFunction(
    ([panel, text]) => document.querySelector(panel)?.textContent.includes(text),
    [panel, text],
    {timeout: 30000},
  );
async function running(id, n) {
  for (let i = 0; i < 300 && (await sweepOf(id)).counts.running !== n; i++) await page.waitForTimeout(100);
  assert.equal((await sweepOf(id)).counts.running, n);
}

await page.waitForSelector("text=No sweep yet"); // it is signed in
const alpha = await please("sweep alpha.yaml");
await running(alpha, slots);
await page.goto(at("/s/" + alpha));

await test("47: a viewer sees each action with the reason why not, and the controller refuses it", async () => {
  const viewer = await open(browser, process.env.VIEWER);
  await viewer.page.goto(at("/s/" + alpha));
  await viewer.page.click("[data-actions]");
  const items = await viewer.page.$$eval("[role=menuitem]", (all) =>
    all.map((e) => e.getAttribute("aria-disabled")),
  );
  assert.ok(items.length >= 4 && items.every((d) => d === "true"));
  assert.match(
    await viewer.page.textContent("[role=menu]"),
    /needs a token of scope operator or admin.*scope viewer/,
  );
  await accessible("act-viewer", viewer.page, "[role=menu]");
  await viewer.page.click("[role=menuitem]:has-text('Pause')", {force: true});
  assert.equal(await viewer.page.$(panel), null);
  for (const path of ["pause", "pause?dry_run=1", "cancel", "edit", "enqueue", "retry", "stop"])
    assert.equal(
      await viewer.page.evaluate(
        async (path) => (await fetch(path, {method: "POST", body: "{}"})).status,
        `/api/v1/sweeps/${alpha}/${path}`,
      ),
      403,
    );
  assert.equal((await sweepOf(alpha)).state, "running");
  await viewer.context.close();
});

await test("48: a page of another site, and a request without a credential, cannot act", async () => {
  const url = at(`/api/v1/sweeps/${alpha}/cancel`);
  for (const [headers, status] of [
    [{origin: "http://evil.example"}, 403],
    [{origin: "null"}, 403],
    [{}, 403],
  ]) {
    const cookies = await page.context().cookies();
    const answer = await fetch(url, {
      method: "POST",
      headers: {...headers, cookie: cookies.map((c) => `${c.name}=${c.value}`).join("; ")},
    });
    assert.equal(answer.status, status);
  }
  assert.equal((await fetch(url, {method: "POST"})).status, 401);
  assert.equal((await sweepOf(alpha)).state, "running");
});

await test("`.` opens the actions, and the effect is counted before it is asked for", async () => {
  await page.waitForSelector("[data-actions]");
  await page.keyboard.press(".");
  await page.waitForSelector("[role=menu]");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Pause");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Stop");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await until(`starts no more trials; ${slots} running trials continue`);
  assert.equal((await sweepOf(alpha)).state, "running");
  await picture("act-pause");
  await page.keyboard.press("Escape");
  assert.equal(await page.$(panel), null);
  assert.equal(new URL(page.url()).pathname, "/s/" + alpha);
});

await test("49: a double click is one action, and what is said to be done was confirmed", async () => {
  await choose("Pause");
  await page.dblclick(`${panel} button.primary`);
  await until("the controller confirmed");
  assert.match(await said(), /asked \d.* … the controller confirmed \d.*: paused/);
  assert.equal((await sweepOf(alpha)).state, "paused");
  const pauses = JSON.parse(await please("audit")).filter((a) => a.what === "pause" && a.result === "ok");
  assert.equal(pauses.length, 1);
  await page.click(`${panel} button:has-text("Close")`);
});

await test("the same key is one action, for another request it is refused", async () => {
  const send = (path, key, body) =>
    page.evaluate(
      async ([path, key, body]) => {
        const answer = await fetch(path, {method: "POST", headers: {"Idempotency-Key": key}, body});
        return [answer.status, (await answer.json()).message];
      },
      [`/api/v1/sweeps/${alpha}/${path}`, key, body],
    );
  const enqueue = JSON.stringify({params: {lr: 0.01, depth: 4, wait: true}});
  const [one, two] = await Promise.all([send("enqueue", "k1", enqueue), send("enqueue", "k1", enqueue)]);
  assert.deepEqual(one, two);
  assert.deepEqual(await send("enqueue", "k1", enqueue), one);
  assert.equal(one[0], 200);
  assert.equal((await sweepOf(alpha)).counts.pending, 1);
  assert.equal((await send("cancel", "k1"))[0], 422);
  expected(/422/);
});

await test("49: a sweep that somebody else has steered meanwhile is asked for again", async () => {
  await page.reload();
  await page.waitForSelector("text=paused");
  await choose("Stop");
  await please("resume " + alpha);
  await page.click(`${panel} button.primary`);
  await until("has since changed: resume by");
  assert.match(await said(), /nothing was done.*Counted anew:.*starts no more trials, and finishes when 22/);
  expected(/412/);
  await picture("act-stale");
  assert.equal((await sweepOf(alpha)).state, "running");
  await page.click(`${panel} button:has-text("No")`);
});

await test("the best is repeated as often as asked, with the effect counted first", async () => {
  await page.goto(at("/s/" + alpha));
  await page.waitForSelector(".luck >> text=/noise not known: [0-7] of 8 /");
  await page.fill(".again input", "2");
  await page.click(".again button");
  await until("with the same parameters");
  const best = (await page.textContent(".best a")).replace("trial ", "");
  assert.match(
    await said(),
    new RegExp(`It gets 2 new trials like ${alpha}-${best}, with the same parameters:`),
  );
  await page.click(`${panel} button:has-text("No")`);
});

const formBox = ".act-form";
await test("51: a configuration is enqueued from a form, with its errors in place", async () => {
  await page.goto(at(`/t/${alpha}-0`));
  await page.click("[data-actions]");
  await page.click("[role=menuitem]:has-text('Enqueue one like it')");
  const lr = page.locator(`${formBox} label:has-text("lr") input`);
  assert.match(await lr.inputValue(), /^0\.\d+$/); // as trial 0 has it
  await lr.fill("7");
  await page.waitForSelector(`${formBox} .act-field:has-text("lr") .error`);
  assert.match(await page.textContent(`${formBox} .error`), /lr is 7, but it must be/);
  await accessible("act-enqueue");
  await picture("act-enqueue");
  assert.ok(await page.isDisabled(`${formBox} button.primary`));
  await lr.fill("0.003");
  await page.selectOption(`${formBox} label:has-text("depth") select`, "8");
  await page.click(`${formBox} button.primary:not([disabled])`);
  await until("gets the new trial");
  await page.click(`${panel}:not(.act-form) button.primary`);
  await until("the controller confirmed");
  assert.equal(await page.$(formBox), null);
  assert.equal((await sweepOf(alpha)).counts.pending, 2);
  await page.click(`${panel} button:has-text("Close")`);
});

await test("51: a spec is edited: lint's findings, the changes, what becomes of the trials", async () => {
  await page.goto(at("/s/" + alpha));
  await page.click("[data-actions]");
  await page.click("[role=menuitem]:has-text('Edit')");
  const area = page.locator(`${formBox} textarea`);
  await page.waitForFunction(
    (box) => document.querySelector(box + " textarea").value.includes("run_cap: 60"),
    formBox,
  );
  const text = await area.inputValue();
  await area.fill(text.replace("method: random", "method: randon"));
  await page.waitForSelector(`${formBox} .act-findings .error`);
  assert.match(await page.textContent(`${formBox} .act-findings`), /line \d+error: .*random/);
  assert.ok(await page.isDisabled(`${formBox} button.primary`));
  await area.fill(text.replace("run_cap: 60", "run_cap: 90x")); // a warning in a new sweep
  await page.waitForSelector(`${formBox} .act-findings .error:has-text("ignored")`);
  assert.ok(await page.isDisabled(`${formBox} button.primary`));
  await accessible("act-lint");
  await picture("act-lint");
  await area.fill(text.replace("depth:\n    values: [2, 4, 8]", "depth:\n    values: [2, 4]"));
  await page.click(`${formBox} button.primary:not([disabled])`);
  await until("cannot change parameters.depth");
  assert.match(await said(), /parameters\.depth\.values\[2,4,8\]\[2,4\]✗ refused/);
  assert.equal(await page.$(`${panel}:not(.act-form) button.primary`), null);
  await page.click(`${panel}:not(.act-form) button:has-text("Close")`);
  await area.fill(text.replace("run_cap: 60", "run_cap: 60\nbudget:\n  until: '18:00'"));
  await page.waitForSelector(`${formBox} .act-findings .error:has-text("needs its date and time zone")`);
  const zoned = /zone: (2\d\d\d-\d\d-\d\dT\d\d:00[+-]\d\d:\d\d)/.exec(await page.textContent(formBox))[1];
  await area.fill(text.replace("run_cap: 60", `run_cap: 70\nbudget:\n  until: '${zoned}'`));
  await page.click(`${formBox} button.primary:not([disabled])`);
  await until("changes 2 keys; its 24 trials stay");
  await accessible("act-edit");
  await picture("act-edit");
  await page.click(`${panel}:not(.act-form) button.primary`);
  await until("the controller confirmed");
  assert.equal((await sweepOf(alpha)).spec.run_cap, 70);
  const moment = await page.evaluate(
    () =>
      new Promise((done) => {
        const facts = new EventSource("/api/v1/events?from=1");
        facts.addEventListener("sweep_edited", (event) => {
          const {until} = JSON.parse(event.data);
          if (until) done((facts.close(), until));
        });
      }),
  );
  assert.equal(moment, Date.parse(zoned));
  await page.click(`${panel} button:has-text("Close")`);
});

await test("51: chosen trials and the sweep are tagged, and found by it", async () => {
  const tag = async (open, text, effect) => {
    await open();
    await page.fill(`${formBox} input:not([type=checkbox])`, text);
    await page.click(`${formBox} button.primary`);
    await until(effect);
    if (effect.includes("2 of 2")) await accessible("act-tag");
    await page.click(`${panel}:not(.act-form) button.primary`);
    await until("the controller confirmed");
    await page.click(`${panel} button:has-text("Close")`);
  };
  await page.goto(at(`/s/${alpha}?tab=table`));
  for (const number of [1, 3]) await page.click(`input[aria-label="choose trial ${number}"]`);
  await tag(
    () => page.click("button:has-text('Tag 2')"),
    "good, <b>late</b>",
    "has 2 of 2 trials tagged +good",
  );
  await page.waitForSelector("[role=gridcell]:has-text('<b>late</b>,good')");
  await page.fill("#filter", "tag:good");
  await page.waitForFunction(
    () => document.querySelectorAll("input[aria-label^='choose trial']").length === 2,
  );
  const found = await api(`sweeps/${alpha}/trials?filter=tag:good`);
  assert.deepEqual(
    found.map((t) => [t.number, t.tags]),
    [1, 3].map((number) => [number, ["<b>late</b>", "good"]]),
  );
  await tag(
    async () => {
      await page.click("[data-actions]");
      await page.click("[role=menuitem]:has-text('Tag')");
    },
    "paper",
    "is tagged +paper",
  );
  const [sweepTagged, tagged] = (await api(`sweeps/${alpha}/explain?kind=tag`)).entries;
  assert.equal(sweepTagged.text, "the sweep was tagged +paper");
  assert.equal(tagged.text, "trials 1, 3 were tagged +good +<b>late</b>");
  assert.match(tagged.by, /^ann \(token /);
  await page.goto(at("/?q=tag:paper&g=tag"));
  await page.waitForSelector("tr.group:has-text('paper') + tr:has-text('alpha')");
  assert.equal(await page.$$eval("tbody tr:not(.group)", (rows) => rows.length), 1);
  await page.goto(at("/s/" + alpha));
  await page.click("[data-actions]");
  await page.click("[role=menuitem]:has-text('Tag')");
  await page.check(`${formBox} label:has-text("paper") input`);
  await page.click(`${formBox} button.primary`);
  await until("-paper");
  await page.click(`${panel}:not(.act-form) button.primary`);
  await until("the controller confirmed");
  assert.deepEqual((await sweepOf(alpha)).tags ?? [], []);
  await page.click(`${panel} button:has-text("Close")`);
});

await test("notifications are asked for, and the page works where there are none", async () => {
  const told = () => page.evaluate(() => window.told);
  const stub = (permission) =>
    page.addInitScript((permission) => {
      window.told = [];
      window.Notification = class {
        static permission = permission;
        static requestPermission = async () => "granted";
        constructor(title, {body}) {
          window.told.push(body);
        }
      };
    }, permission);
  await page.addInitScript(() => delete window.Notification);
  await page.reload();
  const button = "button:has-text('Notify me')";
  await page.waitForSelector(button);
  assert.match(await page.getAttribute(button, "title"), /no notifications/);
  await stub("denied");
  await page.reload();
  await page.waitForSelector(button);
  assert.match(await page.getAttribute(button, "title"), /blocks notifications/);
  await stub("default");
  await page.reload();
  await page.click(button);
  await page.waitForSelector(button + "[aria-pressed=true]");
  await please("stop " + alpha + "-3");
  await page.waitForFunction(() => window.told.length > 0, null, {timeout: 30000});
  assert.match((await told())[0], /^alpha: new best loss 1\.5, trial 3$/);
  await running(alpha, slots);
  await please("cordon box");
  await page.waitForFunction(() => window.told.some((t) => /^alpha: agent box is cordoned/.test(t)), null, {
    timeout: 40000,
  });
  await please("uncordon box");
});

await test("where no end is set, a button opens the spec at one", async () => {
  const endless = await please("sweep endless.yaml");
  await page.goto(at("/s/" + endless));
  await page.click(".head button:has-text('set one …')");
  await page.waitForFunction(() =>
    /^run_cap: 100$/m.test(document.querySelector(".act-form textarea")?.value),
  );
  const chosen = await page.$eval(".act-form textarea", (e) =>
    e.value.slice(e.selectionStart, e.selectionEnd),
  );
  assert.equal(chosen, "100");
  await page.waitForSelector(".act-form button.primary:not([disabled])");
  await please("cancel " + endless);
  await page.goto(at("/s/" + alpha));
});

await test("all chosen trials are stopped by one request, with the name of the sweep where they are many", async () => {
  await page.goto(at(`/s/${alpha}?tab=table&f=state:running`));
  await page.waitForSelector(".rows .row:nth-child(3)");
  const numbers = (await api(`sweeps/${alpha}/columns?cols=number&filter=state:running`)).columns[0].values;
  assert.equal(numbers.length, slots);
  await page.goto(at(`/s/${alpha}?tab=table&cmp=${numbers}`));
  await page.click(`button:text-is("Stop ${slots}")`);
  await until(`ends ${slots} running trials`);
  assert.ok(await page.isDisabled(`${panel} button.primary`));
  await page.fill(`${panel} input`, alpha);
  assert.ok(!(await page.isDisabled(`${panel} button.primary`)));
  await page.click(`${panel} button:has-text("No")`);
  await page.goto(at("/s/" + alpha));
});

await test("49: the counted effect of a cancel equals what happens, and its name is typed", async () => {
  await choose("Cancel");
  assert.match(
    await said(),
    new RegExp(`It ends ${slots} running trials \\(.* of work\\), cancels 1 pending one and the sweep`),
  );
  assert.ok(await page.isDisabled(`${panel} button.primary`));
  await page.fill(`${panel} input`, "alph");
  assert.ok(await page.isDisabled(`${panel} button.primary`));
  await page.fill(`${panel} input`, "alpha");
  await accessible("act-cancel");
  await picture("act-cancel");
  await page.click(`${panel} button.primary`);
  await until("the controller confirmed");
  await until(`${slots} of ${slots} trials have ended … agents confirmed`);
  const s = await sweepOf(alpha);
  assert.equal(s.state, "cancelled");
  assert.equal(s.counts.running ?? 0, 0);
  assert.equal(s.counts.cancelled, slots + 1);
  await picture("act-cancelled");
  await page.click(`${panel} button:has-text("Close")`);
  await page.waitForSelector("#chart-best .legend span:has-text('cancelled')");
  const colours = await page.evaluate(() => {
    const cancelled = (all) =>
        [...document.querySelectorAll(all)].find((e) => /cancelled/.test(e.textContent)),
      style = (e) => getComputedStyle(e);
    return [
      style(cancelled("#chart-best .legend span").querySelector("rect")).fill,
      style(cancelled(".head .facts button").querySelector(".glyph")).color,
      style(cancelled(".rows .row:not(.head)").querySelector(".glyph")).color,
    ];
  });
  assert.equal(new Set(colours).size, 1, "one colour for a state: " + colours);
  for (const [trial, state, what] of [
    [3, "stopped", `stop ${alpha}-3`],
    [1, "cancelled", `cancel ${alpha}`],
  ]) {
    await page.goto(at(`/t/${alpha}-${trial}`));
    await page.waitForSelector(".act-why");
    assert.match(
      await page.textContent(".act-why"),
      new RegExp(`${state}by .*, 20\\d\\d-.* [+-]\\d{4}: besom ${what}$`),
    );
  }
});

await test("50: a controller that is away: the error is there, nothing is pretended, and asked again it is done once", async () => {
  const fails = await please("sweep fails.yaml");
  for (let i = 0; i < 300 && (await sweepOf(fails)).counts.failed !== 2; i++) await page.waitForTimeout(100);
  await page.goto(at("/s/" + fails));
  await choose("Retry what failed");
  assert.match(await said(), /It runs 2 trials again, and continues for them\./);
  await please("end");
  const keys = [],
    note = (request) => /\/retry$/.test(request.url()) && keys.push(request.headers()["idempotency-key"]);
  page.on("request", note);
  await page.click(`${panel} button.primary`);
  await until("the controller cannot be reached");
  assert.match(await said(), /It may have been done or not; asked again, it is done once/);
  assert.doesNotMatch(await said(), /confirmed/);
  await picture("act-away");
  await please("begin");
  await page.waitForSelector("text=● live", {timeout: 60000});
  await page.click(`${panel} button:has-text("Ask again")`);
  await page.waitForFunction(
    (panel) => /confirmed|Counted anew/.test(document.querySelector(panel).textContent),
    panel,
  );
  page.off("request", note);
  assert.match(keys[0], /^[0-9a-f]{24}$/);
  assert.deepEqual(keys, [keys[0], keys[0]], "asked again under the same key");
  if (/Counted anew/.test(await said())) await page.click(`${panel} button.primary`);
  await until("the controller confirmed");
  expected(/ERR_|Failed to load|412/);
});

await test("51: what was done is in Explain, with who did it", async () => {
  await page.goto(at(`/s/${alpha}?tab=explain`));
  await page.waitForSelector("ol.explain .explain-text");
  const log = async () =>
    (await page.$$eval("ol.explain li", (all) => all.map((e) => e.textContent))).join("\n");
  const text = await log();
  assert.match(text, /the sweep is cancelled \(user\) · ann \(token \w+\)/);
  assert.match(text, /the sweep is paused \(user\) · ann \(token/);
  assert.match(text, /trial \d+ was enqueued .*· ann \(token/);
  assert.match(text, /the spec was edited: .*run_cap 60 → 70.* · ann \(token/);
  assert.match(text, /asked to resume · /);
  assert.match(text, /trial 0 was proposed by random/);
  await accessible("explain", page, "ol.explain");
  await picture("explain");
  const {id} = (await api("sweeps")).find((s) => s.name === "fails");
  await page.goto(at(`/s/${id}?tab=explain&ek=retry`));
  await page.waitForFunction(() => document.querySelectorAll("ol.explain .explain-text").length === 2);
  const again = (await log()).match(/trial \d, which had failed, runs again.* · ann \(token/g);
  assert.equal(again?.length, 2, await log());
  await page.goto(at(`/s/${alpha}?tab=explain`));
  await page.click("button:has-text('enqueued')");
  await page.waitForFunction(() => document.querySelectorAll("ol.explain .explain-text").length === 2);
  assert.match(page.url(), /ek=enqueue/);
  await page.goto(at(`/s/${alpha}?tab=explain&eq=cancel`));
  await page.waitForFunction(
    () =>
      document.querySelectorAll("ol.explain .explain-text").length > 0 &&
      [...document.querySelectorAll("ol.explain .explain-text")].every((e) => /cancel/i.test(e.textContent)),
  );
});

await done();
