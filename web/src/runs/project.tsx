// SPDX-License-Identifier: GPL-3.0-or-later
// Runs outside of sweeps and of them: the projects, and the runs of one, compared.
import {useState} from "preact/hooks";
import {Chart} from "../base/chart";
import {Check, Choice, Link, Missing, State, Tags} from "../base/parts";
import {ago, count, NOTHING, safe, span, word} from "../base/text";
import {moment} from "../base/time";
import {listed, show, turned, where} from "../base/where";
import {ProjectArtifacts} from "./artifacts";
import {SortHead, Tabs} from "./heads";
import {flat, isTable, part, projectPath, query, runPath, str, useDocument} from "./data";
import {Lines} from "./graph";
import {Block} from "./media";
import {Pager} from "../base/pager";
import {curveOf} from "./run";
import "./runs.css";

const PAGE = 100,
  COLUMNS = 14,
  COMPARED = 20,
  BESIDE = 6; // of their media

export function Projects() {
  const asked = useDocument("runs", 10),
    {value} = asked;
  return (
    <main>
      <div class="tools">
        <h1>Runs</h1>
        <span class="muted">of scripts that use wandb, by project</span>
      </div>
      <Missing of={asked} what="the projects" />
      {value?.length === 0 && (
        <div class="empty">
          <h2>No run yet</h2>
          <p>A script that uses wandb reports here with two variables:</p>
          <pre>{`export WANDB_BASE_URL=${location.origin} WANDB_API_KEY=bsm_…   # a token of scope operator\npython train.py`}</pre>
          <p>Trials of sweeps whose scripts use wandb are here too, without any variable.</p>
        </div>
      )}
      {value?.length > 0 && (
        <div class="scroll">
          <table class="list">
            <thead>
              <tr>
                <th>project</th>
                <th class="number">runs</th>
                <th class="number">running</th>
                <th>newest</th>
              </tr>
            </thead>
            <tbody>
              {value.map((p: any) => (
                <tr>
                  <td class="grow">
                    <Link to={projectPath(p.entity, p.project)}>
                      {safe(p.entity)}/{safe(p.project)}
                    </Link>
                  </td>
                  <td class="number">{count(p.runs)}</td>
                  <td class="number">{count(p.running)}</td>
                  <td title={moment(p.last)}>{ago(p.last)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </main>
  );
}

const OPS: Record<string, string> = {
  "<=": "$lte",
  ">=": "$gte",
  "!=": "$ne",
  "<": "$lt",
  ">": "$gt",
  "=": "$eq",
};
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// What is sought, as a filter of the controller's: state:, tag:, group:, job:, tests of configuration and summary, other words by name.
export function filterOf(text: string): any {
  const all: any[] = [];
  for (const [word] of text.matchAll(/(?:[^\s"]|"[^"]*")+/g)) {
    const plain = word.replace(/"/g, ""),
      named = /^(state|tag|group|job|sweep|host):(.+)$/.exec(plain),
      test = /^([^<>=!]+)(<=|>=|!=|<|>|=)(.+)$/.exec(plain);
    if (named) {
      const field = ({tag: "tags", job: "jobType"} as Record<string, string>)[named[1]] ?? named[1];
      all.push({[field]: {$in: named[2].split(",")}});
    } else if (test) {
      const value =
        ({true: true, false: false} as any)[test[3].toLowerCase()] ??
        (Number.isNaN(Number(test[3])) ? test[3] : Number(test[3]));
      all.push({
        $or: ["config.", "summary_metrics."].map((of) => ({[of + test[1]]: {[OPS[test[2]]]: value}})),
      });
    } else {
      const like = {$regex: escaped(plain), $options: "i"};
      all.push({$or: ["display_name", "name", "group", "jobType", "tags"].map((field) => ({[field]: like}))});
    }
  }
  return all.length ? {$and: all} : {};
}

interface Column {
  id: string; // as the controller sorts by it
  name: string;
  value: (run: any) => any;
}

function columnsOf(runs: any[]): Column[] {
  const found: Column[] = [];
  for (const [part, prefix] of [
    ["config", "config."],
    ["summary", "summary_metrics."],
  ] as const) {
    const values = new Map<string, Set<string>>();
    runs.forEach((r) => {
      for (const [name, value] of Object.entries(r["flat_" + part]))
        if (!name.startsWith("_") && !(value as any)?._type)
          values.set(name, (values.get(name) ?? new Set()).add(JSON.stringify(value)));
    });
    const some = [...values].filter(
      ([name, all]) => all.size > 1 || (runs.length > 1 && runs.some((r) => !(name in r["flat_" + part]))),
    );
    (some.length ? some : runs.length === 1 ? [...values] : []).forEach(([name]) =>
      found.push({
        id: prefix + name,
        name: found.some((c) => c.name === name) ? name + ", logged" : name,
        value: (r) => r["flat_" + part][name],
      }),
    );
  }
  return found;
}

function Compared({runs, of}: {runs: any[]; of: {entity: string; project: string}}) {
  const [all, setAll] = useState(false);
  return (
    <>
      {(["config", "summary"] as const).map((what) => {
        const names = [...new Set(runs.flatMap((r) => Object.keys(r["flat_" + what])))]
            .filter((n) => !n.startsWith("_") && !runs.some((r) => r["flat_" + what][n]?._type))
            .sort(),
          differs = (name: string) =>
            new Set(runs.map((r) => JSON.stringify(r["flat_" + what][name]))).size > 1,
          some = all ? names : names.filter(differs);
        return (
          <Chart
            name={what === "config" ? "Configuration" : "Summary"}
            id={"cmp-" + what}
            twin={() => ({
              columns: ["name", ...runs.map((r) => r.display)],
              rows: some.map((n) => [n, ...runs.map((r) => word(r["flat_" + what][n]))]),
            })}
            notes={
              <span class="muted">
                {count(names.filter(differs).length)} of {count(names.length)} differ
              </span>
            }
            tools={
              <Check on={all} turn={(on) => setAll(on)}>
                the same too
              </Check>
            }
          >
            <div class="scroll" tabIndex={0} role="region" aria-label={"comparison of " + what}>
              <table class="values">
                <thead>
                  <tr>
                    <th />
                    {runs.map((r) => (
                      <th>
                        <Link to={runPath({...of, name: r.name})}>{safe(r.display)}</Link>
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {some.map((n) => (
                    <tr class={differs(n) && all ? "differs" : ""}>
                      <td>{safe(n)}</td>
                      {runs.map((r) => {
                        const v = r["flat_" + what][n];
                        return <td title={String(v ?? "")}>{v?._type ? safe(v._type) : word(v)}</td>;
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
              {!some.length && <p class="muted">Nothing differs.</p>}
            </div>
          </Chart>
        );
      })}
      <CurvesOf runs={runs} of={of} />
      <MediaOf runs={runs} of={of} />
    </>
  );
}

function CurvesOf({runs, of}: {runs: any[]; of: {entity: string; project: string}}) {
  const names = [
      ...new Set(
        runs.flatMap((r) =>
          Object.entries(r.flat_summary)
            .filter(([n, v]) => !n.startsWith("_") && (typeof v === "number" || v === "NaN"))
            .map(([n]) => n),
        ),
      ),
    ].sort(),
    metric = names.includes(where.value.query.m ?? "")
      ? where.value.query.m
      : (names.find((n) => /loss/.test(n)) ?? names[0]);
  const log = where.value.query.cy === "log";
  if (!metric) return null;
  return (
    <Overlaid key={runs.map((r) => r.name).join() + metric} {...{runs, of, metric, log}}>
      <Choice
        aria-label="metric"
        value={metric}
        of={names}
        text={safe}
        change={(value) => show({m: value})}
      />
      <Check on={log} turn={(on) => show({cy: on ? "log" : ""})}>
        log
      </Check>
    </Overlaid>
  );
}

// What the runs have logged under one name. They share its place in the address, so that all are at the same step.
function MediaOf({runs, of}: {runs: any[]; of: {entity: string; project: string}}) {
  const names = [
      ...new Set(
        runs.flatMap((r) =>
          Object.keys(r.flat_summary).filter((n) => {
            const type = str(r.flat_summary[n]?._type);
            return type && !isTable(type);
          }),
        ),
      ),
    ].sort(),
    asked = where.value.query.mm ?? "",
    name = names.includes(asked) ? asked : names[0];
  return name ? (
    <>
      <div class="tools">
        <Choice name="media" value={name} of={names} text={safe} change={(mm) => show({mm})} />
      </div>
      <div class="cards">
        {runs.slice(0, BESIDE).map((r) => (
          <Block key={r.name + name} run={{...of, name: r.name}} names={[name]} whose={r.display} />
        ))}
      </div>
    </>
  ) : null;
}

function Overlaid({
  runs,
  of,
  metric,
  log,
  children,
}: {
  runs: any[];
  of: {entity: string; project: string};
  metric: string;
  log: boolean;
  children: any;
}) {
  const loaded = runs.slice(0, COMPARED).map((r) => ({
      run: r,
      ...useDocument(part({...of, name: r.name}, "curves", {cols: JSON.stringify([metric]), points: 300})),
    })),
    series = loaded
      .filter((l) => l.value?.curves[0]?.x.length)
      .map((l) => curveOf(l.value.curves[0], l.run.display));
  return (
    <Chart
      name={safe(metric)}
      id="cmp-curves"
      twin={() => ({
        columns: ["run", "step", metric],
        rows: series.flatMap((s) => s.x.map((x, i) => [s.name, x, s.y[i]])),
      })}
      notes={
        <span class="muted">
          {count(series.length)} of {count(runs.length)} runs have it
        </span>
      }
      tools={children}
    >
      {series.length ? (
        <Lines
          series={series}
          xname="step"
          log={log}
          height={320}
          label={`${safe(metric)} of ${series.length} runs`}
        />
      ) : (
        <p class="muted">{loaded.every((l) => l.value) ? "No rows of it." : "…"}</p>
      )}
      {loaded.map((l) => (
        <Missing of={l} />
      ))}
    </Chart>
  );
}

function Runs({entity, project}: {entity: string; project: string}) {
  const asked = where.value.query,
    sort = asked.sort ?? "-created",
    from = Number(asked.from ?? 0) || 0,
    text = asked.q ?? "";
  const answered = useDocument(
      "runs?" +
        query({
          entity,
          project,
          as: "short",
          order: sort.startsWith("-") ? sort : "+" + sort,
          skip: from,
          limit: PAGE,
          filters: text ? JSON.stringify(filterOf(text)) : "",
        }),
      10,
    ),
    {value} = answered;
  const runs: any[] = (value?.runs ?? []).map((r: any) => ({
    ...r,
    display: r.display || r.name,
    flat_config: flat(r.config),
    flat_summary: flat(r.summary),
  }));
  const chosen = listed(asked.sel),
    columns = columnsOf(runs),
    few = asked.cols === "all" ? columns : columns.slice(0, COLUMNS);
  const select = (name: string) => show({sel: turned(asked.sel, name)});
  const head = (id: string, name: string, number = false) => (
    <SortHead {...{id, name, number, sort}} to={(to) => show({sort: to, from: ""})} />
  );
  const compared = runs.filter((r) => chosen.includes(r.name));
  return (
    <>
      <div class="tools">
        <input
          id="filter"
          type="search"
          placeholder="name, state:running, tag:base, group:x, lr<1e-2  ( / )"
          aria-label="filter runs"
          value={text}
          onInput={(e) => show({q: e.currentTarget.value, from: ""}, false)}
        />
        {value && (
          <span class="muted">
            {value.total
              ? `${count(from + 1)}–${count(from + runs.length)} of ${count(value.total)}`
              : "none"}
          </span>
        )}
        {value?.total > PAGE && (
          <Pager
            size={PAGE}
            later={from + PAGE < value.total && from + PAGE}
            to={(next) => show({from: String(next || "")})}
            {...{from}}
          />
        )}
        {columns.length > COLUMNS && (
          <button class="plain" onClick={() => show({cols: asked.cols === "all" ? "" : "all"})}>
            {asked.cols === "all" ? `first ${COLUMNS} columns` : `all ${columns.length} columns that differ`}
          </button>
        )}
        {chosen.length > 0 && (
          <button class="plain" onClick={() => show({sel: ""})}>
            {chosen.length} selected ✕
          </button>
        )}
      </div>
      <Missing of={answered} what="the runs" />
      {value && !runs.length && <p class="muted">{text ? "No run matches." : "This project has no runs."}</p>}
      {runs.length > 0 && (
        <div class="scroll logged-table" tabIndex={0} role="region" aria-label="runs">
          <table class="plain-list run-table">
            <thead>
              <tr>
                <th aria-label="select" />
                {head("state", "state")}
                {head("display_name", "name")}
                {head("group", "group")}
                {head("jobType", "job type")}
                <th>tags</th>
                {head("created", "started")}
                {head("duration", "time", true)}
                {few.map((c) => head(c.id, c.name, true))}
              </tr>
            </thead>
            <tbody>
              {runs.map((r) => (
                <tr key={r.name} aria-selected={chosen.includes(r.name)}>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={"select " + safe(r.display)}
                      checked={chosen.includes(r.name)}
                      onChange={() => select(r.name)}
                    />
                  </td>
                  <td>
                    <State name={r.state} />
                  </td>
                  <td title={safe(r.name)}>
                    <Link to={runPath({entity, project, name: r.name})}>{safe(r.display)}</Link>
                  </td>
                  <td>{r.group ? safe(r.group) : NOTHING}</td>
                  <td>{r.job_type ? safe(r.job_type) : NOTHING}</td>
                  <td>
                    <Tags list={r.tags.map(str)} />
                  </td>
                  <td title={moment(r.created)}>{ago(r.created)}</td>
                  <td class="number">{span(r.duration)}</td>
                  {few.map((c) => {
                    const v = c.value(r);
                    return (
                      <td class="number" title={String(v ?? "")}>
                        {word(v)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {runs.length > 1 && !compared.length && (
        <p class="muted">Select runs to compare their configuration, summary and curves.</p>
      )}
      {compared.length > 0 && <Compared runs={compared} of={{entity, project}} />}
    </>
  );
}

export function Project({entity, project}: {entity: string; project: string}) {
  const tab = where.value.query.tab === "artifacts" ? "artifacts" : "";
  return (
    <main>
      <div class="tools">
        <h1>
          <Link to="/runs">runs</Link> › {safe(entity)}/{safe(project)}
        </h1>
      </div>
      <Tabs
        to={projectPath(entity, project)}
        tabs={[
          ["", "Runs"],
          ["artifacts", "Artifacts"],
        ]}
        tab={tab}
      />
      {tab ? (
        <ProjectArtifacts entity={entity} project={project} />
      ) : (
        <Runs entity={entity} project={project} />
      )}
    </main>
  );
}
