// SPDX-License-Identifier: GPL-3.0-or-later
// The space of a sweep: the metric over each parameter, and over two of them.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {Chart, Twin} from "../base/chart";
import {canvasBegin, css, look, useWidth} from "../base/parts";
import {Axis} from "../base/scale";
import {count, short} from "../base/text";
import {listed, show, where} from "../base/where";
import {Card} from "../base/card";
import {basis, byImportance} from "./matters";
import {axesDraw} from "./axes_draw";
import {brush, brushes, drawing} from "./brush";
import {colouring, Colouring} from "./colours";
import {axis as axisNew, orderOf, title, varying} from "./fields";
import {better, measureName, objective, rungOf} from "./measure";
import {sheet, sweep} from "./model";
import {Brushed, diamondDraw, grabbed, hover, nearest, Point, pointOf, Rings, select} from "./points";
import {Rescale, scaleHere} from "./rescale";
import {shown, shownRows} from "./subset";
import {Legend, Shown} from "./shown";
import {axisWithin, beside, boundsOf, Slice, sliceOf} from "./slices";
import {Column, label, Sheet, stateOf, VALUE} from "./sheet";
import "./space.css";
import {Surface} from "./surface";

const MOST = 12, // slices at first
  POINTS = 1500, // of one slice
  BEST = 300; // of these
const LEFT = 56,
  RIGHT = 10,
  TOP = 8,
  BOTTOM = 22,
  HEIGHT = 190,
  INNER = HEIGHT - TOP - BOTTOM;

// The parameters that vary, the most important first; one that the address names is the first of all.
function spaceNames(): string[] {
  const all = byImportance(varying.value.map((c) => c.name)),
    chosen = listed(where.value.query.sp).filter((name) => all.includes(name));
  return [...chosen, ...all.filter((name) => !chosen.includes(name))];
}

// At most so many rows: the best, and an even choice of the others.
export function thinned(best: number[], most: number): number[] {
  if (best.length <= most) return best;
  const rest = best.slice(BEST),
    step = rest.length / (most - BEST);
  return [...best.slice(0, BEST), ...Array.from({length: most - BEST}, (_, i) => rest[Math.floor(i * step)])];
}

const atX = (slice: Slice, p: number, width: number): number =>
  LEFT + ((p + slice.pad) / (1 + 2 * slice.pad)) * (width - LEFT - RIGHT);

function placeOf(slice: Slice, y: Axis, width: number): (row: number) => Point {
  const x = slice.axis.column,
    up = (v: number) => TOP + INNER * (1 - Math.max(0, Math.min(1, y.place(v))));
  return (row) => [
    atX(slice, slice.axis.place(x.values[row]) + beside(row, Math.min(slice.pad, 0.04)), width),
    up(y.column.values[row]),
  ];
}

function bandDraw(c: CanvasRenderingContext2D, slice: Slice, y: Axis, width: number): void {
  const at = (p: number) => atX(slice, p, width),
    up = (v: number) => TOP + INNER * (1 - Math.max(0, Math.min(1, y.place(v))));
  for (const bin of slice.bins) {
    c.fillStyle = css("accent");
    c.globalAlpha = 0.22;
    c.fillRect(
      at(bin.from),
      up(bin.high),
      at(bin.to) - at(bin.from),
      Math.max(1, up(bin.low) - up(bin.high)),
    );
    c.globalAlpha = 1;
    c.fillRect(at(bin.from), up(bin.median) - 1, at(bin.to) - at(bin.from), 2);
  }
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  s: Sheet,
  slice: Slice,
  y: Axis,
  rows: number[],
  colours: Colouring,
): void {
  const c = canvasBegin(canvas, width, HEIGHT),
    place = placeOf(slice, y, width);
  axesDraw(
    c,
    {ticks: slice.axis.ticks, at: (p) => atX(slice, p, width)},
    {ticks: y.ticks, at: (p) => TOP + INNER * (1 - p)},
    [width, LEFT, width - RIGHT, TOP + INNER],
  );
  c.strokeStyle = css("muted");
  c.setLineDash([4, 3]);
  for (const bound of slice.bounds) {
    const x = Math.round(atX(slice, slice.axis.place(bound), width)) + 0.5;
    c.beginPath();
    c.moveTo(x, TOP);
    c.lineTo(x, TOP + INNER);
    c.stroke();
  }
  c.setLineDash([]);
  const grey = css("grey");
  c.globalAlpha = rows.length > 500 ? 0.6 : 0.85;
  for (let i = rows.length - 1; i >= 0; i--) {
    c.fillStyle = colours.of(rows[i]) || grey;
    const [px, py] = place(rows[i]);
    if (stateOf(s, rows[i]) === "stopped") diamondDraw(c, px, py, 3);
    else c.fillRect(px - 1.5, py - 1.5, 3, 3);
  }
  c.globalAlpha = 1;
  bandDraw(c, slice, y, width);
}

function SliceView({
  s,
  column,
  y,
  rows,
  best,
  finished,
  colours,
  chosen,
}: {
  s: Sheet;
  column: Column;
  y: Axis;
  rows: number[]; // with a value of the metric
  best: number[]; // the same, the best first
  finished: number[]; // of these those that are compared: the finished ones, or at a rung all
  colours: Colouring;
  chosen: boolean;
}) {
  const [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    [drag, setDrag] = useState<[number, number] | null>(null),
    spec = sweep.value?.spec;
  const slice = useMemo(() => {
    const bounds = boundsOf(spec, column.name),
      x = axisWithin(s, column, scaleHere(column.name), bounds, orderOf(column.name));
    return sliceOf(x, bounds, rows, finished, y.column);
  }, [s, column, rows, spec, y, scaleHere(column.name)]);
  const drawn = useMemo(() => {
    const has = new Set(slice.rows);
    return thinned(
      best.filter((row) => has.has(row)),
      POINTS,
    );
  }, [slice]);
  useEffect(() => {
    if (width && canvas.current) draw(canvas.current, width, s, slice, y, drawn, colours);
  }, [width, slice, drawn, y, colours, look.value]);
  const place = placeOf(slice, y, width),
    at = (event: MouseEvent) => pointOf(event, canvas.current!),
    near = (event: MouseEvent) => nearest(drawn, place, at(event)),
    value = (x: number) => slice.axis.value(Math.max(0, Math.min(1, (x - LEFT) / (width - LEFT - RIGHT)))),
    range = ([a, b]: [number, number]) => ({
      ranges: [{low: value(Math.min(a, b)), high: value(Math.max(a, b))}],
      words: null,
      not: false,
    }),
    brushed = brushes.value.get(column.name)?.ranges ?? [];
  const name = label(column.name);
  return (
    <div class={"slice" + (chosen ? " here" : "")}>
      <h3>
        <span title={column.name}>{name}</span>
        <Rescale axis={slice.axis} />
        {slice.missing > 0 && <span class="muted">{count(slice.missing)} not set</span>}
      </h3>
      <div
        class="chart"
        ref={box}
        style={{height: HEIGHT + "px"}}
        onPointerMove={(event) => {
          if (!drag) {
            hover(near(event));
            return;
          }
          setDrag([drag[0], at(event)[0]]);
          if (Math.abs(drag[0] - at(event)[0]) > 4)
            drawing.value = new Map([[column.name, range([drag[0], at(event)[0]])]]);
        }}
        onPointerLeave={() => hover(-1)}
        onPointerDown={(event) => {
          if (grabbed(event)) setDrag([at(event)[0], at(event)[0]]);
        }}
        onPointerUp={(event) => {
          if (!drag) return;
          const moved = Math.abs(drag[0] - at(event)[0]) > 4;
          setDrag(null);
          drawing.value = null;
          if (moved && !column.words) brush(column.name, range([drag[0], at(event)[0]]));
          else select(near(event));
        }}
      >
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${title(y.column.name)} over ${name}: ${slice.bins
            .map((b) => `${binName(slice.axis, b.from, b.to)} median ${short(b.median)}`)
            .join(", ")}`}
        />
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {brushed.map((r) => {
            const [a, b] = [r.low, r.high].map((v) =>
              atX(slice, Math.max(0, Math.min(1, slice.axis.place(v))), width),
            );
            return <Brushed from={[a, TOP]} to={[Math.max(a + 2, b), TOP + INNER]} />;
          })}
          {drag && <Brushed from={[drag[0], TOP]} to={[drag[1], TOP + INNER]} />}
          <Rings place={place} />
        </svg>
      </div>
      {slice.edge && <p>{slice.edge}</p>}
    </div>
  );
}

const binName = (axis: Axis, from: number, to: number): string =>
  axis.kind === "words"
    ? (axis.ticks.find((t) => Math.abs(t.at - (from + to) / 2) < 1e-9)?.text ?? "")
    : `${short(axis.value(from))} to ${short(axis.value(to))}`;

function slicesTwin(s: Sheet, names: string[], rows: number[], finished: number[], y: Column): Twin {
  const spec = sweep.value?.spec;
  return {
    columns: ["parameter", "from", "to", "value", "trials", "low quartile", "median", "high quartile"],
    rows: names.flatMap((name) => {
      const bounds = boundsOf(spec, name),
        x = axisWithin(s, s.columns.get(name)!, scaleHere(name), bounds, orderOf(name));
      return sliceOf(x, bounds, rows, finished, y).bins.map((b) => [
        label(name),
        x.kind === "words" ? null : x.value(b.from),
        x.kind === "words" ? null : x.value(b.to),
        x.kind === "words" ? binName(x, b.from, b.to) : null,
        b.n,
        b.low,
        b.median,
        b.high,
      ]);
    }),
  };
}

export function Space() {
  const s = sheet.value!,
    rung = basis.value,
    y = rung ?? objective.value,
    names = spaceNames(),
    all = where.value.query.spn === "all",
    few = all ? names : names.slice(0, MOST),
    chosen = listed(where.value.query.sp);
  const colours = useMemo(
      () => colouring(s, css, y?.name ?? measureName.value),
      [s, where.value.query.c, y?.name, look.value],
    ),
    yAxis = useMemo(
      () => (y ? axisNew(s, y.name, scaleHere(y.name), true) : null),
      [s, y, where.value.query.scale],
    ),
    rows = useMemo(
      () => shownRows().filter((row) => y?.kinds[row] === VALUE && (rung || stateOf(s, row) !== "failed")),
      [s, y, shown.value],
    ),
    below = rows.filter((row) => Number.isNaN(yAxis!.place(y!.values[row]))).length,
    best = useMemo(() => [...rows].sort((a, b) => better(y!.values[a], y!.values[b])), [rows]),
    finished = useMemo(() => (rung ? best : best.filter((row) => stateOf(s, row) === "finished")), [best]);
  if (!y || !yAxis || !names.length)
    return (
      <Card name="Slices">
        <p class="muted">
          {names.length
            ? `No trial has reported ${sweep.value?.metric?.name ?? "a metric"} yet.`
            : "No parameter of this sweep varies."}
        </p>
      </Card>
    );
  return (
    <>
      <Chart
        id="slices"
        name={`${title(y.name)} over each parameter`}
        twin={() => slicesTwin(s, few, rows, finished, y)}
        notes={
          <>
            <Shown needs={y} failed={rung ? undefined : "failed left out"} />
            {below > 0 && <span class="muted">{count(below)} not above 0 not drawn</span>}
            {rows.length > POINTS && <span class="muted">{count(POINTS)} points drawn of each</span>}
          </>
        }
        tools={
          <>
            <Rescale axis={yAxis} word={title(y.name)} />
            {names.length > MOST && (
              <button onClick={() => show({spn: all ? "" : "all"})}>
                {all ? `the first ${MOST}` : `all ${count(names.length)} parameters`}
              </button>
            )}
          </>
        }
      >
        <div class="slices">
          {few.map((name) => (
            <SliceView
              key={name}
              s={s}
              column={s.columns.get(name)!}
              y={yAxis}
              rows={rows}
              best={best}
              finished={finished}
              colours={colours}
              chosen={chosen.includes(name)}
            />
          ))}
        </div>
        <p class="muted">
          Line and band: median and quartiles of the{" "}
          {rung ? `trials shown at iteration ${rungOf(rung)}` : "finished trials shown"}. Dashed: the bounds
          of the sweep's file.
        </p>
        <Legend colouring={colours} of={y} marks={{stopped: "◆"}} />
      </Chart>
      {names.length > 1 && <Surface names={names} colours={colours} best={finished} y={y} />}
    </>
  );
}
