// SPDX-License-Identifier: GPL-3.0-or-later
import {useEffect} from "preact/hooks";
import {Curves} from "./curves";
import {brush, brushes, colourBy, filter, filterText, goal, open, params, ranked, sheet, shownRows, slots, sweep, trouble, varying} from "./model";
import {Parallel} from "./parallel";
import {Bar, Link, State} from "./parts";
import {Scatter} from "./scatter";
import {cell, label, stateOf} from "./sheet";
import {Table} from "./table";
import {ago, count, GLYPHS, moment, safe, short, span, STATES, word} from "./text";
import {show, where} from "./where";

const TABS = ["overview", "parallel", "curves", "spec"];

function Best() {
  const s = sheet.value!, rows = ranked(shownRows().length === s.n ? Array.from({length: s.n}, (_, i) => i) : shownRows()), row = rows[0];
  const metric = sweep.value.metric?.name;
  if (!metric) return <p class="muted">The sweep names no metric, so no trial is best.</p>;
  if (row === undefined) return <p class="muted">No trial has a value of {metric} yet.</p>;
  const number = cell(s.columns.get("number"), row), ended = s.columns.get("ended");
  return <div class="best facts"><span>best {safe(metric)} {goal.value === "maximize" ? "↑" : "↓"} <b title={cell(s.columns.get("objective"), row, true)}>{cell(s.columns.get("objective"), row)}</b></span>
    <Link to={`/t/${sweep.value.id}-${number}`}>trial {number}</Link>
    {ended && ended.kinds[row] === 0 && <span class="muted" title={moment(ended.values[row])}>{ago(ended.values[row])}</span>}
    <Chance/><code>{varying.value.slice(0, 8).map((c) => `${c.label}=${cell(c, row)}`).join("  ")}</code></div>;
}

function Slots() {
  const now = slots.value;
  if (!now) return null;
  return <span>{now.all ? `slots ${now.busy}/${now.all} busy` : "no agent is connected"}{now.away ? ` · ${now.away} agent${now.away > 1 ? "s" : ""} away` : ""}</span>;
}

// How long the rest takes, if it goes as the trials that have finished: half of them took less than the first
// figure's trials, nine in ten less than the second's.
function Left() {
  const s = sheet.value, total = sweep.value.total, running = sweep.value.counts?.running ?? 0, durations = s?.columns.get("duration");
  if (!s || !total || sweep.value.state !== "running") return null;
  const took: number[] = [];
  for (let row = 0; row < s.n && durations; row++) if (durations.kinds[row] === 0 && stateOf(s, row) === "finished") took.push(durations.values[row]);
  if (took.length < 3) return <span class="muted">left: unknown until 3 trials have finished</span>;
  if (!running) return <span class="muted">nothing is running</span>;
  took.sort((a, b) => a - b);
  const counts = sweep.value.counts, rest = total - ((sweep.value.proposed ?? 0) - running - (counts.pending ?? 0)) - running / 2;
  const at = (part: number) => Math.max(0, rest) / running * took[Math.min(took.length - 1, Math.floor(part * took.length))];
  return <span title={`${count(Math.round(rest))} trials are left; of ${count(took.length)} that finished, half took less than ${span(at(0.5) * running / Math.max(1, rest))}; ${running} at once`}>
    left {span(at(0.5))} to {span(at(0.9))}</span>;
}

// Exact for independent draws: the best of n + m trials is among the last m with this probability.
function Chance() {
  const s = sheet.value!, next = 100, column = s.columns.get("objective");
  if (sweep.value.method !== "random" || !column) return null;
  let n = 0;
  for (let row = 0; row < s.n; row++) if (column.kinds[row] === 0) n++;
  return n < 3 ? null : <span class="muted" title={`${next} of ${n + next}: the trials are drawn independently`}>next {next} trials: {Math.round(100 * next / (n + next))} % for a new best</span>;
}

function Header() {
  const s = sweep.value, counts = s.counts ?? {}, done = (s.proposed ?? 0) - (counts.running ?? 0) - (counts.pending ?? 0);
  const only = (state: string) => show({f: filterText.value === "state:" + state ? "" : "state:" + state});
  return <section class="card"><div class="facts"><h1>{safe(s.name || s.id)}</h1><span class="muted">{s.name ? s.id : ""} {s.method}{s.seed != null ? ` · seed ${s.seed}` : ""}</span>
    <State name={s.state}/>{s.reason && s.state !== "running" && <span class="muted">{s.reason}{s.text ? ": " + safe(s.text) : ""}</span>}</div>
    <div class="facts">{STATES.filter((name) => counts[name]).map((name) => <button key={name} class="plain" onClick={() => only(name)} aria-pressed={filterText.value === "state:" + name}>
      <span class={"glyph s-" + name}>{GLYPHS[name]}</span>{count(counts[name])} {name}</button>)}
      <Bar counts={counts} total={s.total}/><span>{s.total ? `${count(done)} of ${count(s.total)}` : `${count(done)} trials, no end set`}</span><Left/><Slots/>
      <span class="muted" title={moment(s.created)}>started {ago(s.created)}</span></div>
    {sheet.value && <Best/>}</section>;
}

function Tools() {
  const wrong = filter.value?.wrong ?? [], drawn = [...brushes.value];
  return <div class="tools"><input id="filter" type="search" aria-label="filter" placeholder="filter: state:finished lr<1e-2 has:acc  ( / )" value={filterText.value}
      onInput={(e) => show({f: e.currentTarget.value}, false)}/>
    {wrong.length > 0 && <span class="error" role="alert">not known here, so left out: {wrong.join(", ")}</span>}
    {drawn.map(([name, r]) => <button key={name} onClick={() => brush(name, null)} aria-label={`remove the brush of ${label(name)}`}>{label(name)} {sheet.value?.columns.get(name)?.words ? "chosen"
      : `${short(r.low)} to ${short(r.high)}`} ✕</button>)}
    {drawn.length > 1 && <button onClick={() => show({b: ""})}>clear all ✕</button>}
    <label>colour <select value={colourBy.value} onChange={(e) => show({c: e.currentTarget.value === "objective" ? "" : e.currentTarget.value})}>
      <option value="objective">state</option>{params.value.filter((c) => !c.words).map((c) => <option value={c.name}>{c.label}</option>)}</select></label></div>;
}

export function Sweep({id}: {id: string}) {
  useEffect(() => open(id), [id]);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (/^(INPUT|SELECT|TEXTAREA)$/.test((event.target as HTMLElement).tagName) || event.ctrlKey || event.metaKey) return;
      const at = TABS.indexOf(where.value.query.tab ?? "overview"), to = event.key === "]" ? at + 1 : event.key === "[" ? at - 1 : -1;
      if (to >= 0 && to < TABS.length) show({tab: to ? TABS[to] : ""});
      if (event.key === "f") show({f: filterText.value === "state:failed" ? "" : "state:failed"});
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  const s = sweep.value, tab = TABS.includes(where.value.query.tab ?? "") ? where.value.query.tab : "overview";
  useEffect(() => { if (s) document.title = `${s.name || s.id}${s.best ? " " + word(s.best.objective) : ""} · besom`; return () => { document.title = "besom"; }; }, [s]);
  if (!s) return <main>{trouble.value ? <p class="error" role="alert">{trouble.value}</p> : <div class="skeleton" aria-busy="true"/>}</main>;
  return <main><Header/>
    {trouble.value && <p class="error" role="alert">{trouble.value}; what is shown may be old</p>}
    <nav class="tabs">{TABS.map((name) => <a href={"?tab=" + name} aria-current={tab === name ? "page" : undefined}
      onClick={(e) => { e.preventDefault(); show({tab: name === "overview" ? "" : name}); }}>{name[0].toUpperCase() + name.slice(1)}</a>)}</nav>
    {tab === "spec" ? <pre>{JSON.stringify(s.spec, null, 2)}</pre> : !sheet.value ? <div class="skeleton" aria-busy="true"/> : sheet.value.n === 0
      ? <div class="empty"><h2>No trial yet</h2><p>Trials start when an agent has a free slot: <code>besom agents</code> lists them.</p></div>
      : <><Tools/>{tab === "overview" && <Scatter/>}{tab !== "curves" && <Parallel/>}{tab === "curves" && <Curves/>}<Table/></>}
  </main>;
}
