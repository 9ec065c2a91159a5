// SPDX-License-Identifier: GPL-3.0-or-later
// The controller's facts as they become durable. A browser has about six connections to one host, so all of its tabs
// share one stream, in a worker (stream-worker.ts); without such workers each tab has its own. Pure but for fetch.
export interface Fact {
  kind: string; // "reset": facts were missed, so what is shown must be read again
  sweep?: string;
  trial?: number;
  seq: number;
}
export interface News {
  facts: Fact[];
  contact: "asking" | "live" | "lost" | "signed out" | "ended";
  seq: number; // the last fact that the stream has had
  last?: Answers; // what a process that has ended would answer
}
export type Answers = Record<string, any>; // by their paths
type Tell = (news: News) => void;

const SILENCE = 35000, // the controller sends something every 15 s
  AGAIN = 1500,
  TOGETHER = 500,
  KEPT = 5000,
  MOST = 5000;

interface Listener {
  tell: Tell;
  seq: number;
  hidden: boolean;
}

export class Stream {
  private listeners = new Map<unknown, Listener>();
  private kept: Fact[] = []; // the newest facts, for tabs that were hidden
  private last = -1;
  private from = 0; // the first fact that was asked for
  private first = 0; // kept has every fact after this one
  private contact: News["contact"] = "asking";
  private words: Answers | undefined; // the last ones of a controller that has ended, until there is another
  private stays = false;
  private control: AbortController | null = null;
  private silence = 0;
  private due = 0;
  private idle = 0;

  // seq: the last fact that the listener knows; -1: none, it is told to read anew at once. stays: the connection is kept
  // while nobody looks, because the controller soon ends, and says its last words to those who are there.
  add(key: unknown, seq: number, tell: Tell, stays = false): void {
    this.stays ||= stays;
    const before = this.listeners.get(key);
    this.listeners.set(key, {tell, seq: before ? Math.min(before.seq, seq) : seq, hidden: false});
    this.begin(seq);
    this.soon();
  }

  remove(key: unknown): void {
    this.listeners.delete(key);
    this.rest();
  }

  hide(key: unknown, hidden: boolean): void {
    const listener = this.listeners.get(key);
    if (!listener) return;
    listener.hidden = hidden;
    if (!hidden) {
      this.begin(listener.seq);
      this.tell(listener);
    }
    this.rest();
  }

  // Nobody looks: the connection is given back after a while.
  private rest(): void {
    clearTimeout(this.idle);
    const looks = [...this.listeners.values()].some((l) => !l.hidden);
    if (looks || (this.stays && this.listeners.size)) return;
    this.idle = setTimeout(() => this.stop(), 5000) as unknown as number;
  }

  private stop(): void {
    this.control?.abort();
    this.control = null;
    clearTimeout(this.silence);
  }

  private begin(seq: number): void {
    clearTimeout(this.idle);
    if (this.last < 0) this.last = this.first = seq;
    if (this.contact === "ended") this.contact = "asking";
    if (!this.control) void this.read((this.control = new AbortController()));
  }

  private async read(control: AbortController): Promise<void> {
    const heard = () => {
      clearTimeout(this.silence);
      this.silence = setTimeout(() => control.abort(), SILENCE) as unknown as number;
    };
    heard();
    try {
      const most = this.last < 0 ? 0 : MOST;
      this.from = this.last + 1;
      const answer = await fetch(`/api/v1/events?brief=1&most=${most}&from=${this.from}`, {
        signal: control.signal,
        cache: "no-store",
        credentials: "same-origin",
      });
      if (answer.status === 401) {
        this.control = null; // until somebody has signed in, and listens again
        this.contactIs("signed out");
      }
      if (!answer.ok || !answer.body) throw new Error(`status ${answer.status}`);
      this.words = undefined;
      this.contactIs("live");
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const {value, done} = await reader.read();
        if (done) break;
        heard();
        const events = (rest + value).split("\n\n");
        rest = events.pop()!;
        for (const event of events) if (this.control === control) this.take(event);
      }
    } catch {
      /* what is said below holds for every reason */
    }
    clearTimeout(this.silence);
    if (this.control !== control) return; // nobody looks any more, or it has said why
    if (this.words) return this.ends(); // and nobody else has come
    this.contactIs("lost");
    setTimeout(() => {
      if (this.control === control) void this.read((this.control = new AbortController()));
    }, AGAIN);
  }

  private take(event: string): void {
    const fields = new Map<string, string>();
    for (const line of event.split("\n")) {
      const at = line.indexOf(":"),
        name = line.slice(0, at),
        had = fields.get(name);
      fields.set(name, (had === undefined ? "" : had + "\n") + line.slice(at + 1).trimStart());
    }
    const seq = Number(fields.get("id")),
      kind = fields.get("event");
    if (!kind || !Number.isFinite(seq)) return; // a comment
    if (kind === "bye") {
      try {
        this.words = JSON.parse(fields.get("data") ?? "{}");
      } catch {
        this.words = {};
      }
      this.ends();
      return;
    }
    this.last = seq;
    if (kind === "reset") {
      this.kept = [];
      this.first = seq;
      // Another store: nothing that is known holds.
      if (seq + 1 < this.from) for (const listener of this.listeners.values()) listener.seq = -1;
    } else {
      let subject: {sweep?: string; trial?: number} = {};
      try {
        subject = JSON.parse(fields.get("data") ?? "{}");
      } catch {
        return;
      }
      this.kept.push({kind, sweep: subject.sweep, trial: subject.trial, seq});
      if (this.kept.length > 2 * KEPT) {
        this.kept = this.kept.slice(-KEPT);
        this.first = this.kept[0].seq - 1;
      }
    }
    this.soon();
  }

  // All are told, hidden ones too: they need nothing but its last words. One that comes later may be of another
  // controller at the same address, so it is asked again.
  private ends(): void {
    this.contact = "ended";
    for (const listener of this.listeners.values()) this.tell(listener);
    this.listeners.clear();
    this.kept = [];
    this.last = -1;
    this.control = null;
  }

  private contactIs(now: News["contact"]): void {
    if (now === this.contact) return;
    this.contact = now;
    for (const listener of this.listeners.values()) if (!listener.hidden) this.tell(listener);
  }

  private soon(): void {
    if (!this.due)
      this.due = setTimeout(() => {
        this.due = 0;
        for (const listener of this.listeners.values()) if (!listener.hidden) this.tell(listener);
      }, TOGETHER) as unknown as number;
  }

  private tell(listener: Listener): void {
    // It may know more than the stream has had yet.
    const reset = this.last >= 0 && listener.seq < this.first,
      facts = reset ? [{kind: "reset", seq: this.last}] : this.kept.filter((fact) => fact.seq > listener.seq);
    listener.seq = Math.max(listener.seq, this.last);
    listener.tell({facts, contact: this.contact, seq: this.last, last: this.words});
  }
}
