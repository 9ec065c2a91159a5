// SPDX-License-Identifier: GPL-3.0-or-later
// The spec of a sweep as text, to be changed: what lint says of it, and what would change.
import {Wrong} from "../base/parts";
import {useEffect, useRef, useState} from "preact/hooks";
import {get, post} from "../base/api";
import {safe} from "../base/text";
import {propose} from "./act";
import {Form, form} from "./form";

interface Finding {
  severity: string;
  line: number;
  column: number;
  path: string;
  message: string;
  fix: string | null;
}

// "2026-12-31T18:00+01:00"
function zoned(at: Date): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0"),
    east = -at.getTimezoneOffset();
  return (
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:00` +
    `${east < 0 ? "-" : "+"}${two(Math.abs(east) / 60)}:${two(Math.abs(east) % 60)}`
  );
}

export function EditForm({of}: {of: Form}) {
  const [text, setText] = useState<string | null>(null),
    [before, setBefore] = useState(""),
    [findings, setFindings] = useState<Finding[] | null>(null),
    [wrong, setWrong] = useState(""),
    area = useRef<HTMLTextAreaElement>(null),
    caret = useRef(-1); // where the cap begins, until it is selected
  useEffect(() => {
    get(`sweeps/${of.sweep.id}/yaml`).then(
      (a) => {
        const kept = /^run_cap:.*\n?/m.exec(a.yaml),
          line = `run_cap: ${of.cap}`,
          next = !of.cap
            ? a.yaml
            : kept
              ? a.yaml.replace(kept[0], line + "\n")
              : `${a.yaml.trimEnd()}\n${line}\n`;
        setText(next);
        setBefore(a.yaml);
        if (of.cap) caret.current = next.indexOf(line) + "run_cap: ".length;
        else area.current?.focus();
      },
      (error) => setWrong(error.message),
    );
  }, []);
  useEffect(() => {
    if (text === null) return;
    if (caret.current >= 0) {
      area.current?.focus();
      area.current?.setSelectionRange(caret.current, caret.current + String(of.cap).length);
      caret.current = -1;
    }
    let gone = false;
    const due = window.setTimeout(() => {
      post("lint", {yaml: text, sweep: of.sweep.id}).then(
        (a) => {
          if (gone) return;
          setFindings(a.findings);
          setWrong("");
        },
        (error) => {
          if (!gone) setWrong(error.message);
        },
      );
    }, 400);
    return () => {
      gone = true;
      window.clearTimeout(due);
    };
  }, [text]);
  const jump = (f: Finding) => {
    const lines = (text ?? "").split("\n"),
      from = lines.slice(0, f.line - 1).reduce((n, l) => n + l.length + 1, 0) + Math.max(0, f.column - 1);
    area.current?.focus();
    area.current?.setSelectionRange(
      from,
      from + Math.max(0, (lines[f.line - 1] ?? "").length - f.column + 1),
    );
  };
  const errors = (findings ?? []).filter((f) => f.severity === "error").length;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (text !== null && !errors)
          propose({
            verb: "Edit",
            about: "the spec of sweep " + (of.sweep.name || of.sweep.id),
            requests: [{path: `sweeps/${of.sweep.id}/edit`, body: {yaml: text}}],
            done: () => (form.value = null),
          });
      }}
    >
      <h2>Edit the spec</h2>
      <p class="muted">
        You may add values to a parameter, and change what no configuration depends on, such as limits.
        Nothing is changed until you confirm. Write budget.until with its time zone:{" "}
        {zoned(new Date(Date.now() + 864e5))}
      </p>
      <textarea
        ref={area}
        aria-label="the spec as YAML"
        rows={16}
        spellcheck={false}
        value={text ?? ""}
        disabled={text === null}
        onInput={(e) => {
          setFindings(null);
          setText(e.currentTarget.value);
        }}
      />
      <Wrong text={safe(wrong)} />
      {findings && findings.length > 0 && (
        <ul class="act-findings" aria-label="what lint says">
          {findings.map((f) => (
            <li class={f.severity === "error" ? "error" : ""}>
              <button type="button" class="plain" onClick={() => jump(f)}>
                line {f.line}
              </button>
              {f.severity}: {safe(f.message)}
              {f.fix && <code> {safe(f.fix)}</code>}
            </li>
          ))}
        </ul>
      )}
      <div class="facts">
        <button
          class="primary"
          disabled={text === null || findings === null || errors > 0 || text === before}
        >
          Show the changes …
        </button>
        <button type="button" onClick={() => (form.value = null)}>
          Close
        </button>
        <span class="muted" role="status">
          {text === before
            ? "unchanged"
            : findings === null
              ? "checking …"
              : errors
                ? `${errors} error${errors > 1 ? "s" : ""}`
                : "no error"}
        </span>
      </div>
    </form>
  );
}
