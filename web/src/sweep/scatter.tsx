// SPDX-License-Identifier: GPL-3.0-or-later
// Every trial's objective, and the best so far.
import {useEffect, useRef, useState} from "preact/hooks";
import {
  drawing,
  better,
  brush,
  colourBy,
  goal,
  hovered,
  labelOf,
  objective,
  selected,
  sheet,
  shown,
  shownCount,
  shownRows,
  sweep,
} from "./model";
import {Chart, Twin} from "../base/chart";
import {canvasBegin, css, isDark, useWidth} from "../base/parts";
import {Axis, axisOf, shade} from "../base/scale";
import {cell, Column, MISSING, NAN, Sheet, stateOf, VALUE} from "./sheet";
import {count, safe, short, span} from "../base/text";
import {show, where} from "../base/where";

const STEPS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400];
const LEFT = 62,
  RIGHT = 12,
  TOP = 20,
  BOTTOM = 24,
  HEIGHT = 260,
  RAIL = 14;

interface Drawn {
  x: Axis;
  y: Axis;
  xs: Float32Array;
  ys: Float32Array;
}

function xOf(s: Sheet, name: string): Column {
  return s.columns.get(name) ?? s.columns.get("number")!;
}

function xTicks(axis: Axis, name: string): {at: number; text: string}[] {
  if (name !== "started" && name !== "ended") return axis.ticks;
  const wide = axis.high - axis.low,
    step = STEPS.find((s) => s * 7 >= wide) ?? 86400 * Math.ceil(wide / 86400 / 7),
    ticks = [];
  for (let t = 0; t <= wide; t += step) ticks.push({at: t / wide, text: t ? "+" + span(t) : "0"});
  return ticks;
}

function measure(s: Sheet, y: Column, width: number, all: boolean): Drawn {
  const name = where.value.query.x ?? "started",
    xAxis = axisOf(s, xOf(s, name), false, false),
    yAxis = axisOf(s, y, where.value.query.y === "log", !all);
  const xs = new Float32Array(s.n),
    ys = new Float32Array(s.n),
    inner = HEIGHT - TOP - BOTTOM;
  for (let row = 0; row < s.n; row++) {
    const x = xAxis.column.kinds[row] === VALUE ? xAxis.place(xAxis.column.values[row]) : NaN;
    xs[row] = LEFT + x * (width - LEFT - RIGHT);
    const failed = stateOf(s, row) === "failed",
      kind = y.kinds[row];
    if (failed || kind === NAN || (kind === VALUE && Number.isNaN(yAxis.place(y.values[row]))))
      ys[row] = TOP - RAIL / 2; // on the rail
    else if (kind === MISSING) ys[row] = NaN;
    else ys[row] = TOP + inner * (1 - Math.max(0, Math.min(1, yAxis.place(y.values[row]))));
  }
  return {x: xAxis, y: yAxis, xs, ys};
}

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
  if (state === "failed") {
    c.fillText("×", x - 3, y + 4);
    return;
  }
  if (many && state !== "running") {
    c.fillRect(x - 1.5, y - 1.5, 3, 3);
    return;
  }
  c.beginPath();
  if (state === "stopped") {
    c.moveTo(x, y - 4);
    c.lineTo(x + 4, y);
    c.lineTo(x, y + 4);
    c.lineTo(x - 4, y);
    c.closePath();
    c.fill();
    return;
  }
  c.arc(x, y, 2.6, 0, 7);
  if (state === "running") c.stroke();
  else c.fill();
}

function draw(canvas: HTMLCanvasElement, width: number, s: Sheet, y: Column, d: Drawn): void {
  const c = canvasBegin(canvas, width, HEIGHT),
    inner = HEIGHT - TOP - BOTTOM,
    dark = isDark();
  c.font = "11px system-ui";
  c.fillStyle = css("muted");
  c.strokeStyle = css("line");
  c.lineWidth = 1;
  for (const tick of d.y.ticks) {
    if (tick.at < -0.001 || tick.at > 1.001) continue;
    const at = Math.round(TOP + inner * (1 - tick.at)) + 0.5;
    c.beginPath();
    c.moveTo(LEFT, at);
    c.lineTo(width - RIGHT, at);
    c.stroke();
    c.textAlign = "right";
    c.fillText(tick.text, LEFT - 6, at + 4);
  }
  c.textAlign = "center";
  for (const tick of xTicks(d.x, where.value.query.x ?? "started"))
    if (tick.at >= 0 && tick.at <= 1)
      c.fillText(
        tick.text,
        Math.max(LEFT + 20, Math.min(width - 40, LEFT + tick.at * (width - LEFT - RIGHT))),
        HEIGHT - 8,
      );
  c.textAlign = "right";
  c.fillText("failed, NaN", LEFT - 2, TOP - RAIL / 2 + 4);
  c.textAlign = "left";
  const mask = shown.value,
    palette = Object.fromEntries(
      ["pending", "running", "finished", "stopped", "failed"].map((n) => [n, css("s-" + n)]),
    );
  const by = colourBy.value === "state" ? null : s.columns.get(colourBy.value),
    shading = by && !by.words && colourBy.value !== "objective" ? axisOf(s, by, false, true) : null;
  const grey = css("grey");
  for (const lit of [0, 1])
    for (let row = 0; row < s.n; row++) {
      if (mask[row] !== lit || Number.isNaN(d.xs[row]) || Number.isNaN(d.ys[row])) continue;
      const state = stateOf(s, row),
        place = d.y.place(y.values[row]);
      c.fillStyle = c.strokeStyle = !lit
        ? grey
        : shading
          ? by!.kinds[row] === VALUE
            ? shade(shading.place(by!.values[row]), 0, dark)
            : grey
          : (palette[state] ?? palette.failed);
      c.globalAlpha = lit ? 0.85 : 0.5;
      pointDraw(
        c,
        d.xs[row],
        d.ys[row],
        state,
        state !== "failed" && y.kinds[row] !== NAN && (place > 1.0001 || place < -0.0001),
        s.n > 3000,
      );
    }
  c.globalAlpha = 1;
  stepDraw(c, s, y, d, width);
}

// What changes with each move of the mouse has a canvas of its own.
function marksDraw(canvas: HTMLCanvasElement, width: number, s: Sheet, d: Drawn): void {
  const c = canvasBegin(canvas, width, HEIGHT);
  for (const [number, colour] of [
    [selected.value, css("accent")],
    [hovered.value, css("text")],
  ] as const) {
    const row = number < 0 ? -1 : rowAt(s, number);
    if (row < 0 || Number.isNaN(d.ys[row])) continue;
    c.strokeStyle = colour;
    c.lineWidth = 2;
    c.beginPath();
    c.arc(d.xs[row], d.ys[row], 6, 0, 7);
    c.stroke();
  }
}

function rowAt(s: Sheet, number: number): number {
  const values = s.columns.get("number")!.values;
  return values[number] === number ? number : values.indexOf(number);
}

function stepDraw(c: CanvasRenderingContext2D, s: Sheet, y: Column, d: Drawn, width: number): void {
  const order: number[] = [];
  for (let row = 0; row < s.n; row++)
    if (y.kinds[row] === VALUE && stateOf(s, row) !== "failed" && !Number.isNaN(d.xs[row])) order.push(row);
  order.sort((a, b) => d.xs[a] - d.xs[b]);
  if (!order.length) return;
  let best = order[0];
  c.strokeStyle = css("text");
  c.lineWidth = 1.5;
  c.beginPath();
  c.moveTo(d.xs[best], d.ys[best]);
  for (const row of order)
    if (better(y.values[row], y.values[best]) < 0) {
      c.lineTo(d.xs[row], d.ys[best]);
      c.lineTo(d.xs[row], d.ys[row]);
      best = row;
    }
  c.lineTo(width - RIGHT, d.ys[best]);
  c.stroke();
}

export function Scatter() {
  const [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    marks = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<Drawn | null>(null),
    [drag, setDrag] = useState<[number, number] | null>(null);
  const s = sheet.value!,
    y = objective.value,
    all = where.value.query.range === "all",
    query = where.value.query;
  useEffect(() => {
    if (!width || !y || !canvas.current) return;
    drawn.current = measure(s, y, width, all);
    draw(canvas.current, width, s, y, drawn.current);
  }, [width, s, y, all, query.x, query.y, query.c, shown.value, document.documentElement.dataset.theme]);
  useEffect(() => {
    if (drawn.current && marks.current) marksDraw(marks.current, width, s, drawn.current);
  }, [width, s, y, all, query.x, query.y, query.sel, hovered.value]);
  if (!y)
    return (
      <section class="card">
        <h2>Best so far</h2>
        <p class="muted">No trial has reported {sweep.value?.metric?.name ?? "a metric"} yet.</p>
      </section>
    );
  const near = (event: MouseEvent): number => {
    const at = canvas.current!.getBoundingClientRect(),
      x = event.clientX - at.left,
      yy = event.clientY - at.top,
      d = drawn.current;
    let best = -1,
      least = 144;
    const mask = shown.value;
    for (let row = 0; d && row < s.n; row++) {
      const far = (d.xs[row] - x) ** 2 + (d.ys[row] - yy) ** 2;
      if (far < least && mask[row]) {
        least = far;
        best = row;
      }
    }
    return best;
  };
  const left = (event: MouseEvent) => event.clientX - canvas.current!.getBoundingClientRect().left;
  const value = (x: number) =>
    drawn.current!.x.value(Math.max(0, Math.min(1, (x - LEFT) / (width - LEFT - RIGHT))));
  const release = (event: MouseEvent) => {
    if (!drag) return;
    const [from, to] = [drag[0], left(event)];
    setDrag(null);
    drawing.value = null;
    if (Math.abs(to - from) > 6)
      brush(drawn.current!.x.column.name, {low: value(Math.min(from, to)), high: value(Math.max(from, to))});
    else {
      const row = near(event);
      show({sel: row < 0 ? "" : labelOf(row)});
    }
  };
  const row = hovered.value >= 0 ? rowAt(s, hovered.value) : -1,
    d = drawn.current;
  const name = safe(sweep.value?.metric?.name ?? "objective");
  return (
    <Chart
      id="best"
      name={`Best so far: ${name} ${goal.value === "maximize" ? "↑" : "↓"}`}
      twin={() => twin(s, y)}
      notes={
        <>
          <span class="muted">
            {count(shownCount.value)} of {count(s.n)} shown
          </span>
          {!!d?.y.cut && (
            <button onClick={() => show({range: all ? "" : "all"})}>{count(d.y.cut)} outside ▲ · show</button>
          )}
          {all && <button onClick={() => show({range: ""})}>usual range</button>}
        </>
      }
      tools={
        <>
          <label>
            x{" "}
            <select
              value={query.x ?? "started"}
              onChange={(e) => show({x: e.currentTarget.value === "started" ? "" : e.currentTarget.value})}
            >
              {["started", "ended", "number", "duration"].map((n) => (
                <option>{n}</option>
              ))}
            </select>
          </label>
          <label>
            <input
              type="checkbox"
              checked={query.y === "log"}
              onChange={(e) => show({y: e.currentTarget.checked ? "log" : ""})}
            />{" "}
            log
          </label>
        </>
      }
    >
      <div
        class="chart"
        ref={box}
        style={{height: HEIGHT + "px"}}
        onMouseMove={(event) => {
          if (drag) {
            setDrag([drag[0], left(event)]);
            drawing.value = {
              name: drawn.current!.x.column.name,
              range: {
                low: value(Math.min(drag[0], left(event))),
                high: value(Math.max(drag[0], left(event))),
              },
            };
            return;
          }
          const at = near(event);
          hovered.value = at < 0 ? -1 : s.columns.get("number")!.values[at];
        }}
        onMouseLeave={() => {
          hovered.value = -1;
        }}
        onMouseDown={(event) => {
          event.preventDefault();
          hovered.value = -1;
          setDrag([left(event), left(event)]);
        }}
        onMouseUp={release}
      >
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${name} of ${s.n} trials; best ${y && bestText(s, y)}; the table below has the same values`}
        />
        <canvas ref={marks} aria-hidden="true" />
        {drag && (
          <svg width={width} height={HEIGHT}>
            <rect
              class="brush"
              x={Math.min(...drag)}
              y={TOP}
              width={Math.abs(drag[1] - drag[0])}
              height={HEIGHT - TOP - BOTTOM}
            />
          </svg>
        )}
        {row >= 0 && d && !Number.isNaN(d.ys[row]) && (
          <div
            class="tip"
            style={{
              left: Math.min(d.xs[row] + 10, width - 220) + "px",
              top: Math.max(0, d.ys[row] - 30) + "px",
            }}
          >
            {labelOf(row)} · {stateOf(s, row)} · {cell(y, row)}
          </div>
        )}
      </div>
    </Chart>
  );
}

function twin(s: Sheet, y: Column): Twin {
  const x = xOf(s, where.value.query.x ?? "started"),
    value = (column: Column, row: number) => (column.kinds[row] === MISSING ? null : column.values[row]);
  return {
    columns: ["trial", "state", x.name, safe(sweep.value?.metric?.name ?? "objective")],
    rows: shownRows().map((row) => [Number(labelOf(row)), stateOf(s, row), value(x, row), value(y, row)]),
  };
}

function bestText(s: Sheet, y: Column): string {
  let best = NaN;
  for (let row = 0; row < s.n; row++)
    if (y.kinds[row] === VALUE && (Number.isNaN(best) || better(y.values[row], best) < 0))
      best = y.values[row];
  return short(best);
}
