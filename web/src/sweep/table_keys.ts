// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of the table: rows are gone through, chosen, pinned and opened.
import {usePageKeys} from "../base/keys";
import {go, show, turned, where} from "../base/where";
import {selected} from "./marked";
import {rowOfTrial, sweep} from "./model";

export function useTableKeys(
  rows: number[],
  move: (by: number) => void,
  turn: (at: number, shift: boolean) => void,
): void {
  usePageKeys((key, event) => {
    if (!rows.length || where.value.query.g) return;
    const number = selected.value,
      at = rows.indexOf(rowOfTrial(number));
    if (key === "j") move(1);
    if (key === "k") move(-1);
    if (number < 0) return;
    if (key === "x" && at >= 0) turn(at, false);
    if (key === "p") show({pin: turned(where.value.query.pin, String(number))}, false);
    if (key === "Enter" && !/^(A|BUTTON|SUMMARY)$/.test((event.target as HTMLElement).tagName))
      go(`/t/${sweep.value.id}-${number}`);
  });
}
