// SPDX-License-Identifier: GPL-3.0-or-later
// What wandb.plot makes: a table, and which chart of it is meant. Charts of unknown kinds get a fitting one.
import {Chart} from "../base/chart";
import {count, safe} from "../base/text";
import {Missing} from "../base/parts";
import {Cell, Key, part, RunName, str, useDocument} from "./data";
import {Bars, Lines, Matrix, Series} from "./graph";
import {useStepped} from "./media";

const ROWS = 5000;

interface PlotOf {
  key: string;
  definition: string;
  fields: Record<string, string | null>;
  texts: Record<string, string>;
  table: string;
}

function tableKeyOf(value: any): string | null {
  if (!value || typeof value !== "object") return null;
  if (value.name === "tableKey" && typeof value.value === "string") return value.value;
  for (const inner of Object.values(value)) {
    const found = tableKeyOf(inner);
    if (found) return found;
  }
  return null;
}

export function plotsOf(run: any): PlotOf[] {
  return Object.entries<any>({...run.viz, ...run.plots}).map(([key, plot]) => {
    const config = plot?.panel_config ?? {};
    return {
      key,
      definition: str(config.panelDefId ?? plot?.id),
      fields: config.fieldSettings ?? {},
      texts: config.stringSettings ?? {},
      table: tableKeyOf(config.userQuery) ?? (plot?.panel_config ? key + "_table" : key),
    };
  });
}

interface Table {
  columns: string[];
  rows: Cell[][];
}
const numbers = (rows: Cell[][], at: number) => rows.some((row) => typeof row[at] === "number");
const text = (value: Cell) => (value === null || value === undefined ? "–" : String(value));

function grouped({rows}: Table, x: number, y: number, by: number): Series[] {
  const found = new Map<string, Series>();
  for (const row of rows) {
    const name = by < 0 ? "" : text(row[by]);
    let one = found.get(name);
    if (!one) found.set(name, (one = {name, x: [], y: []}));
    one.x.push(row[x]);
    one.y.push(row[y]);
  }
  return [...found.values()];
}

function binned(values: number[], n = 24): {edges: number[]; counts: number[]} {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity),
    high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const size = (high - low) / n || 1,
    counts = new Array(n).fill(0);
  for (const v of values) counts[Math.min(n - 1, Math.floor((v - low) / size))]++;
  return {edges: Array.from({length: n + 1}, (_, i) => low + i * size), counts};
}

function Histogram({table, at, label}: {table: Table; at: number; label: string}) {
  const values = table.rows.map((row) => row[at]).filter((v): v is number => typeof v === "number");
  if (!values.length) return <p class="muted">No finite values.</p>;
  const {edges, counts} = binned(values);
  return <Bars edges={edges} values={counts} xname={table.columns[at]} label={label} />;
}

function Confusion({
  table,
  at,
  label,
}: {
  table: Table;
  at: (name: string, otherwise: number) => number;
  label: string;
}) {
  const actual = at("Actual", 0),
    predicted = at("Predicted", 1),
    n = at("nPredictions", 2);
  const names: string[] = [];
  for (const row of table.rows)
    for (const k of [actual, predicted]) if (!names.includes(text(row[k]))) names.push(text(row[k]));
  if (names.length > 100) return <p class="muted">{names.length} classes: as a table only.</p>;
  const cells = names.map(() => names.map(() => 0));
  for (const row of table.rows)
    cells[names.indexOf(text(row[actual]))][names.indexOf(text(row[predicted]))] += Number(row[n]) || 0;
  return <Matrix rows={names} columns={names} cells={cells} label={label} />;
}

// Of charts of wandb.sklearn, whose columns are in another order.
const XY: Record<string, string[]> = {
  learning_curve: ["train_size", "score"],
  calibration: ["mean_predicted_value", "fraction_of_positives"],
};

// What of its table the plot shows.
function Drawn({plot, table, label}: {plot: PlotOf; table: Table; label: string}) {
  const column = (name: string | null | undefined, otherwise = -1) => {
    const found = name ? table.columns.indexOf(name) : -1;
    return found < 0 ? otherwise : found;
  };
  const field = (name: string, otherwise = -1) => column(plot.fields[name] ?? name, otherwise),
    kind = plot.definition.replace(/^wandb\//, "").replace(/\/v\d+$/, "");
  if (kind === "confusion_matrix") return <Confusion table={table} at={field} label={label} />;
  if (kind === "histogram") return <Histogram table={table} at={field("value", 0)} label={label} />;
  const bar = (labels: number[], values: number) => (
    <Bars
      labels={table.rows.map((row) => labels.map((at) => text(row[at])).join(" "))}
      values={table.rows.map((row) => row[values] ?? null)}
      xname={table.columns[labels[0]]}
      label={label}
    />
  );
  if (kind === "bar") return bar([field("label", 0)], field("value", 1));
  const lines = (x: number, y: number, by: number, dots = false, diagonal = false) => (
    <Lines
      series={grouped(table, x, y, by)}
      xname={str(plot.texts["x-axis-title"] ?? plot.texts.xname) || table.columns[x]}
      yname={str(plot.texts["y-axis-title"]) || table.columns[y]}
      {...{dots, diagonal, label}}
    />
  );
  if (kind === "lineseries") return lines(field("step", 0), field("lineVal", 2), field("lineKey", 1));
  if (kind === "area-under-curve")
    return lines(field("x", 1), field("y", 2), field("class", -1), false, plot.fields.x === "fpr");
  if (kind === "line") return lines(field("x", 0), field("y", 1), field("stroke", -1));
  if (kind === "scatter") return lines(field("x", 0), field("y", 1), -1, true);
  // Unknown: by what its fields and columns hold.
  const named = Object.values(plot.fields)
      .map((name) => column(name))
      .filter((at) => at >= 0),
    all = named.length ? named : table.columns.map((_, i) => i);
  const counted = all.filter((at) => numbers(table.rows, at)),
    words = all.filter((at) => !numbers(table.rows, at));
  const [xname, yname] = XY[kind] ?? ["x", "y"],
    x = field(xname, counted[0] ?? -1),
    y = field(yname, counted.find((at) => at !== x) ?? -1);
  if (x >= 0 && y >= 0 && numbers(table.rows, x) && numbers(table.rows, y)) {
    const by = words[0] ?? -1,
      back = ({x}: Series) => x.some((v, i) => i && v! < x[i - 1]!);
    return lines(x, y, by, grouped(table, x, y, by).some(back));
  }
  if (words.length && counted.length) return bar(words, counted[0]);
  if (counted.length) return <Histogram table={table} at={counted[0]} label={label} />;
  return <p class="muted">No chart fits this table: see it as a table.</p>;
}

function Plot({run, plot, page, keys, every}: Parameters<typeof Plots>[0] & {plot: PlotOf}) {
  const {file, slider} = useStepped(
      run,
      keys.find((k) => k.name === plot.table),
      page.summary[plot.table],
      every,
    ),
    table = useDocument(
      file?.path ? part(run, "table", {path: file.path, place: file.artifact_path, limit: ROWS}) : null,
    );
  const title = str(plot.texts.title) || plot.key,
    known = plot.definition.startsWith("wandb/"),
    t: Table | null = table.value;
  return (
    <Chart
      name={safe(title)}
      id={"plot-" + plot.key}
      twin={() => ({columns: t?.columns.map(String) ?? [], rows: t?.rows ?? []})}
      notes={
        <span class="muted">
          {[
            title === plot.key ? "" : safe(plot.key),
            known
              ? ""
              : `a chart of its own kind, ${safe(plot.definition || "unknown")}: drawn as fits its table`,
            t && t.rows.length < table.value.total
              ? `${count(t.rows.length)} of ${count(table.value.total)} rows`
              : "",
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      }
      tools={slider}
    >
      {!file?.path ? (
        <p class="muted">Its table has not come.</p>
      ) : !t ? (
        <Missing of={table} what="the table" low />
      ) : t.rows.length ? (
        <Drawn plot={plot} table={t} label={`${safe(title)}: ${t.rows.length} rows, as a chart`} />
      ) : (
        <p class="muted">Its table has no rows.</p>
      )}
    </Chart>
  );
}

export function Plots(of: {run: RunName; page: any; keys: Key[]; every: number}) {
  return (
    <div class="cards">
      {plotsOf(of.page).map((plot) => (
        <Plot key={plot.key} {...{...of, plot}} />
      ))}
    </div>
  );
}
