// SPDX-License-Identifier: GPL-3.0-or-later
// A wandb.Table: sorted and paged by the controller; pictures and sounds in its cells.
import {count, safe, word} from "../base/text";
import {show, where} from "../base/where";
import {useSignal} from "@preact/signals";
import {Missing} from "../base/parts";
import {Cell, fileUrl, isTable, Key, Owner, part, RunName, str, useDocument} from "./data";
import {Card} from "../base/card";
import {SortHead} from "./heads";
import {Item, useStepped} from "./media";
import {Pager} from "../base/pager";
import {Classes, Legend} from "./picture";
import {csv, download} from "../base/chart";
import {get} from "../base/api";

const ROWS = 50,
  ALL = 5000;

function MediaCell({value, of, classes}: {value: Cell; of: Owner; classes: Classes}) {
  const type = str(value?._type);
  if (!type) return <span class={typeof value === "number" ? "number" : ""}>{word(value)}</span>;
  if (/^(image|audio|video)-/.test(type)) return <Item run={of} name="" {...{value, classes}} />;
  return value.path ? (
    <a href={fileUrl(of, str(value.path))} download>
      {safe(type.replace("-file", ""))}
    </a>
  ) : (
    <span class="muted">{safe(type)}</span>
  );
}

// Several tables of one page have their own place in the address.
export function Table({run, k, last, every}: {run: RunName; k: Key; last: any; every: number}) {
  const {name} = k,
    {file, slider} = useStepped(run, k, last, every),
    of = (what: string) => `tb-${what}-${name}`,
    asked = where.value.query,
    sort = asked[of("s")] ?? "",
    from = Number(asked[of("p")] ?? 0) || 0;
  const column = sort.replace(/^-/, ""),
    more = {path: file.path, place: file.artifact_path, sort: column, desc: sort.startsWith("-") ? "1" : ""};
  const answered = useDocument(part(run, "table", {...more, skip: from, limit: ROWS})),
    {value} = answered;
  const classes: Classes = {id: of("h"), found: useSignal({})};
  const csvAll = async () => {
    const rows: Cell[][] = [];
    let all;
    do {
      all = await get(part(run, "table", {...more, skip: rows.length, limit: ALL - rows.length}));
      rows.push(...all.rows);
    } while (all.next && rows.length < ALL);
    download(
      name + ".csv",
      csv({columns: all.columns.map(String), rows: rows.map((row) => row.map((c) => c?.path ?? c))}),
      "text/csv",
    );
  };
  return (
    <Card
      name={safe(name)}
      notes={
        value &&
        (value.total
          ? `rows ${count(from + 1)}–${count(from + value.rows.length)} of ${count(value.total)}`
          : "no rows")
      }
      tools={
        <>
          {slider}
          <Pager
            size={ROWS}
            later={value?.next}
            to={(next) => show({[of("p")]: String(next || "")})}
            {...{from}}
          />
          <button
            class="plain"
            disabled={!value}
            onClick={() => void csvAll()}
            title={`the first ${count(ALL)} rows`}
          >
            CSV
          </button>
        </>
      }
    >
      <Missing of={answered} what="the rows" low />
      <Legend {...classes} />
      {value && (
        <div class="scroll logged-table" tabIndex={0} role="region" aria-label={"table " + safe(name)}>
          <table>
            <thead>
              <tr>
                {value.columns.map((c: Cell) => (
                  <SortHead
                    id={String(c)}
                    name={String(c)}
                    sort={sort}
                    to={(to) => show({[of("s")]: to, [of("p")]: ""})}
                  />
                ))}
              </tr>
            </thead>
            <tbody>
              {value.rows.map((row: Cell[]) => (
                <tr>
                  {(Array.isArray(row) ? row : []).map((cell, i) => (
                    <td
                      class={typeof cell === "number" ? "number" : ""}
                      title={cell?._type ? undefined : str(cell)}
                    >
                      <MediaCell value={cell} of={value.artifacts[i] ?? run} classes={classes} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

export function Tables({
  run,
  keys,
  summary,
  hidden,
  every,
}: {
  run: RunName;
  keys: Key[];
  summary: any;
  hidden: Set<string>;
  every: number;
}) {
  const tables = keys.filter(
    (k) => isTable(k.type) && !hidden.has(k.name) && isTable(str(summary[k.name]?._type)),
  );
  return (
    <>
      {tables.map((k) => (
        <Table key={k.name} {...{run, k, every}} last={summary[k.name]} />
      ))}
    </>
  );
}
