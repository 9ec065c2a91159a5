// SPDX-License-Identifier: GPL-3.0-or-later
// Very many points: how many are in each place, as shades of one colour.

export const DENSE = 20000, // points; of more of them the density is drawn
  BEST = 2000; // of these are drawn as points all the same
const CELL = 4; // pixels

export function densityDraw(
  c: CanvasRenderingContext2D,
  xs: Float32Array,
  ys: Float32Array,
  has: (row: number) => boolean,
): void {
  const cells = new Map<number, number>();
  let most = 1;
  for (let row = 0; row < xs.length; row++) {
    if (!has(row) || xs[row] !== xs[row] || ys[row] !== ys[row]) continue;
    const at = Math.floor(xs[row] / CELL) * 4096 + Math.floor(ys[row] / CELL),
      n = (cells.get(at) ?? 0) + 1;
    cells.set(at, n);
    most = Math.max(most, n);
  }
  for (const [at, n] of cells) {
    c.globalAlpha = 0.1 + (0.7 * Math.log1p(n)) / Math.log1p(most);
    c.fillRect(Math.floor(at / 4096) * CELL, (at % 4096) * CELL, CELL, CELL);
  }
}
