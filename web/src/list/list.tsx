// SPDX-License-Identifier: GPL-3.0-or-later
import {useEffect, useState} from "preact/hooks";
import {follow, get} from "../base/api";
import {Bar, Link, State} from "../base/parts";
import {ago, count, moment, NOTHING, safe, short, word} from "../base/text";
import {go, show, where} from "../base/where";

function trialsText(s: any): string {
  const c = s.counts ?? {},
    done = (s.proposed ?? 0) - (c.running ?? 0) - (c.pending ?? 0);
  return s.total ? `${count(done)} of ${count(s.total)}` : `${count(done)}, no end set`;
}

function Row({s}: {s: any}) {
  const best = s.best?.objective;
  return (
    <tr
      tabIndex={0}
      onClick={() => go("/s/" + s.id)}
      onKeyDown={(e) => {
        if (e.key === "Enter") go("/s/" + s.id);
      }}
    >
      <td>
        <State name={s.state} />
      </td>
      <td class="grow">
        <Link to={"/s/" + s.id}>{safe(s.name || s.id)}</Link> <span class="muted">{s.name ? s.id : ""}</span>
      </td>
      <td class="wide">{s.method ?? NOTHING}</td>
      <td>
        <Bar counts={s.counts ?? {}} total={s.total} /> <span class="muted">{trialsText(s)}</span>
      </td>
      <td class="number" title={word(best)}>
        {best == null ? NOTHING : typeof best === "number" ? short(best) : best}
      </td>
      <td class="wide muted">
        {s.metric ? `${safe(s.metric.name)} ${s.metric.goal === "maximize" ? "↑" : "↓"}` : NOTHING}
      </td>
      <td class="number wide">{count(s.counts?.running ?? 0)}</td>
      <td class={"number" + (s.counts?.failed ? " bad" : "")}>{count(s.counts?.failed ?? 0)}</td>
      <td class="wide" title={moment(s.created)}>
        {ago(s.created)}
      </td>
    </tr>
  );
}

function Empty() {
  return (
    <div class="empty">
      <h2>No sweep yet</h2>
      <p>Make the first one from a folder with a training script:</p>
      <pre>
        {
          "besom init train.py          # writes sweep.yaml\nbesom agent --join STRING    # on each GPU host\nbesom sweep sweep.yaml"
        }
      </pre>
    </div>
  );
}

export function List() {
  const [sweeps, setSweeps] = useState<any[] | null>(null),
    [wrong, setWrong] = useState("");
  useEffect(() => {
    let gone = false,
      stop = () => {};
    const load = () =>
      get("sweeps").then(
        (all) => {
          if (!gone) {
            setSweeps(all.reverse());
            setWrong("");
          }
        },
        (error) => {
          if (!gone) {
            setWrong(error.message);
            if (error.status === 0) setTimeout(load, 2000);
          }
        },
      );
    void load();
    let due = 0;
    stop = follow(() => {
      if (!due)
        due = window.setTimeout(() => {
          due = 0;
          void load();
        }, 1000);
    });
    return () => {
      gone = true;
      stop();
    };
  }, []);
  const sought = (where.value.query.q ?? "").toLowerCase();
  const found = sweeps?.filter((s) =>
    `${s.name ?? ""} ${s.id} ${s.state} ${s.method ?? ""}`.toLowerCase().includes(sought),
  );
  return (
    <main>
      <div class="tools">
        <h1>Sweeps</h1>
        <input
          id="filter"
          type="search"
          placeholder="search: name, state, method  ( / )"
          aria-label="search sweeps"
          value={where.value.query.q ?? ""}
          onInput={(e) => show({q: e.currentTarget.value}, false)}
        />
        {found && sweeps!.length > found.length && (
          <span class="muted">
            {count(found.length)} of {count(sweeps!.length)}
          </span>
        )}
      </div>
      {wrong && (
        <p class="error" role="alert">
          {wrong}
        </p>
      )}
      {!sweeps && !wrong && <div class="skeleton" aria-busy="true" />}
      {sweeps?.length === 0 && <Empty />}
      {!!sweeps?.length && (
        <div class="scroll">
          <table class="list">
            <thead>
              <tr>
                <th>state</th>
                <th>sweep</th>
                <th class="wide">method</th>
                <th>trials</th>
                <th class="number">best</th>
                <th class="wide">metric</th>
                <th class="number wide">running</th>
                <th class="number">failed</th>
                <th class="wide">started</th>
              </tr>
            </thead>
            <tbody>
              {found!.map((s) => (
                <Row key={s.id} s={s} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </main>
  );
}
