// SPDX-License-Identifier: GPL-3.0-or-later
// The page's filter, by the cases that hold for the controller's too (tests/unit/orchestrator/filter_test.c). Without a
// browser: `filter_cases.mjs`.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {bundled, here} from "./bundled.mjs";

const {filterOf, quoted, sheetOf} = await bundled(
  `export {filterOf, quoted} from "./filter"; export {sheetOf} from "./sheet";`,
);

const {metric, table, cases} = JSON.parse(readFileSync(join(here, "filter_cases.json"), "utf8"));
const sheet = sheetOf(table),
  numbers = sheet.columns.get("number").values;
for (const one of cases) {
  const {test, wrong} = filterOf(sheet, one.filter, metric);
  if (one.error)
    assert.deepEqual(
      wrong.map((w) => w.replace(/^(part of the )?filter ignored: /, "")),
      [one.error],
      one.filter,
    );
  else {
    assert.deepEqual(wrong, [], one.filter);
    const found = [...numbers].filter((_, row) => test(row));
    assert.deepEqual(found, one.numbers, one.filter);
  }
}
for (const text of ["adamw", "lion, fast", 'say "hi" (x)', "a\\b", "AND", "-x", "", "a:b"])
  assert.deepEqual(
    filterOf(sheet, "opt:" + quoted(text), metric).wrong,
    text ? [] : ["filter ignored: 'opt:' has no value"],
  );
console.log(`ok   ${cases.length} filters`);
