// SPDX-License-Identifier: GPL-3.0-or-later
// How the sweep goes, as the controller derives it from all trials; and the slots that it may use.
import {batch, signal} from "@preact/signals";
import {useEffect, useMemo, useRef} from "preact/hooks";
import {get} from "../base/api";
import type {Alert} from "../base/alerts";
import {useAnswer, useTicks} from "../base/asked";
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
  chance: {text: string; record: string | null; brief: string | null; basis: string} | null; // of a new best
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
interface Slots {
  list: Slot[]; // of agents that are connected
  away: number; // agents, but for those that were asked to leave and run nothing
  alerts: Alert[];
}

export const pace = signal<Pace | null>(null);
export const slots = signal<Slots | null>(null);

const LEAST_MS = 2000, // between two questions
  MOST_MS = 15000;

async function read(id: string): Promise<[Pace, Slots]> {
  const [now, agents] = await Promise.all([get(`sweeps/${id}/pace`), get("agents")]),
    list: Slot[] = [];
  let away = 0;
  for (const agent of agents.agents ?? []) {
    if (agent.state === "away" && (agent.duty === "up" || agent.slots?.length)) away++;
    if (agent.state === "away" || agent.state === "gone") continue;
    for (const slot of agent.slots ?? [])
      list.push({agent: agent.name, trial: slot.trial, idle: slot.idle ?? null});
  }
  return [now, {list, away, alerts: agents.alerts ?? []}];
}

// Follows the sweep that is open.
export function usePace(): void {
  const id = sweep.value.id,
    known = useRef(0),
    turn = useTicks(MOST_MS);
  useMemo(() => known.current++, [sweep.value, sheet.value, turn]);
  const {own} = useAnswer(id, String(known.current), () => read(id), LEAST_MS);
  useEffect(() => {
    batch(() => {
      [pace.value, slots.value] = own ?? [null, null];
    });
  }, [own]);
  useEffect(() => () => void (pace.value = slots.value = null), []);
}
