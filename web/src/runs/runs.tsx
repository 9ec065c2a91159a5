// SPDX-License-Identifier: GPL-3.0-or-later
// Which view of runs an address means: /runs, /runs/ENTITY/PROJECT, /runs/ENTITY/PROJECT/RUN, and the links that wandb's client
// prints, ENTITY/PROJECT, ENTITY/PROJECT/runs/RUN, …/sweeps/ID, …/artifacts/TYPE/NAME/VERSION.
import {useEffect} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Link, Waiting} from "../base/parts";
import {where} from "../base/where";
import {projectPath, runPath} from "./data";
import {RunPage} from "./run";
import {Project, Projects} from "./project";

// The address that a link of wandb's means; null: it is not one.
export function linkOf(parts: string[]): string | null {
  const [entity, project, what, one, name, version] = parts;
  if (!project || ["runs", "s", "t"].includes(entity)) return null;
  if (what === "runs" && one) return runPath({entity, project, name: one});
  if (what === "sweeps" && one) return "/s/" + encodeURIComponent(one);
  if (what === "artifacts" && version)
    return projectPath(entity, project) + "?tab=artifacts&a=" + encodeURIComponent(`${name}:${version}`);
  return what ? null : projectPath(entity, project);
}

export function Moved({to}: {to: string}) {
  useEffect(() => {
    history.replaceState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, [to]);
  return (
    <main>
      <Waiting what="the run" />
    </main>
  );
}

export function Runs() {
  const [, , entity, project, name] = where.value.path.split("/").map(decodeURIComponent);
  if (name) return <RunPage key={where.value.path} run={{entity, project, name}} />;
  return project ? <Project key={where.value.path} entity={entity} project={project} /> : <Projects />;
}

// In the head of each page, where there are some.
export function RunsLink() {
  const {own} = useAnswer<any[]>("runs", "", () => get("runs"));
  return own?.length || where.value.path.startsWith("/runs") ? (
    <Link to="/runs" aria-current={where.value.path === "/runs" ? "page" : undefined}>
      runs
    </Link>
  ) : null;
}
