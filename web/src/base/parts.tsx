// SPDX-License-Identifier: GPL-3.0-or-later
// What several views are made of.
import {effect, signal} from "@preact/signals";
import {ComponentChildren} from "preact";
import {useEffect, useRef, useState} from "preact/hooks";
import {contact} from "./api";
import type {Trouble} from "./asked";
import {palette} from "./scale";
import {GLYPHS, safe, toneOf} from "./text";
import {clock} from "./time";
import {address, go, where} from "./where";

export function State({name, word = true, again}: {name: string; word?: boolean; again?: boolean}) {
  return (
    <span class="state">
      <span class={"glyph s-" + toneOf(name)} aria-hidden={word}>
        {GLYPHS[name] ?? "·"}
      </span>
      {word && name}
      {again && " again"}
    </span>
  );
}

export const Tags = ({list}: {list?: string[]}) => (
  <>
    {(list ?? []).map((tag) => (
      <span key={tag} class="tag">
        {safe(String(tag))}
      </span>
    ))}
  </>
);

export function Link({
  to,
  query,
  children,
  ...rest
}: {
  to: string;
  query?: Record<string, string>;
  children: ComponentChildren;
  [name: string]: unknown;
}) {
  return (
    <a
      href={address(to, query)}
      {...rest}
      onClick={(event: MouseEvent) => {
        if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        event.stopPropagation();
        go(to, query);
      }}
    >
      {children}
    </a>
  );
}

export function Check({
  on,
  turn,
  title,
  children,
}: {
  on: boolean;
  turn: (on: boolean) => void;
  title?: string;
  children: ComponentChildren;
}) {
  return (
    <label title={title}>
      <input type="checkbox" checked={on} onChange={(e) => turn(e.currentTarget.checked)} /> {children}
    </label>
  );
}

// One of these values. change: it is told "" for the usual one.
export function Choice({
  name,
  value,
  of,
  text = (value) => value,
  usual,
  change,
  ...rest
}: {
  name?: string;
  value: string;
  of: readonly string[];
  text?: (value: string) => string;
  usual?: string;
  change: (value: string) => void;
  [more: string]: unknown;
}) {
  const select = (
    <select
      {...rest}
      value={value}
      onChange={({currentTarget: {value}}) => change(value === usual ? "" : value)}
    >
      {of.map((one) => (
        <option value={one}>{text(one)}</option>
      ))}
    </select>
  );
  return name ? (
    <label>
      {name} {select}
    </label>
  ) : (
    select
  );
}

export const Wrong = ({text, children}: {text: string; children?: ComponentChildren}) =>
  text ? (
    <p class="error" role="alert">
      {safe(text)}
      {children}
    </p>
  ) : null;
// In the place of what comes: where that takes more than a second, it says what it waits for.
export const Waiting = ({what, low}: {what: string; low?: boolean}) => (
  <div class={low ? "skeleton low" : "skeleton"} aria-busy="true">
    <p class="muted">Waiting for {what} …</p>
  </div>
);
// Of a view that asks: that it waits, or what is wrong, since when, and a button that asks again. has: something is shown,
// which was known before. what: it waits for that; without it, nothing is said while it waits. The head of the page says
// where the controller has ended.
export const Missing = ({
  of: {wrong, since, again, answer},
  has = answer,
  what,
  low,
}: {
  of: Trouble;
  has?: unknown;
  what?: string;
  low?: boolean;
}) =>
  contact.value === "ended" && (has || !what) ? null : wrong ? (
    <Wrong text={wrong}>
      , since {clock(since / 1000)}
      {has ? "; what is shown may be old" : ""}{" "}
      {contact.value !== "ended" && <button onClick={again}>retry</button>}
    </Wrong>
  ) : has || !what ? null : (
    <Waiting what={what} low={low} />
  );

// The title of the tab while this is shown.
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = (title && title + " · ") + "besom";
  }, [title]);
  useEffect(() => () => void (document.title = "besom"), []);
}

// A number that is typed. What is typed stays while the page follows a sweep; it counts from Enter, or when it is left.
export function NumberField({
  value,
  change,
  ...rest
}: {
  value: string;
  change: (value: string) => void;
  [name: string]: unknown;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <input
      type="number"
      {...rest}
      value={typed}
      onInput={(e) => setTyped(e.currentTarget.value)}
      onChange={(e) => change(e.currentTarget.value)}
    />
  );
}

// The width of an element, as it changes.
export function useWidth<T extends HTMLElement>(): [{current: T | null}, number] {
  const ref = useRef<T>(null),
    watched = useRef<{element: T; watch: ResizeObserver} | null>(null),
    [width, setWidth] = useState(0);
  // The element may be another one after each render: a chart takes the place of what was there before its data.
  useEffect(() => {
    if (watched.current?.element === ref.current) return;
    watched.current?.watch.disconnect();
    watched.current = null;
    if (!ref.current) return;
    // Of a hidden one (a chart shown as its table) it stays what it was.
    const watch = new ResizeObserver(([entry]) =>
      setWidth((was) => Math.floor(entry.contentRect.width) || was),
    );
    watch.observe(ref.current);
    watched.current = {element: ref.current, watch};
  });
  useEffect(() => () => watched.current?.watch.disconnect(), []);
  return [ref, width];
}

// Draws when what it depends on is another: at once, but with new facts in a task of its own, so that none is long.
export function useDraw(draw: () => void, facts: unknown, others: unknown[]): void {
  const drawn = useRef(facts);
  useEffect(() => {
    if (drawn.current === facts) return draw();
    drawn.current = facts;
    const timer = setTimeout(draw);
    return () => clearTimeout(timer);
  }, [facts, ...others]);
}

// A canvas of this size in CSS pixels, ready to draw in them.
export function canvasBegin(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

export const css = (name: string): string =>
  getComputedStyle(document.documentElement)
    .getPropertyValue("--" + name)
    .trim();
// Changes with the theme, the palette and the density of the screen, on which drawings in a canvas depend.
export const look = signal(0);
const looks = () => {
  look.value++;
};
new MutationObserver(looks).observe(document.documentElement, {
  attributes: true,
  attributeFilter: ["data-theme"],
});
for (const name of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(resolution: 1dppx)"])
  matchMedia(name).addEventListener("change", looks);

effect(() => {
  palette.value = where.value.query.pal === "viridis" ? "viridis" : "cividis";
});
palette.subscribe(looks);

export const isDark = (): boolean => css("dark") === "1";

export function Bar({counts, total}: {counts: Record<string, number>; total: number | null}) {
  const ended = ["finished", "stopped", "failed", "lost", "preempted", "cancelled"],
    done = ended.reduce((n, s) => n + (counts[s] ?? 0), 0);
  const all = Math.max(total ?? 0, done + (counts.running ?? 0) + (counts.pending ?? 0), 1);
  const parts = [...ended, "running"].filter((s) => counts[s]);
  let at = 0;
  return (
    <svg
      class="bar"
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      role="img"
      aria-label={parts.map((s) => `${counts[s]} ${s}`).join(", ") + (total ? ` of ${total}` : "")}
    >
      {parts.map((s) => {
        const width = (100 * counts[s]) / all,
          x = at;
        at += width;
        return <rect class={"f-" + toneOf(s)} x={x} y="0" width={width} height="1" />;
      })}
    </svg>
  );
}
