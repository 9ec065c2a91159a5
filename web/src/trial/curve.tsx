// SPDX-License-Identifier: GPL-3.0-or-later
// A metric of the trial, beside another one's.
import {useMemo} from "preact/hooks";
import {Chart} from "../base/chart";
import {CurveChoices, curveRange, curveSmooth, curveX, ResetZoom} from "../base/curve_choices";
import {kindOf, rangeText, rowsOver, rulesOf, titleOf, useCurves, useRungs} from "../base/curves";
import {Choice, css, look, Missing} from "../base/parts";
import {linesOf, number, Plot} from "../base/plot";
import {count, safe} from "../base/text";
import {show, where} from "../base/where";

const BAND = 1000; // trials that a band is made of
const ENDS: Record<string, string> = {stopped: "◆", failed: "×"};

export function Curve({trial, best, sweep}: {trial: any; best: any; sweep: any}) {
  const q = where.value.query,
    names = Object.keys(trial.metrics ?? {}),
    main = sweep.metric?.name,
    chosen = names.includes(q.m ?? "") ? q.m! : names.includes(main) ? main : names[0],
    x = curveX(),
    range = curveRange(),
    other = best && best.number !== trial.number ? best.number : null,
    smooth = curveSmooth(),
    known = trial.step ?? 0;
  const rungs = useRungs(sweep.id, chosen === main && !!sweep.spec?.early_terminate, known);
  const asked = useCurves(
      chosen
        ? [
            {
              sweep: trial.sweep,
              metric: chosen,
              x,
              trials: other === null ? [trial.number] : [trial.number, other],
              range,
              points: 1000,
              log: false,
              smooth,
              marks: rungs.map((r) => r.rung),
            },
          ]
        : [],
      known,
    ),
    {got} = asked;
  // Of all trials, or of as many as one answer takes.
  const every = Math.max(1, Math.ceil((sweep.proposed ?? 0) / BAND)),
    {got: all} = useCurves(
      chosen && sweep.proposed > 2
        ? [
            {
              sweep: trial.sweep,
              metric: chosen,
              x,
              trials: Array.from({length: Math.floor(sweep.proposed / every)}, (_, i) => i * every),
              range,
              points: 200,
              log: false,
              smooth: 0,
              bands: true,
            },
          ]
        : [],
      sweep.counts?.finished ?? 0,
    ),
    band = all?.[0]?.bands;
  const theme = look.value;
  const areas = useMemo(
    () =>
      band
        ? [
            {
              x: band.x,
              low: band.q10.map(number),
              high: band.q90.map(number),
              colour: css("grey"),
              alpha: 0.35,
            },
          ]
        : [],
    [band, theme],
  );
  const lines = useMemo(
    () =>
      (got?.[0]?.curves ?? [])
        .flatMap((c) =>
          linesOf(c, {
            name: c.trial === trial.number ? "this trial" : `trial ${c.trial}`,
            own: c.trial === trial.number,
            colour: css(c.trial === trial.number ? "accent" : "series-1"),
            dash: c.trial === trial.number ? [] : [7, 3],
            width: c.trial === trial.number ? 2 : 1.2,
            end: c.trial === trial.number ? ENDS[trial.state] : undefined,
          }),
        )
        .reverse(),
    [got, theme, trial.state],
  );
  const rules = useMemo(() => (got?.[0] ? rulesOf(got[0], rungs) : []), [got, rungs]),
    thin = got?.[0]?.curves.reduce((n, c) => Math.max(n, c.thin ?? 0), 0) ?? 0;
  return (
    <Chart
      name={names.length === 1 ? "Curves: " + safe(names[0]) : "Curves"}
      id="curve"
      twin={() => ({
        columns: ["trial", titleOf(x), chosen ?? "", ...(smooth ? ["smoothed"] : [])],
        rows: rowsOver(
          x,
          (got?.[0]?.curves ?? []).flatMap((c) =>
            smooth && c.sx
              ? c.sx.map((at, i) => [c.trial, at, c.y[c.x.indexOf(at)] ?? null, c.sy![i]])
              : c.x.map((at, i) => [c.trial, at, c.y[i]]),
          ),
        ),
      })}
      tools={<ResetZoom />}
      notes={
        <>
          {names.length > 1 && (
            <Choice
              aria-label="metric"
              value={chosen}
              of={names}
              text={safe}
              usual={main}
              change={(value) => show({m: value})}
            />
          )}
          <CurveChoices metrics={names.filter((n) => n !== chosen)} />
          <span class="muted">
            {[
              other === null ? "" : `dashed: trial ${other}`,
              areas.length ? `grey: 10 to 90 % of ${count(all![0].of)} trials` : "",
              thin > 1 ? `min–max of ${count(thin)} points a column` : "",
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </>
      }
    >
      {chosen && <Missing of={asked} what="the curve" />}
      {!chosen ? (
        <p class="muted">It has reported no metric.</p>
      ) : !got ? null : lines.some((l) => l.x.length) ? (
        <Plot
          lines={lines}
          areas={areas}
          rules={rules}
          label={`${chosen} over ${titleOf(x)}`}
          across={titleOf(x)}
          kind={kindOf(x)}
          range={range}
          zoom={(a, b) => show({cz: rangeText(a, b)})}
          group={x === "time" ? "trial" : ""}
          height={280}
        />
      ) : (
        <p class="muted">No points of {safe(chosen)}.</p>
      )}
    </Chart>
  );
}
