// SPDX-License-Identifier: GPL-3.0-or-later
// Trials that share their parameters, all but the seed, or those that are chosen: how good they are together.
import {useMemo, useRef} from "preact/hooks";
import {csv, download, Twin} from "../base/chart";
import {isSeed} from "../base/seed";
import {count, NOTHING, short} from "../base/text";
import {inAddress, listed, show, where} from "../base/where";
import {Choice} from "../base/parts";
import {title, varying} from "./fields";
import {chancesOf, chanceText} from "./chances";
import {better, goal, isComparable, measureName, objective} from "./measure";
import {meanOf} from "./repeats";
import {sweep} from "./model";
import {drawing} from "./brush";
import {shown} from "./subset";
import {quoted} from "./filter";
import {rowHeight, Rows} from "./rows";
import {cell, Column, MISSING, plain, Sheet, stateOf, VALUE} from "./sheet";

// The columns whose values a group shares: `g=-params.seed` is all parameters but it.
export function grouped(s: Sheet): string[] | null {
  const all = listed(where.value.query.g),
    but = all.filter((n) => n[0] === "-").map((n) => n.slice(1)),
    names = all.filter((n) => n[0] !== "-" && s.columns.has(n));
  if (names.length) return names;
  return but.length ? varying.value.map((c) => c.name).filter((n) => !but.includes(n)) : null;
}

export interface Group {
  row: number; // one of it
  n: number;
  failed: number;
  values: number; // how many trials have one
  mean: number;
  sd: number; // of a sample; NaN of a single one
  chance: number; // that its mean is the best; NaN where it has too few values
  min: number;
  max: number;
}

export function groupsOf(s: Sheet, names: string[], mask: Uint8Array, measured: Column | undefined): Group[] {
  const columns = names.map((name) => s.columns.get(name)!),
    found = new Map<string, number[]>();
  for (let row = 0; row < s.n; row++) {
    if (!mask[row]) continue;
    const key = columns
        .map((c) => (c.kinds[row] === VALUE ? (c.exact.get(row) ?? c.values[row]) : "?" + c.kinds[row]))
        .join(" "),
      rows = found.get(key);
    if (rows) rows.push(row);
    else found.set(key, [row]);
  }
  return [...found.values()].map((rows) => {
    const failed = rows.filter((row) => stateOf(s, row) === "failed").length,
      values = rows
        .filter((row) => measured?.kinds[row] === VALUE && isComparable(s, row))
        .map((row) => measured!.values[row]),
      {mean, sd} = meanOf(values);
    return {
      row: rows[0],
      n: rows.length,
      failed,
      values: values.length,
      mean,
      sd,
      chance: NaN,
      min: values.reduce((a, b) => Math.min(a, b), values.length ? Infinity : NaN),
      max: values.reduce((a, b) => Math.max(a, b), values.length ? -Infinity : NaN),
    };
  });
}

export function GroupBy() {
  const g = where.value.query.g ?? "",
    found = varying.value.map((c) => c.name).filter(isSeed),
    but = found.map((n) => "-" + inAddress(n)).join(",");
  return (
    <Choice
      name="group"
      value={g}
      of={[...new Set(["", but, ...varying.value.map((c) => inAddress(c.name)), g])]}
      text={(by) =>
        !by
          ? "no"
          : by === but
            ? `all but ${found.map(title).join(", ")}`
            : `by ${listed(by).map(title).join(", ")}`
      }
      change={(g) => show({g, gs: ""})}
    />
  );
}

const FEW = "n too small";
const NAMED = 6; // columns that the head of the groups names
const PRINT = {
  n: count,
  values: count,
  failed: count,
  mean: short,
  sd: short,
  min: short,
  max: short,
  chance: chanceText,
};
type Figure = keyof typeof PRINT;
const FIGURES = Object.keys(PRINT) as Figure[];
const WORDS: Record<string, string> = {values: "with value", chance: "P(best)"};

export function Groups({s, height}: {s: Sheet; height: number}) {
  const query = where.value.query,
    names = grouped(s)!,
    measured = objective.value,
    box = useRef<HTMLDivElement>(null),
    sort = FIGURES.includes((query.gs ?? "").replace("-", "") as Figure) ? query.gs : "",
    size = rowHeight();
  const found = useMemo(
      () => groupsOf(s, names, shown.value, measured),
      [s, names.join(), shown.value, measured],
    ),
    still = !drawing.value; // each move of a brush makes other groups, and thousands of draws take long
  const groups = useMemo(() => {
    const chances = still ? chancesOf(found, goal.value === "maximize") : [];
    return found.map((g, i) => ({...g, chance: chances[i] ?? NaN}));
  }, [found, goal.value, still]);
  const rows = useMemo(() => {
    const by = (sort.replace("-", "") || "mean") as Figure,
      sign = sort[0] === "-" ? -1 : 1;
    const order = (a: Group, b: Group) => {
      const [x, y] = [a[by], b[by]];
      if (x !== x || y !== y) return (x !== x ? 1 : 0) - (y !== y ? 1 : 0);
      return sort ? sign * (x - y) : better(x, y);
    };
    return [...groups].sort(order);
  }, [groups, sort]);
  const twin = (): Twin => ({
    columns: [...names, ...FIGURES],
    rows: rows.map((g) => [
      ...names.map((name) => plain(s.columns.get(name)!, g.row)),
      ...FIGURES.map((f) => (g[f] !== g[f] ? null : g[f])),
    ]),
  });
  const said = (g: Group, f: Figure): string => {
    if (!Number.isNaN(g[f])) return PRINT[f](g[f]);
    return f === "chance" && still ? FEW : NOTHING;
  };
  const side = (name: string) => (s.columns.get(name)?.words ? "" : "number");
  // The trials of a group.
  const open = (row: number) => {
    const term = (name: string) => {
      const c = s.columns.get(name)!;
      if (c.kinds[row] === MISSING) return "-has:" + quoted(name);
      return `${quoted(name)}=${quoted(c.words ? c.raw[c.values[row]] : String(c.values[row]))}`;
    };
    show({f: [query.f, ...names.map(term)].filter(Boolean).join(" "), g: ""});
  };
  return (
    <>
      <p class="muted">
        {count(rows.length)} groups of equal{" "}
        {names.length > NAMED ? `values of ${count(names.length)} columns` : names.map(title).join(", ")};{" "}
        {title(measureName.value)} of those{" "}
        {measureName.value.startsWith("rung.") ? "that reached it" : "that finished"}{" "}
        <button
          class="more plain"
          onClick={() =>
            download(`${sweep.value.name || sweep.value.id}-groups.csv`, csv(twin()), "text/csv")
          }
        >
          CSV of groups
        </button>
      </p>
      <Rows
        box={box}
        n={rows.length}
        size={size}
        height={height}
        name="groups of trials"
        head={
          <div class="row head" role="row">
            {[...names, ...FIGURES].map((name) => {
              const figure = name in PRINT,
                by = sort.replace("-", "") === name || (!sort && name === "mean"),
                down = sort ? sort[0] === "-" : false;
              return (
                <span
                  key={name}
                  role="columnheader"
                  aria-sort={by ? (down ? "descending" : "ascending") : "none"}
                >
                  <button
                    class={figure ? "number" : side(name)}
                    title={name}
                    disabled={!figure}
                    onClick={() => show({gs: sort === name ? "-" + name : name})}
                  >
                    {figure ? (WORDS[name] ?? name) : title(name)}
                    {sort && by ? (down ? " ▼" : " ▲") : ""}
                  </button>
                </span>
              );
            })}
          </div>
        }
        row={(at, top) => {
          const g = rows[at];
          return (
            <div key={g.row} role="row" class="row" style={{top: top + "px"}} onDblClick={() => open(g.row)}>
              {names.map((name) => (
                <span
                  key={name}
                  role="gridcell"
                  class={side(name)}
                  title={cell(s.columns.get(name), g.row, true)}
                >
                  {cell(s.columns.get(name), g.row)}
                </span>
              ))}
              {FIGURES.map((f) => (
                <span
                  key={f}
                  role="gridcell"
                  class="number"
                  title={said(g, f) === FEW ? FEW + ": two values are needed" : String(g[f])}
                >
                  {f === "n" ? (
                    <button class="plain inline" title="show its trials" onClick={() => open(g.row)}>
                      {said(g, f)}
                    </button>
                  ) : (
                    said(g, f)
                  )}
                </span>
              ))}
            </div>
          );
        }}
      />
    </>
  );
}
