// SPDX-License-Identifier: GPL-3.0-or-later
// Views and reports, as the controller keeps them.
import {get, post} from "../base/api";

export interface View {
  sweep: string;
  query: string; // of the address
}
interface TextBlock {
  text: string; // Markdown
}
export interface ViewBlock extends View {
  title: string;
}
export type Block = TextBlock | ViewBlock;
export interface Page<Body> {
  id: string;
  name: string;
  sweep: string | null;
  by: string;
  made: number;
  changed_by: string;
  changed: number;
  revision: number;
  body: Body;
}
export type SavedView = Page<{query: string}>;
export type Report = Page<{blocks: Block[]}>;

export const isView = (block: Block): block is ViewBlock => "sweep" in block;
export const NAME_MOST = 120;

const seen = (revision: number) => ({"If-Match": `"${revision}"`});
export const views = async (): Promise<SavedView[]> => (await get("views")).views;
export const reports = async (): Promise<Report[]> => (await get("reports")).reports;
export const report = (id: string): Promise<Report> => get("reports/" + encodeURIComponent(id));
export const keep = (kind: "views" | "reports", page: Partial<Page<unknown>>): Promise<any> =>
  post(
    `${kind}/${page.id ?? "new"}`,
    {name: page.name, sweep: page.sweep ?? undefined, body: page.body},
    page.id ? seen(page.revision!) : {},
  );
export const remove = (kind: "views" | "reports", page: Page<unknown>): Promise<any> =>
  post(`${kind}/${page.id}/remove`, undefined, seen(page.revision));

export const queryOf = (text: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(text));

// What a report that was saved by anything else may have.
export function blocksOf(body: unknown): Block[] {
  const list = (body as {blocks?: unknown} | null)?.blocks,
    out: Block[] = [];
  for (const one of Array.isArray(list) ? list : []) {
    if (typeof one?.text === "string") out.push({text: one.text});
    else if (typeof one?.sweep === "string" && typeof one?.query === "string")
      out.push({sweep: one.sweep, query: one.query, title: String(one.title ?? "")});
  }
  return out;
}
