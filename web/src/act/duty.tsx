// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent may do from now on.
import {Action} from "./act";
import {Button} from "./menu";
import "./act.css";

const DUTIES: [state: string, verb: string][] = [
  ["up", "Release"],
  ["cordoned", "Cordon"],
  ["draining", "Drain"],
];

// name, and `duty` as GET /agents has them. `release`: it has something to release although it is up.
export function Duty({name, duty, release = false}: {name: string; duty: string; release?: boolean}) {
  const action = (state: string, verb: string): Action => ({
    verb,
    about: "agent " + name,
    requests: [{path: `agents/${encodeURIComponent(name)}/duty`, body: {state}}],
  });
  return (
    <span class="act-duty">
      {DUTIES.filter(([state]) => state !== duty || (state === "up" && release)).map(([state, verb]) => (
        <Button key={state} item={{text: verb, action: action(state, verb)}} />
      ))}
    </span>
  );
}
