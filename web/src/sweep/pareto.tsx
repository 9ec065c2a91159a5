// SPDX-License-Identifier: GPL-3.0-or-later
// Several objectives: the trials that no other one beats, and the volume that they dominate.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {Chart, Twin} from "../base/chart";
import {Choice, look, useWidth} from "../base/parts";
import {nice} from "../base/scale";
import {count, safe, short} from "../base/text";
import {inAddress, listed, show, where} from "../base/where";
import {Card} from "../base/card";
import {Frame as Axes} from "../runs/graph";
import {atX, atY, axisOver, clamp, Frame, frontDraw} from "./front_draw";
import {frontOf, frontOfPair, Step, volumeFits, volumeOf, volumesOf} from "./fronts";
import {Brush, brushSeveral, drawing} from "./brush";
import {pick, picked, pickTurn} from "./marked";
import {labelOf, sheet} from "./model";
import {shown, shownRows} from "./subset";
import {Pairs} from "./pairs";
import {Brushed, grabbed, hover, nearest, Point, pointOf, Rings, select, Tip} from "./points";
import {Goal, measured, objectives, titleOf, up, worst} from "./objectives";
import {label} from "./sheet";
import {Shown} from "./shown";
import "./pareto.css";

const LEFT = 76,
  RIGHT = 16,
  TOP = 12,
  BOTTOM = 26,
  HEIGHT = 400,
  INNER = HEIGHT - TOP - BOTTOM,
  LOW = 150; // the height of the volume's chart

function VolumeChart({steps, numbers, n}: {steps: Step[]; numbers: number[]; n: number}) {
  const [box, width] = useWidth<HTMLDivElement>(),
    most = Math.max(...steps.map((s) => s.volume), 1e-300),
    last = steps[steps.length - 1],
    x = (at: number) => at / Math.max(1, n),
    y = (v: number) => v / most;
  return (
    <Chart
      id="hypervolume"
      name="Hypervolume"
      twin={() => ({
        columns: ["measured trials", "trial", "trials of the front", "hypervolume"],
        rows: steps.map((s) => [s.at, numbers[s.at - 1], s.front, s.volume]),
      })}
      notes={<span class="muted">over the measured trials, in the order of their numbers</span>}
    >
      <div class="chart volume" ref={box} style={{height: LOW + "px"}}>
        {width > 0 && (
          <Axes
            width={width}
            height={LOW}
            x={{place: x, ticks: nice(0, Math.max(1, n), 6), text: count}}
            y={{place: y, ticks: nice(0, most, 3)}}
            xname=""
            label={last ? `hypervolume ${short(last.volume)} after ${last.at} trials` : "no hypervolume"}
          >
            {(w: number, h: number) => (
              <path
                d={
                  steps.reduce(
                    (d, s) => `${d}H${w * x(s.at)}V${h * (1 - y(s.volume))}`,
                    `M${w * x(steps[0]?.at ?? 0)} ${h}`,
                  ) + `H${w}`
                }
              />
            )}
          </Axes>
        )}
      </div>
    </Chart>
  );
}

function chosenPair(goals: Goal[]): [number, number] {
  const names = listed(where.value.query.pa).map((name) => goals.findIndex((g) => g.name === name)),
    one = names[0] >= 0 ? names[0] : 0,
    two = names[1] >= 0 && names[1] !== one ? names[1] : one === 0 ? 1 : 0;
  return [one, two];
}

export const Pareto = () =>
  objectives().length > 1 ? (
    <Fronts />
  ) : (
    <p class="muted">This sweep has one objective: a front needs several.</p>
  );

function Fronts() {
  const s = sheet.value!,
    goals = objectives(),
    [one, two] = chosenPair(goals),
    [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    [drag, setDrag] = useState<[number, number, number, number] | null>(null),
    [held, setHeld] = useState<[number, number] | null>(null), // the reference, while it is moved
    version = JSON.stringify(goals);
  const {rows, marks} = useMemo(() => measured(s, goals, shownRows()), [s, shown.value, version]),
    front = useMemo(() => frontOf(marks), [marks]),
    usual = useMemo(() => worst(marks), [marks]);
  const typed = (where.value.query.par ?? "").split("~").map((t) => (t ? Number(t) : NaN)),
    sign = (j: number) => (up(goals[j]) ? 1 : -1),
    moved = (j: number, i: 0 | 1): number => {
      const value = held ? held[i] : typed[i];
      return Number.isFinite(value) ? value : sign(j) * usual[j];
    },
    corner: [number, number] = [moved(one, 0), moved(two, 1)],
    reference = usual.map((gain, j) =>
      j === one ? sign(j) * corner[0] : j === two ? sign(j) * corner[1] : gain,
    ),
    key = reference.join();
  const volume = useMemo(
      () => (volumeFits(marks, front.length) ? volumeOf(marks, front, reference) : NaN),
      [marks, front, key],
    ),
    steps = useMemo(() => volumesOf(marks, reference), [marks, held ? "" : key]);
  const [xc, yc] = [one, two].map((j) => s.columns.get("metrics." + goals[j]?.name));
  const inFront = useMemo(() => new Set(front.map((i) => rows[i])), [front, rows]);
  const frame = useMemo(
    (): Frame | null =>
      xc && yc
        ? {
            x: axisOver(s, xc, inFront),
            y: axisOver(s, yc, inFront),
            width,
            height: HEIGHT,
            left: LEFT,
            right: RIGHT,
            top: TOP,
            bottom: BOTTOM,
          }
        : null,
    [s, xc, yc, width, inFront],
  );
  const stairs = useMemo(() => frontOfPair(marks, one, two).map((i) => rows[i]), [marks, one, two]);
  useEffect(() => {
    if (width && frame && canvas.current) frontDraw(canvas.current, frame, rows, inFront, stairs, corner);
  }, [width, frame, rows, inFront, stairs, corner.join(), look.value]);
  if (!frame || !rows.length)
    return (
      <Card name="Pareto front">
        <p class="muted">No trial shown has ended with a value of each of {goals.map(titleOf).join(", ")}.</p>
      </Card>
    );
  const at = (event: MouseEvent) => pointOf(event, canvas.current!),
    place = (row: number): Point => [atX(frame, xc!.values[row]), atY(frame, yc!.values[row])],
    valueX = (x: number) => frame.x.value(clamp((x - LEFT) / (width - LEFT - RIGHT))),
    valueY = (y: number) => frame.y.value(clamp(1 - (y - TOP) / INNER)),
    near = (event: MouseEvent) => nearest(rows, place, at(event), (row) => (inFront.has(row) ? 0.5 : 1)),
    brushOf = ([a, b, c, d]: number[]): Map<string, Brush> => {
      const one_ = (low: number, high: number) => ({ranges: [{low, high}], words: null, not: false}),
        [x1, x2] = [a, c].sort((p, q) => p - q).map(valueX),
        [y1, y2] = [d, b].sort((p, q) => q - p).map(valueY);
      return new Map([
        [xc!.name, one_(x1, x2)],
        [yc!.name, one_(Math.min(y1, y2), Math.max(y1, y2))],
      ]);
    },
    referenceShow = (x: number, y: number) =>
      show({par: [x, y].map((v) => String(Number(v.toPrecision(5)))).join("~")}),
    choose = (i: 0 | 1) => (
      <Choice
        name={i ? "y" : "x"}
        value={goals[i ? two : one].name}
        of={goals.map((g) => g.name)}
        text={label}
        change={(name) => {
          const pair = [goals[one].name, goals[two].name];
          if (pair[1 - i] === name) pair[1 - i] = pair[i];
          pair[i] = name;
          show({pa: pair.map(inAddress).join(","), par: ""});
        }}
      />
    ),
    far = drag && Math.hypot(drag[0] - drag[2], drag[1] - drag[3]) > 6,
    number = (row: number) => Number(labelOf(row));
  return (
    <div class="pareto">
      {goals.length > 2 && (
        <Pairs
          goals={goals.map((g) => ({name: g.name, title: titleOf(g), up: up(g)}))}
          rows={rows}
          marks={marks}
          front={inFront}
          worst={usual}
          chosen={[one, two]}
        />
      )}
      <Chart
        id="pareto"
        name={`Pareto front: ${goals.map(titleOf).join(", ")}`}
        twin={(): Twin => ({
          columns: ["trial", "on the front", ...goals.map((g) => safe(g.name))],
          rows: [...rows]
            .sort((a, b) => Number(inFront.has(b)) - Number(inFront.has(a)) || a - b)
            .map((row) => [
              number(row),
              inFront.has(row),
              ...goals.map((g) => s.columns.get("metrics." + g.name)!.values[row]),
            ]),
        })}
        notes={
          <>
            <Shown />
            <span class="muted">
              {count(front.length)} of {count(rows.length)} measured on the front
            </span>
            <b id="hypervolume-now">hypervolume {Number.isNaN(volume) ? "not computed" : short(volume)}</b>
          </>
        }
        tools={
          <>
            {choose(0)}
            {choose(1)}
            <button
              onClick={() => {
                pick(front.map((i) => number(rows[i])));
                show({tab: "compare"});
              }}
            >
              compare the front
            </button>
          </>
        }
      >
        <div
          class="chart"
          ref={box}
          style={{height: HEIGHT + "px"}}
          onPointerMove={(event) => {
            const [x, y] = at(event);
            if (held) setHeld([valueX(x), valueY(y)]);
            else if (drag) {
              const next: [number, number, number, number] = [drag[0], drag[1], x, y];
              setDrag(next);
              if (far) drawing.value = brushOf(next);
            } else {
              hover(near(event));
            }
          }}
          onPointerLeave={() => hover(-1)}
          onPointerDown={(event) => {
            const [x, y] = at(event),
              grip = Math.hypot(x - atX(frame, corner[0]), y - atY(frame, corner[1])) < 14;
            if (!grabbed(event, grip)) return;
            if (grip) setHeld(corner);
            else setDrag([x, y, x, y]);
          }}
          onPointerUp={(event) => {
            const [x, y] = at(event);
            if (held) {
              setHeld(null);
              referenceShow(valueX(x), valueY(y));
              return;
            }
            if (!drag) return;
            setDrag(null);
            drawing.value = null;
            if (far) {
              brushSeveral(brushOf([drag[0], drag[1], x, y]));
              return;
            }
            const row = near(event);
            if (row >= 0 && (event.shiftKey || event.ctrlKey)) pickTurn(number(row));
            else select(row);
          }}
        >
          <canvas
            ref={canvas}
            role="img"
            aria-label={`${count(front.length)} of ${count(rows.length)} trials are on the front; hypervolume ${short(volume)}; the table has the values`}
          />
          {width > 0 && (
            <svg width={width} height={HEIGHT} aria-hidden="true">
              {far && drag && <Brushed from={[drag[0], drag[1]]} to={[drag[2], drag[3]]} />}
              <Rings place={place} others={[...picked.value].slice(0, 50)} />
              <line
                class="cross"
                x1={atX(frame, corner[0])}
                x2={atX(frame, corner[0])}
                y1={TOP}
                y2={TOP + INNER}
              />
              <line
                class="cross"
                x1={LEFT}
                x2={width - RIGHT}
                y1={atY(frame, corner[1])}
                y2={atY(frame, corner[1])}
              />
              <circle class="reference" cx={atX(frame, corner[0])} cy={atY(frame, corner[1])} r="7" />
            </svg>
          )}
          <Tip
            place={place}
            width={width}
            text={(row) =>
              goals.map((g) => short(s.columns.get("metrics." + g.name)!.values[row])).join(", ") +
              (inFront.has(row) ? " · on the front" : "")
            }
          />
        </div>
        <p class="muted">
          Reference point{" "}
          {([0, 1] as const).map((i) => (
            <label key={i}>
              {label(goals[i ? two : one].name)}{" "}
              <input
                type="number"
                step="any"
                value={Number(corner[i].toPrecision(6))}
                onChange={(e) => {
                  const next: [number, number] = [...corner];
                  next[i] = Number(e.currentTarget.value);
                  if (e.currentTarget.value !== "" && Number.isFinite(next[i])) referenceShow(...next);
                }}
              />{" "}
            </label>
          ))}
          {where.value.query.par && <button onClick={() => show({par: ""})}>the worst values seen</button>}{" "}
          Drag the circle, or type. Click a trial to select it, with Shift to compare it.
          {goals.length > 2 && " The line is the front of the two alone; points are those of all objectives."}
        </p>
      </Chart>
      <VolumeChart steps={steps} numbers={rows.map(number)} n={rows.length} />
    </div>
  );
}
