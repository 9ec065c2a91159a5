// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of views, for reports. The views of a sweep share one model and one address, so a report cannot have several
// of them at work: a stage outside of what is seen shows one view after the other, and each is copied when it is drawn.
import {signal} from "@preact/signals";
import {Twin} from "../base/chart";
import {cell, label} from "../sweep/sheet";
import {title, varying} from "../sweep/fields";
import {goal, measureName} from "../sweep/measure";
import {open, sheet, sweep, trouble} from "../sweep/model";
import {sort, sorted} from "../sweep/sort";
import {shownCount, shownRows} from "../sweep/subset";
import {exported} from "../sweep/table_export";
import {TABS} from "../sweep/tabs";
import {where} from "../base/where";
import {count} from "../base/text";
import {queryOf, View} from "./pages";

export interface Shot {
  nodes: HTMLElement[];
  data: {name: string; twin: Twin}[];
  sweep: string; // its name
  shown: number;
  of: number;
  error: string;
  at: number; // ms
}
type Card = HTMLElement & {twin?: () => Twin};

const ROWS = 20, // of a table in a report
  COLUMNS = 10,
  PATIENCE = 20000,
  STILL = 350; // ms without a change: it is drawn

const staged = signal<string | null>(null); // the tab
let stage: HTMLElement | null = null,
  opened = "",
  close = () => {},
  queue: Promise<unknown> = Promise.resolve();

export function Stage() {
  const tab = TABS.find((t) => t.name === staged.value);
  return (
    <div
      class="report-stage"
      inert
      aria-hidden="true"
      ref={(e) => {
        stage = e;
      }}
    >
      {tab && sweep.value && sheet.value && sheet.value.n > 0 && <tab.View />}
    </div>
  );
}

const rest = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function drawn(): Promise<string> {
  const until = Date.now() + PATIENCE;
  let before = "",
    since = Date.now();
  while (Date.now() < until) {
    await rest(60);
    if (trouble.value) return trouble.value.wrong;
    if (sheet.value?.n === 0) return "no trial yet";
    const now = stage?.querySelector(".card") ? stage.innerHTML : "";
    if (!now || now !== before || stage!.querySelector(".skeleton,[aria-busy='true']")) since = Date.now();
    before = now;
    if (Date.now() - since > STILL) return "";
  }
  return stage?.querySelector(".card") ? "" : "it could not be drawn in time";
}

function still(card: Card): HTMLElement {
  const copy = card.cloneNode(true) as HTMLElement,
    canvases = [...card.querySelectorAll("canvas")];
  copy.querySelectorAll("canvas").forEach((c, i) => {
    const from = canvases[i],
      picture = document.createElement("img");
    picture.src = from.toDataURL("image/png");
    picture.className = from.className;
    for (const name of ["position", "left", "top", "display"])
      picture.style.setProperty(name, getComputedStyle(from).getPropertyValue(name));
    picture.style.width = from.clientWidth + "px";
    picture.style.height = from.clientHeight + "px";
    picture.alt = from.getAttribute("aria-label") ?? card.querySelector("h2")?.textContent ?? "chart";
    c.replaceWith(picture);
  });
  for (const tool of copy.querySelectorAll("header > .spring ~ *")) tool.remove();
  for (const button of copy.querySelectorAll(".shown button, td button"))
    button.replaceWith(button.textContent + (button.nextElementSibling ? " · " : ""));
  for (const part of copy.querySelectorAll("button,input,select,textarea,label,[hidden],.twin,.tip"))
    part.remove();
  for (const part of [copy, ...copy.querySelectorAll("[id]")]) part.removeAttribute("id");
  for (const part of copy.querySelectorAll("[tabindex]")) part.removeAttribute("tabindex");
  for (const part of copy.querySelectorAll<HTMLElement>(".parallel,.scroll")) part.tabIndex = 0; // it scrolls
  return copy;
}

// The best trials shown: a table that scrolls has only some of its rows in the document.
function tableMake(): {node: HTMLElement; twin: Twin} {
  const s = sheet.value!,
    rows = sorted(
      shownRows(),
      where.value.query.sort ? sort.value : [{name: measureName.value, down: goal.value === "maximize"}],
    ),
    names = [
      "number",
      "state",
      ...(s.columns.has(measureName.value) ? [measureName.value] : []),
      ...varying.value.map((c) => c.name).slice(0, COLUMNS),
    ],
    card = document.createElement("section"),
    head = card.appendChild(document.createElement("h2")),
    scroll = card.appendChild(document.createElement("div")),
    table = scroll.appendChild(document.createElement("table"));
  card.className = "card";
  scroll.className = "scroll";
  scroll.tabIndex = 0;
  head.textContent = `Trials: ${count(Math.min(ROWS, rows.length))} of ${count(rows.length)}`;
  const line = (texts: string[], tag: "th" | "td") => {
    const row = table.appendChild(document.createElement("tr"));
    for (const text of texts) row.appendChild(document.createElement(tag)).textContent = text;
  };
  line(
    names.map((n) => (n.startsWith("params.") ? label(n) : title(n))),
    "th",
  );
  for (const row of rows.slice(0, ROWS))
    line(
      names.map((n) => cell(s.columns.get(n), row)),
      "td",
    );
  return {node: card, twin: exported(s, [...s.columns.keys()], rows)};
}

function shoot(): Pick<Shot, "nodes" | "data"> {
  const nodes: HTMLElement[] = [],
    data: Shot["data"] = [];
  for (const card of stage!.querySelectorAll<Card>(".card")) {
    if (card.parentElement?.closest(".card")) continue;
    if (card.classList.contains("trials")) {
      const {node, twin} = tableMake();
      nodes.push(node);
      data.push({name: "trials", twin});
      continue;
    }
    nodes.push(still(card));
    const twin = card.twin?.();
    if (twin?.rows.length) data.push({name: card.querySelector("h2")?.textContent ?? "chart", twin});
  }
  return {nodes, data};
}

async function taken(view: View): Promise<Shot> {
  const query = queryOf(view.query),
    before = where.value,
    {tz = ""} = before.query;
  if (opened !== view.sweep) {
    close();
    close = open(view.sweep);
    opened = view.sweep;
  }
  where.value = {path: before.path, query: {...query, t: "", tz}};
  staged.value = TABS.find((t) => t.name === query.tab && t.trials)?.name ?? TABS[0].name;
  const error = await drawn(),
    shot: Shot = {
      nodes: [],
      data: [],
      sweep: sweep.value?.name || view.sweep,
      shown: shownCount.value,
      of: sheet.value?.n ?? 0,
      error,
      at: Date.now(),
      ...(error ? {} : shoot()),
    };
  staged.value = null;
  if (location.pathname === before.path) where.value = before;
  return shot;
}

// One after the other.
export function take(view: View): Promise<Shot> {
  const next = queue.then(() => taken(view));
  queue = next.catch(() => {});
  return next;
}

export function cameraClose(): void {
  close();
  close = () => {};
  opened = "";
  staged.value = null;
}
