// SPDX-License-Identifier: GPL-3.0-or-later
// All trials, of which only those in sight are in the document.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {
  hovered,
  labelOf,
  metrics,
  params,
  selected,
  sheet,
  shown,
  shownCount,
  shownRows,
  sort,
  sorted,
  sweep,
  varying,
} from "./model";
import {Link, State} from "../base/parts";
import {cell, Column, label, stateOf} from "./sheet";
import {count, safe, span} from "../base/text";
import {go, show, where} from "../base/where";

const ROW = 28,
  MORE = 12;

function columnsShown(): string[] {
  const chosen = where.value.query.cols;
  if (chosen) return chosen.split(",").filter((name) => sheet.value!.columns.has(name));
  const main = "metrics." + (sweep.value?.metric?.name ?? "");
  return [
    "number",
    "state",
    "objective",
    ...varying.value.slice(0, 12).map((c) => c.name),
    ...metrics.value
      .filter((c) => c.name !== main)
      .slice(0, 6)
      .map((c) => c.name),
    "duration",
    "agent",
    "reason",
  ].filter((name) => sheet.value!.columns.has(name));
}

const titles: Record<string, string> = {number: "#", duration: "time"};
const title = (name: string): string =>
  name === "objective" ? safe(sweep.value?.metric?.name ?? name) : (titles[name] ?? label(name));

function text(column: Column | undefined, name: string, row: number): string {
  return name === "duration" && column && column.kinds[row] === 0
    ? span(column.values[row])
    : cell(column, row);
}

function Picker({chosen}: {chosen: string[]}) {
  const [sought, setSought] = useState("");
  const all = [
    "number",
    "state",
    "reason",
    "objective",
    ...params.value.map((c) => c.name),
    ...metrics.value.map((c) => c.name),
    "duration",
    "step",
    "attempts",
    "agent",
    "created",
    "started",
    "ended",
  ].filter((name) => sheet.value!.columns.has(name));
  return (
    <details class="picker">
      <summary>columns</summary>
      <input
        type="search"
        placeholder="search"
        aria-label="search columns"
        onInput={(e) => setSought(e.currentTarget.value)}
      />
      {all
        .filter((name) => name.toLowerCase().includes(sought.toLowerCase()))
        .slice(0, 200)
        .map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={() =>
                show({
                  cols: (chosen.includes(name) ? chosen.filter((n) => n !== name) : [...chosen, name]).join(
                    ",",
                  ),
                })
              }
            />{" "}
            {title(name)}
          </label>
        ))}
      <button onClick={() => show({cols: ""})}>as usual</button>
    </details>
  );
}

export function Table({height = 420}: {height?: number}) {
  const s = sheet.value!,
    by = sort.value,
    mask = shown.value,
    names = columnsShown();
  const box = useRef<HTMLDivElement>(null),
    [top, setTop] = useState(0),
    [held, setHeld] = useState<{rows: number[]; key: string; n: number} | null>(null);
  const key = `${where.value.query.f ?? ""} ${where.value.query.b ?? ""} ${by.name} ${by.down}`;
  const fresh = useMemo(() => sorted(shownRows(), by), [s, mask, by]);
  // What somebody reads does not move: new and changed trials wait while it is scrolled.
  const rows = held && held.key === key && top > 0 ? held.rows : fresh;
  useEffect(() => {
    if (rows === fresh) setHeld({rows: fresh, key, n: s.n});
  }, [fresh, key, rows]);
  const waiting = rows === fresh ? 0 : fresh.length - rows.length;
  const first = Math.max(0, Math.floor(top / ROW) - MORE),
    last = Math.min(rows.length, Math.ceil((top + height) / ROW) + MORE);
  const move = (by: number) => {
    const at = rows.findIndex((row) => Number(labelOf(row)) === selected.value),
      next = Math.max(0, Math.min(rows.length - 1, at + by));
    show({sel: labelOf(rows[next])}, false);
    const y = (next + 1) * ROW,
      element = box.current!;
    if (y - ROW < element.scrollTop) element.scrollTop = y - ROW;
    if (y + ROW > element.scrollTop + height) element.scrollTop = y + ROW - height;
  };
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (
        /^(INPUT|SELECT|TEXTAREA)$/.test((event.target as HTMLElement).tagName) ||
        event.ctrlKey ||
        event.metaKey
      )
        return;
      if (event.key === "j") move(1);
      if (event.key === "k") move(-1);
      if (
        event.key === "Enter" &&
        selected.value >= 0 &&
        (event.target as HTMLElement).tagName !== "A" &&
        (event.target as HTMLElement).tagName !== "BUTTON"
      )
        go(`/t/${sweep.value.id}-${selected.value}`);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
  return (
    <section class="card">
      <header>
        <h2>Trials</h2>
        <span class="muted">
          {count(shownCount.value)} of {count(s.n)}
        </span>
        {waiting > 0 && (
          <button
            onClick={() => {
              box.current!.scrollTop = 0;
            }}
          >
            {count(waiting)} new ▲
          </button>
        )}
        <span class="spring" />
        <Picker chosen={names} />
      </header>
      {rows.length === 0 ? (
        <p class="muted">No trial fits the filter and the brushes.</p>
      ) : (
        <div
          class="rows"
          ref={box}
          tabIndex={0}
          role="grid"
          aria-label="trials"
          aria-rowcount={rows.length}
          style={{height: Math.min(height, (rows.length + 1) * ROW + 20) + "px"}}
          onScroll={(e) => setTop(e.currentTarget.scrollTop)}
        >
          <div class="inner" style={{height: (rows.length + 1) * ROW + "px"}}>
            <div class="row head" role="row">
              {names.map((name) => (
                <span
                  key={name}
                  role="columnheader"
                  class={"w-" + name}
                  aria-sort={by.name === name ? (by.down ? "descending" : "ascending") : "none"}
                >
                  <button
                    class={s.columns.get(name)?.words ? "" : "number"}
                    title={name}
                    onClick={() => show({sort: by.name === name ? (by.down ? "" : "-") + name : name})}
                  >
                    {title(name)}
                    {by.name === name ? (by.down ? " ↓" : " ↑") : ""}
                  </button>
                </span>
              ))}
            </div>
            {rows.slice(first, last).map((row, i) => {
              const number = Number(labelOf(row));
              return (
                <div
                  key={number}
                  role="row"
                  class={
                    "row" +
                    (number === selected.value ? " selected" : "") +
                    (number === hovered.value ? " hover" : "")
                  }
                  style={{top: (first + i + 1) * ROW + "px"}}
                  onMouseEnter={() => {
                    hovered.value = number;
                  }}
                  onMouseLeave={() => {
                    hovered.value = -1;
                  }}
                  onClick={() => show({sel: number === selected.value ? "" : String(number)}, false)}
                  onDblClick={() => go(`/t/${sweep.value.id}-${number}`)}
                >
                  {names.map((name) =>
                    name === "number" ? (
                      <span class="w-number number">
                        <Link to={`/t/${sweep.value.id}-${number}`}>{number}</Link>
                      </span>
                    ) : name === "state" ? (
                      <span class="w-state">
                        <State name={stateOf(s, row)} />
                      </span>
                    ) : (
                      <span
                        class={"w-" + name + (s.columns.get(name)?.words ? "" : " number")}
                        title={cell(s.columns.get(name), row, true)}
                      >
                        {text(s.columns.get(name), name, row)}
                      </span>
                    ),
                  )}
                </div>
              );
            })}
          </div>
        </div>
      )}
    </section>
  );
}
