// SPDX-License-Identifier: GPL-3.0-or-later
// Every view of the page with something in it: pictures_web.py begins it with a link and the names of its sweeps. With FOLDER,
// pictures of the views are left there, light and dark, and some of a phone. See checks.mjs.
import assert from "node:assert/strict";
import {writeFileSync} from "node:fs";
import {api, at, context, done, expected, figures, page, pictures, settled, test} from "./checks.mjs";

const {big, front, fails, quick, report} = JSON.parse(process.env.STAGE);
const WIDE = 1400,
  NARROW = 360,
  TALLEST = 940,
  QUALITY = 45; // all pictures together have at most 3 MB
await page.waitForSelector("table.list tbody tr"); // it is signed in
const best = (await api("sweeps/" + big)).best.number,
  other = (await api("sweeps/" + (quick ?? big))).best.number;
const told = await api(`sweeps/${fails}/pace`),
  broken = told.causes.find((c) => /Error|memory|disk/.test(c.cause + c.says)).trials[0].trial; // by an exception
const running = async () => {
  const {columns} = await api(`sweeps/${big}/columns?cols=number,state`),
    [numbers, states] = ["number", "state"].map((name) => columns.find((c) => c.name === name));
  return numbers.values[states.values.lastIndexOf(states.words.indexOf("running"))];
};

async function actions() {
  await page.click("[data-actions]");
  await page.click("[role=menuitem]:has-text('Cancel')");
  await page.waitForSelector(".act-panel:not(:has-text('counts what'))");
}

// Of a view: its address, what it must say, and what else is to be done with it.
const views = {
  list: {path: "/", says: /segment-vit.*of.*cifar-resnet/s, narrow: true},
  overview: {
    tall: 1180,
    path: `/s/${big}`,
    says: /Best so far.*What matters.*Parallel coordinates.*Trials/s,
    narrow: true,
  },
  table: {path: `/s/${big}?tab=table&sort=objective&shade=1`, says: /Trials.*columns/s},
  groups: {
    path: `/s/${big}?tab=table&g=params.optimizer,params.batch`,
    says: /groups of equal optimizer, batch/,
  },
  parallel: {path: `/s/${big}?tab=parallel&f=objective<0.5`, says: /Parallel coordinates/},
  importance: {path: `/s/${big}?tab=importance`, says: /What matters for val_loss/},
  space: {path: `/s/${big}?tab=space`, says: /over each parameter.*over \w+ and \w+/s},
  curves: {path: `/s/${big}?tab=curves`, says: /Curves.*over.*smooth.*step/s},
  timeline: {path: `/s/${big}?tab=timeline`, says: /Timeline.*attempts/s},
  compare: {path: `/s/${big}?tab=compare&cmp=${[best, 3, 11, 20]}`, says: /Compare 4 trials/},
  explain: {path: `/s/${big}?tab=explain`, says: /was proposed by the model of tpe.*was stopped by asha/s},
  spec: {path: `/s/${big}?tab=spec`, says: /"method": "tpe"/},
  pareto: {path: `/s/${front}?tab=pareto`, says: /on the front.*Hypervolume/s},
  failures: {
    path: `/s/${fails}`,
    says: /by cause and host.*(out of GPU memory|flash_attn|left on the disk).*gpu-0\d \d/s,
    narrow: true,
    may: /NaN/, // as a training says it
  },
  action: {path: `/s/${big}`, says: /[Ii]t ends \d+ running trial/, act: actions, where: ".act-panel"},
  trial: {
    path: async () => `/t/${big}-${await running()}`,
    says: /Why.*Configuration.*Curves.*System.*Log/s,
    narrow: true,
  },
  "trial-failed": {path: `/t/${fails}-${broken}`, says: /failed.*Why.*Log.*Traceback/s, may: /NaN/},
  "trial-best": {path: `/t/${quick ?? big}-${other}`, says: /finished.*Configuration.*Curves/s},
  agents: {path: "/agents", says: /gpu-02.*Failures of the last 24 hours/s, narrow: true, may: /NaN/},
  runs: {path: "/runs/besom/digits", says: /finished.*brisk-sweep.*baseline/s},
  "runs-compared": {path: "/runs/besom/digits?sel=run1,run2", says: /Configuration.*lr.*optimizer/s},
  run: {path: "/runs/besom/digits/run1?tab=curves", says: /val\/loss/},
  media: {path: "/runs/besom/digits/run1?tab=media", says: /Confusion matrix.*predictions.*val\/digits/s},
  artifacts: {path: "/runs/besom/digits?tab=artifacts", says: /model/},
  reports: {path: "/reports", says: /Learning rate of cifar-resnet/},
  report: {path: `/reports/${report}`, says: /Three findings.*over each parameter.*Curves/s},
};
if (quick)
  Object.assign(views, {
    quickstart: {path: `/s/${quick}`, says: /quickstart.*30 of 30.*Best so far/s},
    "quickstart-curves": {path: `/s/${quick}?tab=curves`, says: /30 of 30.*Curves/s},
  });

const WAITS = "[aria-busy=true], .skeleton";
async function open({path, says, may, act, where = "main"}) {
  await page.goto(at(typeof path === "string" ? path : await path()));
  await page.waitForSelector("main");
  await act?.();
  const waiting = await page
    .waitForFunction(
      ([waits, where, source, flags]) =>
        !document.querySelector(waits) &&
        !/is computed …|reading the logs …|Asking /.test(document.body.innerText) &&
        new RegExp(source, flags).test(document.querySelector(where)?.textContent ?? ""),
      [WAITS, where, says.source, says.flags],
      {timeout: pictures ? 60000 : 20000},
    )
    .catch((error) => error);
  const text = await page.textContent(where);
  if (waiting instanceof Error) assert.match(text, says);
  await settled();
  const errors = page
    .locator(".error:visible, .error-box:visible")
    .filter({hasNotText: "has the log, but is not connected"}); // the agents of some trials do not run
  assert.equal(await errors.allTextContents().then(String), "");
  const odd = /NaN|undefined|Infinity|\[object/,
    said = text.replace(/last reported NaN/, ""); // in a sweep's head, of trials
  assert.doesNotMatch(may ? said.replace(new RegExp(may, "g"), "") : said, odd);
  const blank = await page.$$eval("main canvas:not(canvas + canvas)", (all) =>
    all
      .filter((c) => c.offsetParent && c.width && c.height)
      .filter(
        (c) =>
          !c
            .getContext("2d")
            .getImageData(0, 0, c.width, c.height)
            .data.some((byte) => byte),
      )
      .map((c) => c.getAttribute("aria-label") ?? c.parentElement.className),
  );
  assert.deepEqual(blank, [], "drawings with nothing in them");
}

const session = await context.newCDPSession(page);
async function taken(name, width, tallest = TALLEST) {
  await page.setViewportSize({width, height: 900});
  await settled();
  const content = await page.evaluate(() =>
    Math.ceil(document.querySelector("main").getBoundingClientRect().bottom),
  );
  await page.setViewportSize({width, height: Math.min(tallest, Math.max(480, content))});
  await settled();
  await page.evaluate(() => scrollTo(0, 0));
  const {data} = await session.send("Page.captureScreenshot", {format: "webp", quality: QUALITY});
  writeFileSync(`${pictures}/${name}.webp`, Buffer.from(data, "base64"));
  figures[name] = Math.round(data.length * 0.75);
}

const only = process.env.PICTURES?.split(",");
for (const [name, view] of Object.entries(views).filter(([name]) => !only || only.includes(name)))
  await test(name, async () => {
    await page.setViewportSize({width: WIDE, height: 900});
    await page.emulateMedia({colorScheme: "light"});
    await open(view);
    expected(/status of (400|404)/); // the log of a trial that no agent has
    if (!pictures) return;
    await taken(name + "-light", WIDE, view.tall);
    await page.emulateMedia({colorScheme: "dark"});
    await taken(name + "-dark", WIDE, view.tall);
    if (view.narrow) await taken(name + "-narrow", NARROW);
  });
await done();
