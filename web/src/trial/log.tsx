// SPDX-License-Identifier: GPL-3.0-or-later
// The log of an attempt.
import {Check, Missing, Waiting} from "../base/parts";
import {useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";
import {get} from "../base/api";
import {download} from "../base/chart";
import {count, safe, size as bytesText} from "../base/text";
import {show, where} from "../base/where";
import {FOUND, Reader, Row} from "./log_reader";
import "./log.css";

const HEIGHT = 18, // of a line, in pixels
  WRAPPED = 2000, // of them are drawn at once where each may have any height
  FOLLOW_MS = 1000;

function Text({row}: {row: Row}) {
  const [, text, runs, cut] = row;
  let at = 0;
  return (
    <>
      {runs?.length
        ? runs.map(([n, style]) => {
            const part = text.slice(at, (at += n)),
              flags = style >> 10,
              turned = flags & 16,
              front = style & 31,
              back = (style >> 5) & 31,
              [a, b] = turned ? [back || 17, front || 17] : [front, back];
            if (!style) return safe(part);
            return (
              <span
                class={
                  (a && a !== 17 ? `a${a} ` : turned ? "turned " : "") +
                  (b ? `b${b} ` : "") +
                  (flags & 1 ? "bold " : "") +
                  (flags & 2 ? "dim " : "") +
                  (flags & 4 ? "italic " : "") +
                  (flags & 8 ? "under" : "")
                }
              >
                {safe(part)}
              </span>
            );
          })
        : safe(text)}
      {cut ? <span class="muted"> … {count(cut)} more characters</span> : null}
    </>
  );
}

const TRACEBACK = "Traceback (most recent call last)";

export function Log({trial, attempt}: {trial: any; attempt: any}) {
  const [, setTurn] = useState(0),
    [top, setTop] = useState(0),
    [follow, setFollow] = useState(true),
    [text, setText] = useState(""),
    [found, setFound] = useState<{text: string; lines: number[]; at: number; done: boolean} | null>(null),
    box = useRef<HTMLDivElement>(null),
    reader = useRef<Reader | null>(null),
    place = useRef<{offset: number; back: boolean} | null>(null), // to be scrolled to
    middle = useRef<number | null>(null), // of the lines drawn with wrap: an offset, or the end of the log
    began = useRef(-1), // offset of the first line drawn with wrap
    wrap = where.value.query.wrap === "1",
    line = where.value.query.line === undefined ? -1 : Number(where.value.query.line),
    live = attempt.state === "running" || attempt.state === "stopping" || attempt.state === "launching";
  const path = `sweeps/${trial.sweep}/log?fold=1&trial=${trial.number}&attempt=${attempt.attempt}&agent=${encodeURIComponent(attempt.agent ?? "")}`;
  const turn = () => setTurn((n) => n + 1);
  useEffect(() => {
    const r = new Reader(path, turn);
    reader.current = r;
    setFound(null);
    turn();
    if (line >= 0) {
      setFollow(false);
      place.current = {offset: (middle.current = line), back: false};
      void r.around(line);
    } else
      void r.tail().then(() => {
        const rows = r.held?.rows ?? [];
        let i = attempt.state !== "ended" || trial.state !== "failed" ? -1 : rows.length - 1;
        while (i >= 0 && !rows[i][1].includes(TRACEBACK)) i--;
        if (i >= 0) {
          setFollow(false);
          place.current = {offset: (middle.current = rows[i][0]), back: false};
          turn();
        }
      });
    return () => {
      r.gone = true;
    };
  }, [path]);
  // While it runs, and after its end until all is here.
  useEffect(() => {
    if (!follow || !(live || !reader.current?.held?.end)) return;
    const timer = setInterval(() => {
      const r = reader.current;
      if (document.hidden || !r || r.busy) return;
      if (r.held) void r.after();
      else void r.tail();
    }, FOLLOW_MS);
    return () => clearInterval(timer);
  }, [follow, live, path]);
  const r = reader.current,
    held = r?.held ?? null,
    rows = held?.rows ?? [],
    index = (offset: number) => {
      const i = rows.findIndex((row) => row[0] >= offset);
      return i < 0 ? rows.length : i;
    },
    first = wrap
      ? Math.max(
          0,
          Math.min(
            rows.length - WRAPPED,
            (middle.current === null ? rows.length : index(middle.current)) - WRAPPED / 2,
          ),
        )
      : Math.max(0, Math.floor(top / HEIGHT) - 20),
    last = Math.min(rows.length, first + (wrap ? WRAPPED : 100)),
    shown = rows.slice(first, last);
  // With wrap, lines that come or go above do not move the line that is read.
  const begins = wrap ? (shown[0]?.[0] ?? -1) : -1;
  let read: HTMLElement | undefined,
    past = 0;
  if (begins >= 0 && began.current >= 0 && begins !== began.current && box.current) {
    const from = box.current.scrollTop;
    read = [...box.current.querySelectorAll<HTMLElement>(".line")].find(
      (e) => e.offsetTop + e.offsetHeight > from,
    );
    past = from - (read?.offsetTop ?? 0);
  }
  useLayoutEffect(() => {
    began.current = begins;
    if (read?.isConnected && box.current) box.current.scrollTop = read.offsetTop + past;
  }, [begins]);
  useEffect(() => {
    const el = box.current;
    if (!el || !held) return;
    if (place.current) {
      const {offset, back} = place.current,
        i = index(offset);
      if (offset < held.from || (offset >= held.to && r!.busy)) return; // it is asked for
      place.current = null;
      const child = wrap && el.querySelector<HTMLElement>(`[data-line="${rows[i]?.[0]}"]`);
      el.scrollTop = child ? child.offsetTop - 60 : Math.max(0, (i - (back ? 0 : 3)) * HEIGHT);
    } else if (follow && held.end) el.scrollTop = el.scrollHeight;
  });
  const scrolled = () => {
    const el = box.current!,
      bottom = el.scrollHeight - el.scrollTop - el.clientHeight;
    setTop(el.scrollTop);
    if (!held || !r || r.busy || place.current) return;
    const around = (i: number) => {
      middle.current = rows[Math.max(0, Math.min(rows.length - 1, i))]?.[0] ?? null;
      turn();
    };
    if (bottom < 4 && held.end && last === rows.length) {
      middle.current = null;
      if (!follow) setFollow(true);
    } else if (follow && el.scrollTop < top - 2) {
      setFollow(false);
      around(first + WRAPPED / 2);
    }
    if (wrap && el.scrollTop < 400 && first > 0) around(first);
    else if (wrap && bottom < 400 && last < rows.length) around(last);
    else if (el.scrollTop < 400 && held.from > 0) {
      const first = rows[0]?.[0] ?? 0,
        past = el.scrollTop;
      middle.current = first;
      void r.before().then(() => {
        const added = (r.held?.rows ?? []).findIndex((row) => row[0] === first);
        if (added > 0 && !wrap) el.scrollTop = past + added * HEIGHT;
      });
    } else if (bottom < 400 && !held.end) {
      if (wrap) middle.current = rows.at(-1)?.[0] ?? null;
      void r.after();
    }
  };
  const jump = (offset: number, mark: boolean) => {
    setFollow(false);
    if (mark) show({line: String(offset)}, false);
    place.current = {offset: (middle.current = offset), back: !mark};
    if (held && offset >= held.from && offset < held.to) turn();
    else void r!.around(offset);
  };
  const goEnd = () => {
    show({line: ""}, false);
    setFollow(true);
    middle.current = null;
    if (!held?.end) void r!.tail();
    else turn();
  };
  const search = (step: number) => {
    if (!text.trim() || !r) return;
    if (found && found.text === text) {
      if (!found.lines.length) return;
      const at = (found.at + step + found.lines.length) % found.lines.length;
      setFound({...found, at});
      jump(found.lines[at], true);
      return;
    }
    let first = true;
    setFound({text, lines: [], at: -1, done: false});
    void r.find(text, (lines, done) => {
      // The last one is what most people look for.
      const at = done ? lines.length - 1 : -1;
      if (r.gone) return false;
      setFound({text, lines, at, done});
      if (done && lines.length && first) jump(lines[at], true);
      first = !done;
      return true;
    });
  };
  const raw = async () => {
    const parts: BlobPart[] = [];
    for (let from = 0; ;) {
      const a = await get(path.replace("fold=1&", "") + `&from=${from}`);
      parts.push(Uint8Array.from(atob(a.bytes), (c) => c.charCodeAt(0)));
      if (a.end || a.to <= from) break;
      from = a.to;
    }
    download(`${trial.id}-${attempt.attempt}.log`, parts, "text/plain");
  };
  const needle = found?.text.toLowerCase();
  const trouble = r?.trouble;
  return (
    <section class="card" id="log">
      <header>
        <h2>Log</h2>
        <label>
          find{" "}
          <input
            type="search"
            maxLength={200}
            value={text}
            aria-label="find in the log"
            onInput={(e) => setText(e.currentTarget.value)}
            onKeyDown={(e) => {
              if (e.key === "Enter") search(e.shiftKey ? 1 : -1);
            }}
          />
        </label>
        <button
          class="plain"
          onClick={() => search(-1)}
          disabled={!text.trim()}
          title="the match before (Enter)"
        >
          ↑
        </button>
        <button
          class="plain"
          onClick={() => search(1)}
          disabled={!text.trim()}
          title="the next match (Shift Enter)"
        >
          ↓
        </button>
        <span class="muted" role="status">
          {!found
            ? ""
            : !found.done
              ? `${count(found.lines.length)} found, looking …`
              : found.lines.length
                ? `${count(found.at + 1)} of ${count(found.lines.length)}${found.lines.length >= FOUND ? " or more" : ""} lines`
                : "not found"}
        </span>
        <span class="spring" />
        <Check on={wrap} turn={(on) => show({wrap: on ? "1" : ""})}>
          wrap
        </Check>
        <button class="plain" onClick={() => jump(0, false)}>
          begin
        </button>
        <button class="plain" aria-pressed={follow && !!held?.end} onClick={goEnd}>
          {live ? "follow" : "end"}
        </button>
        <span class="muted">{held ? bytesText(held.size) : ""}</span>
        <button class="plain" onClick={() => void raw()} disabled={!held} title="download it as it is">
          raw
        </button>
      </header>
      {trouble?.code === "ERR_NOT_FOUND" ? (
        <p class="muted" role="status">
          There is no log: it has printed nothing yet, or its log is gone.
        </p>
      ) : trouble ? (
        <Missing of={{...trouble, again: () => void r!.tail()}} has={held} />
      ) : (
        !held && <Waiting what={`the log from agent ${safe(attempt.agent ?? "")}`} low />
      )}
      {held && !rows.length && <p class="muted">It has printed nothing.</p>}
      {rows.length > 0 && (
        <>
          {held!.size > 1 << 20 && (
            <input
              type="range"
              class="place"
              aria-label="place in the log"
              min={0}
              max={held!.size}
              step={Math.ceil(held!.size / 1000)}
              value={rows[Math.min(rows.length - 1, Math.floor(top / HEIGHT))]?.[0] ?? 0}
              onChange={(e) => jump(Number(e.currentTarget.value), false)}
            />
          )}
          <div
            class={"log" + (wrap ? " wrapped" : "")}
            ref={box}
            onScroll={scrolled}
            tabIndex={0}
            role="log"
            aria-live="off"
            aria-label="log"
          >
            <div style={wrap ? {} : {height: rows.length * HEIGHT + "px", paddingTop: first * HEIGHT + "px"}}>
              {shown.map((row) => (
                <div
                  key={row[0]}
                  data-line={row[0]}
                  class={
                    "line" +
                    (row[0] === line ? " here" : "") +
                    (needle && row[1].toLowerCase().includes(needle) ? " match" : "")
                  }
                >
                  <a
                    href={`?${new URLSearchParams({...where.value.query, line: String(row[0])})}`}
                    aria-label="link to this line"
                    tabIndex={-1}
                    onClick={(e) => {
                      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
                      e.preventDefault();
                      setFollow(false);
                      show({line: String(row[0])});
                    }}
                  >
                    #
                  </a>
                  <Text row={row} />
                </div>
              ))}
            </div>
          </div>
          <p class="muted">
            {held!.from > 0 ? `${bytesText(held!.from)} before these lines` : "the log from its start"}
            {held!.end
              ? follow && live
                ? " · following"
                : ""
              : ` · ${bytesText(held!.size - held!.to)} after them`}
          </p>
        </>
      )}
    </section>
  );
}
