// SPDX-License-Identifier: GPL-3.0-or-later
// Which trials are shown: `state:finished,running lr<1e-2 has:acc -optimizer:sgd`. Terms hold together; OR separates
// groups of them; a minus or NOT turns one round.
import {Column, MISSING, Sheet, VALUE} from "./sheet";

type Test = (row: number) => boolean;
export interface Filter {
  test: Test;
  wrong: string[];
}

function columnOf(sheet: Sheet, name: string): Column | undefined {
  return (
    sheet.columns.get(name) ?? sheet.columns.get("params." + name) ?? sheet.columns.get("metrics." + name)
  );
}

function compare(column: Column, operator: string, text: string): Test {
  const wanted = Number(text);
  if (column.words || Number.isNaN(wanted)) {
    return (row) =>
      (column.kinds[row] === VALUE && column.texts[column.values[row]] === text) === (operator !== "!=");
  }
  const holds: Record<string, (x: number) => boolean> = {
    "<": (x) => x < wanted,
    "<=": (x) => x <= wanted,
    ">": (x) => x > wanted,
    ">=": (x) => x >= wanted,
    "=": (x) => x === wanted,
    "!=": (x) => x !== wanted,
  };
  return (row) => column.kinds[row] !== MISSING && holds[operator](column.values[row]);
}

function among(column: Column, list: string): Test {
  const wanted = new Set(list.toLowerCase().split(","));
  if (column.words) {
    const hit = (at: number) => wanted.has(column.texts[at].toLowerCase());
    return (row) => column.kinds[row] === VALUE && hit(column.values[row]);
  }
  return (row) => column.kinds[row] === VALUE && wanted.has(String(column.values[row]));
}

function term(sheet: Sheet, text: string, wrong: string[]): Test {
  const compared = /^(.+?)(<=|>=|!=|<|>|=)(.*)$/.exec(text),
    listed = /^([^:]+):(.*)$/.exec(text);
  const name = compared?.[1] ?? listed?.[1];
  if (listed?.[1] === "has" && !compared) {
    const column = columnOf(sheet, listed[2]);
    if (!column) wrong.push(listed[2]);
    return (row) => !!column && column.kinds[row] !== MISSING;
  }
  if (name !== undefined) {
    const column = columnOf(sheet, name);
    if (!column) {
      wrong.push(name);
      return () => true;
    }
    return compared ? compare(column, compared[2], compared[3]) : among(column, listed![2]);
  }
  const searched = [...sheet.columns.values()].filter((c) => c.words),
    sought = text.toLowerCase();
  return (row) =>
    searched.some((c) => c.kinds[row] === VALUE && c.texts[c.values[row]].toLowerCase().includes(sought));
}

export function filterOf(sheet: Sheet, text: string): Filter {
  const wrong: string[] = [],
    groups: Test[][] = [[]];
  let not = false;
  for (const word of text.match(/"[^"]*"|\S+/g) ?? []) {
    if (word === "AND") continue;
    if (word === "OR") {
      groups.push([]);
      continue;
    }
    if (word === "NOT") {
      not = true;
      continue;
    }
    const negative = not || (word.length > 1 && word[0] === "-");
    const test = term(sheet, word.replace(negative && !not ? /^-/ : /^$/, "").replace(/"/g, ""), wrong);
    groups[groups.length - 1].push(negative ? (row) => !test(row) : test);
    not = false;
  }
  return {wrong, test: (row) => groups.some((group) => group.every((test) => test(row)))};
}
