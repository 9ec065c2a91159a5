// SPDX-License-Identifier: GPL-3.0-or-later
// A configuration to run next: a field for each parameter of the space, with that of a trial as the start.
import {useEffect, useRef, useState} from "preact/hooks";
import {post} from "../base/api";
import {safe} from "../base/text";
import {parsed} from "../base/whole";
import {propose} from "./act";
import {Form, form} from "./form";

interface Field {
  name: string; // dotted
  spec: any;
  text: string;
  given: boolean; // else it is drawn at random
}

const kindOf = (spec: any): string => {
  if (Array.isArray(spec.values))
    return "one of " + spec.values.map((v: unknown) => JSON.stringify(v)).join(", ");
  if ("value" in spec) return "constant";
  const words = [
    spec.distribution ?? "",
    "min" in spec ? `from ${spec.min}` : "",
    "max" in spec ? `to ${spec.max}` : "",
  ];
  return words.filter(Boolean).join(" ").replace(/_/g, " ");
};

// The parameters of a spec that are chosen, nested ones by dotted names.
function fieldsOf(parameters: any, params: any, before = ""): Field[] {
  return Object.entries<any>(parameters ?? {}).flatMap(([name, spec]) => {
    const at = before + name,
      value = name.split(".").reduce((v: any, part) => v?.[part], params) ?? params?.[name];
    if (spec && typeof spec === "object" && spec.parameters)
      return fieldsOf(spec.parameters, value, at + ".");
    if (!spec || typeof spec !== "object" || "value" in spec || "expr" in spec) return [];
    const given = value !== undefined && value !== null;
    return [
      {name: at, spec, text: given ? (typeof value === "string" ? value : JSON.stringify(value)) : "", given},
    ];
  });
}

// As the spec's values have it; else a number, true, false or null where it reads as one.
function valueOf({spec, text}: Field): unknown {
  const known = (spec.values ?? []).find(
    (v: unknown) => (typeof v === "string" ? v : JSON.stringify(v)) === text,
  );
  if (known !== undefined) return known;
  try {
    return parsed(text);
  } catch {
    return Number.isFinite(Number(text)) && text.trim() ? Number(text) : text;
  }
}

export function EnqueueForm({of}: {of: Form}) {
  const [fields, setFields] = useState<Field[]>(() => fieldsOf(of.sweep.spec?.parameters, of.params)),
    [wrong, setWrong] = useState(""),
    first = useRef<HTMLDivElement>(null);
  useEffect(() => (first.current?.querySelector("input, select") as HTMLElement | null)?.focus(), []);
  const params = Object.fromEntries(fields.filter((f) => f.given).map((f) => [f.name, valueOf(f)])),
    path = `sweeps/${of.sweep.id}/enqueue`,
    text = JSON.stringify(params);
  // The controller judges it as it is typed.
  useEffect(() => {
    let gone = false;
    const due = window.setTimeout(() => {
      post(path + "?dry_run=1", {params}).then(
        (answer) => {
          if (!gone) setWrong(answer.possible ? "" : answer.message);
        },
        (error) => {
          if (!gone) setWrong(error.message);
        },
      );
    }, 300);
    return () => {
      gone = true;
      window.clearTimeout(due);
    };
  }, [text]);
  const set = (at: number, change: Partial<Field>) =>
    setFields((all) => all.map((f, i) => (i === at ? {...f, ...change} : f)));
  // The message begins with the name of the parameter, where it is about one.
  const blamed = fields.findIndex((f) => wrong.startsWith(f.name + " "));
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (!wrong)
          propose({
            verb: "Enqueue",
            about: "a configuration for sweep " + (of.sweep.name || of.sweep.id),
            requests: [{path, body: {params}}],
            done: () => (form.value = null),
          });
      }}
    >
      <h2>Enqueue a configuration</h2>
      <p class="muted">
        {of.from ? `The fields begin with the values of ${of.from}. ` : ""}Empty ones are drawn at random.
      </p>
      <div ref={first} class="act-fields">
        {fields.map((f, i) => (
          <div class="act-field">
            <label>
              <span>{safe(f.name)}</span>
              {Array.isArray(f.spec.values) && f.spec.values.length <= 30 ? (
                <select
                  value={f.given ? f.text : ""}
                  onChange={(e) => set(i, {text: e.currentTarget.value, given: e.currentTarget.value !== ""})}
                >
                  <option value="">drawn at random</option>
                  {f.spec.values.map((v: unknown) => {
                    const text = typeof v === "string" ? v : JSON.stringify(v);
                    return <option value={text}>{safe(text)}</option>;
                  })}
                </select>
              ) : (
                <input
                  value={f.text}
                  placeholder="drawn at random"
                  aria-invalid={i === blamed}
                  onInput={(e) => set(i, {text: e.currentTarget.value, given: e.currentTarget.value !== ""})}
                />
              )}
            </label>
            <span class="muted">{safe(kindOf(f.spec))}</span>
            {i === blamed && (
              <span class="error" role="alert">
                {safe(wrong)}
              </span>
            )}
          </div>
        ))}
      </div>
      {wrong && blamed < 0 && (
        <p class="error" role="alert">
          {safe(wrong)}
        </p>
      )}
      <div class="facts">
        <button class="primary" disabled={!!wrong}>
          Enqueue …
        </button>
        <button type="button" onClick={() => (form.value = null)}>
          Close
        </button>
      </div>
    </form>
  );
}
