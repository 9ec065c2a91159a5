// SPDX-License-Identifier: GPL-3.0-or-later
// The page of a run: all that its script has logged.
import {useEffect, useState} from "preact/hooks";
import {barred} from "../act/act";
import {post} from "../base/api";
import {Chart} from "../base/chart";
import {Check, Choice, Link, Missing, State, Tags, useTitle, Waiting, Wrong} from "../base/parts";
import {ago, count, safe, size, span, word} from "../base/text";
import {moment} from "../base/time";
import {show, where} from "../base/where";
import {RunArtifacts} from "./artifacts";
import {Card} from "../base/card";
import {Tabs} from "./heads";
import {fileUrl, flat, isTable, Key, own, part, projectPath, RunName, str, useDocument} from "./data";
import {Lines, Series} from "./graph";
import {Groups} from "./groups";
import {Everything} from "./logged";
import {mediaOf} from "./media";
import {Pager} from "../base/pager";
import {plotsOf} from "./plots";
import {Values} from "./values";
import "./runs.css";

function Edit({page, done}: {page: any; done: (saved: boolean) => void}) {
  const [wrong, setWrong] = useState(""),
    [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement),
      text = (name: string) => String(form.get(name) ?? "").trim();
    setBusy(true);
    const said = await post(`runs/${encodeURIComponent(page.name)}/edit`, {
      entity: page.entity,
      project: page.project,
      display: text("display"),
      group: text("group") || null,
      job_type: text("job_type") || null,
      notes: text("notes") || null,
      tags: [
        ...new Set(
          text("tags")
            .split(",")
            .map((t) => t.trim())
            .filter(Boolean),
        ),
      ],
    }).then(
      () => "",
      (error: Error) => error.message,
    );
    setBusy(false);
    setWrong(said);
    if (!said) done(true);
  };
  const line = (name: string, label: string, value: string) => (
    <label>
      {label}
      <input name={name} defaultValue={value} autocomplete="off" />
    </label>
  );
  return (
    <form class="edit" onSubmit={(e) => void submit(e)}>
      {line("display", "name", page.display ?? "")}
      {line("tags", "tags, separated by commas", page.tags.join(", "))}
      {line("group", "group", page.group ?? "")}
      {line("job_type", "job type", page.job_type ?? "")}
      <label>
        notes
        <textarea name="notes" rows={5} defaultValue={page.notes ?? ""} />
      </label>
      <Wrong text={wrong} />
      <button disabled={busy}>Save</button>{" "}
      <button type="button" class="plain" onClick={() => done(false)}>
        Cancel
      </button>
    </form>
  );
}

function About({page, again}: {page: any; again: () => void}) {
  const [editing, setEditing] = useState(false);
  const facts: [string, any][] = [
    ["host", page.host],
    ["program", page.program],
    ["code", [page.repo, page.commit].filter(Boolean).join(" ")],
    ["id", page.name],
    ["started", page.created && moment(page.created)],
    ["ended", page.ended && moment(page.ended)],
    ["exit code", page.exit_code],
    ["reported with token", page.by],
  ];
  return (
    <Card
      name="About"
      tools={
        !editing && (
          <button
            class="plain"
            disabled={!!barred.value}
            title={barred.value}
            onClick={() => setEditing(true)}
          >
            edit name, notes, tags, group
          </button>
        )
      }
    >
      {editing ? (
        <Edit
          page={page}
          done={(saved) => {
            setEditing(false);
            if (saved) again();
          }}
        />
      ) : (
        <>
          <p class="notes">
            {page.notes ? safe(page.notes).replace(/\\u000a/g, "\n") : <span class="muted">no notes</span>}
          </p>
          <table class="values">
            <tbody>
              {facts
                .filter(([, value]) => value !== null && value !== undefined && value !== "")
                .map(([name, value]) => (
                  <tr>
                    <td>{name}</td>
                    <td>{word(value)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
          {page.alerts?.map((a: any) => (
            <p class="error">
              {ago(a.time)}: {safe(a.title)} {safe(a.text)}
            </p>
          ))}
        </>
      )}
    </Card>
  );
}

export function curveOf(c: any, name: string): Series {
  return {name, x: c.x, y: c.last, min: c.min, max: c.max};
}

function Curve({run, name, c, log, what}: {run: RunName; name: string; c: any; log: boolean; what: string}) {
  return (
    <Chart
      name={safe(name)}
      id={"cv-" + name}
      twin={() => ({
        columns: c?.min ? ["x", "last", "min", "max"] : ["x", name],
        rows: (c?.x ?? []).map((x: any, i: number) =>
          c.min ? [x, c.last[i], c.min[i], c.max[i]] : [x, c.last[i]],
        ),
      })}
      notes={
        <span class="muted">
          {c?.min ? `least to greatest of ${count(Math.round(c.of / c.x.length))} points each` : ""}
        </span>
      }
    >
      {!c ? (
        <Waiting what="the points" low />
      ) : (
        <Lines
          series={[curveOf(c, name)]}
          xname={what === "events" ? "seconds" : where.value.query.x || "step"}
          log={log}
          height={180}
          label={`${safe(name)} of run ${safe(run.name)}: ${count(c.of)} points`}
        />
      )}
    </Chart>
  );
}

function Block({
  run,
  keys,
  log,
  what,
  every,
}: {
  run: RunName;
  keys: string[];
  log: boolean;
  what: string;
  every: number;
}) {
  const asked = useDocument(
    part(run, "curves", {cols: JSON.stringify(keys), what, x: what ? "" : where.value.query.x, points: 300}),
    every,
  );
  return (
    <>
      <Missing of={asked} />
      {keys.map((name, i) => (
        <Curve key={name} run={run} name={name} c={asked.value?.curves[i] ?? null} log={log} what={what} />
      ))}
    </>
  );
}

function Curves({run, keys, what, every}: {run: RunName; keys: Key[]; what: string; every: number}) {
  const numbers = keys.filter((k) => k.type === "number" && !own(k.name)).map((k) => k.name),
    sought = (where.value.query.k ?? "").toLowerCase(),
    found = numbers.filter((k) => k.toLowerCase().includes(sought)).sort();
  const log = where.value.query.cy === "log";
  if (!numbers.length)
    return <p class="muted">{what ? "It has no samples of its machine." : "It has logged no number yet."}</p>;
  return (
    <>
      <div class="tools">
        <input
          id="filter"
          type="search"
          placeholder="search names  ( / )"
          aria-label="search names of curves"
          value={where.value.query.k ?? ""}
          onInput={(e) => show({k: e.currentTarget.value}, false)}
        />
        <Check on={log} turn={(on) => show({cy: on ? "log" : ""})}>
          log scale
        </Check>
        {!what && (
          <Choice
            name="over"
            value={where.value.query.x ?? ""}
            of={["", "_runtime", ...numbers]}
            text={(k) => (!k ? "step" : k === "_runtime" ? "seconds since its start" : safe(k))}
            change={(x) => show({x})}
          />
        )}
        <span class="muted">
          {count(found.length)}
          {found.length < numbers.length ? ` of ${count(numbers.length)}` : ""} curves
        </span>
      </div>
      <Groups
        names={found}
        prefix={what ? (k) => k.split(".").slice(0, 2).join(".") : undefined}
        draw={(names) => <Block key={names[0]} {...{run, log, what, every}} keys={names} />}
      />
    </>
  );
}

function Log({run, every}: {run: RunName; every: number}) {
  const skip = where.value.query.lf,
    asked = useDocument(part(run, "log", {skip, limit: 1000}), skip ? 0 : every),
    {value} = asked;
  if (!value || asked.wrong) return <Missing of={asked} what="the console" />;
  const clean = value.lines
    .map((l: string) => l.replace(/^(ERROR )?\d{4}-\d\d-\d\dT[\d:.]+Z? ?/, ""))
    .join("\n")
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(\u0007|\u001b\\)/g, "")
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c: string) => "\\u" + c.charCodeAt(0).toString(16))
    .replace(/[^\n]*\r(?!\n)/g, "");
  return (
    <Card
      name="Console"
      notes={
        value.total > 0 &&
        `lines ${count(value.first + 1)}–${count(value.first + value.lines.length)} of ${count(value.total)}`
      }
      tools={
        <Pager
          from={value.first}
          size={1000}
          later={value.first + value.lines.length < value.total && value.first + 1000}
          to={(from) => show({lf: from + 1000 >= value.total ? "" : String(from)})}
        />
      }
    >
      {value.total ? (
        <pre class="log" tabIndex={0}>
          {clean}
        </pre>
      ) : (
        <p class="muted">It has printed nothing.</p>
      )}
    </Card>
  );
}

function Files({run, files}: {run: RunName; files: any[]}) {
  return (
    <Card name="Files" notes={`${count(files.length)} · ${size(files.reduce((n, f) => n + f.bytes, 0))}`}>
      {files.length ? (
        <div class="scroll">
          <table class="values">
            <tbody>
              {files.map((f) => (
                <tr>
                  <td>
                    <a href={fileUrl(run, f.name)} target="_blank">
                      {safe(f.name)}
                    </a>
                  </td>
                  <td class="number">{size(f.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="muted">It has saved no files.</p>
      )}
    </Card>
  );
}

export function RunPage({run}: {run: RunName}) {
  const [running, setRunning] = useState(false),
    every = running ? 5 : 0;
  const page = useDocument(part(run, "page"), every),
    keys = useDocument(part(run, "keys"), every),
    p = page.value,
    events = useDocument(p?.lines.events ? part(run, "keys", {what: "events"}) : null);
  useEffect(() => {
    if (!p) return;
    setRunning(["running", "preempting", "pending"].includes(p.state));
  }, [p]);
  useTitle(p ? `${safe(p.display || p.name)} ${p.state}` : "");
  const missing = <Missing of={page} what="the run" />;
  if (!p) return <main>{missing}</main>;
  const list: Key[] = keys.value?.keys ?? [],
    looks = mediaOf(list).length + list.filter((k) => isTable(k.type)).length + plotsOf(p).length;
  const tabs: [string, string][] = [
      ["", "Overview"],
      ["curves", "Curves"],
      ["media", `Media and tables${looks ? ` ${looks}` : ""}`],
      ["log", "Console"],
      ["files", "Files"],
      ["artifacts", "Artifacts"],
      ["system", "System"],
    ],
    asked = where.value.query.tab ?? "",
    tab = tabs.some(([id]) => id === asked) ? asked : "";
  const trial = p.sweep && /^(.+)-(\d+)$/.test(p.name);
  return (
    <main>
      <section class="card">
        <div class="facts">
          <h1>
            <Link to={projectPath(p.entity, p.project)}>
              {safe(p.entity)}/{safe(p.project)}
            </Link>{" "}
            › {safe(p.display || p.name)}
          </h1>
          <State name={p.state} />
          {p.group && (
            <span>
              group{" "}
              <Link to={projectPath(p.entity, p.project)} query={{q: `group:"${p.group}"`}}>
                {safe(p.group)}
              </Link>
            </span>
          )}
          {p.job_type && <span>{safe(p.job_type)}</span>}
          <span>
            <Tags list={p.tags.map(str)} />
          </span>
          <span class="muted" title={moment(p.created)}>
            started {ago(p.created)} · {span(p.duration)} · {count(p.rows)} rows
          </span>
          {p.sweep && (
            <span>
              {trial ? (
                <Link to={"/t/" + encodeURIComponent(p.name)}>trial {p.name.split("-").pop()}</Link>
              ) : null}{" "}
              of sweep <Link to={"/s/" + encodeURIComponent(p.sweep)}>{safe(p.sweep)}</Link>
            </span>
          )}
        </div>
      </section>
      {missing}
      {tab && <Missing of={keys} what="the names" />}
      <Tabs to={location.pathname} {...{tabs, tab}} />
      {tab === "" && (
        <div class="pair">
          <div>
            <About page={p} again={page.again} />
            <Values name="Configuration" values={flat(p.config)} />
          </div>
          <div>
            <Values name="Summary" values={flat(p.summary)} />
          </div>
        </div>
      )}
      {tab === "curves" && keys.value && <Curves run={p} keys={list} what="" every={every} />}
      {tab === "media" &&
        keys.value &&
        (looks ? (
          <Everything run={p} page={p} keys={list} every={every} />
        ) : (
          <p class="muted">
            It has logged no media, table or chart:{" "}
            <code>
              run.log({"{"}"x": wandb.Image(…){"}"})
            </code>{" "}
            does.
          </p>
        ))}
      {tab === "log" && <Log run={p} every={every} />}
      {tab === "files" && <Files run={p} files={p.files} />}
      {tab === "artifacts" && <RunArtifacts run={p} />}
      {tab === "system" &&
        (p.lines.events ? (
          <>
            <Missing of={events} what="the names" />
            {events.value && <Curves run={p} keys={events.value.keys} what="events" every={every} />}
          </>
        ) : (
          <p class="muted">It has no samples of its machine.</p>
        ))}
    </main>
  );
}
