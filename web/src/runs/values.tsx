// SPDX-License-Identifier: GPL-3.0-or-later
// Names and their values, with a field that finds some of them.
import {useState} from "preact/hooks";
import {Card} from "../base/card";
import {count, safe, span, word} from "../base/text";
import {moment} from "../base/time";

export function Values({name, values}: {name: string; values: Record<string, any>}) {
  const [sought, setSought] = useState(""),
    own = (key: string) => (key[0] === "_" ? 1 : 0), // what the client adds comes last
    all = Object.entries(values).sort(([a], [b]) => own(a) - own(b) || (a < b ? -1 : 1)),
    some = all.filter(([key, value]) => `${key} ${word(value)}`.toLowerCase().includes(sought.toLowerCase()));
  const said = (key: string, value: any) =>
    key === "_timestamp"
      ? moment(value)
      : key === "_runtime"
        ? span(value)
        : value && value._type
          ? `${value._type}${value.path ? ", " + value.path : ""}`
          : value;
  return (
    <Card
      name={name}
      notes={count(some.length) + (some.length < all.length ? ` of ${count(all.length)}` : "")}
      tools={
        all.length > 8 && (
          <input
            type="search"
            aria-label={"search " + name}
            placeholder="search"
            value={sought}
            onInput={(e) => setSought(e.currentTarget.value)}
          />
        )
      }
    >
      <div class="scroll tall" tabIndex={0} role="region" aria-label="values">
        <table class="values">
          <tbody>
            {some.map(([key, value]) => (
              <tr>
                <td>{safe(key)}</td>
                <td title={String(value)}>{word(said(key, value))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!all.length && <p class="muted">none</p>}
    </Card>
  );
}
