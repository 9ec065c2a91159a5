// SPDX-License-Identifier: GPL-3.0-or-later
// Lines over an axis: drag to zoom, a double click shows all again, and the line under the mouse is marked here and elsewhere.
import {signal} from "@preact/signals";
import {useEffect, useRef, useState} from "preact/hooks";
import {
  Area,
  areaDraw,
  BOTTOM,
  gridDraw,
  Kind,
  LEFT,
  Line,
  lineDraw,
  oddDraw,
  place,
  RIGHT,
  Rule,
  rulesDraw,
  Side,
  TOP,
  valueAt,
  worded,
} from "./draw";
import {canvasBegin, css, look, useWidth} from "./parts";
import {spread} from "./spread";
import {count, short} from "./text";
import "./plot.css";

export type {Area, Kind, Line, Rule} from "./draw";

// As the controller sends it: docs/openapi.yaml.
export interface Curve {
  trial: number;
  of: number;
  thin?: number;
  x: number[];
  y: (number | string)[];
  sx?: number[];
  sy?: (number | string)[];
  attempts?: [number, number][];
}
export const number = (value: number | string): number =>
  typeof value === "number"
    ? value
    : value === "Infinity"
      ? Infinity
      : value === "-Infinity"
        ? -Infinity
        : NaN;

// A curve as lines: where it is smoothed, the raw values are behind it.
export function linesOf(
  curve: Curve,
  look: {name: string; colour: string; width?: number; dash?: number[]; end?: string; own?: boolean},
): Line[] {
  const last = curve.attempts?.[curve.attempts.length - 1],
    again = curve.attempts && curve.attempts.length > 1 ? last![1] : undefined,
    raw = {key: curve.trial, x: curve.x, y: curve.y.map(number), again, ...look};
  if (!curve.sx) return [raw];
  return [
    {...raw, faint: true, end: undefined},
    {...raw, x: curve.sx, y: curve.sy!.map(number)},
  ];
}

// The x that the mouse is at, in all plots of one group.
const pointed = signal<{group: string; x: number} | null>(null);

function nearest(line: Line, at: number): number {
  let low = 0,
    high = line.x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (line.x[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - line.x[low - 1] < line.x[low] - at ? low - 1 : low;
}

interface Found {
  line: Line;
  i: number;
}
// The point nearest to the mouse, of those within 40 pixels.
function pointAt(lines: Line[], x: Side, y: Side, px: number, py: number): Found | null {
  let best: Found | null = null,
    least = 40 * 40;
  const at = valueAt(x, px);
  for (const line of lines) {
    if (line.faint || !line.x.length) continue;
    const middle = nearest(line, at);
    for (let i = Math.max(0, middle - 2); i <= Math.min(line.x.length - 1, middle + 2); i++) {
      const dx = place(x, line.x[i]) - px,
        dy = place(y, line.y[i]) - py,
        far = dx * dx + dy * dy;
      if (far < least) {
        least = far;
        best = {line, i};
      }
    }
  }
  return best;
}

export function Plot({
  lines,
  areas = [],
  rules = [],
  label,
  across = "",
  kind = "number",
  logX = false,
  logY = false,
  range = [NaN, NaN],
  atLeast = [NaN, NaN],
  zoom,
  marked = -1,
  bold = -1,
  mark,
  pick,
  group = "",
  height = 320,
}: {
  lines: Line[];
  areas?: Area[];
  rules?: Rule[];
  label: string;
  across?: string; // what x is
  kind?: Kind; // of x
  logX?: boolean;
  logY?: boolean;
  range?: [number, number]; // of x; NaN: as far as the lines go
  atLeast?: [number, number]; // of y: what is shown where the lines are within it
  zoom?: (from: number, to: number) => void; // NaN, NaN: all
  marked?: number; // key of a line that is pointed at, here or elsewhere
  bold?: number;
  mark?: (key: number) => void;
  pick?: (key: number) => void;
  group?: string; // plots over the same x
  height?: number;
}) {
  const [box, width] = useWidth<HTMLDivElement>(),
    base = useRef<HTMLCanvasElement>(null),
    over = useRef<HTMLCanvasElement>(null),
    [all, setAll] = useState(false),
    [mouse, setMouse] = useState<{x: number; y: number} | null>(null),
    [from, setFrom] = useState<number | null>(null),
    theme = look.value;
  let low = range[0],
    high = range[1];
  if (Number.isNaN(low) || Number.isNaN(high)) {
    let least = Infinity,
      most = -Infinity;
    for (const {x} of [...lines, ...areas])
      for (const v of x.length ? (logX ? Array.from(x) : [x[0], x[x.length - 1]]) : []) {
        if (logX && !(v > 0)) continue;
        least = Math.min(least, v);
        most = Math.max(most, v);
      }
    if (Number.isNaN(low)) low = Number.isFinite(least) ? least : 0;
    if (Number.isNaN(high)) high = Number.isFinite(most) ? most : 1;
  }
  if (!(high > low)) high = logX ? low * 1.1 : low + 1;
  const x: Side = {low, high, log: logX, from: LEFT, to: Math.max(LEFT + 10, width - RIGHT)},
    seen = spread(lines, areas, x, logY, all),
    y: Side = {
      low: seen.least >= atLeast[0] ? atLeast[0] : seen.low,
      high: seen.most <= atLeast[1] ? atLeast[1] : seen.high,
      log: logY,
      from: height - BOTTOM,
      to: TOP,
    };
  const cross = group && pointed.value?.group === group ? pointed.value.x : NaN,
    found = mouse && from === null ? pointAt(lines, x, y, mouse.x, mouse.y) : null;
  useEffect(() => {
    if (!width || !base.current) return;
    const c = canvasBegin(base.current, width, height);
    gridDraw(c, x, y, kind, width, height);
    c.save();
    c.beginPath();
    c.rect(x.from - 2, y.to - 2, x.to - x.from + 4, y.from - y.to + 4);
    c.clip();
    for (const area of areas) areaDraw(c, area, x, y);
    c.globalAlpha = 0.3;
    for (const line of lines) if (line.faint) lineDraw(c, line, x, y);
    c.globalAlpha = lines.length > 60 ? 0.6 : 1;
    for (const line of lines) if (!line.faint && line.key !== bold) lineDraw(c, line, x, y);
    c.globalAlpha = 1;
    for (const line of lines) if (!line.faint && line.key === bold) lineDraw(c, line, x, y, 2.5);
    rulesDraw(c, rules, x, y);
    c.restore();
    for (const line of lines) oddDraw(c, line, x, y);
    c.font = "12px system-ui";
    c.textAlign = "center";
    for (const line of lines) {
      let i = line.x.length - 1;
      while (i >= 0 && !(line.y[i] >= y.low && line.y[i] <= y.high)) i--;
      if (!line.end || i < 0 || line.x[i] < x.low || line.x[i] > x.high) continue;
      c.fillStyle = css(line.end === "◆" ? "s-stopped" : "s-failed");
      c.fillText(line.end, place(x, line.x[i]), place(y, line.y[i]) + 4);
    }
  }, [lines, areas, rules, width, height, low, high, seen.low, seen.high, logX, logY, kind, bold, theme]);
  useEffect(() => {
    if (!width || !over.current) return;
    const c = canvasBegin(over.current, width, height);
    c.save();
    c.beginPath();
    c.rect(x.from, y.to, x.to - x.from, y.from - y.to);
    c.clip();
    const key = found?.line.key ?? marked;
    if (key >= 0)
      for (const line of lines)
        if (line.key === key && !line.faint) lineDraw(c, {...line, colour: css("accent")}, x, y, 3);
    c.strokeStyle = css("muted");
    const at = mouse ? mouse.x : place(x, cross);
    if (at >= x.from && at <= x.to) {
      c.beginPath();
      c.moveTo(at, y.to);
      c.lineTo(at, y.from);
      c.stroke();
    }
    if (mouse && from !== null) {
      c.fillStyle = css("accent");
      c.globalAlpha = 0.2;
      c.fillRect(Math.min(from, mouse.x), y.to, Math.abs(mouse.x - from), y.from - y.to);
      c.globalAlpha = 1;
    }
    c.restore();
    if (found) {
      c.fillStyle = css("accent");
      c.beginPath();
      c.arc(place(x, found.line.x[found.i]), place(y, found.line.y[found.i]), 4, 0, 7);
      c.fill();
    }
  });
  useEffect(() => mark?.(found ? found.line.key : -1), [found?.line.key]);
  useEffect(() => () => mark?.(-1), []);
  const where = (event: PointerEvent) => {
    const rect = over.current!.getBoundingClientRect();
    return {x: event.clientX - rect.left, y: event.clientY - rect.top};
  };
  const leave = () => {
    setMouse(null);
    if (group && pointed.value?.group === group) pointed.value = null;
  };
  const end = (event: PointerEvent) => {
    const to = where(event).x,
      begin = from;
    setFrom(null);
    if (begin === null) return;
    if (zoom && Math.abs(to - begin) > 5) {
      const [a, b] = [begin, to]
        .sort((p, q) => p - q)
        .map((p) => valueAt(x, Math.max(x.from, Math.min(x.to, p))));
      zoom(a, b);
    } else if (found === null && pick) {
      const hit = pointAt(lines, x, y, to, where(event).y);
      if (hit && hit.line.key >= 0) pick(hit.line.key);
    }
  };
  // Arrows move, + and - zoom, 0 shows all.
  const keys = (event: KeyboardEvent) => {
    if (!zoom || event.ctrlKey || event.metaKey || event.altKey) return;
    const part = {ArrowLeft: -0.2, ArrowRight: 0.2}[event.key],
      far = {"+": 0.25, "=": 0.25, "-": -0.5}[event.key],
      at = (share: number) => valueAt(x, x.from + share * (x.to - x.from));
    if (part) zoom(at(part), at(1 + part));
    else if (far) zoom(at(far), at(1 - far));
    else if (event.key === "0") zoom(NaN, NaN);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={box} class="plot">
      <div
        class="canvases"
        tabIndex={zoom ? 0 : undefined}
        role="img"
        aria-label={`${label}: ${short(seen.least)} to ${short(seen.most)}`}
        onKeyDown={keys}
      >
        <canvas ref={base} />
        <canvas
          ref={over}
          onPointerDown={(event) => {
            if (event.button) return;
            over.current!.setPointerCapture(event.pointerId);
            setFrom(where(event).x);
            setMouse(where(event));
          }}
          onPointerMove={(event) => {
            const at = where(event);
            setMouse(at);
            if (group) pointed.value = {group, x: valueAt(x, at.x)};
          }}
          onPointerUp={end}
          onPointerLeave={leave}
          onPointerCancel={() => {
            setFrom(null);
            leave();
          }}
          onDblClick={() => zoom?.(NaN, NaN)}
        />
      </div>
      <p class="muted under">
        {found
          ? `${found.line.name}: ${worded(kind, found.line.x[found.i])} → ${short(found.line.y[found.i])}`
          : Number.isFinite(cross) && !mouse
            ? worded(kind, cross)
            : across}
        {seen.cut > 0 && (
          <>
            {" · "}
            <button class="plain" onClick={() => setAll(true)}>
              {count(seen.cut)} values outside, {short(seen.least)} to {short(seen.most)}: show
            </button>
          </>
        )}
        {all && (
          <button class="plain" onClick={() => setAll(false)}>
            without outliers
          </button>
        )}
      </p>
    </div>
  );
}
