// SPDX-License-Identifier: GPL-3.0-or-later
// Moments as text in any zone, and the marks of an axis of time.
type Parts = Intl.DateTimeFormatOptions;
export const LONG: Parts = {dateStyle: "medium", timeStyle: "long"}, // with the zone
  CLOCK: Parts = {timeStyle: "medium"},
  DAY: Parts = {dateStyle: "medium"};

// timeZone: a name of IANA's database, or undefined: the viewer's.
export const format = (parts: Parts, timeZone: string | undefined): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-GB", {...parts, timeZone});

const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
  2592000,
];

// Between n marks.
export const stepOf = (from: number, to: number, n: number): number =>
  STEPS.find((s) => (to - from) / s <= n) ?? (to - from) / n;

interface Mark {
  at: number; // seconds since 1970
  text: string;
}

// Marks of an axis of time. They stand at equal distances in real time, so that a night in which the clock is changed is
// as long as it is; only their texts know a zone, and say it at the first mark and where it becomes another.
export function marks(from: number, to: number, n: number, timeZone: string | undefined): Mark[] {
  const step = stepOf(from, to, n),
    found: Mark[] = [],
    time = format({timeStyle: step < 60 ? "medium" : "short"}, timeZone),
    date = format({month: "short", day: "numeric"}, timeZone),
    exact = format(LONG, timeZone);
  let before = "",
    name = "";
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const today = date.format(at * 1000),
      zoned = exact
        .format(at * 1000)
        .split(" ")
        .pop()!,
      text = [
        step < 86400 && today === before ? "" : today,
        step < 86400 ? time.format(at * 1000) : "",
        zoned === name ? "" : zoned,
      ];
    found.push({at, text: text.filter(Boolean).join(" ")});
    [before, name] = [today, zoned];
  }
  return found;
}
