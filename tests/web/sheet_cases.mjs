// SPDX-License-Identifier: GPL-3.0-or-later
// Trials that change while their sweep is open, without a browser.
import assert from "node:assert/strict";
import {bundled} from "./bundled.mjs";

const {cell, isOlder, sheetOf, sheetWith} = await bundled(
  `export {cell, isOlder, sheetOf, sheetWith} from "./sheet";`,
);
const answer = (seq, numbers, columns) => ({
  seq,
  of: 3,
  n: numbers.length,
  columns: [{name: "number", values: numbers}, ...columns],
});
const texts = (sheet, name) => Array.from({length: sheet.n}, (_, row) => cell(sheet.columns.get(name), row));
const first = sheetOf(
  answer(
    1,
    [0, 1],
    [
      {name: "reason", words: ["ok"], values: [0, null]},
      {name: "params.opt", words: ["adamw", "sgd"], values: [0, 1]},
      {name: "objective", values: [0.5, null]},
    ],
  ),
);
// What the running ones report: none of them has a reason.
{
  const next = sheetWith(
    first,
    answer(
      2,
      [1, 2],
      [
        {name: "reason", values: [null, null]},
        {name: "params.opt", words: ["sgd", "lion"], values: [0, 1]},
        {name: "objective", values: [0.25, null]},
      ],
    ),
  );
  assert.deepEqual(texts(next, "reason"), ["ok", "–", "–"]);
  assert.deepEqual(texts(next, "params.opt"), ["adamw", "sgd", "lion"]);
  assert.deepEqual(texts(next, "objective"), ["0.5", "0.25", "–"]);
  assert.deepEqual(texts(first, "objective"), ["0.5", "–"], "what is shown stays");
}
// Numbers become categories: all is asked for again, and what is shown stays meanwhile.
{
  const sent = answer(2, [1], [{name: "objective", words: ["diverged"], values: [0]}]);
  assert.equal(sheetWith(first, sent), null);
  assert.deepEqual(texts(first, "params.opt"), ["adamw", "sgd"]);
}
// Of a few rows, a category has numbers alone; and a column that had no value becomes one.
{
  const begun = sheetOf(
    answer(
      1,
      [0, 1],
      [
        {name: "params.late", values: [null, null]},
        {name: "tags", values: [null, null]},
        {name: "params.k", words: ["auto", 3], values: [0, 1]},
      ],
    ),
  );
  const next = sheetWith(
    begun,
    answer(
      2,
      [0],
      [
        {name: "params.late", words: ["ok"], values: [0]},
        {name: "tags", words: ["good"], values: [0]},
        {name: "params.k", values: [3]},
      ],
    ),
  );
  const isText = (sheet, name) => !!sheet.columns.get(name).words;
  assert.deepEqual(
    [isText(begun, "params.late"), isText(begun, "tags")],
    [false, true],
    "tags are left-aligned",
  );
  assert.deepEqual([isText(next, "params.late"), isText(next, "tags")], [true, true]);
  assert.deepEqual(
    [texts(next, "params.late"), texts(next, "tags")],
    [
      ["ok", "–"],
      ["good", "–"],
    ],
  );
  assert.deepEqual(texts(next, "params.k"), ["3", "3"]);
}

// Of the best, 1, and the newest of five.
{
  const some = {...sheetOf(answer(1, [1, 3, 4], [])), of: 5};
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].filter((number) => isOlder(some, number)),
    [0, 2],
  );
  assert.ok(!isOlder(first, 7) && !isOlder(null, 0));
}
console.log("ok   sheet");
