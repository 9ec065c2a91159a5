// SPDX-License-Identifier: GPL-3.0-or-later
// Every trial's objective, and the best so far.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Chart, Twin} from "../base/chart";
import {Choice, css, look, useDraw, useWidth} from "../base/parts";
import {Axis, Scale, SCALES} from "../base/scale";
import {cell, Column, plain, Sheet, stateOf} from "./sheet";
import {count, short} from "../base/text";
import {show, where} from "../base/where";
import {Card} from "../base/card";
import {Brush, brushSeveral, drawing} from "./brush";
import {colouring} from "./colours";
import {title, XS} from "./fields";
import {BEST, DENSE} from "./density";
import {bestRow, measureName, objective} from "./measure";
import {labelOf, sheet, specText, sweep} from "./model";
import {hovered} from "./marked";
import {Brushed, grabbed, hover, nearest, Point, pointOf, select, Tip} from "./points";
import {repeats} from "./repeats";
import {front} from "./objectives";
import {
  BOTTOM,
  Drawn,
  Edit,
  FLOOR,
  HEIGHT,
  INNER,
  LEFT,
  MARKS,
  marksDraw,
  placed,
  pointsDraw,
  RIGHT,
  TOP,
  xName,
} from "./scatter_draw";
import {SO_FAR} from "./so_far";
import {shown, shownCount, shownRows} from "./subset";
import {Legend, Shown} from "./shown";

const X_NAMES: Record<string, string> = {
  order: "trials ended",
  ended: "end",
  started: "start",
  spent: "hours spent",
};

const NONE: Edit[] = [];

// When the sweep's file was edited while it ran.
function useEdits(): Edit[] {
  const path = `sweeps/${sweep.value.id}/explain?kind=edit`;
  return useAnswer<{entries: Edit[]}>(path, specText.value, () => get(path)).answer?.entries ?? NONE;
}

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
    if (SO_FAR.includes(d.x.column.name)) {
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
    () => (width && y ? placed(s, y, width, scale, all) : null),
    [width, s, y, all, query.x, scale],
  );
  const best = bestRow.value,
    noisy = useMemo(() => best !== undefined && repeats(s, best).length > 1, [s, y, best]);
  const draw = () => {
    if (d && canvas.current) pointsDraw(canvas.current, width, s, y!, d, colours, edits);
  };
  useDraw(draw, s, [d, colours, shown.value, edits]);
  useEffect(() => {
    if (d && marks.current) marksDraw(marks.current, width, d);
  }, [d, query.sel, hovered.value, look.value]);
  if (!y || !d || !width) {
    return (
      <Card name="Best so far">
        {y ? (
          <div class="chart skeleton" ref={box} style={{height: HEIGHT + "px"}} />
        ) : (
          <p class="muted">No trial has reported {sweep.value?.metric?.name ?? "a metric"} yet.</p>
        )}
      </Card>
    );
  }
  const at = (event: MouseEvent) => pointOf(event, canvas.current!),
    place = (row: number): Point => [d.xs[row], d.ys[row]],
    near = (event: MouseEvent) => nearest(shownRows(), place, at(event));
  const release = (event: PointerEvent) => {
    if (!drag) return;
    const found = rectangle(d, y, s, width, [drag[0], at(event)]);
    setDrag(null);
    drawing.value = null;
    if (found.size) brushSeveral(found);
    else select(near(event));
  };
  const name = title(measureName.value) + (front.value ? " alone" : ""),
    [from, to] = drag ?? [
      [0, 0],
      [0, 0],
    ],
    wide = Math.abs(from[0] - to[0]) > 6,
    high = Math.abs(from[1] - to[1]) > 6;
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
          {noisy && <span class="muted">shade: mean ± sd of the best's repeats</span>}
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
          hover(near(event));
        }}
        onPointerLeave={() => hover(-1)}
        onPointerDown={(event) => {
          if (!grabbed(event)) return;
          hover(-1);
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
            <Brushed
              from={[wide ? from[0] : LEFT, high ? from[1] : TOP]}
              to={[wide ? to[0] : width - RIGHT, high ? to[1] : HEIGHT - BOTTOM]}
            />
          </svg>
        )}
        <Tip place={place} width={width} text={(row) => `${stateOf(s, row)} · ${cell(y, row)}`} />
      </div>
      <Legend colouring={colours} of={y} marks={MARKS} />
    </Chart>
  );
}

function twin(s: Sheet, y: Column, x: Column): Twin {
  return {
    columns: ["trial", "state", x.name, title(y.name)],
    rows: shownRows().map((row) => [Number(labelOf(row)), stateOf(s, row), plain(x, row), plain(y, row)]),
  };
}
