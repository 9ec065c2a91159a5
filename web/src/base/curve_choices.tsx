// SPDX-License-Identifier: GPL-3.0-or-later
// How curves are drawn, as the address has it: over what (`cx`), how smooth (`cs`), and which part (`cz`).
import {rangeOf, titleOf} from "./curves";
import {Choice} from "./parts";
import {safe} from "./text";
import {show, where} from "./where";

export const CURVE_XS = ["step", "time", "wall", "gpuh"]; // or a metric

export const curveX = (): string => where.value.query.cx ?? CURVE_XS[0];
export const curveSmooth = (): number => Math.max(0, Math.min(0.999, Number(where.value.query.cs) || 0));
export const curveRange = (): [number, number] => rangeOf(where.value.query.cz);

// metrics: those that curves can be drawn over.
export const CurveChoices = ({metrics}: {metrics: string[]}) => (
  <>
    <Choice
      name="over"
      value={curveX()}
      of={[...CURVE_XS, ...metrics]}
      text={(n) => safe(titleOf(n))}
      usual={CURVE_XS[0]}
      change={(value) => show({cx: value, cz: ""})}
    />
    <Choice
      name="smooth"
      value={where.value.query.cs ?? "0"}
      of={["0", "0.5", "0.8", "0.9", "0.95", "0.99"]}
      usual="0"
      change={(value) => show({cs: value})}
    />
  </>
);

export const ResetZoom = () =>
  where.value.query.cz ? (
    <button class="plain" onClick={() => show({cz: ""})}>
      reset zoom
    </button>
  ) : null;
