// SPDX-License-Identifier: GPL-3.0-or-later
// Markdown as elements: headings, paragraphs, lists, quotes, tables, code, emphasis, links. HTML in it stays text, and a
// link leads to http, https, mailto or this page.
import {ComponentChildren, Fragment, h} from "preact";

const LINK = /^(https?:\/\/|mailto:|\/(?!\/)|#)/i;
const LINKED = /\[((?:[^[\]\\]|\\.)*)\]\(\s{0,9}<?([^\s<>)]{1,2000})>?\s{0,9}\)/y;
const DEEPEST = 8,
  LONGEST = 10_000; // letters of a paragraph; a longer one is plain text

function linked(text: string, to: string, depth: number): ComponentChildren {
  if (!LINK.test(to)) return `[${text}](${to})`;
  return (
    <a href={to} rel="noopener noreferrer" target={/^[/#]/.test(to) ? undefined : "_blank"}>
      {inline(text, depth + 1)}
    </a>
  );
}

// What finds the next run of as many backticks, from places that grow: each run is looked at once.
function codeEnds(text: string): (length: number, from: number) => number {
  const runs = new Map<number, number[]>();
  for (const m of text.matchAll(/`+/g)) {
    const list = runs.get(m[0].length);
    if (list) list.push(m.index);
    else runs.set(m[0].length, [m.index]);
  }
  for (const list of runs.values()) list.reverse();
  return (length, from) => {
    const list = runs.get(length) ?? [];
    while (list.length && list[list.length - 1] < from) list.pop();
    return list.length ? list[list.length - 1] : -1;
  };
}

// What finds the next end of emphasis by a mark, from places that grow: each place is looked at once.
function markEnds(text: string): (mark: string, from: number) => number {
  const places = new Map<string, number>();
  return (mark, from) => {
    let at = places.get(mark) ?? 0;
    const isEnd = () =>
      at >= from && /\S/.test(text[at - 1]) && (mark !== "_" || !/\w/.test(text[at + 1] ?? ""));
    if (at >= 0 && at < from) at = text.indexOf(mark, from);
    while (at >= 0 && !isEnd()) at = text.indexOf(mark, at + 1);
    places.set(mark, at);
    return at;
  };
}

const MARKS: [string, string][] = [
  ["**", "strong"],
  ["__", "strong"],
  ["*", "em"],
  ["_", "em"],
  ["~~", "s"],
];

function inline(text: string, depth = 0): ComponentChildren[] {
  if (depth > DEEPEST || text.length > LONGEST) return [text];
  const out: ComponentChildren[] = [],
    codeEnd = codeEnds(text),
    markEnd = markEnds(text);
  let plain = 0, // where the text begins that is not in `out` yet
    at = 0;
  const put = (to: number, one: ComponentChildren) => {
    if (at > plain) out.push(text.slice(plain, at));
    out.push(one);
    plain = at = to;
  };
  const emphasis = (): boolean =>
    MARKS.some(([mark, tag]) => {
      const from = at + mark.length;
      if (!text.startsWith(mark, at) || !/\S/.test(text[from] ?? "")) return false;
      if (mark === "_" && /\w/.test(text[at - 1] ?? "")) return false;
      const end = markEnd(mark, from + 1);
      if (end >= 0) put(end + mark.length, h(tag, null, inline(text.slice(from, end), depth + 1)));
      return end >= 0;
    });
  while (at < text.length) {
    const c = text[at];
    if (c === "\\" && /[\\`*_[\]()#>|~-]/.test(text[at + 1] ?? "")) put(at + 2, text[at + 1]);
    else if (c === "`") {
      let from = at;
      while (text[from] === "`") from++;
      const end = codeEnd(from - at, from);
      if (end >= 0) put(end + from - at, <code>{text.slice(from, end).trim()}</code>);
      else at = from;
    } else if (c === "[") {
      LINKED.lastIndex = at;
      const m = LINKED.exec(text);
      if (m) put(at + m[0].length, linked(m[1], m[2], depth));
      else at++;
    } else if (!"*_~".includes(c) || !emphasis()) at++;
  }
  if (plain < text.length) out.push(text.slice(plain));
  return out;
}

const ITEM = /^( *)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const cells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((c) => c.trim());
const isRule = (line: string): boolean => /^[ :|-]*$/.test(line) && line.includes("-") && line.includes("|");

function headed(text: string): string {
  let end = text.length;
  while (text[end - 1] === "#") end--;
  return text.slice(0, end).trim();
}

function list(lines: string[], depth: number): ComponentChildren {
  const first = ITEM.exec(lines[0])!,
    items: string[][] = [];
  for (const line of lines) {
    const m = ITEM.exec(line);
    if (m && m[1].length <= first[1].length) items.push([m[3]]);
    else items[items.length - 1].push(line.replace(new RegExp(`^ {0,${first[1].length + 2}}`), ""));
  }
  const inside = items.map((i) => (
    <li>
      {inline(i[0])}
      {i.length > 1 && blocks(i.slice(1), depth + 1)}
    </li>
  ));
  return /\d/.test(first[2]) ? <ol start={parseInt(first[2])}>{inside}</ol> : <ul>{inside}</ul>;
}

function table(lines: string[]): ComponentChildren {
  const [head, , ...rows] = lines.map(cells);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="table">
      <table>
        <thead>
          <tr>
            {head.map((c) => (
              <th>{inline(c)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.slice(0, head.length).map((c) => (
                <td>{inline(c)}</td>
              ))}
              {row.length < head.length && <td colSpan={Math.min(1000, head.length - row.length)} />}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function blocks(lines: string[], depth: number): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let at = 0;
  const take = (test: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && test(lines[at])) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at],
      fence = /^ {0,3}(`{3,}|~{3,})/.exec(line),
      heading = /^ {0,3}(#{1,6})\s(.*)$/.exec(line);
    if (!line.trim()) at++;
    else if (fence) {
      at++;
      const code = take((l) => !l.trim().startsWith(fence[1]));
      at++;
      out.push(
        <pre>
          <code>{code.join("\n")}</code>
        </pre>,
      );
    } else if (heading) {
      at++;
      out.push(h("h" + Math.min(6, heading[1].length + 1), null, inline(headed(heading[2].trim()))));
    } else if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) {
      at++;
      out.push(<hr />);
    } else if (/^ {0,3}>/.test(line) && depth < DEEPEST) {
      const quoted = take((l) => /^ {0,3}>/.test(l)).map((l) => l.replace(/^ {0,3}> ?/, ""));
      out.push(<blockquote>{blocks(quoted, depth + 1)}</blockquote>);
    } else if (ITEM.test(line) && depth < DEEPEST)
      out.push(
        list(
          take((l) => ITEM.test(l) || /^ {2,}\S/.test(l)),
          depth,
        ),
      );
    else if (line.includes("|") && isRule(lines[at + 1] ?? ""))
      out.push(table(take((l) => l.includes("|") && !!l.trim())));
    else {
      at++;
      const more = take((l) => !!l.trim() && !/^ {0,3}(#{1,6}\s|>|`{3}|~{3})/.test(l) && !ITEM.test(l));
      out.push(<p>{inline([line, ...more].join("\n"))}</p>);
    }
  }
  return out;
}

export const Markdown = ({text}: {text: string}) => (
  <div class="markdown">
    <Fragment>{blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0)}</Fragment>
  </div>
);
