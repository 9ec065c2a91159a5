// SPDX-License-Identifier: GPL-3.0-or-later
// The metric over two parameters: the controller's model as colours, hatched where no trial is near, and the trials on it.
import {useEffect, useMemo, useRef} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Chart, Twin} from "../base/chart";
import {canvasBegin, Choice, css, isDark, look, Missing, useWidth} from "../base/parts";
import {Axis, shade} from "../base/scale";
import {safe, short, word} from "../base/text";
import {show, where} from "../base/where";
import {axesDraw} from "./axes_draw";
import {Colouring} from "./colours";
import {orderOf, title} from "./fields";
import {atQuery, measured} from "./matters";
import {better} from "./measure";
import {sheet, sweep} from "./model";
import {hover, nearest, Point, pointOf, Rings, select, Tip} from "./points";
import {Rescale, scaleHere} from "./rescale";
import {axisWithin, beside, boundsOf, padOf} from "./slices";
import {Column, label, VALUE, valueOf} from "./sheet";

interface Grid {
  x: {name: string; scale: string; values: unknown[]};
  y: {name: string; scale: string; values: unknown[]};
  trials: number;
  missing: number;
  mean: (number | null)[][] | null;
  notes: string[];
}

const LEFT = 84,
  RIGHT = 12,
  TOP = 8,
  BOTTOM = 26,
  HEIGHT = 420,
  INNER = HEIGHT - TOP - BOTTOM,
  POINTS = 600;

// From a cell's value to its place on the axis of the page.
function cellPlaces(axis: Axis, values: unknown[]): number[] {
  const words = axis.column.words;
  return values.map((v) =>
    words
      ? axis.place(words.findIndex((w) => JSON.stringify(w) === JSON.stringify(v)))
      : axis.place(v as number),
  );
}

// The sides of the cells: half way between their centres.
function edges(places: number[]): number[] {
  const n = places.length;
  if (n < 2) return [0, 1];
  const between = places.slice(1).map((p, i) => (p + places[i]) / 2);
  return [2 * places[0] - between[0], ...between, 2 * places[n - 1] - between[n - 2]];
}

interface Frame {
  x: Axis;
  y: Axis;
  padX: number;
  padY: number;
  width: number;
}
const atX = (f: Frame, p: number): number =>
  LEFT + ((p + f.padX) / (1 + 2 * f.padX)) * (f.width - LEFT - RIGHT);
const atY = (f: Frame, p: number): number => TOP + INNER * (1 - (p + f.padY) / (1 + 2 * f.padY));

// A share of the trials is better than this value.
function rankOf(sorted: number[], value: number): number {
  let low = 0,
    high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (better(sorted[middle], value) < 0) low = middle + 1;
    else high = middle;
  }
  return low / Math.max(1, sorted.length - 1);
}

function hatchDraw(c: CanvasRenderingContext2D, width: number): void {
  c.save();
  c.beginPath();
  c.rect(LEFT, TOP, width - LEFT - RIGHT, INNER);
  c.clip();
  c.strokeStyle = css("line");
  c.lineWidth = 1;
  c.beginPath();
  for (let x = LEFT - INNER; x < width; x += 8) {
    c.moveTo(x, TOP + INNER);
    c.lineTo(x + INNER, TOP);
  }
  c.stroke();
  c.restore();
}

function cellsDraw(c: CanvasRenderingContext2D, f: Frame, grid: Grid, sorted: number[]): void {
  const xs = edges(cellPlaces(f.x, grid.x.values)).map((p) => atX(f, p)),
    ys = edges(cellPlaces(f.y, grid.y.values)).map((p) => atY(f, p)),
    dark = isDark();
  c.save();
  c.beginPath();
  c.rect(LEFT, TOP, f.width - LEFT - RIGHT, INNER);
  c.clip();
  grid.mean!.forEach((row, j) =>
    row.forEach((mean, i) => {
      if (mean === null || xs[i] !== xs[i] || ys[j] !== ys[j]) return;
      c.fillStyle = shade(rankOf(sorted, mean), 0, dark);
      c.fillRect(
        Math.min(xs[i], xs[i + 1]),
        Math.min(ys[j], ys[j + 1]),
        Math.abs(xs[i + 1] - xs[i]) + 0.6,
        Math.abs(ys[j + 1] - ys[j]) + 0.6,
      );
    }),
  );
  c.restore();
}

function twin(grid: Grid | null, metric: string): Twin {
  return {
    columns: [safe(grid?.x.name ?? "x"), safe(grid?.y.name ?? "y"), metric],
    rows: (grid?.mean ?? []).flatMap((row, j) =>
      row.map((mean, i) => [grid!.x.values[i] as string, grid!.y.values[j] as string, mean]),
    ),
  };
}

// names: of the parameters, the most important first. best: the rows that are compared and shown, the best first by y.
export function Surface({
  names,
  colours,
  best,
  y,
}: {
  names: string[];
  colours: Colouring;
  best: number[];
  y: Column;
}) {
  const s = sheet.value!,
    query = where.value.query,
    one = names.includes(query.spx ?? "") ? query.spx! : names[0],
    two = names.includes(query.spy ?? "") && query.spy !== one ? query.spy! : names.find((n) => n !== one)!,
    [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    finished = measured.value,
    step = finished < 40 ? finished : Math.round(Math.log(finished) / Math.log(1.05)), // asked again when it has grown
    id = sweep.value?.id;
  const p = (name: string) => encodeURIComponent(name.replace(/^params\./, "")),
    path = `sweeps/${id}/surface?x=${p(one)}&y=${p(two)}${atQuery.value}`,
    asked = useAnswer<Grid>(path, String(step), () => get(path)),
    grid = asked.wrong ? null : asked.own;
  const frame = useMemo((): Frame => {
    const axis = (name: string) =>
        axisWithin(
          s,
          s.columns.get(name)!,
          scaleHere(name),
          boundsOf(sweep.value?.spec, name),
          orderOf(name),
        ),
      [ax, ay] = [axis(one), axis(two)];
    return {
      x: ax,
      y: ay,
      padX: padOf(ax),
      padY: padOf(ay),
      width,
    };
  }, [s, one, two, width, query.scale]);
  const [xc, yc] = [frame.x.column, frame.y.column],
    has = (c: Column, row: number) => c.kinds[row] === VALUE,
    rows = useMemo(() => {
      const all = best.filter((row) => has(xc, row) && has(yc, row)),
        each = Math.ceil(all.length / POINTS);
      return all.filter((_, i) => i < 50 || i % each === 0);
    }, [best, xc, yc]),
    place = (row: number): Point => [
      atX(frame, frame.x.place(xc.values[row]) + beside(row, frame.padX)),
      atY(frame, frame.y.place(yc.values[row]) + beside(row * 7 + 3, frame.padY)),
    ];
  useEffect(() => {
    if (!width || !canvas.current) return;
    const c = canvasBegin(canvas.current, width, HEIGHT),
      grey = css("grey");
    hatchDraw(c, width);
    if (grid?.mean)
      cellsDraw(
        c,
        frame,
        grid,
        best.map((row) => y.values[row]),
      );
    axesDraw(
      c,
      {ticks: frame.x.ticks, at: (p) => atX(frame, p)},
      {ticks: frame.y.ticks, at: (p) => atY(frame, p)},
      [width, LEFT, LEFT, TOP + INNER],
    );
    c.strokeStyle = css("page");
    c.lineWidth = 1;
    for (let i = rows.length - 1; i >= 0; i--) {
      c.fillStyle = colours.of(rows[i]) || grey;
      c.beginPath();
      c.arc(...place(rows[i]), 3.2, 0, 7);
      c.fill();
      c.stroke();
    }
  }, [width, frame, grid, rows, colours, look.value]);
  const near = (event: MouseEvent) => nearest(rows, place, pointOf(event, canvas.current!));
  const choose = (which: "spx" | "spy", axis: Axis) => (
    <>
      <Choice
        name={which.slice(2)}
        value={axis.column.name}
        of={names}
        text={label}
        change={(value) => show({[which]: value})}
      />
      <Rescale axis={axis} />
    </>
  );
  const metric = title(y.name);
  return (
    <Chart
      id="surface"
      name={`${metric} over ${label(one)} and ${label(two)}`}
      twin={() => twin(grid, metric)}
      notes={!grid && !asked.wrong && <span class="muted">the model is computed …</span>}
      tools={
        <>
          {choose("spx", frame.x)}
          {choose("spy", frame.y)}
        </>
      }
    >
      <Missing of={asked} has={grid} />
      <div class="surface">
        <div
          class="chart"
          ref={box}
          style={{height: HEIGHT + "px"}}
          onPointerMove={(event) => hover(near(event))}
          onPointerLeave={() => hover(-1)}
          onClick={(event) => select(near(event))}
        >
          <canvas
            ref={canvas}
            role="img"
            aria-label={`${metric} over ${label(one)} and ${label(two)}, of ${rows.length} trials; the table has the model's values`}
          />
          <svg width={width} height={HEIGHT} aria-hidden="true">
            <Rings place={place} />
          </svg>
          <Tip
            place={place}
            width={width}
            text={(row) => `${short(y.values[row])} · ${word(valueOf(xc, row))}, ${word(valueOf(yc, row))}`}
          />
        </div>
        {grid?.notes.map((note) => (
          <p class="muted" key={note}>
            {safe(note)}
          </p>
        ))}
        {grid && !grid.mean && <p class="muted">The points are coloured by rank.</p>}
      </div>
    </Chart>
  );
}
