// SPDX-License-Identifier: GPL-3.0-or-later
// The sweep that is open and its trials: loaded, and followed while it runs.
import {computed, effect, signal} from "@preact/signals";
import {Fact, follow, get} from "../base/api";
import {where} from "../base/where";
import {cell, rowOf, Sheet, sheetOf, sheetWith} from "./sheet";

export const sheet = signal<Sheet | null>(null);
export const sweep = signal<any>(null);
export const specText = computed(() => JSON.stringify(sweep.value?.spec ?? null)); // it may be edited
export const trouble = signal<string>("");

// How the controller reduces the metric: `r=first`, `r=mean-5`, or `best` where the sweep's file has another. "": not.
export const reduceAsked = computed(() => {
  const wish = where.value.query.r ?? "",
    own = sweep.value?.metric;
  return own && wish !== (own.reduce ?? "best") && /^(best|first|mean-[1-9]\d{0,4})$/.test(wish) ? wish : "";
});
const columnsOf = (id: string, trials: number[]): string =>
  `sweeps/${id}/columns?` +
  [
    ...(reduceAsked.peek() ? ["reduce=" + reduceAsked.peek()] : []),
    ...(trials.length ? ["trials=" + trials.join(",")] : []),
  ].join("&");

export const labelOf = (row: number): string => {
  const s = sheet.value!;
  return cell(s.columns.get("number"), row);
};
export const rowOfTrial = (number: number): number => (sheet.value ? rowOf(sheet.value, number) : -1);

let changed = new Set<number>(),
  asking = false,
  whole = false;

async function catchUp(id: string): Promise<void> {
  if (asking || (!changed.size && !whole)) return;
  asking = true;
  const numbers = [...changed],
    everything = whole || numbers.length > 500;
  changed = new Set();
  whole = false;
  try {
    const [head, answer] = await Promise.all([
      get(`sweeps/${id}`),
      numbers.length || everything ? get(columnsOf(id, everything ? [] : numbers)) : null,
    ]);
    if (sweep.value?.id === id) {
      const next =
        answer === null ? sheet.value : everything ? sheetOf(answer) : sheetWith(sheet.value!, answer);
      sweep.value = head;
      if (next) sheet.value = next;
      else whole = true;
    }
    trouble.value = "";
  } catch (error) {
    for (const number of numbers) changed.add(number);
    trouble.value = (error as Error).message;
  }
  asking = false;
  if (whole || changed.size) setTimeout(() => void catchUp(id), 1000);
}

effect(() => {
  if (!reduceAsked.value || !sheet.peek()) return;
  whole = true;
  void catchUp(sweep.peek().id);
});

// Loads the sweep and follows it; returns what ends that.
export function open(id: string): () => void {
  let stop = () => {},
    gone = false;
  sheet.value = sweep.value = null;
  trouble.value = "";
  changed = new Set();
  const load = async () => {
    try {
      const head = await get(`sweeps/${id}`);
      if (gone) return;
      sweep.value = head;
      const answer = await get(columnsOf(head.id, []));
      if (gone) return;
      sheet.value = sheetOf(answer);
      trouble.value = "";
      stop = follow((facts: Fact[]) => {
        let mine = false;
        for (const fact of facts)
          if (fact.sweep === head.id || fact.kind === "reset") {
            mine = true;
            whole ||= fact.kind === "reset";
            if (fact.trial !== undefined) changed.add(fact.trial);
            if (fact.kind.startsWith("sweep_")) whole = true;
          }
        if (mine) void catchUp(head.id);
      }, answer.seq);
    } catch (error) {
      trouble.value = (error as Error).message;
      if (!gone && (error as any).status === 0) setTimeout(load, 2000);
    }
  };
  void load();
  return () => {
    gone = true;
    stop();
  };
}
