// SPDX-License-Identifier: GPL-3.0-or-later
// Media of a run, key by key, by the step at which they were logged.
import {useSignal} from "@preact/signals";
import {Chart} from "../base/chart";
import {Missing} from "../base/parts";
import {count, safe, short, word} from "../base/text";
import {show, where} from "../base/where";
import {Cloud} from "./cloud";
import {
  fileJson,
  fileUrl,
  isMedia,
  isTable,
  Key,
  list,
  Owner,
  part,
  RunName,
  str,
  useDocument,
  useRead,
} from "./data";
import {Bars, Lines, Series} from "./graph";
import {Classes, Legend, Picture} from "./picture";

function Plotly({run, path}: {run: Owner; path: string}) {
  const series = useRead(
    () =>
      fileJson(run, path).then((figure): Series[] =>
        list(figure?.data)
          .filter((t) => list(t?.x).length && list(t.y).length)
          .map((t, i) => ({name: str(t.name) || "trace " + i, x: t.x, y: t.y})),
      ),
    path,
  );
  return series?.length ? (
    <>
      <Lines series={series} xname="x" label={`plotly figure: ${series.length} traces`} />
      <p class="muted">Its traces with numbers, in besom's own chart.</p>
    </>
  ) : null;
}

const FILES = 200; // of a list

export function Item({run, value, name, classes}: {run: Owner; value: any; name: string; classes: Classes}) {
  // A list has an object of each, or its name alone.
  const type = str(value?._type),
    many = value?.audio ?? value?.videos ?? value?.html ?? value?.objects ?? value?.filenames;
  if (typeof value === "string") return <pre>{safe(value)}</pre>;
  if (Array.isArray(many))
    return (
      <div class="pictures">
        {many.slice(0, FILES).map((one, i) => (
          <Item
            {...{run, name, classes}}
            value={{
              _type: type.replace(/s?(\/.*)?$/, "-file"),
              caption: list(value.captions)[i],
              masks: list(value.all_masks)[i],
              boxes: list(value.all_boxes)[i],
              ...(typeof one === "string" ? {path: one} : one),
            }}
          />
        ))}
      </div>
    );
  const path = str(value?.path),
    caption = safe(str(value?.caption)),
    url = fileUrl(run, path),
    file = (
      <a href={url} download>
        {safe(path.split("/").pop()!)}
      </a>
    );
  return (
    <figure>
      {type === "image-file" || /\.gif$/i.test(path) ? (
        <Picture key={path} {...{of: run, value, classes}} />
      ) : type === "audio-file" ? (
        <audio controls preload="none" src={url} />
      ) : type === "video-file" ? (
        <video controls preload={typeof run === "number" ? "none" : "metadata"} src={url} />
      ) : type === "histogram" ? (
        <Bars
          edges={list(value.bins)}
          values={list(value.values)}
          xname={name}
          label={`histogram of ${safe(name)}: ${list(value.values).length} bins`}
        />
      ) : type === "html-file" ? (
        <>
          <iframe sandbox="" src={url} title={"page " + safe(name)} loading="lazy" />
          <p class="muted">Scripts in it do not run here. {file}</p>
        </>
      ) : type === "plotly-file" ? (
        <>
          <Plotly run={run} path={path} />
          {file}
        </>
      ) : /\.pts\.json$/.test(path) ? (
        <>
          <Cloud run={run as RunName} {...{path, name}} />
          {file}
        </>
      ) : (
        <p>
          {safe(type.replace("-file", "")) || word(value)} {path && <>is not drawn here: {file}</>}
        </p>
      )}
      {caption && <figcaption>{caption}</figcaption>}
    </figure>
  );
}

// Where wandb's client has the names of a mask's classes. It knows the last part of a nested key alone.
const maskNames = (labels: any, key: string, set: string): any =>
  [key, key.split(".").pop()].map((k) => labels?.[`${k}_wandb_delimeter_${set}`]?.value).find(Boolean);

function One({run, k, labels, every}: {run: RunName; k: Key; labels: any; every: number}) {
  const asked = useDocument(part(run, "media", {metric: k.name}), every),
    {value} = asked,
    id = "md-" + k.name,
    classes: Classes = {
      id: "mh-" + k.name,
      found: useSignal({}),
      names: (set) => maskNames(labels, k.name, set),
    },
    items: {step: number; value: any}[] = value?.items ?? [];
  const chosen = where.value.query[id],
    found = chosen === undefined ? items.length - 1 : items.findIndex((i) => i.step >= Number(chosen)),
    at = found < 0 ? items.length - 1 : found,
    item = items[at];
  return (
    <Chart
      name={safe(k.name)}
      id={id}
      twin={() => ({
        columns: ["step", "type", "value"],
        rows: items.map((i) => [
          i.step,
          str(i.value?._type) || "text",
          str(i.value?.path ?? i.value?.filenames ?? i.value?.values ?? i.value),
        ]),
      })}
      notes={
        item && (
          <span class="muted">
            step {short(item.step)}
            {value.of > items.length ? ` · ${count(items.length)} of ${count(value.of)} steps` : ""}
          </span>
        )
      }
      tools={
        items.length > 1 && (
          <input
            type="range"
            min="0"
            max={items.length - 1}
            value={at}
            aria-label={`step of ${safe(k.name)}`}
            aria-valuetext={"step " + item?.step}
            onInput={(e) => {
              const to = Number(e.currentTarget.value);
              show({[id]: to === items.length - 1 ? "" : String(items[to].step)}, false);
            }}
          />
        )
      }
    >
      <Missing of={asked} what="the media" low />
      {item && (
        <>
          <Item run={run} value={item.value} name={k.name} classes={classes} />
          <Legend {...classes} />
        </>
      )}
    </Chart>
  );
}

export const mediaOf = (keys: Key[]): Key[] =>
  keys.filter((k) => !isTable(k.type) && (isMedia(k.type) || k.type === "text") && !k.name.startsWith("_"));

export function Media({
  run,
  keys,
  labels,
  every = 0,
}: {
  run: RunName;
  keys: Key[];
  labels: any;
  every?: number;
}) {
  return (
    <div class="cards">
      {keys.map((k) => (
        <One key={k.name} {...{run, k, labels, every}} />
      ))}
    </div>
  );
}
