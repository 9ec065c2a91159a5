// SPDX-License-Identifier: GPL-3.0-or-later
// A trial in the table: a row of cells, or a card where the page is narrow.
import {useComputed} from "@preact/signals";
import {Link, State} from "../base/parts";
import {span} from "../base/text";
import {moment} from "../base/time";
import {go, show} from "../base/where";
import {title} from "./fields";
import {hovered, picked, selected} from "./marked";
import {goal, measureName} from "./measure";
import {sheet, sweep} from "./model";
import {cell, Column, Sheet, stateOf, TIMES, VALUE} from "./sheet";
import {Layout} from "./table_columns";

// A value as the table shows it.
export function cellText(column: Column | undefined, name: string, row: number): string {
  const cause = name === "reason" ? sheet.value?.columns.get("cause") : undefined;
  if (cause?.kinds[row] === VALUE) return cell(cause, row);
  if (!column || column.kinds[row] !== VALUE) return cell(column, row);
  if (name === "duration") return span(column.values[row]);
  return TIMES.includes(name) ? moment(column.values[row]) : cell(column, row);
}

function useMarks(number: number): string {
  const marks = useComputed(
    () =>
      (number === selected.value ? " selected" : "") +
      (number === hovered.value ? " hover" : "") +
      (picked.value.has(number) ? " picked" : ""),
  );
  return marks.value;
}

const over = (number: number) => ({
  onMouseEnter: () => {
    hovered.value = number;
  },
  onMouseLeave: () => {
    hovered.value = -1;
  },
  onClick: () => show({sel: number === selected.value ? "" : String(number)}, false),
  onDblClick: () => go(`/t/${sweep.value.id}-${number}`),
});

function Tick({number, turn}: {number: number; turn: (shift: boolean) => void}) {
  return (
    <input
      type="checkbox"
      aria-label={`choose trial ${number}`}
      title="choose ( x )"
      checked={picked.value.has(number)}
      onClick={(e) => {
        e.stopPropagation();
        turn(e.shiftKey);
      }}
    />
  );
}

export function Row({
  s,
  row,
  top,
  at,
  turn,
}: {
  s: Sheet;
  row: number;
  top: number;
  at: Layout;
  turn: (shift: boolean) => void;
}) {
  const number = s.columns.get("number")!.values[row],
    marks = useMarks(number);
  return (
    <div role="row" class={"row" + marks} style={{top: top + "px"}} {...over(number)}>
      {at.names.map((name) => {
        const column = s.columns.get(name),
          shaded =
            column && column.kinds[row] === VALUE
              ? at.shades.get(name)?.place(column.values[row])
              : undefined,
          best = name === measureName.value && goal.value === "minimize",
          part =
            shaded === undefined ? 0 : Math.round(45 * Math.max(0, Math.min(1, best ? 1 - shaded : shaded)));
        return (
          <span
            key={name}
            role="gridcell"
            class={
              (column?.words ? "" : "number") +
              (at.pinned.includes(name) ? " pinned" : "") +
              (name === "number" ? " w-number" : "")
            }
            style={{
              width: at.sizes.get(name) + "px",
              left: at.lefts.has(name) ? at.lefts.get(name) + "px" : undefined,
              backgroundImage: part
                ? `linear-gradient(color-mix(in srgb, var(--accent) ${part}%, transparent) 0 0)`
                : undefined,
            }}
            title={name === "number" || name === "state" ? undefined : cell(column, row, true)}
          >
            {name === "number" ? (
              <>
                <Tick number={number} turn={turn} />
                <Link to={`/t/${sweep.value.id}-${number}`}>{number}</Link>
              </>
            ) : name === "state" ? (
              <State name={stateOf(s, row)} />
            ) : (
              cellText(column, name, row)
            )}
          </span>
        );
      })}
    </div>
  );
}

export function Card({
  s,
  row,
  top,
  names,
  turn,
}: {
  s: Sheet;
  row: number;
  top: number;
  names: string[];
  turn: (shift: boolean) => void;
}) {
  const number = s.columns.get("number")!.values[row],
    marks = useMarks(number);
  return (
    <div role="row" class={"row as-card" + marks} style={{top: top + "px"}} {...over(number)}>
      <div role="gridcell">
        <Tick number={number} turn={turn} /> <Link to={`/t/${sweep.value.id}-${number}`}>trial {number}</Link>{" "}
        <State name={stateOf(s, row)} /> <b>{cell(s.columns.get(measureName.value), row)}</b>
      </div>
      <div role="gridcell">
        <dl>
          {names
            .filter((n) => !["number", "state", measureName.value].includes(n))
            .slice(0, 6)
            .map((name) => (
              <div key={name}>
                <dt>{title(name)}</dt>
                <dd>{cellText(s.columns.get(name), name, row)}</dd>
              </div>
            ))}
        </dl>
      </div>
    </div>
  );
}
