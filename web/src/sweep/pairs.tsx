// SPDX-License-Identifier: GPL-3.0-or-later
// All pairs of more than two objectives, side by side: a click opens one of them below.
import {useEffect, useMemo, useRef} from "preact/hooks";
import {Chart, Twin} from "../base/chart";
import {look, useWidth} from "../base/parts";
import {Axis} from "../base/scale";
import {count} from "../base/text";
import {inAddress, show} from "../base/where";
import {axisOver, Frame, frontDraw} from "./front_draw";
import {frontOfPair, Marks} from "./fronts";
import {labelOf, sheet} from "./model";
import {label} from "./sheet";

interface Objective {
  name: string;
  title: string;
  up: boolean;
}

const HEIGHT = 150,
  ROOM = 8;

const columnOf = (o: Objective) => sheet.value!.columns.get("metrics." + o.name)!;

function Pair({
  x,
  y,
  across,
  up,
  rows,
  front,
  stairs,
  corner,
  chosen,
}: {
  x: Objective;
  y: Objective;
  across: Axis;
  up: Axis;
  rows: number[];
  front: Set<number>;
  stairs: number[]; // the rows of the front of these two
  corner: [number, number];
  chosen: boolean;
}) {
  const [box, width] = useWidth<HTMLSpanElement>(),
    canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!width || !canvas.current) return;
    const frame: Frame = {
      x: across,
      y: up,
      width,
      height: HEIGHT,
      left: ROOM,
      right: ROOM,
      top: ROOM,
      bottom: ROOM,
    };
    frontDraw(canvas.current, frame, rows, front, stairs, corner);
  }, [width, across, up, rows, front, stairs, corner.join(), look.value]);
  return (
    <button
      aria-pressed={chosen}
      aria-label={`${y.title} over ${x.title}: ${count(stairs.length)} trials on the front of the two`}
      onClick={() => show({pa: [x, y].map((o) => inAddress(o.name)).join(","), par: ""})}
    >
      <span class="chart" ref={box} style={{height: HEIGHT + "px"}}>
        <canvas ref={canvas} aria-hidden="true" />
      </span>
      {y.title} over {x.title}
    </button>
  );
}

// front: rows that no other one beats in all objectives. worst: the least gain in each.
export function Pairs({
  goals,
  rows,
  marks,
  front,
  worst,
  chosen,
}: {
  goals: Objective[];
  rows: number[];
  marks: Marks;
  front: Set<number>;
  worst: number[];
  chosen: [number, number];
}) {
  const pairs = useMemo(
    () =>
      goals.flatMap((_, one) =>
        goals.slice(one + 1).map((_, k) => {
          const two = one + 1 + k;
          return {one, two, stairs: frontOfPair(marks, one, two).map((i) => rows[i])};
        }),
      ),
    [marks, rows, goals.length],
  );
  const axes = useMemo(
    () => goals.map((g) => axisOver(sheet.value!, columnOf(g), front)),
    [sheet.value, front, goals.map((g) => g.name).join()],
  );
  const value = (j: number) => (goals[j].up ? worst[j] : -worst[j]);
  return (
    <Chart
      id="pairs"
      name={`All pairs of ${goals.length} objectives`}
      twin={(): Twin => ({
        columns: ["x", "y", "trial on the front of the two", "value of x", "value of y"],
        rows: pairs.flatMap(({one, two, stairs}) =>
          stairs.map((row) => [
            label(goals[one].name),
            label(goals[two].name),
            Number(labelOf(row)),
            columnOf(goals[one]).values[row],
            columnOf(goals[two]).values[row],
          ]),
        ),
      })}
      notes={<span class="muted">line: the front of the two; points: the front of all</span>}
    >
      <div class="fronts">
        {pairs.map(({one, two, stairs}) => (
          <Pair
            key={one + " " + two}
            x={goals[one]}
            y={goals[two]}
            across={axes[one]}
            up={axes[two]}
            rows={rows}
            front={front}
            stairs={stairs}
            corner={[value(one), value(two)]}
            chosen={chosen.includes(one) && chosen.includes(two)}
          />
        ))}
      </div>
    </Chart>
  );
}
