// SPDX-License-Identifier: GPL-3.0-or-later
// What the address asks for, and cannot be given.
import {computed} from "@preact/signals";
import {CURVE_XS} from "../base/curve_choices";
import {Scale, SCALES} from "../base/scale";
import {safe} from "../base/text";
import {zones} from "../base/time";
import {listed, where} from "../base/where";
import {brushesWrong} from "./brush";
import {LINES} from "./curves";
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
    // Those that do not fit, of these words; of one part of the address; and of one that is a list.
    unfit = (words: string[], what: string, fits: (word: string) => unknown) =>
      words
        .filter((word) => word && !fits(word))
        .map((word) => `${what} ${safe(label(fits === column ? named(word) : word))}`),
    one = (key: string, what: string, fits: (word: string) => unknown) => unfit([q[key] ?? ""], what, fits),
    wrong = (key: string, what: string, fits: (word: string) => unknown) => unfit(listed(q[key]), what, fits),
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
    ...one("c", "colour", (t) => t === "state" || s.columns.has(t)),
    ...one("pal", "colours", (t) => t === "viridis"),
    ...wrong("x", "x", (t) => XS.includes(t)),
    ...wrong("y", "scale", (t) => SCALES.includes(t as Scale)),
    ...(q.sel && (selected.value < 0 || rowOf(s, selected.value) < 0) ? [`trial ${safe(q.sel)}`] : []),
    ...wrong("cmp", "trial", trial),
    ...wrong("pin", "trial", trial),
    ...unfit((q.m ?? "").split(";"), "metric", (t) => logged.includes(t)),
    ...one("cx", "x of curves", (t) => [...CURVE_XS, ...logged].includes(t)),
    ...wrong("top", "best", (t) => t === "all" || (Number(t) >= 1 && Number(t) <= LINES)),
    ...wrong("sp", "slice of", varies),
    ...one("spx", "x of the surface", varies),
    ...one("spy", "y of the surface", varies),
    ...wrong("pa", "objective", (t) => objectives().some((o) => o.name === t)),
    ...wrong("par", "reference point", (t) => /^[^~]*~[^~]*$/.test(t) && t.split("~").every(isFinite as any)),
    ...one("tz", "zone of times", (t) => zones.value.includes(t)),
    ...wrong("imp", "way of importance", (t) => METHODS.includes(t)),
    ...(q.r &&
    !reduceAsked.value &&
    !(q.r === "last" && lastName.value) &&
    !(/^rung\./.test(q.r) && s.columns.has(q.r))
      ? [`reduce ${safe(q.r)}`]
      : []),
  ];
});
