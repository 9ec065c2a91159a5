// SPDX-License-Identifier: GPL-3.0-or-later
// The trial it is compared with, and what lies ahead of it while it runs.
import {useRungs} from "../base/curves";
import {NumberField} from "../base/parts";
import {safe, word} from "../base/text";
import {show, where} from "../base/where";

export function Beside({trial, best}: {trial: any; best: any}) {
  const vs = where.value.query.vs ?? "";
  return (
    <label>
      compare with trial{" "}
      <NumberField
        min={0}
        class="short"
        placeholder={best && best.number !== trial.number ? String(best.number) : ""}
        value={vs}
        aria-label="number of the trial to compare with"
        change={(number) => show({vs: number})}
      />
    </label>
  );
}

// Of a running trial: when it is judged next, and what it needs then.
export function Ahead({trial, sweep}: {trial: any; sweep: any}) {
  const runs = trial.state === "running" && !!sweep.spec?.early_terminate,
    rungs = useRungs(sweep.id, runs, trial.step ?? 0);
  if (!runs || !rungs.length) return null;
  const reached = Math.max(0, ...(trial.rungs ?? []).map((r: any) => r.rung)),
    next = rungs.find((r) => r.rung > reached);
  if (!next) return <p class="muted">It has passed the last rung: nothing stops it early.</p>;
  return (
    <p>
      Next rung at iteration {next.rung}:{" "}
      {next.threshold === null
        ? "no trial has been judged there yet"
        : `needs ${sweep.metric?.goal === "maximize" ? "≥" : "≤"} ${word(next.threshold)} to continue, by the trials so far (${safe(sweep.metric?.name ?? "")})`}
      .
    </p>
  );
}
