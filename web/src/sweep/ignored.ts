// SPDX-License-Identifier: GPL-3.0-or-later
// What the address asks for, and cannot be given.
import {computed} from "@preact/signals";
import {Scale, SCALES} from "../base/scale";
import {safe} from "../base/text";
import {decoded, where} from "../base/where";
import {brushesWrong} from "./brush";
import {CURVE_XS, LINES} from "./curves";
import {metrics, varying, XS} from "./fields";
import {selected} from "./marked";
import {METHODS} from "./matters";
import {lastName} from "./measure";
import {reduceAsked, sheet} from "./model";
import {objectives} from "./objectives";
import {label, rowOf} from "./sheet";
import {TABS} from "./tabs";

export const ignored = computed<string[]>(() => {
  const s = sheet.value,
    q = where.value.query;
  if (!s) return [];
  const named = (word: string) => word.replace(/^-/, "").replace(/:[^:]*$/, ""),
    column = (word: string) => s.columns.has(named(word)),
    // The words of a part of the address that do not fit.
    wrong = (key: string, what: string, fits: (word: string) => unknown, by = ",") =>
      (q[key] ?? "")
        .split(by)
        .map((word) => (by === "," ? decoded(word) : word))
        .filter((word) => word && !fits(word))
        .map((word) => `${what} ${safe(label(fits === column ? named(word) : word))}`),
    logged = metrics.value.map((c) => label(c.name)),
    varies = (word: string) => varying.value.some((c) => c.name === word),
    trial = (word: string) => /^\d+$/.test(word) && rowOf(s, Number(word)) >= 0;
  return [
    ...brushesWrong.value,
    ...wrong("tab", "tab", (t) => TABS.some(({name, when}) => name === t && (when?.() ?? true))),
    ...wrong("ax", "axis", column),
    ...wrong("cols", "column", column),
    ...wrong("sort", "sort by", column),
    ...wrong("scale", "scale of", column),
    ...wrong("scale", "scale", (t) => SCALES.includes(t.replace(/^.*:/, "") as Scale)),
    ...wrong("flip", "flipped axis", column),
    ...wrong("left", "column at the left", column),
    ...wrong("w", "width of", (t) => column(t) && Number(t.replace(/^.*:/, "")) >= 40),
    ...wrong("g", "group by", column),
    ...wrong("c", "colour", (t) => t === "state" || s.columns.has(t), "\n"),
    ...wrong("x", "x", (t) => XS.includes(t)),
    ...wrong("y", "scale", (t) => SCALES.includes(t as Scale)),
    ...(q.sel && (selected.value < 0 || rowOf(s, selected.value) < 0) ? [`trial ${safe(q.sel)}`] : []),
    ...wrong("cmp", "trial", trial),
    ...wrong("pin", "trial", trial),
    ...wrong("m", "metric", (t) => logged.includes(t), ";"),
    ...wrong("cx", "x of curves", (t) => [...CURVE_XS, ...logged].includes(t), "\n"),
    ...wrong("top", "best", (t) => t === "all" || (Number(t) >= 1 && Number(t) <= LINES)),
    ...wrong("sp", "slice of", varies),
    ...wrong("spx", "x of the surface", varies, "\n"),
    ...wrong("spy", "y of the surface", varies, "\n"),
    ...wrong("pa", "objective", (t) => objectives().some((o) => o.name === t)),
    ...wrong("par", "reference point", (t) => /^[^~]*~[^~]*$/.test(t) && t.split("~").every(isFinite as any)),
    ...wrong("imp", "way of importance", (t) => METHODS.includes(t)),
    ...(q.r &&
    !reduceAsked.value &&
    !(q.r === "last" && lastName.value) &&
    !(/^rung\./.test(q.r) && s.columns.has(q.r))
      ? [`reduce ${safe(q.r)}`]
      : []),
  ];
});
