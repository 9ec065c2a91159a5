// SPDX-License-Identifier: GPL-3.0-or-later
// To the page before, and to the one after: of a list of which `size` are shown from `from` on.
export const Pager = ({
  from,
  size,
  later,
  to,
}: {
  from: number;
  size: number;
  later?: number | null | false; // where the page after begins; none: this is the last one
  to: (from: number) => void;
}) => (
  <>
    <button class="plain" disabled={!from} onClick={() => to(Math.max(0, from - size))}>
      ← earlier
    </button>
    <button class="plain" disabled={!later} onClick={() => to(later as number)}>
      later →
    </button>
  </>
);
