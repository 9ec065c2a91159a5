// SPDX-License-Identifier: GPL-3.0-or-later
// What deserves attention, as the controller says it: one line a cause.
import {safe} from "./text";
import {Link} from "./parts";
import {moment} from "./time";

export interface Alert {
  kind: string;
  text: string;
  n: number;
  agents?: string[];
  since?: number; // the earliest of its agents
  trial?: number;
  trials?: number[]; // that run for nothing
}

export function Alerts({
  alerts,
  sweep,
  act,
}: {
  alerts: Alert[];
  sweep?: string;
  act?: (a: Alert) => unknown; // what can be done about it
}) {
  if (!alerts.length) return null;
  return (
    <div role="status">
      <ul class="alerts">
        {alerts.map((a) => (
          <li key={a.kind + a.text}>
            <span aria-hidden="true">⚠ </span>
            {safe(a.text)}
            {a.since && ` · since ${moment(a.since)}`}
            {a.agents && (
              <>
                {" · "}
                <Link to="/agents" query={{q: a.agents.length === 1 ? a.agents[0] : ""}}>
                  show
                </Link>
              </>
            )}
            {sweep && a.trial !== undefined && (
              <>
                {" · "}
                <Link to={`/t/${sweep}-${a.trial}`}>newest: trial {a.trial}</Link>
              </>
            )}
            {act?.(a)}
          </li>
        ))}
      </ul>
    </div>
  );
}
