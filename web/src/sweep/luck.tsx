// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the best trial is luck: its noise by the controller's model of the results, and a way to find out.
import {useEffect, useState} from "preact/hooks";
import {Action} from "../act/act";
import {Button} from "../act/menu";
import {get} from "../base/api";
import {Link} from "../base/parts";
import {short} from "../base/text";
import {sweep} from "./model";

interface Chance {
  number: number;
  expected: number;
  p_best: number;
}
interface Answer {
  noise: number | null;
  why: string | null;
  best: Chance | null;
  recommended: Chance[] | null;
}

const MOST = 20; // repeats that are asked for at once

const percent = (p: number): string => (p < 0.01 ? "under 1" : Math.round(100 * p)) + " %";

const chanceOf = (t: Chance): string =>
  `trial ${t.number}: ${short(t.expected)} expected, P(best) ${percent(t.p_best)}`;

// Whether the model prefers another trial than the best.
function Verdict({answer, number}: {answer: Answer; number: number}) {
  const {noise, why, best, recommended} = answer,
    first = recommended?.[0];
  if (why || !first) return <span class="muted">{why}</span>;
  const all = recommended!.some((t) => t.number === best!.number) ? recommended! : [...recommended!, best!],
    own = all.find((t) => t.number === number),
    noisy = noise === null ? "" : `noise ± ${short(+noise.toPrecision(2))}`;
  return (
    <span
      class="muted"
      title={["by a model of all results", noisy, ...all.map(chanceOf)].filter(Boolean).join("; ")}
    >
      {first.number !== number ? (
        <>
          may be luck: a model prefers{" "}
          <Link to={`/t/${sweep.value.id}-${first.number}`}>trial {first.number}</Link>,{" "}
          {short(first.expected)} expected
        </>
      ) : (
        [noisy, own && "P(best) " + percent(own.p_best)].filter(Boolean).join(" · ")
      )}
    </span>
  );
}

export function Luck({number}: {number: number}) {
  const {id, counts} = sweep.value,
    [luck, setLuck] = useState<Answer | null>(null),
    [times, setTimes] = useState("3"),
    asked = (times: number): Action => ({
      verb: times === 1 ? "Repeat once" : `Repeat ${times} times`,
      about: `trial ${id}-${number}`,
      requests: [{path: `sweeps/${id}/enqueue`, body: {repeats: number, times}}],
      less: asked,
    }),
    why = +times >= 1 && +times <= MOST && Number.isInteger(+times) ? undefined : `times: 1 to ${MOST}`,
    grown = Math.floor(10 * Math.log(1 + (counts?.finished ?? 0))); // asked again when a tenth more have finished
  useEffect(() => {
    let gone = false;
    get(`sweeps/${id}/luck`).then(
      (answer) => gone || setLuck(answer),
      () => {}, // the best is known without
    );
    return () => {
      gone = true;
    };
  }, [id, number, grown]);
  return (
    <span class="luck">
      {luck && <Verdict answer={luck} number={number} />}{" "}
      <Button
        item={{
          text: "Repeat it",
          title: "run its parameters again, with other seeds if it has one",
          why,
          action: asked(+times),
        }}
      />{" "}
      <label>
        <input
          type="number"
          min={1}
          max={MOST}
          value={times}
          aria-label="times"
          onInput={(e) => setTimes(e.currentTarget.value)}
        />{" "}
        {why ? <span class="error">{why}</span> : "×"}
      </label>
    </span>
  );
}
