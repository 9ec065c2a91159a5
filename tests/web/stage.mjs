// SPDX-License-Identifier: GPL-3.0-or-later
// checks.mjs with the browser behind a wire, and stage.py at the other end, which does what is asked of it: the trials
// of a sweep report and end as the test wants. With trials, the sweep is BIG; else it has yet to be made.
import assert from "node:assert/strict";
import {wire} from "./wire.mjs";

const direct = process.argv[2],
  token = new URL(direct).hash.slice("#token=".length);
export const line = await wire(direct);
process.argv[2] = line.link;
const checks = await import("./checks.mjs");
export const {
  another,
  at,
  BIG,
  browser,
  context,
  done,
  expected,
  figures,
  hide,
  page,
  ready,
  rows,
  settled,
  test,
  timed,
  trials,
} = checks;
export const long = trials > 0;

export {please} from "./asked.mjs";

// What the controller says, asked past the browser.
export async function ask(path) {
  const answer = await fetch(new URL("/api/v1/" + path, direct), {
    headers: {Authorization: "Bearer " + token},
  });
  assert.ok(answer.ok, path);
  return answer.json();
}

// When the fact comes whose kind, sweep and trial the function wants; it is durable by then.
export async function durable(wanted) {
  const answer = await fetch(new URL("/api/v1/events?brief=1", direct), {
      headers: {Authorization: "Bearer " + token},
    }),
    reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  return {
    async came() {
      for (;;) {
        const {value, done} = await reader.read();
        assert.ok(!done);
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        for (const event of events) {
          const kind = /^event: (.*)$/m.exec(event)?.[1],
            data = /^data: (.*)$/m.exec(event)?.[1];
          if (!kind || !wanted(kind, JSON.parse(data))) continue;
          const now = Date.now();
          await reader.cancel();
          return now;
        }
      }
    },
  };
}

export const until = (what, arg, some = page) =>
  some.waitForFunction(what, arg, {timeout: 60000, polling: 50});
// The head counts so many running trials.
export const running = (n, some = page) =>
  until(
    (n) =>
      [...document.querySelectorAll(".head button")].some(
        (e) => e.textContent.replace(/^\D|,/g, "") === n + " running",
      ),
    n,
    some,
  );
export const number = (id) => Number(id.split("-")[1]);

// What somebody sees of a sweep, as texts, without what depends on the clock.
const reader = () => ({
  counts: [...document.querySelectorAll(".head button[aria-pressed]")].map((e) => e.textContent),
  best: document.querySelector(".best b")?.textContent,
  config: document.querySelector(".head .config")?.textContent,
  shown: document.querySelector(".trials header .shown")?.textContent,
  line: document.querySelector("#chart-best canvas")?.getAttribute("aria-label"),
  rows: [...document.querySelectorAll(".rows .row:not(.head)")].map((row) =>
    [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.textContent),
  ),
});
export const seen = (some = page) => some.evaluate(reader);
seen.reader = reader.toString();

export async function end() {
  line.close();
  await done();
}
