// SPDX-License-Identifier: GPL-3.0-or-later
// The files that an attempt has saved in its trial's folder, from the agent that has them.
import {get} from "./api";

export type File = [path: string, bytes: number, changed: number]; // ms since 1970

export async function filesAsk(
  sweep: string,
  trial: number,
  attempt: number,
  agent: string | null,
  more = "",
): Promise<any> {
  const answer = await get(
    `sweeps/${sweep}/files?trial=${trial}&attempt=${attempt}&agent=${encodeURIComponent(agent ?? "")}${more}`,
  );
  if (!answer.ok) throw new Error(answer.error);
  return answer;
}

export const stepOf = (path: string): string =>
  /.*(?:step|checkpoint|ckpt|epoch)[-_=]?(\d+)/i.exec(path)?.[1] ?? "";
export const isCheckpoint = (path: string): boolean =>
  /checkpoint|ckpt|step[-_=]?\d|\.(pth?|safetensors|h5|keras)$/i.test(path);
