// SPDX-License-Identifier: GPL-3.0-or-later
// Trials that are chosen (`cmp=841,702`), side by side: what differs between them.
import {useMemo} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Chart, Twin, Value} from "../base/chart";
import {Check, Choice, css, Link, look, Missing} from "../base/parts";
import {count, safe, word} from "../base/text";
import {isDict} from "../base/whole";
import {show, where} from "../base/where";
import {Card} from "../base/card";
import {byImportance} from "./matters";
import {colourBy, Colouring, colouring} from "./colours";
import {Panel, seriesOf} from "./curves";
import {metrics, params, title} from "./fields";
import {pick, picked, pickTurn} from "./marked";
import {ranked} from "./measure";
import {labelOf, rowOfTrial, sheet, sweep} from "./model";
import {shownRows} from "./subset";
import {MISSING, Sheet, stateOf, valueOf} from "./sheet";
import {cellText} from "./table_row";

const MOST = 12;

interface Line {
  name: string;
  group: string;
  values: unknown[]; // as they are compared and downloaded
  texts: string[];
}

// A value of the sheet, in the words of the table.
function lineOf(s: Sheet, name: string, group: string, rows: number[]): Line {
  const c = s.columns.get(name)!;
  return {
    name: title(name),
    group,
    values: rows.map((row) => (c.kinds[row] === MISSING ? null : valueOf(c, row))),
    texts: rows.map((row) => cellText(c, name, row)),
  };
}

function flat(value: unknown, name: string, into: Map<string, unknown>): void {
  if (isDict(value))
    for (const [key, one] of Object.entries(value)) flat(one, name ? `${name}.${key}` : key, into);
  else if (value !== null && value !== undefined) into.set(name, value);
}

const differs = ({values}: Line): boolean =>
  values.some(
    (v) => JSON.stringify(v) !== JSON.stringify(values[0]) || (v !== v) !== (values[0] !== values[0]),
  );

// trials: as the controller knows each beyond the table: its host, its code, its attempt that counts.
function surroundings(trials: any[], numbers: number[]): Line[] {
  const each = numbers.map((number) => {
    const into = new Map<string, unknown>(),
      trial = trials.find((t) => t.number === number),
      counts = trial?.attempts_list?.find((a: any) => a.attempt === trial.attempt);
    for (const key of ["environment", "host", "code", "git", "grant"])
      flat(trial?.[key] ?? counts?.[key], key, into);
    return into;
  });
  return [...new Set(each.flatMap((one) => [...one.keys()]))].map((name) => ({
    name: safe(name),
    group: "environment",
    values: each.map((one) => one.get(name) ?? null),
    texts: each.map((one) => word(one.get(name))),
  }));
}

// The line that the trial has in the chart.
function Sample({row, i, colours}: {row: number; i: number; colours: Colouring | null}) {
  const {colour, dash} = colours ? {colour: colours.of(row) || css("grey"), dash: []} : seriesOf(i);
  return (
    <svg width="24" height="10" aria-hidden="true">
      <line x1="0" x2="24" y1="5" y2="5" stroke={colour} stroke-width="2" stroke-dasharray={dash.join(" ")} />
    </svg>
  );
}

// A metric of the trials that are compared: the first one of the curves' tab.
function ComparedCurves({rows}: {rows: number[]}) {
  const names = metrics.value.map((c) => c.name.replace(/^metrics\./, "")),
    asked = (where.value.query.m ?? "").split(";")[0],
    main = sweep.value.metric?.name,
    metric = [asked, main, names[0]].find((n) => names.includes(n));
  if (!metric) return null;
  return (
    <Panel
      metric={metric}
      rows={rows}
      groups={null}
      first={false}
      tools={
        <Choice
          name="metric"
          value={metric}
          of={names}
          text={safe}
          usual={main}
          change={(value) => show({m: value})}
        />
      }
    />
  );
}

export function Compare() {
  const s = sheet.value!,
    rows = [...picked.value].map(rowOfTrial).filter((row) => row >= 0),
    few = rows.slice(0, MOST),
    numbers = few.map((row) => Number(labelOf(row))),
    all = where.value.query.cmpall === "1",
    colours = useMemo(
      () => (colourBy.value ? colouring(s, css, "state") : null),
      [s, colourBy.value, where.value.query.r, look.value],
    ),
    asked = useAnswer<any[]>(numbers.join(), "", () =>
      Promise.all(numbers.map((number) => get(`trials/${sweep.value.id}-${number}`))),
    );
  if (rows.length < 2) {
    const best = ranked(shownRows()).slice(0, 4);
    return (
      <Card name="Compare">
        <p>
          Choose two trials or more in the table: click their boxes, or press <kbd>x</kbd> on a row.{" "}
          {best.length > 1 && (
            <button onClick={() => pick(best.map((row) => Number(labelOf(row))))}>
              the best {best.length} of those shown
            </button>
          )}
        </p>
      </Card>
    );
  }
  const names = (prefix: string) => [...s.columns.keys()].filter((n) => n.startsWith(prefix));
  const about = ["state", "reason", "cause", "objective", "duration", "step", "attempts", "agent"].filter(
    (n) => s.columns.has(n),
  );
  const lines = [
    ...about.map((n) => lineOf(s, n, "trial", few)),
    ...byImportance(params.value.map((c) => c.name)).map((n) => lineOf(s, n, "parameters", few)),
    ...names("metrics.").map((n) => lineOf(s, n, "metrics (last)", few)),
    ...surroundings(asked.answer ?? [], numbers),
  ];
  const shown = all ? lines : lines.filter(differs),
    groups = [...new Set(shown.map((line) => line.group))],
    same = lines.length - shown.length;
  const twin = (): Twin => ({
    columns: ["key", ...numbers.map((n) => `trial ${n}`)],
    rows: shown.map((line) => [
      line.name,
      ...line.values.map((v) => (typeof v === "object" && v ? JSON.stringify(v) : (v as Value))),
    ]),
  });
  return (
    <div class="compared">
      <ComparedCurves rows={few} />
      <Chart
        id="compare"
        name={`Compare ${count(rows.length)} trials`}
        twin={twin}
        notes={
          <span class="muted">
            {rows.length > MOST ? `the first ${MOST}; ` : ""}
            {all ? "all keys" : `${count(same)} keys are the same`}
          </span>
        }
        tools={
          <>
            <Check on={!all} turn={(on) => show({cmpall: on ? "" : "1"})}>
              differing only
            </Check>
            <button onClick={() => show({f: `number:${numbers.join(",")}`})}>show only these</button>
          </>
        }
      >
        <Missing of={asked} />
        <div class="scroll">
          <table class="compare">
            <thead>
              <tr>
                <th scope="col">trial</th>
                {few.map((row, i) => (
                  <th scope="col" key={numbers[i]}>
                    <Sample row={row} i={i} colours={colours} />{" "}
                    <Link to={`/t/${sweep.value.id}-${numbers[i]}`}>{numbers[i]}</Link> {stateOf(s, row)}{" "}
                    <button
                      class="plain"
                      aria-label={`leave out trial ${numbers[i]}`}
                      onClick={() => pickTurn(numbers[i])}
                    >
                      ✕
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            {groups.map((group) => (
              <tbody key={group}>
                <tr>
                  <th colSpan={few.length + 1}>{group}</th>
                </tr>
                {shown
                  .filter((line) => line.group === group)
                  .map((line) => (
                    <tr key={line.name}>
                      <th scope="row">{line.name}</th>
                      {line.texts.map((text, i) => (
                        <td key={numbers[i]} title={String(line.values[i] ?? "")}>
                          {text}
                        </td>
                      ))}
                    </tr>
                  ))}
              </tbody>
            ))}
          </table>
        </div>
      </Chart>
    </div>
  );
}
