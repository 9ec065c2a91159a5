// SPDX-License-Identifier: GPL-3.0-or-later
// Why trials failed: by cause and host, with what the newest of each printed.
import {useState} from "preact/hooks";
import {get} from "../base/api";
import {useAnswer} from "../base/asked";
import {Link, Missing} from "../base/parts";
import {count, safe} from "../base/text";
import {show} from "../base/where";
import {sweep} from "./model";
import {Cause, pace} from "./pace";

const OPEN_SHARE = 0.3; // of the trials that ended: from here on, why they failed is what matters

const hostsText = (hosts: Record<string, number>): string => {
  const all = Object.entries(hosts).sort((a, b) => b[1] - a[1]);
  return (
    all
      .slice(0, 4)
      .map(([name, n]) => `${safe(name)} ${count(n)}`)
      .join(", ") + (all.length > 4 ? ` and ${all.length - 4} hosts more` : "")
  );
};

const SUSPECTS = 3; // causes that are asked about: each takes a look at all trials

// The value that most trials which failed so have in common; asked again when a tenth more have.
function Suspect({cause}: {cause: Cause}) {
  const path = `trials/${sweep.value.id}-${cause.trials[0].trial}/explain`,
    asked = useAnswer<[string, string][]>(cause.cause, String(Math.floor(10 * Math.log(cause.n))), () =>
      get(path),
    ),
    text = asked.own?.find(([name]) => name === "suspect")?.[1];
  return (
    <>
      {text && <span class="muted said">suspect: {safe(text)}</span>}
      <Missing of={asked} has={text} />
    </>
  );
}

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
          </tr>
        </thead>
        <tbody>
          {most.map((c, i) => (
            <tr key={c.cause}>
              <td class="number">{count(c.n)}</td>
              <td>
                {safe(c.cause)}
                {c.says && <code class="said">{safe(c.says)}</code>}
                {i < SUSPECTS && <Suspect cause={c} />}
              </td>
              <td>{hostsText(c.hosts)}</td>
              <td>
                <Link to={`/t/${id}-${c.trials[0].trial}`}>{c.trials[0].trial}</Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {others > 0 && <p class="muted">{count(others)} failed in other ways</p>}
    </div>
  );
}

// Closed while most trials end well.
export function Failures() {
  const now = pace.value,
    counts = sweep.value?.counts ?? {},
    well = (counts.finished ?? 0) + (counts.stopped ?? 0),
    failed = counts.failed ?? 0,
    all = !well && failed > 0,
    [chosen, setChosen] = useState<boolean | null>(null),
    open = chosen ?? failed >= OPEN_SHARE * (well + failed);
  if (!now || !now.causes.length || !failed) return null;
  return (
    <details class="failures" open={open} onToggle={(e) => e.currentTarget.open !== open && setChosen(!open)}>
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
