// SPDX-License-Identifier: GPL-3.0-or-later
// Markdown of a report, without a browser: what it becomes, and that hostile text of 45 KB ends.
import assert from "node:assert/strict";
import {bundled} from "./bundled.mjs";

const {Markdown} = await bundled(`export {Markdown} from "../report/markdown";`);

function html(node) {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map(html).join("");
  if (typeof node !== "object") return String(node);
  const inside = html(node.props.children);
  return typeof node.type === "string" ? `<${node.type}>${inside}</${node.type}>` : inside;
}
const made = (text) => html(Markdown({text})).replace(/^<div>|<\/div>$/g, "");
const p = (inside) => `<p>${inside}</p>`;

for (const [text, want] of [
  [
    "a *b* **c** _d_ __e__ ~~f~~ `g`",
    "a <em>b</em> <strong>c</strong> <em>d</em> <strong>e</strong> <s>f</s> <code>g</code>",
  ],
  ["snake_case_name, 2 * 3 * 4, a_b", "snake_case_name, 2 * 3 * 4, a_b"],
  ["`` a`b `` and ```c``", "<code>a`b</code> and ```c``"],
  ["`*a*` \\*b\\* \\`c\\`", "<code>*a*</code> *b* `c`"],
  ["**a *b* c**", "<strong>a <em>b</em> c</strong>"],
  ["*a **b** c*", "<em>a *</em>b<em>* c</em>"],
  ["** a** and **b **", "<em>* a</em>* and <em>*b *</em>"],
  ["[a *b*](https://example.org/x_y_z) [c](javascript:d)", "<a>a <em>b</em></a> [c](javascript:d)"],
])
  assert.equal(made(text), p(want), text);
assert.equal(made("# a # b ##\n\n## c"), "<h2>a # b</h2><h3>c</h3>");
assert.equal(
  made("| a | b |\n|---|:-:|\n| *1* |"),
  "<div><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><em>1</em></td><td></td></tr></tbody></table></div>",
);

const times = (n, part) =>
  Array.from({length: n}, (_, i) => (typeof part === "string" ? part : part(i))).join("");
const ticks = (i) => "`".repeat(i + 1) + " a ";
for (const [name, text] of [
  ["runs of backticks", times(300, ticks)],
  ["many short paragraphs of them", times(9, () => times(90, ticks) + "\n\n")],
  ["emphasis", times(12000, "__a ")],
  ["stars", times(15000, "*a ")],
  ["brackets", times(15000, "[a]")],
  ["links without an end", times(10000, "[a](b")],
  ["a heading", "# " + "#".repeat(45000) + "x"],
  ["a rule", "a | b\n" + "-".repeat(45000) + "x"],
  ["columns", "|".repeat(20000) + "\n|-|\n" + times(9000, "|\n")],
]) {
  const out = made(text);
  assert.ok(out.length < 20 * text.length, name);
}
assert.equal(
  made("*a* ".repeat(3000)),
  p("*a* ".repeat(3000)),
  "a paragraph over 10,000 letters is plain text",
);
