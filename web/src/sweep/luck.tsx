// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the best trial is luck: its noise by the controller's model of the results, and a way to find out.
import {useEffect, useState} from "preact/hooks";
import {Button} from "../act/menu";
import {get} from "../base/api";
import {short} from "../base/text";
import {sweep} from "./model";

interface Chance {
  number: number;
  p_best: number;
}
interface Answer {
  noise: number | null;
  why: string | null;
  best: Chance | null;
  recommended: Chance[] | null;
}

const percent = (p: number): string => Math.round(100 * p) + " %";

const chanceOf = (t: Chance): string => `trial ${t.number}: ${percent(t.p_best)}`;

function said({noise, why, best}: Answer, number: number): string {
  if (why) return "noise not known: " + why;
  return [
    noise !== null ? "± " + short(noise) : "",
    best?.number === number ? "P(best) " + percent(best.p_best) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

export function Luck({number}: {number: number}) {
  const {id, counts} = sweep.value,
    [luck, setLuck] = useState<Answer | null>(null),
    [times, setTimes] = useState(3),
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
      {luck && (
        <span
          class="muted"
          title={
            "from a model of all results: the noise of one result (±), and how likely each trial is to be the best; " +
            (luck.recommended ?? []).map(chanceOf).join(", ")
          }
        >
          {said(luck, number)}
        </span>
      )}{" "}
      <Button
        item={{
          text: "Repeat it",
          title: "run its parameters again, with other seeds if it has one",
          action: {
            verb: "Repeat",
            about: `trial ${id}-${number}`,
            requests: [{path: `sweeps/${id}/enqueue`, body: {repeats: number, times}}],
          },
        }}
      />{" "}
      <label>
        <input
          type="number"
          min={1}
          max={20}
          value={times}
          onInput={(e) => setTimes(Math.min(20, Math.max(1, Math.round(+e.currentTarget.value) || 1)))}
        />{" "}
        times
      </label>
    </span>
  );
}
