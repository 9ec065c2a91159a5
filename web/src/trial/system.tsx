// SPDX-License-Identifier: GPL-3.0-or-later
// What an attempt used of its host: processors, memory, and the GPUs that it was given.
import {useMemo} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer, useTicks} from "../base/asked";
import {Chart} from "../base/chart";
import {rangeOf, rangeText} from "../base/curves";
import {css, look, Missing} from "../base/parts";
import {Line, Plot} from "../base/plot";
import {safe, size} from "../base/text";
import {show, where} from "../base/where";

interface Sample {
  time: number;
  metrics: Record<string, number>;
}
interface Panel {
  title: string;
  part: string; // of the names of its columns
  scale: number; // what they are divided by
  atLeast?: [number, number]; // the usual range
}

const MOST = 10000, // samples: of more than three days
  EVERY_MS = 10000;
const PANELS: Panel[] = [
  {title: "GPU busy, %", part: ".utilization", scale: 1, atLeast: [0, 100]},
  {title: "GPU memory, GiB", part: ".memory.used", scale: 2 ** 30, atLeast: [0, NaN]},
  {title: "GPU power, W", part: ".power", scale: 1, atLeast: [0, NaN]},
  {title: "GPU temperature, °C", part: ".temperature", scale: 1},
  {title: "processors, %", part: "cpu.percent", scale: 1, atLeast: [0, 100]},
  {title: "memory, GiB", part: "system/memory", scale: 2 ** 30, atLeast: [0, NaN]},
];

export function System({trial, attempt}: {trial: any; attempt: any}) {
  const live = attempt.state !== "ended",
    path = `trials/${trial.id}/samples?attempt=${attempt.attempt}&limit=${MOST}`,
    ticks = useTicks(EVERY_MS),
    asked = useAnswer<Sample[]>(path, live ? String(ticks) : "", () => get(path)),
    samples = asked.answer;
  const q = where.value.query,
    onTime = q.cx === "time",
    range = onTime ? rangeOf(q.cz) : ([NaN, NaN] as [number, number]),
    theme = look.value,
    before = (trial.attempts_list ?? [])
      .filter((a: any) => a.attempt < attempt.attempt)
      .reduce((sum: number, a: any) => sum + (a.duration ?? 0), 0);
  const names = useMemo(
    () => [...new Set((samples ?? []).flatMap((s) => Object.keys(s.metrics)))],
    [samples],
  );
  const panels = useMemo(
    () =>
      PANELS.map((panel) => {
        const mine = names.filter((n) => n.endsWith(panel.part));
        const lines: Line[] = mine.map((name, i) => {
          const some = samples!.filter((s) => typeof s.metrics[name] === "number");
          return {
            key: -1,
            name: safe(name.replace("system/", "").replace(panel.part, "")) || "memory",
            x: some.map((s) => before + Math.max(0, s.time - attempt.started)),
            y: some.map((s) => s.metrics[name] / panel.scale),
            colour: css("series-" + (i % 4)),
            dash: i > 3 ? [6, 3] : [],
          };
        });
        return {...panel, lines};
      }).filter((p) => p.lines.some((l) => l.x.length)),
    [samples, names, theme, before],
  );
  const peak = samples?.length ? samples[samples.length - 1].metrics["system/memory.peak"] : undefined;
  return (
    <Chart
      name="System"
      id="system"
      twin={() => ({
        columns: ["seconds", ...names],
        rows: (samples ?? []).map((s) => [
          s.time - attempt.started,
          ...names.map((n) => s.metrics[n] ?? null),
        ]),
      })}
      notes={
        <span class="muted">
          {[
            attempt.gpus?.length && `${attempt.gpus.length} GPU${attempt.gpus.length > 1 ? "s" : ""}`,
            peak && `largest process ${size(peak)}`,
          ]
            .filter(Boolean)
            .join(" · ")}
          {!onTime && samples?.length ? " over running time" : ""}
        </span>
      }
    >
      <Missing of={asked} what="the samples" low />
      {!samples ? null : !panels.length ? (
        <p class="muted">
          {live ? "The first sample comes a second after the start." : "It ended before the first sample."}
        </p>
      ) : (
        <div class="systems">
          {panels.map((p) => (
            <div key={p.title}>
              <b class="muted">{p.title}</b>
              <Plot
                lines={p.lines}
                label={`${p.title} over running time`}
                kind="span"
                range={range}
                atLeast={p.atLeast}
                zoom={onTime ? (a, b) => show({cz: rangeText(a, b)}) : undefined}
                group="trial"
                height={120}
              />
            </div>
          ))}
        </div>
      )}
    </Chart>
  );
}
