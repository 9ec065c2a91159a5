// SPDX-License-Identifier: GPL-3.0-or-later
// Every trial's objective, and the best so far.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Chart, Twin} from "../base/chart";
import {canvasBegin, Choice, css, look, useDraw, useWidth} from "../base/parts";
import {Axis, axisOf, Scale, SCALES} from "../base/scale";
import {cell, Column, columnNew, MISSING, plain, Sheet, stateOf, VALUE} from "./sheet";
import {count, short, span} from "../base/text";
import {show, where} from "../base/where";
import {Brush, brushSeveral, drawing} from "./brush";
import {colouring, Colouring} from "./colours";
import {robustOf, title, XS} from "./fields";
import {hovered, selected} from "./marked";
import {BEST, DENSE, densityDraw} from "./density";
import {bestRow, better, measureName, objective, ranked} from "./measure";
import {labelOf, rowOfTrial, sheet, specText, sweep} from "./model";
import {meanOf, repeats} from "./repeats";
import {front} from "./objectives";
import {shown, shownCount, shownRows} from "./subset";
import {Legend, Shown} from "./shown";

const STEPS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400];
const LEFT = 72,
  RIGHT = 12,
  TOP = 34,
  BOTTOM = 24,
  HEIGHT = 274,
  RAIL = 12; // where those without a number are
const PAD = 8, // of the range, so that the best is not cut
  FLOOR = HEIGHT - BOTTOM - PAD,
  INNER = FLOOR - TOP - PAD;

const X_NAMES: Record<string, string> = {started: "start", ended: "end", spent: "hours spent"};

// A best so far: where it was known, and the noise of those that its seeds repeat.
interface Step {
  row: number;
  x: number;
  mean: number;
  sd: number; // NaN: none does
}
interface Drawn {
  x: Axis;
  y: Axis;
  xs: Float32Array;
  ys: Float32Array;
  steps: Step[];
}

// The slot-hours that all trials had used when this one ended.
function spentOf(s: Sheet): Column {
  const found = columnNew("spent", null, s.n),
    ended = s.columns.get("ended"),
    took = s.columns.get("duration"),
    order: number[] = [];
  for (let row = 0; row < s.n; row++)
    if (ended?.kinds[row] === VALUE && took?.kinds[row] === VALUE) order.push(row);
  let sum = 0;
  for (const row of order.sort((a, b) => ended!.values[a] - ended!.values[b])) {
    found.kinds[row] = VALUE;
    found.values[row] = sum += took!.values[row] / 3600;
  }
  return found;
}

const xName = (): string => (XS.includes(where.value.query.x) ? where.value.query.x : XS[0]);
const xOf = (s: Sheet): Column =>
  xName() === "spent" ? spentOf(s) : (s.columns.get(xName()) ?? s.columns.get("number")!);

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

function measure(s: Sheet, y: Column, width: number, scale: Scale, all: boolean): Drawn {
  const xAxis = axisOf(s, xOf(s), false, false),
    yAxis = axisOf(s, y, scale, !all && robustOf(y.name)),
    xs = new Float32Array(s.n).fill(NaN),
    ys = new Float32Array(s.n).fill(NaN),
    state = s.columns.get("state"),
    failed = state?.words?.indexOf("failed") ?? -1;
  for (let row = 0; row < s.n; row++) {
    const x = xAxis.column;
    if (x.kinds[row] === VALUE) xs[row] = LEFT + xAxis.place(x.values[row]) * (width - LEFT - RIGHT);
    else if (x.name === "ended") xs[row] = width - RIGHT; // it runs: now
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

function axesDraw(c: CanvasRenderingContext2D, width: number, d: Drawn, edits: Edit[]): void {
  c.font = "11px system-ui";
  c.fillStyle = css("muted");
  c.strokeStyle = css("line");
  c.lineWidth = 1;
  c.textAlign = "right";
  for (const tick of d.y.ticks) {
    if (tick.at < -0.001 || tick.at > 1.001) continue;
    const at = Math.round(FLOOR - INNER * tick.at) + 0.5;
    c.beginPath();
    c.moveTo(LEFT, at);
    c.lineTo(width - RIGHT, at);
    c.stroke();
    c.fillText(tick.text, LEFT - 6, at + 4);
  }
  if (d.ys.includes(RAIL)) c.fillText("failed, NaN", LEFT - 6, RAIL + 4);
  c.textAlign = "center";
  let free = 0; // where the last text ends: one that would lie over it is left out
  for (const tick of xTicks(d.x)) {
    const half = c.measureText(tick.text).width / 2,
      at = Math.min(width - half, LEFT + tick.at * (width - LEFT - RIGHT));
    if (!(tick.at >= 0 && tick.at <= 1) || at - half < free) continue;
    c.fillText(tick.text, at, HEIGHT - 8);
    free = at + half + 6;
  }
  // Since when another version of the sweep's file holds.
  c.setLineDash([3, 3]);
  c.strokeStyle = css("muted");
  c.textAlign = "left";
  for (const [i, {time}] of d.x.column.name === "started" || d.x.column.name === "ended"
    ? edits.entries()
    : []) {
    const x = LEFT + d.x.place(time) * (width - LEFT - RIGHT);
    if (!(x >= LEFT && x <= width - RIGHT)) continue;
    c.beginPath();
    c.moveTo(x, TOP - 6);
    c.lineTo(x, HEIGHT - BOTTOM);
    c.stroke();
    c.fillText(`edit ${i + 1}`, Math.min(x + 3, width - 44), TOP - 2);
  }
  c.setLineDash([]);
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  s: Sheet,
  y: Column,
  d: Drawn,
  colours: Colouring,
  edits: Edit[],
): void {
  const c = canvasBegin(canvas, width, HEIGHT);
  axesDraw(c, width, d, edits);
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
function marksDraw(canvas: HTMLCanvasElement, width: number, d: Drawn): void {
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

interface Edit {
  time: number;
}
const NONE: Edit[] = [];

// When the sweep's file was edited while it ran.
function useEdits(): Edit[] {
  const path = `sweeps/${sweep.value.id}/explain?kind=edit`;
  return useAnswer<{entries: Edit[]}>(path, specText.value, () => get(path)).answer?.entries ?? NONE;
}

type Point = [number, number];

// The brushes that a rectangle is; one side of it that is short is not meant.
function rectangle(d: Drawn, y: Column, s: Sheet, width: number, [a, b]: [Point, Point]): Map<string, Brush> {
  const found = new Map<string, Brush>(),
    put = (name: string, axis: Axis, p: number, q: number, column: Column) => {
      const [one, two] = [p, q].map((at) => Math.max(0, Math.min(1, at))),
        range = {low: axis.value(Math.min(one, two)), high: axis.value(Math.max(one, two))};
      // Those that are drawn at its ends are in it.
      if (Math.max(p, q) >= 1) range.high = column.values.reduce((m, v) => (v > m ? v : m), range.high);
      if (Math.min(p, q) <= 0) range.low = column.values.reduce((m, v) => (v < m ? v : m), range.low);
      found.set(name, {ranges: [range], words: null, not: false});
    };
  const x = (at: number) => (at - LEFT) / (width - LEFT - RIGHT),
    up = (at: number) => (FLOOR - at) / INNER;
  if (Math.abs(a[0] - b[0]) > 6) {
    if (d.x.column.name === "spent") {
      // It grows with the end of a trial, which a filter knows.
      const ended = s.columns.get("ended")!,
        [low, high] = [a[0], b[0]].sort((p, q) => p - q),
        inside: number[] = [];
      for (let row = 0; row < s.n; row++)
        if (d.xs[row] >= low && d.xs[row] <= high) inside.push(ended.values[row]);
      inside.sort((p, q) => p - q);
      if (inside.length)
        found.set("ended", {
          ranges: [{low: inside[0], high: inside[inside.length - 1]}],
          words: null,
          not: false,
        });
    } else put(d.x.column.name, d.x, x(a[0]), x(b[0]), d.x.column);
  }
  if (Math.abs(a[1] - b[1]) > 6) put(y.name, d.y, up(a[1]), up(b[1]), y);
  return found;
}

export function Scatter() {
  const [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    marks = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<[Point, Point] | null>(null);
  const edits = useEdits();
  const s = sheet.value!,
    y = objective.value,
    query = where.value.query,
    all = query.range === "all",
    scale: Scale = SCALES.includes(query.y as Scale) ? (query.y as Scale) : "linear",
    colours = useMemo(() => colouring(s, css, "state"), [s, query.c, query.r, look.value, sweep.value]);
  const d = useMemo(
    () => (width && y ? measure(s, y, width, scale, all) : null),
    [width, s, y, all, query.x, scale],
  );
  const best = bestRow.value,
    noisy = useMemo(() => best !== undefined && repeats(s, best).length > 1, [s, y, best]);
  const pointsDraw = () => {
    if (d && canvas.current) draw(canvas.current, width, s, y!, d, colours, edits);
  };
  useDraw(pointsDraw, s, [d, colours, shown.value, edits]);
  useEffect(() => {
    if (d && marks.current) marksDraw(marks.current, width, d);
  }, [d, query.sel, hovered.value, look.value]);
  if (!y || !d || !width) {
    return (
      <section class="card">
        <h2>Best so far</h2>
        {y ? (
          <div class="chart skeleton" ref={box} style={{height: HEIGHT + "px"}} />
        ) : (
          <p class="muted">No trial has reported {sweep.value?.metric?.name ?? "a metric"} yet.</p>
        )}
      </section>
    );
  }
  const at = (event: MouseEvent): Point => {
    const r = canvas.current!.getBoundingClientRect();
    return [event.clientX - r.left, event.clientY - r.top];
  };
  const near = ([x, yy]: Point): number => {
    let best = -1,
      least = 144;
    const mask = shown.value;
    for (let row = 0; row < s.n; row++) {
      const far = (d.xs[row] - x) ** 2 + (d.ys[row] - yy) ** 2;
      if (far < least && mask[row]) {
        least = far;
        best = row;
      }
    }
    return best;
  };
  const release = (event: PointerEvent) => {
    if (!drag) return;
    const found = rectangle(d, y, s, width, [drag[0], at(event)]);
    setDrag(null);
    drawing.value = null;
    if (found.size) brushSeveral(found);
    else {
      const row = near(at(event));
      show({sel: row < 0 ? "" : labelOf(row)});
    }
  };
  const row = hovered.value >= 0 ? rowOfTrial(hovered.value) : -1,
    name = title(measureName.value) + (front.value ? " alone" : ""),
    side = (i: 0 | 1): [number, number, boolean] => {
      const [p, q] = [drag![0][i], drag![1][i]];
      return [Math.min(p, q), Math.abs(p - q), Math.abs(p - q) > 6];
    };
  const [boxX, boxW, wide] = drag ? side(0) : [0, 0, false],
    [boxY, boxH, high] = drag ? side(1) : [0, 0, false];
  return (
    <Chart
      id="best"
      name={`Best so far: ${name}`}
      twin={() => twin(s, y, d.x.column)}
      notes={
        <>
          <Shown needs={y} />
          {shownCount.value > DENSE && (
            <span class="muted">
              density of {count(shownCount.value)} trials, the {count(BEST)} best as points
            </span>
          )}
          {noisy && <span class="muted">shade: mean ± sd of the best's seeds</span>}
          {!!d.y.cut && (
            <button onClick={() => show({range: all ? "" : "all"})}>{count(d.y.cut)} outside ▲ · show</button>
          )}
          {all && <button onClick={() => show({range: ""})}>usual range</button>}
        </>
      }
      tools={
        <>
          <Choice
            name="x"
            value={xName()}
            of={XS}
            text={(n) => X_NAMES[n] ?? n}
            usual={XS[0]}
            change={(value) => show({x: value})}
          />
          <Choice name="y" value={scale} of={SCALES} usual="linear" change={(value) => show({y: value})} />
        </>
      }
    >
      <div
        class="chart"
        ref={box}
        style={{height: HEIGHT + "px"}}
        onPointerMove={(event) => {
          if (drag) {
            const now: [Point, Point] = [drag[0], at(event)],
              found = rectangle(d, y, s, width, now);
            setDrag(now);
            drawing.value = found.size ? found : null;
            return;
          }
          const near_ = near(at(event));
          hovered.value = near_ < 0 ? -1 : s.columns.get("number")!.values[near_];
        }}
        onPointerLeave={() => {
          hovered.value = -1;
        }}
        onPointerDown={(event) => {
          if (event.button || event.pointerType === "touch") return;
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          hovered.value = -1;
          setDrag([at(event), at(event)]);
        }}
        onPointerUp={release}
      >
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${name} of ${s.n} trials; best ${best === undefined ? "NaN" : short(y.values[best])}; the table has the same values`}
        />
        <canvas ref={marks} aria-hidden="true" />
        {(wide || high) && (
          <svg width={width} height={HEIGHT}>
            <rect
              class="brush"
              x={wide ? boxX : LEFT}
              y={high ? boxY : TOP}
              width={wide ? boxW : width - LEFT - RIGHT}
              height={high ? boxH : HEIGHT - TOP - BOTTOM}
            />
          </svg>
        )}
        {row >= 0 && d.ys[row] === d.ys[row] && (
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
      <Legend colouring={colours} />
    </Chart>
  );
}

function twin(s: Sheet, y: Column, x: Column): Twin {
  return {
    columns: ["trial", "state", x.name, title(y.name)],
    rows: shownRows().map((row) => [Number(labelOf(row)), stateOf(s, row), plain(x, row), plain(y, row)]),
  };
}
