// SPDX-License-Identifier: GPL-3.0-or-later
// The scales of axes that somebody has chosen: of a column, in all views that have an axis of it.
import {computed} from "@preact/signals";
import {Choice} from "../base/parts";
import {Axis, Scale, SCALES} from "../base/scale";
import {inAddress, listed, show, where} from "../base/where";
import {scaleOf, title} from "./fields";

const asked = computed(() => where.value.query.scale),
  chosen = computed(() => {
    const parts = listed(asked.value).map((part) => {
      const at = part.lastIndexOf(":");
      return [part.slice(0, at), part.slice(at + 1) as Scale] as const;
    });
    return new Map(parts.filter(([, scale]) => SCALES.includes(scale)));
  });

export const scaleHere = (name: string): Scale => chosen.value.get(name) ?? scaleOf(name);

export function Rescale({axis, word}: {axis: Axis; word?: string}) {
  const {name} = axis.column;
  return axis.kind === "words" ? null : (
    <Choice
      name={word}
      aria-label={"scale of " + title(name)}
      value={axis.kind}
      of={SCALES}
      usual={scaleOf(name)}
      change={(to) => {
        const next = new Map(chosen.value);
        next.delete(name);
        if (to) next.set(name, to as Scale);
        show({scale: [...next].map(([n, k]) => `${inAddress(n)}:${k}`).join(",")});
      }}
    />
  );
}
