// SPDX-License-Identifier: GPL-3.0-or-later
import type {ComponentChildren} from "preact";
import {TrialActions} from "../act/actions";
import {Why} from "../act/why";
import {get} from "../base/api";
import {useAnswer, useNews} from "../base/asked";
import {reveal, usePageKeys} from "../base/keys";
import {Check, Link, Missing, State, Tags, useTitle} from "../base/parts";
import {Curve} from "./curve";
import {Environment} from "./environment";
import {Files} from "./files";
import {Log} from "./log";
import {Ahead, Beside} from "./near";
import {System} from "./system";
import {isSeed} from "../base/seed";
import {ago, count, NOTHING, safe, short, span, word} from "../base/text";
import {moment} from "../base/time";
import {show, where} from "../base/where";
import {flat} from "../runs/data";
import {Card} from "../base/card";
import {Logged} from "../runs/logged";

const EVERY_MS = 1000;

function Config({trial, best, choose}: {trial: any; best: any; choose: ComponentChildren}) {
  const mine = flat(trial.params),
    theirs = best && best.id !== trial.id ? flat(best.params) : null;
  const all = where.value.query.same === "1" || !theirs;
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs ?? {})])];
  const differing = names.filter((n) => theirs && JSON.stringify(mine[n]) !== JSON.stringify(theirs[n]));
  const times = (name: string, a: unknown, b: unknown) => {
    if (isSeed(name) || typeof a !== "number" || typeof b !== "number" || b === 0 || a === 0 || a === b)
      return "";
    const ratio = a / b;
    return `×${short(Number(ratio.toPrecision(Math.abs(ratio - 1) < 0.1 ? 3 : 2)))}`;
  };
  return (
    <Card
      name="Configuration"
      notes={
        theirs && (
          <>
            beside <Link to={"/t/" + best.id}>trial {best.number}</Link>
          </>
        )
      }
      tools={
        <>
          {theirs && (
            <Check on={all} turn={(on) => show({same: on ? "1" : ""})}>
              all
            </Check>
          )}
          {choose}
        </>
      }
    >
      <table class="values pairs">
        <tbody>
          {(all ? names : differing).map((n) => (
            <tr>
              <td>{safe(n)}</td>
              <td class="number" title={String(mine[n])}>
                {word(mine[n])}
              </td>
              {theirs && <td class="number muted">{word(theirs[n])}</td>}
              {theirs && <td class="number muted">{times(n, mine[n], theirs[n])}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {!all && names.length > differing.length && (
        <p class="muted">{names.length - differing.length} the same</p>
      )}
    </Card>
  );
}

// Where a later attempt goes on, by the first step that it has reported: one that begins anew does so at the first or second.
function Resumed({id, attempt}: {id: string; attempt: any}) {
  const path = `trials/${id}/points?attempt=${attempt.attempt}&limit=1`,
    {own} = useAnswer<{step: number}[]>(attempt.attempt > 1 && attempt.points ? path : "", "", () =>
      get(path),
    );
  return own?.[0]?.step! > 1 ? <span class="muted">resumed at step {count(own![0].step)}</span> : null;
}

// The chosen one is that of the log, and of what it used.
function Attempts({id, list, chosen}: {id: string; list: any[]; chosen: any}) {
  return (
    <Card name="Attempts">
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>#</th>
              <th>state</th>
              <th>reason</th>
              <th>agent</th>
              <th>started</th>
              <th class="number">time</th>
              <th class="number wide">points</th>
            </tr>
          </thead>
          <tbody>
            {list.map((a) => (
              <tr class={list.length > 1 && a === chosen ? "here" : ""}>
                <td>
                  {list.length > 1 ? (
                    <button
                      class="plain"
                      aria-pressed={a === chosen}
                      title="show its log"
                      onClick={() =>
                        show({attempt: a === list[list.length - 1] ? "" : String(a.attempt), line: ""})
                      }
                    >
                      {a.attempt}
                    </button>
                  ) : (
                    a.attempt
                  )}
                </td>
                <td>{a.state}</td>
                <td>
                  {a.cause ? safe(a.cause) : (a.reason ?? NOTHING)} <Resumed id={id} attempt={a} />
                </td>
                <td>
                  {word(a.agent)}/{word(a.slot)}
                </td>
                <td title={moment(a.started)}>{ago(a.started)}</td>
                <td class="number">{span(a.duration)}</td>
                <td class="number wide">{word(a.points)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function WhyCard({trial}: {trial: any}) {
  return (
    <section class="card" id="why">
      <header>
        <h2>Why</h2>
      </header>
      <Why trial={trial} />
    </section>
  );
}

export function Trial({id}: {id: string}) {
  const news = useNews((facts) => facts.some((f) => f.kind === "reset" || `${f.sweep}-${f.trial}` === id)),
    asked = useAnswer(
      id,
      String(news),
      async () => {
        const one = await get("trials/" + encodeURIComponent(id));
        return {trial: one, sweep: await get("sweeps/" + one.sweep)};
      },
      EVERY_MS,
    ),
    {trial, sweep} = asked.answer ?? {trial: null, sweep: null},
    {vs = ""} = where.value.query,
    wish = trial && /^\d+$/.test(vs) ? `${trial.sweep}-${Number(vs)}` : "",
    beside = useAnswer<any>(wish, "", () => get("trials/" + wish));
  usePageKeys((key) => {
    if (key === "e") reveal("why");
    if (key === "l") reveal("log");
  });
  useTitle(trial ? `trial ${trial.number} ${trial.state}` : "");
  const missing = <Missing of={asked} what="the trial" />;
  if (!trial || !sweep) return <main>{missing}</main>;
  const attempts: any[] = trial.attempts_list ?? [],
    other = beside.own ?? sweep.best,
    attempt = attempts.find((a) => a.attempt === (Number(where.value.query.attempt) || trial.attempt));
  return (
    <main>
      <section class="card">
        <div class="facts">
          <h1>
            <Link to={"/s/" + trial.sweep}>{safe(sweep.name || sweep.id)}</Link> › trial {trial.number}
          </h1>
          {trial.number > 0 && (
            <Link to={`/t/${sweep.id}-${trial.number - 1}`} aria-label="the trial before">
              ‹
            </Link>
          )}
          {trial.number + 1 < sweep.proposed && (
            <Link to={`/t/${sweep.id}-${trial.number + 1}`} aria-label="the next trial">
              ›
            </Link>
          )}
          <State name={trial.state} />
          {trial.objective != null && (
            <span>
              {safe(sweep.metric?.name ?? "objective")}{" "}
              <b title={String(trial.objective)}>{word(trial.objective)}</b>
            </span>
          )}
          <span class="muted">
            {[
              safe(trial.cause ?? (trial.state === "finished" ? "" : (trial.reason ?? ""))),
              trial.attempts > 1 ? `attempt ${trial.attempt}` : "",
              trial.agent ? `${safe(trial.agent)}/${trial.slot}` : "",
              span(trial.duration),
            ]
              .filter((t) => t && t !== NOTHING)
              .join(" · ")}
          </span>
          <span class="muted" title={moment(trial.started)}>
            started {ago(trial.started)}
          </span>
          <Tags list={trial.tags} />
          <span class="spring" />
          <TrialActions trial={trial} sweep={sweep} />
        </div>
        <Ahead trial={trial} sweep={sweep} />
      </section>
      {missing}
      <Missing of={beside} />
      <div class="pair">
        <div>
          <WhyCard trial={trial} />
          <Config trial={trial} best={other} choose={<Beside trial={trial} best={sweep.best} />} />
          <Environment trial={trial} sweep={sweep} attempt={attempt} />
        </div>
        <div>
          <Attempts id={trial.id} list={attempts} chosen={attempt} />
          <Curve trial={trial} best={other} sweep={sweep} />
        </div>
      </div>
      {attempt && <System key={trial.id + "/" + attempt.attempt} trial={trial} attempt={attempt} />}
      {attempt && <Files key={"files" + trial.id + "/" + attempt.attempt} trial={trial} attempt={attempt} />}
      <Logged run={{name: trial.id}} running={trial.state === "running"} />
      {attempt ? (
        <Log key={trial.id + "/" + attempt.attempt} trial={trial} attempt={attempt} />
      ) : (
        <section class="card" id="log">
          <h2>Log</h2>
          <p class="muted">It has not started yet.</p>
        </section>
      )}
    </main>
  );
}
