// SPDX-License-Identifier: GPL-3.0-or-later
// The head of a sweep's page: how it goes, the best trial, what is left.
import {SweepActions} from "../act/actions";
import {count, ago, GLYPHS, moment, safe, span, STATES} from "../base/text";
import {Bar, Link, State} from "../base/parts";
import {show} from "../base/where";
import {filterText, goal, ranked, sheet, shownRows, slots, sweep, varying} from "./model";
import {cell, stateOf} from "./sheet";

function Best() {
  const s = sheet.value!,
    rows = ranked(shownRows().length === s.n ? Array.from({length: s.n}, (_, i) => i) : shownRows()),
    row = rows[0];
  const metric = sweep.value.metric?.name;
  if (!metric) return <p class="muted">The sweep names no metric, so no trial is best.</p>;
  if (row === undefined) return <p class="muted">No trial has a value of {metric} yet.</p>;
  const number = cell(s.columns.get("number"), row),
    ended = s.columns.get("ended");
  return (
    <div class="best facts">
      <span>
        best {safe(metric)} {goal.value === "maximize" ? "↑" : "↓"}{" "}
        <b title={cell(s.columns.get("objective"), row, true)}>{cell(s.columns.get("objective"), row)}</b>
      </span>
      <Link to={`/t/${sweep.value.id}-${number}`}>trial {number}</Link>
      {ended && ended.kinds[row] === 0 && (
        <span class="muted" title={moment(ended.values[row])}>
          {ago(ended.values[row])}
        </span>
      )}
      <Chance />
      <code>
        {varying.value
          .slice(0, 8)
          .map((c) => `${c.label}=${cell(c, row)}`)
          .join("  ")}
      </code>
    </div>
  );
}

function Slots() {
  const now = slots.value;
  if (!now) return null;
  return (
    <span>
      {now.all ? `slots ${now.busy}/${now.all} busy` : "no agent is connected"}
      {now.away ? ` · ${now.away} agent${now.away > 1 ? "s" : ""} away` : ""}
    </span>
  );
}

// How long the rest takes, if it goes as the trials that have finished: half of them took less than the first
// figure's trials, nine in ten less than the second's.
function Left() {
  const s = sheet.value,
    total = sweep.value.total,
    running = sweep.value.counts?.running ?? 0,
    durations = s?.columns.get("duration");
  if (!s || !total || sweep.value.state !== "running") return null;
  const took: number[] = [];
  for (let row = 0; row < s.n && durations; row++)
    if (durations.kinds[row] === 0 && stateOf(s, row) === "finished") took.push(durations.values[row]);
  if (took.length < 3) return <span class="muted">left: unknown until 3 trials have finished</span>;
  if (!running) return <span class="muted">nothing is running</span>;
  took.sort((a, b) => a - b);
  const counts = sweep.value.counts,
    rest = total - ((sweep.value.proposed ?? 0) - running - (counts.pending ?? 0)) - running / 2;
  const at = (part: number) =>
    (Math.max(0, rest) / running) * took[Math.min(took.length - 1, Math.floor(part * took.length))];
  return (
    <span
      title={`${count(Math.round(rest))} trials are left; of ${count(took.length)} that finished, half took less than ${span((at(0.5) * running) / Math.max(1, rest))}; ${running} at once`}
    >
      left {span(at(0.5))} to {span(at(0.9))}
    </span>
  );
}

// Exact for independent draws: the best of n + m trials is among the last m with this probability.
function Chance() {
  const s = sheet.value!,
    next = 100,
    column = s.columns.get("objective");
  if (sweep.value.method !== "random" || !column) return null;
  let n = 0;
  for (let row = 0; row < s.n; row++) if (column.kinds[row] === 0) n++;
  return n < 3 ? null : (
    <span class="muted" title={`${next} of ${n + next}: the trials are drawn independently`}>
      next {next} trials: {Math.round((100 * next) / (n + next))} % for a new best
    </span>
  );
}

export function Header() {
  const s = sweep.value,
    counts = s.counts ?? {},
    done = (s.proposed ?? 0) - (counts.running ?? 0) - (counts.pending ?? 0);
  const only = (state: string) => show({f: filterText.value === "state:" + state ? "" : "state:" + state});
  return (
    <section class="card">
      <div class="facts">
        <h1>{safe(s.name || s.id)}</h1>
        <span class="muted">
          {s.name ? s.id : ""} {s.method}
          {s.seed != null ? ` · seed ${s.seed}` : ""}
        </span>
        <State name={s.state} />
        {s.reason && s.state !== "running" && (
          <span class="muted">
            {s.reason}
            {s.text ? ": " + safe(s.text) : ""}
          </span>
        )}
        <span class="spring" />
        <SweepActions sweep={s} />
      </div>
      <div class="facts">
        {STATES.filter((name) => counts[name]).map((name) => (
          <button
            key={name}
            class="plain"
            onClick={() => only(name)}
            aria-pressed={filterText.value === "state:" + name}
          >
            <span class={"glyph s-" + name}>{GLYPHS[name]}</span>
            {count(counts[name])} {name}
          </button>
        ))}
        <Bar counts={counts} total={s.total} />
        <span>{s.total ? `${count(done)} of ${count(s.total)}` : `${count(done)} trials, no end set`}</span>
        <Left />
        <Slots />
        <span class="muted" title={moment(s.created)}>
          started {ago(s.created)}
        </span>
      </div>
      {sheet.value && <Best />}
    </section>
  );
}
