// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of the table: rows are gone through, chosen, pinned and opened.
import {useEffect} from "preact/hooks";
import {go, listed, show, where} from "../base/where";
import {picked, selected} from "./marked";
import {rowOfTrial, sweep} from "./model";

// The log of the page that opens, as soon as it is there.
function logReveal(tries: number): void {
  const log = document.getElementById("log");
  if (log) log.scrollIntoView();
  else if (tries) setTimeout(() => logReveal(tries - 1), 100);
}

function pinTurn(number: number): void {
  const pinned = listed(where.value.query.pin).map(Number);
  show(
    {pin: (pinned.includes(number) ? pinned.filter((n) => n !== number) : [...pinned, number]).join(",")},
    false,
  );
}

export function useKeys(
  rows: number[],
  move: (by: number) => void,
  turn: (at: number, shift: boolean) => void,
): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) &&
        (target as HTMLInputElement).type !== "checkbox"
      )
        return;
      if (event.ctrlKey || event.metaKey || event.altKey || !rows.length || where.value.query.g) return;
      const number = selected.value,
        at = rows.indexOf(rowOfTrial(number)),
        page = `/t/${sweep.value.id}-${number}`;
      if (event.key === "j") move(1);
      if (event.key === "k") move(-1);
      if (event.key === "c" && picked.value.size > 1) show({tab: "compare"});
      if (number < 0) return;
      if (event.key === "x" && at >= 0) turn(at, false);
      if (event.key === "p") pinTurn(number);
      if (event.key === "e") go(page);
      if (event.key === "l") {
        go(page);
        logReveal(30);
      }
      if (event.key === "Enter" && target.tagName !== "A" && target.tagName !== "BUTTON") go(page);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
}
