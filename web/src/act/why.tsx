// SPDX-License-Identifier: GPL-3.0-or-later
// Why a trial has its configuration, and why it was stopped, waits or failed: the sentences of `besom explain`.
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Missing} from "../base/parts";
import {safe} from "../base/text";
import "./act.css";

export function Why({trial}: {trial: any}) {
  const asked = useAnswer(trial.id, trial.state + trial.attempts, async () => {
      const waits = trial.state === "pending" || trial.state === "running",
        [said, waiting] = await Promise.all([
          get(`trials/${trial.id}/explain`),
          waits ? get(`sweeps/${trial.sweep}/waits?trial=${trial.number}`).catch(() => null) : null,
        ]);
      return [...said, ...(waiting?.waits ? [["waits", waiting.waits]] : [])] as [string, string][];
    }),
    lines = asked.own;
  if (!lines || asked.wrong) return <Missing of={asked} has={lines} what="the reasons" low />;
  if (!lines.length) return <p class="muted">Nothing is recorded beside its place in the sweep.</p>;
  return (
    <table class="values act-why">
      <tbody>
        {lines.map(([label, text]) => (
          <tr>
            <th scope="row">{label}</th>
            <td>{safe(text)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
