// SPDX-License-Identifier: GPL-3.0-or-later
// Curves of trials, drawn by uPlot.
import {useEffect, useRef} from "preact/hooks";
import uPlot from "uplot";
import {css, useWidth} from "./parts";
import {short} from "./text";

export interface Curve {
  trial: number;
  of: number;
  x: number[];
  last: (number | string)[];
  min?: (number | string)[];
  max?: (number | string)[];
}
const number = (value: number | string): number | null => (typeof value === "number" ? value : null);

// A thinned span as its least, its greatest and its last point, so that a spike of one step is seen.
function points(curve: Curve): [number[], (number | null)[]] {
  if (!curve.min) return [curve.x, curve.last.map(number)];
  const xs: number[] = [],
    ys: (number | null)[] = [];
  curve.x.forEach((x, i) => {
    const before = i ? curve.x[i - 1] : x - 1,
      width = x - before;
    xs.push(before + width / 3, before + (width * 2) / 3, x);
    ys.push(number(curve.min![i]), number(curve.max![i]), number(curve.last[i]));
  });
  return [xs, ys];
}

export function Plot({
  curves,
  metric,
  log,
  bold = -1,
}: {
  curves: Curve[];
  metric: string;
  log: boolean;
  bold?: number;
}) {
  const [box, width] = useWidth<HTMLDivElement>(),
    holder = useRef<HTMLDivElement>(null),
    theme = document.documentElement.dataset.theme;
  useEffect(() => {
    const some = curves.filter((c) => c.x.length);
    if (!width || !holder.current || !some.length) return;
    const dashes = [[], [6, 3], [2, 3], [10, 3, 2, 3]],
      muted = css("muted"),
      line = css("line");
    const axis = {
      stroke: muted,
      grid: {stroke: line, width: 1},
      ticks: {stroke: line, width: 1},
      font: "11px system-ui",
    };
    const plot = new uPlot(
      {
        width,
        height: 320,
        scales: {x: {time: false}, y: log ? {distr: 3} : {}},
        axes: [
          {...axis},
          {...axis, size: 60, values: (_, all) => all.map((v) => (v === null ? "" : short(v)))},
        ],
        cursor: {focus: {prox: 20}},
        focus: {alpha: 0.25},
        legend: {show: some.length <= 8},
        series: [
          {label: "step"},
          ...some.map((c, i) => ({
            label: `trial ${c.trial}`,
            spanGaps: true,
            stroke: c.trial === bold ? css("accent") : i < 16 ? css("series-" + (i % 4)) : css("grey"),
            width: c.trial === bold ? 2.5 : 1.2,
            dash: i < 16 ? dashes[i >> 2] : [],
            points: {show: c.x.length < 3},
          })),
        ],
      },
      uPlot.join(
        some.map((c) => {
          const [x, y] = points(c);
          return [x, log ? y.map((v) => (v !== null && v > 0 ? v : null)) : y] as uPlot.AlignedData;
        }),
      ),
      holder.current,
    );
    return () => plot.destroy();
  }, [curves, width, log, bold, theme]);
  return (
    <div ref={box}>
      <div ref={holder} role="img" aria-label={`${metric} over steps of ${curves.length} trials`} />
    </div>
  );
}
