// SPDX-License-Identifier: GPL-3.0-or-later
// Times as text, all of them in one zone: the viewer's, UTC, or that of the controller's host. Which one is in the
// address, as everything that decides what a view shows: who gets the address of a view reads the same times in it.
import {computed} from "@preact/signals";
import {session} from "./api";
import {CLOCK, DAY, format, LONG} from "./moments";
import {where} from "./where";

function known(zone: string | null | undefined): string {
  try {
    return zone ? new Intl.DateTimeFormat("en-GB", {timeZone: zone}).resolvedOptions().timeZone : "";
  } catch {
    return ""; // the browser does not know it
  }
}
const host = computed(() => known(session.value?.zone));
const ZONES: Record<string, () => string | undefined> = {utc: () => "UTC", host: () => host.value};

export const zone = computed(() => ZONES[where.value.query.tz ?? ""]?.() || undefined); // undefined: the viewer's
// The values of `tz` that can be chosen, and the name of each one's zone.
export const zones = computed(() => ["", "utc", ...(host.value ? ["host"] : [])]);
export const zoneName = (tz: string): string =>
  ZONES[tz]?.() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

// Each is made once: that takes longer than its use.
const [long, clocks, days] = [LONG, CLOCK, DAY].map((parts) => computed(() => format(parts, zone.value)));

// Seconds since 1970, with the zone; and without, where the zone and the day are near.
export const moment = (s: number | null | undefined): string =>
  s == null ? "" : long.value.format(s * 1000);
export const clock = (s: number): string => clocks.value.format(s * 1000);
export const day = (s: number): string => days.value.format(s * 1000);
