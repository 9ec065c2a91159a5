// SPDX-License-Identifier: GPL-3.0-or-later
// Trials as points of a chart: the one under the pointer, and rings around those that somebody points at.
import {css} from "../base/parts";
import {show} from "../base/where";
import {hovered, selected} from "./marked";
import {labelOf, rowOfTrial} from "./model";

export type Point = [number, number];
type Place = (row: number) => Point;

export function pointOf(event: MouseEvent, chart: Element): Point {
  const r = chart.getBoundingClientRect();
  return [event.clientX - r.left, event.clientY - r.top];
}

// Whether a drag begins: of a mouse or a pen, as a finger scrolls.
export function grabbed(event: PointerEvent, touchToo = false): boolean {
  if (event.button || (event.pointerType === "touch" && !touchToo)) return false;
  event.preventDefault();
  (event.currentTarget as Element).setPointerCapture(event.pointerId);
  return true;
}

export const Brushed = ({from: [x, y], to: [u, v]}: {from: Point; to: Point}) => (
  <rect
    class="brush"
    x={Math.min(x, u)}
    y={Math.min(y, v)}
    width={Math.abs(x - u)}
    height={Math.abs(y - v)}
  />
);

// The mark of a trial that was stopped early.
export function diamondDraw(c: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  c.beginPath();
  c.moveTo(x, y - r);
  c.lineTo(x + r, y);
  c.lineTo(x, y + r);
  c.lineTo(x - r, y);
  c.closePath();
  c.fill();
}

// The row whose point is near, else -1. far: what a distance counts.
export function nearest(rows: number[], place: Place, [x, y]: Point, far?: (row: number) => number): number {
  let found = -1,
    least = 144;
  for (const row of rows) {
    const [px, py] = place(row),
      d = ((px - x) ** 2 + (py - y) ** 2) * (far?.(row) ?? 1);
    if (d < least) {
      least = d;
      found = row;
    }
  }
  return found;
}

export function hover(row: number): void {
  hovered.value = row < 0 ? -1 : Number(labelOf(row));
}
export const select = (row: number): void => show({sel: row < 0 ? "" : labelOf(row)});

// Where the trial of this number is, if it has a place.
function placed(number: number, place: Place): [number, ...Partial<Point>] {
  const row = number < 0 ? -1 : rowOfTrial(number),
    [x, y] = row < 0 ? [NaN, NaN] : place(row);
  return x + y > -Infinity ? [row, x, y] : [-1];
}

// What the chart says of the trial under the pointer.
export function Tip({place, width, text}: {place: Place; width: number; text: (row: number) => string}) {
  const [row, x, y] = placed(hovered.value, place);
  return row < 0 ? null : (
    <div class="tip" style={{left: Math.min(x! + 10, width - 220) + "px", top: Math.max(0, y! - 30) + "px"}}>
      {labelOf(row)} · {text(row)}
    </div>
  );
}

export function Rings({place, others = []}: {place: Place; others?: number[]}) {
  return (
    <>
      {[...others, hovered.value, selected.value].map((number, i) => {
        const [row, cx, cy] = placed(number, place);
        return (
          row >= 0 && (
            <circle
              {...{cx, cy}}
              r="6"
              fill="none"
              stroke={css(["series-1", "text", "accent"][Math.max(0, i - others.length + 1)])}
              stroke-width="2"
            />
          )
        );
      })}
    </>
  );
}
