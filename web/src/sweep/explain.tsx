// SPDX-License-Identifier: GPL-3.0-or-later
// What was decided and why, and who did what, the newest first. The sentences are the controller's.
import {useEffect, useRef, useState} from "preact/hooks";
import {Fact, follow, get} from "../base/api";
import {useTrouble} from "../base/asked";
import {Link, Missing} from "../base/parts";
import {count, iso, safe, word} from "../base/text";
import {clock, day, moment} from "../base/time";
import {listed, show, turned, where} from "../base/where";
import {Card} from "../base/card";
import {sweep} from "./model";
import "./explain.css";

interface Entry {
  seq: number;
  time: number;
  kind: string;
  trial: number | null;
  text: string;
  by: string | null;
  rung?: {stopper: string; rung: number; value: number; rank: number; of: number; threshold: number};
}
const KINDS: [string, string][] = [
  ["proposal", "proposals"],
  ["stop", "stops"],
  ["end", "failures"],
  ["retry", "retries"],
  ["enqueue", "enqueued"],
  ["edit", "edits"],
  ["state", "states"],
  ["tag", "tags"],
  ["action", "actions"],
];
const PAGE = 100;
const MOST = 2000; // entries that are kept here; older ones are left out of the page, and asked for again

// Who was compared at which rung: the numbers of the sentences, as a table.
function Rungs({entries}: {entries: Entry[]}) {
  const rows = entries.filter((e) => e.rung);
  if (!rows.length) return null;
  return (
    <Card
      name="Rungs"
      notes={`${count(rows.length)} trial${rows.length > 1 ? "s" : ""} stopped, of the entries below; cut: the worst value that continues`}
    >
      <div class="scroll explain-rungs">
        <table>
          <thead>
            <tr>
              <th class="number">trial</th>
              <th class="number">rung</th>
              <th class="number">value</th>
              <th class="number">rank</th>
              <th class="number">cut</th>
              <th class="wide">by</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({seq, trial, rung}) => (
              <tr key={seq}>
                <td class="number">
                  <Link to={`/t/${sweep.value.id}-${trial}`}>{trial}</Link>
                </td>
                <td class="number">{word(rung!.rung)}</td>
                <td class="number" title={String(rung!.value)}>
                  {word(rung!.value)}
                </td>
                <td class="number">{rung!.of && `${rung!.rank} of ${rung!.of}`}</td>
                <td class="number" title={String(rung!.threshold ?? "")}>
                  {word(rung!.threshold)}
                </td>
                <td class="wide">{safe(String(rung!.stopper))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Line({entry}: {entry: Entry}) {
  const name = entry.trial === null ? "" : `trial ${entry.trial}`,
    linked = name && entry.text.startsWith(name);
  return (
    <li class={"k-" + entry.kind}>
      <time dateTime={iso(entry.time)} title={moment(entry.time)}>
        {clock(entry.time)}
      </time>
      <span class="explain-kind">{entry.kind}</span>
      <span class="explain-text">
        {linked ? (
          <>
            <Link to={`/t/${sweep.value.id}-${entry.trial}`}>{name}</Link>
            {safe(entry.text.slice(name.length))}
          </>
        ) : (
          safe(entry.text)
        )}
        {entry.by && <b> · {safe(entry.by)}</b>}
      </span>
    </li>
  );
}

export function Explain() {
  const id: string = sweep.value.id,
    {ek = "", eq = ""} = where.value.query;
  const [entries, setEntries] = useState<Entry[] | null>(null),
    [next, setNext] = useState<number | null>(null),
    [fresh, setFresh] = useState(false), // there is something newer
    [busy, setBusy] = useState(false),
    [trouble, setWrong] = useTrouble(() => void load(null));
  const asked = useRef(0),
    asking = useRef(false),
    missed = useRef(false), // facts have come since it was asked
    top = useRef<HTMLDivElement>(null);
  const load = async (before: number | null) => {
    const mine = ++asked.current;
    asking.current = true;
    missed.current = false;
    setBusy(true);
    try {
      const words = [
        ek ? "kind=" + encodeURIComponent(ek) : "",
        eq ? "q=" + encodeURIComponent(eq) : "",
      ].filter(Boolean);
      let found: Entry[] = [],
        from: number | null = before;
      // One answer looks at some thousand facts: a search goes on until a page is full, or nothing is left.
      do {
        const query = [...words, from ? `before=${from}` : ""].filter(Boolean).join("&"),
          answer = await get(`sweeps/${id}/explain${query ? "?" + query : ""}`);
        if (mine !== asked.current) return;
        found = [...found, ...answer.entries];
        from = answer.before;
        const now = found;
        setEntries((old) =>
          (before ? [...(old ?? []).filter((e) => e.seq >= before), ...now] : now).slice(-MOST),
        );
        setNext(from);
      } while (from !== null && found.length < PAGE);
      setFresh(false);
      setWrong("");
    } catch (error) {
      if (mine === asked.current) setWrong((error as Error).message);
    }
    if (mine !== asked.current) return;
    asking.current = false;
    setBusy(false);
    if (missed.current && before) setFresh(true);
    else if (missed.current) setTimeout(() => mine === asked.current && news(), 500);
  };
  // What is being read stays where it is.
  const news = () => {
    if ((top.current?.getBoundingClientRect().top ?? 0) >= 0) void load(null);
    else setFresh(true);
  };
  useEffect(() => {
    asking.current = true;
    const due = window.setTimeout(() => void load(null), 150);
    return () => window.clearTimeout(due);
  }, [id, ek, eq]);
  useEffect(
    () =>
      follow((facts: Fact[]) => {
        if (!facts.some((f) => f.kind === "reset" || (f.sweep === id && f.kind !== "metrics"))) return;
        if (asking.current) missed.current = true;
        else news();
      }),
    [id, ek, eq],
  );
  useEffect(() => () => void asked.current++, []);
  const kinds = listed(ek);
  return (
    <>
      <div class="tools" ref={top}>
        <input
          id="filter"
          type="search"
          aria-label="search in the decisions"
          placeholder="search: trial 12, asha, out of memory, a name  ( / )"
          value={eq}
          onInput={(e) => show({eq: e.currentTarget.value}, false)}
        />
        {KINDS.map(([kind, text]) => (
          <button key={kind} aria-pressed={kinds.includes(kind)} onClick={() => show({ek: turned(ek, kind)})}>
            {text}
          </button>
        ))}
        {fresh && (
          <button
            onClick={() => {
              top.current?.scrollIntoView();
              void load(null);
            }}
          >
            there is more ▲
          </button>
        )}
      </div>
      <Missing of={trouble} has={entries} what="the decisions" />
      {entries && (
        <>
          <Rungs entries={entries} />
          {entries.length === 0 && next === null && (
            <div class="empty">
              <h2>{ek || eq ? "Nothing of this kind was decided" : "Nothing was decided yet"}</h2>
              <p>
                {ek || eq
                  ? "Leave out a word of the search, or a kind."
                  : "The first entry is the first proposal: trials start when an agent has a free slot."}
              </p>
            </div>
          )}
          <ol class="explain">
            {entries.map((entry, i) => {
              const today = day(entry.time),
                before = i && day(entries[i - 1].time);
              return (
                <>
                  {today !== before && <li class="explain-day muted">{today}</li>}
                  <Line key={entry.seq} entry={entry} />
                </>
              );
            })}
          </ol>
          {next !== null && (
            <button disabled={busy} onClick={() => void load(next)}>
              {busy ? "Asking …" : entries.length ? "Earlier" : "Nothing in the newest; look further back"}
            </button>
          )}
        </>
      )}
    </>
  );
}
