// SPDX-License-Identifier: GPL-3.0-or-later
// Charts of what was logged, in SVG: lines and dots over two axes, bars, a confusion matrix.
import {useState} from "preact/hooks";
import {isDark, useWidth} from "../base/parts";
import {logTicks, nice, shade} from "../base/scale";
import {safe, short, word} from "../base/text";

export interface Series {
  name: string;
  x: (number | string | null)[];
  y: (number | string | null)[];
  min?: (number | string | null)[];
  max?: (number | string | null)[];
}
const LEFT = 52,
  BOTTOM = 34,
  TOP = 20,
  RIGHT = 10;
const isNumber = (v: unknown): v is number => typeof v === "number" && Number.isFinite(v);

interface Scale {
  place: (v: number) => number; // 0 to 1, or NaN
  ticks: number[];
}

function scaleOf(values: number[], log: boolean): Scale {
  const some = log ? values.filter((v) => v > 0) : values;
  let low = some.length ? some.reduce((a, b) => Math.min(a, b)) : log ? 1 : 0,
    high = some.length ? some.reduce((a, b) => Math.max(a, b)) : log ? 10 : 1;
  if (low === high) {
    low = log ? low / 2 : low - (Math.abs(low) * 0.05 || 0.5);
    high = log ? high * 2 : high + (Math.abs(high) * 0.05 || 0.5);
  }
  const of = (v: number) => (log ? (v > 0 ? Math.log10(v) : NaN) : v),
    from = of(low),
    size = of(high) - from;
  return {place: (v) => (of(v) - from) / size, ticks: log ? logTicks(low, high) : nice(low, high, 4)};
}

export function Frame({
  width,
  height,
  x,
  y,
  xname,
  yname,
  label,
  children,
}: {
  width: number;
  height: number;
  x: {place: (v: number) => number; ticks: number[]; text?: (v: number) => string};
  y: Scale;
  xname: string;
  yname?: string;
  label: string;
  children: any;
}) {
  const w = width - LEFT - RIGHT,
    h = height - TOP - BOTTOM;
  return (
    <svg class="graph" width={width} height={height} role="img" aria-label={label}>
      <g transform={`translate(${LEFT},${TOP})`}>
        {y.ticks.map((t) => (
          <>
            <line class="axis" x1="0" x2={w} y1={h * (1 - y.place(t))} y2={h * (1 - y.place(t))} />
            <text class="tick" x="-6" y={h * (1 - y.place(t)) + 4} text-anchor="end">
              {short(t)}
            </text>
          </>
        ))}
        {x.ticks.map((t) => (
          <text class="tick" x={w * x.place(t)} y={h + 14} text-anchor="middle">
            {x.text ? x.text(t) : short(t)}
          </text>
        ))}
        <text class="tick" x={w} y={h + 30} text-anchor="end">
          {safe(xname)}
        </text>
        {yname && (
          <text class="tick" x={-LEFT + 4} y={-10}>
            {safe(yname)}
          </text>
        )}
        {children(w, h)}
      </g>
    </svg>
  );
}

export const mark = (i: number): string => (i < 16 ? `c${i % 4} d${i >> 2}` : "grey");

export function Legend({names}: {names: string[]}) {
  if (names.length < 2) return null;
  return (
    <p class="legend">
      {names.slice(0, 16).map((name, i) => (
        <span>
          <svg width="22" height="10" aria-hidden="true">
            <line class={"line " + mark(i)} x1="0" x2="22" y1="5" y2="5" />
          </svg>
          {safe(name)}
        </span>
      ))}
      {names.length > 16 && <span class="muted">and {names.length - 16} more, grey</span>}
    </p>
  );
}

export function Lines({
  series,
  xname,
  yname,
  log = false,
  dots = false,
  diagonal = false,
  height = 220,
  label,
}: {
  series: Series[];
  xname: string;
  yname?: string;
  log?: boolean;
  dots?: boolean;
  diagonal?: boolean;
  height?: number;
  label: string;
}) {
  const [box, width] = useWidth<HTMLDivElement>(),
    [over, setOver] = useState<{i: number; k: number} | null>(null);
  const xs = series.flatMap((s) => s.x.filter(isNumber)),
    ys = series.flatMap((s) => [s.y, s.min ?? [], s.max ?? []].flatMap((list) => list.filter(isNumber)));
  const x = scaleOf(xs, false),
    y = scaleOf(ys, log);
  const at = (w: number, h: number, s: Series, k: number): [number, number] | null => {
    const px = isNumber(s.x[k]) ? x.place(s.x[k] as number) : NaN,
      py = isNumber(s.y[k]) ? y.place(s.y[k] as number) : NaN;
    return Number.isNaN(px) || Number.isNaN(py) ? null : [px * w, (1 - py) * h];
  };
  const pathOf = (w: number, h: number, s: Series): string => {
    let text = "",
      down = false;
    s.y.forEach((_, k) => {
      const p = at(w, h, s, k);
      if (p) text += `${down ? "L" : "M"}${p[0].toFixed(1)} ${p[1].toFixed(1)}`;
      down = p !== null;
      for (const edge of p ? [s.min?.[k], s.max?.[k]] : [])
        if (isNumber(edge) && !Number.isNaN(y.place(edge)))
          text += `L${p![0].toFixed(1)} ${((1 - y.place(edge)) * h).toFixed(1)}`;
    });
    return text;
  };
  const hover = (event: PointerEvent) => {
    const area = (event.currentTarget as Element).getBoundingClientRect(),
      w = area.width,
      h = area.height,
      px = event.clientX - area.left,
      py = event.clientY - area.top;
    let best: {i: number; k: number} | null = null,
      least = 900;
    series.forEach((s, i) =>
      s.x.forEach((_, k) => {
        const p = at(w, h, s, k),
          far = p ? (p[0] - px) ** 2 + ((p[1] - py) * 0.5) ** 2 : least;
        if (far < least) {
          least = far;
          best = {i, k};
        }
      }),
    );
    setOver(best);
  };
  const one = over && series[over.i] ? series[over.i] : null;
  return (
    <div ref={box} class="graph-box">
      {width > 0 && (
        <Frame {...{width, height, x, y, xname, yname, label}}>
          {(w: number, h: number) => (
            <>
              {diagonal && (
                <line
                  class="line grey d1"
                  x1={w * x.place(0)}
                  x2={w * x.place(1)}
                  y1={h * (1 - y.place(0))}
                  y2={h * (1 - y.place(1))}
                />
              )}
              {series.map((s, i) =>
                dots || s.x.length < 2 ? (
                  s.x.map((_, k) => {
                    const p = at(w, h, s, k);
                    return p && <circle class={"dot " + mark(i)} cx={p[0]} cy={p[1]} r="3" />;
                  })
                ) : (
                  <path class={"line " + mark(i)} d={pathOf(w, h, s)} />
                ),
              )}
              {series.map((s) =>
                s.y.map(
                  (v, k) =>
                    typeof v === "string" &&
                    isNumber(s.x[k]) && (
                      <text class="tick" x={w * x.place(s.x[k] as number)} y={-1} text-anchor="middle">
                        ×<title>{`${word(v)} at ${short(s.x[k] as number)}`}</title>
                      </text>
                    ),
                ),
              )}
              {one && at(w, h, one, over!.k) && (
                <circle class="ring" cx={at(w, h, one, over!.k)![0]} cy={at(w, h, one, over!.k)![1]} r="5" />
              )}
              <rect
                class="grip"
                width={w}
                height={h}
                onPointerMove={hover}
                onPointerLeave={() => setOver(null)}
              />
            </>
          )}
        </Frame>
      )}
      <p class="muted read" aria-hidden="true">
        {one
          ? `${safe(one.name)}: ${word(one.y[over!.k])} at ${word(one.x[over!.k])}`
          : xs.length
            ? "\u00a0"
            : "no finite values"}
      </p>
      <Legend names={series.map((s) => s.name)} />
    </div>
  );
}

// edges: of bins, one more than values; else labels of the bars.
export function Bars({
  labels,
  edges,
  values,
  xname,
  label,
  height = 220,
}: {
  labels?: string[];
  edges?: number[];
  values: (number | string | null)[];
  xname: string;
  label: string;
  height?: number;
}) {
  const [box, width] = useWidth<HTMLDivElement>(),
    n = values.length;
  const y = scaleOf([0, ...values.filter(isNumber)], false),
    from = edges?.[0] ?? 0,
    size = edges ? edges[edges.length - 1] - from || 1 : 1;
  const place = (i: number) => (edges ? (edges[i] - from) / size : i / n),
    every = Math.ceil(n / Math.max(1, Math.floor(width / 70)));
  const ticks = edges ? nice(from, from + size, 5) : values.map((_, i) => i).filter((i) => i % every === 0);
  const text = (i: number) => {
    const whole = safe(labels?.[i] ?? "");
    return whole.length > 12 ? whole.slice(0, 11) + "…" : whole;
  };
  return (
    <div ref={box} class="graph-box">
      {width > 0 && (
        <Frame
          {...{width, height, y, xname, label}}
          x={{
            ticks,
            place: (v) => (edges ? (v - from) / size : (v + 0.5) / n),
            text: edges ? undefined : text,
          }}
        >
          {(w: number, h: number) =>
            values.map((v, i) => {
              const left = w * place(i),
                right = edges ? w * place(i + 1) : (w * (i + 1)) / n,
                gap = edges ? 0.5 : (right - left) * 0.15;
              const title = `${edges ? `${short(edges[i])} to ${short(edges[i + 1])}` : safe(labels?.[i] ?? "")}: ${word(v)}`;
              if (!isNumber(v))
                return (
                  <text class="tick" x={(left + right) / 2} y={h - 4} text-anchor="middle">
                    ×<title>{title}</title>
                  </text>
                );
              const top = h * (1 - y.place(Math.max(0, v))),
                bottom = h * (1 - y.place(Math.min(0, v)));
              return (
                <rect
                  class="dot c0"
                  x={left + gap}
                  y={top}
                  width={Math.max(0.5, right - left - 2 * gap)}
                  height={bottom - top}
                >
                  <title>{title}</title>
                </rect>
              );
            })
          }
        </Frame>
      )}
    </div>
  );
}

export function Matrix({
  rows,
  columns,
  cells,
  label,
}: {
  rows: string[];
  columns: string[];
  cells: number[][];
  label: string;
}) {
  const most = Math.max(1, ...cells.flat()),
    dark = isDark(),
    small = columns.length > 12;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="matrix">
        <thead>
          <tr>
            <th>actual ↓ predicted →</th>
            {columns.map((c) => (
              <th>{safe(c)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r, i) => (
            <tr>
              <th>{safe(r)}</th>
              {cells[i].map((n) => (
                <td title={`${safe(r)}: ${n}`}>
                  <svg viewBox="0 0 10 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect width="10" height="10" fill={n ? shade(1 - n / most, 0, dark) : "none"} />
                  </svg>
                  <span class={n / most > 0.3 ? "on" : ""}>{small ? "" : short(n)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
