// SPDX-License-Identifier: GPL-3.0-or-later
// Media of a run, key by key, by the step at which they were logged.
import {type Signal, useSignal} from "@preact/signals";
import {Chart} from "../base/chart";
import {Missing} from "../base/parts";
import {count, fileOf, safe, size, word} from "../base/text";
import {show, where} from "../base/where";
import {Cloud, Points} from "./cloud";
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
import {Groups} from "./groups";
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

const FILES = 200, // of a list
  BINS = 1000; // of a histogram

// Of a histogram that is one.
function binsOf(value: any) {
  const [edges, values] = [value?.bins, value?.values].map((some) =>
    list(some).map((v): number => (typeof v === "number" ? v : NaN)),
  );
  return value?._type === "histogram" &&
    edges.length === values.length + 1 &&
    edges.length < BINS &&
    edges.every(isFinite)
    ? {edges, values}
    : null;
}

// points: of a cloud, for the table of the chart.
export function Item({
  run,
  value,
  name,
  classes,
  points,
}: {
  run: Owner;
  value: any;
  name: string;
  classes: Classes;
  points?: Signal<Points>;
}) {
  // A list has an object of each, or its name alone.
  const type = str(value?._type),
    many = value?.audio ?? value?.videos ?? value?.html ?? value?.objects ?? value?.filenames;
  if (typeof value === "string") return <pre>{safe(value)}</pre>;
  if (Array.isArray(many))
    return (
      <div class="pictures">
        {many.slice(0, FILES).map((one, i) => (
          <Item
            {...{run, name, classes, points}}
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
    bins = binsOf(value),
    caption = safe(str(value?.caption)),
    url = fileUrl(run, path),
    file = (
      <a href={url} download>
        {fileOf(path)}
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
      ) : bins ? (
        <Bars {...bins} xname={name} label={`histogram of ${safe(name)}: ${bins.values.length} bins`} />
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
          <Cloud key={path} run={run as RunName} {...{path, name, points}} />
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

interface Logged {
  step: number;
  value?: any;
  bytes?: number; // it is too large to be sent
}

// Which of these is shown: that of the step in the address, else the last one. And the slider that chooses.
function stepped(name: string, items: Logged[]) {
  const id = "md-" + name,
    chosen = where.value.query[id],
    found = chosen === undefined ? -1 : items.findIndex((i) => i.step >= Number(chosen)),
    at = found < 0 ? items.length - 1 : found,
    item: Logged | undefined = items[at],
    to = (at: number) => show({[id]: at === items.length - 1 ? "" : String(items[at].step)}, false);
  return {
    item,
    slider: items.length > 1 && (
      <>
        <input
          type="range"
          min="0"
          max={items.length - 1}
          value={at}
          aria-label={`step of ${safe(name)}`}
          aria-valuetext={"step " + item.step}
          onInput={(e) => to(Number(e.currentTarget.value))}
        />
        <span class="muted">step {word(item.step)}</span>
      </>
    ),
  };
}

const byStep = (run: RunName, names: string[]): string => part(run, "media", {cols: JSON.stringify(names)});

// The file of a key that has one at each step; `last`: the newest.
export function useStepped(run: RunName, k: Key | undefined, last: any, every: number) {
  const asked = useDocument(k && k.count > 1 ? byStep(run, [k.name]) : null, every),
    {item, slider} = stepped(k?.name ?? "", asked.value?.media[0].items ?? []);
  return {
    file: item?.value ?? last,
    slider: (
      <>
        {slider}
        <Missing of={asked} />
      </>
    ),
  };
}

function One({
  run,
  name,
  whose,
  labels,
  media: {of, items},
}: {
  run: RunName;
  name: string;
  whose?: string;
  labels: any;
  media: {of: number; items: Logged[]};
}) {
  const classes: Classes = {
      id: "mh-" + name,
      found: useSignal({}),
      names: (set) => maskNames(labels, name, set),
    },
    points = useSignal<Points>({}),
    {item, slider} = stepped(name, items),
    clouds = Object.values(points.value).flat(),
    bars = items.flatMap(({step, value}) => {
      const bins = binsOf(value);
      return bins ? [{step, ...bins}] : [];
    });
  return (
    <Chart
      name={safe(whose ? `${whose}: ${name}` : name)}
      id={["md", whose, name].filter(Boolean).join("-")}
      twin={() =>
        bars.length
          ? {
              columns: ["step", "from", "to", "values"],
              rows: bars.flatMap(({step, edges, values}) =>
                values.map((v, i) => [step, edges[i], edges[i + 1], v]),
              ),
            }
          : clouds.length
            ? {
                columns: ["file", "x", "y", "z", "colour"],
                rows: clouds,
              }
            : {
                columns: ["step", "type", "value"],
                rows: items.map((i) => [
                  i.step,
                  str(i.value?._type) || "text",
                  str(i.value?.path ?? i.value?.filenames ?? i.value),
                ]),
              }
      }
      notes={
        of > items.length && (
          <span class="muted">
            {count(items.length)} of {count(of)} steps
          </span>
        )
      }
      tools={slider}
    >
      {!item ? null : item.bytes ? (
        <p class="muted">{size(item.bytes)}: too large to be shown.</p>
      ) : (
        <>
          <Item {...{run, name, classes, points}} value={item.value} />
          <Legend {...classes} />
        </>
      )}
    </Chart>
  );
}

// whose: of which run they are, beside those of others.
export function Block({
  run,
  names,
  whose,
  labels,
  every,
}: {
  run: RunName;
  names: string[];
  whose?: string;
  labels?: any;
  every?: number;
}) {
  const asked = useDocument(byStep(run, names), every),
    {value} = asked;
  return (
    <>
      <Missing of={asked} what="the media" low />
      {value &&
        names.map((name, i) => <One key={name} {...{run, name, whose, labels}} media={value.media[i]} />)}
    </>
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
    <Groups
      names={keys.map((k) => k.name)}
      draw={(names) => <Block key={names[0]} {...{run, names, labels, every}} />}
    />
  );
}
