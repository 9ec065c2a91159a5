// SPDX-License-Identifier: GPL-3.0-or-later
// "Best so far" as a drawing: where each trial is, and the line of the best.
import {canvasBegin, css} from "../base/parts";
import {Axis, axisOf, Scale} from "../base/scale";
import {span} from "../base/text";
import {where} from "../base/where";
import {axesDraw} from "./axes_draw";
import {Colouring} from "./colours";
import {BEST, DENSE, densityDraw} from "./density";
import {robustOf, XS} from "./fields";
import {hovered, selected} from "./marked";
import {better, ranked} from "./measure";
import {rowOfTrial} from "./model";
import {diamondDraw} from "./points";
import {meanOf, repeats} from "./repeats";
import {Column, MISSING, Sheet, stateOf, VALUE} from "./sheet";
import {momentAt, SO_FAR, soFar} from "./so_far";
import {shown, shownCount, shownRows} from "./subset";

const STEPS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400];
export const LEFT = 72,
  RIGHT = 12,
  TOP = 34,
  BOTTOM = 24,
  HEIGHT = 274,
  RAIL = 12; // where those without a number are
const PAD = 8; // of the range, so that the best is not cut
export const FLOOR = HEIGHT - BOTTOM - PAD,
  INNER = FLOOR - TOP - PAD;

// When the sweep's file was edited.
export interface Edit {
  time: number;
}
// A best so far: where it was known, and the noise of those that its seeds repeat.
interface Step {
  row: number;
  x: number;
  mean: number;
  sd: number; // NaN: none does
}
export interface Drawn {
  x: Axis;
  y: Axis;
  xs: Float32Array;
  ys: Float32Array;
  steps: Step[];
}

export const xName = (): string => (XS.includes(where.value.query.x) ? where.value.query.x : XS[0]);
const xOf = (s: Sheet): Column =>
  SO_FAR.includes(xName()) ? soFar(s, xName()) : (s.columns.get(xName()) ?? s.columns.get("number")!);

function xTicks(axis: Axis): {at: number; text: string}[] {
  const name = axis.column.name;
  if (name === "duration") return axis.ticks.map((t) => ({at: t.at, text: span(axis.value(t.at))}));
  if (name !== "started" && name !== "ended") return axis.ticks;
  const wide = axis.high - axis.low,
    step = STEPS.find((s) => s * 7 >= wide) ?? 86400 * Math.ceil(wide / 86400 / 7),
    ticks = [];
  for (let t = 0; t <= wide; t += step) ticks.push({at: t / wide, text: t ? "+" + span(t) : "0"});
  return ticks;
}

export function placed(s: Sheet, y: Column, width: number, scale: Scale, all: boolean): Drawn {
  const xAxis = axisOf(s, xOf(s), false, false),
    yAxis = axisOf(s, y, scale, !all && robustOf(y.name)),
    xs = new Float32Array(s.n).fill(NaN),
    ys = new Float32Array(s.n).fill(NaN),
    state = s.columns.get("state"),
    failed = state?.words?.indexOf("failed") ?? -1;
  for (let row = 0; row < s.n; row++) {
    const x = xAxis.column;
    if (x.kinds[row] === VALUE) xs[row] = LEFT + xAxis.place(x.values[row]) * (width - LEFT - RIGHT);
    else if (x.name === "ended" || x.name === "order") xs[row] = width - RIGHT; // it runs: now
    const place = y.kinds[row] === VALUE ? yAxis.place(y.values[row]) : NaN;
    if (state?.values[row] === failed || (place !== place && y.kinds[row] !== MISSING)) ys[row] = RAIL;
    else if (place === place) ys[row] = FLOOR - INNER * Math.max(0, Math.min(1, place));
  }
  const d: Drawn = {x: xAxis, y: yAxis, xs, ys, steps: []};
  if (xAxis.column.name !== "duration") d.steps = stepsOf(s, y, d, width);
  return d;
}

// Over starts, a value was known where its trial ended.
function stepsOf(s: Sheet, y: Column, d: Drawn, width: number): Step[] {
  const order: number[] = [],
    ended = d.x.column.name === "started" ? s.columns.get("ended") : undefined,
    xs = Float32Array.from(d.xs, (x, row) =>
      !ended
        ? x
        : ended.kinds[row] === VALUE
          ? LEFT + Math.min(1, d.x.place(ended.values[row])) * (width - LEFT - RIGHT)
          : width - RIGHT,
    );
  for (let row = 0; row < s.n; row++)
    if (y.kinds[row] === VALUE && d.ys[row] === d.ys[row] && d.ys[row] !== RAIL && xs[row] === xs[row])
      order.push(row);
  order.sort((a, b) => xs[a] - xs[b]);
  const bests: number[] = [];
  for (const row of order)
    if (!bests.length || better(y.values[row], y.values[bests[bests.length - 1]]) < 0) bests.push(row);
  return bests.map((row) => ({row, x: xs[row], ...meanOf(repeats(s, row))}));
}

// Of states whose points are no discs.
export const MARKS: Record<string, string> = {running: "○", pending: "○", stopped: "◆", failed: "×"};

function pointDraw(
  c: CanvasRenderingContext2D,
  x: number,
  y: number,
  state: string,
  outside: boolean,
  many: boolean,
): void {
  if (outside) {
    c.fillText("▲", x - 4, y + 4);
    return;
  }
  const mark = MARKS[state];
  if (mark === "×") {
    c.fillText(mark, x - 3, y + 4);
    return;
  }
  if (mark === "◆") {
    diamondDraw(c, x, y, many ? 3 : 4);
    return;
  }
  if (many && !mark) {
    c.fillRect(x - 1.5, y - 1.5, 3, 3);
    return;
  }
  c.beginPath();
  c.arc(x, y, 2.6, 0, 7);
  if (mark) c.stroke();
  else c.fill();
}

function framesDraw(c: CanvasRenderingContext2D, width: number, s: Sheet, d: Drawn, edits: Edit[]): void {
  axesDraw(
    c,
    {ticks: xTicks(d.x), at: (p) => LEFT + p * (width - LEFT - RIGHT)},
    {ticks: d.y.ticks, at: (p) => FLOOR - INNER * p},
    [width, LEFT, width - RIGHT, HEIGHT - BOTTOM],
  );
  if (d.ys.includes(RAIL)) {
    c.textAlign = "right";
    c.fillText("failed, NaN", LEFT - 6, RAIL + 4);
  }
  // Since when another version of the sweep's file holds.
  c.setLineDash([3, 3]);
  c.strokeStyle = css("muted");
  c.textAlign = "left";
  for (const [i, {time}] of edits.entries()) {
    const x = LEFT + momentAt(s, d.x, time) * (width - LEFT - RIGHT);
    if (!(x >= LEFT && x <= width - RIGHT)) continue;
    c.beginPath();
    c.moveTo(x, TOP - 6);
    c.lineTo(x, HEIGHT - BOTTOM);
    c.stroke();
    c.fillText(`edit ${i + 1}`, Math.min(x + 3, width - 44), TOP - 2);
  }
  c.setLineDash([]);
}

export function pointsDraw(
  canvas: HTMLCanvasElement,
  width: number,
  s: Sheet,
  y: Column,
  d: Drawn,
  colours: Colouring,
  edits: Edit[],
): void {
  const c = canvasBegin(canvas, width, HEIGHT);
  framesDraw(c, width, s, d, edits);
  c.textAlign = "left";
  const mask = shown.value,
    grey = css("grey");
  for (const lit of [0, 1]) {
    const dense = (lit ? shownCount.value : s.n - shownCount.value) > DENSE;
    if (dense) {
      c.fillStyle = lit ? css("muted") : grey;
      densityDraw(c, d.xs, d.ys, (row) => mask[row] === lit);
    }
    const best = dense && (lit ? ranked(shownRows(), y).slice(0, BEST).reverse() : []),
      n = best ? best.length : s.n;
    for (let i = 0; i < n; i++) {
      const row = best ? best[i] : i;
      if (mask[row] !== lit || d.xs[row] !== d.xs[row] || d.ys[row] !== d.ys[row]) continue;
      const place = d.y.place(y.values[row]);
      c.fillStyle = c.strokeStyle = (lit && colours.of(row)) || grey;
      c.globalAlpha = lit ? 0.85 : 0.5;
      pointDraw(
        c,
        d.xs[row],
        d.ys[row],
        stateOf(s, row),
        d.ys[row] !== RAIL && (place > 1.0001 || place < -0.0001),
        s.n > 3000,
      );
    }
  }
  c.globalAlpha = 1;
  stepDraw(c, d, width);
}

// What changes with each move of the mouse has a canvas of its own.
export function marksDraw(canvas: HTMLCanvasElement, width: number, d: Drawn): void {
  const c = canvasBegin(canvas, width, HEIGHT);
  for (const [number, colour] of [
    [selected.value, css("accent")],
    [hovered.value, css("text")],
  ] as const) {
    const row = number < 0 ? -1 : rowOfTrial(number);
    if (row < 0 || d.ys[row] !== d.ys[row]) continue;
    c.strokeStyle = colour;
    c.lineWidth = 2;
    c.beginPath();
    c.arc(d.xs[row], d.ys[row], 6, 0, 7);
    c.stroke();
  }
}

// With the noise of each best, while it was the best.
function stepDraw(c: CanvasRenderingContext2D, d: Drawn, width: number): void {
  if (!d.steps.length) return;
  const at = (v: number) => FLOOR - Math.max(0, Math.min(1, d.y.place(v))) * INNER;
  c.fillStyle = css("grey");
  c.globalAlpha = 0.4;
  d.steps.forEach(({x, mean, sd}, i) => {
    if (sd > 0)
      c.fillRect(x, at(mean + sd), (d.steps[i + 1]?.x ?? width - RIGHT) - x, at(mean - sd) - at(mean + sd));
  });
  c.globalAlpha = 1;
  c.strokeStyle = css("text");
  c.lineWidth = 1.5;
  c.beginPath();
  d.steps.forEach(({row, x}, i) => {
    c.lineTo(x, d.ys[d.steps[i - 1]?.row ?? row]);
    c.lineTo(x, d.ys[row]);
  });
  c.lineTo(width - RIGHT, d.ys[d.steps[d.steps.length - 1].row]);
  c.stroke();
}
