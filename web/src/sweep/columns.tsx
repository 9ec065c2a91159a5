// SPDX-License-Identifier: GPL-3.0-or-later
// Columns are chosen: by search, by the groups of their names, or by what differs.
import {useState} from "preact/hooks";
import {count} from "../base/text";
import {params, title} from "./fields";
import {sheet, sweep} from "./model";
import {specOf} from "../base/scale";
import {Choice} from "../base/parts";
import {isMetric, label, varies} from "./sheet";

const MOST = 100; // in the list at once
const ABOUT = [
  "number",
  "state",
  "reason",
  "cause",
  "duration",
  "step",
  "attempts",
  "agent",
  "created",
  "started",
  "ended",
  "tags",
];

function groupOf(name: string): string {
  if (isMetric(name)) return "metrics";
  if (!name.startsWith("params.")) return "trial";
  const parts = label(name).split(/[./]/);
  return parts.length > 1 ? parts[0] : "parameters";
}

function inSpec(name: string): boolean {
  const found = specOf(sweep.value?.spec, name);
  return !!found && !("value" in found) && !(Array.isArray(found.values) && found.values.length === 1);
}

export function Columns({
  word,
  chosen,
  choose,
  usual,
}: {
  word: string;
  chosen: string[];
  choose: (names: string[]) => void;
  usual?: () => void;
}) {
  const s = sheet.value!,
    [sought, setSought] = useState(""),
    [only, setOnly] = useState(""),
    [open, setOpen] = useState(false);
  const all = open
    ? [...ABOUT, ...params.value.map((c) => c.name), ...[...s.columns.keys()].filter(isMetric)].filter(
        (name) =>
          s.columns.has(name) &&
          (name + title(name)).toLowerCase().includes(sought.toLowerCase()) &&
          (only !== "differs" || varies(s.columns.get(name)!, s.n)) &&
          (only !== "spec" || !name.startsWith("params.") || inSpec(name)),
      )
    : [];
  const groups = new Map<string, string[]>();
  for (const name of all) groups.set(groupOf(name), [...(groups.get(groupOf(name)) ?? []), name]);
  const turn = (names: string[], on: boolean) =>
    choose([...chosen.filter((n) => !names.includes(n)), ...(on ? names : [])]);
  let left = MOST;
  return (
    <details
      class="picker"
      onToggle={(e) => setOpen(e.currentTarget.open)}
      onKeyDown={(e) => {
        if (e.key !== "Escape" || !open) return;
        e.stopPropagation();
        e.currentTarget.open = false;
        e.currentTarget.querySelector("summary")!.focus();
      }}
    >
      <summary>{word}</summary>
      <div class="pick">
        <input
          type="search"
          placeholder="search"
          aria-label={"search " + word}
          onInput={(e) => setSought(e.currentTarget.value)}
        />
        <Choice
          aria-label="which"
          value={only}
          of={["", "differs", "spec"]}
          text={(which) =>
            which === "differs" ? "only what differs" : which ? "only what the spec varies" : "all"
          }
          change={setOnly}
        />
        {usual && <button onClick={usual}>default</button>}
        {[...groups].map(([group, names]) => {
          const some = names.slice(0, Math.max(0, left)),
            on = names.every((n) => chosen.includes(n));
          left -= some.length;
          return (
            some.length > 0 && (
              <fieldset key={group}>
                <legend>
                  <label>
                    <input type="checkbox" checked={on} onChange={() => turn(names, !on)} /> {group} (
                    {count(names.length)})
                  </label>
                </legend>
                {some.map((name) => (
                  <label key={name}>
                    <input
                      type="checkbox"
                      checked={chosen.includes(name)}
                      onChange={() => turn([name], !chosen.includes(name))}
                    />{" "}
                    {title(name)}
                  </label>
                ))}
              </fieldset>
            )
          );
        })}
        {all.length > MOST && (
          <p class="muted">
            {count(MOST)} of {count(all.length)}: search for the others
          </p>
        )}
      </div>
    </details>
  );
}
