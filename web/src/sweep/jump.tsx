// SPDX-License-Identifier: GPL-3.0-or-later
// The table goes to a trial: that of a number, the best, or the newest that runs.
import {useState} from "preact/hooks";
import {ranked} from "./measure";
import {rowOfTrial, sheet, sweep} from "./model";
import {shownRows} from "./subset";
import {stateOf} from "./sheet";

export function Jump({to}: {to: (row: number) => void}) {
  const s = sheet.value!,
    [number, setNumber] = useState(""),
    row = /^\d+$/.test(number) ? rowOfTrial(Number(number)) : -1,
    running = sweep.value?.counts?.running > 0;
  return (
    <form
      class="jump"
      onSubmit={(e) => {
        e.preventDefault();
        if (row >= 0) to(row);
      }}
    >
      go to{" "}
      <input
        inputMode="numeric"
        size={5}
        placeholder="#"
        aria-label="number of a trial"
        aria-invalid={number !== "" && row < 0}
        value={number}
        onInput={(e) => setNumber(e.currentTarget.value)}
      />
      <button
        type="button"
        onClick={() => {
          const best = ranked(shownRows())[0];
          if (best !== undefined) to(best);
        }}
      >
        best
      </button>
      {running && (
        <button
          type="button"
          onClick={() => {
            const rows = shownRows().filter((one) => stateOf(s, one) === "running");
            if (rows.length) to(rows[rows.length - 1]);
          }}
        >
          running
        </button>
      )}
    </form>
  );
}
