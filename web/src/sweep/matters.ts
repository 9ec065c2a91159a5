// SPDX-License-Identifier: GPL-3.0-or-later
// Which parameters matter, as the controller computes it from all trials that it compares: the numbers of besom importance.
import {computed, effect, signal} from "@preact/signals";
import {get, Refusal} from "../base/api";
import type {Trouble} from "../base/asked";
import {where} from "../base/where";
import {rungOf, rungs} from "./measure";
import {sheet, sweep} from "./model";

export interface Parameter {
  name: string;
  importance: number;
  low: number;
  high: number;
  rho: number | null; // Spearman's correlation with the metric, by that method
  noise: boolean;
  trend: string | null;
}
export interface Matters {
  metric: string;
  goal: "minimize" | "maximize";
  method: string;
  at: number | null; // the iteration at which trials are compared; null: the end
  basis: string; // where, in words
  was?: string; // where it was in an earlier answer
  trials: number;
  missing: number;
  parameters: Parameter[];
  seeds: Parameter[]; // not ranked: noise
  notes: string[];
}
interface Answer extends Trouble {
  matters: Matters | null;
  finished: number; // trials, or stopped early, when it was asked
  at: number; // ms
  asking: boolean;
}

export const METHODS = ["ped-anova", "fanova", "forest", "correlation"];
const AGAIN_MS = 10000, // an answer is not asked for more often
  GROWN = 1.05; // and only with so many more trials

const answers = signal(new Map<string, Answer>()),
  tick = signal(0);

// "": as the controller thinks best.
export const method = computed(() => METHODS.find((m) => m === where.value.query.imp) ?? "");
const ownMetrics = computed<{name: string; goal: string}[]>(() => {
  const own = sweep.value?.metrics ?? [];
  return own.length ? own : sweep.value?.metric ? [sweep.value.metric] : [];
});
// The metric that is asked about; "" where the sweep has none, and none is chosen.
export const metric = computed(() => where.value.query.impm ?? ownMetrics.value[0]?.name ?? "");
export const isOwn = computed(() => ownMetrics.value.some((m) => m.name === metric.value));
export const metricGoal = computed(
  () => ownMetrics.value.find((m) => m.name === metric.value)?.goal ?? where.value.query.impg ?? "minimize",
);

// Where trials are compared: "end", the iteration of a rung, or "": as the controller thinks best.
export const at = computed(() =>
  metric.value === sweep.value?.metric?.name &&
  (where.value.query.at === "end" || rungs.value.some((c) => rungOf(c) === where.value.query.at))
    ? where.value.query.at!
    : "",
);
export const atQuery = computed(() => (at.value ? "&at=" + at.value : ""));

function pathOf(way: string, name: string, goal: string): string {
  return `sweeps/${sweep.value.id}/importance?metric=${encodeURIComponent(name)}&goal=${goal}${way && "&method=" + way}${atQuery.value}`;
}
// Trials that ended with a value, so that answers differ.
export const measured = computed(
  () => (sweep.value?.counts?.finished ?? 0) + (rungs.value.length ? (sweep.value?.counts?.stopped ?? 0) : 0),
);
const usualPath = computed(() => {
  const own = ownMetrics.value[0];
  return sweep.value && own ? pathOf("", own.name, own.goal ?? "minimize") : "";
});
const chosenPath = computed(() =>
  sweep.value && metric.value ? pathOf(method.value, metric.value, metricGoal.value) : "",
);

function put(path: string, now: Pick<Answer, "matters" | "wrong" | "finished" | "asking">): void {
  const next = new Map(answers.value),
    since = now.wrong || now.asking ? next.get(path)?.since || Date.now() : 0,
    answer = {...now, since, at: Date.now(), again: () => ((answer.at = 0), tick.value++)};
  next.delete(path);
  next.set(path, answer);
  if (next.size > 20) next.delete(next.keys().next().value!);
  answers.value = next;
}

async function ask(path: string, finished: number): Promise<void> {
  const had = answers.peek().get(path);
  if (had?.asking) return;
  const grown = had && (finished < had.finished || finished > Math.max(had.finished, had.finished * GROWN));
  if (had && !had.wrong && !grown) return;
  const wait = had ? had.at + AGAIN_MS - Date.now() : 0;
  if (wait > 0) {
    setTimeout(() => tick.value++, wait);
    return;
  }
  put(path, {matters: had?.matters ?? null, wrong: "", finished, asking: true});
  try {
    const matters = (await get(path)) as Matters,
      old = had?.matters;
    matters.was = old && old.at !== matters.at ? old.basis.replace(/ \(.*/, "") : old?.was;
    put(path, {matters, wrong: "", finished, asking: false});
  } catch (error) {
    const matters = had?.matters ?? null,
      {status, message} = error as Refusal;
    put(path, {matters, wrong: status < 0 && matters ? "" : message, finished, asking: false});
  }
}

effect(() => {
  void tick.value;
  if (!sheet.value?.n || document.hidden) return;
  for (const path of new Set([usualPath.value, chosenPath.value])) if (path) void ask(path, measured.value);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tick.value++;
});

export const chosen = computed<Answer | undefined>(() => answers.value.get(chosenPath.value));
export const usual = computed<Matters | null>(() => answers.value.get(usualPath.value)?.matters ?? null);

// The column of the values at which trials are compared, where that is a rung.
export const basis = computed(() =>
  usual.value?.at ? rungs.value.find((c) => rungOf(c) === String(usual.value!.at)) : undefined,
);

// The parameters by their importance for the sweep's own metric. It stays as it was when the page was opened: axes and
// charts do not change places under somebody's hands.
const first = new Map<string, string[]>();
const ranking = computed<string[]>(() => {
  const id = sweep.value?.id ?? "",
    now = usual.value;
  if (!first.has(id) && now?.parameters.length)
    first.set(
      id,
      now.parameters.map((p) => "params." + p.name),
    );
  return first.get(id) ?? [];
});

// Names of columns: those that matter most first, those that are not ranked in their order.
export function byImportance(names: string[]): string[] {
  const place = new Map(ranking.value.map((name, i) => [name, i])),
    of = (name: string) => place.get(name) ?? place.size;
  return [...names].sort((a, b) => of(a) - of(b));
}
