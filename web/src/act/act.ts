// SPDX-License-Identifier: GPL-3.0-or-later
// Actions: what one would do is counted by the controller before it is asked for, and what is shown as done was confirmed by it.
import {computed, signal} from "@preact/signals";
import {Fact, follow, get, post, Refusal, session} from "../base/api";
import {Asker} from "../base/asked";

export interface Action {
  verb: string; // of the button: "Cancel"
  about: string; // "sweep cifar-resnet"
  requests: {path: string; body?: unknown}[]; // below /api/v1/; most have one
  sweep?: string; // whose trials are watched as they end
  typed?: string; // to be typed where more than TYPED_ABOVE trials end
  ends?: boolean; // running trials end
  less?: (n: number) => Action; // the same with no more than n, where only n can be done
  done?: () => void; // once the controller has confirmed it
}

export const TYPED_ABOVE = 20;

interface Effect {
  possible: boolean;
  message: string;
  revision: number | null;
  effect: any;
}

export interface Acting {
  action: Action;
  step: "counting" | "asking" | "sending" | "done" | "failed";
  effects: Effect[];
  keys: string[]; // one a request: sent again, it is done once
  wrong?: string; // why it failed, or has to be asked anew
  unsure?: boolean; // nobody knows whether it was done
  asked?: number; // times, ms
  confirmed?: number;
  said?: string[];
  ended?: number; // trials that have ended since
  endedAt?: number;
}

export const acting = signal<Acting | null>(null);

// Why this session may not act; "" where it may.
export const barred = computed(() =>
  session.value?.scope === "viewer"
    ? "this needs a token of scope operator or admin, and you are signed in with scope viewer"
    : "",
);

let opener: HTMLElement | null = null,
  stop = () => {};

function change(by: Partial<Acting>): void {
  if (acting.value) acting.value = {...acting.value, ...by};
}

const key = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
};

export function propose(action: Action): void {
  if (barred.value || acting.value?.step === "sending") return;
  const at = document.activeElement as HTMLElement | null;
  if (!at?.closest(".act-panel")) opener = at;
  stop();
  acting.value = {action, step: "counting", effects: [], keys: action.requests.map(key)};
  void count();
}

export function close(): void {
  stop();
  stop = () => {};
  acting.value = null;
  if (opener?.isConnected) opener.focus();
  opener = null;
}

async function count(wrong?: string): Promise<void> {
  const now = acting.value!;
  try {
    const effects: Effect[] = [];
    for (const {path, body} of now.action.requests) effects.push(await post(path + "?dry_run=1", body));
    if (acting.value?.action === now.action)
      change({step: "asking", effects, wrong, unsure: false, keys: now.action.requests.map(key)});
  } catch (error) {
    if (acting.value?.action === now.action) change({step: "failed", wrong: (error as Error).message});
  }
}

export const recount = (): void => {
  change({step: "counting", wrong: undefined});
  void count();
};

// How many of the trials that are to end have ended, as the store has it.
function watch(sweep: string): void {
  const {action, effects} = acting.value!,
    trials = effects.flatMap((e) => e.effect.trials ?? []),
    asker = new Asker<number>((ended, wrong) => {
      if (acting.value?.action !== action) return;
      change(ended && ended > (acting.value.ended ?? 0) ? {ended, endedAt: Date.now(), wrong} : {wrong});
      if (ended === trials.length) stop();
    });
  asker.read = async () => {
    const answer = await get(`sweeps/${sweep}/columns?cols=state&trials=${trials.join(",")}`),
      {values, words} = answer.columns[0];
    return (values as number[]).filter((v) => words[v] !== "running").length;
  };
  let news = 0;
  const look = () => asker.wish(sweep, String(news++)),
    leave = follow((facts: Fact[]) => {
      if (facts.some((f) => f.kind === "reset" || f.sweep === sweep)) look();
    });
  stop();
  stop = () => (leave(), asker.end());
  look();
}

export async function confirm(): Promise<void> {
  const now = acting.value;
  if (!now || (now.step !== "asking" && !now.unsure)) return;
  change({step: "sending", asked: now.asked && now.unsure ? now.asked : Date.now(), wrong: undefined});
  const said: string[] = [];
  try {
    for (const [i, {path, body}] of now.action.requests.entries()) {
      if (!now.effects[i].possible) continue;
      const revision = now.action.requests.length > 1 ? null : now.effects[i].revision;
      const answer = await post(path, body, {
        "Idempotency-Key": now.keys[i],
        ...(revision === null ? {} : {"If-Match": `"${revision}"`}),
      });
      said.push(answer.message);
    }
    change({step: "done", confirmed: Date.now(), said});
    now.action.done?.();
    if (now.action.ends && now.action.sweep) watch(now.action.sweep);
  } catch (error) {
    const {status, message} = error as Refusal;
    if (status === 412) {
      await count(message);
    } else change({step: "failed", wrong: message, unsure: status === 0 || status === 503});
  }
}
