// SPDX-License-Identifier: GPL-3.0-or-later
// The address is the view: what is shown, and how, can be sent to somebody else.
import {signal} from "@preact/signals";

export interface Where {
  path: string;
  query: Record<string, string>;
}

function read(): Where {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(location.search)) query[name] = value;
  return {path: location.pathname, query};
}

export const where = signal<Where>(read());
addEventListener("popstate", () => {
  where.value = read();
});

const ENCODED: Record<string, string> = {
  "%2C": ",",
  "%3A": ":",
  "%20": "+",
  "%2F": "/",
  "%3C": "<",
  "%3E": ">",
};

function print(path: string, query: Record<string, string>): string {
  const text = Object.entries(query)
    .filter(([, value]) => value !== "")
    .map(
      ([name, value]) =>
        name + "=" + encodeURIComponent(value).replace(/%(2C|3A|20|2F)/g, (c) => ENCODED[c] ?? c),
    )
    .join("&");
  return path + (text ? "?" + text : "");
}

const left = new Map<string, Record<string, string>>(); // each page as it was left

// The zone of times is that of the whole page.
export const address = (path: string, query: Record<string, string> = {}): string =>
  print(path, {...query, tz: where.value.query.tz ?? ""});

export function go(path: string, query?: Record<string, string>): void {
  left.set(where.value.path, where.value.query);
  history.pushState(null, "", address(path, query));
  where.value = read();
  scrollTo(0, 0);
}

// Back to a page as it was left.
export const up = (path: string): void => go(path, left.get(path));

// Changes parts of the view; "" is the default, which is left out. Each change can be undone by going back.
export function show(change: Record<string, string>, undo = true): void {
  const next = print(location.pathname, {...where.value.query, ...change});
  if (next === location.pathname + location.search) return;
  if (undo) history.pushState(null, "", next);
  else history.replaceState(null, "", next);
  where.value = read();
}

// Texts as parts of a value of the address; and a list of them.
export const inAddress = (text: string): string =>
  text.replace(/[%;|~:,!=]/g, (c) => "%" + c.charCodeAt(0).toString(16));
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
export const listed = (text: string | undefined): string[] =>
  (text ?? "").split(",").filter(Boolean).map(decoded);
// The list with this one, or without it where it was there.
export function turned(text: string | undefined, one: string): string {
  const all = listed(text);
  return (all.includes(one) ? all.filter((each) => each !== one) : [...all, one]).map(inAddress).join(",");
}
