// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the log of an attempt from the agent that has it: only the lines around what is seen are here.
import {get} from "../base/api";
import {size as bytesText} from "../base/text";

export type Row = [number, string, [number, number][]?, number?];
interface Answer {
  ok: boolean;
  code?: string;
  error?: string;
  from: number;
  to: number;
  end: boolean;
  size: number;
  rows: Row[];
}

const TAIL = 500, // lines asked for at once
  MOST = 20000, // lines that are kept
  BYTES = 8 << 20; // of their texts
export const FOUND = 1000;

interface Held {
  rows: Row[];
  from: number; // offsets: lines from here
  to: number; // to here
  end: boolean; // nothing comes after them yet
  size: number;
}

// Drops lines far from the side that grew.
function bounded(held: Held, keep: "first" | "last"): Held {
  let bytes = 0;
  for (const row of held.rows) bytes += row[1].length;
  let {rows} = held;
  while (rows.length > MOST || bytes > BYTES) {
    const n = Math.max(1, rows.length >> 3),
      gone = keep === "last" ? rows.slice(0, n) : rows.slice(-n);
    if (n >= rows.length) break;
    for (const row of gone) bytes -= row[1].length;
    rows = keep === "last" ? rows.slice(n) : rows.slice(0, -n);
    held = keep === "last" ? {...held, rows, from: rows[0][0]} : {...held, rows, to: gone[0][0], end: false};
  }
  return held;
}

// Lines of the end of the log, or around a place, and those before and after as one scrolls.
export class Reader {
  held: Held | null = null;
  trouble: {code: string; wrong: string; since: number} | null = null;
  busy = 0;
  last: Promise<void> = Promise.resolve();
  gone = false;
  constructor(
    readonly path: string,
    readonly changed: () => void,
  ) {}
  async ask(query: string): Promise<Answer | null> {
    try {
      let answer: Answer = await get(this.path + query);
      // The same person asks in other windows too: a few questions may be open.
      for (let tries = 0; answer.code === "ERR_BUSY" && tries < 10 && !this.gone; tries++) {
        await new Promise((done) => setTimeout(done, 300));
        answer = await get(this.path + query);
      }
      if (this.gone) return null;
      this.said(answer.ok ? "" : (answer.error ?? "it is not known why"), answer.code);
      return answer.ok ? answer : null;
    } catch (error) {
      this.said((error as Error).message);
      return null;
    }
  }
  private said(wrong: string, code = ""): void {
    this.trouble = wrong ? {code, wrong, since: this.trouble?.since ?? Date.now()} : null;
  }
  // One after the other: each begins with what the one before has left.
  once(work: () => Promise<void>): Promise<void> {
    this.busy++;
    this.last = this.last.then(async () => {
      if (!this.gone) await work();
      this.busy--;
      if (!this.gone) this.changed();
    });
    return this.last;
  }
  take(a: Answer): void {
    this.held = {rows: a.rows, from: a.from, to: a.to, end: a.end, size: a.size};
  }
  tail(): Promise<void> {
    return this.once(async () => {
      const a = await this.ask(`&lines=${TAIL}`);
      if (a) this.take(a);
      for (let i = 0; a && !this.held!.end && i < 8 && !this.gone; i++) await this.more();
    });
  }
  // Around an offset, which is the beginning of a line, or somewhere in one.
  around(offset: number): Promise<void> {
    return this.once(async () => {
      const before = offset > 0 ? await this.ask(`&lines=${TAIL >> 1}&to=${offset}`) : null,
        a = await this.ask(`&from=${offset}`);
      if (!a) return;
      this.take(a);
      if (before && before.rows.length && before.to === a.from)
        this.held = {...this.held!, rows: [...before.rows, ...a.rows], from: before.from};
    });
  }
  async more(): Promise<void> {
    const held = this.held!,
      a = await this.ask(`&from=${held.to}`);
    if (!a || (a.to === held.to && a.size === held.size && a.end === held.end)) return;
    const rows = held.rows.filter((row) => row[0] < held.to);
    if (a.from > held.to)
      rows.push([held.to, `— ${bytesText(a.from - held.to)} are not kept —`, undefined, undefined]);
    this.held = bounded(
      {rows: [...rows, ...a.rows], from: held.from, to: a.to, end: a.end, size: a.size},
      "last",
    );
  }
  after(): Promise<void> {
    return this.once(() => this.more());
  }
  before(): Promise<void> {
    return this.once(async () => {
      const held = this.held!;
      if (held.from === 0) return;
      const a = await this.ask(`&lines=${TAIL}&to=${held.from}`);
      if (!a) return;
      let rows = a.rows,
        to = a.to;
      while (to < held.from) {
        const more = await this.ask(`&from=${to}&to=${held.from}`);
        if (!more || more.to <= to || more.from > held.from) break;
        rows = [...rows, ...more.rows];
        to = more.to;
      }
      if (!rows.length && a.from === held.from) {
        this.held = {...held, from: 0}; // nothing before it is kept
        return;
      }
      this.held = bounded({...held, rows: [...rows, ...held.rows], from: a.from}, "first");
    });
  }
  // Offsets of the lines with the text, as they are found.
  async find(text: string, found: (lines: number[], done: boolean) => boolean): Promise<void> {
    const all: number[] = [];
    for (let from = 0; ;) {
      const a = await this.ask(`&from=${from}&find=${encodeURIComponent(text)}`);
      if (!a) return;
      for (const row of a.rows) all.push(row[0]);
      const done = a.end || a.to <= from || all.length >= FOUND;
      if (!found(all.slice(), done) || done) return;
      from = a.to;
    }
  }
}
