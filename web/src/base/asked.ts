// SPDX-License-Identifier: GPL-3.0-or-later
// What the controller is asked again and again while facts come: one question at a time, and each answer is shown, however
// many facts have come since it was asked for.
import {useEffect, useRef, useState} from "preact/hooks";
import {Fact, follow, Refusal} from "./api";

const EVERY_MS = 500, // a question
  AGAIN_MS = 2000; // where nobody was reached, or is free to answer

// What is wrong with a view: "": nothing.
export interface Trouble {
  wrong: string;
  since: number; // ms
  again: () => void; // asks at once
  answer?: unknown; // the last one there was
}
interface Answered<T> {
  view: string; // that it was asked for
  answer: T | null; // the last one there was
  of: string; // the view that it is of
  wrong: string;
  since: number;
}

export class Asker<T> {
  read!: () => Promise<T>;
  private view = "";
  private now = "";
  private turn = 0; // grows with each view: answers for another one are of no use
  private busy = false;
  private due = 0; // the next question may be asked then; 0: this view was not asked for yet
  private timer = 0;
  private behind = document.hidden; // a page that is opened in a hidden tab is read there

  constructor(
    private put: (answer: T | null, wrong: string, view: string) => void,
    private every = EVERY_MS,
  ) {}

  wish(view: string, now: string): void {
    if (view !== this.view) {
      this.end();
      this.due = 0;
    }
    this.view = view;
    this.now = now;
    if (view && !this.busy) this.soon();
  }
  again = (): void => {
    if (this.view && !this.busy) this.soon(0);
  };
  end(): void {
    clearTimeout(this.timer);
    this.turn++;
    this.busy = false;
  }
  private soon(after = this.due - Date.now()): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), after);
  }
  private async ask(): Promise<void> {
    const {turn, now, view} = this;
    if (document.hidden && (this.due || !this.behind)) return this.soon(AGAIN_MS);
    this.busy = true;
    const from = Date.now();
    let answer: T | null = null,
      wrong = "",
      lost = false;
    try {
      answer = await this.read();
    } catch (error) {
      wrong = (error as Error).message;
      lost = [0, 503].includes((error as Refusal).status);
    }
    if (turn !== this.turn) return;
    this.busy = false;
    // The controller works on it for a quarter of the time at most.
    this.due = from + Math.max(this.every, 4 * (Date.now() - from));
    this.put(answer, wrong, view);
    if (now !== this.now) this.soon();
    else if (lost) this.soon(AGAIN_MS);
  }
}

// view: what somebody has chosen to see; it is asked for at once when it is another, and not at all where it is "".
// now: grows with what is known, by which an answer may differ. own: the last answer of this view.
export function useAnswer<T>(
  view: string,
  now: string,
  read: () => Promise<T>,
  every?: number,
): Answered<T> & Trouble & {own: T | null} {
  const [is, set] = useState<Answered<T>>({view: "", answer: null, of: "", wrong: "", since: 0}),
    asker = useRef<Asker<T> | null>(null);
  asker.current ??= new Asker(
    (answer, wrong, view) =>
      set((old) => ({
        view,
        answer: answer ?? old.answer,
        of: answer ? view : old.of,
        wrong,
        since: old.wrong && old.view === view ? old.since : Date.now(),
      })),
    every,
  );
  asker.current.read = read;
  useEffect(() => asker.current!.wish(view, now), [view, now]);
  useEffect(() => () => asker.current!.end(), []);
  return {
    ...is,
    wrong: is.view === view ? is.wrong : "",
    own: view && is.of === view ? is.answer : null,
    again: asker.current.again,
  };
}

// The trouble of what is asked in another way, and how it is told; "": none any more.
export function useTrouble(again: () => void): [Trouble, (wrong: string) => void] {
  const [is, set] = useState({wrong: "", since: 0});
  return [{...is, again}, (wrong) => set((old) => ({wrong, since: old.wrong ? old.since : Date.now()}))];
}

// How often facts have come that concern what is shown; and how often this time has passed while somebody looked; 0: never.
export function useNews(concern: (facts: Fact[]) => boolean): number {
  const [n, set] = useState(0),
    last = useRef(concern);
  last.current = concern;
  useEffect(() => follow((facts) => last.current(facts) && set((n) => n + 1)), []);
  return n;
}
export function useTicks(ms: number): number {
  const [n, set] = useState(0);
  useEffect(() => {
    const timer = ms ? setInterval(() => document.hidden || set((n) => n + 1), ms) : 0;
    return () => clearInterval(timer);
  }, [ms]);
  return n;
}
