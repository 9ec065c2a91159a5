// SPDX-License-Identifier: GPL-3.0-or-later
// Notifications of the browser, where somebody asks for them: of a new best, the end of the sweep, failures in a row, alerts.
import {signal} from "@preact/signals";
import {useEffect} from "preact/hooks";
import type {Alert} from "../base/alerts";
import {get} from "../base/api";
import {safe, word} from "../base/text";
import {pace, slots} from "../sweep/pace";
import {Button} from "./menu";

const IN_A_ROW = 3,
  LOOK_MS = 20000; // a hidden tab is told of no facts, so it asks

const notified = signal<string>(""); // the sweep, for as long as this tab is open on it

interface Looked {
  best: number | null; // its trial
  value: unknown;
  state: string;
  good: number; // trials with a result
  failed: number;
  alerts: Map<string, string>; // of the sweep and of agents: cause -> text
}

export const looked = (s: any, alerts: Alert[]): Looked => ({
  best: s.best?.number ?? null,
  value: s.best?.objective,
  state: s.state,
  good: (s.counts?.finished ?? 0) + (s.counts?.stopped ?? 0),
  failed: s.counts?.failed ?? 0,
  // A text changes with its figures, such as a share of the budget. Failures are counted here.
  alerts: new Map(
    alerts.filter((a) => a.kind !== "failures").map((a) => [[a.kind, ...(a.agents ?? [])].join(" "), a.text]),
  ),
});

// What is worth a notification. `row`: failures since the last result, as the last call has returned it.
export function news(
  name: string,
  metric: string,
  old: Looked,
  now: Looked,
  row: number,
): [string[], number] {
  const said: string[] = [],
    more = now.failed - old.failed,
    failures = now.good > old.good ? 0 : row + Math.max(0, more);
  if (now.best !== null && (now.best !== old.best || now.value !== old.value))
    said.push(`${name}: new best ${metric} ${word(now.value)}, trial ${now.best}`);
  if (failures >= IN_A_ROW && row < IN_A_ROW) said.push(`${name}: ${failures} trials in a row have failed`);
  if (now.state !== old.state && (now.state === "finished" || now.state === "cancelled"))
    said.push(`${name}: the sweep is ${now.state}${now.best === null ? "" : `, best ${word(now.value)}`}`);
  for (const [cause, text] of now.alerts) if (!old.alerts.has(cause)) said.push(`${name}: ${text}`);
  return [said, failures];
}

function tell(text: string): void {
  try {
    new Notification("besom", {body: safe(text), tag: text});
  } catch {
    /* some browsers have them only for workers */
  }
}

// Why there can be none; "" where there can.
function missing(): string {
  if (typeof Notification === "undefined") return "this browser has no notifications for this address";
  return Notification.permission === "denied" ? "this browser blocks notifications of this address" : "";
}

let before: Looked | null = null,
  row = 0;

function look(s: any, alerts: Alert[]): void {
  const now = looked(s, alerts);
  if (before) {
    const [said, failures] = news(s.name || s.id, s.metric?.name ?? "objective", before, now, row);
    row = failures;
    said.forEach(tell);
  }
  before = now;
}

export function Notify({sweep}: {sweep: any}) {
  const on = notified.value === sweep.id;
  const [own, fleet] = [pace.value?.alerts, slots.value?.alerts];
  useEffect(() => {
    if (on && own && fleet) look(sweep, [...own, ...fleet]);
  }, [sweep, on, own, fleet]);
  useEffect(() => {
    if (!on) return;
    const timer = window.setInterval(() => {
      const path = "sweeps/" + sweep.id;
      if (document.hidden)
        void Promise.all([get(path), get(path + "/pace"), get("agents")]).then(
          ([s, own, fleet]) => look(s, [...own.alerts, ...fleet.alerts]),
          () => {},
        );
    }, LOOK_MS);
    return () => window.clearInterval(timer);
  }, [on, sweep.id]);
  useEffect(
    () => () => {
      notified.value = "";
      before = null;
    },
    [sweep.id],
  );
  const begin = async () => {
    if (Notification.permission !== "granted" && (await Notification.requestPermission()) !== "granted")
      return;
    row = 0;
    before = null;
    notified.value = sweep.id;
  };
  return (
    <Button
      free
      pressed={on}
      item={{
        text: "Notify me",
        why: missing(),
        title: "of a new best, the end of the sweep, failures in a row and alerts, while this tab is open",
        run: () => {
          if (on) notified.value = "";
          else void begin();
        },
      }}
    />
  );
}
