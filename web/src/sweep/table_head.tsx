// SPDX-License-Identifier: GPL-3.0-or-later
// The head of the table: columns are sorted, moved, pinned and resized there.
import {useState} from "preact/hooks";
import {inAddress, show, turned, where} from "../base/where";
import {title} from "./fields";
import {sheet} from "./model";
import {Sort, sort} from "./sort";
import {colsShow, Layout, widths} from "./table_columns";

function sortBy(name: string, more: boolean): void {
  const by = sort.value,
    had = by.find((one) => one.name === name),
    next: Sort = {name, down: had ? !had.down : false},
    all = more ? (had ? by.map((one) => (one === had ? next : one)) : [...by, next]) : [next];
  show({sort: all.map((one) => (one.down ? "-" : "") + inAddress(one.name)).join(",")});
}

export function Head({layout: {names, pinned, lefts, sizes}}: {layout: Layout}) {
  const s = sheet.value!,
    by = sort.value,
    [dragged, setDragged] = useState(""),
    [size, setSize] = useState<{name: string; from: number; width: number} | null>(null);
  const place = (name: string, to: number) => {
    const next = names.filter((n) => n !== name);
    next.splice(Math.max(0, Math.min(next.length, to)), 0, name);
    colsShow(next);
  };
  const resize = (name: string, to: number) =>
    show(
      {
        w: [...new Map([...widths(), [name, Math.round(to)]])]
          .map(([n, w]) => `${inAddress(n)}:${w}`)
          .join(","),
      },
      false,
    );
  const pin = (name: string) => show({left: turned(where.value.query.left, name)});
  return (
    <div class="row head" role="row">
      {names.map((name, at) => {
        const i = by.findIndex((one) => one.name === name),
          mark = i < 0 ? "" : (by[i].down ? " ▼" : " ▲") + (by.length > 1 ? i + 1 : "");
        return (
          <span
            key={name}
            role="columnheader"
            class={pinned.includes(name) ? "pinned" : ""}
            style={{
              width: sizes.get(name) + "px",
              left: lefts.has(name) ? lefts.get(name) + "px" : undefined,
            }}
            aria-sort={i < 0 ? "none" : by[i].down ? "descending" : "ascending"}
            onDragOver={(e: DragEvent) => dragged && e.preventDefault()}
            onDrop={() => {
              if (dragged && dragged !== name) place(dragged, at);
              setDragged("");
            }}
          >
            <button
              class={s.columns.get(name)?.words ? "" : "number"}
              title={name}
              draggable
              onDragStart={() => setDragged(name)}
              onDragEnd={() => setDragged("")}
              onClick={(e) => sortBy(name, e.shiftKey)}
              onKeyDown={(e) => {
                const by = e.key === "ArrowLeft" ? -1 : e.key === "ArrowRight" ? 1 : 0;
                if (by && e.shiftKey) place(name, at + by);
                else if (by && e.altKey) resize(name, sizes.get(name)! + 16 * by);
                else if (e.key === "p" && name !== "number") pin(name);
                else return;
                e.preventDefault();
                e.stopPropagation();
              }}
            >
              {pinned.includes(name) && name !== "number" ? "⇤ " : ""}
              {title(name)}
              {mark}
            </button>
            <i
              class="edge"
              onPointerDown={(e) => {
                e.preventDefault();
                e.currentTarget.setPointerCapture(e.pointerId);
                setSize({name, from: e.clientX, width: sizes.get(name)!});
              }}
              onPointerMove={(e) => {
                if (size) resize(name, Math.max(48, Math.min(800, size.width + e.clientX - size.from)));
              }}
              onPointerUp={() => setSize(null)}
              onDblClick={() => pin(name)}
            />
          </span>
        );
      })}
    </div>
  );
}
