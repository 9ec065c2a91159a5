// SPDX-License-Identifier: GPL-3.0-or-later
// The page of a trial, above all its log: trial_web.py begins it with a link and the MiB of the long log, and does what
// PLEASE asks for.
import assert from "node:assert/strict";
import {please} from "./asked.mjs";
import {
  another,
  api,
  at,
  context,
  download,
  inFile,
  done,
  figures,
  link,
  page,
  picture,
  saved,
  settled,
  test,
  timed,
} from "./checks.mjs";

const sweep = process.env.SWEEP,
  [HOSTILE, FAILS, LONG, RUNS] = [0, 1, 2, 3].map((n) => `/t/${sweep}-${n}`);
const stateOf = async (n) => (await api(`trials/${sweep}-${n}`)).state;
async function ended(n) {
  for (let i = 0; i < 1200 && !["finished", "failed"].includes(await stateOf(n).catch(() => "")); i++)
    await page.waitForTimeout(100);
}
const lines = (some = page) =>
  some.$$eval(".log .line", (all) => all.map((e) => e.textContent.replace(/^#/, "")));
const until = (text, some = page) =>
  some.waitForFunction((text) => document.querySelector("#log")?.textContent.includes(text), text, {
    timeout: 30000,
  });
const top = (value, some = page) =>
  some.$eval(
    ".log",
    (e, value) => {
      if (value !== null) e.scrollTop = value < 0 ? e.scrollHeight : value;
      return e.scrollTop;
    },
    value,
  );

for (const n of [0, 1, 2]) await ended(n);

await test("44, 45: hostile output is shown as text, in its order and colours", async () => {
  await page.goto(at(HOSTILE));
  await until("javascript:");
  await top(0);
  await settled();
  const seen = await lines();
  const place = (text) => seen.findIndex((line) => line.includes(text));
  assert.equal(seen[0], "red and green and inverse");
  assert.equal(
    place("step 19999 |###################"),
    1,
    "20,000 states of a bar are one line: " + seen[1],
  );
  assert.equal(seen[2], "after the bar");
  assert.equal(seen[3], "a link end");
  assert.equal(seen[4], "bad \ufffd\ufffd bytes");
  assert.equal(seen[5], "turned \\u202egnp.exe");
  assert.match(seen[6], /^x{4096} … 1,044,480 more characters$/);
  assert.equal(seen[7], "after the long line");
  assert.equal(seen[8], "<script>window.hit=1</script>");
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.equal(await page.textContent(".log .a2"), "red");
  assert.equal(await page.textContent(".log .bold"), "green");
  assert.equal(await page.textContent(".log .turned.b2"), "inverse");
  await picture("hostile");
});

await test("files are listed, text and PNG shown, and others saved whole", async () => {
  const files = page.locator("#files");
  await files.getByRole("button", {name: "list", exact: true}).click();
  await files.getByText("runs/step_400.pt").waitFor();
  assert.match(await files.locator("tr", {hasText: "step_400"}).textContent(), /step 400488 KiB/);
  assert.match(await files.textContent(), /1 left out: links/);
  const large = files.locator("tr", {hasText: "large.bin"});
  assert.match(await large.textContent(), /64 MiB.*too large to save here/);
  assert.equal(await large.getByRole("button", {name: /^save/}).count(), 0);
  await files.getByRole("button", {name: "notes.html", exact: true}).click();
  await files.locator("pre").waitFor();
  assert.equal(await files.locator("pre").textContent(), "<script>window.hit=1</script>\nline 2\n");
  await files.getByRole("button", {name: "plot.png", exact: true}).click();
  await page.waitForFunction(() => document.querySelector("#files img")?.naturalWidth === 1);
  await files.getByRole("button", {name: "runs/step_400.pt", exact: true}).click();
  await files.getByText("not text").waitFor();
  const {bytes, name} = await saved(() => files.getByRole("button", {name: "save runs/step_400.pt"}).click());
  assert.equal(name, "step_400.pt");
  assert.equal(bytes.length, 500003);
  assert.ok(bytes.subarray(3).every((byte) => byte === 119));
  assert.equal(await page.evaluate(() => window.hit), undefined);
});

await test("17: a failed trial opens at its last traceback, and a link to a line opens there", async () => {
  await page.goto(at(FAILS));
  await until("the second");
  await settled();
  const box = await page.locator(".log").boundingBox(),
    found = await page.locator(".log .line:has-text('Traceback')").last().boundingBox();
  assert.ok(found.y >= box.y && found.y < box.y + 200, "it is at the top of what is seen");
  assert.ok((await lines()).some((line) => line === "ValueError: the second"));
  await page.hover(".log .line:has-text('ValueError: the second')");
  await page.click(".log .line:has-text('ValueError: the second') a");
  await page.waitForFunction(() => /line=\d+/.test(location.search));
  const fresh = await another(),
    other = await fresh.newPage();
  await other.goto(link);
  await other.waitForSelector("main");
  await other.goto(page.url());
  await other.waitForSelector(".log .line.here:has-text('ValueError: the second')");
  await settled(other);
  const there = await other.locator(".log .line.here").boundingBox(),
    around = await other.locator(".log").boundingBox();
  assert.ok(there.y >= around.y && there.y < around.y + around.height);
  await fresh.close();
  await picture("failed");
});

await test("46: a long log: its end, any place in it, and what is found, with few lines here", async () => {
  await timed("log_tail_ms", async () => {
    await page.goto(at(LONG));
    await page.waitForSelector(".log .line");
  });
  await settled();
  const last = (await lines()).at(-1);
  assert.match(last, /^\d{9} a line of a long log/);
  assert.ok((await page.$$(".log .line")).length <= 100);
  await page.fill("[aria-label='find in the log']", "needle7000 in");
  await timed("log_find_ms", async () => {
    await page.press("[aria-label='find in the log']", "Enter");
    await page.waitForFunction(
      () => / of \d.* lines/.test(document.querySelector("#log [role=status]").textContent),
      null,
      {
        timeout: 60000,
      },
    );
  });
  await page.waitForSelector(".log .line.here.match:has-text('NEEDLE7000')");
  const first = (await lines()).find((line) => line.includes("NEEDLE7000"));
  await page.press("[aria-label='find in the log']", "Enter");
  await page.waitForFunction(
    (line) => !document.querySelector(".log .line.here")?.textContent.includes(line),
    first,
  );
  await page.click("#log button:has-text('begin')");
  await until("000000000 a line");
  for (let i = 0; i < 20; i++) {
    await settled();
    await top(-1);
  }
  const client = await context.newCDPSession(page);
  await client.send("HeapProfiler.collectGarbage");
  figures.log_heap_mb = Math.round((await client.send("Runtime.getHeapUsage")).usedSize / 1e6);
  assert.ok(figures.log_heap_mb < 100, `${figures.log_heap_mb} MB`);
});

await test("a wrapped log: a linked line with thousands after it is drawn, and older lines again", async () => {
  const number = (line) => Number(line.slice(0, 9)),
    drawn = async (test) => {
      await page.waitForFunction(test);
      const all = (await lines()).filter((line) => /^\d{9} /.test(line)).map(number);
      assert.ok(all.length > 400 && all.length <= 2000, `${all.length} lines in the document`);
      assert.deepEqual(
        all,
        all.map((_, i) => all[0] + i),
        "lines in order, none left out",
      );
      return all;
    };
  await page.goto(at(LONG + "?wrap=1"));
  await drawn(() => document.querySelectorAll(".log .line").length > 400);
  await page.click("#log button:has-text('begin')");
  await page.waitForSelector(".log [data-line='0']");
  for (let last = 0; last < 4500;) {
    await top(-1);
    await page.waitForFunction(
      (last) => Number([...document.querySelectorAll(".log .line")].at(-1).textContent.slice(1, 10)) > last,
      last,
    );
    last = number((await lines()).at(-1));
  }
  assert.ok((await drawn(() => true))[0] > 1000);
  // The line that is read stays where it is while lines come above it.
  for (let first = 1; first > 0;) {
    first = number((await lines())[0]);
    const moved = await page.evaluate(async () => {
      const box = document.querySelector(".log");
      box.scrollTop = 300;
      const seen = () =>
          [...box.querySelectorAll(".line")].find((e) => e.offsetTop + e.offsetHeight > box.scrollTop).dataset
            .line,
        before = seen();
      await window.settled();
      return before !== seen();
    });
    assert.ok(!moved, `the log moved by itself at line ${first}`);
  }
  await page.click("#log button:has-text('begin')");
  await page.waitForFunction(() => document.querySelector(".log").scrollTop < 100);
  assert.equal((await drawn(() => true))[0], 0);
});

await test("the log of a running trial is followed, until one scrolls up", async () => {
  await page.goto(at(RUNS));
  await until("tick");
  const n = async () => Number((await lines()).at(-1).match(/tick (\d+)/)[1]);
  const before = await n();
  await page.waitForFunction(
    (before) =>
      Number([...document.querySelectorAll(".log .line")].at(-1)?.textContent.match(/tick (\d+)/)?.[1]) >
      before + 5,
    before,
    {timeout: 30000},
  );
  await page.waitForFunction(() => {
    const e = document.querySelector(".log");
    return e.scrollHeight > e.clientHeight + 200 && e.scrollTop + e.clientHeight >= e.scrollHeight - 2;
  });
  await page.hover(".log");
  await page.mouse.wheel(0, -100);
  await page.waitForSelector("#log button[aria-pressed=false]:has-text('follow')");
  const was = await top(null);
  await page.waitForTimeout(1500);
  assert.equal(await top(null), was, "what is seen stays");
  await top(-1);
  await page.waitForSelector("#log button[aria-pressed=true]:has-text('follow')");
});

await test("what it used, its environment without secrets, and another trial beside it", async () => {
  await page.waitForSelector("#chart-system .plot canvas", {timeout: 30000});
  const text = await page.textContent("main");
  assert.match(text, /python3 train\.py --api-key … --auth=… --what=runs/);
  assert.match(text, /seen-value/);
  assert.doesNotMatch(text, /hidden-value/);
  await page.fill("[aria-label='number of the trial to compare with']", "1");
  await page.press("[aria-label='number of the trial to compare with']", "Tab");
  await page.waitForFunction(() => /vs=1/.test(location.search));
  await page.waitForSelector("main :text('fails')");
  await picture("running");
  await please("go");
  await ended(3);
  await page.goto(at(RUNS + "?t=system"));
  await page.waitForSelector("#chart-system .twin tbody tr");
  const samples = await api(`trials/${sweep}-3/samples?attempt=1&limit=10000`),
    names = [...new Set(samples.flatMap((s) => Object.keys(s.metrics)))],
    [head, ...rows] = await download(() => page.click("#chart-system button:text-is('CSV')"));
  assert.deepEqual(head, ["seconds", ...names]);
  assert.deepEqual(
    rows.map((row) => row.slice(1)),
    samples.map((s) => inFile(names.map((name) => s.metrics[name]))),
    "54: the twin has the samples",
  );
  rows.forEach(([s], i) => assert.ok(Math.abs(s - rows[0][0] - (samples[i].time - samples[0].time)) < 1e-3));
});

await test("while the agent is away, the end of a failed log is here, and of others the page says so", async () => {
  await please("away");
  await page.goto(at(FAILS));
  await until("the second");
  await page.goto(at(HOSTILE));
  await until("not connected");
  await page.click("#files button");
  await page.locator("#files").getByText("agent box has the files, but is not connected").waitFor();
});

await done();
