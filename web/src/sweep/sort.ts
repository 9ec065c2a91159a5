// SPDX-License-Identifier: GPL-3.0-or-later
// The order of trials in a table, by one column or several.
import {computed} from "@preact/signals";
import {decoded, where} from "../base/where";
import {isMeasure} from "./measure";
import {sheet} from "./model";
import {MISSING, NAN, Sheet, VALUE} from "./sheet";

export interface Sort {
  name: string;
  down: boolean;
}
export const sort = computed<Sort[]>(() => {
  const found = (where.value.query.sort ?? "")
    .split(",")
    .filter(Boolean)
    .map((text) => ({name: decoded(text.replace(/^-/, "")), down: text[0] === "-"}))
    .filter(({name}) => !sheet.value || sheet.value.columns.has(name));
  return found.length ? found : [{name: "number", down: true}];
});

// No value, NaN and failed trials are last in both directions.
function compare(s: Sheet, {name, down}: Sort): (a: number, b: number) => number {
  const column = s.columns.get(name)!,
    {kinds, values} = column,
    measured = isMeasure(name) || name.startsWith("metrics."),
    state = s.columns.get("state"),
    failed = state?.words?.indexOf("failed") ?? -1;
  const rank = new Uint8Array(s.n);
  for (let row = 0; row < s.n; row++) {
    const kind = kinds[row];
    if (kind !== VALUE) rank[row] = kind === MISSING ? 4 : kind === NAN ? 3 : 2;
    else rank[row] = measured && state!.values[row] === failed ? 1 : 0;
  }
  const keys = values.slice();
  if (column.words) {
    const order = column.texts.map((_, i) => i).sort((a, b) => (column.texts[a] < column.texts[b] ? -1 : 1)),
      place = new Float64Array(order.length);
    order.forEach((i, at) => (place[i] = at));
    for (let row = 0; row < s.n; row++) if (kinds[row] === VALUE) keys[row] = place[values[row]];
  }
  const sign = down ? -1 : 1;
  return (a, b) => rank[a] - rank[b] || (rank[a] >= 2 ? 0 : sign * (keys[a] - keys[b]));
}

export function sorted(rows: number[], by: Sort[]): number[] {
  const s = sheet.value;
  if (!s) return rows;
  const all = by.filter(({name}) => s.columns.has(name)).map((one) => compare(s, one));
  return rows.sort((a, b) => {
    for (const one of all) {
      const order = one(a, b);
      if (order) return order;
    }
    return a - b;
  });
}
