// SPDX-License-Identifier: GPL-3.0-or-later
// The head of a sweep's page: how it goes, the best trial, what is left, what needs attention.
import {useMemo} from "preact/hooks";
import {stopAction, SweepActions} from "../act/actions";
import {form} from "../act/form";
import {Button} from "../act/menu";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Alert, Alerts} from "../base/alerts";
import {Bar, State, Tags} from "../base/parts";
import {
  ago,
  count,
  fileOf,
  GLYPHS,
  hours,
  leftText,
  rateText,
  safe,
  span,
  STATES,
  toneOf,
} from "../base/text";
import {moment} from "../base/time";
import {show, where} from "../base/where";
import {Best} from "./best";
import {Failures} from "./failures";
import "./header.css";
import {sheet, sweep} from "./model";
import {filterText} from "./subset";
import {pace, Slot, slots, usePace} from "./pace";
import {VALUE} from "./sheet";

const CELLS = 64; // slots that are drawn one by one

function reasons(idle: Slot[]): string {
  const found = new Map<string, number>();
  for (const slot of idle) {
    const why = slot.idle ?? "unknown";
    found.set(why, (found.get(why) ?? 0) + 1);
  }
  return [...found].map(([why, n]) => `${count(n)} idle: ${safe(why)}`).join("; ");
}

function SlotStrip() {
  const now = slots.value;
  if (!now) return null;
  const idle = now.list.filter((s) => !s.trial),
    busy = now.list.length - idle.length,
    mine = sweep.value.id + "-",
    own = now.list.filter((s) => s.trial?.startsWith(mine)).length;
  if (!now.list.length)
    return (
      <span>
        no agent is connected
        {now.away ? `: ${count(now.away)} away` : ""}
      </span>
    );
  return (
    <span class="slots">
      slots{" "}
      {now.list.length <= CELLS && (
        <span aria-hidden="true">
          {now.list.map((s, i) => (
            <span
              key={i}
              class={s.trial?.startsWith(mine) ? "mine" : s.trial ? "other" : "idle"}
              title={safe(`${s.agent}: ${s.trial ? "trial " + s.trial : s.idle}`)}
            >
              {s.trial ? "▮" : "▯"}
            </span>
          ))}
        </span>
      )}{" "}
      {count(busy)}/{count(now.list.length)} busy
      {own < busy ? `, ${count(own)} with this sweep` : ""}
      {idle.length ? <span class="muted"> · {reasons(idle)}</span> : ""}
      {now.away ? ` · ${count(now.away)} agent${now.away > 1 ? "s" : ""} away` : ""}
    </span>
  );
}

// As likely more as less than the first figure; nine times in ten less than the second.
function Left() {
  const now = pace.value;
  if (!now || sweep.value.state !== "running") return null;
  const rate = now.rate === null ? "" : ` · ${rateText(now.rate)}`;
  if (!now.left)
    return (
      <span class="muted">
        {now.left_why === "no end is set" ? "no end is set " : `left: ${now.left_why}`}
        {now.left_why === "no end is set" && (
          <Button
            item={{
              text: "set one …",
              title: "a number of trials, run_cap, in the spec",
              run: () => {
                const s = sweep.value;
                form.value = {kind: "edit", sweep: s, cap: (s.proposed ?? 0) + 100};
              },
            }}
          />
        )}
        {rate}
      </span>
    );
  const basis =
    `${count(now.left_trials ?? 0)} trials have not started; of the ${count(now.durations)} that ended, half took less than ` +
    `${span(now.usual?.[0])} and nine in ten less than ${span(now.usual?.[1])}. As likely more as less than the first ` +
    `figure; nine times in ten less than the second.`;
  return (
    <span class="left" title={basis}>
      left {leftText(now.left[0], now.left[1])}
      <span class="muted">{rate}</span>
    </span>
  );
}

function Cost() {
  const now = pace.value;
  if (!now || !now.hours) return null;
  return (
    <span
      title={
        now.hours_of === "GPU"
          ? "hours of GPUs: used, and what the rest will use"
          : "hours of slots: used, and what the rest will use"
      }
    >
      {now.hours_of}-h {hours(now.hours)}
      {now.hours_left && (now.left_trials ?? 0) + (sweep.value.counts?.running ?? 0) > 0
        ? ` + ${[...new Set(now.hours_left.map(hours))].join("–")}`
        : ""}
    </span>
  );
}

const REASONS: Record<string, string> = {target: "its target is reached", budget: "its budget is used up"};

// Of a sweep that does not run: who or what brought that about, and when. Of one that runs again: what it runs.
function Since() {
  const {id, state, reason, text, again} = sweep.value,
    path = `sweeps/${id}/explain?kind=state&limit=1`,
    {answer} = useAnswer<{entries: {text: string; time: number; by: string | null}[]}>(
      state === "running" ? "" : path,
      state,
      () => get(path),
    ),
    last = answer?.entries[0],
    told = last?.text.startsWith("the sweep is " + state) ? last : null;
  if (state === "running")
    return again ? <span class="muted">only what was retried or enqueued since it ended</span> : null;
  const who = told?.by?.replace(/^local user | \(token \w+\)$/g, "") ?? "";
  return (
    <span class="muted" title={told ? [told.by, moment(told.time)].filter(Boolean).join(", ") : undefined}>
      {[
        text ? safe(text) : (REASONS[reason] ?? (reason === "user" && who ? `by ${safe(who)}` : "")),
        told ? ago(told.time) : "",
      ]
        .filter(Boolean)
        .join(", ")}
    </span>
  );
}

// How many finished, or run, although the last value of a metric is NaN: their state does not say it.
function Diverged() {
  const cause = sheet.value?.columns.get("cause"),
    n = useMemo(() => {
      const said = cause?.raw.map((text) => /^last .* is NaN$/.test(text)) ?? [];
      return said.some(Boolean)
        ? cause!.values.filter((at, row) => cause!.kinds[row] === VALUE && said[at]).length
        : 0;
    }, [cause]);
  return n ? (
    <button class="plain" onClick={() => show({f: "why:nan"})}>
      {count(n)} last reported NaN
    </button>
  ) : null;
}

// What a sweep waits for while nothing of it runs; and beside its decisions, whatever runs.
function Waits() {
  const {id, state, counts} = sweep.value,
    asks = state === "running" && (where.value.query.tab === "explain" || !counts?.running),
    {own} = useAnswer<{waits: string | null}>(asks ? id : "", String(pace.value?.now), () =>
      get(`sweeps/${id}/waits`),
    );
  return own?.waits ? <p class="waits">waits: {safe(own.waits)}</p> : null;
}

export function Header() {
  usePace();
  const s = sweep.value,
    counts = s.counts ?? {},
    done = (s.proposed ?? 0) - (counts.running ?? 0) - (counts.pending ?? 0),
    open = s.state === "running" || s.state === "paused" || s.state === "stopping";
  const alerts: Alert[] = [...(pace.value?.alerts ?? []), ...(open ? (slots.value?.alerts ?? []) : [])];
  const only = (state: string) => show({f: filterText.value === "state:" + state ? "" : "state:" + state});
  return (
    <section class="card head">
      <div class="facts">
        <h1>{safe(s.name || s.id)}</h1>
        <span class="muted">
          {[s.name ? s.id : fileOf(s.path), s.method].filter(Boolean).join(" · ")}
          {s.spec?.early_terminate?.type ? " + " + safe(String(s.spec.early_terminate.type)) : ""}
          {s.seed != null ? ` · seed ${s.seed}` : ""}
        </span>
        <span class="muted" title={moment(s.created)}>
          started {ago(s.created)}
        </span>
        <State name={s.state} again={s.again} />
        <Since />
        <Tags list={s.tags} />
        <span class="facts acts">
          <SweepActions sweep={s} />
        </span>
      </div>
      <div class="facts">
        {STATES.filter((name) => counts[name]).map((name) => (
          <button
            key={name}
            class="plain"
            onClick={() => only(name)}
            aria-pressed={filterText.value === "state:" + name}
          >
            <span class={"glyph s-" + toneOf(name)}>{GLYPHS[name]}</span>
            {count(counts[name])} {name}
          </button>
        ))}
        <Diverged />
        <Bar counts={counts} total={s.total} />
        <span>{s.total ? `${count(done)} of ${count(s.total)}` : `${count(done)} trials, no end set`}</span>
        <Left />
        <Cost />
      </div>
      {sheet.value && <Best />}
      <div class="facts strip">
        <Alerts
          alerts={alerts}
          sweep={s.id}
          act={({trials}) =>
            trials && (
              <>
                {" "}
                <Button item={{text: "Stop", action: stopAction(s.id, trials)}} />
              </>
            )
          }
        />
        {open && <SlotStrip />}
        <Waits />
        <Failures />
      </div>
    </section>
  );
}
