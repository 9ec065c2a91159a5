// SPDX-License-Identifier: GPL-3.0-or-later
// The filter, the brushes, the colour and how a metric is reduced: what holds for all views of a sweep.
import {useState} from "preact/hooks";
import {NumberField} from "../base/parts";
import {safe, short} from "../base/text";
import {show, where} from "../base/where";
import "./tools.css";
import {Brush, brush, brushes, brushesAsFilter, invert, inverted} from "./brush";
import {colourBy} from "./colours";
import {metrics, title, varying} from "./fields";
import {ignored} from "./ignored";
import {goal, measureName, objective, ranked, rungOf, rungs} from "./measure";
import {reduceAsked, sheet, sweep} from "./model";
import {filter, filterText, keep, shownRows} from "./subset";

function brushWord({ranges, words, not}: Brush): string {
  if (words)
    return (not ? "not " : "") + (words.length > 2 ? `${words.length} values` : words.map(safe).join(", "));
  return ranges.map((r) => `${short(r.low)} to ${short(r.high)}`).join(", ");
}

// The best part of what is shown, as a brush of the metric.
function Top() {
  const [part, setPart] = useState("10");
  const take = () => {
    const share = Number(part),
      rows = ranked(shownRows()),
      column = objective.value;
    const n = Math.max(1, Math.round((rows.length * share) / 100));
    if (!(share > 0 && share <= 100) || !rows.length || !column) return;
    const [a, b] = [column.values[rows[0]], column.values[rows[n - 1]]];
    brush(measureName.value, {
      ranges: [goal.value === "maximize" ? {low: b, high: a} : {low: a, high: b}],
      words: null,
      not: false,
    });
  };
  return (
    <form
      class="top-part"
      onSubmit={(e) => {
        e.preventDefault();
        take();
      }}
    >
      <button title="brush the best part of what is shown">top</button>
      <input
        inputMode="decimal"
        aria-label="how many per cent are the best"
        size={3}
        value={part}
        onInput={(e) => setPart(e.currentTarget.value)}
      />
      %
    </form>
  );
}

function Colour() {
  const s = sheet.value!,
    more = ["reason", "cause", "agent", "duration", "attempts", "step", "started", "tags"].filter((name) =>
      s.columns.has(name),
    );
  const names = (list: string[]) => list.map((name) => <option value={name}>{title(name)}</option>);
  return (
    <label>
      colour{" "}
      <select value={colourBy.value} onChange={(e) => show({c: e.currentTarget.value})}>
        <option value="">default</option>
        <option value="state">state</option>
        {objective.value && names(["objective"])}
        <optgroup label="parameters">{names(varying.value.map((c) => c.name))}</optgroup>
        <optgroup label="metrics">{names([...metrics.value, ...rungs.value].map((c) => c.name))}</optgroup>
        <optgroup label="trial">{names(more)}</optgroup>
      </select>
    </label>
  );
}

const MEAN = 5; // values, where none are chosen

function Reduce() {
  const own = sweep.value?.metric?.reduce ?? "best",
    wish = reduceAsked.value || (measureName.value === "objective" ? "" : (where.value.query.r ?? "")),
    mean = wish.startsWith("mean-");
  if (!sweep.value?.metric) return null;
  return (
    <label title="which of a trial's values of the metric counts, in the table, the scatter and the axes">
      reduce{" "}
      <select value={mean ? "mean-" + MEAN : wish} onChange={(e) => show({r: e.currentTarget.value})}>
        <option value="">{own}</option>
        {["best", "last", "first"]
          .filter((name) => name !== own)
          .map((name) => (
            <option value={name}>{name}</option>
          ))}
        <option value={"mean-" + MEAN}>mean of the last</option>
        {rungs.value.map((c) => (
          <option value={c.name}>at iteration {rungOf(c)}</option>
        ))}
      </select>{" "}
      {mean && (
        <NumberField
          min="1"
          max="99999"
          aria-label="how many of the last values"
          value={wish.slice(5)}
          change={(n) => show({r: "mean-" + Math.max(1, Math.min(99999, Math.round(Number(n)) || MEAN))})}
        />
      )}
    </label>
  );
}

export function Tools() {
  const wrong = filter.value?.wrong ?? [],
    drawn = [...brushes.value],
    unknown = ignored.value;
  return (
    <>
      <div class="tools">
        <input
          id="filter"
          type="search"
          aria-label="filter"
          placeholder="filter: state:finished lr<1e-2 has:acc  ( / )"
          value={filterText.value}
          onInput={(e) => show({f: e.currentTarget.value}, false)}
        />
        <Colour />
        <Reduce />
        <Top />
        {wrong.length > 0 && (
          <span class="error" role="alert">
            {safe(wrong.join("; "))}
          </span>
        )}
        {unknown.length > 0 && (
          <span class="error" role="alert">
            left out of this address, as the sweep has no such thing: {unknown.join(", ")}{" "}
            <button onClick={() => show({...UNKNOWN, b: "", cols: "", ax: ""})}>usual view</button>
          </span>
        )}
      </div>
      {drawn.length > 0 && (
        <div class="tools brushes" role="group" aria-label="brushes">
          {inverted.value && <b>not</b>}
          {drawn.map(([name, one]) => (
            <button
              key={name}
              onClick={() => brush(name, null)}
              aria-label={`remove the brush of ${title(name)}`}
            >
              {title(name)} {brushWord(one)} ✕
            </button>
          ))}
          <button onClick={invert} aria-pressed={inverted.value} title="show what the brushes leave out">
            invert
          </button>
          <button onClick={keep} title={"into the filter: " + brushesAsFilter.value}>
            keep
          </button>
          {drawn.length > 1 && <button onClick={() => show({b: ""})}>clear all ✕</button>}
        </div>
      )}
    </>
  );
}

const UNKNOWN = {sort: "", scale: "", c: "", x: "", sel: "", r: ""};
