// SPDX-License-Identifier: GPL-3.0-or-later
// What the tabs are told of the controller's facts, without a browser: the controller and the time are made up.
import assert from "node:assert/strict";
import {mock} from "node:test";
import {bundled} from "./bundled.mjs";

const {Stream} = await bundled(`export {Stream} from "../base/stream";`);
mock.timers.enable({apis: ["setTimeout"]});
const pass = async (ms = 0) => {
  for (let i = 0; i < 5; i++) await new Promise((go) => setImmediate(go));
  mock.timers.tick(ms);
  for (let i = 0; i < 5; i++) await new Promise((go) => setImmediate(go));
};
let asked = [],
  say, // an event to who listens
  cut,
  isThere = true;
let answers = {}, // of what is asked for besides
  held = null; // they wait for it
globalThis.fetch = async (path, {signal}) => {
  asked.push(path);
  if (!path.includes("/events")) {
    await held;
    const [, answer] = Object.entries(answers).find(([end]) => path.split("?")[0].endsWith(end));
    return {ok: true, status: 200, text: async () => JSON.stringify(answer)};
  }
  if (!isThere) throw new TypeError("nobody");
  const body = new ReadableStream({
    start: (way) => {
      cut = () => way.close();
      signal.addEventListener("abort", () => way.error(signal.reason));
      say = (kind, id, data = {}) =>
        way.enqueue(new TextEncoder().encode(`event: ${kind}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`));
    },
  });
  return {ok: true, status: 200, body};
};
const trial = (id) => say("ended", id, {sweep: "s", trial: id}),
  tab = () => {
    const told = [];
    return {
      tell: (news) => told.push(news),
      kinds: () =>
        told.splice(0).flatMap(({facts}) => facts.map((f) => (f.kind === "reset" ? "reset" : f.seq))),
      contact: () => told.at(-1)?.contact,
      told,
    };
  };

// Nobody looks: the connection is given back, unless its controller soon ends. A silent one is left for another.
for (const [stays, again] of [
  [false, 1],
  [true, 0],
]) {
  const stream = new Stream(),
    one = tab();
  stream.add("one", 0, one.tell, stays);
  await pass(500);
  asked = [];
  stream.hide("one", true);
  await pass(5000);
  stream.hide("one", false);
  await pass();
  assert.equal(asked.length, again);
  asked = [];
  for (let id = 1; id < 4; id++) {
    trial(id);
    await pass(30000);
  }
  assert.equal(asked.length, 0);
  await pass(6000);
  assert.equal(one.contact(), "lost");
  await pass(1500);
  assert.match(asked.at(-1), /from=4$/);
  stream.remove("one");
  await pass(5000);
}

// A tab that knows nothing reads anew; one that knows more than the stream has had yet does not.
{
  const stream = new Stream(),
    [a, b] = [tab(), tab()];
  stream.add("a", -1, a.tell);
  await pass();
  assert.match(asked.at(-1), /most=0&from=0$/);
  say("reset", 10);
  await pass(500);
  assert.deepEqual(a.kinds(), ["reset"]);
  stream.add("b", 12, b.tell);
  await pass(500);
  for (const id of [11, 12, 13]) trial(id);
  await pass(500);
  assert.deepEqual(a.kinds(), [11, 12, 13]);
  assert.deepEqual(b.kinds(), [13]);
  // Another store, with fewer facts: nothing that is known holds.
  cut();
  await pass(1500);
  say("reset", 4);
  trial(5);
  await pass(500);
  assert.deepEqual([a.kinds(), b.kinds()], [["reset"], ["reset"]]);
  trial(6);
  await pass(500);
  assert.deepEqual([a.kinds(), b.kinds()], [[6], [6]]);
}

// A tab that has gone asked for all; the next one knows as much as there is.
{
  const stream = new Stream(),
    [a, b] = [tab(), tab()];
  stream.add("a", -1, a.tell);
  await pass();
  stream.remove("a");
  stream.add("b", 12, b.tell);
  say("reset", 11);
  await pass(500);
  assert.deepEqual(b.kinds(), []);
}

// A hidden tab is told nothing, and what it missed when it is shown: the facts, or to read anew where they were too many.
{
  const stream = new Stream(),
    [seen, hidden] = [tab(), tab()];
  stream.add("seen", 0, seen.tell);
  stream.add("hidden", 0, hidden.tell);
  await pass(500);
  hidden.kinds();
  stream.hide("hidden", true);
  trial(1);
  await pass(500);
  assert.deepEqual([seen.kinds(), hidden.told], [[1], []]);
  stream.hide("hidden", false);
  assert.deepEqual(hidden.kinds(), [1]);
  stream.hide("hidden", true);
  for (let id = 2; id < 10010; id++) {
    trial(id);
    if (id % 1000 === 0) await pass(500);
  }
  await pass(500);
  assert.deepEqual(
    seen.kinds(),
    [...Array(10008).keys()].map((i) => i + 2),
  );
  assert.deepEqual(hidden.told, []);
  stream.hide("hidden", false);
  assert.deepEqual(hidden.kinds(), ["reset"]);
}

// besom run has ended: each tab is told, hidden or not; one that comes later is, where no other controller answers.
{
  const stream = new Stream(),
    [a, hidden, late, other] = [tab(), tab(), tab(), tab()];
  stream.add("a", 20, a.tell);
  stream.add("hidden", 20, hidden.tell);
  stream.hide("hidden", true);
  await pass();
  trial(21);
  say("bye", 21, {sweeps: [1]});
  trial(22);
  await pass();
  for (const one of [a, hidden]) {
    assert.equal(one.contact(), "ended");
    assert.deepEqual(one.told.at(-1).last, {sweeps: [1]});
    assert.deepEqual(one.kinds(), [21]);
  }
  isThere = false;
  asked = [];
  stream.add("late", -1, late.tell);
  await pass(5000);
  assert.equal(late.contact(), "ended");
  assert.deepEqual(late.told.at(-1).last, {sweeps: [1]});
  assert.equal(asked.length, 1, "and is not asked for again and again");
  isThere = true;
  stream.add("other", 3, other.tell);
  await pass(500);
  assert.match(asked.at(-1), /from=4$/);
  assert.equal(other.contact(), "live");
  assert.equal(other.told.at(-1).last, undefined);
  say("tagged", 4, {sweep: "s"});
  await pass(500);
  assert.deepEqual(other.kinds(), [4]);
  assert.deepEqual([a.told, hidden.told], [[], []]);
}

// What a sweep's page has put off is not asked for in a hidden tab.
{
  globalThis.window = globalThis;
  globalThis.addEventListener = () => {};
  globalThis.location = {pathname: "/", search: "", hash: ""};
  globalThis.document = {hidden: false, addEventListener: () => {}};
  const {open} = await bundled(`export {open} from "./model";`),
    now = () =>
      asked
        .splice(0)
        .filter((path) => path.includes("/sweeps/"))
        .map((path) => path.slice("/api/v1/sweeps/".length));
  answers = {"/s": {id: "s"}, "/columns": {seq: 30, of: 0, n: 0, columns: []}};
  open("s");
  await pass(500);
  assert.deepEqual(now(), ["s", "s/columns?"]);
  let release;
  held = new Promise((go) => (release = go));
  trial(31);
  await pass(500);
  assert.deepEqual(now(), ["s", "s/columns?trials=31"]);
  trial(32);
  await pass(500);
  document.hidden = true;
  held = null;
  release();
  for (let i = 0; i < 4; i++) await pass(1000);
  assert.deepEqual(now(), []);
  document.hidden = false;
  await pass(1000);
  assert.deepEqual(now(), ["s", "s/columns?trials=32"]);
}
console.log("ok   facts");
process.exit(0);
