// SPDX-License-Identifier: GPL-3.0-or-later
// What the address asks for, and cannot be given.
import {computed} from "@preact/signals";
import {Scale, SCALES} from "../base/scale";
import {safe} from "../base/text";
import {decoded, where} from "../base/where";
import {brushesWrong} from "./brush";
import {XS} from "./fields";
import {selected} from "./marked";
import {lastName} from "./measure";
import {reduceAsked, sheet} from "./model";
import {label, rowOf} from "./sheet";

export const ignored = computed<string[]>(() => {
  const s = sheet.value,
    q = where.value.query;
  if (!s) return [];
  const names = (text: string | undefined, what: string) =>
    (text ?? "")
      .split(",")
      .map((n) => decoded(n.replace(/^-/, "").replace(/:.*$/, "")))
      .filter((n) => n && !s.columns.has(n))
      .map((n) => `${what} ${safe(label(n))}`);
  return [
    ...brushesWrong.value,
    ...names(q.ax, "axis"),
    ...names(q.cols, "column"),
    ...names(q.sort, "sort by"),
    ...names(q.scale, "scale of"),
    ...(q.scale ?? "")
      .split(",")
      .filter((t) => t && !SCALES.includes(t.replace(/^.*:/, "") as Scale))
      .map((t) => `scale ${safe(t)}`),
    ...(q.c && q.c !== "state" && !s.columns.has(q.c) ? [`colour ${safe(label(q.c))}`] : []),
    ...(q.x && !XS.includes(q.x) ? [`x ${safe(q.x)}`] : []),
    ...(q.sel && (selected.value < 0 || rowOf(s, selected.value) < 0) ? [`trial ${safe(q.sel)}`] : []),
    ...(q.r &&
    !reduceAsked.value &&
    !(q.r === "last" && lastName.value) &&
    !(/^rung\./.test(q.r) && s.columns.has(q.r))
      ? [`reduce ${safe(q.r)}`]
      : []),
  ];
});
