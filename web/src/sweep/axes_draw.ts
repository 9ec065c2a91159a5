// SPDX-License-Identifier: GPL-3.0-or-later
// The ticks of two axes on a canvas. A text that would lie over another is left out.
import {css} from "../base/parts";

const ROOM = 20; // at the left, for texts
interface Ticks {
  ticks: {at: number; text: string}[];
  at: (place: number) => number; // on the canvas
}

// right: the end of the lines of y, if it has some. floor: the height below which the texts of x are.
export function axesDraw(
  c: CanvasRenderingContext2D,
  x: Ticks,
  y: Ticks,
  [width, left, right, floor]: number[],
): void {
  const seen = ({at}: {at: number}) => at >= -0.001 && at <= 1.001,
    cut = (text: string) => (text.length > 12 ? text.slice(0, 11) + "…" : text);
  c.font = "11px system-ui";
  c.fillStyle = css("muted");
  c.strokeStyle = css("line");
  c.lineWidth = 1;
  c.textAlign = "right";
  let free = Infinity;
  for (const tick of y.ticks.filter(seen)) {
    const at = Math.round(y.at(tick.at)) + 0.5;
    if (Math.abs(free - at) < 12) continue;
    free = at;
    c.beginPath();
    c.moveTo(left, at);
    c.lineTo(right, at);
    c.stroke();
    if (left > ROOM) c.fillText(cut(tick.text), left - 6, at + 4);
  }
  c.textAlign = "center";
  free = 0;
  for (const tick of x.ticks.filter(seen)) {
    const text = cut(tick.text),
      half = c.measureText(text).width / 2,
      at = Math.max(half, Math.min(width - half, x.at(tick.at)));
    if (at - half < free || left <= ROOM) continue;
    c.fillText(text, at, floor + 16);
    free = at + half + 6;
  }
}
