// SPDX-License-Identifier: GPL-3.0-or-later
// What the controller is asked again and again while facts come: one question at a time, and each answer is shown, however
// many facts have come since it was asked for.
import {useEffect, useRef, useState} from "preact/hooks";
import {Fact, follow, Refusal} from "./api";

const EVERY_MS = 500, // a question
  AGAIN_MS = 2000; // where nobody was reached

interface Answered<T> {
  view: string; // that it was asked for
  answer: T | null; // the last one there was
  of: string; // the view that it is of
  wrong: string;
}

class Asker<T> {
  read!: () => Promise<T>;
  private view = "";
  private now = "";
  private turn = 0; // grows with each view: answers for another one are of no use
  private busy = false;
  private at = 0;
  private timer = 0;

  constructor(
    private put: (answer: T | null, wrong: string, view: string) => void,
    private every: number,
  ) {}

  wish(view: string, now: string): void {
    if (view !== this.view) {
      this.end();
      this.at = 0;
    }
    this.view = view;
    this.now = now;
    if (view && !this.busy) this.soon();
  }
  end(): void {
    clearTimeout(this.timer);
    this.turn++;
    this.busy = false;
  }
  private soon(after = this.at + this.every - Date.now()): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), after);
  }
  private async ask(): Promise<void> {
    const {turn, now, view} = this;
    if (document.hidden && this.at) return this.soon(AGAIN_MS);
    this.busy = true;
    this.at = Date.now();
    let answer: T | null = null,
      wrong = "",
      lost = false;
    try {
      answer = await this.read();
    } catch (error) {
      wrong = (error as Error).message;
      lost = (error as Refusal).status === 0;
    }
    if (turn !== this.turn) return;
    this.busy = false;
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
  every = EVERY_MS,
): Answered<T> & {own: T | null} {
  const [is, set] = useState<Answered<T>>({view: "", answer: null, of: "", wrong: ""}),
    asker = useRef<Asker<T> | null>(null);
  asker.current ??= new Asker(
    (answer, wrong, view) =>
      set((old) => ({view, answer: answer ?? old.answer, of: answer ? view : old.of, wrong})),
    every,
  );
  asker.current.read = read;
  useEffect(() => asker.current!.wish(view, now), [view, now]);
  useEffect(() => () => asker.current!.end(), []);
  return {...is, own: view && is.of === view ? is.answer : null};
}

// How often facts have come that concern what is shown; and how often this time has passed while somebody looked.
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
    const timer = setInterval(() => document.hidden || set((n) => n + 1), ms);
    return () => clearInterval(timer);
  }, []);
  return n;
}
