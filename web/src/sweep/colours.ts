// SPDX-License-Identifier: GPL-3.0-or-later
// The colour of each trial, by a column or by its state.
import {computed} from "@preact/signals";
import {isDark, look} from "../base/parts";
import {axisOf, shade, wordColours} from "../base/scale";
import {count, short, STATES, toneOf} from "../base/text";
import {where} from "../base/where";
import {orderOf, robustOf, scaleOf} from "./fields";
import {isMeasure, ranked} from "./measure";
import {sweep} from "./model";
import {Column, everyRow, Sheet, stateOf, VALUE} from "./sheet";

export const colourBy = computed(() => where.value.query.c ?? ""); // "": each view's usual

export interface Colouring {
  name: string;
  of: (row: number) => string;
  legend: {colour: string; text: string}[];
  scale?: boolean; // the legend has the ends and the middle of a scale
}

function byWords(s: Sheet, column: Column, dark: boolean): Colouring {
  const colours = wordColours(dark),
    counts = new Map<number, number>();
  for (let row = 0; row < s.n; row++)
    if (column.kinds[row] === VALUE)
      counts.set(column.values[row], (counts.get(column.values[row]) ?? 0) + 1);
  const order = orderOf(column.name).map((v) => JSON.stringify(v)),
    rank = (i: number) =>
      (order.indexOf(JSON.stringify(column.words![i])) + order.length + 1) % (order.length + 1),
    most = [...counts.keys()]
      .sort((a, b) => counts.get(b)! - counts.get(a)! || a - b)
      .slice(0, colours.length),
    given = new Map(most.sort((a, b) => rank(a) - rank(b) || a - b).map((word, i) => [word, colours[i]])),
    others = counts.size - most.length;
  const legend = [...given].map(([word, colour]) => ({colour, text: column.texts[word]}));
  if (others) legend.push({colour: "", text: `${count(others)} others`});
  return {
    name: column.name,
    of: (row) => (column.kinds[row] === VALUE ? (given.get(column.values[row]) ?? "") : ""),
    legend,
  };
}

// The best first, each a share of all: an outlier does not take the whole scale.
function byRank(s: Sheet, column: Column, dark: boolean): Colouring {
  const places = new Float32Array(s.n).fill(NaN),
    best = ranked(everyRow(s), column);
  best.forEach((row, i) => {
    places[row] = i / Math.max(1, best.length - 1);
  });
  const at = (p: number) => short(column.values[best[Math.round(p * (best.length - 1))]]);
  return {
    name: column.name,
    of: (row) => (places[row] === places[row] ? shade(places[row], 0, dark) : ""),
    legend: best.length
      ? [0, 0.5, 1].map((p) => ({colour: shade(p, 0, dark), text: `${at(p)}${p === 0 ? " best" : ""}`}))
      : [],
    scale: true,
  };
}

// The colour of each trial; "" is grey. usual: of a view, where the address names none.
export function colouring(s: Sheet, css: (name: string) => string, usual: string): Colouring {
  void look.value;
  const dark = isDark(),
    wish = colourBy.value || usual,
    name = wish === "state" || s.columns.has(wish) ? wish : usual,
    column = s.columns.get(name);
  if (name === "state" || !column) {
    const states = STATES.filter((state) => sweep.value?.counts?.[state]),
      colours = new Map(STATES.map((state) => [state, css("s-" + toneOf(state))]));
    return {
      name: "state",
      of: (row) => colours.get(stateOf(s, row)) ?? "",
      legend: states.map((state) => ({colour: colours.get(state)!, text: state})),
    };
  }
  if (column.words) return byWords(s, column, dark);
  if (isMeasure(name)) return byRank(s, column, dark);
  const a = axisOf(s, column, scaleOf(name), robustOf(name));
  return {
    name,
    of: (row) => (column.kinds[row] === VALUE ? shade(a.place(column.values[row]), 0, dark) : ""),
    legend: [0, 0.5, 1].map((p) => ({colour: shade(p, 0, dark), text: short(a.value(p))})),
    scale: true,
  };
}
