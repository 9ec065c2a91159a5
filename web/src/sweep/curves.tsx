// SPDX-License-Identifier: GPL-3.0-or-later
// A metric over the steps of some trials: the best of those shown, and the selected one.
import {useEffect, useState} from "preact/hooks";
import {get} from "../base/api";
import {labelOf, metrics, ranked, rowOfTrial, selected, sheet, shown, shownRows, sweep} from "./model";
import {Curve, Plot} from "../base/plot";
import {count} from "../base/text";
import {show, where} from "../base/where";

export function Curves() {
  const names = metrics.value.map((c) => c.label),
    main = sweep.value.metric?.name,
    metric = where.value.query.m ?? (names.includes(main) ? main : names[0]);
  const [curves, setCurves] = useState<Curve[] | null>(null),
    [wrong, setWrong] = useState("");
  const most = Math.min(200, Number(where.value.query.top ?? 20) || 20),
    log = where.value.query.cy === "log";
  const rows = ranked(shownRows()).slice(0, most),
    rest = shownRows().length;
  const chosen = rows.map(labelOf),
    row = selected.value >= 0 ? rowOfTrial(selected.value) : -1;
  if (row >= 0 && !chosen.includes(String(selected.value))) chosen.push(String(selected.value));
  const key = chosen.slice().sort().join(",");
  useEffect(() => {
    let gone = false;
    if (!metric || !key) {
      setCurves([]);
      return;
    }
    get(`sweeps/${sweep.value.id}/curves?metric=${encodeURIComponent(metric)}&trials=${key}`).then(
      (answer) => {
        if (!gone) {
          setCurves(answer.curves);
          setWrong("");
        }
      },
      (error) => {
        if (!gone) setWrong(error.message);
      },
    );
    return () => {
      gone = true;
    };
  }, [metric, key, sheet.value?.seq]);
  void shown.value;
  const thinned =
    curves?.filter((c) => c.min).reduce((n, c) => Math.max(n, Math.round(c.of / c.x.length)), 0) ?? 0;
  return (
    <section class="card">
      <header>
        <h2>Curves</h2>
        <label>
          metric{" "}
          <select
            value={metric}
            onChange={(e) => show({m: e.currentTarget.value === main ? "" : e.currentTarget.value})}
          >
            {names.map((n) => (
              <option>{n}</option>
            ))}
          </select>
        </label>
        <label>
          best{" "}
          <select
            value={String(most)}
            onChange={(e) => show({top: e.currentTarget.value === "20" ? "" : e.currentTarget.value})}
          >
            {["5", "10", "20", "50", "100", "200"].map((n) => (
              <option>{n}</option>
            ))}
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={log}
            onChange={(e) => show({cy: e.currentTarget.checked ? "log" : ""})}
          />{" "}
          log
        </label>
        <span class="muted">
          {count(chosen.length)} of {count(rest)} shown trials
          {thinned ? ` · least, greatest and last of about ${count(thinned)} points each` : ""}
        </span>
      </header>
      {wrong && (
        <p class="error" role="alert">
          {wrong}
        </p>
      )}
      {!curves ? (
        <div class="skeleton" aria-busy="true" />
      ) : !curves.some((c) => c.x.length) ? (
        <p class="muted">None of these trials has points of {metric ?? "a metric"}.</p>
      ) : (
        <Plot curves={curves} metric={metric} log={log} bold={selected.value} />
      )}
    </section>
  );
}
