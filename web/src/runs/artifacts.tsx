// SPDX-License-Identifier: GPL-3.0-or-later
// Artifacts of a project and of a run; a version with its files and its lineage.
import {Link, Missing} from "../base/parts";
import {ago, count, NOTHING, safe, size} from "../base/text";
import {moment} from "../base/time";
import {where} from "../base/where";
import {Card} from "../base/card";
import {fileUrl, flat, part, projectPath, query, RunName, runPath, useDocument} from "./data";
import {Values} from "./values";

const isRunTable = (of: any): boolean => /run.*table$/.test(of.type);
export const versionOf = (v: any): string => `${v.name}:v${v.version}`;

export function ArtifactLink({v}: {v: any}) {
  return (
    <Link to={projectPath(v.entity, v.project)} query={{tab: "artifacts", a: versionOf(v)}}>
      {safe(versionOf(v))}
    </Link>
  );
}

export function RunLink({run}: {run: any}) {
  return <Link to={runPath(run)}>{safe(run.display || run.name)}</Link>;
}

function VersionRow({v}: {v: any}) {
  return (
    <tr>
      <td>
        <ArtifactLink v={v} />
      </td>
      <td>{safe(v.type)}</td>
      <td>{v.aliases.map(safe).join(", ")}</td>
      <td class="number">{size(v.size)}</td>
      <td class="number">{count(v.files)}</td>
      <td title={moment(v.created)}>{ago(v.created)}</td>
      <td>{v.by ? <RunLink run={v.by} /> : NOTHING}</td>
    </tr>
  );
}

function Versions({list, empty}: {list: any[]; empty: string}) {
  if (!list.length) return <p class="muted">{empty}</p>;
  return (
    <div class="scroll">
      <table class="plain-list">
        <thead>
          <tr>
            {["version", "type", "aliases", "size", "files", "made", "by"].map((h) => (
              <th>{h}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.map((v) => (
            <VersionRow key={v.n} v={v} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function RunArtifacts({run}: {run: RunName}) {
  const asked = useDocument(part(run, "artifacts")),
    {value} = asked;
  if (!value || asked.wrong) return <Missing of={asked} what="the artifacts" low />;
  const made = value.made.filter((v: any) => !isRunTable(v)),
    tables = value.made.length - made.length;
  return (
    <>
      <Card
        name="Made by this run"
        notes={tables > 0 && `and ${count(tables)} versions of tables that it logged`}
      >
        <Versions list={made} empty="It has logged no artifact: run.log_artifact() does." />
      </Card>
      <Card name="Used by this run">
        <Versions list={value.used} empty="It has used no artifact: run.use_artifact() does." />
      </Card>
    </>
  );
}

const WIDE = 170,
  HIGH = 38,
  GAP = 44;

// Columns by distance from the version; what was first is at the left.
function Lineage({lineage, of}: {lineage: any; of: number}) {
  const nodes: any[] = lineage.nodes,
    columns = new Map<number, any[]>();
  for (const n of nodes) columns.set(n.depth, [...(columns.get(n.depth) ?? []), n]);
  const depths = [...columns.keys()].sort((a, b) => a - b),
    high = Math.max(...[...columns.values()].map((c) => c.length)) * (HIGH + 12);
  const place = new Map<string, [number, number]>();
  depths.forEach((depth, x) => {
    const list = columns.get(depth)!,
      free = high - list.length * (HIGH + 12);
    list.forEach((n, i) => place.set(n.id, [x * (WIDE + GAP), free / 2 + i * (HIGH + 12) + 6]));
  });
  const width = depths.length * (WIDE + GAP) - GAP + 4;
  const cut = (text: string) => (text.length > 22 ? text.slice(0, 21) + "…" : text);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="lineage">
      <svg
        class="lineage"
        width={width}
        height={high + 4}
        role="group"
        aria-label="lineage: runs and artifacts"
      >
        {lineage.edges.map(([from, to]: [string, string]) => {
          const a = place.get(from),
            b = place.get(to);
          if (!a || !b) return null;
          const [x, y, u, v] = [a[0] + WIDE, a[1] + HIGH / 2, b[0], b[1] + HIGH / 2];
          return <path class="edge" d={`M${x} ${y}C${x + GAP / 2} ${y},${u - GAP / 2} ${v},${u} ${v}`} />;
        })}
        {nodes.map((n) => {
          const [x, y] = place.get(n.id)!,
            isRun = n.kind === "run",
            name = isRun ? n.display || n.name : versionOf(n);
          return (
            <Link
              to={isRun ? runPath(n) : projectPath(n.entity, n.project)}
              query={isRun ? {} : {tab: "artifacts", a: versionOf(n)}}
            >
              <rect
                class={(isRun ? "run" : "artifact") + (n.id === "a" + of ? " here" : "")}
                x={x}
                y={y}
                width={WIDE}
                height={HIGH}
                rx={isRun ? 18 : 2}
              />
              <text x={x + WIDE / 2} y={y + 16} text-anchor="middle">
                {cut(safe(name))}
              </text>
              <text class="tick" x={x + WIDE / 2} y={y + 30} text-anchor="middle">
                {cut(isRun ? `run${n.job_type ? ", " + safe(n.job_type) : ""}, ${n.state}` : safe(n.type))}
              </text>
              <title>{safe(name)}</title>
            </Link>
          );
        })}
      </svg>
      {lineage.more && <p class="muted">There is more: the first {count(nodes.length)} are shown.</p>}
    </div>
  );
}

function Version({
  entity,
  project,
  name,
  version,
}: {
  entity: string;
  project: string;
  name: string;
  version: string;
}) {
  const asked = useDocument("artifacts?" + query({entity, project, name, version})),
    v = asked.value,
    all = useDocument("artifacts?" + query({entity, project, name}));
  if (!v || asked.wrong) return <Missing of={asked} what="the artifacts" low />;
  const metadata = flat(
    v.metadata && typeof v.metadata === "object" ? v.metadata : v.metadata ? {metadata: v.metadata} : {},
  );
  return (
    <>
      <Card
        name={safe(versionOf(v))}
        notes={
          <>
            {safe(v.type)} · {size(v.size)} · {count(v.files)} files ·{" "}
            <span title={moment(v.created)}>{ago(v.created)}</span>
            {v.aliases.length ? " · " + v.aliases.map(safe).join(", ") : ""}
          </>
        }
      >
        {v.description && <p>{safe(v.description)}</p>}
        <Lineage lineage={v.lineage} of={v.n} />
      </Card>
      <div class="pair">
        <Card
          name="Files"
          notes={v.contents.length < v.files && `${count(v.contents.length)} of ${count(v.files)}`}
        >
          <div class="scroll tall" tabIndex={0} role="region" aria-label="files">
            <table class="values">
              <tbody>
                {v.contents.map((f: any) => (
                  <tr>
                    <td>
                      {f.ref && !/^wandb-/.test(f.ref) ? (
                        <>
                          {safe(f.name)} <span class="muted">{safe(String(f.ref))}</span>
                        </>
                      ) : (
                        <a href={fileUrl(v.n, f.name)} target="_blank">
                          {safe(f.name)}
                        </a>
                      )}
                    </td>
                    <td class="number">{f.ref ? "reference" : size(f.bytes)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
        <div>
          {Object.keys(metadata).length > 0 && <Values name="Metadata" values={metadata} />}
          <Card name="Versions">
            <Missing of={all} what="the versions" low />
            {all.value && <Versions list={all.value.versions} empty="" />}
          </Card>
        </div>
      </div>
    </>
  );
}

export function ProjectArtifacts({entity, project}: {entity: string; project: string}) {
  const chosen = where.value.query.a ?? "",
    [name, version] = [chosen.replace(/:[^:]*$/, ""), chosen.split(":").pop() ?? ""];
  const asked = useDocument("artifacts?" + query({entity, project})),
    {value} = asked;
  if (!value || asked.wrong) return <Missing of={asked} what="the artifacts" low />;
  const some = value.filter((c: any) => c.latest && !isRunTable(c)),
    tables = value.filter((c: any) => c.latest && isRunTable(c));
  const list = (all: any[]) => (
    <Versions list={all.map((c) => c.latest)} empty="No run of this project has logged an artifact." />
  );
  return (
    <>
      {chosen && <Version entity={entity} project={project} name={name} version={version} />}
      <Card name="Artifacts" notes="the newest version of each">
        {list(some)}
        {tables.length > 0 && (
          <details>
            <summary>{count(tables.length)} tables of runs</summary>
            {list(tables)}
          </details>
        )}
      </Card>
    </>
  );
}
