// SPDX-License-Identifier: GPL-3.0-or-later
// A chart and its twin: the same values as a table, which is also what is downloaded, and what a screen reader reads.
import type {ComponentChildren} from "preact";
import {useEffect, useRef} from "preact/hooks";
import {usePageKeys} from "./keys";
import {count, word} from "./text";
import {listed, show, turned, where} from "./where";

export type Value = number | string | boolean | null;
export interface Twin {
  columns: string[];
  rows: Value[][];
}

const ROWS = 200; // of a twin in the document; all of them are downloaded

function csvCell(value: Value): string {
  if (value === null) return "";
  const text = value === true ? "True" : value === false ? "False" : String(value);
  return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
}

export function csv({columns, rows}: Twin): string {
  return [columns, ...rows].map((row) => row.map(csvCell).join(",") + "\r\n").join("");
}

export function download(name: string, content: BlobPart | BlobPart[], type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content].flat(), {type}));
  link.download = name.replace(/[^\w.-]+/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function TwinTable({twin, name}: {twin: Twin; name: string}) {
  return (
    <div class="twin scroll" tabIndex={0} role="region" aria-label={name + " as a table"}>
      <table>
        <thead>
          <tr>
            {twin.columns.map((c) => (
              <th>{c}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {twin.rows.slice(0, ROWS).map((row) => (
            <tr>
              {row.map((value) => (
                <td class={typeof value === "number" ? "number" : ""} title={String(value ?? "")}>
                  {word(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {twin.rows.length > ROWS && (
        <p class="muted">
          {count(ROWS)} of {count(twin.rows.length)} rows; the download has all of them
        </p>
      )}
    </div>
  );
}

// key: of this chart in the address (`t=KEY,KEY`: those that are shown as tables). twin: called when it is needed.
// notes: what is shown of how much; tools: what changes the view.
export function Chart({
  name,
  id,
  twin,
  notes,
  tools,
  children,
}: {
  name: string;
  id: string;
  twin: () => Twin;
  notes?: ComponentChildren;
  tools?: ComponentChildren;
  children: ComponentChildren;
}) {
  const card = useRef<HTMLElement>(null),
    button = useRef<HTMLButtonElement>(null),
    table = listed(where.value.query.t).includes(id);
  useEffect(() => {
    (card.current as (HTMLElement & {twin?: () => Twin}) | null)!.twin = twin; // for the report that copies the chart
  });
  const turn = () => show({t: turned(where.value.query.t, id)});
  // The chart that is pointed at or has the focus; else the first one of the page.
  usePageKeys((key) => {
    if (key !== "t") return;
    const meant =
      document.querySelector("[id^=chart-]:hover") ??
      document.querySelector("[id^=chart-]:focus-within") ??
      document.querySelector("[id^=chart-]");
    if (meant !== card.current) return;
    turn();
    if (meant?.contains(document.activeElement)) button.current?.focus();
  });
  return (
    <section class="card" ref={card} id={"chart-" + id}>
      <header>
        <h2>{name}</h2>
        {notes}
        <span class="spring" />
        {tools}
        <span class="twins">
          <button ref={button} class="plain" aria-pressed={table} title="as a table ( t )" onClick={turn}>
            {table ? "chart" : "table"}
          </button>{" "}
          <button
            class="plain"
            title="download what is shown as CSV"
            onClick={() => download(id + ".csv", csv(twin()), "text/csv")}
          >
            CSV
          </button>
        </span>
      </header>
      {table && <TwinTable twin={twin()} name={name} />}
      <div hidden={table}>{children}</div>
    </section>
  );
}
