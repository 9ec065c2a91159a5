// SPDX-License-Identifier: GPL-3.0-or-later
// Two objectives as a picture: all measured trials, those of the front, and the steps of the front of the two.
import {canvasBegin, css} from "../base/parts";
import {Axis, axisOf} from "../base/scale";
import {axesDraw} from "./axes_draw";
import {robustOf} from "./fields";
import {Column, MISSING, Sheet, VALUE} from "./sheet";

export interface Frame {
  x: Axis;
  y: Axis;
  width: number;
  height: number;
  left: number; // the room at the sides; without room for them, ticks have no text
  right: number;
  top: number;
  bottom: number;
}
// The usual range of the values, and all of the front: what lies beyond is drawn at the edge.
export function axisOver(s: Sheet, column: Column, front: Set<number>): Axis {
  const usual = axisOf(s, column, "linear", robustOf(column.name));
  let [low, high] = [usual.low, usual.high];
  for (const row of front) {
    low = Math.min(low, column.values[row]);
    high = Math.max(high, column.values[row]);
  }
  const kinds = column.kinds.map((kind, row) =>
    kind === VALUE && (column.values[row] < low || column.values[row] > high) ? MISSING : kind,
  );
  return {...axisOf(s, {...column, kinds}, "linear", false), column};
}

export const clamp = (p: number): number => Math.max(0, Math.min(1, p));
const along = (f: Frame, p: number): number => f.left + p * (f.width - f.left - f.right);
const above = (f: Frame, p: number): number => f.top + (f.height - f.top - f.bottom) * (1 - p);
export const atX = (f: Frame, value: number): number => along(f, clamp(f.x.place(value)));
export const atY = (f: Frame, value: number): number => above(f, clamp(f.y.place(value)));

export function frontDraw(
  canvas: HTMLCanvasElement,
  f: Frame,
  rows: number[],
  front: Set<number>,
  stairs: number[], // rows of the front of these two alone
  corner: [number, number],
): void {
  const c = canvasBegin(canvas, f.width, f.height),
    [x, y] = [f.x.column, f.y.column];
  axesDraw(c, {ticks: f.x.ticks, at: (p) => along(f, p)}, {ticks: f.y.ticks, at: (p) => above(f, p)}, [
    f.width,
    f.left,
    f.width - f.right,
    f.height - f.bottom,
  ]);
  c.fillStyle = css("muted");
  c.globalAlpha = 0.6;
  for (const row of rows)
    if (!front.has(row)) c.fillRect(atX(f, x.values[row]) - 1.5, atY(f, y.values[row]) - 1.5, 3, 3);
  c.globalAlpha = 1;
  // From the reference along the steps of the front, and back.
  if (stairs.length) {
    c.strokeStyle = css("series-0");
    c.lineWidth = 1.5;
    c.beginPath();
    c.moveTo(atX(f, x.values[stairs[0]]), atY(f, corner[1]));
    stairs.forEach((row, i) => {
      const [px, py] = [atX(f, x.values[row]), atY(f, y.values[row])];
      if (i) c.lineTo(px, atY(f, y.values[stairs[i - 1]]));
      c.lineTo(px, py);
    });
    c.lineTo(atX(f, corner[0]), atY(f, y.values[stairs[stairs.length - 1]]));
    c.stroke();
  }
  c.fillStyle = css("s-finished");
  c.strokeStyle = css("page");
  for (const row of rows) {
    if (!front.has(row)) continue;
    c.beginPath();
    c.arc(atX(f, x.values[row]), atY(f, y.values[row]), 4, 0, 7);
    c.fill();
    c.stroke();
  }
}
