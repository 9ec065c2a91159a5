// SPDX-License-Identifier: GPL-3.0-or-later
// A metric over the steps of some trials: the best of those shown, and the selected one.
import {useEffect, useRef, useState} from "preact/hooks";
import uPlot from "uplot";
import {get} from "./api";
import {labelOf, metrics, ranked, rowOfTrial, selected, sheet, shown, shownRows, sweep} from "./model";
import {css, useWidth} from "./parts";
import {count, short} from "./text";
import {show, where} from "./where";

interface Curve { trial: number; of: number; x: number[]; last: (number | string)[]; min?: (number | string)[]; max?: (number | string)[] }
const number = (value: number | string): number | null => typeof value === "number" ? value : null;

// A thinned span as its least, its greatest and its last point, so that a spike of one step is seen.
function points(curve: Curve): [number[], (number | null)[]] {
  if (!curve.min) return [curve.x, curve.last.map(number)];
  const xs: number[] = [], ys: (number | null)[] = [];
  curve.x.forEach((x, i) => {
    const before = i ? curve.x[i - 1] : x - 1, width = x - before;
    xs.push(before + width / 3, before + width * 2 / 3, x);
    ys.push(number(curve.min![i]), number(curve.max![i]), number(curve.last[i]));
  });
  return [xs, ys];
}

export function Plot({curves, metric, log, bold = -1}: {curves: Curve[]; metric: string; log: boolean; bold?: number}) {
  const [box, width] = useWidth<HTMLDivElement>(), holder = useRef<HTMLDivElement>(null), theme = document.documentElement.dataset.theme;
  useEffect(() => {
    const some = curves.filter((c) => c.x.length);
    if (!width || !holder.current || !some.length) return;
    const dashes = [[], [6, 3], [2, 3], [10, 3, 2, 3]], muted = css("muted"), line = css("line");
    const axis = {stroke: muted, grid: {stroke: line, width: 1}, ticks: {stroke: line, width: 1}, font: "11px system-ui"};
    const plot = new uPlot({width, height: 320, scales: {x: {time: false}, y: log ? {distr: 3} : {}},
      axes: [{...axis}, {...axis, size: 60, values: (_, all) => all.map((v) => v === null ? "" : short(v))}],
      cursor: {focus: {prox: 20}}, focus: {alpha: 0.25}, legend: {show: some.length <= 8},
      series: [{label: "step"}, ...some.map((c, i) => ({label: `trial ${c.trial}`, spanGaps: true,
        stroke: c.trial === bold ? css("accent") : i < 16 ? css("series-" + i % 4) : css("grey"), width: c.trial === bold ? 2.5 : 1.2,
        dash: i < 16 ? dashes[i >> 2] : [], points: {show: c.x.length < 3}}))]},
      uPlot.join(some.map((c) => { const [x, y] = points(c); return [x, log ? y.map((v) => v !== null && v > 0 ? v : null) : y] as uPlot.AlignedData; })), holder.current);
    return () => plot.destroy();
  }, [curves, width, log, bold, theme]);
  return <div ref={box}><div ref={holder} role="img" aria-label={`${metric} over steps of ${curves.length} trials`}/></div>;
}

export function Curves() {
  const names = metrics.value.map((c) => c.label), main = sweep.value.metric?.name, metric = where.value.query.m ?? (names.includes(main) ? main : names[0]);
  const [curves, setCurves] = useState<Curve[] | null>(null), [wrong, setWrong] = useState("");
  const most = Math.min(200, Number(where.value.query.top ?? 20) || 20), log = where.value.query.cy === "log";
  const rows = ranked(shownRows()).slice(0, most), rest = shownRows().length;
  const chosen = rows.map(labelOf), row = selected.value >= 0 ? rowOfTrial(selected.value) : -1;
  if (row >= 0 && !chosen.includes(String(selected.value))) chosen.push(String(selected.value));
  const key = chosen.slice().sort().join(",");
  useEffect(() => {
    let gone = false;
    if (!metric || !key) { setCurves([]); return; }
    get(`sweeps/${sweep.value.id}/curves?metric=${encodeURIComponent(metric)}&trials=${key}`).then(
      (answer) => { if (!gone) { setCurves(answer.curves); setWrong(""); } }, (error) => { if (!gone) setWrong(error.message); });
    return () => { gone = true; };
  }, [metric, key, sheet.value?.seq]);
  void shown.value;
  const thinned = curves?.filter((c) => c.min).reduce((n, c) => Math.max(n, Math.round(c.of / c.x.length)), 0) ?? 0;
  return <section class="card"><header><h2>Curves</h2>
    <label>metric <select value={metric} onChange={(e) => show({m: e.currentTarget.value === main ? "" : e.currentTarget.value})}>{names.map((n) => <option>{n}</option>)}</select></label>
    <label>best <select value={String(most)} onChange={(e) => show({top: e.currentTarget.value === "20" ? "" : e.currentTarget.value})}>{["5", "10", "20", "50", "100", "200"].map((n) => <option>{n}</option>)}</select></label>
    <label><input type="checkbox" checked={log} onChange={(e) => show({cy: e.currentTarget.checked ? "log" : ""})}/> log</label>
    <span class="muted">{count(chosen.length)} of {count(rest)} shown trials{thinned ? ` · least, greatest and last of about ${count(thinned)} points each` : ""}</span></header>
    {wrong && <p class="error" role="alert">{wrong}</p>}
    {!curves ? <div class="skeleton" aria-busy="true"/> : !curves.some((c) => c.x.length) ? <p class="muted">None of these trials has points of {metric ?? "a metric"}.</p>
      : <Plot curves={curves} metric={metric} log={log} bold={selected.value}/>}</section>;
}
