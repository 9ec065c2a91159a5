// SPDX-License-Identifier: GPL-3.0-or-later
// Parallel coordinates: lines on a canvas as wide as what is in sight, axes and brushes in SVG over it.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {Chart, Twin} from "../base/chart";
import {canvasBegin, css, look, useWidth, useDraw} from "../base/parts";
import {Axis, flipped} from "../base/scale";
import {count} from "../base/text";
import {inAddress, listed, show, turned, where} from "../base/where";
import {Card} from "../base/card";
import {hover, pointOf} from "./points";
import {Columns} from "./columns";
import {byImportance} from "./matters";
import {active, Brush, brush, brushes, drawing} from "./brush";
import {colouring, Colouring} from "./colours";
import {axis as axisNew, robustOf, title, varying} from "./fields";
import {hovered, selected} from "./marked";
import {measureName, ranked} from "./measure";
import {labelOf, rowOfTrial, sheet} from "./model";
import {shown, shownCount, shownRows} from "./subset";
import {
  AxisMenu,
  AxisView,
  heightAt,
  Hold,
  isOn,
  merged,
  placeAt,
  rangeOf,
  wordsBrush,
} from "./parallel_axis";
import {
  BOTTOM,
  GAP,
  groupsDraw,
  HEIGHT,
  heights,
  laneCounts,
  LANES,
  linesDraw,
  Picture,
  SIDE,
  TOP,
} from "./parallel_draw";
import "./parallel.css";
import {scaleHere} from "./rescale";
import {Legend, Shown} from "./shown";
import {everyRow, isMetric, plain, Sheet, stateOf} from "./sheet";

const BEST = 200; // that are lines even among thousands

function axesNames(): string[] {
  const chosen = listed(where.value.query.ax).filter((name) => sheet.value!.columns.has(name));
  const usual = [...byImportance(varying.value.map((c) => c.name)), measureName.value];
  return chosen.length ? chosen : usual.filter((name) => sheet.value!.columns.has(name));
}

// The rows by their colours, those of the best last.
function groupsOf(rows: number[], colours: Colouring, grey: string): {colour: string; rows: number[]}[] {
  const found = new Map<string, number[]>(),
    order = ["", ...colours.legend.map((l) => l.colour)];
  for (const row of rows) {
    const colour = colours.of(row);
    const group = found.get(colour);
    if (group) group.push(row);
    else found.set(colour, [row]);
  }
  const rank = (c: string) => (c === "" ? 99 : order.includes(c) ? order.indexOf(c) : 50);
  return [...found]
    .sort(([a, x], [b, y]) => rank(b) - rank(a) || y.length - x.length)
    .map(([colour, rows]) => ({colour: colour || grey, rows}));
}

interface Drag {
  kind: Hold;
  axis: Axis;
  from: number;
  at: number;
  had: Brush | undefined;
}

// The brush of an axis while the pointer is at y.
function dragged({kind, axis, from, at, had}: Drag, y: number): Brush | null {
  if (axis.kind === "words") {
    const [low, high] = [placeAt(Math.max(from, y)), placeAt(Math.min(from, y))];
    return wordsBrush(axis, (t) => (t.at >= low - 0.01 && t.at <= high + 0.01) || isOn(axis, t, had));
  }
  const ranges = had?.ranges ?? [];
  if (kind === "new") return {ranges: merged([...ranges, rangeOf(axis, from, y)]), words: null, not: false};
  const range = ranges[at],
    [a, b] = [heightAt(axis, range.low), heightAt(axis, range.high)];
  const by = Math.max(TOP - Math.min(a, b), Math.min(BOTTOM - Math.max(a, b), y - from));
  const next =
    kind === "move"
      ? rangeOf(axis, a + by, b + by)
      : rangeOf(axis, kind === "low" ? b : a, kind === "low" ? a + y - from : b + y - from);
  return {ranges: merged(ranges.map((r, i) => (i === at ? next : r))), words: null, not: false};
}

// Failed trials have no line, but where the filter leaves nothing else: what do they share?
function drawnOf(s: Sheet, mask: Uint8Array): (row: number) => boolean {
  let failures = 0,
    others = 0;
  for (let row = 0; row < s.n; row++) if (mask[row]) stateOf(s, row) === "failed" ? failures++ : others++;
  return failures && !others ? () => true : (row) => stateOf(s, row) !== "failed";
}

function nearest(
  p: Picture,
  mask: Uint8Array,
  isDrawn: (row: number) => boolean,
  x: number,
  y: number,
): number {
  const step = p.xs[1] - p.xs[0],
    i = Math.max(0, Math.min(p.axes.length - 2, Math.floor((x - SIDE) / step))),
    t = (x - p.xs[i]) / step,
    [left, right] = [p.ys[i], p.ys[i + 1]];
  let best = -1,
    least = 8;
  for (let row = 0; row < mask.length; row++) {
    if (!mask[row]) continue;
    const far = Math.abs(left[row] * (1 - t) + right[row] * t - y);
    if (far < least && isDrawn(row)) {
      least = far;
      best = row;
    }
  }
  return best;
}

function twin(names: string[]): Twin {
  const s = sheet.value!,
    columns = names.map((name) => s.columns.get(name)!);
  return {
    columns: ["trial", ...names.map((name) => title(name))],
    rows: shownRows()
      .filter(drawnOf(s, shown.value))
      .map((row) => [Number(labelOf(row)), ...columns.map((c) => plain(c, row))]),
  };
}

export function Parallel() {
  const [box, width] = useWidth<HTMLDivElement>(),
    back = useRef<HTMLCanvasElement>(null),
    front = useRef<HTMLCanvasElement>(null),
    marks = useRef<HTMLCanvasElement>(null),
    area = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null),
    [moved, setMoved] = useState<{name: string; from: number} | null>(null),
    [menu, setMenu] = useState(""),
    [scroll, setScroll] = useState(0);
  const s = sheet.value!,
    query = where.value.query,
    names = axesNames(),
    flips = listed(query.flip),
    all = query.range === "all",
    mask = shown.value;
  const axes = useMemo(
    () =>
      names.map((name) => {
        const robust = !all && isMetric(name) && robustOf(name),
          one = axisNew(s, name, scaleHere(name), robust);
        return flips.includes(name) ? flipped(one) : one;
      }),
    [s, names.join(), query.scale, query.flip, all],
  );
  // Where not all axes have room, the labels of the last one in sight have.
  const gaps = axes.length - 1,
    room = width - SIDE,
    step =
      gaps < 1
        ? 0
        : GAP * gaps > room - SIDE
          ? Math.max(GAP, room / (Math.floor(room / GAP - 0.6) + 0.6))
          : (room - SIDE) / gaps,
    full = Math.max(width, SIDE * 2 + step * gaps);
  const p: Picture = useMemo(
    () => ({axes, xs: axes.map((_, i) => SIDE + i * step), ys: axes.map((axis) => heights(axis, s.n))}),
    [axes, step],
  );
  const isDrawn = useMemo(() => drawnOf(s, mask), [s, mask]),
    failures = mask.some((on, row) => on && stateOf(s, row) === "failed" && isDrawn(row));
  const colours = useMemo(
    () => colouring(s, css, failures ? "state" : measureName.value),
    [s, query.c, query.r, look.value, failures],
  );
  const lanes = useMemo(() => axes.map((axis, i) => laneCounts(axis, p.ys[i], mask)), [p, mask]);
  const from = Math.max(0, Math.floor((scroll - SIDE) / (step || 1)) - 1),
    to = Math.min(axes.length - 1, Math.ceil((scroll + width - SIDE) / (step || 1)) + 1);
  const begin = (canvas: HTMLCanvasElement) => {
    const c = canvasBegin(canvas, width, HEIGHT);
    c.translate(-scroll, 0);
    return c;
  };
  const ready = width > 0 && axes.length > 1;
  const lines = useMemo(() => {
    const state = s.columns.get("state"),
      failed = state?.words?.indexOf("failed") ?? -1;
    return everyRow(s).filter((row) => state?.values[row] !== failed);
  }, [s]);
  // All lines in grey, once; those that are shown over them, and what is marked in a third one: a brush that moves, or
  // the mouse, draws only its own.
  const backDraw = () => {
    if (ready)
      groupsDraw(begin(back.current!), [{colour: css("grey"), rows: lines}], p, from, to, false, 0.5);
  };
  useDraw(backDraw, s, [ready, width, scroll, p, lines, look.value]);
  const frontDraw = () => {
    if (!ready) return;
    const rows = failures ? shownRows() : lines.filter((row) => mask[row]);
    const groups = (some: number[]) => groupsOf(some, colours, css("grey"));
    groupsDraw(begin(front.current!), groups(rows), p, from, to, !!drawing.value, 1, () =>
      groups(failures ? rows.slice(-BEST) : ranked(rows).slice(0, BEST)),
    );
  };
  useDraw(frontDraw, s, [ready, width, scroll, p, lines, mask, colours, !drawing.value]);
  useEffect(() => {
    if (!ready) return;
    const c = begin(marks.current!);
    for (const [number, colour] of [
      [selected.value, css("accent")],
      [hovered.value, css("text")],
    ] as const) {
      const row = number < 0 ? -1 : rowOfTrial(number);
      if (row < 0) continue;
      c.strokeStyle = colour;
      c.lineWidth = 2.5;
      linesDraw(c, [row], p, from, to);
    }
  }, [ready, width, scroll, p, hovered.value, query.sel, look.value]);
  if (axes.length < 2)
    return (
      <Card
        name="Parallel coordinates"
        tools={
          <Columns word="axes" chosen={names} choose={(next) => show({ax: next.map(inAddress).join(",")})} />
        }
      >
        <p class="muted">Parallel coordinates need two axes: parameters that differ, and a metric.</p>
      </Card>
    );
  const at = (event: MouseEvent) => pointOf(event, area.current!);
  const move = (event: PointerEvent) => {
    const [x, y] = at(event);
    if (drag) {
      const one = dragged(drag, y);
      drawing.value = Math.abs(y - drag.from) > 3 && one ? new Map([[drag.axis.column.name, one]]) : null;
    } else if (!moved) {
      const row = nearest(p, mask, isDrawn, x, y);
      hover(row);
    }
  };
  const reorder = (name: string, by: number) => {
    const at = names.indexOf(name),
      to = Math.max(0, Math.min(names.length - 1, at + by)),
      next = [...names];
    next.splice(at, 1);
    next.splice(to, 0, name);
    show({ax: next.map(inAddress).join(",")});
  };
  const release = (event: PointerEvent) => {
    const [x, y] = at(event);
    if (moved) {
      const by = Math.abs(x - moved.from) > 8 ? Math.round((x - SIDE) / step) - names.indexOf(moved.name) : 0;
      if (by) reorder(moved.name, by);
      else if (Math.abs(x - moved.from) <= 8) setMenu(menu === moved.name ? "" : moved.name);
      setMoved(null);
    }
    if (!drag) return;
    const name = drag.axis.column.name,
      one = Math.abs(y - drag.from) > 3 ? dragged(drag, y) : null;
    setDrag(null);
    drawing.value = null;
    if (one) brush(name, one);
    else if (drag.kind === "new" && drag.axis.kind !== "words") brush(name, null);
  };
  const cut = axes.reduce((sum, axis) => sum + axis.cut, 0),
    set = names.indexOf(menu);
  return (
    <Chart
      id="parallel"
      name="Parallel coordinates"
      twin={() => twin(names)}
      notes={
        <>
          <Shown failed={failures ? undefined : "failed hidden"} />
          {cut > 0 && <button onClick={() => show({range: "all"})}>{count(cut)} outside · show</button>}
          {all && <button onClick={() => show({range: ""})}>usual range</button>}
        </>
      }
      tools={
        <>
          <span class="muted wide">drag an axis: brush · drag a name: order · click it: settings</span>
          {query.ax && <button onClick={() => show({ax: ""})}>usual axes</button>}
          <Columns word="axes" chosen={names} choose={(next) => show({ax: next.map(inAddress).join(",")})} />
        </>
      }
    >
      <div class="parallel" ref={box} onScroll={(e) => setScroll(e.currentTarget.scrollLeft)}>
        <div
          class="chart"
          ref={area}
          style={{height: HEIGHT + "px", width: full + "px"}}
          onPointerMove={move}
          onPointerUp={release}
          onPointerLeave={() => hover(-1)}
        >
          <div class="sight" style={{width: width + "px"}}>
            <canvas
              ref={back}
              role="img"
              aria-label={`${shownCount.value} of ${s.n} trials over ${names.map(title).join(", ")}; the table has the same values`}
            />
            <canvas ref={front} aria-hidden="true" />
            <canvas ref={marks} aria-hidden="true" />
          </div>
          <svg width={full} height={HEIGHT}>
            {axes.map(
              (axis, i) =>
                i >= from &&
                i <= to && (
                  <AxisView
                    key={axis.column.name}
                    axis={axis}
                    x={p.xs[i]}
                    one={active.value.get(axis.column.name)}
                    lanes={lanes[i]}
                    last={i === axes.length - 1}
                    hold={(event, kind, at_) => {
                      event.preventDefault();
                      hover(-1);
                      area.current!.setPointerCapture(event.pointerId);
                      const had = brushes.value.get(axis.column.name);
                      setDrag({kind, axis, from: at(event)[1], at: at_, had});
                    }}
                    grab={(event) => {
                      event.preventDefault();
                      area.current!.setPointerCapture(event.pointerId);
                      setMoved({name: axis.column.name, from: at(event)[0]});
                    }}
                    menu={() => setMenu(axis.column.name)}
                    reorder={(by) => reorder(axis.column.name, by)}
                  />
                ),
            )}
            {lanes.some((l) => l.odd) && (
              <text class="tick" x={2} y={BOTTOM + 22}>
                NaN, inf
              </text>
            )}
            {lanes.some((l) => l.missing) && (
              <text class="tick" x={2} y={BOTTOM + LANES - 8}>
                not set
              </text>
            )}
          </svg>
          {set >= 0 && (
            <AxisMenu
              key={menu}
              axis={axes[set]}
              one={brushes.value.get(menu)}
              left={Math.max(4, Math.min(full - 290, p.xs[set] - 140))}
              isFlipped={flips.includes(menu)}
              flip={() => show({flip: turned(where.value.query.flip, menu)})}
              hide={() => {
                setMenu("");
                show({
                  ax: names
                    .filter((n) => n !== menu)
                    .map(inAddress)
                    .join(","),
                });
              }}
              close={() => setMenu("")}
            />
          )}
        </div>
      </div>
      <Legend colouring={colours} />
    </Chart>
  );
}
