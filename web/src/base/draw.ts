// SPDX-License-Identifier: GPL-3.0-or-later
// What a plot of lines is drawn with: places of values, ticks, and the lines themselves on a canvas.
import {css} from "./parts";
import {logTicks, nice} from "./scale";
import {short, span} from "./text";
import {marks, stepOf} from "./moments";
import {moment, zone} from "./time";

export interface Line {
  key: number; // of what it is of, a trial; lines of one key are marked together
  name: string;
  x: ArrayLike<number>; // ascending
  y: ArrayLike<number>; // NaN: a gap
  colour: string;
  width?: number;
  dash?: number[];
  faint?: boolean; // behind the others
  own?: boolean; // what the plot is of: another line does not narrow its range
  again?: number; // from this x on it is of a later attempt
  end?: string; // what stands at its end
}
export interface Area {
  x: ArrayLike<number>;
  low: ArrayLike<number>;
  high: ArrayLike<number>;
  colour: string;
  alpha: number;
}
export interface Rule {
  x: number;
  y: number | null; // a threshold there
  text: string;
}
export type Kind = "number" | "whole" | "span" | "moment";
export interface Side {
  low: number;
  high: number;
  log: boolean;
  from: number; // pixels
  to: number;
}

export const LEFT = 60,
  RIGHT = 14,
  TOP = 14,
  BOTTOM = 24;

const scaled = (side: Side, v: number) => (side.log ? Math.log10(v) : v);
export function place(side: Side, v: number): number {
  const low = scaled(side, side.low);
  return side.from + ((scaled(side, v) - low) / (scaled(side, side.high) - low)) * (side.to - side.from);
}
export function valueAt(side: Side, at: number): number {
  const low = scaled(side, side.low),
    v = low + ((at - side.from) / (side.to - side.from)) * (scaled(side, side.high) - low);
  return side.log ? 10 ** v : v;
}

export const worded = (kind: Kind, v: number): string =>
  kind === "span" ? (v < 60 ? `${short(v)} s` : span(v)) : kind === "moment" ? moment(v) : short(v);

export function ticks(side: Side, kind: Kind, n: number): {at: number; text: string}[] {
  const {low, high} = side;
  if (!(high > low)) return [];
  if (kind === "number" || kind === "whole" || side.log || high - low < 5) {
    const round = side.log ? logTicks(low, high) : nice(low, high, n),
      whole = round.filter(Number.isInteger);
    return (kind === "whole" && whole.length ? whole : round).map((v) => ({
      at: place(side, v),
      text: kind === "span" && !side.log ? `${short(v)} s` : kind === "span" ? span(v) : short(v),
    }));
  }
  if (kind === "moment")
    return marks(low, high, n, zone.value).map(({at, text}) => ({at: place(side, at), text}));
  const step = stepOf(low, high, n),
    found = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step)
    found.push({at: place(side, v), text: span(v)});
  return found;
}

export function lineDraw(c: CanvasRenderingContext2D, line: Line, x: Side, y: Side, wide = 0): void {
  const {x: xs, y: ys} = line,
    n = xs.length,
    again = line.again ?? Infinity;
  c.strokeStyle = c.fillStyle = line.colour;
  c.lineWidth = wide || (line.width ?? 1.4);
  c.setLineDash(line.dash ?? []);
  c.beginPath();
  let down = false,
    later = false;
  for (let i = 0; i < n; i++) {
    const good = Number.isFinite(ys[i]) && (!y.log || ys[i] > 0) && (!x.log || xs[i] > 0);
    if (!good) {
      down = false;
      continue;
    }
    const px = place(x, xs[i]),
      py = place(y, ys[i]);
    if (!later && xs[i] >= again) {
      if (down) c.lineTo(px, py);
      c.stroke();
      c.beginPath();
      c.setLineDash([2, 3]);
      c.moveTo(px, py);
      later = down = true;
      continue;
    }
    if (down) c.lineTo(px, py);
    else {
      c.moveTo(px, py);
      if (i + 1 >= n || !Number.isFinite(ys[i + 1])) c.fillRect(px - 1.5, py - 1.5, 3, 3);
    }
    down = true;
  }
  c.stroke();
  c.setLineDash([]);
}

// What has no place on the axes: NaN and the infinities, and what is cut off.
export function oddDraw(c: CanvasRenderingContext2D, line: Line, x: Side, y: Side): void {
  let before = -Infinity;
  c.fillStyle = line.colour;
  c.textAlign = "center";
  c.font = "10px system-ui";
  for (let i = 0; i < line.x.length; i++) {
    const v = line.y[i],
      inside = v >= y.low && v <= y.high;
    if (inside || line.x[i] < x.low || line.x[i] > x.high) continue;
    const px = place(x, line.x[i]);
    if (px - before < 6) continue;
    before = px;
    const low = v < y.low;
    c.fillText(Number.isNaN(v) ? "×" : low ? "▼" : "▲", px, low ? y.from - 2 : y.to - 3);
  }
}

export function areaDraw(c: CanvasRenderingContext2D, area: Area, x: Side, y: Side): void {
  c.fillStyle = area.colour;
  c.globalAlpha = area.alpha;
  let run: number[] = [];
  const close = () => {
    if (run.length) {
      c.beginPath();
      for (const i of run) c.lineTo(place(x, area.x[i]), place(y, area.high[i]));
      for (const i of run.reverse()) c.lineTo(place(x, area.x[i]), place(y, area.low[i]));
      c.fill();
    }
    run = [];
  };
  for (let i = 0; i < area.x.length; i++)
    if (Number.isFinite(area.low[i]) && (!y.log || area.low[i] > 0) && (!x.log || area.x[i] > 0)) run.push(i);
    else close();
  close();
  c.globalAlpha = 1;
}

export function gridDraw(
  c: CanvasRenderingContext2D,
  x: Side,
  y: Side,
  kind: Kind,
  width: number,
  height: number,
): void {
  c.strokeStyle = css("line");
  c.fillStyle = css("muted");
  c.lineWidth = 1;
  c.font = "11px system-ui";
  c.textAlign = "center";
  c.beginPath();
  let end = -Infinity;
  for (const t of ticks(x, kind, Math.max(5, width / 110))) {
    c.moveTo(t.at, y.to);
    c.lineTo(t.at, y.from);
    const half = c.measureText(t.text).width / 2;
    if (t.at - half < end || t.at + half > width) continue;
    end = t.at + half + 6;
    c.fillText(t.text, t.at, height - 8);
  }
  c.textAlign = "right";
  for (const t of ticks(y, "number", Math.max(2, height / 60))) {
    c.moveTo(x.from, t.at);
    c.lineTo(x.to, t.at);
    c.fillText(t.text, LEFT - 6, t.at + 4);
  }
  c.stroke();
}

// Decisions of the stopper: a line at each rung, and a stroke at its threshold.
export function rulesDraw(c: CanvasRenderingContext2D, rules: Rule[], x: Side, y: Side): void {
  c.strokeStyle = c.fillStyle = css("s-stopped");
  c.font = "10px system-ui";
  c.textAlign = "left";
  for (const rule of rules) {
    const px = place(x, rule.x);
    if (!(px >= x.from && px <= x.to)) continue;
    c.setLineDash([1, 3]);
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(px, y.to);
    c.lineTo(px, y.from);
    c.stroke();
    c.setLineDash([]);
    c.fillText(rule.text, px + 3, y.to + 9);
    if (rule.y === null) continue;
    const py = place(y, rule.y);
    if (!(py <= y.from && py >= y.to)) continue;
    c.lineWidth = 2;
    c.beginPath();
    c.moveTo(px - 8, py);
    c.lineTo(px + 8, py);
    c.stroke();
  }
}
