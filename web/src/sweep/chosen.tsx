// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with the trials that are chosen.
import {RowActions} from "../act/actions";
import {count} from "../base/text";
import {show} from "../base/where";
import {pick, picked} from "./marked";
import {labelOf, rowOfTrial, sweep} from "./model";
import {Sheet, stateOf, tagsOf} from "./sheet";
import {save} from "./table_export";

export function Chosen({s, names}: {s: Sheet; names: string[]}) {
  const n = picked.value.size;
  if (!n) return null;
  const rows = [...picked.value].map(rowOfTrial).filter((row) => row >= 0);
  return (
    <div class="tools chosen" role="group" aria-label="chosen trials">
      <b>{count(n)} chosen</b>
      <button disabled={n < 2} onClick={() => show({tab: "compare"})} title="compare ( c )">
        compare
      </button>
      <RowActions
        of={sweep.value}
        rows={rows.map((row) => ({
          number: Number(labelOf(row)),
          state: stateOf(s, row),
          tags: tagsOf(s, row),
        }))}
      />
      <button onClick={() => save(s, names, rows)}>CSV of them</button>
      <button onClick={() => pick([])}>none</button>
    </div>
  );
}
