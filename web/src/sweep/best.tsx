// SPDX-License-Identifier: GPL-3.0-or-later
// The best trial: its value, and its noise where trials repeat it, and what is different from the best before.
import {useAnswer} from "../base/asked";
import {File, filesAsk, isCheckpoint, stepOf} from "../base/files";
import {Link} from "../base/parts";
import {isSeed} from "../base/seed";
import {shellWord} from "../base/shell";
import {Spark} from "../base/spark";
import {ago, count, fileOf, safe, short, size} from "../base/text";
import {moment} from "../base/time";
import {show} from "../base/where";
import {metrics, varying} from "./fields";
import {Luck, Repeat} from "./luck";
import {bestRow, goal, objective, ranked} from "./measure";
import {sheet, sweep} from "./model";
import {front} from "./objectives";
import {pace, slots} from "./pace";
import {meanOf, repeats, same} from "./repeats";
import {cell, everyRow, Sheet, VALUE, valueOf} from "./sheet";

// The best trial of those that ended before this one did.
function before(s: Sheet, row: number): number {
  const ended = s.columns.get("ended"),
    when = ended?.kinds[row] === VALUE ? ended.values[row] : NaN;
  return ranked(everyRow(s)).find((other) => ended!.values[other] < when) ?? -1;
}

// Whether to go on, with what came of earlier forecasts where it is not exact.
function Chance() {
  const chance = pace.value?.chance;
  return (
    chance && (
      <span class="muted" title={[chance.record, chance.basis].filter(Boolean).join("; ")}>
        {chance.text}
        {chance.brief && ` · ${chance.brief}`}
      </span>
    )
  );
}

const yaml = (value: unknown): string =>
  typeof value === "string" && !/^[A-Za-z_][\w./-]*$/.test(value) ? JSON.stringify(value) : python(value);
function python(value: unknown): string {
  return value === true ? "True" : value === false ? "False" : value === null ? "None" : String(value);
}

function copy(text: string): void {
  if (navigator.clipboard) {
    void navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea"); // a page without TLS has no clipboard
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

function Copies({s, row}: {s: Sheet; row: number}) {
  const values = [...s.columns.values()]
    .filter((c) => c.name.startsWith("params.") && c.kinds[row] !== 4)
    .map((c): [string, unknown] => [c.name.slice("params.".length), valueOf(c, row)]);
  return (
    <>
      <button
        class="plain"
        title="copy its parameters as arguments of a command"
        onClick={() => copy(values.map(([n, v]) => shellWord(`--${n}=${python(v)}`)).join(" "))}
      >
        copy arguments
      </button>
      <button
        class="plain"
        title="copy its parameters as YAML"
        onClick={() => copy(values.map(([n, v]) => `${n}: ${yaml(v)}\n`).join(""))}
      >
        copy YAML
      </button>
    </>
  );
}

function Noise({s, row}: {s: Sheet; row: number}) {
  const all = repeats(s, row);
  if (all.length < 2) return null;
  const {mean, sd} = meanOf(all);
  return (
    <span title="mean and standard deviation of the trials with its parameters, but for seeds">
      repeats: mean {short(mean)} ± {short(sd)} of {all.length}
    </span>
  );
}

// The newest of the checkpoints that the trial has saved, and where it is.
function Checkpoint({s, row}: {s: Sheet; row: number}) {
  const [number, attempt, agent] = ["number", "attempts", "agent"].map((n) => cell(s.columns.get(n), row)),
    there = slots.value?.list.some((slot) => slot.agent === agent),
    {wrong, again, own} = useAnswer(there ? [number, attempt, agent].join() : "", "", () =>
      filesAsk(sweep.value.id, +number, +attempt, agent),
    ),
    files = (own?.rows ?? []).filter(([path]: File) => isCheckpoint(path)),
    last = files.reduce((a: File, b: File) => (b[2] > a[2] ? b : a), files[0]);
  if (wrong && !own && !wrong.includes("no folder"))
    return (
      <span class="muted" title={safe(wrong)}>
        checkpoint not known{" "}
        <button class="plain" onClick={again}>
          retry
        </button>
      </span>
    );
  if (!own && !wrong) return null; // nobody is there to say it
  return last ? (
    <span title={`${safe(last[0])} in the trial's folder ($BESOM_DIR), ${moment(last[2] / 1000)}`}>
      checkpoint {fileOf(last[0])}
      <span class="muted">
        {stepOf(last[0]) && ` (step ${stepOf(last[0])})`}, {size(last[1])} on {safe(agent)}
      </span>
    </span>
  ) : (
    <span class="muted">no checkpoint saved</span>
  );
}

export function Best() {
  const s = sheet.value!,
    metric = sweep.value.metric?.name;
  if (!metric) return <p class="muted">The sweep names no metric, so no trial is best.</p>;
  const row = bestRow.value;
  if (row === undefined || !objective.value)
    return (
      <p class="muted">
        No trial has a value of {safe(metric)}
        {sweep.value.state === "running" && " yet"}
        {metrics.value.length
          ? ": they report " + safe(metrics.value.map((c) => c.name.slice(8)).join(", "))
          : ""}
        .
      </p>
    );
  const number = cell(s.columns.get("number"), row),
    column = objective.value,
    ended = s.columns.get("ended"),
    earlier = before(s, row);
  const changed = earlier < 0 ? [] : varying.value.filter((c) => !same(c, row, earlier) && !isSeed(c.name));
  return (
    <>
      <div class="best facts">
        {front.value && (
          <button class="plain" onClick={() => show({tab: "pareto"})}>
            front of {count(front.value.n)} trial{front.value.n === 1 ? "" : "s"}
            {front.value.volume >= 0 ? `, hypervolume ${short(front.value.volume)}` : ""}
          </button>
        )}
        <span>
          best {front.value ? "in " : ""}
          {safe(metric)} {goal.value === "maximize" ? "↑" : "↓"}{" "}
          <b title={cell(column, row, true)}>{cell(column, row)}</b>
          {front.value ? " alone" : ""}
        </span>
        <Noise s={s} row={row} />
        <Link to={`/t/${sweep.value.id}-${number}`}>trial {number}</Link>
        {ended && ended.kinds[row] === VALUE && (
          <span class="muted" title={moment(ended.values[row])}>
            {ago(ended.values[row])}
          </span>
        )}
        {pace.value && <Spark values={pace.value.line} name={`best ${metric} so far`} />}
        {!sweep.value.metrics && <Luck number={+number} />}
        <Chance />
      </div>
      <p class="config">
        {changed.length > 0 && (
          <span class="muted">
            changed since the best before, trial {cell(s.columns.get("number"), earlier)}:
          </span>
        )}
        {(changed.length > 0 ? changed : varying.value).slice(0, 8).map((c) => (
          <span key={c.name}>
            {c.label} <b>{cell(c, row)}</b>
            {changed.length > 0 && <span class="muted"> (was {cell(c, earlier)})</span>}
          </span>
        ))}
        {changed.length > 8 && <span class="muted">and {changed.length - 8} more</span>}
        <Checkpoint s={s} row={row} />
        <Copies s={s} row={row} />
        {!sweep.value.metrics && <Repeat number={+number} />}
      </p>
    </>
  );
}
