// SPDX-License-Identifier: GPL-3.0-or-later
// Metrics of the best trials shown, over steps or time; of more than 200 trials, how they spread.
import type {ComponentChildren} from "preact";
import {useMemo} from "preact/hooks";
import {Chart, Twin, Value} from "../base/chart";
import {
  Asked,
  Got,
  kindOf,
  rangeText,
  rowsOver,
  RungSent,
  rulesOf,
  titleOf,
  useCurves,
  useRungs,
} from "../base/curves";
import {CurveChoices, curveRange, curveSmooth, curveX, ResetZoom} from "../base/curve_choices";
import {Check, Choice, css, look, Missing} from "../base/parts";
import {Area, Line, linesOf, number, Plot} from "../base/plot";
import {count, safe} from "../base/text";
import {show, where} from "../base/where";
import {Card} from "../base/card";
import {colourBy, colouring} from "./colours";
import {metrics} from "./fields";
import {hovered, selected} from "./marked";
import {goal, objective, ranked} from "./measure";
import {labelOf, rowOfTrial, sheet, sweep} from "./model";
import {shown, shownRows} from "./subset";
import {cell, Column, stateOf} from "./sheet";
import {Legend} from "./shown";

export const LINES = 200; // above: bands
const SAMPLE = 1000, // trials that bands are made of
  GROUPS = 4,
  OWN = 8, // lines with a colour of their own
  POINTS = 40000; // of all curves together

interface Group {
  name: string;
  colour: string;
  trials: number[];
}
const some = (rows: number[], most: number): number[] =>
  rows.length <= most
    ? rows
    : Array.from({length: most}, (_, i) => rows[Math.floor((i * rows.length) / most)]);

function groupsOf(rows: number[], column: Column | undefined): Group[] {
  const numbers = (some: number[]) => some.map((row) => Number(labelOf(row)));
  if (!column?.words || column.words.length < 2 || column.words.length > GROUPS)
    return [{name: "all", colour: css("series-0"), trials: numbers(some(rows, SAMPLE))}];
  return column.words
    .map((_, i) => ({
      name: `${column.label} ${column.texts[i]}`,
      colour: css("series-" + i),
      trials: numbers(
        some(
          rows.filter((row) => column.values[row] === i),
          SAMPLE,
        ),
      ),
    }))
    .filter((g) => g.trials.length);
}

// The name of a line, and what stands at its end.
function lineEnd(
  row: number,
  marks: (number | null)[] | undefined,
  rungs: RungSent[],
): {end?: string; more: string} {
  const state = row < 0 ? "" : stateOf(sheet.value!, row);
  if (state === "failed") return {end: "×", more: " failed"};
  if (state !== "stopped") return {more: state === "running" ? " running" : ""};
  const at = (marks ?? []).reduce<number>((last, x, i) => (x === null ? last : i), -1);
  return {end: "◆", more: at >= 0 ? ` stopped at rung ${rungs[at].rung}` : " stopped"};
}

function twinOf(metric: string, x: string, got: Got | undefined, groups: Group[] | null, all: Got[]): Twin {
  const value = (v: number | string): Value => v;
  if (groups)
    return {
      columns: ["group", titleOf(x), "trials", "10 %", "25 %", "median", "75 %", "90 %"],
      rows: all.flatMap(({bands: b}, g) =>
        b
          ? b.x.map((at, i) => [
              groups[g]?.name ?? "",
              at,
              b.n[i],
              value(b.q10[i]),
              value(b.q25[i]),
              value(b.q50[i]),
              value(b.q75[i]),
              value(b.q90[i]),
            ])
          : [],
      ),
    };
  const smooth = got?.curves.some((c) => c.sx);
  return {
    columns: ["trial", titleOf(x), metric, ...(smooth ? ["smoothed"] : [])],
    rows: (got?.curves ?? []).flatMap((c) => {
      if (!c.sx) return c.x.map((at, i) => [c.trial, at, c.y[i]]);
      const raw = new Map(c.x.map((at, i) => [at, c.y[i]])),
        soft = new Map(c.sx.map((at, i) => [at, c.sy![i]]));
      return [...new Set([...c.x, ...c.sx])]
        .sort((a, b) => a - b)
        .map((at) => [c.trial, at, raw.get(at) ?? null, soft.get(at) ?? null]);
    }),
  };
}

// How the i-th of several lines is drawn where no column colours them.
export const seriesOf = (i: number): {colour: string; dash: number[]} => ({
  colour: i < OWN ? css("series-" + (i % 4)) : css("grey"),
  dash: i >= OWN / 2 && i < OWN ? [7, 3] : [],
});

// rows: the best first.
export function Panel({
  metric,
  rows,
  groups,
  first,
  tools,
  out,
}: {
  metric: string;
  rows: number[];
  groups: Group[] | null;
  first: boolean;
  tools?: ComponentChildren;
  out?: () => void;
}) {
  const q = where.value.query,
    x = curveX(),
    logX = q.cxl === "1",
    logY = q.cy === "log",
    smooth = curveSmooth(),
    range = curveRange(),
    known = sheet.value?.seq ?? 0,
    trials = rows.map((row) => Number(labelOf(row))).sort((a, b) => a - b),
    main = metric === sweep.value.metric?.name;
  const rungs = useRungs(sweep.value.id, main && !groups && !!sweep.value.spec?.early_terminate, known);
  const ask = {sweep: sweep.value.id, metric, x, range, log: logX, smooth: 0, points: 200};
  const asked: Asked[] = groups
    ? groups.map((g) => ({...ask, trials: g.trials, bands: true}))
    : [
        {
          ...ask,
          trials,
          smooth,
          points: Math.max(
            200,
            Math.min(trials.length > 1 ? 1000 : 1900, Math.floor(POINTS / Math.max(1, trials.length))),
          ),
          marks: rungs.map((r) => r.rung),
        },
      ];
  const answered = useCurves(asked, known),
    {got} = answered;
  const theme = look.value;
  // By what is chosen; else each line has a colour of its own.
  const colours = colourBy.value && !groups ? colouring(sheet.value!, css, "state") : null;
  const drawn = useMemo(() => {
    const lines: Line[] = [],
      areas: Area[] = [];
    if (!got) return {lines, areas, rules: []};
    if (groups) {
      got.forEach(({bands: b}, g) => {
        if (!b || !groups[g]) return;
        const colour = groups[g].colour;
        areas.push({x: b.x, low: b.q10.map(number), high: b.q90.map(number), colour, alpha: 0.15});
        areas.push({x: b.x, low: b.q25.map(number), high: b.q75.map(number), colour, alpha: 0.25});
        lines.push({
          key: -1,
          name: `median of ${groups[g].name}`,
          x: b.x,
          y: b.q50.map(number),
          colour,
          width: 2,
        });
      });
      return {lines, areas, rules: []};
    }
    const colour = colours?.of,
      place = new Map(rows.map((row, i) => [Number(labelOf(row)), i]));
    const rank = (c: {trial: number}) => place.get(c.trial) ?? rows.length;
    for (const c of [...got[0].curves].sort((a, b) => rank(b) - rank(a))) {
      const row = rowOfTrial(c.trial),
        i = rank(c), // the best are drawn last
        {end, more} = lineEnd(row, c.marks, rungs);
      lines.push(
        ...linesOf(c, {
          name: `trial ${c.trial}${more}`,
          ...(colour && row >= 0 ? {colour: colour(row) || css("grey"), dash: []} : seriesOf(i)),
          end,
        }),
      );
    }
    return {lines, areas, rules: rulesOf(got[0], rungs)};
  }, [got, rows.join(), colours?.name, sheet.value, groups, rungs, theme]);
  const thin = got?.[0]?.curves.reduce((n, c) => Math.max(n, c.thin ?? 0), 0) ?? 0,
    used = groups ? groups.reduce((n, g) => n + g.trials.length, 0) : trials.length;
  return (
    <Chart
      name={first ? "Curves" : safe(metric)}
      id={first ? "curves" : "curves-" + metric}
      twin={() => {
        const {columns, rows} = twinOf(metric, x, got?.[0], groups, got ?? []);
        return {columns, rows: rowsOver(x, rows)};
      }}
      tools={
        <>
          <ResetZoom />
          {out && (
            <button class="plain" onClick={out} aria-label={`remove the curves of ${metric}`}>
              ✕
            </button>
          )}
        </>
      }
      notes={
        <>
          {tools}
          <span class="muted">
            {groups
              ? `10–90 % and 25–75 % of ${count(used)} of ${count(shownRows().length)} shown trials`
              : `${count(used)} of ${count(shownRows().length)} shown trials`}
            {thin > 1 ? ` · min–max of ${count(thin)} points a column` : ""}
          </span>
        </>
      }
    >
      <Missing of={answered} what="the curves" />
      {!got ? null : !drawn.lines.some((l) => l.x.length) ? (
        <p class="muted">
          None of these trials has points of {safe(metric)}
          {x === "step" ? "" : ` over ${titleOf(x)}`}
          {q.cz ? " in this range" : ""}.
        </p>
      ) : (
        <Plot
          lines={drawn.lines}
          areas={drawn.areas}
          rules={drawn.rules}
          label={`${metric} over ${titleOf(x)} of ${used} trials`}
          across={titleOf(x)}
          kind={kindOf(x)}
          logX={logX}
          logY={logY}
          range={range}
          zoom={(a, b) => show({cz: rangeText(a, b)})}
          marked={hovered.value}
          bold={selected.value}
          mark={(trial) => {
            hovered.value = trial;
          }}
          pick={(trial) => show({sel: String(trial)})}
          group="curves"
          height={first ? 320 : 220}
        />
      )}
      {colours && <Legend colouring={colours} />}
      {first && !colours && !groups && got && <Lines rows={rows} />}
      {groups && groups.length > 1 && (
        <p class="muted under">
          {groups.map((g) => (
            <span class="key" style={{borderColor: g.colour}}>
              {g.name}{" "}
            </span>
          ))}
        </p>
      )}
    </Chart>
  );
}

// The lines that have a colour of their own, the best first.
function Lines({rows}: {rows: number[]}) {
  return (
    <p class="legend muted">
      {rows.slice(0, OWN).map((row, i) => (
        <span key={row}>
          <svg width="18" height="10" aria-hidden="true">
            <line x1="0" x2="18" y1="5" y2="5" class={`series-${i % 4}` + (i >= OWN / 2 ? " dashed" : "")} />
          </svg>{" "}
          {labelOf(row)}
          {objective.value && <span class="muted"> {cell(objective.value, row)}</span>}
        </span>
      ))}
      {rows.length > OWN && <span>grey: {rows.length - OWN} more</span>}
    </p>
  );
}

export function Curves() {
  void shown.value;
  void goal.value;
  const q = where.value.query,
    names = metrics.value.map((c) => c.name.replace(/^metrics\./, "")),
    main = sweep.value.metric?.name,
    asked = (q.m ?? "").split(";").filter((n) => names.includes(n)),
    panels = asked.length ? asked : [names.includes(main) ? main : names[0]].filter(Boolean),
    others = names.filter((n) => !panels.includes(n));
  const all = q.top === "all",
    most = all ? LINES : Math.min(LINES, Number(q.top ?? 20) || 20),
    rest = shownRows(),
    rows = all && rest.length <= LINES ? rest : ranked(rest).slice(0, most);
  const row = selected.value >= 0 ? rowOfTrial(selected.value) : -1;
  if (row >= 0 && !rows.includes(row)) rows.push(row);
  // A sweep that has just begun has no objective: what runs is shown.
  if (!rows.length) rows.push(...rest.slice(-most));
  const by = sheet.value!.columns.get(colourBy.value),
    mask = shown.value,
    groups = useMemo(
      () => (all && rest.length > LINES ? groupsOf(rest, by) : null),
      [all, mask, by, colourBy.value],
    );
  const set = (list: string[]) => show({m: list.length === 1 && list[0] === main ? "" : list.join(";")});
  const tools = (
    <>
      <Choice
        name="metric"
        value={panels[0]}
        of={names}
        text={safe}
        change={(value) => set([value, ...panels.slice(1).filter((n) => n !== value)])}
      />
      {others.length > 0 && (
        <Choice
          aria-label="add a metric"
          value=""
          of={["", ...others]}
          text={(n) => safe(n) || "+ metric"}
          change={(n) => set([...panels, n])}
        />
      )}
      <CurveChoices metrics={others} />
      <Choice
        name="best"
        value={all ? "all" : String(q.top ?? 20)}
        of={["5", "10", "20", "50", "100", "200", "all"]}
        usual="20"
        change={(value) => show({top: value})}
      />
      <Check on={q.cxl === "1"} turn={(on) => show({cxl: on ? "1" : ""})}>
        log x
      </Check>
      <Check on={q.cy === "log"} turn={(on) => show({cy: on ? "log" : ""})}>
        log y
      </Check>
    </>
  );
  if (!panels.length)
    return (
      <Card name="Curves">
        <p class="muted">No trial has reported a metric yet.</p>
      </Card>
    );
  return (
    <>
      {panels.map((metric, i) => (
        <Panel
          key={metric}
          metric={metric}
          rows={rows}
          groups={groups}
          first={i === 0}
          tools={i === 0 ? tools : undefined}
          out={panels.length > 1 ? () => set(panels.filter((n) => n !== metric)) : undefined}
        />
      ))}
    </>
  );
}
