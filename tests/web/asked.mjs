// SPDX-License-Identifier: GPL-3.0-or-later
// What a test asks of the program that has begun it, by a line `PLEASE …`; the answer is a line.
import assert from "node:assert/strict";
import {createInterface} from "node:readline";

const answers = createInterface({input: process.stdin})[Symbol.asyncIterator]();

export async function please(...what) {
  console.log("PLEASE " + what.join(" "));
  const {value, done} = await answers.next();
  assert.ok(!done, "nobody answered to " + what.join(" "));
  return value;
}
