// SPDX-License-Identifier: GPL-3.0-or-later
// The action that is being asked for: its effect, the confirmation, and what came of it. It covers no chart.
import {useEffect, useRef, useState} from "preact/hooks";
import {safe} from "../base/text";
import {clock} from "../base/time";
import {Acting, acting, close, confirm, propose, recount, TYPED_ABOVE} from "./act";
import {EditForm} from "./edit";
import {EnqueueForm} from "./enqueue";
import {form} from "./form";
import {TagForm} from "./tag";
import "./act.css";

function Changes({changes}: {changes: any[]}) {
  const text = (v: unknown) => (v === null ? "–" : JSON.stringify(v));
  return (
    <div class="scroll">
      <table class="values act-changes">
        <thead>
          <tr>
            <th>key</th>
            <th>now</th>
            <th>then</th>
            <th>what happens to existing trials</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((c) => (
            <tr>
              <td>{safe(c.key)}</td>
              <td>
                <del>{safe(text(c.old))}</del>
              </td>
              <td>
                <ins>{safe(text(c.new))}</ins>
              </td>
              <td>
                {c.kind === "refused"
                  ? "✗ refused: later trials could not be compared with earlier ones"
                  : c.kind === "grown"
                    ? "they stay valid: something was added"
                    : "they stay: no proposal depends on it"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Outcome({now}: {now: Acting}) {
  const trials = now.effects.flatMap((e) => e.effect.trials ?? []),
    ends = now.action.ends && now.effects.some((e) => e.effect.running > 0);
  return (
    <p role="status">
      {now.asked && `asked ${clock(now.asked / 1000)}`}
      {now.confirmed &&
        ` … the controller confirmed ${clock(now.confirmed / 1000)}: ${safe((now.said ?? []).join("; "))}`}
      {now.confirmed && ends && now.action.sweep && (
        <>
          <br />
          {now.ended ?? 0} of {trials.length} trials have ended
          {now.endedAt ? ` … agents confirmed ${clock(now.endedAt / 1000)}` : "; the agents are ending them"}
        </>
      )}
    </p>
  );
}

export function Ask() {
  const now = acting.value,
    box = useRef<HTMLElement>(null),
    [typed, setTyped] = useState("");
  useEffect(() => setTyped(""), [now?.action]);
  // Focus goes to what is to be done next, or to the question while nothing can be done, and stays where it is while that
  // does not change.
  useEffect(() => {
    const next = box.current?.querySelector("input:enabled, button:enabled") ?? box.current;
    (next as HTMLElement | null)?.focus();
  }, [now?.action, now?.step]);
  if (!now) return null;
  const {action, step} = now,
    possible = now.effects.some((e) => e.possible),
    running = now.effects.reduce((n, e) => n + (e.effect.running ?? 0), 0),
    name = action.ends && running > TYPED_ABOVE ? action.typed : undefined,
    left: number = (action.less && now.effects[0]?.effect.left) ?? 0,
    nothing = possible && now.effects.every((e) => !Object.keys(e.effect).length);
  const several = now.effects.length > 1;
  return (
    <section
      ref={box}
      class="act-panel"
      role="dialog"
      tabIndex={-1}
      aria-label={`${action.verb}: ${action.about}`}
      onKeyDown={(e) => {
        if (e.key !== "Escape") return;
        e.stopPropagation();
        if (step !== "sending") close();
      }}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (!name || typed === name) void confirm();
        }}
      >
        <h2>
          {action.verb}: {safe(action.about)}
        </h2>
        {step === "counting" && <p class="muted">The controller counts what this would do …</p>}
        {now.wrong && (
          <p class="error" role="alert">
            {safe(now.wrong)}
            {step === "asking" ? ". Counted anew:" : ""}
            {now.unsure ? ". It may have been done or not; asked again, it is done once." : ""}
          </p>
        )}
        {step !== "counting" &&
          (several ? (
            <ul>
              {now.effects.map((e, i) => (
                <li class={e.possible ? "" : "muted"}>
                  {safe(action.requests[i].path.split("/")[1])} {e.possible ? "" : "not: "}
                  {safe(e.message)}
                </li>
              ))}
            </ul>
          ) : (
            now.effects.map((e) => (
              <p class={e.possible ? "effect" : "error"} role={e.possible ? undefined : "alert"}>
                {e.possible ? `It ${safe(e.message)}.` : safe(e.message)}
              </p>
            ))
          ))}
        {now.effects[0]?.effect.changes?.length > 0 && <Changes changes={now.effects[0].effect.changes} />}
        {step === "asking" && name && (
          <label>
            More than {TYPED_ABOVE} trials would end. Type <b>{safe(name)}</b>
            <input value={typed} onInput={(e) => setTyped(e.currentTarget.value)} autocomplete="off" />
          </label>
        )}
        {(step === "sending" || step === "done" || now.asked) && <Outcome now={now} />}
        <div class="facts">
          {(step === "asking" || step === "sending") && possible && !nothing && (
            <button class="primary" disabled={step === "sending" || (!!name && typed !== name)}>
              {step === "sending" ? "Asked …" : `Yes, ${action.verb.toLowerCase()}`}
            </button>
          )}
          {left > 0 && (
            <button type="button" class="primary" onClick={() => propose(action.less!(left))}>
              {action.less!(left).verb}
            </button>
          )}
          {step === "failed" && (
            <button type="button" onClick={() => (now.unsure ? void confirm() : recount())}>
              {now.unsure ? "Ask again" : "Try again"}
            </button>
          )}
          <button type="button" disabled={step === "sending"} onClick={close}>
            {step === "done" || nothing || !possible ? "Close" : "No"}
          </button>
        </div>
      </form>
    </section>
  );
}

// A form that needs more than a yes. While a question is open it is hidden, and is there again if that is not confirmed.
export function FormBox() {
  const of = form.value;
  useEffect(() => {
    if (of && acting.value && acting.value.step !== "sending") close();
  }, [of]);
  if (!of) return null;
  return (
    <section
      class="act-panel act-form"
      hidden={!!acting.value}
      role="dialog"
      aria-label={{edit: "edit the spec", enqueue: "enqueue a configuration", tag: "tags"}[of.kind]}
      onKeyDown={(e) => {
        if (e.key !== "Escape") return;
        e.stopPropagation();
        form.value = null;
      }}
    >
      {of.kind === "edit" ? (
        <EditForm of={of} />
      ) : of.kind === "tag" ? (
        <TagForm key={of} of={of} />
      ) : (
        <EnqueueForm of={of} />
      )}
    </section>
  );
}
