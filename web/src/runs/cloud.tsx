// SPDX-License-Identifier: GPL-3.0-or-later
// A point cloud of wandb.Object3D with its boxes and vectors, turned by dragging and by the arrow keys.
import type {Signal} from "@preact/signals";
import {useEffect, useRef, useState} from "preact/hooks";
import {Value} from "../base/chart";
import {canvasBegin, Missing, useWidth} from "../base/parts";
import {fileOf, safe} from "../base/text";
import {show, where} from "../base/where";
import {part, RunName, useDocument} from "./data";

export type Points = Record<string, Value[][]>;

const VIEW = [0.6, 0.4, 1], // turned, tilted, larger
  HEIGHT = 260,
  UNIT = 24000; // what is as high as the canvas: docs/openapi.yaml

const css = (rgb: number): string => "#" + (rgb + (1 << 24)).toString(16).slice(1);

function cloudDraw(
  pen: CanvasRenderingContext2D,
  cloud: any,
  width: number,
  [turn, tilt, zoom]: number[],
): void {
  const [c, s, d, t] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)],
    scale = (HEIGHT / UNIT) * zoom,
    dot = Math.max(1.5, 4 - cloud.points.length / 5000);
  // Where the point is drawn that begins there in the list.
  const x = (list: number[], i: number) => width / 2 + scale * (list[i] * c - list[i + 1] * s),
    y = (list: number[], i: number) =>
      HEIGHT / 2 - scale * (list[i + 2] * d + (list[i] * s + list[i + 1] * c) * t),
    {points} = cloud;
  for (let i = 0, rgb = -1; i < points.length; i += 4) {
    if (points[i + 3] !== rgb) pen.fillStyle = css((rgb = points[i + 3]));
    pen.fillRect(x(points, i), y(points, i), dot, dot);
  }
  pen.fillStyle = "#fff";
  for (const b of cloud.boxes) {
    pen.strokeStyle = css(b.rgb);
    pen.beginPath();
    for (let i = 0; i < b.ends.length; i += 6) {
      pen.moveTo(x(b.ends, i), y(b.ends, i));
      pen.lineTo(x(b.ends, i + 3), y(b.ends, i + 3));
    }
    pen.stroke();
    pen.fillText(safe(b.text), x(b.ends, 0), y(b.ends, 0));
  }
}

// points: of all clouds of the chart, by their files.
export function Cloud({
  run,
  path,
  name,
  points,
}: {
  run: RunName;
  path: string;
  name: string;
  points?: Signal<Points>;
}) {
  const [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    asked = useDocument(part(run, "cloud", {path})),
    {value} = asked,
    id = "mv-" + name,
    [view, setView] = useState(() => {
      const turned = where.value.query[id]?.split(",").map(Number);
      return turned?.length === 3 && turned.every(isFinite) ? turned : VIEW;
    }),
    change = (turn: number, tilt: number, zoom: number) =>
      setView(([a, b, c]) => [a + turn / 10, b + tilt / 10, c * 1.2 ** zoom]);
  useEffect(() => {
    if (value && width) cloudDraw(canvasBegin(canvas.current!, width, HEIGHT), value, width, view);
  }, [value, width, view]);
  useEffect(() => {
    // A browser refuses an address for each move of the pointer.
    const timer = setTimeout(
      () => view !== VIEW && show({[id]: view.map((v) => Number(v.toFixed(3))).join()}, false),
      300,
    );
    return () => clearTimeout(timer);
  }, [view]);
  useEffect(() => {
    if (!value || !points) return;
    const at = (i: number, k: number) =>
        Number((value.middle[k] + value.unit * value.points[i + k]).toPrecision(6)),
      rows: Value[][] = [];
    for (let i = 0; i < value.points.length; i += 4)
      rows.push([fileOf(path), at(i, 0), at(i, 1), at(i, 2), css(value.points[i + 3])]);
    points.value = {...points.peek(), [path]: rows};
    return () => {
      const {[path]: _, ...others} = points.peek();
      points.value = others;
    };
  }, [value]);
  if (!value) return <Missing of={asked} what="the points" low />;
  return (
    <div ref={box}>
      <canvas
        ref={canvas}
        class="cloud"
        tabIndex={0}
        role="img"
        aria-label={`${safe(name)}: ${value.text}`}
        onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)}
        onPointerMove={(e) => e.buttons && change(e.movementX / 10, e.movementY / 10, 0)}
        onWheel={(e) => {
          if (document.activeElement !== canvas.current) return; // the page scrolls past it
          e.preventDefault();
          change(0, 0, e.deltaY / -100);
        }}
        onKeyDown={(e) => {
          const by = {
            ArrowLeft: [-1, 0, 0],
            ArrowRight: [1, 0, 0],
            ArrowUp: [0, 1, 0],
            ArrowDown: [0, -1, 0],
            "+": [0, 0, 1],
            "-": [0, 0, -1],
          }[e.key];
          if (!by) return;
          e.preventDefault();
          change(by[0], by[1], by[2]);
        }}
      />
      <p class="muted">{value.text}. Drag it or use arrow keys; + and −, or the wheel after a click, zoom.</p>
    </div>
  );
}
