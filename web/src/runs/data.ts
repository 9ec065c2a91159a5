// SPDX-License-Identifier: GPL-3.0-or-later
// What the controller has of runs, as signals of each view.
import {useEffect, useState} from "preact/hooks";
import {get, Refusal} from "../base/api";

export interface RunName {
  entity: string;
  project: string;
  name: string;
}
export interface Key {
  name: string;
  type: string;
  count: number;
  last: number;
}
export type Cell = any;

export const query = (values: Record<string, string | number | undefined>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => name + "=" + encodeURIComponent(String(value)))
    .join("&");
export const part = (
  run: RunName,
  what: string,
  more: Record<string, string | number | undefined> = {},
): string =>
  `runs/${encodeURIComponent(run.name)}/${what}?` +
  query({entity: run.entity, project: run.project, ...more});
export const runPath = (run: RunName): string =>
  "/runs/" + [run.entity, run.project, run.name].map(encodeURIComponent).join("/");
export const projectPath = (entity: string, project: string): string =>
  "/runs/" + [entity, project].map(encodeURIComponent).join("/");

// Where the content of a file is; of: a run, or the number of an artifact.
export const fileUrl = (of: RunName | number, name: string): string =>
  typeof of === "number"
    ? `/api/v1/artifacts/${of}/file?${query({name})}`
    : "/api/v1/" + part(of, "file", {name});

export interface Loaded {
  value: any;
  wrong: string;
  again: () => void;
}

// A document, asked for again every so many seconds while the tab is seen; null: not yet.
export function useDocument(path: string | null, every = 0): Loaded {
  const [state, setState] = useState<{path: string | null; value: any; wrong: string}>({
      path,
      value: null,
      wrong: "",
    }),
    [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false,
      timer = 0;
    const later = (seconds: number) => {
      if (!gone && seconds)
        timer = window.setTimeout(() => (document.hidden ? later(seconds) : load()), seconds * 1000);
    };
    const load = () => {
      if (path === null) return;
      const from = performance.now(),
        next = () => every && Math.max(every, (performance.now() - from) / 250); // a quarter of the time at most
      get(path).then(
        (value) => {
          if (!gone) setState({path, value, wrong: ""});
          later(next());
        },
        (error: Refusal) => {
          if (!gone) setState((s) => ({path, value: s.path === path ? s.value : null, wrong: error.message}));
          later(error.status === 0 ? 3 : next());
        },
      );
    };
    load();
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, [path, every, turn]);
  const known = state.path === path;
  return {value: known ? state.value : null, wrong: known ? state.wrong : "", again: () => setTurn(turn + 1)};
}

// Nested objects by names with dots; media stay whole.
export function flat(value: any, prefix = "", into: Record<string, any> = {}): Record<string, any> {
  for (const [name, inner] of Object.entries(value ?? {})) {
    if (!prefix && name === "_wandb") continue;
    if (
      inner &&
      typeof inner === "object" &&
      !Array.isArray(inner) &&
      !("_type" in inner) &&
      Object.keys(inner).length
    )
      flat(inner, prefix + name + ".", into);
    else into[prefix + name] = inner;
  }
  return into;
}

export const isMedia = (type: string): boolean => !["number", "text", "list", "bool", "null"].includes(type);
export const isTable = (type: string): boolean => type === "table-file";
export const own = (name: string): boolean => name.startsWith("_");
