// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the best trial is luck: its noise by the controller's model of the results, and a way to find out.
import {useState} from "preact/hooks";
import {Action} from "../act/act";
import {Button} from "../act/menu";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Link, Missing} from "../base/parts";
import {short} from "../base/text";
import {chanceText} from "./chances";
import {sweep} from "./model";

interface Chance {
  number: number;
  expected: number;
  p_best: number;
}
interface Answer {
  noise: number | null;
  measured: number; // repeats that say it
  why: string | null;
  verdict?: "best" | "luck" | "tie" | "open";
  best?: Chance;
  recommended?: Chance[];
}

const MOST = 20; // repeats that are asked for at once

const chanceOf = (t: Chance): string =>
  `trial ${t.number}: ${short(t.expected)} expected, P(best) ${chanceText(t.p_best)}`;

// Whether another trial than the best is preferred by the model, or as good.
function Verdict({answer, number}: {answer: Answer; number: number}) {
  const {noise, measured, why, verdict, best, recommended = []} = answer,
    [first] = recommended,
    all = !best || recommended.some((t) => t.number === best.number) ? recommended : [...recommended, best],
    own = all.find((t) => t.number === number),
    noisy =
      noise !== null && `noise ± ${short(+noise.toPrecision(2))}${measured ? ` in ${measured} repeats` : ""}`;
  return (
    <span
      class="muted"
      title={[first && "by a model of all results", noisy, ...all.map(chanceOf)].filter(Boolean).join("; ")}
    >
      {first?.number !== number && /luck|tie/.test(verdict!) ? (
        <>
          {verdict === "tie" ? "about as good:" : "may be luck: a model prefers"}{" "}
          <Link to={`/t/${sweep.value.id}-${first.number}`}>trial {first.number}</Link>,{" "}
          {short(first.expected)} expected
        </>
      ) : (
        why || [noisy, own && "P(best) " + chanceText(own.p_best)].filter(Boolean).join(" · ")
      )}
    </span>
  );
}

export function Luck({number}: {number: number}) {
  const {id, counts} = sweep.value,
    grown = Math.floor(10 * Math.log(1 + (counts?.finished ?? 0))), // asked again when a tenth more have finished
    asks = useAnswer<Answer>(id, `${number} ${grown}`, () => get(`sweeps/${id}/luck`));
  return (
    <span class="luck">
      {asks.own && <Verdict answer={asks.own} number={number} />}
      <Missing of={asks} />
    </span>
  );
}

export function Repeat({number}: {number: number}) {
  const {id} = sweep.value,
    [times, setTimes] = useState("3"),
    asked = (times: number): Action => ({
      verb: times === 1 ? "Repeat once" : `Repeat ${times} times`,
      about: `trial ${id}-${number}`,
      requests: [{path: `sweeps/${id}/enqueue`, body: {repeats: number, times}}],
      less: asked,
    }),
    why = +times >= 1 && +times <= MOST && Number.isInteger(+times) ? undefined : `times: 1 to ${MOST}`;
  return (
    <span class="again">
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
