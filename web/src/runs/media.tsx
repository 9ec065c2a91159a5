// SPDX-License-Identifier: GPL-3.0-or-later
// Media of a run, key by key, by the step at which they were logged.
import {useEffect, useState} from "preact/hooks";
import {Chart} from "../base/chart";
import {count, safe, short, word} from "../base/text";
import {show, where} from "../base/where";
import {fileUrl, isMedia, isTable, Key, part, RunName, useDocument} from "./data";
import {Bars, Lines, Series} from "./graph";

const list = (value: any): any[] => (Array.isArray(value) ? value : []);

// Boxes that a script has drawn on its picture.
function Boxes({run, boxes, width, height}: {run: RunName; boxes: any; width: number; height: number}) {
  const [found, setFound] = useState<any[]>([]),
    paths = Object.values<any>(boxes ?? {})
      .map((b) => b?.path)
      .filter(Boolean)
      .join("\n");
  useEffect(() => {
    let gone = false;
    void Promise.all(
      paths
        .split("\n")
        .filter(Boolean)
        .map((path) => fetch(fileUrl(run, path)).then((a): any => (a.ok ? a.json() : {}))),
    )
      .then((all) => {
        if (!gone)
          setFound(
            all.flatMap((one) => list(one.box_data).map((b: any) => ({...b, labels: one.class_labels}))),
          );
      })
      .catch(() => {});
    return () => {
      gone = true;
    };
  }, [paths]);
  return (
    <svg class="boxes" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none">
      {found.map((b) => {
        const p = b.position ?? {},
          pixels = b.domain === "pixel",
          fx = pixels ? 1 : width,
          fy = pixels ? 1 : height;
        const left = (p.minX ?? (p.middle?.[0] ?? 0) - (p.width ?? 0) / 2) * fx,
          top = (p.minY ?? (p.middle?.[1] ?? 0) - (p.height ?? 0) / 2) * fy;
        return (
          <rect
            x={left}
            y={top}
            width={Math.max(0, p.maxX !== undefined ? p.maxX * fx - left : (p.width ?? 0) * fx)}
            height={Math.max(0, p.maxY !== undefined ? p.maxY * fy - top : (p.height ?? 0) * fy)}
          >
            <title>{safe(String(b.box_caption ?? b.labels?.[b.class_id] ?? b.class_id ?? ""))}</title>
          </rect>
        );
      })}
    </svg>
  );
}

function Picture({run, path, caption, value}: {run: RunName; path: string; caption: string; value?: any}) {
  const url = fileUrl(run, path);
  return (
    <figure>
      <a href={url} target="_blank" class="picture">
        <img src={url} alt={safe(caption || path.split("/").pop() || "")} loading="lazy" />
        {value?.boxes && value.width > 0 && (
          <Boxes run={run} boxes={value.boxes} width={value.width} height={value.height} />
        )}
      </a>
      {Object.entries<any>(value?.masks ?? {}).map(([name, mask]) => (
        <a href={fileUrl(run, String(mask?.path ?? ""))} target="_blank" class="picture">
          <img src={fileUrl(run, String(mask?.path ?? ""))} alt={"mask " + safe(name)} loading="lazy" />
        </a>
      ))}
      {caption && <figcaption>{safe(caption)}</figcaption>}
    </figure>
  );
}

function Plotly({run, path}: {run: RunName; path: string}) {
  const [series, setSeries] = useState<Series[] | null>(null);
  useEffect(() => {
    let gone = false;
    fetch(fileUrl(run, path))
      .then((answer) => answer.json())
      .then((figure) => {
        const found = list(figure.data)
          .filter((t: any) => list(t.x).length && list(t.y).length)
          .map((t: any, i: number) => ({name: String(t.name ?? "trace " + i), x: t.x, y: t.y}));
        if (!gone) setSeries(found);
      })
      .catch(() => {
        if (!gone) setSeries([]);
      });
    return () => {
      gone = true;
    };
  }, [path]);
  return (
    <>
      {series?.length ? (
        <Lines series={series} xname="x" label={`plotly figure: ${series.length} traces`} />
      ) : null}
      <p class="muted">
        {series?.length ? "Its traces with numbers, in besom's own chart. " : ""}
        <a href={fileUrl(run, path)} download>
          the figure as JSON
        </a>
      </p>
    </>
  );
}

function Item({run, value, name}: {run: RunName; value: any; name: string}) {
  const type = String(value?._type ?? ""),
    path = String(value?.path ?? "");
  if (typeof value === "string") return <pre>{safe(value)}</pre>;
  if (type === "images/separated" || type === "images")
    return (
      <div class="pictures">
        {list(value.filenames).map((file: string, i: number) => (
          <Picture run={run} path={String(file)} caption={String(list(value.captions)[i] ?? "")} />
        ))}
      </div>
    );
  if (type === "image-file")
    return <Picture run={run} path={path} caption={String(value.caption ?? "")} value={value} />;
  const sounds = type === "audio" ? list(value.audio) : type === "audio-file" ? [value] : [];
  if (sounds.length || type === "videos" || type === "video-file" || type === "video") {
    const films =
      type === "videos" || type === "video" ? list(value.videos) : type === "video-file" ? [value] : [];
    return (
      <div class="pictures">
        {sounds.map((s: any) => (
          <figure>
            <audio controls preload="none" src={fileUrl(run, String(s.path ?? ""))} />
            {s.caption && <figcaption>{safe(String(s.caption))}</figcaption>}
          </figure>
        ))}
        {films.map((v: any) =>
          /\.gif$/i.test(v.path) ? (
            <Picture run={run} path={String(v.path)} caption={String(v.caption ?? "")} />
          ) : (
            <figure>
              <video controls preload="metadata" src={fileUrl(run, String(v.path ?? ""))} />
              {v.caption && <figcaption>{safe(String(v.caption))}</figcaption>}
            </figure>
          ),
        )}
      </div>
    );
  }
  if (type === "histogram")
    return (
      <Bars
        edges={list(value.bins)}
        values={list(value.values)}
        xname={name}
        label={`histogram of ${safe(name)}: ${list(value.values).length} bins`}
      />
    );
  if (type === "html-file" || type === "html")
    return (
      <>
        <iframe sandbox="" src={fileUrl(run, path)} title={"page " + safe(name)} loading="lazy" />
        <p class="muted">
          Scripts in it do not run here.{" "}
          <a href={fileUrl(run, path)} download>
            download
          </a>
        </p>
      </>
    );
  if (type === "plotly-file") return <Plotly run={run} path={path} />;
  return (
    <p>
      {safe(type.replace("-file", "")) || word(value)}{" "}
      {path && (
        <a href={fileUrl(run, path)} download>
          {safe(path.split("/").pop() ?? "")}
        </a>
      )}
    </p>
  );
}

function One({run, k, every}: {run: RunName; k: Key; every: number}) {
  const {value, wrong} = useDocument(part(run, "media", {metric: k.name}), every),
    id = "md-" + k.name,
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
          String(i.value?._type ?? "text"),
          typeof i.value === "string"
            ? i.value
            : String(i.value?.path ?? JSON.stringify(i.value?.filenames ?? i.value?.values ?? "")),
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
      {wrong ? (
        <p class="error">{wrong}</p>
      ) : item ? (
        <Item run={run} value={item.value} name={k.name} />
      ) : (
        <p class="muted">…</p>
      )}
    </Chart>
  );
}

export const mediaOf = (keys: Key[]): Key[] =>
  keys.filter((k) => !isTable(k.type) && (isMedia(k.type) || k.type === "text") && !k.name.startsWith("_"));

export function Media({run, keys, every = 0}: {run: RunName; keys: Key[]; every?: number}) {
  return (
    <div class="cards">
      {keys.map((k) => (
        <One key={k.name} run={run} k={k} every={every} />
      ))}
    </div>
  );
}
