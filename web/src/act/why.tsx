// SPDX-License-Identifier: GPL-3.0-or-later
// Why a trial has its configuration, and why it was stopped, waits or failed: the sentences of `besom explain`.
import {useEffect, useState} from "preact/hooks";
import {get} from "../base/api";
import {safe} from "../base/text";
import "./act.css";

export function Why({trial}: {trial: any}) {
  const [lines, setLines] = useState<[string, string][] | null>(null),
    [wrong, setWrong] = useState("");
  useEffect(() => {
    let gone = false;
    const waits = trial.state === "pending" || trial.state === "running";
    Promise.all([
      get(`trials/${trial.id}/explain`),
      waits ? get(`sweeps/${trial.sweep}/waits?trial=${trial.number}`).catch(() => null) : null,
    ]).then(
      ([said, waiting]) => {
        if (gone) return;
        setLines([...said, ...(waiting?.waits ? [["waits", waiting.waits] as [string, string]] : [])]);
        setWrong("");
      },
      (error) => {
        if (!gone) setWrong(error.message);
      },
    );
    return () => {
      gone = true;
    };
  }, [trial.id, trial.state, trial.attempts]);
  if (wrong) return <p class="error">{wrong}</p>;
  if (!lines) return <p class="muted">Asking …</p>;
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
