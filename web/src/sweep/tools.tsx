// SPDX-License-Identifier: GPL-3.0-or-later
// The filter, the brushes and the colour: what holds for all views of a sweep.
import {short} from "../base/text";
import {show} from "../base/where";
import {brush, brushes, colourBy, filter, filterText, params, sheet} from "./model";
import {label} from "./sheet";

export function Tools() {
  const wrong = filter.value?.wrong ?? [],
    drawn = [...brushes.value];
  return (
    <div class="tools">
      <input
        id="filter"
        type="search"
        aria-label="filter"
        placeholder="filter: state:finished lr<1e-2 has:acc  ( / )"
        value={filterText.value}
        onInput={(e) => show({f: e.currentTarget.value}, false)}
      />
      {wrong.length > 0 && (
        <span class="error" role="alert">
          not known here, so left out: {wrong.join(", ")}
        </span>
      )}
      {drawn.map(([name, r]) => (
        <button
          key={name}
          onClick={() => brush(name, null)}
          aria-label={`remove the brush of ${label(name)}`}
        >
          {label(name)}{" "}
          {sheet.value?.columns.get(name)?.words ? "chosen" : `${short(r.low)} to ${short(r.high)}`} ✕
        </button>
      ))}
      {drawn.length > 1 && <button onClick={() => show({b: ""})}>clear all ✕</button>}
      <label>
        colour{" "}
        <select
          value={colourBy.value}
          onChange={(e) => show({c: e.currentTarget.value === "objective" ? "" : e.currentTarget.value})}
        >
          <option value="objective">state</option>
          {params.value
            .filter((c) => !c.words)
            .map((c) => (
              <option value={c.name}>{c.label}</option>
            ))}
        </select>
      </label>
    </div>
  );
}
