// SPDX-License-Identifier: GPL-3.0-or-later
// A point cloud of wandb.Object3D with its boxes and vectors, turned by dragging and by the arrow keys.
import {useEffect, useRef, useState} from "preact/hooks";
import {canvasBegin, useWidth} from "../base/parts";
import {safe} from "../base/text";
import {part, RunName, useDocument} from "./data";

const HEIGHT = 260,
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
  const at = ([x, y, z]: number[]): [number, number] => [
    width / 2 + scale * (x * c - y * s),
    HEIGHT / 2 - scale * (z * d + (x * s + y * c) * t),
  ];
  for (let i = 0; i < cloud.points.length; i += 4) {
    const p = cloud.points.slice(i, i + 4);
    pen.fillStyle = css(p[3]);
    pen.fillRect(...at(p), dot, dot);
  }
  pen.fillStyle = "#fff";
  for (const b of cloud.boxes) {
    pen.strokeStyle = css(b.rgb);
    pen.beginPath();
    for (let i = 0; i < b.ends.length; i += 6) {
      pen.moveTo(...at(b.ends.slice(i)));
      pen.lineTo(...at(b.ends.slice(i + 3)));
    }
    pen.stroke();
    pen.fillText(safe(b.text), ...at(b.ends));
  }
}

export function Cloud({run, path, name}: {run: RunName; path: string; name: string}) {
  const [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    {value, wrong} = useDocument(part(run, "cloud", {path})),
    [view, setView] = useState([0.6, 0.4, 1]),
    change = (turn: number, tilt: number, zoom: number) =>
      setView(([a, b, c]) => [a + turn / 10, b + tilt / 10, c * 1.2 ** zoom]);
  useEffect(() => {
    if (value && width) cloudDraw(canvasBegin(canvas.current!, width, HEIGHT), value, width, view);
  }, [value, width, view]);
  if (!value) return <p class="muted">{wrong || "…"}</p>;
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
