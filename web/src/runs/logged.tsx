// SPDX-License-Identifier: GPL-3.0-or-later
// What a run has logged, beside its curves: charts, tables, media. The page of a run and that of a trial show it.
import {Link} from "../base/parts";
import {Card} from "../base/card";
import {isTable, Key, part, RunName, runPath, useDocument} from "./data";
import {Media, mediaOf} from "./media";
import {Plots, plotsOf} from "./plots";
import {Tables} from "./tables";
import "./runs.css";

export function Everything({run, page, keys, every}: {run: RunName; page: any; keys: Key[]; every: number}) {
  const drawn = new Set(plotsOf(page).map((p) => p.table));
  return (
    <>
      <Plots {...{run, page, keys, every}} />
      <Tables {...{run, keys, every}} summary={page.summary} hidden={drawn} />
      <Media run={run} keys={mediaOf(keys)} labels={page.labels} every={every} />
    </>
  );
}

// Of a trial: nothing where its script uses no wandb, or logs only numbers.
export function Logged({run, running}: {run: {name: string}; running: boolean}) {
  const of = {entity: "", project: "", name: run.name},
    every = running ? 5 : 0;
  const page = useDocument(part(of, "page", {as: "maybe"}), every),
    keys = useDocument(page.value ? part(of, "keys") : null, every);
  if (!page.value || !keys.value) return null;
  const found: RunName = page.value,
    list: Key[] = keys.value.keys,
    some = mediaOf(list).length || list.some((k) => isTable(k.type)) || plotsOf(page.value).length;
  return (
    <>
      <Card
        name="Logged with wandb"
        notes={!some && "numbers alone: they are the curves"}
        tools={<Link to={runPath(found)}>its run: notes, files, artifacts</Link>}
      />
      <Everything run={found} page={page.value} keys={list} every={every} />
    </>
  );
}
