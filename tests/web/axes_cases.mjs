// SPDX-License-Identifier: GPL-3.0-or-later
// Axes of odd values, and brushes as filters, without a browser.
import assert from "node:assert/strict";
import {bundled} from "./bundled.mjs";

const {
  axisOf,
  axisWithin,
  cellsOf,
  chancesOf,
  frontOf,
  heights,
  isSeed,
  linesDraw,
  logTicks,
  momentAt,
  nice,
  sheetOf,
  sliceOf,
  SCALES,
  soFar,
  spread,
  volumeOf,
} = await bundled(`
  export {axisOf, logTicks, nice, SCALES} from "../base/scale";
  export {spread} from "../base/spread";
  export {isSeed} from "../base/seed";
  export {heights, laneCounts as cellsOf, linesDraw} from "./parallel_draw";
  export {chancesOf} from "./chances";
  export {frontOf, volumeOf} from "./fronts";
  export {axisWithin, sliceOf} from "./slices";
  export {momentAt, soFar} from "./so_far";
  export {sheetOf} from "./sheet";`);

const sheetOfColumns = (columns) => sheetOf({seq: 1, of: 0, n: columns[0].values.length, columns});
const words = (values) => {
  const list = [...new Set(values)];
  return {name: "params.w", words: list, values: values.map((v) => list.indexOf(v))};
};
const only = (column) => {
  const sheet = sheetOfColumns([column]);
  return [sheet, sheet.columns.get(column.name)];
};

// 31: two categories that share 40 letters stay two.
{
  const same = "x".repeat(40),
    [sheet, column] = only(words([same + "a", same + "b", same + "a"])),
    axis = axisOf(sheet, column, "linear", false);
  assert.equal(axis.ticks.length, 2);
  assert.notEqual(axis.place(0), axis.place(1));
}
// What failed trials reached is no part of the range, unless all failed.
for (const [states, high, name] of [
  [["finished", "finished", "failed"], 2, "objective"],
  [["finished", "finished", "failed"], 2, "reduce.mean-5"],
  [["failed", "failed", "failed"], 1e6, "objective"],
]) {
  const found = [...new Set(states)],
    sheet = sheetOfColumns([
      {name, values: [1, 2, 1e6]},
      {name: "state", words: found, values: states.map((s) => found.indexOf(s))},
    ]);
  assert.equal(axisOf(sheet, sheet.columns.get(name), "linear", false).high, high);
}
// 32: of 300 categories the rest is "other", and each has its place.
{
  const values = Array.from({length: 1000}, (_, i) => "c" + (i % 3 ? i % 7 : i % 300)),
    [sheet, column] = only(words(values)),
    axis = axisOf(sheet, column, "linear", false),
    covered = axis.ticks.flatMap((t) => t.words);
  assert.equal(axis.ticks.length, 30);
  assert.match(axis.ticks[29].text, /^other \(\d+\)$/);
  assert.equal(new Set(covered).size, column.words.length);
  assert.ok(column.words.every((_, i) => axis.place(i) >= 0));
  assert.ok(heights(axis, sheet.n).every((y) => y === y));
}
// 26, 33: what is not a number on the axis is in a lane, and never in the range.
{
  const values = [1, 1e-3, 0, -5, "NaN", "Infinity", "-Infinity", null, 5e-324, 1e20, 2 ** 53 + 1],
    [sheet, column] = only({name: "params.v", values}),
    mask = new Uint8Array(values.length).fill(1);
  for (const scale of SCALES) {
    const axis = axisOf(sheet, column, scale, false),
      ys = heights(axis, sheet.n),
      {odd, missing} = cellsOf(axis, ys, mask);
    assert.equal(missing, 1, scale);
    assert.equal(odd, scale === "log" ? 5 : 3, scale);
    assert.ok(Number.isFinite(axis.low) && Number.isFinite(axis.high), scale);
    assert.ok(
      axis.ticks.every((t) => t.at === t.at && t.text),
      scale,
    );
    const placed = [5e-324, 1e-3, 1, 2 ** 53 + 1, 1e20].map(axis.place);
    assert.ok(
      placed.every((p, i) => !i || p >= placed[i - 1]),
      scale + " grows",
    );
    assert.ok(
      Math.abs(axis.place(axis.value(0.5)) - 0.5) < (scale === "rank" ? 0.1 : 1e-9),
      scale + " and back",
    );
  }
}
// 33: where a row has no place on an axis, its line is broken.
{
  const sheet = sheetOfColumns([
      {name: "params.a", values: [1, 1, 2, 2]},
      {name: "params.b", values: [1, null, "NaN", 2]},
      {name: "params.c", values: [1, 2, 3, null]},
      {name: "params.d", values: [1, 2, 1, 2]},
    ]),
    axes = ["a", "b", "c", "d"].map((n) => axisOf(sheet, sheet.columns.get("params." + n), "linear", false)),
    picture = {axes, xs: [0, 10, 20, 30], ys: axes.map((axis) => heights(axis, sheet.n))};
  const drawn = (row, from = 0, to = 3) => {
    let said = "";
    const c = {
      beginPath() {},
      stroke() {},
      moveTo: (x) => (said += ` M${x}`),
      lineTo: (x) => (said += ` ${x}`),
    };
    linesDraw(c, [row], picture, from, to);
    return said;
  };
  assert.equal(drawn(0), " M0 10 20 30");
  assert.equal(drawn(1), " M0 M20 30");
  assert.equal(drawn(2), " M0 M20 30");
  assert.equal(drawn(3), " M0 10 M30");
  assert.equal(drawn(3, 0, 1), " M0 10");
}
// Whole numbers have whole ticks, one value has a place, and none no axis of NaN.
for (const values of [[1, 2, 30], [7, 7], [null, null], []]) {
  const [sheet, column] = only({name: "params.v", values}),
    axis = axisOf(sheet, column, "linear", true);
  assert.ok(axis.high > axis.low && axis.ticks.every((t) => Number.isFinite(t.at)));
}
// Trials that started at one moment do not stretch the axis by years.
{
  const [sheet, column] = only({name: "started", values: [1.79e9, 1.79e9, null]}),
    axis = axisOf(sheet, column, "linear", false);
  assert.ok(axis.high - axis.low < 10);
}
// A night between two trials is one step of how many have ended, and no slot-hour. A trial that runs has no place, and one
// whose start is not known took no time that is known.
{
  const sheet = sheetOfColumns([
      {name: "ended", values: [1000, 90000, 2800, null, 93600]},
      {name: "duration", values: [900, 3600, 1800, 60, null]},
    ]),
    order = soFar(sheet, "order"),
    spent = soFar(sheet, "spent"),
    axis = axisOf(sheet, order, false, false);
  assert.deepEqual([...order.values], [1, 3, 2, NaN, 4]);
  assert.deepEqual([...spent.values], [0.25, 1.75, 0.75, NaN, NaN]);
  assert.deepEqual(
    [order, spent].map(({kinds}) => kinds[3]),
    [4, 4],
  );
  // An edit of the sweep's file is where those were that had ended by then.
  const at = (time) => momentAt(sheet, axis, time);
  assert.deepEqual([500, 1000, 50000, 1e6].map(at), [0, 0, 1 / 3, 1]);
  assert.equal(momentAt(sheet, axisOf(sheet, sheet.columns.get("ended"), false, false), 47300), 0.5);
  assert.ok(Number.isNaN(momentAt(sheet, axisOf(sheet, sheet.columns.get("duration"), false, false), 1000)));
}
// A trial that is as good in one objective and worse in another is not on the front; of two equal ones both are.
{
  const marks = {n: 4, m: 2, gains: Float64Array.from([1, 1, 1, 0, 0, 2, 1, 1])};
  assert.deepEqual(frontOf(marks), [0, 2, 3]);
  assert.equal(volumeOf(marks, [0, 2, 3], [-1, -1]), 5);
  assert.equal(volumeOf(marks, [0, 2, 3], [-1, 1.5]), 0.5); // two are worse than the reference in one objective
}
// A quarter of the best tenth at an end of the range asks for a wider one; fewer do not, nor does an end that is not near.
for (const [value, edge] of [
  [0.96, "25 % of the best 10 % are at the upper end: widen it?"],
  [0.94, ""],
  [0.04, "25 % of the best 10 % are at the lower end: widen it?"],
]) {
  const values = Array.from({length: 80}, (_, i) => (i < 2 ? value : 0.1 + i / 100)),
    sheet = sheetOfColumns([
      {name: "params.x", values},
      {name: "objective", values: values.map((_, i) => i)},
    ]),
    rows = values.map((_, i) => i),
    axis = axisWithin(sheet, sheet.columns.get("params.x"), "linear", [0, 1], []);
  assert.equal(sliceOf(axis, [0, 1], rows, rows, sheet.columns.get("objective")).edge, edge);
}
// What is cut is bad and rare: 24 trials that were stopped early do not make outliers of the four best ones.
{
  const stopped = Array.from({length: 24}, (_, i) => 1.19 + i / 1000),
    best = [0.2038, 0.21, 0.24, 0.27],
    axisFor = (values, robust) => {
      const [sheet, column] = only({name: "objective", values});
      return axisOf(sheet, column, "linear", robust);
    };
  for (const sign of [1, -1]) {
    const goal = sign > 0 ? "minimize" : "maximize",
      seen = axisFor(
        [...stopped, ...best].map((v) => sign * v),
        goal,
      );
    assert.equal(seen.cut, 0);
    assert.ok(Math.abs(seen.place(sign * 0.2038) - (sign > 0 ? 0 : 1)) < 1e-9);
    // One that is far better than all others is seen, one that is far worse is cut.
    const far = axisFor(
      [...stopped, 0.1, 50].map((v) => sign * v),
      goal,
    );
    assert.equal(far.cut, 1);
    assert.ok(Math.abs(far.place(sign * 0.1) - (sign > 0 ? 0 : 1)) < 1e-9);
  }
  assert.equal(axisFor([...stopped, 0.1, 50], true).cut, 2);
  assert.equal(axisFor([...stopped, 50, 51, 52, 53], "minimize").cut, 0); // more than a tenth
}
// Measured values have round ticks, however few they are; values that the sweep's file lists have a tick each.
{
  const texts = (values, order) => {
    const [sheet, column] = only({name: "params.v", values});
    return axisOf(sheet, column, "linear", false, order).ticks.map((t) => t.text);
  };
  assert.deepEqual(texts([0.21437, 0.30112, 0.25871]), ["0.22", "0.24", "0.26", "0.28", "0.3"]);
  assert.deepEqual(texts([21437, 30112, 25871]), ["22000", "24000", "26000", "28000", "30000"]);
  assert.deepEqual(texts([64, 512, 128], [64, 128, 512]), ["64", "128", "512"]);
  assert.deepEqual(texts([2, 5, 8, 3]), ["2", "3", "5", "8"]);
  for (let i = 1; i < 200; i++) {
    const [low, high] = [i * 0.0371, i * 0.0371 + 10 ** (i % 7) * 0.0137 * i],
      linear = nice(low, high, 5),
      log = logTicks(low, high);
    assert.ok(linear.length >= 2 && linear.length <= 6, `${low} to ${high}: ${linear}`);
    assert.ok(log.length >= 2 && [...linear, ...log].every((t) => t >= low * 0.999 && t <= high * 1.001));
    assert.ok(
      [...linear, ...log].every((t) => t === Number(t.toPrecision(8))),
      "round",
    );
  }
}
// The range of a plot has the values of the line that it is of, whatever another line's usual range is.
{
  const best = {x: [...Array(20).keys()], y: Array.from({length: 20}, (_, i) => 0.2 + i / 1000)},
    mine = {x: [0, 1], y: [5, 7], own: true},
    whole = {low: 0, high: 20};
  assert.equal(spread([best, {...mine, own: false}], [], whole, false, false).cut, 2);
  const seen = spread([best, mine], [], whole, false, false);
  assert.ok(seen.low < 0.2 && seen.high > 7 && seen.cut === 0, JSON.stringify(seen));
  const wild = {...mine, x: best.x, y: best.y.map((v, i) => (i === 3 ? 1e20 : v + 5))},
    robust = spread([best, wild], [], whole, false, false);
  assert.ok(robust.high > 5.019 && robust.high < 10 && robust.cut === 1, JSON.stringify(robust));
}
for (const name of ["seed", "train.seed", "random_seed", "dataSeed", "random_state"])
  assert.ok(isSeed(name), name);
for (const name of ["seeds_per_batch", "lr", "state"]) assert.ok(!isSeed(name), name);
console.log("ok   axes");

// How likely a mean is the best: two of 100 values differ by 0.2 of their sd, and 0.921 is the normal distribution at 0.2 / sqrt(0.02).
{
  const two = [
      {values: 100, mean: 1, sd: 1},
      {values: 100, mean: 1.2, sd: 1},
      {values: 1, mean: 0, sd: NaN},
    ],
    [low, high, single] = chancesOf(two, false);
  assert.ok(Math.abs(low - 0.921) < 0.02 && Math.abs(low + high - 1) < 1e-9, `${low} ${high}`);
  assert.ok(Number.isNaN(single));
  assert.deepEqual(chancesOf(two, false), chancesOf(two, false));
  assert.ok(chancesOf(two, true)[1] > 0.9);
  // Of few values, t distributions are wider: the same means and errors tell less.
  const few = two.slice(0, 2).map((one) => ({...one, values: 2, sd: 1 / Math.sqrt(50)}));
  assert.ok(chancesOf(few, false)[0] < low - 0.05);
  assert.ok(chancesOf([two[0], two[2]], false).every(Number.isNaN));
}
