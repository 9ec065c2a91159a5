// SPDX-License-Identifier: GPL-3.0-or-later
// An axis of parallel coordinates with its brushes, and what can be set of it.
import {useRef, useState} from "preact/hooks";
import {useFocusWithin} from "../base/keys";
import {Axis, Tick} from "../base/scale";
import {count, short} from "../base/text";
import {show} from "../base/where";
import {Brush, brush, keyOf, Range} from "./brush";
import {title} from "./fields";
import {quoted} from "./filter";
import {Rescale} from "./rescale";
import {narrow} from "./shown";
import {BOTTOM, LANES, TOP} from "./parallel_draw";

const HANDLE = 24; // pixels; what a finger or a hand takes
const TICKS = 14;
export const heightAt = (axis: Axis, value: number): number =>
  BOTTOM - Math.max(0, Math.min(1, axis.place(value))) * (BOTTOM - TOP);
export const placeAt = (y: number): number => Math.max(0, Math.min(1, (BOTTOM - y) / (BOTTOM - TOP)));
const keys = (axis: Axis, tick: Tick): string[] => tick.words!.map((i) => keyOf(axis.column.words![i]));

export function isOn(axis: Axis, tick: Tick, one: Brush | undefined): boolean {
  return !!one?.words && keys(axis, tick).every((key) => one.words!.includes(key) !== one.not);
}

// The brush with these categories: as the shorter of the two lists, of those that are in it and those that are not.
export function wordsBrush(axis: Axis, on: (tick: Tick) => boolean): Brush | null {
  const [words, others]: string[][] = [[], []];
  for (const tick of axis.ticks) (on(tick) ? words : others).push(...keys(axis, tick));
  if (!words.length) return null;
  const not = others.length < words.length;
  return {ranges: [], words: not ? others : words, not};
}

export function rangeOf(axis: Axis, a: number, b: number): Range {
  const [x, y] = [axis.value(placeAt(a)), axis.value(placeAt(b))],
    range = {low: Math.min(x, y), high: Math.max(x, y)};
  // The end of an axis stands for what is drawn at it, too.
  for (const v of axis.cut ? axis.column.values : []) {
    if (v > range.high && axis.place(v) >= 1 && placeAt(Math.min(a, b)) >= 0.995) range.high = v;
    if (v < range.low && axis.place(v) <= 0 && placeAt(Math.max(a, b)) <= 0.005) range.low = v;
  }
  return range;
}

export function merged(ranges: Range[]): Range[] {
  const found: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.low - b.low)) {
    const last = found[found.length - 1];
    if (last && range.low <= last.high) last.high = Math.max(last.high, range.high);
    else found.push({...range});
  }
  return found;
}
const rangesBrush = (ranges: Range[]): Brush => ({ranges: merged(ranges), words: null, not: false});

export type Hold = "new" | "move" | "low" | "high";

export function AxisView({
  axis,
  x,
  last,
  one,
  lanes,
  hold,
  grab,
  menu,
  reorder,
}: {
  axis: Axis;
  x: number;
  last: boolean;
  one?: Brush;
  lanes: {odd: number; missing: number};
  hold: (event: PointerEvent, kind: Hold, at: number) => void;
  grab: (event: PointerEvent) => void;
  menu: () => void;
  reorder: (by: number) => void;
}) {
  const column = axis.column,
    name = title(column.name),
    words = axis.kind === "words",
    every = words ? Math.ceil(axis.ticks.length / 30) : Math.ceil(axis.ticks.length / TICKS),
    side = last ? -6 : 6;
  const turn = (tick: Tick) =>
    brush(
      column.name,
      wordsBrush(axis, (t) => (t === tick ? !isOn(axis, t, one) : isOn(axis, t, one))),
    );
  const shift = (event: KeyboardEvent, at: number) => {
    const range = one!.ranges[at],
      up = event.key === "ArrowUp" ? 0.02 : event.key === "ArrowDown" ? -0.02 : 0;
    if (event.key === "Delete" || event.key === "Backspace")
      brush(column.name, {...one!, ranges: one!.ranges.filter((_, i) => i !== at)});
    else if (up) {
      const moved = (v: number, by: number) => axis.value(Math.max(0, Math.min(1, axis.place(v) + by))),
        high = moved(range.high, up),
        low = event.shiftKey ? range.low : moved(range.low, up);
      if (low <= high)
        brush(column.name, rangesBrush(one!.ranges.map((r, i) => (i === at ? {low, high} : r))), false);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  // A lane below the axis filters.
  const lane = (n: number, y: number, says: string, term: () => string) =>
    n > 0 && (
      <text
        class="tick lane"
        x={x}
        text-anchor="middle"
        y={BOTTOM + y}
        tabindex={0}
        role="button"
        aria-label={`${count(n)}, ${says}`}
        onClick={() => narrow(term())}
        onKeyDown={(e) => {
          if (e.key !== "Enter" && e.key !== " ") return;
          e.preventDefault();
          e.stopPropagation();
          narrow(term());
        }}
      >
        {count(n)}
      </text>
    );
  return (
    <g class="of-axis">
      <title>{column.name}</title>
      <line class="axis" x1={x} x2={x} y1={TOP} y2={BOTTOM} />
      <rect
        class="grip"
        x={x - HANDLE / 2}
        width={HANDLE}
        y={TOP - 6}
        height={BOTTOM - TOP + 12}
        onPointerDown={(e) => hold(e, "new", -1)}
      />
      {axis.ticks
        .filter((t, i) => t.at > -0.01 && t.at < 1.01 && i % every === 0)
        .map((t) => {
          const y = BOTTOM - t.at * (BOTTOM - TOP),
            text = t.text.length > 12 ? t.text.slice(0, 11) + "…" : t.text;
          return words ? (
            <g
              key={t.text}
              class={"word" + (one ? (isOn(axis, t, one) ? " on" : " off") : "")}
              role="checkbox"
              aria-checked={!one || isOn(axis, t, one)}
              aria-label={`${name}: ${t.text}`}
              tabindex={0}
              onClick={() => turn(t)}
              onKeyDown={(e) => {
                if (e.key !== "Enter" && e.key !== " ") return;
                e.preventDefault();
                e.stopPropagation();
                turn(t);
              }}
            >
              <title>{t.text}</title>
              <rect
                class="grip"
                x={last ? x - 72 : x - 8}
                width={80}
                y={y - Math.min(12, (BOTTOM - TOP) / axis.ticks.length / 2)}
                height={Math.min(24, (BOTTOM - TOP) / axis.ticks.length)}
              />
              <circle cx={x} cy={y} r={4} />
              <text class="tick" x={x + side * 1.4} text-anchor={last ? "end" : "start"} y={y + 4}>
                {text}
              </text>
            </g>
          ) : (
            <text class="tick" x={x + side} text-anchor={last ? "end" : "start"} y={y + 4}>
              {text}
            </text>
          );
        })}
      {one?.ranges.map((range, at) => {
        const [a, b] = [heightAt(axis, range.high), heightAt(axis, range.low)],
          [top, base] = [Math.min(a, b), Math.max(a, b)],
          inner = Math.max(4, base - top);
        return (
          <g
            key={at}
            tabindex={0}
            role="slider"
            aria-orientation="vertical"
            aria-label={`brush ${at + 1} of ${name}; arrows move it, Shift with arrows its upper end, Delete removes it`}
            aria-valuetext={`${short(range.low)} to ${short(range.high)}`}
            aria-valuenow={range.high}
            onKeyDown={(e) => shift(e, at)}
          >
            <rect class="brush" x={x - 8} width={16} y={top} height={inner} />
            <rect
              class="grip body"
              x={x - HANDLE / 2}
              width={HANDLE}
              y={top}
              height={inner}
              onPointerDown={(e) => hold(e, "move", at)}
            />
            {(["high", "low"] as const).map((end) => {
              const y = heightAt(axis, range[end]),
                out = (end === "high") === a <= b ? -1 : 1; // to the outside, so that a thin one can be moved still
              return (
                <rect
                  class="grip end"
                  x={x - HANDLE / 2}
                  width={HANDLE}
                  y={inner > 3 * HANDLE ? y - HANDLE / 2 : out < 0 ? y - HANDLE + 2 : y - 2}
                  height={HANDLE}
                  onPointerDown={(e) => hold(e, end, at)}
                />
              );
            })}
          </g>
        );
      })}
      {lane(lanes.odd, 22, `${name}: only NaN and infinities`, () => {
        const q = quoted(column.name),
          odd = q + ":nan,inf,-inf";
        return axis.kind === "log" ? `(${odd} OR ${q}<=0)` : odd;
      })}
      {lane(
        lanes.missing,
        LANES - 8,
        `${name}: only those where it is not set`,
        () => "-has:" + quoted(column.name),
      )}
      <text
        class="name"
        x={x}
        y={22}
        text-anchor="middle"
        tabindex={0}
        role="button"
        aria-haspopup="dialog"
        aria-label={`${name.length > 14 ? name.slice(0, 13) + "…, " : ""}${name}: axis, ${axis.kind}; Enter: its settings; Shift with arrows: its place`}
        onPointerDown={grab}
        onKeyDown={(event) => {
          if (event.key === "Enter") menu();
          else if (event.shiftKey && event.key === "ArrowLeft") reorder(-1);
          else if (event.shiftKey && event.key === "ArrowRight") reorder(1);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {name.length > 14 ? name.slice(0, 13) + "…" : name}
      </text>
      {axis.kind !== "linear" && !words && (
        <text class="tick" x={x} y={36} text-anchor="middle">
          {axis.kind}
        </text>
      )}
    </g>
  );
}

export function AxisMenu({
  axis,
  one,
  left,
  flip,
  isFlipped,
  hide,
  close,
}: {
  axis: Axis;
  one?: Brush;
  left: number;
  flip: () => void;
  isFlipped: boolean;
  hide: () => void;
  close: () => void;
}) {
  const [low, setLow] = useState(short(axis.low)),
    [high, setHigh] = useState(short(axis.high)),
    name = axis.column.name,
    box = useRef<HTMLDivElement>(null),
    fine =
      [low, high].every((t) => t.trim() !== "" && Number.isFinite(Number(t))) && Number(low) <= Number(high);
  useFocusWithin(box);
  return (
    <div
      ref={box}
      class="axis-menu"
      role="dialog"
      aria-label={"axis " + title(name)}
      style={{left: left + "px"}}
      onKeyDown={(e) => {
        if (e.key !== "Escape") return;
        e.stopPropagation();
        close();
      }}
    >
      <b>{title(name)}</b>
      {axis.kind !== "words" && (
        <>
          <Rescale axis={axis} word="scale" />
          <form
            onSubmit={(e) => {
              e.preventDefault();
              if (fine)
                brush(name, rangesBrush([...(one?.ranges ?? []), {low: Number(low), high: Number(high)}]));
            }}
          >
            <input aria-label="from" size={8} value={low} onInput={(e) => setLow(e.currentTarget.value)} /> to{" "}
            <input aria-label="to" size={8} value={high} onInput={(e) => setHigh(e.currentTarget.value)} />{" "}
            <button disabled={!fine}>brush</button>
          </form>
        </>
      )}
      <div>
        <button aria-pressed={isFlipped} onClick={flip}>
          flip
        </button>{" "}
        <button onClick={hide}>hide</button> <button onClick={() => show({c: name})}>colour by it</button>{" "}
        {one && <button onClick={() => brush(name, null)}>clear</button>}{" "}
        <button onClick={close}>close</button>
      </div>
    </div>
  );
}
