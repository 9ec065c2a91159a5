// SPDX-License-Identifier: GPL-3.0-or-later
// Marks of an axis of time. They stand at equal distances in real time, so that a night in which the clock is changed
// is as long as it is; only their texts know a time zone.
const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
  2592000,
];

interface Mark {
  at: number; // seconds since 1970
  text: string;
}

// zone: "UTC", the name of another one, or undefined: the viewer's.
export function marks(from: number, to: number, n: number, zone?: string): Mark[] {
  const step = STEPS.find((s) => (to - from) / s <= n) ?? (to - from) / n,
    found: Mark[] = [],
    clock = format(
      step < 60
        ? {hour: "2-digit", minute: "2-digit", second: "2-digit"}
        : {hour: "2-digit", minute: "2-digit"},
      zone,
    ),
    day = format({month: "short", day: "numeric"}, zone);
  let before = "";
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const date = day.format(at * 1000);
    found.push({
      at,
      text:
        step >= 86400
          ? date
          : date === before
            ? clock.format(at * 1000)
            : `${date} ${clock.format(at * 1000)}`,
    });
    before = date;
  }
  return found;
}

const format = (parts: Intl.DateTimeFormatOptions, zone?: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-GB", {...parts, timeZone: zone, hourCycle: parts.hour ? "h23" : undefined});

export const exact = (s: number, zone?: string): string =>
  new Intl.DateTimeFormat("en-GB", {dateStyle: "medium", timeStyle: "long", timeZone: zone}).format(s * 1000);

export const zoneName = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "local";
