// SPDX-License-Identifier: GPL-3.0-or-later
// A line of a few values without axes: its range is that of its values, and a missing one is a gap.
import {short} from "./text";

export function Spark({
  values,
  name,
  low,
  high,
}: {
  values: (number | null)[];
  name: string;
  low?: number;
  high?: number;
}) {
  const known = values.filter((v): v is number => v !== null && Number.isFinite(v));
  if (!known.length) return null;
  const least = low ?? Math.min(...known),
    most = high ?? Math.max(...known),
    width = Math.max(1, values.length - 1);
  const y = (v: number) => (most > least ? 17 - (16 * (v - least)) / (most - least) : 9);
  let path = "",
    drawn = false;
  values.forEach((v, i) => {
    const there = v !== null && Number.isFinite(v);
    if (there) path += `${drawn ? "L" : "M"}${((100 * i) / width).toFixed(1)} ${y(v!).toFixed(1)}`;
    drawn = there;
  });
  const text = `${name}: ${short(known[0])} to ${short(known[known.length - 1])}, least ${short(Math.min(...known))}, greatest ${short(Math.max(...known))}`;
  return (
    <svg class="spark" viewBox="0 0 100 18" preserveAspectRatio="none" role="img" aria-label={text}>
      <title>{text}</title>
      {known.length === 1 ? <circle cx="50" cy="9" r="2" /> : <path d={path} />}
    </svg>
  );
}
