// SPDX-License-Identifier: GPL-3.0-or-later
// Which columns the table has, in which order and how wide: the address says it.
import {computed} from "@preact/signals";
import {Axis} from "../base/scale";
import {inAddress, listed, show, where} from "../base/where";
import {axis, metrics, robustOf, scaleOf, varying} from "./fields";
import {measureName} from "./measure";
import {sheet, sweep} from "./model";
import {isMetric, Sheet, stateOf} from "./sheet";
import {shownCount, shownRows} from "./subset";

const WIDTHS: Record<string, number> = {
  number: 88,
  state: 112,
  agent: 128,
  reason: 200,
  cause: 200,
  created: 224,
  started: 224,
  ended: 224,
};

// All that are shown have failed: why is what is looked for.
const allFailed = computed(
  () => shownCount.value > 0 && shownRows().every((row) => stateOf(sheet.value!, row) === "failed"),
);

function usual(): string[] {
  const main = "metrics." + (sweep.value?.metric?.name ?? "");
  const names = [
    "number",
    "state",
    ...(allFailed.value ? ["reason"] : []),
    measureName.value,
    ...varying.value.slice(0, 12).map((c) => c.name),
    ...metrics.value
      .filter((c) => c.name !== main)
      .slice(0, 6)
      .map((c) => c.name),
    "duration",
    "agent",
    "reason",
    "tags",
  ].filter((name) => sheet.value!.columns.has(name));
  return [...new Set(names)];
}

// Those that are pinned come first.
export function columnsShown(): {names: string[]; pinned: string[]} {
  const all = listed(where.value.query.cols).filter((name) => sheet.value!.columns.has(name)),
    names = all.length ? all : usual(),
    left = listed(where.value.query.left).filter((name) => names.includes(name)),
    pinned = ["number", ...left].filter((name, i, list) => names.includes(name) && list.indexOf(name) === i);
  return {names: [...pinned, ...names.filter((name) => !pinned.includes(name))], pinned};
}

export const colsShow = (names: string[]): void => show({cols: names.map(inAddress).join(",")});

export function widths(): Map<string, number> {
  const found = new Map<string, number>();
  for (const part of listed(where.value.query.w)) {
    const at = part.lastIndexOf(":"),
      wide = Number(part.slice(at + 1));
    if (wide >= 40 && wide <= 1000) found.set(part.slice(0, at), wide);
  }
  return found;
}

export interface Layout {
  names: string[];
  pinned: string[];
  lefts: Map<string, number>;
  sizes: Map<string, number>;
  shades: Map<string, Axis>;
}

export function layoutOf(s: Sheet, names: string[], pinned: string[], shaded: boolean): Layout {
  const chosen = widths(),
    sizes = new Map(
      names.map((n) => [n, chosen.get(n) ?? WIDTHS[n] ?? (/^(rung|reduce)\./.test(n) ? 160 : 104)]),
    ),
    lefts = new Map<string, number>(),
    shades = new Map<string, Axis>();
  let x = 0;
  for (const name of pinned) {
    lefts.set(name, x);
    x += sizes.get(name)!;
  }
  for (const name of shaded ? names : [])
    if ((isMetric(name) || name.startsWith("params.")) && !s.columns.get(name)!.words)
      shades.set(name, axis(s, name, scaleOf(name), robustOf(name)));
  return {names, pinned, sizes, lefts, shades};
}
