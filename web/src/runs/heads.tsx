// SPDX-License-Identifier: GPL-3.0-or-later
// Tabs of a page, and heads of columns.
import {Link} from "../base/parts";
import {safe} from "../base/text";

export const Tabs = ({to, tabs, tab}: {to: string; tabs: string[][]; tab: string}) => (
  <nav class="tabs">
    {tabs.map(([id, name]) => (
      <Link to={to} query={id ? {tab: id} : {}} aria-current={tab === id ? "page" : undefined}>
        {name}
      </Link>
    ))}
  </nav>
);

// Of a column: by turns up, down, and as it comes. sort: what is sorted by, after "-" downwards.
export function SortHead({
  id,
  name,
  sort,
  number,
  to,
}: {
  id: string;
  name: string;
  sort: string;
  number?: boolean;
  to: (sort: string) => void;
}) {
  const up = sort === id,
    down = sort === "-" + id;
  return (
    <th class={number ? "number" : ""} aria-sort={up ? "ascending" : down ? "descending" : undefined}>
      <button
        class="plain"
        title={"sort by " + safe(name)}
        onClick={() => to(up ? "-" + id : down ? "" : id)}
      >
        {safe(name)}
        {up ? " ↑" : down ? " ↓" : ""}
      </button>
    </th>
  );
}
