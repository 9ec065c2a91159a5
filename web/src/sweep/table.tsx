// SPDX-License-Identifier: GPL-3.0-or-later
// All trials, of which only those in sight are in the document.
import {RowActions} from "../act/actions";
import {useComputed} from "@preact/signals";
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {Axis} from "../base/scale";
import {csv, download, Twin, Value} from "../base/chart";
import {Link, State, useWidth} from "../base/parts";
import {count, span} from "../base/text";
import {go, inAddress, listed, show, where} from "../base/where";
import {Columns} from "./columns";
import {Groups, GroupBy, grouped} from "./group";
import {axis, metrics, robustOf, scaleOf, title, varying} from "./fields";
import {hovered, pick, picked, pickTurn, selected} from "./marked";
import {goal, measureName, ranked} from "./measure";
import {labelOf, rowOfTrial, sheet, sweep} from "./model";
import {Sort, sort, sorted} from "./sort";
import {shown, shownRows} from "./subset";
import {rowHeight, Rows} from "./rows";
import {cell, Column, MISSING, Sheet, stateOf, VALUE} from "./sheet";
import {Shown} from "./shown";
import "./table.css";

const CARDS = 480,
  CARD = 118;
const TIMES = ["created", "started", "ended"];
const WIDTHS: Record<string, number> = {number: 88, state: 112, agent: 128, reason: 128};

function usual(): string[] {
  const main = "metrics." + (sweep.value?.metric?.name ?? "");
  return [
    "number",
    "state",
    measureName.value,
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

// Those that are pinned come first.
function columnsShown(): {names: string[]; pinned: string[]} {
  const all = listed(where.value.query.cols).filter((name) => sheet.value!.columns.has(name)),
    names = all.length ? all : usual(),
    left = listed(where.value.query.left).filter((name) => names.includes(name)),
    pinned = ["number", ...left].filter((name, i, list) => names.includes(name) && list.indexOf(name) === i);
  return {names: [...pinned, ...names.filter((name) => !pinned.includes(name))], pinned};
}

const colsShow = (names: string[]): void => show({cols: names.map(inAddress).join(",")});

function widths(): Map<string, number> {
  const found = new Map<string, number>();
  for (const part of listed(where.value.query.w)) {
    const at = part.lastIndexOf(":"),
      wide = Number(part.slice(at + 1));
    if (wide >= 40 && wide <= 1000) found.set(part.slice(0, at), wide);
  }
  return found;
}

function text(column: Column | undefined, name: string, row: number): string {
  if (!column || column.kinds[row] !== VALUE) return cell(column, row);
  if (name === "duration") return span(column.values[row]);
  return TIMES.includes(name) ? new Date(column.values[row] * 1000).toLocaleString() : cell(column, row);
}

export function exported(s: Sheet, names: string[], rows: number[]): Twin {
  const value = (name: string, row: number): Value => {
    const c = s.columns.get(name)!;
    if (c.kinds[row] === MISSING) return null;
    if (c.words) {
      const word = c.words[c.values[row]];
      return typeof word === "object" ? JSON.stringify(word) : (word as Value);
    }
    return TIMES.includes(name) ? new Date(c.values[row] * 1000).toISOString() : c.values[row];
  };
  return {columns: names, rows: rows.map((row) => names.map((name) => value(name, row)))};
}

const save = (s: Sheet, names: string[], rows: number[]): void =>
  download(`${sweep.value.name || sweep.value.id}.csv`, csv(exported(s, names, rows)), "text/csv");

function sortBy(name: string, more: boolean): void {
  const by = sort.value,
    had = by.find((one) => one.name === name),
    next: Sort = {name, down: had ? !had.down : false},
    all = more ? (had ? by.map((one) => (one === had ? next : one)) : [...by, next]) : [next];
  show({sort: all.map((one) => (one.down ? "-" : "") + inAddress(one.name)).join(",")});
}

function Head({
  names,
  pinned,
  lefts,
  sizes,
}: {
  names: string[];
  pinned: string[];
  lefts: Map<string, number>;
  sizes: Map<string, number>;
}) {
  const s = sheet.value!,
    by = sort.value,
    [dragged, setDragged] = useState(""),
    [size, setSize] = useState<{name: string; from: number; width: number} | null>(null);
  const place = (name: string, to: number) => {
    const next = names.filter((n) => n !== name);
    next.splice(Math.max(0, Math.min(next.length, to)), 0, name);
    colsShow(next);
  };
  const resize = (name: string, to: number) =>
    show(
      {
        w: [...new Map([...widths(), [name, Math.round(to)]])]
          .map(([n, w]) => `${inAddress(n)}:${w}`)
          .join(","),
      },
      false,
    );
  const pin = (name: string) => {
    const left = listed(where.value.query.left);
    show({
      left: (left.includes(name) ? left.filter((n) => n !== name) : [...left, name]).map(inAddress).join(","),
    });
  };
  return (
    <div class="row head" role="row">
      {names.map((name, at) => {
        const i = by.findIndex((one) => one.name === name),
          mark = i < 0 ? "" : (by[i].down ? " ▼" : " ▲") + (by.length > 1 ? i + 1 : "");
        return (
          <span
            key={name}
            role="columnheader"
            class={pinned.includes(name) ? "pinned" : ""}
            style={{
              width: sizes.get(name) + "px",
              left: lefts.has(name) ? lefts.get(name) + "px" : undefined,
            }}
            aria-sort={i < 0 ? "none" : by[i].down ? "descending" : "ascending"}
            onDragOver={(e: DragEvent) => dragged && e.preventDefault()}
            onDrop={() => {
              if (dragged && dragged !== name) place(dragged, at);
              setDragged("");
            }}
          >
            <button
              class={s.columns.get(name)?.words ? "" : "number"}
              title={name}
              draggable
              onDragStart={() => setDragged(name)}
              onDragEnd={() => setDragged("")}
              onClick={(e) => sortBy(name, e.shiftKey)}
              onKeyDown={(e) => {
                const by = e.key === "ArrowLeft" ? -1 : e.key === "ArrowRight" ? 1 : 0;
                if (by && e.shiftKey) place(name, at + by);
                else if (by && e.altKey) resize(name, sizes.get(name)! + 16 * by);
                else if (e.key === "p" && name !== "number") pin(name);
                else return;
                e.preventDefault();
                e.stopPropagation();
              }}
            >
              {pinned.includes(name) && name !== "number" ? "⇤ " : ""}
              {title(name)}
              {mark}
            </button>
            <i
              class="edge"
              onPointerDown={(e) => {
                e.preventDefault();
                e.currentTarget.setPointerCapture(e.pointerId);
                setSize({name, from: e.clientX, width: sizes.get(name)!});
              }}
              onPointerMove={(e) => {
                if (size) resize(name, Math.max(48, Math.min(800, size.width + e.clientX - size.from)));
              }}
              onPointerUp={() => setSize(null)}
              onDblClick={() => pin(name)}
            />
          </span>
        );
      })}
    </div>
  );
}

// The log of the page that opens, as soon as it is there.
function logReveal(tries: number): void {
  const log = document.getElementById("log");
  if (log) log.scrollIntoView();
  else if (tries) setTimeout(() => logReveal(tries - 1), 100);
}

function useMarks(number: number): string {
  const marks = useComputed(
    () =>
      (number === selected.value ? " selected" : "") +
      (number === hovered.value ? " hover" : "") +
      (picked.value.has(number) ? " picked" : ""),
  );
  return marks.value;
}

const over = (number: number) => ({
  onMouseEnter: () => {
    hovered.value = number;
  },
  onMouseLeave: () => {
    hovered.value = -1;
  },
  onClick: () => show({sel: number === selected.value ? "" : String(number)}, false),
  onDblClick: () => go(`/t/${sweep.value.id}-${number}`),
});

function Tick({number, turn}: {number: number; turn: (shift: boolean) => void}) {
  return (
    <input
      type="checkbox"
      aria-label={`choose trial ${number}`}
      title="choose ( x )"
      checked={picked.value.has(number)}
      onClick={(e) => {
        e.stopPropagation();
        turn(e.shiftKey);
      }}
    />
  );
}

interface Look {
  names: string[];
  pinned: string[];
  lefts: Map<string, number>;
  sizes: Map<string, number>;
  shades: Map<string, Axis>;
}

function Row({
  s,
  row,
  top,
  at,
  turn,
}: {
  s: Sheet;
  row: number;
  top: number;
  at: Look;
  turn: (shift: boolean) => void;
}) {
  const number = s.columns.get("number")!.values[row],
    marks = useMarks(number);
  return (
    <div role="row" class={"row" + marks} style={{top: top + "px"}} {...over(number)}>
      {at.names.map((name) => {
        const column = s.columns.get(name),
          shaded =
            column && column.kinds[row] === VALUE
              ? at.shades.get(name)?.place(column.values[row])
              : undefined,
          best = name === measureName.value && goal.value === "minimize",
          part =
            shaded === undefined ? 0 : Math.round(45 * Math.max(0, Math.min(1, best ? 1 - shaded : shaded)));
        return (
          <span
            key={name}
            role="gridcell"
            class={
              (column?.words ? "" : "number") +
              (at.pinned.includes(name) ? " pinned" : "") +
              (name === "number" ? " w-number" : "")
            }
            style={{
              width: at.sizes.get(name) + "px",
              left: at.lefts.has(name) ? at.lefts.get(name) + "px" : undefined,
              backgroundImage: part
                ? `linear-gradient(color-mix(in srgb, var(--accent) ${part}%, transparent) 0 0)`
                : undefined,
            }}
            title={name === "number" || name === "state" ? undefined : cell(column, row, true)}
          >
            {name === "number" ? (
              <>
                <Tick number={number} turn={turn} />
                <Link to={`/t/${sweep.value.id}-${number}`}>{number}</Link>
              </>
            ) : name === "state" ? (
              <State name={stateOf(s, row)} />
            ) : (
              text(column, name, row)
            )}
          </span>
        );
      })}
    </div>
  );
}

function Card({
  s,
  row,
  top,
  names,
  turn,
}: {
  s: Sheet;
  row: number;
  top: number;
  names: string[];
  turn: (shift: boolean) => void;
}) {
  const number = s.columns.get("number")!.values[row],
    marks = useMarks(number);
  return (
    <div role="row" class={"row as-card" + marks} style={{top: top + "px"}} {...over(number)}>
      <div role="gridcell">
        <Tick number={number} turn={turn} /> <Link to={`/t/${sweep.value.id}-${number}`}>trial {number}</Link>{" "}
        <State name={stateOf(s, row)} /> <b>{cell(s.columns.get(measureName.value), row)}</b>
      </div>
      <div role="gridcell">
        <dl>
          {names
            .filter((n) => !["number", "state", measureName.value].includes(n))
            .slice(0, 6)
            .map((name) => (
              <div key={name}>
                <dt>{title(name)}</dt>
                <dd>{text(s.columns.get(name), name, row)}</dd>
              </div>
            ))}
        </dl>
      </div>
    </div>
  );
}

// What is done with the trials that are chosen.
function Chosen({s, names}: {s: Sheet; names: string[]}) {
  const n = picked.value.size;
  if (!n) return null;
  const rows = [...picked.value].map(rowOfTrial).filter((row) => row >= 0);
  return (
    <div class="tools chosen" role="group" aria-label="chosen trials">
      <b>{count(n)} chosen</b>
      <button disabled={n < 2} onClick={() => show({tab: "compare"})} title="compare ( c )">
        compare
      </button>
      <RowActions
        sweep={sweep.value.id}
        rows={rows.map((row) => ({number: Number(labelOf(row)), state: stateOf(s, row)}))}
      />
      <button onClick={() => save(s, names, rows)}>CSV of them</button>
      <button onClick={() => pick([])}>none</button>
    </div>
  );
}

function Jump({to}: {to: (row: number) => void}) {
  const s = sheet.value!,
    [number, setNumber] = useState(""),
    row = /^\d+$/.test(number) ? rowOfTrial(Number(number)) : -1,
    running = sweep.value?.counts?.running > 0;
  return (
    <form
      class="jump"
      onSubmit={(e) => {
        e.preventDefault();
        if (row >= 0) to(row);
      }}
    >
      go to{" "}
      <input
        inputMode="numeric"
        size={5}
        placeholder="#"
        aria-label="number of a trial"
        aria-invalid={number !== "" && row < 0}
        value={number}
        onInput={(e) => setNumber(e.currentTarget.value)}
      />
      <button
        type="button"
        onClick={() => {
          const best = ranked(shownRows())[0];
          if (best !== undefined) to(best);
        }}
      >
        best
      </button>
      {running && (
        <button
          type="button"
          onClick={() => {
            const rows = shownRows().filter((one) => stateOf(s, one) === "running");
            if (rows.length) to(rows[rows.length - 1]);
          }}
        >
          running
        </button>
      )}
    </form>
  );
}

export function Table({height = 420}: {height?: number}) {
  const s = sheet.value!,
    by = sort.value,
    mask = shown.value,
    query = where.value.query,
    {names, pinned} = columnsShown(),
    [card, wide] = useWidth<HTMLElement>(),
    box = useRef<HTMLDivElement>(null),
    [top, setTop] = useState(0),
    [held, setHeld] = useState<{rows: number[]; key: string} | null>(null),
    last = useRef(-1);
  const key = `${query.f ?? ""} ${query.b ?? ""} ${query.sort ?? ""} ${query.pin ?? ""}`,
    stuck = listed(query.pin).map(Number);
  const fresh = useMemo(() => {
    const rows = sorted(shownRows(), by),
      first = stuck.map(rowOfTrial).filter((row) => row >= 0);
    return first.length ? [...first, ...rows.filter((row) => !first.includes(row))] : rows;
  }, [s, mask, by, query.pin]);
  // What somebody reads does not move: new and changed trials wait while it is scrolled or sorted.
  const rows = held && held.key === key && (top > 0 || query.sort) ? held.rows : fresh;
  useEffect(() => {
    if (rows === fresh) setHeld({rows: fresh, key});
  }, [fresh, key, rows]);
  const waiting = rows === fresh ? 0 : fresh.length - rows.length,
    stale = rows !== fresh && (waiting !== 0 || fresh.some((row, i) => row !== rows[i]));
  const cards = wide > 0 && wide < CARDS - 40,
    size = cards ? CARD : rowHeight();
  const look = useMemo<Look>(() => {
    const chosen = widths(),
      sizes = new Map(names.map((n) => [n, chosen.get(n) ?? WIDTHS[n] ?? 104])),
      lefts = new Map<string, number>(),
      shades = new Map<string, Axis>();
    let x = 0;
    for (const name of pinned) {
      lefts.set(name, x);
      x += sizes.get(name)!;
    }
    for (const name of query.shade ? names : [])
      if (/^(objective$|metrics\.|params\.)/.test(name) && !s.columns.get(name)!.words)
        shades.set(name, axis(s, name, scaleOf(name), robustOf(name)));
    return {names, pinned, sizes, lefts, shades};
  }, [names.join(), pinned.join(), query.w, query.shade, s]);
  const reveal = (at: number) => {
    const element = box.current,
      y = (cards ? 0 : size) + at * size;
    if (!element || at < 0) return;
    if (y - size < element.scrollTop) element.scrollTop = y - size;
    if (y + size > element.scrollTop + element.clientHeight)
      element.scrollTop = y + size - element.clientHeight;
  };
  const to = (row: number) => {
    show({sel: labelOf(row)}, false);
    const at = rows.indexOf(row);
    if (at >= 0) reveal(at);
    else show({f: "", b: "", sel: labelOf(row)});
  };
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, rows.indexOf(rowOfTrial(selected.value)) + by));
    show({sel: labelOf(rows[next])}, false);
    reveal(next);
  };
  // With shift, all between the last one and this.
  const turn = (at: number, shift: boolean) => {
    const number = Number(labelOf(rows[at]));
    if (shift && last.current >= 0) {
      const [from, to] = [Math.min(last.current, at), Math.max(last.current, at)];
      pick([...picked.value, ...rows.slice(from, to + 1).map((row) => Number(labelOf(row)))]);
    } else pickTurn(number);
    last.current = at;
  };
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) &&
        (target as HTMLInputElement).type !== "checkbox"
      )
        return;
      if (event.ctrlKey || event.metaKey || event.altKey || !rows.length || query.g) return;
      const number = selected.value,
        at = rows.indexOf(rowOfTrial(number)),
        page = `/t/${sweep.value.id}-${number}`;
      if (event.key === "j") move(1);
      if (event.key === "k") move(-1);
      if (event.key === "c" && picked.value.size > 1) show({tab: "compare"});
      if (number < 0) return;
      if (event.key === "x" && at >= 0) turn(at, false);
      if (event.key === "p")
        show(
          {pin: (stuck.includes(number) ? stuck.filter((n) => n !== number) : [...stuck, number]).join(",")},
          false,
        );
      if (event.key === "e") go(page);
      if (event.key === "l") {
        go(page);
        logReveal(30);
      }
      if (event.key === "Enter" && target.tagName !== "A" && target.tagName !== "BUTTON") go(page);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
  const everything = () =>
    save(
      s,
      [...s.columns.keys()],
      Array.from({length: s.n}, (_, row) => row),
    );
  return (
    <section class="card trials" ref={card}>
      <header>
        <h2>Trials</h2>
        <Shown />
        {stale && (
          <button
            onClick={() => {
              if (box.current) box.current.scrollTop = 0;
              setHeld(null);
            }}
          >
            {waiting > 0 ? `${count(waiting)} new ▲` : "sort again ▲"}
          </button>
        )}
        <span class="spring" />
        <Jump to={to} />
        <GroupBy />
        <label title="shade each value by its place on the parameter's scale">
          <input
            type="checkbox"
            checked={!!query.shade}
            onChange={(e) => show({shade: e.currentTarget.checked ? "1" : ""})}
          />{" "}
          shade
        </label>
        <button
          class="plain"
          title="choose all that are shown"
          onClick={() => pick(rows.map((row) => Number(labelOf(row))))}
        >
          choose all
        </button>
        <button
          class="plain"
          title="the rows and columns that are shown"
          onClick={() => save(s, names, rows)}
        >
          CSV
        </button>
        <button class="plain" title="all trials, with every column" onClick={everything}>
          CSV of all
        </button>
        <Columns
          word="columns"
          chosen={names}
          choose={colsShow}
          usual={() => show({cols: "", w: "", left: ""})}
        />
      </header>
      <Chosen s={s} names={names} />
      {query.g && grouped(s) ? (
        <Groups s={s} height={height} />
      ) : rows.length === 0 ? (
        <p class="muted">
          No trial fits the filter and the brushes.{" "}
          <button onClick={() => show({f: "", b: ""})}>show all</button>
        </p>
      ) : (
        <Rows
          box={box}
          n={rows.length}
          size={size}
          height={height}
          name="trials"
          scrolled={setTop}
          head={
            cards ? undefined : <Head names={names} pinned={pinned} lefts={look.lefts} sizes={look.sizes} />
          }
          row={(at, top) =>
            cards ? (
              <Card
                key={rows[at]}
                s={s}
                row={rows[at]}
                top={top}
                names={names}
                turn={(shift) => turn(at, shift)}
              />
            ) : (
              <Row
                key={rows[at]}
                s={s}
                row={rows[at]}
                top={top}
                at={look}
                turn={(shift) => turn(at, shift)}
              />
            )
          }
        />
      )}
    </section>
  );
}
