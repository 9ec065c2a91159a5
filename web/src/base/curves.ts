// SPDX-License-Identifier: GPL-3.0-or-later
// Curves as the controller sends them, asked for again when what is drawn, or what is known, changes.
import {get} from "./api";
import {Trouble, useAnswer} from "./asked";
import type {Value} from "./chart";
import type {Kind, Rule} from "./draw";
import type {Curve} from "./plot";
import {iso} from "./text";

interface Bands {
  x: number[];
  n: number[];
  q10: (number | string)[];
  q25: (number | string)[];
  q50: (number | string)[];
  q75: (number | string)[];
  q90: (number | string)[];
}
export interface Asked {
  sweep: string;
  metric: string;
  x: string; // step, time, wall, gpuh, or a metric
  trials: number[];
  range: [number, number];
  points: number; // of each curve at most
  log: boolean; // x
  smooth: number;
  bands?: boolean;
  marks?: number[]; // iterations whose x is asked for
}
export interface Got {
  key: string; // of what was asked for
  curves: (Curve & {marks?: (number | null)[]})[];
  bands: Bands | null;
  of: number; // trials of the bands
}

// Rows of a table whose second column is the x of a curve.
export const rowsOver = (x: string, rows: Value[][]): Value[][] =>
  x === "wall" ? rows.map(([name, at, ...rest]) => [name, iso(at as number), ...rest]) : rows;

const KINDS: Record<string, Kind> = {step: "whole", time: "span", wall: "moment"};
export const kindOf = (x: string): Kind => KINDS[x] ?? "number";
export const titleOf = (x: string): string =>
  ({step: "step", time: "running time", wall: "clock", gpuh: "GPU-hours"})[x] ?? x;

// A range of x in the address, as FROM~TO.
export function rangeOf(text: string | undefined): [number, number] {
  const [from, to] = (text ?? "").split("~").map((t) => (t === "" ? NaN : Number(t)));
  return [from ?? NaN, to ?? NaN];
}
export const rangeText = (from: number, to: number): string =>
  Number.isNaN(from) && Number.isNaN(to) ? "" : `${Number(from.toPrecision(8))}~${Number(to.toPrecision(8))}`;

export function question(a: Asked): string {
  const text = (v: number) => String(Number(v.toPrecision(12)));
  return (
    `sweeps/${a.sweep}/curves?metric=${encodeURIComponent(a.metric)}&trials=${a.trials.join(",")}&points=${a.points}` +
    (a.x === "step" ? "" : `&x=${encodeURIComponent(a.x)}`) +
    (Number.isNaN(a.range[0]) ? "" : `&from=${text(a.range[0])}`) +
    (Number.isNaN(a.range[1]) ? "" : `&to=${text(a.range[1])}`) +
    (a.log ? "&xscale=log" : "") +
    (a.smooth ? `&smooth=${a.smooth}` : "") +
    (a.bands ? "&agg=band" : "") +
    (a.marks?.length ? `&marks=${a.marks.join(",")}` : "")
  );
}

// What is known is kept while it is asked for again. known: grows with each fact about these trials.
export function useCurves(asked: Asked[], known: number): Trouble & {got: Got[] | null} {
  const paths = asked.map(question),
    key = paths.join(" ");
  // Facts change which trials are the best, and what rungs there are.
  const answered = useAnswer(key.replace(/&(trials|points|marks)=[\d,]*/g, ""), key + known, async () => {
    const answers = await Promise.all(
      paths.map((path, i) => (asked[i].trials.length ? get(path) : {curves: []})),
    );
    return answers.map((a, i): Got => ({
      key: paths[i],
      curves: a.curves ?? [],
      bands: a.bands ?? null,
      of: a.of ?? 0,
    }));
  });
  return {...answered, got: answered.answer};
}

// The bands of early_terminate, and what they have decided.
export interface RungSent {
  rung: number;
  trials: number;
  stopped: number;
  threshold: number | null;
}

const NONE: RungSent[] = [];

export function useRungs(id: string, has: boolean, known: number): RungSent[] {
  return useAnswer<RungSent[]>(has ? id : "", String(known), () => get(`sweeps/${id}/rungs`)).own ?? NONE;
}

// Where the bands are: the same iteration is at other places in other trials.
export function rulesOf(got: Got, rungs: RungSent[]): Rule[] {
  return rungs.flatMap((rung, i) => {
    const xs = got.curves
      .map((c) => c.marks?.[i])
      .filter((x): x is number => typeof x === "number")
      .sort((a, b) => a - b);
    return xs.length ? [{x: xs[xs.length >> 1], y: rung.threshold, text: `rung ${rung.rung}`}] : [];
  });
}
