// SPDX-License-Identifier: GPL-3.0-or-later
// Which parameters matter: shares with their intervals, those that may be noise pale.
import {Chart, Twin} from "../base/chart";
import {Choice, isDark, look, Missing, Waiting} from "../base/parts";
import {signed} from "../base/scale";
import {count, safe} from "../base/text";
import {show} from "../base/where";
import {at, chosen, isOwn, Matters, method, METHODS, metric, metricGoal, Parameter, usual} from "./matters";
import {metrics} from "./fields";
import {rungOf, rungs} from "./measure";
import {sweep} from "./model";
import "./importance.css";
import {label} from "./sheet";

const FEW = 7; // rows of the card on the overview
const NAMES: Record<string, string> = {
  "ped-anova": "PED-ANOVA",
  fanova: "fANOVA",
  forest: "random forest",
  correlation: "correlation",
};

const judged = (p: Parameter): string => safe(p.trend ?? (p.noise ? "may be noise" : ""));

function twin(m: Matters | null): Twin {
  return {
    columns: ["parameter", "importance", "low", "high", "rho", "noise", "trend"],
    rows: [...(m?.parameters ?? []), ...(m?.seeds ?? [])].map((p) => [
      safe(p.name),
      p.importance,
      p.low,
      p.high,
      p.rho,
      p.noise,
      p.trend,
    ]),
  };
}

function Bars({matters, most}: {matters: Matters; most: number}) {
  const {parameters, seeds} = matters,
    shown = parameters.slice(0, most),
    top = Math.max(...[...shown, ...seeds].map((p) => p.high), 1e-300),
    more = parameters.length - most,
    table = (rows: Parameter[]) => (
      <table class="importance">
        <tbody>
          {rows.map((p) => (
            <tr key={p.name} class={p.noise || seeds.includes(p) ? "noise" : ""}>
              <td class="name">
                <button
                  class="plain"
                  title={`${p.name}: show its slice`}
                  onClick={() => show({tab: "space", sp: "params." + p.name})}
                >
                  {safe(p.name)}
                </button>
              </td>
              <td class="share">
                <svg viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
                  <rect
                    x="0"
                    y="3"
                    height="10"
                    width={(100 * p.importance) / top}
                    style={{fill: p.rho && !p.noise ? signed(p.rho, isDark()) : ""}}
                  />
                  <line x1={(100 * p.low) / top} x2={(100 * p.high) / top} y1="8" y2="8" />
                  {[p.low, p.high].map((x) => (
                    <line x1={(100 * x) / top} x2={(100 * x) / top} y1="4" y2="12" />
                  ))}
                </svg>
              </td>
              <td class="number" title={`${p.importance}, between ${p.low} and ${p.high}`}>
                {p.importance.toFixed(2)}
              </td>
              {matters.method === "correlation" && (
                <td
                  class="number rho"
                  title="Spearman's correlation with the metric; none for categorical parameters"
                >
                  {p.rho === null ? "" : `ρ ${p.rho < 0 ? "−" : "+"}${Math.abs(p.rho).toFixed(2)}`}
                </td>
              )}
              <td class={"trend" + (p.noise ? " muted" : "")} title={judged(p)}>
                {judged(p)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    );
  void look.value;
  return (
    <>
      {table(shown)}
      {more > 0 && (
        <button class="more plain" onClick={() => show({tab: "importance"})}>
          and {count(more)} smaller
        </button>
      )}
      {table(seeds)}
    </>
  );
}

function Choices() {
  const names = [
    ...new Set([
      ...(sweep.value?.metrics ?? [sweep.value?.metric]).filter(Boolean).map((m: any) => m.name as string),
      ...metrics.value.map((c) => c.name.replace(/^metrics\./, "")),
    ]),
  ];
  return (
    <>
      <Choice
        name="metric"
        value={metric.value}
        of={metric.value ? names : ["", ...names]}
        text={(n) => (n ? label(n) : "choose")}
        usual={sweep.value?.metric && names[0]}
        change={(impm) => show({impm})}
      />
      {!isOwn.value && metric.value && (
        <Choice
          name="better"
          value={metricGoal.value}
          of={["minimize", "maximize"]}
          text={(goal) => (goal === "minimize" ? "lower" : "higher")}
          usual="minimize"
          change={(impg) => show({impg})}
        />
      )}
      <Choice
        name="method"
        value={method.value || (chosen.value?.matters?.method ?? "")}
        of={METHODS}
        text={(n) => NAMES[n]}
        usual={usual.value?.method}
        change={(imp) => show({imp})}
      />
      {rungs.value.length > 0 && metric.value === sweep.value?.metric?.name && (
        <label title="which value of a trial is compared: at a rung of early_terminate, or where it finished">
          at{" "}
          <Choice
            value={at.value}
            of={["", "end", ...rungs.value.map(rungOf)]}
            text={(n) => (!n ? "highest with enough trials" : n === "end" ? "the end" : "iteration " + n)}
            change={(at) => show({at})}
          />
        </label>
      )}
    </>
  );
}

// few: the card on the overview.
export function Importance({few = false}: {few?: boolean}) {
  const answer = chosen.value,
    m = answer?.matters ?? null;
  return (
    <Chart
      id="importance"
      name={`What matters${metric.value ? ` for ${safe(metric.value)} ${metricGoal.value === "maximize" ? "↑" : "↓"}` : ""}`}
      twin={() => twin(m)}
      notes={
        m && (
          <span class="muted" title="whatever the filter shows">
            {m.basis}
            {m.was && `, before: ${m.was}`}
            {few ? "" : ` · ${NAMES[m.method] ?? m.method} · 90 % interval`}
          </span>
        )
      }
      tools={!few && <Choices />}
    >
      {!metric.value ? (
        <p class="muted">The sweep's file names no metric: choose one that its trials have reported.</p>
      ) : answer ? (
        <Missing of={answer} has={m} what="the importances" />
      ) : (
        <Waiting what="the controller" />
      )}
      {m?.parameters.length ? <Bars matters={m} most={few ? FEW : 1000} /> : null}
      {m && (
        <div class="matter-notes muted">
          {(few && m.parameters.length ? m.notes.slice(-1) : m.notes).map((note) => (
            <p key={note}>{safe(note)}</p>
          ))}
        </div>
      )}
    </Chart>
  );
}
