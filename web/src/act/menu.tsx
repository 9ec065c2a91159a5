// SPDX-License-Identifier: GPL-3.0-or-later
// A button with a list of actions. What cannot be done is there, with the reason.
import {useEffect, useId, useRef, useState} from "preact/hooks";
import {isForPage} from "../base/keys";
import {Action, barred, propose} from "./act";

export interface Item {
  text: string;
  why?: string; // it cannot be done
  action?: Action;
  run?: () => void; // in place of an action
  title?: string;
}

// free: no right is needed.
export function Button({item, free, pressed}: {item: Item; free?: boolean; pressed?: boolean}) {
  const why = (!free && barred.value) || item.why,
    id = useId();
  return (
    <>
      <button
        aria-disabled={!!why}
        aria-describedby={why ? id : undefined}
        aria-pressed={pressed}
        title={why || item.title}
        onClick={() => {
          if (!why) item.run ? item.run() : propose(item.action!);
        }}
      >
        {item.text}
      </button>
      {why && (
        <span id={id} class="unseen">
          {why}
        </span>
      )}
    </>
  );
}

export function Menu({label, items}: {label: string; items: Item[]}) {
  const [open, setOpen] = useState(false),
    box = useRef<HTMLSpanElement>(null),
    list = useRef<HTMLDivElement>(null);
  const buttons = () => [...(list.current?.querySelectorAll("button") ?? [])] as HTMLButtonElement[];
  const leave = (focus: boolean) => {
    setOpen(false);
    if (focus) box.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open) return;
    buttons()[0]?.focus();
    const away = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  return (
    <span
      ref={box}
      class="act-menu"
      onKeyDown={(e) => {
        if (!open) return;
        const all = buttons(),
          at = all.indexOf(document.activeElement as HTMLButtonElement);
        const to =
          e.key === "ArrowDown"
            ? (at + 1) % all.length
            : e.key === "ArrowUp"
              ? (at + all.length - 1) % all.length
              : e.key === "Home"
                ? 0
                : e.key === "End"
                  ? all.length - 1
                  : -1;
        if (e.key === "Escape") leave(true);
        else if (e.key === "Tab") setOpen(false);
        else if (to >= 0) all[to].focus();
        if (e.key === "Escape" || to >= 0) {
          e.preventDefault();
          e.stopPropagation();
        }
      }}
    >
      <button
        data-actions
        aria-haspopup="menu"
        aria-expanded={open}
        aria-keyshortcuts="."
        onClick={() => setOpen(!open)}
      >
        {label} ▾
      </button>
      {open && (
        <div ref={list} role="menu" aria-label={label}>
          {barred.value && <p class="muted">{barred.value}</p>}
          {items.map((item) => {
            const why = barred.value || item.why;
            return (
              <button
                role="menuitem"
                class="plain"
                aria-disabled={!!why}
                onClick={() => {
                  if (why) return;
                  leave(true);
                  item.run ? item.run() : propose(item.action!);
                }}
              >
                {item.text}
                {!barred.value && item.why && <span class="muted">{item.why}</span>}
              </button>
            );
          })}
        </div>
      )}
    </span>
  );
}

// `.` opens the first menu of actions.
addEventListener("keydown", (event) => {
  if (event.key !== "." || !isForPage(event)) return;
  const button = document.querySelector("[data-actions]") as HTMLButtonElement | null;
  if (!button) return;
  event.preventDefault();
  button.focus();
  if (button.getAttribute("aria-expanded") !== "true") button.click();
});
