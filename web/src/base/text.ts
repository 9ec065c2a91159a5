// SPDX-License-Identifier: GPL-3.0-or-later
// Values as text. NaN, an infinity, no value, and an empty text are four different things.
export const NOTHING = "–";

export function short(n: number): string {
  if (Number.isNaN(n)) return "NaN";
  if (!Number.isFinite(n)) return n > 0 ? "inf" : "-inf";
  if (n === 0) return "0";
  if (Number.isInteger(n) && Math.abs(n) < 1e6) return String(n);
  const size = Math.abs(n);
  if (size >= 1e-3 && size < 1e6) return String(Number(n.toPrecision(4)));
  return n
    .toExponential(3)
    .replace(/\.?0+e/, "e")
    .replace(/e([+-])(\d)$/, "e$10$2");
}

// Text of others: what turns writing round, or cannot be seen, is shown as its code.
export const safe = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"),
  );

export function word(value: unknown): string {
  if (value === null || value === undefined) return NOTHING;
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === "") return "''";
  if (typeof value === "number") return short(value);
  return typeof value === "string" ? safe(value) : safe(JSON.stringify(value));
}

export const fileOf = (path: unknown): string => safe(String(path ?? "").replace(/.*\//, ""));

export const count = (n: number): string => n.toLocaleString("en-US");

export function span(s: number | null | undefined): string {
  if (s === null || s === undefined || !Number.isFinite(s)) return NOTHING;
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min${Math.round(s % 60) ? ` ${Math.round(s % 60)} s` : ""}`;
  if (s < 86400)
    return `${Math.floor(s / 3600)} h${Math.round((s % 3600) / 60) ? ` ${Math.round((s % 3600) / 60)} min` : ""}`;
  return `${Math.floor(s / 86400)} d${Math.round((s % 86400) / 3600) ? ` ${Math.round((s % 86400) / 3600)} h` : ""}`;
}

export const rateText = (anHour: number): string =>
  anHour >= 60 ? `${short(Math.round(anHour / 6) / 10)}/min` : `${short(Math.round(anHour * 10) / 10)}/h`;

// Hours of GPUs or of slots.
export const hours = (h: number): string =>
  h > 0 && h < 0.005 ? "<0.01" : h < 0.095 ? h.toFixed(2) : h < 9.5 ? h.toFixed(1) : count(Math.round(h));

// "22–31 min", "3 h 10–4 h 20", rounded outwards; "about 40 s" where both ends are one. As besom run and watch print it.
export function leftText(low: number, high: number): string {
  const hours = (n: number) => `${Math.floor(n / 60)} h ${String(n % 60).padStart(2, "0")}`,
    [size, unit, print]: [number, string, (n: number) => string] =
      high < 90
        ? [1, " s", String]
        : high < 90 * 60
          ? [60, " min", String]
          : high < 36 * 3600
            ? [60, "", hours]
            : [86400, " d", String],
    [from, to] = [print(Math.floor(low / size)), print(Math.max(1, Math.ceil(high / size)))];
  return from === to ? `about ${to}${unit}` : `${from}–${to}${unit}`;
}

export function ago(s: number | null | undefined, now = Date.now() / 1000): string {
  if (s === null || s === undefined) return NOTHING;
  const past = now - s;
  return past < 5
    ? "now"
    : past < 60
      ? `${Math.round(past)} s ago`
      : past < 3600
        ? `${Math.round(past / 60)} min ago`
        : past < 172800
          ? `${Math.round(past / 3600)} h ago`
          : `${Math.round(past / 86400)} d ago`;
}

export const iso = (s: number): string => new Date(s * 1000).toISOString();

export const GLYPHS: Record<string, string> = {
  pending: "·",
  running: "▶",
  finished: "✓",
  stopped: "◆",
  failed: "✗",
  cancelled: "–",
  lost: "?",
  preempted: "↺",
  paused: "‖",
  stopping: "◇",
};
// The state whose colour it has.
const TONES: Record<string, string> = {
  lost: "failed",
  preempted: "pending",
  cancelled: "pending",
  paused: "stopped",
  stopping: "stopped",
};
export const toneOf = (state: string): string => TONES[state] ?? state;
export const STATES = [
  "running",
  "finished",
  "stopped",
  "failed",
  "pending",
  "cancelled",
  "lost",
  "preempted",
];

export function size(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return NOTHING;
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let at = 0,
    n = bytes;
  while (n >= 1024 && at < units.length - 1) {
    n /= 1024;
    at++;
  }
  return `${at && n < 10 ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}
