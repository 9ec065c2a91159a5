// SPDX-License-Identifier: GPL-3.0-or-later
// Trials that somebody points at: under the mouse, selected, or chosen.
import {computed, signal} from "@preact/signals";
import {show, where} from "../base/where";

export const hovered = signal<number>(-1); // number of a trial
export const selected = computed(() =>
  /^\d+$/.test(where.value.query.sel ?? "") ? Number(where.value.query.sel) : -1,
);

// Trials that are chosen, to compare them or to act on them: in the address while they are few.
const PICKED_MAX = 100;
const pickedMany = signal<Set<number> | null>(null);
export const picked = computed<Set<number>>(() => {
  const text = where.value.query.cmp ?? "";
  if (!text) return pickedMany.value ?? new Set();
  return new Set(
    text
      .split(",")
      .filter((n) => /^\d+$/.test(n))
      .map(Number),
  );
});
export function pick(numbers: Iterable<number>): void {
  const next = new Set(numbers);
  pickedMany.value = next.size > PICKED_MAX ? next : null;
  show({cmp: next.size > PICKED_MAX ? "" : [...next].join(",")}, false);
}
export function pickTurn(number: number): void {
  const next = new Set(picked.value);
  if (!next.delete(number)) next.add(number);
  pick(next);
}
