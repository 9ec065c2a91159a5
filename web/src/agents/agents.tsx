// SPDX-License-Identifier: GPL-3.0-or-later
// The agents: what each slot does, or why it does nothing.
import {Duty} from "../act/duty";
import {Alerts} from "../base/alerts";
import {useAnswer, useNews, useTicks} from "../base/asked";
import {Link, Missing, useTitle} from "../base/parts";
import {Spark} from "../base/spark";
import {ago, count, NOTHING, safe, size} from "../base/text";
import {clock, moment} from "../base/time";
import {show, where} from "../base/where";
import {Card} from "../base/card";
import {Agent, Cause, Fleet, fleetRead, Gpu, Slot} from "./fleet";
import "./agents.css";

const MANY = 24, // from so many agents on they are cells; `agv=list` lists them all the same
  EVERY_MS = 5000,
  LEAST_MS = 1000, // between two questions
  GLYPH: Record<string, string> = {up: "●", away: "◌", gone: "○", cordoned: "▲", draining: "◇"};

const percent = (x: number | null): string => (x === null ? NOTHING : `${Math.round(x)} %`);
const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(bytes < 10 * 2 ** 30 ? 1 : 0);

function Cell({agent, slot}: {agent: Agent; slot: Slot}) {
  const use = slot.trial ? agent.use.get(slot.trial) : undefined,
    away = agent.state === "away";
  const level = use === undefined ? "" : use < 10 ? " u1" : use < 40 ? " u2" : use < 80 ? " u3" : " u4";
  const gpus = slot.gpus.map((id) => agent.gpus.get(id)).filter((g): g is Gpu => !!g);
  const does = gpus
    .map((g) =>
      [
        ` · GPU ${g.index}: ${percent(g.utilization)}`,
        g.memory_used === null ? "" : size(g.memory_used),
        g.temperature === null ? "" : `${g.temperature}°`,
        g.power === null ? "" : `${g.power} W`,
      ]
        .filter(Boolean)
        .join(", "),
    )
    .join("");
  const text = slot.trial
    ? `slot ${slot.slot}: trial ${slot.trial}${does || (use === undefined ? "" : `, GPU ${percent(use)}`)}`
    : `slot ${slot.slot} is idle: ${slot.idle}${does}`;
  return (
    <span
      class={"cell" + (slot.trial ? (away ? " away" : level) : " idle")}
      title={safe(text)}
      aria-hidden="true"
    />
  );
}

// Idle slots by their reason.
function idle(agent: Agent): [string, number][] {
  const reasons = new Map<string, number>();
  for (const slot of agent.slots)
    if (!slot.trial) {
      const why = slot.idle ?? "unknown";
      reasons.set(why, (reasons.get(why) ?? 0) + 1);
    }
  return [...reasons];
}

const taken = (agent: Agent): number => agent.slots.filter((s) => s.trial).length;

function Cells({agent}: {agent: Agent}) {
  const why = idle(agent).map(([text, n]) => `${n} idle: ${safe(text)}`);
  return (
    <span
      class="cells"
      role="img"
      aria-label={[`${taken(agent)} of ${agent.slots.length} slots busy`, ...why].join("; ")}
    >
      {agent.slots.map((slot) => (
        <Cell key={slot.slot} agent={agent} slot={slot} />
      ))}
    </span>
  );
}

function State({agent}: {agent: Agent}) {
  const {seen, seen_before: before} = agent,
    quiet = agent.state === "away" || agent.state === "gone";
  return (
    <span
      class="state"
      title={quiet ? `last heard from ${before ? "before " : ""}${moment(before ?? seen)}` : undefined}
    >
      <span class="glyph" aria-hidden="true">
        {GLYPH[agent.state] ?? "?"}
      </span>
      {agent.state}
      {quiet && seen !== null && ", " + ago(seen)}
      {quiet && before && `, since before ${clock(before)}`}
    </span>
  );
}

function Trials({agent}: {agent: Agent}) {
  const all = [...new Set(agent.slots.map((s) => s.trial).filter((t): t is string => !!t))];
  return (
    <>
      {all.slice(0, 8).map((t) => (
        <>
          <Link to={"/t/" + t}>{t}</Link>{" "}
        </>
      ))}
      {all.length > 8 && <span class="muted">and {all.length - 8} more</span>}
    </>
  );
}

// What is to be said of an agent beside its figures.
function notes(agent: Agent): string[] {
  const said: string[] = [],
    runs = taken(agent);
  if (agent.text) said.push(agent.text + (agent.by && agent.by !== "besom" ? ` (${agent.by})` : ""));
  else if (agent.duty !== "up" && agent.by) said.push(`${agent.duty} by ${agent.by}`);
  if (agent.until)
    said.push(
      `${count(runs)} trial${runs > 1 ? "s" : ""} may keep running there: held for it until ${moment(agent.until)}, when its lease ends; then run again elsewhere`,
    );
  for (const [why, n] of idle(agent)) said.push(`${n} slot${n > 1 ? "s" : ""} idle: ${why}`);
  return said;
}

const gpu = (a: Agent) => (a.load?.gpus ? a.load : null);
const rounded = (x: number | null | undefined, unit: string) => (x == null ? null : Math.round(x) + unit);

// Columns that are left out where no agent has them.
const FIGURES: [string, string, (agent: Agent) => any][] = [
  [
    "lately",
    "mid",
    (a) =>
      gpu(a) && a.line.length > 1 ? (
        <Spark values={a.line} name="GPU utilisation, %" low={0} high={100} />
      ) : (
        ""
      ),
  ],
  [
    "GPU",
    "number",
    (a) => (gpu(a) ? percent(gpu(a)!.utilization) : a.load?.cpu ? `CPU ${percent(a.load.cpu)}` : null),
  ],
  [
    "memory",
    "number mid",
    (a) =>
      gpu(a)?.total
        ? `${gib(gpu(a)!.used)}/${gib(gpu(a)!.total)} GiB`
        : a.load?.memory
          ? size(a.load.memory)
          : null,
  ],
  ["hottest", "number mid", (a) => rounded(gpu(a)?.temperature, "°")],
  ["power", "number mid", (a) => rounded(gpu(a)?.power, " W")],
  [
    "disk free",
    "number mid",
    ({disk}) =>
      disk && (
        <span class={disk.low ? "bad" : ""} title={`${size(disk.free)} of ${size(disk.total)} are free`}>
          {size(disk.free)}
        </span>
      ),
  ],
];
type Figures = typeof FIGURES;

function Row({agent, figures}: {agent: Agent; figures: Figures}) {
  return (
    <>
      <tr>
        <td>
          <b>{safe(agent.name)}</b>
        </td>
        <td>
          <State agent={agent} />
        </td>
        <td>
          <Cells agent={agent} />
        </td>
        <td class="number">
          {taken(agent)}/{agent.slots.length} <span class="narrow">busy</span>
        </td>
        {figures.map(([, place, of]) => (
          <td class={place}>{of(agent) ?? NOTHING}</td>
        ))}
        <td class={"number" + (agent.failed ? " bad" : "")}>
          {count(agent.failed)} of {count(agent.ended)} <span class="narrow">failed</span>
        </td>
        <td class="trials">
          <Trials agent={agent} />
        </td>
        <td>
          <Duty agent={agent} />
        </td>
      </tr>
      {notes(agent).map((text) => (
        <tr>
          <td class="note none" />
          <td class="note muted" colSpan={figures.length + 6}>
            {safe(text)}
          </td>
        </tr>
      ))}
    </>
  );
}

function Table({agents}: {agents: Agent[]}) {
  const figures = FIGURES.filter(([, , of]) => agents.some(of));
  return (
    <div class="scroll">
      <table class="list agents">
        <thead>
          <tr>
            <th>host</th>
            <th>state</th>
            <th>slots</th>
            <th class="number">busy</th>
            {figures.map(([name, place]) => (
              <th class={place}>{name === "GPU" && !agents.some(gpu) ? "CPU" : name}</th>
            ))}
            <th class="number">failed, 24 h</th>
            <th>trials</th>
            <th>duty</th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <Row key={agent.name} agent={agent} figures={figures} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Grid({agents}: {agents: Agent[]}) {
  const chosen = where.value.query.ag ?? "",
    one = agents.find((a) => a.name === chosen);
  return (
    <>
      <div class="hosts">
        {agents.map((agent) => (
          <button
            key={agent.name}
            aria-pressed={agent.name === chosen}
            onClick={() => show({ag: agent.name === chosen ? "" : agent.name})}
          >
            <span class="host-name">
              <span aria-hidden="true">{agent.state === "up" ? "" : GLYPH[agent.state] + " "}</span>
              {safe(agent.name)}
              {agent.state === "up" ? "" : ` ${agent.state}`}{" "}
              <span class="muted">{agent.load?.gpus ? percent(agent.load.utilization) : ""}</span>
            </span>
            <Cells agent={agent} />
          </button>
        ))}
      </div>
      {one && <Table agents={[one]} />}
    </>
  );
}

function Causes({causes, cut}: {causes: Cause[]; cut: boolean}) {
  if (!causes.length) return null;
  const hosts = [...new Set(causes.flatMap((c) => Object.keys(c.hosts)))].sort();
  const most = [...causes].sort((a, b) => b.n - a.n),
    few = hosts.length <= 12;
  return (
    <Card name="Failures of the last 24 hours, by cause and host" notes={cut && "of the newest sweeps"}>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>cause</th>
              <th class="number">failed</th>
              {few ? hosts.map((h) => <th class="number">{safe(h)}</th>) : <th>hosts</th>}
              <th>newest</th>
            </tr>
          </thead>
          <tbody>
            {most.map((c) => (
              <tr>
                <td>
                  {safe(c.cause)}
                  {c.says ? <span class="muted"> {safe(c.says)}</span> : ""}
                </td>
                <td class="number">{count(c.n)}</td>
                {few ? (
                  hosts.map((h) => <td class="number">{c.hosts[h] ? count(c.hosts[h]) : ""}</td>)
                ) : (
                  <td>
                    {Object.keys(c.hosts).length === 1
                      ? safe(Object.keys(c.hosts)[0])
                      : `${count(Object.keys(c.hosts).length)} hosts`}
                  </td>
                )}
                <td class="state">
                  <Link to={"/t/" + c.trial}>{c.trial}</Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Empty() {
  return (
    <div class="empty">
      <h2>No agent yet</h2>
      <p>On the controller's machine, make a join string:</p>
      <pre>besom token create --scope join</pre>
      <p>On each host with GPUs, paste it:</p>
      <pre>besom agent --join 'STRING'</pre>
      <p class="muted">The agent offers a slot for each GPU of its host, and appears here at once.</p>
    </div>
  );
}

function Sum({fleet}: {fleet: Fleet}) {
  const states = new Map<string, number>();
  let ended = 0,
    failed = 0;
  for (const agent of fleet.agents) {
    states.set(agent.state, (states.get(agent.state) ?? 0) + 1);
    ended += agent.ended;
    failed += agent.failed;
  }
  return (
    <>
      <span>{[...states].map(([name, n]) => `${count(n)} ${name}`).join(" · ")}</span>
      <span>
        {fleet.slots ? `slots ${count(fleet.busy)} busy of ${count(fleet.slots)}` : "no agent is connected"}
      </span>
      {fleet.utilization !== null && <span>GPU median {percent(fleet.utilization)}</span>}
      <span>
        24 h: {count(failed)} of {count(ended)} attempts failed
      </span>
    </>
  );
}

export function Agents() {
  const ticks = useTicks(EVERY_MS),
    news = useNews(() => true),
    asked = useAnswer("agents", `${ticks} ${news}`, fleetRead, LEAST_MS),
    fleet = asked.answer;
  useTitle("agents");
  const sought = (where.value.query.q ?? "").toLowerCase();
  const found = fleet?.agents
    .filter((a) => `${a.name} ${a.state} ${a.text ?? ""}`.toLowerCase().includes(sought))
    ?.sort((a, b) => a.name.localeCompare(b.name, undefined, {numeric: true}));
  const list = (found?.length ?? 0) <= MANY || where.value.query.agv === "list";
  return (
    <main>
      <div class="tools facts">
        <h1>Agents</h1>
        {fleet && fleet.agents.length > 0 && <Sum fleet={fleet} />}
        <input
          id="filter"
          type="search"
          placeholder="search: host, state  ( / )"
          aria-label="search agents"
          value={where.value.query.q ?? ""}
          onInput={(e) => show({q: e.currentTarget.value}, false)}
        />
        {(found?.length ?? 0) > MANY && (
          <button onClick={() => show({agv: list ? "" : "list"})}>{list ? "as cells" : "as a list"}</button>
        )}
      </div>
      <Missing of={asked} what="the agents" />
      {fleet && <Alerts alerts={fleet.alerts} />}
      {fleet?.agents.length === 0 && <Empty />}
      {!!fleet?.agents.length &&
        (found!.length === 0 ? (
          <p class="muted">No agent matches the search: {count(fleet.agents.length)} are hidden.</p>
        ) : list ? (
          <Table agents={found!} />
        ) : (
          <Grid agents={found!} />
        ))}
      {fleet && <Causes causes={fleet.causes} cut={fleet.cut} />}
    </main>
  );
}
