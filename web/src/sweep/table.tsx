// SPDX-License-Identifier: GPL-3.0-or-later
// All trials, of which only those in sight are in the document.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {contact} from "../base/api";
import {Check, useWidth} from "../base/parts";
import {count} from "../base/text";
import {listed, show, where} from "../base/where";
import {Chosen} from "./chosen";
import {Columns} from "./columns";
import {Groups, GroupBy, grouped} from "./group";
import {Jump} from "./jump";
import {pick, picked, pickTurn, selected} from "./marked";
import {labelOf, rowOfTrial, sheet, sweep} from "./model";
import {sort, sorted} from "./sort";
import {shown, shownRows} from "./subset";
import {rowHeight, Rows} from "./rows";
import {everyRow} from "./sheet";
import {Shown} from "./shown";
import {colsShow, columnsShown, layoutOf} from "./table_columns";
import {save} from "./table_export";
import {Head} from "./table_head";
import {useTableKeys} from "./table_keys";
import {Card, Row} from "./table_row";
import "./table.css";

const CARDS = 480,
  CARD = 118;

// What somebody reads does not move: new and changed trials wait while it is scrolled or sorted.
function useHeld(fresh: number[], scrolled: boolean) {
  const [held, setHeld] = useState<{rows: number[]; key: string} | null>(null),
    query = where.value.query,
    key = `${query.f ?? ""} ${query.b ?? ""} ${query.sort ?? ""} ${query.pin ?? ""}`,
    rows = held && held.key === key && (scrolled || query.sort) ? held.rows : fresh;
  useEffect(() => {
    if (rows === fresh) setHeld({rows: fresh, key});
  }, [fresh, key, rows]);
  const waiting = rows === fresh ? 0 : fresh.length - rows.length,
    stale = rows !== fresh && (waiting !== 0 || fresh.some((row, i) => row !== rows[i]));
  return {rows, stale, waiting, release: () => setHeld(null)};
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
    last = useRef(-1),
    sought = useRef(-1); // the row that is to be in sight
  const stuck = listed(query.pin).map(Number);
  const fresh = useMemo(() => {
    const rows = sorted(shownRows(), by),
      first = stuck.map(rowOfTrial).filter((row) => row >= 0);
    return first.length ? [...first, ...rows.filter((row) => !first.includes(row))] : rows;
  }, [s, mask, by, query.pin]);
  const {rows, stale, waiting, release} = useHeld(fresh, top > 0);
  const cards = wide > 0 && wide < CARDS - 40,
    size = cards ? CARD : rowHeight();
  const layout = useMemo(
    () => layoutOf(s, names, pinned, !!query.shade),
    [names.join(), pinned.join(), query.w, query.shade, s],
  );
  const reveal = (at: number) => {
    const element = box.current,
      y = (cards ? 0 : size) + at * size;
    if (!element || at < 0) return;
    if (y - size < element.scrollTop) element.scrollTop = y - size;
    if (y + size > element.scrollTop + element.clientHeight)
      element.scrollTop = y + size - element.clientHeight;
  };
  const bring = () => {
    const at = rows.indexOf(sought.current);
    if (at < 0) return;
    sought.current = -1;
    reveal(at);
    box.current?.scrollIntoView({block: "nearest"});
  };
  useEffect(bring, [rows]);
  const to = (row: number) => {
    sought.current = row;
    if (rows.includes(row)) show({sel: labelOf(row)}, false);
    else show({f: "", b: "", sel: labelOf(row)});
    bring();
  };
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, rows.indexOf(rowOfTrial(selected.value)) + by));
    show({sel: labelOf(rows[next])}, false);
    reveal(next);
    box.current?.focus(); // so that the row is in sight, and Tab goes on from here
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
  useTableKeys(rows, move, turn);
  const everything = () => save(s, [...s.columns.keys()], everyRow(s));
  return (
    <section class="card trials" ref={card}>
      <header>
        <h2>Trials</h2>
        <Shown />
        {stale && (
          <button
            onClick={() => {
              if (box.current) box.current.scrollTop = 0;
              release();
            }}
          >
            {waiting > 0 ? `${count(waiting)} new ▲` : "sort again ▲"}
          </button>
        )}
        <span class="spring" />
        <Jump to={to} />
        <GroupBy />
        <Check
          title="shade each value by its place on the parameter's scale"
          on={!!query.shade}
          turn={(on) => show({shade: on ? "1" : ""})}
        >
          shade
        </Check>
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
        {contact.value === "ended" ? (
          <button class="plain" onClick={everything}>
            CSV of all
          </button>
        ) : (
          <a
            href={`/api/v1/sweeps/${sweep.value.id}/export?format=csv`}
            download
            title="all trials, with every column, as besom trials --csv --metrics prints them"
          >
            CSV of all
          </a>
        )}
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
          head={cards ? undefined : <Head layout={layout} />}
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
                at={layout}
                turn={(shift) => turn(at, shift)}
              />
            )
          }
        />
      )}
    </section>
  );
}
