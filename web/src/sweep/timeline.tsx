// SPDX-License-Identifier: GPL-3.0-or-later
// What ran where and when: a row is a slot, a bar an attempt, and a gap has its reason.
import {useEffect, useRef, useState} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Chart, Twin} from "../base/chart";
import {canvasBegin, css, look, Missing, useWidth} from "../base/parts";
import {count, GLYPHS, iso, safe, span, toneOf} from "../base/text";
import {moment, zone} from "../base/time";
import {marks} from "../base/moments";
import {go, listed, show, where} from "../base/where";
import {Pager} from "../base/pager";
import {pointOf} from "./points";
import {hovered} from "./marked";
import {rowOfTrial, sheet, sweep} from "./model";
import {Shown} from "./shown";
import {shown} from "./subset";
import "./timeline.css";

type Bar = [from: number, to: number, state: string, trial: number, attempt: number];
type Merged = [from: number, to: number, counts: Record<string, number>];
type Gap = [from: number, to: number, why: string];
interface Row {
  agent: string;
  slot?: number;
  bars: (Bar | Merged)[];
  gaps: Gap[];
}
interface Answer {
  from: number;
  to: number;
  now: number;
  hosts: boolean;
  of: number; // attempts
  rows_of: number;
  rows: Row[];
  busy: number[];
  queue: number[];
}

const HEIGHT = 18,
  STRIP = 36,
  TOP = 22,
  ROWS = 100,
  STATES = ["running", "finished", "stopped", "failed", "lost", "preempted", "cancelled", "pending"];

const isBar = (one: Bar | Merged): one is Bar => typeof one[2] === "string";
const nameOf = (row: Row): string => safe(row.agent) + (row.slot === undefined ? "" : `/${row.slot}`);

const colourOf = (state: string): string => css("s-" + toneOf(state)) || css("grey");

// Reasons of gaps, by their hatching: what they have in common is that nothing of the sweep ran.
const gapShade = (why: string): number =>
  why.includes("lost") ? 0.5 : why.includes("paused") || why.includes("agent") ? 0.3 : 0.12;

function twinOf(a: Answer): Twin {
  const at = (s: number) => iso(a.from + s);
  return {
    columns: ["agent", "slot", "what", "state", "trial", "attempt", "from", "to"],
    rows: a.rows.flatMap((row) => [
      ...row.bars.map((b): (string | number | null)[] =>
        isBar(b)
          ? [row.agent, row.slot ?? null, "attempt", b[2], b[3], b[4], at(b[0]), at(b[1])]
          : [
              row.agent,
              row.slot ?? null,
              Object.values(b[2]).reduce((s, n) => s + n, 0) + " attempts",
              Object.entries(b[2])
                .map(([state, n]) => `${n} ${state}`)
                .join(", "),
              null,
              null,
              at(b[0]),
              at(b[1]),
            ],
      ),
      ...row.gaps.map((g): (string | number | null)[] => [
        row.agent,
        row.slot ?? null,
        "gap: " + g[2],
        null,
        null,
        null,
        at(g[0]),
        at(g[1]),
      ]),
    ]),
  };
}

interface Frame {
  left: number;
  width: number;
  from: number;
  to: number;
}
const xOf = (f: Frame, s: number): number =>
  f.left + ((s - f.from) / (f.to - f.from)) * (f.width - f.left - 8);

function stripDraw(
  c: CanvasRenderingContext2D,
  f: Frame,
  values: number[],
  top: number,
  colour: string,
): void {
  const most = Math.max(1, ...values);
  c.fillStyle = colour;
  values.forEach((v, i) => {
    const x = xOf(f, f.from + ((f.to - f.from) * i) / values.length),
      next = xOf(f, f.from + ((f.to - f.from) * (i + 1)) / values.length),
      h = ((STRIP - 10) * v) / most;
    c.fillRect(x, top + STRIP - 4 - h, Math.max(1, next - x), h);
  });
}

function barDraw(
  c: CanvasRenderingContext2D,
  x: number,
  width: number,
  top: number,
  counts: [string, number][],
): void {
  const all = counts.reduce((s, [, n]) => s + n, 0);
  let y = top + 2;
  for (const [state, n] of counts) {
    const h = ((HEIGHT - 4) * n) / all;
    c.fillStyle = colourOf(state);
    // What was lost has the colour of what failed, in stripes.
    const [high, apart] = state === "lost" ? [2, 4] : [h, h];
    for (let at = 0; at < h; at += apart) c.fillRect(x, y + at, Math.max(1, width), Math.min(high, h - at));
    y += h;
  }
}

function draw(canvas: HTMLCanvasElement, a: Answer, f: Frame): void {
  const height = TOP + a.rows.length * HEIGHT + 2 * STRIP,
    c = canvasBegin(canvas, f.width, height),
    bottom = TOP + a.rows.length * HEIGHT;
  c.font = "11px system-ui";
  c.textBaseline = "middle";
  for (const mark of marks(f.from, f.to, Math.max(2, Math.floor((f.width - f.left) / 110)), zone.value)) {
    const x = xOf(f, mark.at);
    c.fillStyle = css("line");
    c.fillRect(x, TOP - 4, 1, height - TOP);
    c.fillStyle = css("muted");
    c.fillText(mark.text, Math.min(x + 3, f.width - c.measureText(mark.text).width), 10);
  }
  c.save();
  c.beginPath();
  c.rect(f.left, 0, f.width - f.left, height);
  c.clip();
  a.rows.forEach((row, i) => {
    const top = TOP + i * HEIGHT;
    c.fillStyle = css("muted");
    for (const [from, to, why] of row.gaps) {
      c.globalAlpha = gapShade(why);
      const x = xOf(f, a.from + from);
      c.fillRect(x, top + HEIGHT / 2 - 2, Math.max(1, xOf(f, a.from + to) - x), 4);
    }
    c.globalAlpha = 1;
    for (const bar of row.bars) {
      const mine = isBar(bar) ? rowOfTrial(bar[3]) : -1;
      c.globalAlpha = mine >= 0 && !shown.value[mine] ? 0.2 : 1;
      const x = xOf(f, a.from + bar[0]),
        width = xOf(f, a.from + bar[1]) - x - 1;
      barDraw(
        c,
        x,
        width,
        top,
        isBar(bar) ? [[bar[2], 1]] : STATES.filter((s) => bar[2][s]).map((s) => [s, bar[2][s]]),
      );
      if (isBar(bar) && bar[3] === hovered.value) {
        c.strokeStyle = css("text");
        c.strokeRect(x, top + 1, width, HEIGHT - 2);
      }
    }
  });
  c.globalAlpha = 1;
  stripDraw(c, f, a.busy, bottom, css("s-running"));
  const [busy, waiting] = [a.busy, a.queue].map((list) => Math.round(Math.max(0, ...list)));
  if (waiting) stripDraw(c, f, a.queue, bottom + STRIP, css("s-pending"));
  c.restore();
  c.fillStyle = css("text");
  a.rows.forEach((row, i) => c.fillText(nameOf(row), 0, TOP + i * HEIGHT + HEIGHT / 2, f.left - 6));
  c.fillText(`busy: up to ${count(busy)}`, 0, bottom + STRIP / 2, f.left - 6);
  c.fillText(
    waiting ? `waiting: up to ${count(waiting)}` : "waiting: none",
    0,
    bottom + STRIP * 1.5,
    f.left - 6,
  );
}

// What is at a place, in words; and its trial.
function at(a: Answer, f: Frame, x: number, y: number): {text: string; trial: number} | null {
  const row = a.rows[Math.floor((y - TOP) / HEIGHT)],
    s = f.from + ((x - f.left) / (f.width - f.left - 8)) * (f.to - f.from) - a.from,
    near = ((f.to - f.from) / f.width) * 2;
  if (y < TOP || x < f.left) return null;
  if (!row) {
    const strip = y < TOP + a.rows.length * HEIGHT + STRIP,
      values = strip ? a.busy : a.queue,
      i = Math.floor((s / (a.to - a.from)) * values.length);
    return values[i] === undefined
      ? null
      : {text: `${values[i].toFixed(1)} ${strip ? "attempts at once" : "trials waiting"}`, trial: -1};
  }
  const bar = row.bars.find((b) => s >= b[0] - near && s <= b[1] + near);
  if (bar && isBar(bar))
    return {
      text: `${GLYPHS[bar[2]] ?? ""} trial ${bar[3]}${bar[4] > 1 ? `, attempt ${bar[4]}` : ""}: ${bar[2]}, ${span(bar[1] - bar[0])} on ${nameOf(row)}`,
      trial: bar[3],
    };
  if (bar)
    return {
      text: `${Object.entries(bar[2])
        .map(([state, n]) => `${count(n)} ${state}`)
        .join(", ")} on ${nameOf(row)}: zoom in to see each`,
      trial: -1,
    };
  const gap = row.gaps.find((g) => s >= g[0] && s <= g[1]);
  return gap ? {text: `nothing of this sweep for ${span(gap[1] - gap[0])}: ${gap[2]}`, trial: -1} : null;
}

// The part of the time that is shown: `tl=FROM~TO`, in seconds since 1970.
function zoomRead(): [number, number] | null {
  const found = /^(\d+(?:\.\d+)?)~(\d+(?:\.\d+)?)$/.exec(where.value.query.tl ?? "");
  return found && Number(found[2]) > Number(found[1]) ? [Number(found[1]), Number(found[2])] : null;
}

export function Timeline() {
  const [box, width] = useWidth<HTMLDivElement>(),
    canvas = useRef<HTMLCanvasElement>(null),
    [tip, setTip] = useState<{text: string; trial: number; x: number; y: number} | null>(null),
    [drag, setDrag] = useState<[number, number] | null>(null);
  const zoom = zoomRead(),
    skip = Number(where.value.query.tls ?? 0) || 0,
    id = sweep.value.id,
    table = listed(where.value.query.t).includes("timeline"),
    px = Math.min(4000, width || (table ? 1000 : 0)), // what is hidden has no width
    part = zoom ? `&from=${zoom[0]}&to=${zoom[1]}` : "",
    path = `sweeps/${id}/timeline?px=${px}&limit=${ROWS}&skip=${skip}${part}`;
  const asked = useAnswer<Answer>(px ? path : "", String(sheet.value?.seq), () => get(path)),
    {answer} = asked;
  const left = Math.min(130, width / 3),
    frame: Frame | null = answer && {
      left,
      width,
      from: zoom?.[0] ?? answer.from,
      to: Math.max(zoom?.[1] ?? answer.to, (zoom?.[0] ?? answer.from) + 0.001),
    };
  useEffect(() => {
    if (canvas.current && answer && frame && width) draw(canvas.current, answer, frame);
  }, [answer, width, zone.value, where.value.query.tl, hovered.value, look.value, shown.value]);
  const place = (event: PointerEvent) => pointOf(event, canvas.current!);
  const timeAt = (x: number) =>
    frame!.from + ((Math.max(left, x) - left) / (width - left - 8)) * (frame!.to - frame!.from);
  const merged = answer?.rows.some((row) => row.bars.some((b) => !isBar(b)));
  const states = new Set(
    answer?.rows.flatMap((row) => row.bars.flatMap((b) => (isBar(b) ? [b[2]] : Object.keys(b[2])))),
  );
  return (
    <Chart
      name="Timeline"
      id="timeline"
      twin={() => (answer ? twinOf(answer) : {columns: [], rows: []})}
      notes={
        answer && (
          <>
            <Shown />
            <span class="muted">
              {count(answer.of)} attempts
              {answer.hosts ? " · a row is a host" : ""}
              {merged ? " · attempts too short to draw are merged into shares" : ""}
              {answer.rows_of > answer.rows.length
                ? ` · rows ${count(skip + 1)} to ${count(skip + answer.rows.length)} of ${count(answer.rows_of)}`
                : ""}
            </span>
          </>
        )
      }
      tools={
        <>
          {answer && answer.rows_of > answer.rows.length && (
            <Pager
              from={skip}
              size={ROWS}
              later={skip + answer.rows.length < answer.rows_of && skip + ROWS}
              to={(next) => show({tls: String(next || "")})}
            />
          )}
          {zoom && <button onClick={() => show({tl: ""})}>all of it</button>}
        </>
      }
    >
      <div ref={box}>
        <Missing of={asked} what="the attempts" />
        {answer?.of === 0 && <p class="muted">No trial has started: attempts appear here as they begin.</p>}
        {answer && answer.of > 0 && (
          <>
            <div
              class="timeline"
              onPointerDown={(e) => {
                const [x] = place(e);
                if (e.button || x < left) return;
                (e.currentTarget as HTMLElement).setPointerCapture(e.pointerId);
                setDrag([x, x]);
              }}
              onPointerMove={(e) => {
                const [x, y] = place(e);
                if (drag) setDrag([drag[0], x]);
                const found = at(answer, frame!, x, y);
                setTip(found && {...found, x, y});
                hovered.value = found?.trial ?? -1;
              }}
              onPointerLeave={() => {
                setTip(null);
                hovered.value = -1;
              }}
              onPointerUp={(e) => {
                const [x, y] = place(e),
                  from = drag?.[0] ?? x;
                setDrag(null);
                if (Math.abs(x - from) > 4) {
                  const [a, b] = [timeAt(Math.min(from, x)), timeAt(Math.max(from, x))];
                  show({tl: `${a.toFixed(3)}~${b.toFixed(3)}`});
                } else {
                  const found = at(answer, frame!, x, y);
                  if (found && found.trial >= 0) go(`/t/${id}-${found.trial}`);
                }
              }}
            >
              <canvas
                ref={canvas}
                role="img"
                aria-label={`${count(answer.of)} attempts on ${count(answer.rows_of)} ${answer.hosts ? "hosts" : "slots"}, from ${moment(frame!.from)} to ${moment(frame!.to)}; press t for the table`}
              />
              {drag && Math.abs(drag[1] - drag[0]) > 4 && (
                <svg class="sel" ref={(el) => selPlace(el, drag)} />
              )}
              {tip && (
                <div class="tip" ref={(el) => tipPlace(el, tip, width)}>
                  {tip.text}
                </div>
              )}
            </div>
            <p class="muted">
              {STATES.filter((s) => states.has(s)).map((s) => (
                <span key={s}>
                  <span class={"glyph s-" + toneOf(s)}>{s === "lost" ? "▤" : "■"}</span>
                  {s}{" "}
                </span>
              ))}
              · thin line: nothing of this sweep ran, its reason under the pointer · drag to zoom
            </p>
          </>
        )}
      </div>
    </Chart>
  );
}

// The page's policy refuses style attributes; properties are allowed.
function selPlace(el: SVGSVGElement | null, [a, b]: [number, number]): void {
  if (!el) return;
  el.style.left = Math.min(a, b) + "px";
  el.style.width = Math.abs(b - a) + "px";
  el.style.height = "100%";
}
function tipPlace(el: HTMLElement | null, tip: {x: number; y: number}, width: number): void {
  if (!el) return;
  el.style.left = Math.max(0, Math.min(tip.x + 12, width - el.offsetWidth)) + "px";
  el.style.top = tip.y + 14 + "px";
}
