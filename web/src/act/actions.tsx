// SPDX-License-Identifier: GPL-3.0-or-later
// The actions on a sweep, on a trial and on chosen trials.
import {Action} from "./act";
import {form} from "./form";
import {Button, Item, Menu} from "./menu";
import {Notify} from "./notify";
import "./act.css";

const OVER = ["finished", "cancelled"];
const WITHOUT_RESULT = ["failed", "lost", "cancelled", "preempted"];
const AGAIN = ["failed", "lost", "finished", "cancelled", "preempted"]; // finished: without the metric

const TAGGED_MAX = 1000;

const nameOf = (s: any): string => s.name || s.id;

function sweepAction(s: any, op: string, verb: string, more: Partial<Action> = {}, body?: unknown): Action {
  return {
    verb,
    about: "sweep " + nameOf(s),
    requests: [{path: `sweeps/${s.id}/${op}`, body}],
    sweep: s.id,
    typed: nameOf(s),
    ...more,
  };
}

function sweepItems(s: any): Item[] {
  const over = OVER.includes(s.state) ? `the sweep is ${s.state}` : "",
    counts = s.counts ?? {},
    failed = (counts.failed ?? 0) + (counts.lost ?? 0);
  return [
    s.state === "paused"
      ? {text: "Resume", action: sweepAction(s, "resume", "Resume")}
      : {
          text: "Pause",
          why: over || (s.state === "stopping" ? "the sweep is stopping" : ""),
          action: sweepAction(s, "pause", "Pause"),
        },
    {
      text: "Stop",
      why: over || (s.state === "stopping" ? "the sweep is stopping already" : ""),
      action: sweepAction(s, "stop", "Stop"),
    },
    {text: "Cancel", why: over, action: sweepAction(s, "cancel", "Cancel", {ends: true})},
    {
      text: "Retry what failed",
      why: failed
        ? s.state === "stopping"
          ? "the sweep is stopping"
          : ""
        : "no trial has failed or was lost",
      action: sweepAction(s, "retry", "Retry", {}, {states: ["failed", "lost"]}),
    },
    {
      text: "Enqueue …",
      why: s.state === "stopping" ? "the sweep is stopping" : "",
      run: () => {
        const best = s.best;
        form.value = {
          kind: "enqueue",
          sweep: s,
          params: best?.params,
          from: best && `the best, trial ${best.number}`,
        };
      },
    },
    {
      text: "Tag …",
      run: () => {
        form.value = {kind: "tag", sweep: s};
      },
    },
    {
      text: "Edit the spec …",
      run: () => {
        form.value = {kind: "edit", sweep: s};
      },
    },
  ];
}

export function SweepActions({sweep}: {sweep: any}) {
  return (
    <>
      <Notify sweep={sweep} />
      <Menu label="Actions" items={sweepItems(sweep)} />
    </>
  );
}

export function stopAction(sweep: string, numbers: number[]): Action {
  return {
    verb: "Stop",
    about: numbers.length === 1 ? `trial ${sweep}-${numbers[0]}` : `${numbers.length} trials of ${sweep}`,
    requests: [
      {path: `sweeps/${sweep}/stop`, body: numbers.length === 1 ? {trial: numbers[0]} : {trials: numbers}},
    ],
    sweep,
    typed: sweep,
    ends: true,
  };
}

function retryAction(sweep: string, numbers: number[]): Action {
  return {
    verb: "Retry",
    about: numbers.length === 1 ? `trial ${sweep}-${numbers[0]}` : `${numbers.length} trials of ${sweep}`,
    requests: [{path: `sweeps/${sweep}/retry`, body: {states: AGAIN, trials: numbers}}],
    sweep,
  };
}

export function TrialActions({trial, sweep}: {trial: any; sweep: any}) {
  const open = trial.state === "running" || trial.state === "pending",
    again = WITHOUT_RESULT.includes(trial.state) || (trial.state === "finished" && trial.objective == null);
  return (
    <Menu
      label="Actions"
      items={[
        {
          text: "Stop",
          why: open ? "" : `the trial is ${trial.state}`,
          action: stopAction(trial.sweep, [trial.number]),
        },
        {
          text: "Retry",
          why: again ? "" : open ? `the trial is ${trial.state}` : "the trial has a result",
          action: retryAction(trial.sweep, [trial.number]),
        },
        {
          text: "Enqueue one like it …",
          run: () => {
            form.value = {kind: "enqueue", sweep, params: trial.params, from: `trial ${trial.number}`};
          },
        },
        {
          text: "Tag …",
          run: () => {
            form.value = {kind: "tag", sweep, trials: [trial]};
          },
        },
      ]}
    />
  );
}

// Of the chosen rows of a table: each has the number of a trial and its state.
export function RowActions({
  of,
  rows,
}: {
  of: any; // the sweep
  rows: {number: number; state: string; tags: string[]}[];
}) {
  const sweep: string = of.id;
  const open = rows.filter((r) => r.state === "running" || r.state === "pending").map((r) => r.number),
    again = rows.filter((r) => WITHOUT_RESULT.includes(r.state)).map((r) => r.number);
  return (
    <>
      <Button
        item={{
          text: `Retry ${again.length}`,
          why: again.length ? "" : "none of the chosen trials ended without a result",
          action: retryAction(sweep, again),
        }}
      />
      <Button
        item={{
          text: `Stop ${open.length}`,
          why: open.length ? "" : "none of the chosen trials is running or pending",
          action: stopAction(sweep, open),
        }}
      />
      <Button
        item={{
          text: `Tag ${rows.length} …`,
          why: rows.length > TAGGED_MAX ? `at most ${TAGGED_MAX} at once` : "",
          run: () => {
            form.value = {kind: "tag", sweep: of, trials: rows};
          },
        }}
      />
    </>
  );
}
