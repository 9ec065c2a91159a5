// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of the open sweep as its views name, scale and order them.
import {computed} from "@preact/signals";
import {Axis, axisOf, isLog, Robust, Scale, specOf} from "../base/scale";
import {safe} from "../base/text";
import {arrow, goal, isMeasure, lastName} from "./measure";
import {sheet, sweep} from "./model";
import {objectives, titleOf} from "./objectives";
import {Column, label, Sheet, varies} from "./sheet";

export const params = computed<Column[]>(() =>
  sheet.value ? [...sheet.value.columns.values()].filter((c) => c.name.startsWith("params.")) : [],
);
export const varying = computed<Column[]>(() =>
  sheet.value && sheet.value.n > 1 ? params.value.filter((c) => varies(c, sheet.value!.n)) : params.value,
);
export const metrics = computed<Column[]>(() =>
  sheet.value ? [...sheet.value.columns.values()].filter((c) => c.name.startsWith("metrics.")) : [],
);

const TITLES: Record<string, string> = {number: "#", duration: "time", reason: "why"};
// The name of a column, the same everywhere.
export function title(name: string): string {
  const metric = safe(sweep.value?.metric?.name ?? "objective");
  if (name === "objective") return `${metric} ${arrow.value}`;
  if (name.startsWith("reduce."))
    return `${metric} ${arrow.value} (${name.slice(7).replace("mean-", "mean of last ")})`;
  if (name.startsWith("rung.")) return `${metric} ${arrow.value} at ${safe(name.slice(5))}`;
  if (name === lastName.value) return `${metric} ${arrow.value} (last)`;
  const one = objectives().find((g) => "metrics." + g.name === name);
  return one ? titleOf(one) : (TITLES[name] ?? label(name));
}

export const scaleOf = (name: string): Scale => (isLog(sweep.value?.spec, name) ? "log" : "linear");
export const orderOf = (name: string): unknown[] => {
  const values = name.startsWith("params.") ? specOf(sweep.value?.spec, name)?.values : undefined;
  return Array.isArray(values) ? values : [];
};
// How an axis of this column is cut: never at the good end of what has a goal.
export function robustOf(name: string): Robust {
  if (isMeasure(name)) return goal.value;
  const one = objectives().find((g) => "metrics." + g.name === name);
  return (one?.goal as Robust) ?? (name === "metrics." + sweep.value?.metric?.name ? goal.value : true);
}
export const axis = (s: Sheet, name: string, scale: Scale, robust: Robust): Axis =>
  axisOf(s, s.columns.get(name)!, scale, robust, orderOf(name));

// The x of "best so far".
export const XS = ["order", "ended", "started", "number", "spent", "duration"];
