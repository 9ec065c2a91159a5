// SPDX-License-Identifier: GPL-3.0-or-later
// Tags of a sweep or of trials: which to add, and which of those there are to remove.
import {useEffect, useRef, useState} from "preact/hooks";
import {count, safe} from "../base/text";
import {propose} from "./act";
import {Form, form} from "./form";

export function TagForm({of}: {of: Form}) {
  const {sweep, trials} = of,
    [text, setText] = useState(""),
    [gone, setGone] = useState<string[]>([]),
    input = useRef<HTMLInputElement>(null);
  const there = [...new Set<string>((trials ?? [sweep]).flatMap((one) => one.tags ?? []))].sort(),
    add = [...new Set(text.split(",").map((tag) => tag.trim()))].filter((tag) => tag && !gone.includes(tag)),
    about = !trials
      ? "sweep " + (sweep.name || sweep.id)
      : trials.length === 1
        ? `trial ${sweep.id}-${trials[0].number}`
        : `${count(trials.length)} trials of ${sweep.name || sweep.id}`;
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (!add.length && !gone.length) return;
        propose({
          verb: "Tag",
          about,
          requests: [
            {path: `sweeps/${sweep.id}/tag`, body: {trials: trials?.map((t) => t.number), add, remove: gone}},
          ],
          done: () => (form.value = null),
        });
      }}
    >
      <h2>Tag {safe(about)}</h2>
      <label>
        add
        <input
          ref={input}
          value={text}
          placeholder="good, final"
          onInput={(e) => setText(e.currentTarget.value)}
        />
      </label>
      {there.length > 0 && (
        <fieldset>
          <legend>remove</legend>
          {there.map((tag) => (
            <label key={tag}>
              <input
                type="checkbox"
                checked={gone.includes(tag)}
                onChange={(e) =>
                  setGone(e.currentTarget.checked ? [...gone, tag] : gone.filter((one) => one !== tag))
                }
              />{" "}
              {safe(tag)}
            </label>
          ))}
        </fieldset>
      )}
      <div class="facts">
        <button class="primary" disabled={!add.length && !gone.length}>
          Show what it does …
        </button>
        <button type="button" onClick={() => (form.value = null)}>
          Close
        </button>
      </div>
    </form>
  );
}
