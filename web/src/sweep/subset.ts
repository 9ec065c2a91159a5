// SPDX-License-Identifier: GPL-3.0-or-later
// Which trials are shown: those of the filter, narrowed by the brushes.
import {computed} from "@preact/signals";
import {show, where} from "../base/where";
import {active, brushesAsFilter, brushTest, inverted} from "./brush";
import {filterOf} from "./filter";
import {sheet, sweep} from "./model";

export const filterText = computed(() => where.value.query.f ?? "");
export const filter = computed(() =>
  sheet.value ? filterOf(sheet.value, filterText.value, sweep.value?.metric?.name) : null,
);

// Of the filter alone; the brushes narrow it, and what is drawn of one does so many times a second.
const filtered = computed<Uint8Array>(() => {
  const s = sheet.value,
    mask = new Uint8Array(s?.n ?? 0),
    test = filter.value?.test;
  for (let row = 0; row < mask.length; row++) mask[row] = test!(row) ? 1 : 0;
  return mask;
});
export const shown = computed<Uint8Array>(() => {
  const s = sheet.value,
    not = inverted.value,
    all = [...active.value];
  if (!s || !all.length) return filtered.value;
  const tests = all.map(([name, one]) => brushTest(s.columns.get(name)!, one)),
    mask = filtered.value.slice();
  for (let row = 0; row < s.n; row++) if (mask[row] && tests.every((t) => t(row)) === not) mask[row] = 0;
  return mask;
});
export const shownCount = computed(() => shown.value.reduce((sum, one) => sum + one, 0));

export function shownRows(): number[] {
  const rows: number[] = [],
    mask = shown.value;
  for (let row = 0; row < mask.length; row++) if (mask[row]) rows.push(row);
  return rows;
}

// The brushes become a part of the filter.
export function keep(): void {
  const had = filterText.value.trim(),
    both = / OR /.test(had) ? `(${had})` : had;
  show({f: `${both} ${brushesAsFilter.value}`.trim(), b: ""});
}
