// SPDX-License-Identifier: GPL-3.0-or-later
// Why trials failed: by cause and host, with what the newest of each wrote at its end.
import {useEffect, useState} from "preact/hooks";
import {get} from "../base/api";
import {Link} from "../base/parts";
import {count, safe} from "../base/text";
import {show} from "../base/where";
import {sweep} from "./model";
import {Cause, pace} from "./pace";

const READ = 3, // logs of each cause
  CAUSES = 6; // whose logs are read

// The line that shows the error: the last one that begins with the name of one, else the last one.
export function causeLine(log: string): string {
  const lines = log
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(-12);
  const named = lines.filter((line) => /^[\w.]*(Error|Exception|Interrupt|Exit|error|ERROR)(:|$)/.test(line));
  return named.at(-1) ?? lines.at(-1) ?? "";
}

const read = new Map<string, string>(); // trial -> its line

async function lineOf(id: string, {trial, attempt, agent}: Cause["trials"][0]): Promise<string> {
  const key = `${id}-${trial}-${attempt}`,
    known = read.get(key);
  if (known !== undefined) return known;
  const answer = await get(
    `sweeps/${id}/log?fold=1&trial=${trial}&attempt=${attempt}&agent=${encodeURIComponent(agent)}&lines=12`,
  );
  if (!answer.ok) throw new Error(answer.error);
  const line = causeLine(answer.rows.map((row: [number, string]) => row[1]).join("\n"));
  read.set(key, line);
  return line;
}

// What the newest trials of a cause wrote; numbers do not make two lines different.
function Lines({cause}: {cause: Cause}) {
  const id = sweep.value.id,
    [lines, setLines] = useState<[text: string, n: number][] | null>(null),
    [wrong, setWrong] = useState(""),
    newest = cause.trials.slice(0, READ);
  useEffect(() => {
    let gone = false;
    Promise.allSettled(newest.map((trial) => lineOf(id, trial))).then((all) => {
      if (gone) return;
      const found = new Map<string, [string, number]>();
      for (const one of all)
        if (one.status === "fulfilled" && one.value) {
          const key = one.value.replace(/\d+/g, "#"),
            had = found.get(key);
          found.set(key, [had?.[0] ?? one.value, (had?.[1] ?? 0) + 1]);
        }
      setLines([...found.values()]);
      const refused = all.find((one) => one.status === "rejected");
      setWrong(refused && !found.size ? String((refused as PromiseRejectedResult).reason.message) : "");
    });
    return () => {
      gone = true;
    };
  }, [id, newest.map((one) => one.trial).join(",")]);
  if (lines === null) return <span class="muted">reading the logs …</span>;
  if (!lines.length)
    return (
      <span class="muted">{wrong ? "its log cannot be read: " + safe(wrong) : "nothing in its log"}</span>
    );
  return (
    <>
      {lines.map(([text, n]) => (
        <code class="said">
          {safe(text)}
          {newest.length > 1 ? ` (${n} of the newest ${newest.length})` : ""}
        </code>
      ))}
    </>
  );
}

const hostsText = (hosts: Record<string, number>): string => {
  const all = Object.entries(hosts).sort((a, b) => b[1] - a[1]);
  return (
    all
      .slice(0, 4)
      .map(([name, n]) => `${safe(name)} ${count(n)}`)
      .join(", ") + (all.length > 4 ? ` and ${all.length - 4} hosts more` : "")
  );
};

function Table({causes, others}: {causes: Cause[]; others: number}) {
  const most = [...causes].sort((a, b) => b.n - a.n),
    id = sweep.value.id;
  return (
    <div class="scroll">
      <table class="causes">
        <thead>
          <tr>
            <th class="number">failed</th>
            <th>cause</th>
            <th>hosts</th>
            <th>newest</th>
            <th>says</th>
          </tr>
        </thead>
        <tbody>
          {most.map((c, i) => (
            <tr key={c.how + c.says}>
              <td class="number">{count(c.n)}</td>
              <td>{safe(c.how)}</td>
              <td>{hostsText(c.hosts)}</td>
              <td>
                <Link to={`/t/${id}-${c.trials[0].trial}`}>{c.trials[0].trial}</Link>
              </td>
              <td>
                {c.says ? <code class="said">{safe(c.says)}</code> : ""}
                {!c.says && i < CAUSES ? <Lines cause={c} /> : ""}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {others > 0 && <p class="muted">{count(others)} failed in other ways</p>}
    </div>
  );
}

// Closed while most trials end well; open where all failed, because then nothing else matters.
export function Failures() {
  const now = pace.value,
    counts = sweep.value?.counts ?? {},
    well = (counts.finished ?? 0) + (counts.stopped ?? 0),
    failed = counts.failed ?? 0,
    all = !well && failed > 0,
    [chosen, setChosen] = useState<boolean | null>(null),
    open = chosen ?? all;
  if (!now || !now.causes.length) return null;
  return (
    <details
      class="card failures"
      open={open}
      onToggle={(e) => e.currentTarget.open !== open && setChosen(!open)}
    >
      <summary>
        {all ? (
          <b>
            {failed === 1
              ? "The only trial that ended failed"
              : `All ${count(failed)} trials that ended failed`}
          </b>
        ) : (
          `${count(failed)} failed, by cause and host`
        )}
      </summary>
      {open && <Table causes={now.causes} others={now.other_causes} />}
      <button class="plain" onClick={() => show({f: "state:failed", tab: "table"})}>
        show the failed trials
      </button>
    </details>
  );
}
