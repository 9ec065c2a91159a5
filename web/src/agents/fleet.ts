// SPDX-License-Identifier: GPL-3.0-or-later
// The agents as they are now: what the controller knows of them, with what the store knows.
import {get} from "../base/api";
import type {Alert} from "../base/alerts";

export interface Slot {
  slot: number;
  gpus: string[];
  trial: string | null;
  idle: string | null;
}
interface Load {
  gpus: number;
  utilization: number | null; // mean, per cent
  used: number; // bytes of GPU memory
  total: number;
  temperature: number | null;
  power: number | null;
  cpu: number | null;
  memory: number | null;
}
interface Disk {
  free: number;
  total: number;
  low: boolean;
}
// A GPU as its agent has read it, whether a trial has it or not.
export interface Gpu {
  gpu: string;
  index: string;
  utilization: number | null;
  memory_used: number | null;
  memory_total: number | null;
  temperature: number | null;
  power: number | null;
}
export interface Agent {
  name: string;
  state: string;
  duty: string;
  by: string | null;
  text: string | null;
  seen: number | null;
  seen_before: number | null; // where `seen` is not known
  until: number | null; // what it holds is run again elsewhere then
  slots: Slot[];
  load: Load | null; // of its GPUs, and of what runs there
  disk: Disk | null;
  gpus: Map<string, Gpu>;
  line: number[]; // GPU utilisation of late
  ended: number; // attempts of the last day
  failed: number;
  use: Map<string, number>; // of a slot's trial: GPU utilisation
}
export interface Cause {
  cause: string;
  says: string;
  n: number;
  trial: string;
  hosts: Record<string, number>;
}
export interface Fleet {
  agents: Agent[];
  alerts: Alert[];
  causes: Cause[];
  cut: boolean;
  busy: number;
  slots: number;
  utilization: number | null; // median of busy GPUs
}

const ENDS = {
  ".utilization": "utilization",
  ".memory.used": "used",
  ".memory.total": "total",
  ".temperature": "temperature",
  ".power": "power",
} as const;

interface Sent {
  trial: string;
  agent: string;
  time: number;
  sample: Record<string, number>;
  line: number[];
}

function loadOf(sent: Sent[]): {load: Load | null; use: Map<string, number>} {
  const use = new Map<string, number>();
  if (!sent.length) return {load: null, use};
  const all: Record<string, number[]> = {utilization: [], used: [], total: [], temperature: [], power: []};
  let cpu = 0,
    memory = 0;
  for (const one of sent) {
    const mine: number[] = [];
    for (const [name, value] of Object.entries(one.sample)) {
      if (name === "cpu.percent") cpu += value;
      if (name === "memory") memory += value;
      if (!name.startsWith("gpu.")) continue;
      for (const [end, key] of Object.entries(ENDS))
        if (name.endsWith(end)) {
          all[key].push(value);
          if (key === "utilization") mine.push(value);
        }
    }
    if (mine.length) use.set(one.trial, mean(mine)!);
  }
  const sum = (list: number[]) => list.reduce((s, x) => s + x, 0);
  return {
    use,
    load: {
      gpus: all.utilization.length,
      utilization: mean(all.utilization),
      used: sum(all.used),
      total: sum(all.total),
      temperature: all.temperature.length ? Math.max(...all.temperature) : null,
      power: all.power.length ? sum(all.power) : null,
      cpu,
      memory,
    },
  };
}

// What the agent says of its GPUs holds for idle ones too.
function loadWith(load: Load | null, gpus: Gpu[]): Load | null {
  const all = (key: "utilization" | "memory_used" | "memory_total" | "temperature" | "power") =>
    gpus.map((g) => g[key]).filter((x): x is number => x !== null);
  const sum = (list: number[]) => list.reduce((s, x) => s + x, 0);
  if (!gpus.length) return load;
  const hot = all("temperature"),
    power = all("power");
  return {
    gpus: gpus.length,
    utilization: mean(all("utilization")),
    used: sum(all("memory_used")),
    total: sum(all("memory_total")),
    temperature: hot.length ? Math.max(...hot) : null,
    power: power.length ? sum(power) : null,
    cpu: load?.cpu ?? null,
    memory: load?.memory ?? null,
  };
}

const mean = (list: number[]): number | null =>
  list.length ? list.reduce((s, x) => s + x, 0) / list.length : null;

function lineOf(sent: Sent[]): number[] {
  const lines = sent.map((s) => s.line).filter((l) => l.length),
    n = Math.min(...lines.map((l) => l.length));
  if (!lines.length) return [];
  return Array.from({length: n}, (_, i) => mean(lines.map((l) => l[l.length - n + i]))!);
}

export async function fleetRead(): Promise<Fleet> {
  const [now, known] = await Promise.all([get("agents"), get("fleet")]);
  const of = new Map<string, Sent[]>();
  for (const one of known.load as Sent[]) of.set(one.agent, [...(of.get(one.agent) ?? []), one]);
  const uses: number[] = [];
  let busy = 0,
    slots = 0;
  type Told = Omit<Agent, "load"> & {load: {disk: Disk | null; gpus: Gpu[]} | null};
  const agents = (now.agents as Told[]).map((agent) => {
    const sent = of.get(agent.name) ?? [],
      [ended, failed] = known.ended[agent.name] ?? [0, 0],
      held = new Set<string>();
    for (const slot of agent.slots) {
      if (slot.trial) held.add(slot.trial);
      if (agent.state === "away" || agent.state === "gone") continue;
      slots++;
      if (slot.trial) busy++;
    }
    const mine = sent.filter((s) => held.has(s.trial)),
      {load, use} = loadOf(mine);
    uses.push(...use.values());
    const told = agent.load?.gpus ?? [];
    return {
      ...agent,
      load: loadWith(load, told),
      disk: agent.load?.disk ?? null,
      gpus: new Map(told.map((g) => [g.gpu, g])),
      use,
      line: lineOf(mine),
      ended,
      failed,
    };
  });
  uses.sort((a, b) => a - b);
  return {
    agents,
    alerts: now.alerts ?? [],
    causes: known.causes,
    cut: known.cut,
    busy,
    slots,
    utilization: uses.length ? uses[uses.length >> 1] : null,
  };
}
