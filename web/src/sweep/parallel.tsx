// SPDX-License-Identifier: GPL-3.0-or-later
// Parallel coordinates: lines on a canvas, axes and brushes in SVG over it.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {
  brush,
  brushes,
  drawing,
  hovered,
  labelOf,
  ranked,
  selected,
  sheet,
  shown,
  shownCount,
  sweep,
  varying,
} from "./model";
import {canvasBegin, css, isDark, useWidth} from "../base/parts";
import {Axis, axisOf, isLog, shade} from "../base/scale";
import {Column, MISSING, Sheet, stateOf, VALUE} from "./sheet";
import {count, safe} from "../base/text";
import {show, where} from "../base/where";

const TOP = 44,
  HEIGHT = 300,
  RAIL = 22,
  LANES = 40,
  GAP = 88,
  SIDE = 64;
const bottom = HEIGHT - LANES;

function axesNames(): string[] {
  const chosen = where.value.query.ax;
  const usual = [...varying.value.map((c) => c.name), "objective"];
  return (chosen ? chosen.split(",") : usual).filter((name) => sheet.value!.columns.has(name));
}

function scales(): Map<string, string> {
  return new Map(
    (where.value.query.scale ?? "")
      .split(",")
      .filter(Boolean)
      .map((part) => part.split(":") as [string, string]),
  );
}

// Where a trial's line meets an axis: its value, or a lane below for NaN and for no value.
function heightOf(axis: Axis, row: number): number {
  const kind = axis.column.kinds[row];
  if (kind === MISSING) return bottom + LANES - 6;
  const place =
    kind === VALUE || axis.column.values[row] === axis.column.values[row]
      ? axis.place(axis.column.values[row])
      : NaN;
  if (Number.isNaN(place)) return bottom + RAIL;
  return bottom - Math.max(-0.03, Math.min(1.03, place)) * (bottom - TOP);
}

function linesDraw(
  c: CanvasRenderingContext2D,
  rows: number[],
  axes: Axis[],
  xs: number[],
  ys: Float32Array[],
): void {
  c.beginPath();
  for (const row of rows) {
    let pen = false;
    for (let i = 0; i < axes.length; i++) {
      const gap = axes[i].column.kinds[row] === MISSING;
      if (gap || !pen) c.moveTo(xs[i], ys[i][row]);
      else c.lineTo(xs[i], ys[i][row]);
      pen = !gap;
    }
  }
  c.stroke();
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  s: Sheet,
  axes: Axis[],
  xs: number[],
  ys: Float32Array[],
): void {
  const c = canvasBegin(canvas, width, HEIGHT),
    mask = shown.value,
    dark = isDark(),
    on: number[] = [],
    off: number[] = [];
  const rank = new Float32Array(s.n).fill(NaN),
    best = ranked(Array.from({length: s.n}, (_, row) => row));
  best.forEach((row, i) => {
    rank[row] = i / Math.max(1, best.length - 1);
  });
  for (let row = 0; row < s.n; row++) {
    if (stateOf(s, row) === "failed") continue;
    (mask[row] ? on : off).push(row);
  }
  c.lineWidth = 1;
  // While a brush is drawn, fewer lines: each move must be seen at once.
  const thin = (rows: number[], most: number) =>
    rows.length <= most ? rows : rows.filter((_, i) => i % Math.ceil(rows.length / most) === 0);
  c.strokeStyle = css("grey");
  c.globalAlpha = 0.25;
  linesDraw(c, thin(off, drawing.value ? 400 : 1500), axes, xs, ys);
  // The best are drawn last, above the others.
  const shaded = new Map<string, number[]>(),
    order: string[] = [];
  for (const row of on) {
    const key = String(Number.isNaN(rank[row]) ? 7 : Math.round(rank[row] * 6));
    if (!shaded.has(key)) {
      shaded.set(key, []);
      order.push(key);
    }
    shaded.get(key)!.push(row);
  }
  c.globalAlpha = on.length > 2000 ? 0.12 : on.length > 300 ? 0.35 : 0.7;
  for (const key of order.sort((a, b) => Number(b) - Number(a))) {
    c.strokeStyle = key === "7" ? css("grey") : shade(Number(key) / 6, 0, dark);
    linesDraw(c, thin(shaded.get(key)!, drawing.value ? 200 : 700), axes, xs, ys);
  }
  c.globalAlpha = 1;
}

// What changes with each move of the mouse has a canvas of its own.
function marksDraw(
  canvas: HTMLCanvasElement,
  width: number,
  s: Sheet,
  axes: Axis[],
  xs: number[],
  ys: Float32Array[],
): void {
  const c = canvasBegin(canvas, width, HEIGHT);
  for (const [number, colour] of [
    [selected.value, css("accent")],
    [hovered.value, css("text")],
  ] as const) {
    if (number < 0) continue;
    const row = s.columns.get("number")!.values.indexOf(number);
    if (row < 0) continue;
    c.strokeStyle = colour;
    c.lineWidth = 2.5;
    linesDraw(c, [row], axes, xs, ys);
  }
}

export function Parallel() {
  const [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    marks = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{name: string; axis: Axis; from: number} | null>(null),
    [moved, setMoved] = useState<string | null>(null);
  const s = sheet.value!,
    names = axesNames(),
    chosen = scales(),
    scaleText = where.value.query.scale ?? "";
  const axes = useMemo(
    () =>
      names.map((name) => {
        const column = s.columns.get(name)!,
          wish = chosen.get(name) ?? (isLog(sweep.value?.spec, name) ? "log" : "linear");
        return axisOf(s, column, wish === "log", name === "objective");
      }),
    [s, names.join(), scaleText, sweep.value?.spec],
  );
  const full = Math.max(width, SIDE * 2 + GAP * (axes.length - 1)),
    step = axes.length > 1 ? (full - SIDE * 2) / (axes.length - 1) : 0;
  const xs = axes.map((_, i) => SIDE + i * step);
  const ys = useMemo(
    () => axes.map((axis) => Float32Array.from({length: s.n}, (_, row) => heightOf(axis, row))),
    [axes],
  );
  useEffect(() => {
    if (width && canvas.current && axes.length) draw(canvas.current, full, s, axes, xs, ys);
  }, [full, width, axes, ys, shown.value, document.documentElement.dataset.theme]);
  useEffect(() => {
    if (width && marks.current && axes.length) marksDraw(marks.current, full, s, axes, xs, ys);
  }, [full, width, axes, ys, hovered.value, where.value.query.sel]);
  if (axes.length < 2) return null;
  const top = (event: MouseEvent) => event.clientY - canvas.current!.getBoundingClientRect().top;
  const place = (y: number) => Math.max(0, Math.min(1, (bottom - y) / (bottom - TOP)));
  const range = (axis: Axis, a: number, b: number) => {
    const [low, high] = [place(Math.max(a, b)), place(Math.min(a, b))];
    if (axis.kind === "words") {
      const most = axis.high || 1,
        order = axis.ticks.map((_, i) => i),
        inside = order.filter((i) => i / most >= low - 0.01 && i / most <= high + 0.01);
      const at = inside.map((i) => indexAt(axis, i));
      return at.length ? {low: Math.min(...at), high: Math.max(...at)} : null;
    }
    return {low: axis.value(low), high: axis.value(high)};
  };
  const move = (event: MouseEvent) => {
    if (drag) {
      const r = range(drag.axis, drag.from, top(event));
      drawing.value = r && {name: drag.name, range: r};
      return;
    }
    const at = canvas.current!.getBoundingClientRect(),
      x = event.clientX - at.left,
      y = event.clientY - at.top;
    let best = -1,
      least = 8;
    const i = Math.max(0, Math.min(axes.length - 2, Math.floor((x - SIDE) / step))),
      t = (x - xs[i]) / step;
    const mask = shown.value;
    for (let row = 0; row < s.n; row++)
      if (mask[row]) {
        const far = Math.abs(ys[i][row] * (1 - t) + ys[i + 1][row] * t - y);
        if (far < least) {
          least = far;
          best = row;
        }
      }
    hovered.value = best < 0 ? -1 : Number(labelOf(best));
  };
  const release = (event: MouseEvent) => {
    if (!drag) return;
    const r = Math.abs(top(event) - drag.from) > 3 ? range(drag.axis, drag.from, top(event)) : null;
    setDrag(null);
    drawing.value = null;
    brush(drag.name, r);
  };
  const reorder = (name: string, by: number) => {
    const at = names.indexOf(name),
      to = Math.max(0, Math.min(names.length - 1, at + by)),
      next = [...names];
    next.splice(at, 1);
    next.splice(to, 0, name);
    show({ax: next.join(",")});
  };
  const rescale = (axis: Axis, name: string) => {
    if (axis.kind === "words") return;
    chosen.set(name, axis.kind === "log" ? "linear" : "log");
    show({scale: [...chosen].map((part) => part.join(":")).join(",")});
  };
  const failed = Array.from({length: s.n}, (_, row) => row).filter(
    (row) => stateOf(s, row) === "failed",
  ).length;
  const active = new Map(brushes.value);
  if (drawing.value) active.set(drawing.value.name, drawing.value.range);
  return (
    <section class="card">
      <header>
        <h2>Parallel coordinates</h2>
        <span class="muted">
          {count(shownCount.value)} of {count(s.n)} lines{failed ? ` · ${count(failed)} failed hidden` : ""}
        </span>
        <span class="spring" />
        <span class="muted wide">drag on an axis: brush · drag a name: order · click it: log</span>
        {where.value.query.ax && <button onClick={() => show({ax: ""})}>usual axes</button>}
      </header>
      <div class="parallel" ref={box}>
        <div
          class="chart"
          style={{height: HEIGHT + "px", width: full + "px"}}
          onMouseMove={move}
          onMouseUp={release}
          onMouseLeave={() => {
            hovered.value = -1;
          }}
        >
          <canvas
            ref={canvas}
            role="img"
            aria-label={`parallel coordinates of ${names.join(", ")}; the table below has the same values`}
          />
          <canvas ref={marks} aria-hidden="true" />
          <svg width={full} height={HEIGHT}>
            {axes.map((axis, i) => (
              <AxisView
                key={axis.column.name}
                axis={axis}
                x={xs[i]}
                range={active.get(axis.column.name)}
                last={i === axes.length - 1}
                down={(event) => {
                  event.preventDefault();
                  hovered.value = -1;
                  setDrag({name: axis.column.name, axis, from: top(event)});
                }}
                grab={() => setMoved(axis.column.name)}
                drop={(event) => {
                  if (moved !== axis.column.name) return;
                  setMoved(null);
                  const to =
                    Math.round((event.clientX - canvas.current!.getBoundingClientRect().left - SIDE) / step) -
                    i;
                  if (to) reorder(axis.column.name, to);
                  else rescale(axis, axis.column.name);
                }}
                key_={(event) => {
                  if (event.key === "Enter") rescale(axis, axis.column.name);
                  if (event.shiftKey && event.key === "ArrowLeft") {
                    event.preventDefault();
                    reorder(axis.column.name, -1);
                  }
                  if (event.shiftKey && event.key === "ArrowRight") {
                    event.preventDefault();
                    reorder(axis.column.name, 1);
                  }
                }}
              />
            ))}
            <text class="tick" x={2} y={bottom + RAIL + 4}>
              NaN
            </text>
            <text class="tick" x={2} y={bottom + LANES - 2}>
              not set
            </text>
          </svg>
        </div>
      </div>
    </section>
  );
}

function indexAt(axis: Axis, rank: number): number {
  const column: Column = axis.column;
  for (let at = 0; at < column.words!.length; at++)
    if (Math.round(axis.place(at) * axis.high) === rank) return at;
  return rank;
}

function AxisView({
  axis,
  x,
  range,
  last,
  down,
  grab,
  drop,
  key_,
}: {
  axis: Axis;
  x: number;
  range?: {low: number; high: number};
  last: boolean;
  down: (e: MouseEvent) => void;
  grab: () => void;
  drop: (e: MouseEvent) => void;
  key_: (e: KeyboardEvent) => void;
}) {
  const y = (value: number) => bottom - Math.max(0, Math.min(1, axis.place(value))) * (bottom - TOP);
  const name =
    axis.column.name === "objective" ? safe(sweep.value?.metric?.name ?? "objective") : axis.column.label;
  const cut = name.length > 14 ? name.slice(0, 13) + "…" : name;
  const places =
    range && axis.kind === "words"
      ? axis.column
          .words!.map((_, i) => i)
          .filter((i) => i >= range.low && i <= range.high)
          .map(y)
      : range
        ? [y(range.low), y(range.high)]
        : [];
  const pad = axis.kind === "words" ? 6 : 0,
    ticks =
      axis.ticks.length > 14
        ? axis.ticks.filter((_, i) => i % Math.ceil(axis.ticks.length / 14) === 0)
        : axis.ticks;
  return (
    <g>
      <line class="axis" x1={x} x2={x} y1={TOP} y2={bottom} />
      {ticks
        .filter((t) => t.at > -0.01 && t.at < 1.01)
        .map((t) => (
          <text
            class="tick"
            x={last ? x - 6 : x + 6}
            text-anchor={last ? "end" : "start"}
            y={bottom - t.at * (bottom - TOP) + 4}
          >
            {t.text.length > 12 ? t.text.slice(0, 11) + "…" : t.text}
          </text>
        ))}
      {places.length > 0 && (
        <rect
          class="brush"
          x={x - 7}
          width={14}
          y={Math.min(...places) - pad}
          height={Math.max(2, Math.max(...places) - Math.min(...places) + 2 * pad)}
        />
      )}
      <rect class="grip" x={x - 12} width={24} y={TOP - 4} height={bottom - TOP + 8} onMouseDown={down} />
      <text
        class="name"
        x={x}
        y={20}
        text-anchor="middle"
        tabindex={0}
        role="button"
        aria-label={`${name}: ${axis.kind}; Enter changes the scale, Shift with arrows the order`}
        onMouseDown={(e) => {
          e.preventDefault();
          grab();
        }}
        onMouseUp={drop}
        onKeyDown={key_}
      >
        <title>{axis.column.name}</title>
        {cut}
        {axis.kind === "log" ? " (log)" : ""}
      </text>
    </g>
  );
}
