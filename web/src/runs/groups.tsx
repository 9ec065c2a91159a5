// SPDX-License-Identifier: GPL-3.0-or-later
// Names of what was logged, by what is before their first slash. What is shown of them is asked for so many at a time,
// and of a group when it is opened.
import {ComponentChildren} from "preact";
import {useState} from "preact/hooks";
import {count, safe} from "../base/text";

const AT_ONCE = 12;

type Draw = (names: string[]) => ComponentChildren;

function Group({names, draw}: {names: string[]; draw: Draw}) {
  const [n, setN] = useState(AT_ONCE),
    blocks: string[][] = [];
  for (let i = 0; i < Math.min(n, names.length); i += AT_ONCE) blocks.push(names.slice(i, i + AT_ONCE));
  return (
    <>
      <div class="cards">{blocks.map(draw)}</div>
      {n < names.length && (
        <button onClick={() => setN(n + AT_ONCE)}>
          {count(Math.min(AT_ONCE, names.length - n))} more of {count(names.length)}
        </button>
      )}
    </>
  );
}

function Fold({name, n, open, children}: {name: string; n: number; open: boolean; children: any}) {
  const [shown, setShown] = useState(open);
  if (!name) return children;
  return (
    <details open={shown} onToggle={(e) => setShown((e.currentTarget as HTMLDetailsElement).open)}>
      <summary>
        <b>{safe(name)}</b> <span class="muted">{count(n)}</span>
      </summary>
      {shown && children}
    </details>
  );
}

export function Groups({
  names,
  prefix = (name) => (name.includes("/") ? name.split("/")[0] : ""),
  draw,
}: {
  names: string[];
  prefix?: (name: string) => string;
  draw: Draw;
}) {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(prefix(name), [...(groups.get(prefix(name)) ?? []), name]);
  return (
    <>
      {[...groups].map(([name, some], i) => (
        <Fold key={name} name={name || (groups.size > 1 ? "others" : "")} n={some.length} open={i < 3}>
          <Group names={some} draw={draw} />
        </Fold>
      ))}
    </>
  );
}
