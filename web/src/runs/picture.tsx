// SPDX-License-Identifier: GPL-3.0-or-later
// A picture, with its masks and boxes on a canvas over it; and the legend of their classes, whose entries hide and show
// them.
import type {Signal} from "@preact/signals";
import {useEffect, useRef, useState} from "preact/hooks";
import {canvasBegin, useWidth} from "../base/parts";
import {count, fileOf, safe} from "../base/text";
import {listed, show, turned, where} from "../base/where";
import {fileJson, fileUrl, list, Owner, str, useRead} from "./data";

const SIDE = 2048, // of a mask: a larger one is reduced
  SETS = 20,
  BOXES = 1000, // of a set
  ENTRIES = 200; // of a legend

interface Entry {
  key: string; // "SET/ID"
  name: string;
  id?: number; // of the class; none: it is a remark
}
// Of pictures that share a legend.
export interface Classes {
  id: string; // of those that are hidden, in the address
  found: Signal<Record<string, Entry>>;
  names?: (set: string) => any; // of the classes of a mask
}
interface Layer {
  entries: Entry[];
  boxes: {box: any; key: string; id: number; text: string}[];
  mask?: {canvas: HTMLCanvasElement; pixels: ImageData; ids: Uint32Array; keys: string[]};
}

const colour = (id: number): number[] => [0, 2, 4].map((k) => Math.round(150 + 100 * Math.cos(2.4 * id + k)));
async function maskRead(url: string) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const {naturalWidth: w, naturalHeight: h} = image,
    canvas = document.createElement("canvas"),
    part = Math.min(1, SIDE / Math.max(w, h));
  canvas.width = Math.ceil(w * part);
  canvas.height = Math.ceil(h * part);
  const pen = canvas.getContext("2d")!;
  pen.imageSmoothingEnabled = false; // between two classes is no third
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  return {canvas, pixels, ids: new Uint32Array(pixels.data.buffer).map((v) => v & 255), keys: [] as string[]};
}

// Boxes are in a file, or in the cell of a table; a mask is a picture whose pixels are classes.
async function layerRead(of: Owner, set: string, some: any, shared: any, classes: Classes): Promise<Layer> {
  const file = Array.isArray(some)
      ? {box_data: some}
      : /json$/.test(some.path) && (await fileJson(of, some.path)),
    mask = file ? undefined : await maskRead(fileUrl(of, str(some.path))),
    names = {...shared, ...(file ? file.class_labels : classes.names?.(set))},
    all = list(file.box_data).filter(Boolean),
    entry = (id?: number, name = `class ${id}`): Entry => ({
      key: set + "/" + id,
      id,
      name: set + ": " + name,
    });
  const boxes = all.slice(0, BOXES).map((box) => {
      const id = typeof box.class_id === "number" ? box.class_id : -1;
      return {
        box,
        id,
        key: set + "/" + id,
        text: safe(
          [box.box_caption ?? names[id] ?? "class " + id, ...Object.entries(box.scores ?? {}).flat()]
            .map(str)
            .join(" ")
            .slice(0, 80),
        ),
      };
    }),
    // 0 without a name, where others have one, is the background.
    ids = [...new Set(mask?.ids ?? boxes.map((b) => b.id))].filter(
      (id) => id || names[0] || !Object.keys(names).length,
    ),
    entries = ids.map((id) => entry(id, str(names[id]) || undefined));
  if (all.length > BOXES)
    entries.push(entry(undefined, `the first ${count(BOXES)} of ${count(all.length)} boxes`));
  for (const e of mask ? entries : []) mask!.keys[e.id!] = e.key;
  return {entries, boxes, mask};
}

async function layersRead(of: Owner, value: any, classes: Classes): Promise<Layer[]> {
  const shared: any = {},
    file = value.classes && (await fileJson(of, value.classes.path).catch(() => 0)),
    sets = [value.masks, value.boxes].flatMap((one) => Object.entries(one ?? {})).slice(0, SETS);
  for (const c of list(file?.class_set)) shared[str(c?.id)] = c?.name;
  const layers = await Promise.all(
    sets.map(([set, one]) =>
      layerRead(of, set, one, shared, classes).catch(() => ({
        entries: [{key: set, name: set + " cannot be read"}],
        boxes: [],
      })),
    ),
  );
  classes.found.value = {
    ...classes.found.value,
    ...Object.fromEntries(layers.flatMap((l) => l.entries).map((e) => [e.key, e])),
  };
  return layers;
}

function Overlay({
  of,
  value,
  image,
  classes,
}: {
  of: Owner;
  value: any;
  image: HTMLImageElement;
  classes: Classes;
}) {
  const [watched, width] = useWidth(),
    canvas = useRef<HTMLCanvasElement>(null),
    layers = useRead(() => layersRead(of, value, classes), ""),
    hidden = listed(where.value.query[classes.id]),
    boxes = (layers ?? []).flatMap((l) => l.boxes).filter((b) => !hidden.includes(b.key));
  watched.current = image;
  useEffect(() => {
    const height = image.clientHeight,
      pen = canvasBegin(canvas.current!, width, height);
    pen.imageSmoothingEnabled = false;
    for (const {mask} of layers ?? []) {
      if (!mask) continue;
      const colours = Uint32Array.from({length: 256}, (_, id) => {
        const [r, g, b] = colour(id);
        return mask.keys[id] && !hidden.includes(mask.keys[id]) ? (144 << 24) | (b << 16) | (g << 8) | r : 0;
      });
      new Uint32Array(mask.pixels.data.buffer).set(mask.ids.map((id) => colours[id]));
      mask.canvas.getContext("2d")!.putImageData(mask.pixels, 0, 0);
      pen.drawImage(mask.canvas, 0, 0, width, height);
    }
    pen.lineWidth = 2;
    pen.font = "12px sans-serif";
    for (const {box, id, text} of boxes) {
      const p = box.position ?? {},
        [fx, fy] = box.domain === "pixel" ? [image.naturalWidth, image.naturalHeight] : [1, 1],
        w = ((p.width ?? p.maxX - p.minX) * width) / fx,
        h = ((p.height ?? p.maxY - p.minY) * height) / fy,
        x = ((p.minX ?? p.middle?.[0] - p.width / 2) * width) / fx,
        y = ((p.minY ?? p.middle?.[1] - p.height / 2) * height) / fy;
      pen.fillStyle = pen.strokeStyle = `rgb(${colour(id)})`;
      pen.strokeRect(x, y, w, h); // nothing if one is not finite
      if (width < 150) continue; // in a table
      pen.fillRect(x, Math.max(0, y - 14), pen.measureText(text).width + 4, 14);
      pen.fillStyle = "#000";
      pen.fillText(text, x + 2, Math.max(11, y - 3));
    }
  }, [layers, width, hidden.join()]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={`${boxes.length} boxes: ${boxes
        .slice(0, 20)
        .map((b) => b.text)
        .join(", ")}`}
    />
  );
}

export function Picture({of, value, classes}: {of: Owner; value: any; classes: Classes}) {
  const [image, setImage] = useState<HTMLImageElement | null>(null),
    url = fileUrl(of, str(value.path));
  return (
    <a href={url} target="_blank" class="picture">
      <img
        src={url}
        alt={safe(str(value.caption) || fileOf(str(value.path)))}
        loading="lazy"
        onLoad={(e) => setImage(e.currentTarget)}
      />
      {image && (value.masks || value.boxes) && <Overlay {...{of, value, image, classes}} />}
    </a>
  );
}

export function Legend({id, found}: Classes) {
  const hidden = listed(where.value.query[id]);
  return (
    <p class="legend" role="group" aria-label="classes">
      {Object.values(found.value)
        .slice(0, ENTRIES)
        .map((e) => (
          <button
            class="plain"
            disabled={e.id === undefined}
            aria-pressed={!hidden.includes(e.key)}
            onClick={() => show({[id]: turned(where.value.query[id], e.key)})}
          >
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" fill={`rgb(${colour(e.id!)})`} />
            </svg>{" "}
            {safe(e.name)}
          </button>
        ))}
    </p>
  );
}
