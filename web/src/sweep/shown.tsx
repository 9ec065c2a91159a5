// SPDX-License-Identifier: GPL-3.0-or-later
// What each view says of the trials that it draws, and of those that it does not; and what its colours mean.
import {isDark, look} from "../base/parts";
import {palette, shade, SHADES} from "../base/scale";
import {count, toneOf} from "../base/text";
import {show, where} from "../base/where";
import {Colouring} from "./colours";
import {title} from "./fields";
import {sheet, sweep} from "./model";
import {filterText, shown, shownCount} from "./subset";
import {quoted} from "./filter";
import {Column, MISSING, stateOf} from "./sheet";

export function narrow(term: string): void {
  const had = filterText.value.trim();
  show({f: (/ OR /.test(had) ? `(${had}) ` : had ? had + " " : "") + term});
}

// needs: a trial without a value of it is not drawn. failed: how the view names them where it leaves them out.
export function Shown({needs, failed}: {needs?: Column; failed?: string}) {
  const s = sheet.value!,
    mask = shown.value;
  let without = 0,
    failures = 0;
  for (let row = 0; row < s.n && (needs || failed); row++)
    if (mask[row] && failed && stateOf(s, row) === "failed") failures++;
    else if (mask[row] && needs?.kinds[row] === MISSING) without++;
  return (
    <span class="shown muted">
      <button
        class="plain"
        title="show all trials"
        disabled={shownCount.value === s.n}
        onClick={() => show({f: "", b: ""})}
      >
        {count(shownCount.value)} of {count(s.n)} shown
      </button>
      {s.n < s.of && <b>the newest and the best of {count(s.of)} trials</b>}
      {without > 0 && (
        <button
          class="plain"
          title="only those without value"
          onClick={() => narrow("-has:" + quoted(needs!.name))}
        >
          {count(without)} without {title(needs!.name).replace(/ [↑↓]/, "")}
        </button>
      )}
      {failures > 0 && (
        <button class="plain" title="only the failed" onClick={() => narrow("state:failed")}>
          {count(failures)} {failed}
        </button>
      )}
    </span>
  );
}

// The colours of a scale, over the values at its ends and in its middle.
function Ramp({legend}: {legend: Colouring["legend"]}) {
  void look.value;
  if (!legend.length) return null;
  const [low, middle, high] = legend;
  return (
    <span>
      {low.text}{" "}
      <svg width={SHADES * 18} height="10" role="img" aria-label={`in the middle ${middle.text}`}>
        {Array.from({length: SHADES}, (_, i) => (
          <rect x={i * 18} width="18" height="10" fill={shade(i / (SHADES - 1), 0, isDark())} />
        ))}
        <title>in the middle: {middle.text}</title>
      </svg>{" "}
      {high.text}
    </span>
  );
}

// of: the measure whose values are points; marks: by state, the shape of its points where that is no disc.
export function Legend({
  colouring,
  of,
  marks = {},
}: {
  colouring: Colouring;
  of?: Column;
  marks?: Record<string, string>;
}) {
  const byState = colouring.name === "state",
    mark = (state: string, tone = "") => (
      <span key={state}>
        <span class={tone}>{marks[state]}</span>{" "}
        {state !== "stopped"
          ? state
          : `stopped early${of?.name.startsWith("rung.") ? "" : ": its value until then"}`}
      </span>
    );
  return (
    <p class="legend muted">
      colour: {byState ? "state" : title(colouring.name)}
      {colouring.scale ? (
        <Ramp legend={colouring.legend} />
      ) : (
        colouring.legend.map(({colour, text}) =>
          byState && marks[text] ? (
            mark(text, "s-" + toneOf(text))
          ) : (
            <span key={text}>
              <svg width="10" height="10" aria-hidden="true">
                <rect width="10" height="10" class={colour ? "" : "none"} fill={colour || undefined} />
              </svg>{" "}
              {text}
            </span>
          ),
        )
      )}
      {!byState &&
        Object.keys(marks)
          .filter((state) => sweep.value.counts?.[state] > 0)
          .map((state) => mark(state))}
      {colouring.scale && (
        <button class="plain" onClick={() => show({pal: palette.value === "viridis" ? "" : "viridis"})}>
          {palette.value === "viridis" ? "cividis" : "viridis"}
        </button>
      )}
      {where.value.query.c && (
        <button class="plain" onClick={() => show({c: ""})}>
          usual colours
        </button>
      )}
    </p>
  );
}
