// SPDX-License-Identifier: GPL-3.0-or-later
// How the sweep goes, as the controller derives it from all trials; and the slots that it may use.
import {effect, signal} from "@preact/signals";
import {get} from "../base/api";
import type {Alert} from "../base/alerts";
import {sheet, sweep} from "./model";

export interface Cause {
  cause: string;
  says: string;
  n: number;
  trials: {trial: number; attempt: number; agent: string}[]; // the newest
  hosts: Record<string, number>;
}
export interface Pace {
  now: number;
  rate: number | null; // trials an hour
  last: number | null; // when a trial ended or started
  left: [number, number] | null;
  left_why: string | null;
  chance: {next: number; percent: number; of: number} | null; // of a new best
  left_trials: number | null;
  durations: number;
  usual: [number, number] | null;
  hours: number;
  hours_left: [number, number] | null;
  hours_of: "GPU" | "slot";
  failed_hour: number; // of ended_hour
  ended_hour: number;
  line: (number | null)[];
  causes: Cause[];
  other_causes: number;
  alerts: Alert[];
}
export interface Slot {
  agent: string;
  trial: string | null;
  idle: string | null;
}
export interface Slots {
  list: Slot[]; // of agents that are connected
  away: number; // agents, but for those that were asked to leave and run nothing
  alerts: Alert[];
}

export const pace = signal<Pace | null>(null);
export const slots = signal<Slots | null>(null);

const LEAST_MS = 2000, // between two questions
  MOST_MS = 15000;

async function read(id: string): Promise<void> {
  const [now, agents] = await Promise.all([get(`sweeps/${id}/pace`), get("agents")]);
  if (sweep.peek()?.id !== id) return;
  const list: Slot[] = [];
  let away = 0;
  for (const agent of agents.agents ?? []) {
    if (agent.state === "away" && (agent.duty === "up" || agent.slots?.length)) away++;
    if (agent.state === "away" || agent.state === "gone") continue;
    for (const slot of agent.slots ?? [])
      list.push({agent: agent.name, trial: slot.trial, idle: slot.idle ?? null});
  }
  pace.value = now;
  slots.value = {list, away, alerts: agents.alerts ?? []};
}

// Follows the sweep that is open; returns what ends that.
export function paceFollow(): () => void {
  let timer = 0,
    asked = 0,
    gone = false,
    of = "";
  const ask = () => {
    timer = 0;
    if (gone || document.hidden || !sweep.peek()) return later(MOST_MS);
    asked = Date.now();
    read(sweep.peek().id)
      .catch(() => {})
      .finally(() => later(MOST_MS));
  };
  const later = (ms: number) => {
    clearTimeout(timer);
    if (!gone) timer = window.setTimeout(ask, ms);
  };
  const stop = effect(() => {
    const id = sweep.value?.id ?? "";
    void sheet.value;
    if (id !== of) {
      of = id;
      asked = 0;
      pace.value = slots.value = null;
    }
    if (id) later(Math.max(0, asked + LEAST_MS - Date.now()));
  });
  return () => {
    gone = true;
    clearTimeout(timer);
    stop();
    pace.value = slots.value = null;
  };
}
