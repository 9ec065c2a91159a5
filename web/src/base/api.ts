// SPDX-License-Identifier: GPL-3.0-or-later
// What the controller is asked, and what it tells of itself.
import {signal} from "@preact/signals";
import {Answers, Fact, News, Stream} from "./stream";
import {parsed} from "./whole";
export type {Fact} from "./stream";
declare const STREAM_WORKER: string; // its address (web/build.mjs)

interface Session {
  id: string;
  scope: string;
  name: string | null;
  expires: number | null;
  run: boolean; // the page is that of besom run, and ends with it
  zone: string | null; // of its host; null: not known
}
type Contact = "asking" | "live" | "lost" | "ended"; // ended: besom run, which serves no more

const AGAIN_MS = 1000,
  TRIES = 60; // where the controller is busy

const ENDED = "besom run has ended";

export const session = signal<Session | null | undefined>(undefined); // undefined: not known yet; null: sign in
export const contact = signal<Contact>("asking");
export const lostSince = signal<number>(0);
export const refused = signal<string>("");

export class Refusal extends Error {
  status: number; // of HTTP; 0: no contact; -1: there will be none
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

export let last: Answers = {}; // of a controller that has ended: its last words

export function contactIs(now: Contact): void {
  if (contact.value === "ended") return;
  if (now === "lost" && contact.value !== "lost") lostSince.value = Date.now();
  contact.value = now;
}

async function ask(
  method: string,
  path: string,
  token?: string,
  body?: unknown,
  headers: Record<string, string> = {},
  tries = TRIES,
): Promise<any> {
  let answer: Response, text: string;
  if (contact.value === "ended") throw new Refusal(-1, ENDED);
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: token ? {...headers, Authorization: "Bearer " + token} : headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    text = await answer.text();
  } catch (error) {
    contactIs("lost");
    throw new Refusal(0, "the controller cannot be reached");
  }
  let value: any = null;
  try {
    value = parsed(text);
  } catch {
    /* not from besom: the status says what is known */
  }
  if (!answer.ok) {
    // Too many of somebody's questions wait: the view keeps waiting for this one.
    if (method === "GET" && value?.code === "ERR_BUSY" && tries) {
      await new Promise((again) => setTimeout(again, AGAIN_MS));
      return ask(method, path, token, body, headers, tries - 1);
    }
    const said = value?.error ?? value?.errors?.[0]?.message,
      why = typeof said === "string" ? said : `the controller answered ${answer.status}`;
    if (answer.status === 401 && !token) {
      session.value = null;
      refused.value = "";
    }
    throw new Refusal(answer.status, why);
  }
  return value;
}

export const get = async (path: string): Promise<any> => {
  const [name, query] = path.split("?"),
    known = contact.value === "ended" ? (last[path] ?? last[name]) : undefined;
  // Of a long sweep, they have its newest trials alone.
  if (known && (query || known.n === known.of)) return known;
  return ask("GET", "/api/v1/" + path);
};

export const post = (path: string, body?: unknown, headers?: Record<string, string>): Promise<any> =>
  ask("POST", "/api/v1/" + path, undefined, body, headers);

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

// A link with a token that is pasted into a page that is open loads nothing.
addEventListener("hashchange", () => location.hash && void begin());

// Facts as they become durable. Each listener is told at most twice a second, and not in a hidden tab.
type Listener = (facts: Fact[]) => void;
const listeners = new Map<Listener, number>(); // and the last fact that each knows, until the first news
let seen = -1; // the last fact that this tab has had
let send: ((data: {seq?: number; stays?: boolean; hidden?: boolean; gone?: boolean}) => void) | null = null;

function take(news: News): void {
  if (news.seq >= 0) seen = news.seq;
  last = news.last ?? last;
  if (news.contact === "signed out") session.value = null;
  else if (news.contact !== "asking") contactIs(news.contact);
  if (!news.facts.length) return;
  for (const [listener, knows] of [...listeners]) {
    if (!listeners.has(listener)) continue;
    listeners.set(listener, -1);
    const facts = news.facts.filter((fact) => fact.seq > knows);
    if (facts.length) listener(facts);
  }
}

// A stream of this tab alone.
function streamHere(): void {
  const stream = new Stream();
  send = ({seq, stays, hidden, gone}) => {
    if (seq !== undefined) stream.add("", seq, take, stays);
    if (hidden !== undefined) stream.hide("", hidden);
    if (gone) stream.remove("");
  };
}

function streamShared(): void {
  const worker = new SharedWorker(STREAM_WORKER, {name: "besom"});
  worker.port.onmessage = (event: MessageEvent<News>) => take(event.data);
  send = (data) => worker.port.postMessage(data);
  worker.onerror = () => {
    streamHere();
    if (listeners.size) begins(seen);
  };
}

function stream(): NonNullable<typeof send> {
  if (!send)
    try {
      streamShared();
    } catch {
      streamHere();
    }
  return send!;
}

const begins = (seq: number): void => {
  if (contact.value !== "ended") stream()({seq, stays: session.value?.run});
};

// seq: the last fact that what is shown knows. A listener that gives none, in a tab that has had none, is told "reset"
// at once.
export function follow(listener: Listener, seq = seen): () => void {
  if (seen < 0) seen = seq;
  listeners.set(listener, seq);
  begins(seq);
  if (document.hidden) stream()({hidden: true});
  return () => {
    listeners.delete(listener);
    if (!listeners.size) stream()({gone: true});
  };
}

document.addEventListener("visibilitychange", () => {
  if (listeners.size) stream()({hidden: document.hidden});
});
addEventListener("pagehide", () => send?.({gone: true}));
addEventListener("pageshow", (event) => {
  if (event.persisted && listeners.size) begins(seen);
});
