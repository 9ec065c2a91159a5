// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of one height in a box that scrolls: only those in sight are in the document.
import type {ComponentChildren} from "preact";
import type {Ref} from "preact";
import {useState} from "preact/hooks";

const MORE = 10;
const touched = (): boolean => matchMedia("(pointer: coarse)").matches;
export const rowHeight = (): number => (touched() ? 44 : 28);

export function Rows({
  box,
  n,
  size,
  height,
  name,
  head,
  row,
  scrolled,
}: {
  box: Ref<HTMLDivElement>;
  n: number;
  size: number; // of a row
  height: number; // at most
  name: string;
  head?: ComponentChildren;
  row: (at: number, top: number) => ComponentChildren;
  scrolled?: (top: number) => void;
}) {
  const [top, setTop] = useState(0),
    heads = head ? size : 0,
    first = Math.max(0, Math.floor((top - heads) / size) - MORE),
    last = Math.min(n, Math.ceil((top + height) / size) + MORE),
    list = [];
  for (let at = first; at < last; at++) list.push(row(at, heads + at * size));
  return (
    <div
      class="rows"
      ref={box}
      tabIndex={0}
      role="grid"
      aria-label={name}
      aria-rowcount={n}
      style={{height: Math.min(height, n * size + heads + 20) + "px", "--row": size + "px"}}
      onScroll={(e) => {
        setTop(e.currentTarget.scrollTop);
        scrolled?.(e.currentTarget.scrollTop);
      }}
    >
      <div class="inner" style={{height: n * size + heads + "px"}}>
        {head}
        {list}
      </div>
    </div>
  );
}
