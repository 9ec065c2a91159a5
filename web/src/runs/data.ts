// SPDX-License-Identifier: GPL-3.0-or-later
// What the controller has of runs, as signals of each view.
import {get} from "../base/api";
import {Trouble, useAnswer, useTicks} from "../base/asked";
import {word} from "../base/text";
import {isDict} from "../base/whole";

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
export type Owner = RunName | number; // of files: a run, or the number of an artifact

const FILE_BYTES = 64 << 20;

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

// Where the content of a file is.
export const fileUrl = (of: Owner, name: string): string =>
  typeof of === "number"
    ? `/api/v1/artifacts/${of}/file?${query({name})}`
    : "/api/v1/" + part(of, "file", {name});

export const list = (value: unknown): any[] => (Array.isArray(value) ? value : []);
// What a script has logged may be a value of any kind.
export const str = (value: unknown): string =>
  typeof value === "string" ? value : value === null || value === undefined ? "" : word(value);

// A JSON file that a script has saved. Python writes NaN, which JSON does not have.
export async function fileJson(of: Owner, path: unknown): Promise<any> {
  const answer = await fetch(fileUrl(of, str(path)));
  if (!answer.ok || Number(answer.headers.get("content-length")) > FILE_BYTES) {
    void answer.body!.cancel();
    throw Error();
  }
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replace(/(?<=[[,:]\s*)(NaN|-?Infinity)(?=\s*[\],}])/g, "null"));
  }
}

// What is read once for this key: null before it is there, or if it cannot be read.
export const useRead = <T>(read: () => Promise<T>, key: string): T | null =>
  useAnswer("=" + key, "", read).own;

// A document, asked for again every so many seconds while the tab is seen; null: not yet.
export function useDocument(path: string | null, every = 0): Trouble & {value: any} {
  const ticks = useTicks(every * 1000),
    asked = useAnswer<any>(path ?? "", String(ticks), () => get(path!));
  return {...asked, answer: asked.own, value: asked.own};
}

// Nested objects by names with dots; media stay whole.
export function flat(value: any, prefix = "", into: Record<string, any> = {}): Record<string, any> {
  for (const [name, inner] of Object.entries(value ?? {})) {
    if (!prefix && name === "_wandb") continue;
    if (isDict(inner) && !("_type" in inner) && Object.keys(inner).length)
      flat(inner, prefix + name + ".", into);
    else into[prefix + name] = inner;
  }
  return into;
}

export const isMedia = (type: string): boolean => !["number", "text", "list", "bool", "null"].includes(type);
export const isTable = (type: string): boolean => /table(-file)?$/.test(type);
export const own = (name: string): boolean => name.startsWith("_");
