// SPDX-License-Identifier: GPL-3.0-or-later
// What the controller is asked, and what it tells of itself.
import {signal} from "@preact/signals";

export interface Session {
  id: string;
  scope: string;
  name: string | null;
  expires: number | null;
}
export type Contact = "asking" | "live" | "lost";

export const session = signal<Session | null | undefined>(undefined); // undefined: not known yet; null: sign in
export const contact = signal<Contact>("asking");
export const lostSince = signal<number>(0);
export const refused = signal<string>("");

export class Refusal extends Error {
  status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

export function contactIs(now: Contact): void {
  if (now === "lost" && contact.value !== "lost") lostSince.value = Date.now();
  contact.value = now;
}

async function ask(method: string, path: string, token?: string): Promise<any> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: token ? {Authorization: "Bearer " + token} : {},
    });
  } catch (error) {
    contactIs("lost");
    throw new Refusal(0, "the controller cannot be reached");
  }
  const text = await answer.text();
  let value: any = null;
  try {
    value = JSON.parse(text);
  } catch {
    /* not from besom: the status says what is known */
  }
  if (!answer.ok) {
    const why =
      value && typeof value.error === "string" ? value.error : `the controller answered ${answer.status}`;
    if (answer.status === 401 && !token) {
      session.value = null;
      refused.value = "";
    }
    throw new Refusal(answer.status, why);
  }
  return value;
}

export const get = (path: string): Promise<any> => ask("GET", "/api/v1/" + path);

export async function signIn(token: string): Promise<void> {
  try {
    session.value = await ask("POST", "/api/v1/session", token.trim());
    refused.value = "";
  } catch (error) {
    refused.value = (error as Error).message;
    session.value = null;
  }
}

export async function signOut(): Promise<void> {
  await ask("DELETE", "/api/v1/session");
  session.value = null;
}

// The token of the address's fragment, which is removed from it, also from the history.
export async function begin(): Promise<void> {
  const given = /^#(?:token=)?(bsm_\w+)$/.exec(location.hash);
  if (given) {
    history.replaceState(null, "", location.pathname + location.search);
    await signIn(given[1]!);
    return;
  }
  try {
    session.value = await ask("GET", "/api/v1/session");
  } catch (error) {
    if ((error as Refusal).status === 0) setTimeout(begin, 2000);
    else session.value = null;
  }
}

// Facts as they become durable. Each listener is told at most twice a second, and not in a hidden tab.
export interface Fact {
  kind: string;
  sweep?: string;
  trial?: number;
  seq: number;
}
type Listener = (facts: Fact[]) => void;
const listeners = new Set<Listener>();
let source: EventSource | null = null,
  last = 0,
  waiting: Fact[] = [];

const KINDS = [
  "sweep_created",
  "sweep_state",
  "sweep_edited",
  "sweep_removed",
  "proposed",
  "launched",
  "stopping",
  "metrics",
  "ended",
  "trial_state",
  "retried",
  "reinstated",
];
let timer = 0,
  again = 0,
  idle = 0;

function deliver(): void {
  timer = 0;
  if (document.hidden || !waiting.length) return;
  const facts = waiting;
  waiting = [];
  for (const listener of listeners) listener(facts);
}

function take(event: MessageEvent): void {
  contactIs("live");
  last = Number(event.lastEventId) || last;
  let fact: any;
  try {
    fact = JSON.parse(event.data);
  } catch {
    return;
  }
  waiting.push({kind: event.type, sweep: fact.sweep, trial: fact.trial, seq: last});
  if (waiting.length > 5000) waiting = waiting.slice(-5000);
  if (!timer && !document.hidden) timer = window.setTimeout(deliver, 500);
}

function connect(): void {
  if (source || again || document.hidden || !listeners.size || session.value == null) return;
  source = new EventSource("/api/v1/events" + (last ? `?from=${last + 1}` : ""));
  source.onopen = () => contactIs("live");
  for (const kind of KINDS) source.addEventListener(kind, take as EventListener);
  source.onerror = () => {
    source?.close();
    source = null;
    contactIs("lost");
    again = window.setTimeout(() => {
      again = 0;
      void check();
    }, 1500);
  };
}

// Whether the controller is there again, and knows this browser still.
async function check(): Promise<void> {
  try {
    await ask("GET", "/api/v1/session");
    connect();
  } catch (error) {
    if ((error as Refusal).status === 0)
      again = window.setTimeout(() => {
        again = 0;
        void check();
      }, 1500);
  }
}

// seq: the last fact that what is shown knows.
export function follow(listener: Listener, seq = 0): () => void {
  listeners.add(listener);
  last = last || seq;
  connect();
  return () => {
    listeners.delete(listener);
    if (!listeners.size) disconnect();
  };
}

function disconnect(): void {
  source?.close();
  source = null;
}

// A browser has six connections to one host, and each open stream takes one: hidden tabs give theirs back.
document.addEventListener("visibilitychange", () => {
  window.clearTimeout(idle);
  if (document.hidden) {
    idle = window.setTimeout(disconnect, 5000);
    return;
  }
  connect();
  deliver();
});
