// SPDX-License-Identifier: GPL-3.0-or-later
// The sweep that is open and its trials: loaded, and followed while it runs.
import {batch, computed, effect, signal} from "@preact/signals";
import {Fact, follow, get, Refusal} from "../base/api";
import type {Trouble} from "../base/asked";
import {where} from "../base/where";
import {cell, isOlder, rowOf, Sheet, sheetOf, sheetWith} from "./sheet";

const CHANGED_MOST = 500, // trials; more of them are read with all others
  NEWEST = 50000, // trials, of a sweep whose trials are too many for one answer
  AGAIN_MS = 1000;

export const sheet = signal<Sheet | null>(null);
export const sweep = signal<any>(null);
export const specText = computed(() => JSON.stringify(sweep.value?.spec ?? null)); // it may be edited
export const trouble = signal<Trouble | null>(null);

// How the controller reduces the metric: `r=first`, `r=mean-5`, or `best` where the sweep's file has another. "": not.
export const reduceAsked = computed(() => {
  const wish = where.value.query.r ?? "",
    own = sweep.value?.metric;
  return own && wish !== (own.reduce ?? "best") && /^(best|first|mean-[1-9]\d{0,4})$/.test(wish) ? wish : "";
});
function troubleIs(error: unknown, again: () => void): void {
  trouble.value = {wrong: (error as Error).message, since: trouble.value?.since ?? Date.now(), again};
}
let newest = false; // not all are asked for
const columnsOf = (id: string, trials: number[]): string =>
  `sweeps/${id}/columns?` +
  [
    ...(reduceAsked.peek() ? ["reduce=" + reduceAsked.peek()] : []),
    ...(trials.length ? ["trials=" + trials.join(",")] : newest ? ["most=" + NEWEST] : []),
  ].join("&");

async function columnsRead(id: string): Promise<any> {
  try {
    return await get(columnsOf(id, []));
  } catch (error) {
    if (newest || (error as Refusal).status !== 413) throw error;
    newest = true;
    return get(columnsOf(id, []));
  }
}

export const labelOf = (row: number): string => {
  const s = sheet.value!;
  return cell(s.columns.get("number"), row);
};
export const rowOfTrial = (number: number): number => (sheet.value ? rowOf(sheet.value, number) : -1);

// Takes the facts of the sweep, and asks for what they have changed, once at a time.
function taker(id: string, gone: () => boolean): (facts: Fact[]) => void {
  let changed = new Set<number>(),
    head = false,
    whole = false,
    asking = false,
    timer = 0;
  const later = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void catchUp(), AGAIN_MS);
  };
  const catchUp = async (): Promise<void> => {
    if (asking || gone() || !(whole || head || changed.size)) return;
    if (document.hidden) return later();
    const numbers = [...changed].filter((number) => !isOlder(sheet.value, number)),
      everything = whole || numbers.length > CHANGED_MOST;
    asking = true;
    changed = new Set();
    whole = head = false;
    try {
      const [now, answer] = await Promise.all([
        get(`sweeps/${id}`),
        everything ? columnsRead(id) : numbers.length ? get(columnsOf(id, numbers)) : null,
      ]);
      if (gone()) return;
      const next = !answer ? sheet.value : everything ? sheetOf(answer) : sheetWith(sheet.value!, answer);
      batch(() => {
        sweep.value = now;
        if (next) sheet.value = next;
        trouble.value = null;
      });
      whole ||= !next;
    } catch (error) {
      if (gone()) return;
      for (const number of numbers) changed.add(number);
      head = true;
      whole ||= everything;
      troubleIs(error, () => void catchUp());
      if ((error as Refusal).status < 0) return;
    } finally {
      asking = false;
    }
    if (whole || head || changed.size) later();
  };
  return (facts) => {
    for (const fact of facts) {
      if (fact.kind === "reset") whole = true;
      if (fact.sweep !== id) continue;
      head = true;
      if (fact.trial !== undefined) changed.add(fact.trial);
      if (fact.kind === "sweep_edited" || fact.kind === "tagged") whole = true;
    }
    void catchUp();
  };
}

// Loads the sweep and follows it; returns what ends that.
export function open(id: string): () => void {
  let stop = () => {},
    gone = false;
  sheet.value = sweep.value = null;
  newest = false;
  trouble.value = null;
  const load = async () => {
    try {
      const head = await get(`sweeps/${id}`);
      if (gone) return;
      sweep.value = head;
      let reduced = reduceAsked.peek();
      const answer = await columnsRead(head.id);
      if (gone) return;
      sheet.value = sheetOf(answer);
      trouble.value = null;
      const take = taker(head.id, () => gone),
        leave = follow(take, answer.seq);
      const forget = effect(() => {
        const now = reduceAsked.value;
        if (now && now !== reduced) take([{kind: "reset", seq: answer.seq}]);
        reduced = now;
      });
      stop = () => (leave(), forget());
    } catch (error) {
      if (gone) return;
      troubleIs(error, () => void load());
      if ((error as Refusal).status === 0) setTimeout(load, 2000);
    }
  };
  void load();
  return () => {
    gone = true;
    stop();
  };
}
