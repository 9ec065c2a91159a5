// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent may do from now on.
import type {Agent} from "../agents/fleet";
import {Action} from "./act";
import {Button} from "./menu";
import "./act.css";

const DUTIES: [state: string, verb: string][] = [
  ["up", "Release"],
  ["cordoned", "Cordon"],
  ["draining", "Drain"],
  ["forgotten", "Forget"],
];

// agent: as GET /agents has it. One that is up may have something to release all the same; one that is connected cannot be
// forgotten.
export function Duty({agent: {name, duty, state, text}}: {agent: Agent}) {
  const there = state !== "away" && state !== "gone";
  const action = (state: string, verb: string): Action => ({
    verb,
    about: "agent " + name,
    requests: [{path: `agents/${encodeURIComponent(name)}/duty`, body: {state}}],
  });
  return (
    <span class="act-duty">
      {DUTIES.filter(([to]) => (to === "forgotten" ? !there : to !== duty || (to === "up" && text))).map(
        ([state, verb]) => (
          <Button key={state} item={{text: verb, action: action(state, verb)}} />
        ),
      )}
    </span>
  );
}
