// SPDX-License-Identifier: GPL-3.0-or-later
// The sweeps: a page of 100 from the controller, and for the rows in sight how each goes.
import {useEffect, useRef, useState} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer, useNews} from "../base/asked";
import {usePageKeys} from "../base/keys";
import {Bar, Check, Choice, Link, State, Tags, Missing} from "../base/parts";
import {Spark} from "../base/spark";
import {ago, count, fileOf, hours, leftText, NOTHING, rateText, safe, short, word} from "../base/text";
import {moment} from "../base/time";
import {go, show, where} from "../base/where";
import {Pager} from "../base/pager";
import type {Pace} from "../sweep/pace";
import "./list.css";

const PAGE = 100,
  EVERY_MS = 2000,
  AT_ONCE = 3, // questions about rows
  FRESH_MS = 5000;

interface More {
  pace: Pace | null;
  waits: string;
  asked: number; // when
}

function trialsText(s: any): string {
  const c = s.counts ?? {},
    done = (s.proposed ?? 0) - (c.running ?? 0) - (c.pending ?? 0);
  return s.total ? `${count(done)} of ${count(s.total)}` : `${count(done)}, no end set`;
}

function Row({s, more, seen}: {s: any; more?: More; seen: (row: HTMLElement | null, id: string) => void}) {
  const best = s.best?.objective,
    pace = more?.pace,
    running = s.state === "running";
  return (
    <tr
      ref={(row) => seen(row, s.id)}
      tabIndex={0}
      onClick={() => go("/s/" + s.id)}
      onKeyDown={(e) => {
        if (e.key === "Enter") go("/s/" + s.id);
      }}
    >
      <td>
        <State name={s.state} again={s.again} />
      </td>
      <td class="grow">
        <Link to={"/s/" + s.id}>{safe(s.name || s.id)}</Link>{" "}
        <span class="muted">{s.name ? s.id : fileOf(s.path)}</span>
        {more?.waits && <div class="muted waits">waits: {safe(more.waits)}</div>}
      </td>
      <td class="wide">
        {s.method ?? NOTHING}
        {s.stopper ? ` + ${safe(s.stopper)}` : ""}
      </td>
      <td>
        <Bar counts={s.counts ?? {}} total={s.total} /> <span class="muted">{trialsText(s)}</span>
      </td>
      <td
        class="number"
        title={
          s.metric
            ? `${safe(s.metric.name)}, ${s.metric.goal === "maximize" ? "the greatest" : "the least"}: ${word(best)}`
            : ""
        }
      >
        {best == null ? NOTHING : typeof best === "number" ? short(best) : best}
        {s.metric ? (s.metric.goal === "maximize" ? " ↑" : " ↓") : ""}
      </td>
      <td class="wide">
        {pace && s.metric && <Spark values={pace.line} name={`best ${safe(s.metric.name)} so far`} />}
      </td>
      <td class="number wide">{running && pace && pace.rate !== null ? rateText(pace.rate) : NOTHING}</td>
      <td class={"number wide left" + (pace?.left ? "" : " none")} title={pace?.left_why ?? undefined}>
        <span class="narrow">left </span>
        {pace?.left ? leftText(pace.left[0], pace.left[1]) : NOTHING}
      </td>
      <td class="number wide" title={pace ? `hours of ${pace.hours_of}s` : undefined}>
        {pace?.hours ? `${hours(pace.hours)} ${pace.hours_of}-h` : NOTHING}
      </td>
      <td class="number">
        {count(s.counts?.running ?? 0)}
        <span class="narrow"> running</span>
      </td>
      <td
        class={"number" + (pace?.failed_hour ? " bad" : "")}
        title="of all its trials; and of those that ended within the last hour"
      >
        {count(s.counts?.failed ?? 0)}
        <span class="narrow"> failed</span>
        {!!pace?.ended_hour && (
          <span class="muted">
            {" "}
            · {count(pace.failed_hour)} of {count(pace.ended_hour)} in 1 h
          </span>
        )}
      </td>
      <td class="wide" title={moment(s.created)}>
        {ago(s.created)}
      </td>
      <td class="wide by muted">{s.owner ? safe(s.owner) : ""}</td>
      <td class="wide tagged">
        <Tags list={s.tags} />
      </td>
    </tr>
  );
}

// Of all rows, by name; "": of those that have none.
function tagsOf(sweeps: any[]): string[] {
  const tags = new Set<string>(sweeps.flatMap((s) => s.tags ?? []));
  return [...[...tags].sort(), ...(sweeps.some((s) => !s.tags?.length) ? [""] : [])];
}

function Empty() {
  return (
    <div class="empty">
      <h2>No sweep yet</h2>
      <p>Make the first one from a folder with a training script:</p>
      <pre>
        {
          "besom init train.py          # writes sweep.yaml\nbesom agent --join STRING    # on each GPU host\nbesom sweep sweep.yaml"
        }
      </pre>
    </div>
  );
}

// What is known of the rows in sight: asked for a few at a time, again where facts have come.
function useMore(sweeps: any[] | null) {
  const [more, setMore] = useState<Map<string, More>>(new Map()),
    known = useRef(new Map<string, More>()),
    due = useRef(new Set<string>()),
    sight = useRef(new WeakMap<Element, string>()),
    visible = useRef(new Set<string>()),
    busy = useRef(0),
    byId = useRef(new Map<string, any>());
  byId.current = new Map((sweeps ?? []).map((s) => [s.id, s]));
  const ask = () => {
    for (const id of due.current) {
      if (busy.current >= AT_ONCE || document.hidden) return;
      const had = known.current.get(id),
        s = byId.current.get(id);
      if (!s || !visible.current.has(id)) {
        due.current.delete(id);
        continue;
      }
      if (had && Date.now() - had.asked < FRESH_MS) continue;
      due.current.delete(id);
      busy.current++;
      const still = s.state === "running" && !(s.counts?.running > 0);
      known.current.set(id, {pace: had?.pace ?? null, waits: had?.waits ?? "", asked: Date.now()});
      Promise.all([get(`sweeps/${id}/pace`), still ? get(`sweeps/${id}/waits`) : {waits: ""}])
        .then(
          ([pace, {waits}]) => {
            known.current.set(id, {pace, waits: waits ?? "", asked: Date.now()});
            setMore(new Map(known.current));
          },
          () => {},
        )
        .finally(() => {
          busy.current--;
          ask();
        });
    }
  };
  const watch = useRef<IntersectionObserver | null>(null);
  watch.current ??= new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const id = sight.current.get(entry.target);
      if (!id) continue;
      if (entry.isIntersecting) {
        visible.current.add(id);
        due.current.add(id);
      } else visible.current.delete(id);
    }
    ask();
  });
  useEffect(() => {
    const timer = setInterval(ask, 1000);
    return () => {
      clearInterval(timer);
      watch.current?.disconnect();
    };
  }, []);
  return {
    more,
    seen: (row: HTMLElement | null, id: string) => {
      if (!row || sight.current.get(row) === id) return;
      sight.current.set(row, id);
      watch.current!.observe(row);
    },
    changed: (ids: Iterable<string>) => {
      for (const id of ids) due.current.add(id);
    },
  };
}

const SORTS: [name: string, title: string, shape: string][] = [
  ["state", "state", ""],
  ["name", "sweep", ""],
  ["", "method", "wide"],
  ["trials", "trials", ""],
  ["best", "best", "number"],
  ["", "so far", "wide"],
  ["", "rate", "number wide"],
  ["", "left", "number wide"],
  ["", "used", "number wide"],
  ["running", "running", "number"],
  ["failed", "failed", "number"],
  ["started", "started", "wide"],
  ["", "by", "wide by"],
  ["", "tags", "wide tagged"],
];

function Head({sort}: {sort: string}) {
  const turn = (name: string) => show({sort: sort === name ? "-" + name : name, skip: ""});
  return (
    <thead>
      <tr>
        {SORTS.map(([name, title, shape]) => (
          <th
            class={shape}
            aria-sort={
              !name || sort.replace("-", "") !== name
                ? undefined
                : sort[0] === "-"
                  ? "descending"
                  : "ascending"
            }
          >
            {name ? (
              <button class="plain sort" onClick={() => turn(name)}>
                {title}
                {sort === name ? " ▲" : sort === "-" + name ? " ▼" : ""}
              </button>
            ) : (
              title
            )}
          </th>
        ))}
      </tr>
    </thead>
  );
}

export function List() {
  const {q = "", sort = "-started", st = "", skip = ""} = where.value.query,
    from = Number(skip) || 0,
    path =
      `sweeps?limit=${PAGE}&skip=${from}&sort=${encodeURIComponent(sort.replace("-", ""))}` +
      (sort[0] === "-" ? "&desc=1" : "") +
      (q ? `&q=${encodeURIComponent(q)}` : "") +
      (st ? `&state=${encodeURIComponent(st)}` : "");
  const news = useNews((facts) => {
      changed(new Set(facts.flatMap((f) => (f.sweep ? [f.sweep] : []))));
      return true;
    }),
    asked = useAnswer<{of: number; sweeps: any[]}>(path, String(news), () => get(path), EVERY_MS),
    page = asked.answer,
    {more, seen, changed} = useMore(page?.sweeps ?? null);
  const table = useRef<HTMLTableElement>(null);
  usePageKeys((key) => {
    if (key !== "j" && key !== "k") return;
    const rows = [...(table.current?.querySelectorAll<HTMLElement>("tr[tabindex]") ?? [])],
      at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[at < 0 ? 0 : at + (key === "j" ? 1 : -1)]?.focus();
  });
  const grouped = where.value.query.g === "tag";
  const none = page?.of === 0 && !q && !st;
  return (
    <main>
      <div class="tools">
        <h1>Sweeps</h1>
        <input
          id="filter"
          type="search"
          placeholder="search: name, id, state, method, tag:…  ( / )"
          aria-label="search sweeps"
          value={q}
          onInput={(e) => show({q: e.currentTarget.value, skip: ""}, false)}
        />
        <Choice
          name="state"
          value={st}
          of={["", "running", "paused", "stopping", "finished", "cancelled"]}
          text={(name) => name || "all"}
          change={(st) => show({st, skip: ""})}
        />
        <Check on={grouped} turn={(on) => show({g: on ? "tag" : ""})}>
          group by tag
        </Check>
        {page && page.of > 0 && (
          <span class="muted">
            {page.of > PAGE || from
              ? `${count(from + 1)} to ${count(from + page.sweeps.length)} of ${count(page.of)}`
              : `${count(page.of)} sweep${page.of > 1 ? "s" : ""}`}
          </span>
        )}
        {page && page.of > PAGE && (
          <Pager
            size={PAGE}
            later={from + PAGE < page.of && from + PAGE}
            to={(next) => show({skip: String(next || "")})}
            {...{from}}
          />
        )}
      </div>
      <Missing of={asked} what="the sweeps" />
      {none && <Empty />}
      {page && !none && !page.sweeps.length && <p class="muted">No sweep matches the search.</p>}
      {!!page?.sweeps.length && (
        <div class="scroll">
          <table class="list sweeps" ref={table}>
            <Head sort={sort} />
            <tbody>
              {!grouped && page.sweeps.map((s) => <Row key={s.id} s={s} more={more.get(s.id)} seen={seen} />)}
            </tbody>
            {grouped &&
              tagsOf(page.sweeps).map((tag) => (
                <tbody key={tag}>
                  <tr class="group">
                    <th colSpan={SORTS.length} scope="rowgroup">
                      {tag ? safe(tag) : "without a tag"}
                    </th>
                  </tr>
                  {page.sweeps
                    .filter((s) => (tag ? s.tags?.includes(tag) : !s.tags?.length))
                    .map((s) => (
                      <Row key={s.id} s={s} more={more.get(s.id)} seen={seen} />
                    ))}
                </tbody>
              ))}
          </table>
        </div>
      )}
    </main>
  );
}
