// SPDX-License-Identifier: GPL-3.0-or-later
// Markdown as elements: headings, paragraphs, lists, quotes, tables, code, emphasis, links. HTML in it stays text, and a
// link leads to http, https, mailto or this page.
import {ComponentChildren, Fragment, h} from "preact";

const LINK = /^(https?:\/\/|mailto:|\/(?!\/)|#)/i;
const INLINE =
  /\\([\\`*_[\]()#>|~-])|(`+)([^]*?[^`])\2(?!`)|\*\*(?=\S)([^]*?\S)\*\*|__(?=\S)([^]*?\S)__|\*(?=\S)([^]*?\S)\*|(?<!\w)_(?=\S)([^]*?\S)_(?!\w)|~~(?=\S)([^]*?\S)~~|\[((?:[^[\]\\]|\\.)*)\]\(\s*<?([^\s<>)]+)>?\s*\)/;
const DEEPEST = 8;

function linked(text: string, to: string, depth: number): ComponentChildren {
  if (!LINK.test(to)) return `[${text}](${to})`;
  return (
    <a href={to} rel="noopener noreferrer" target={/^[/#]/.test(to) ? undefined : "_blank"}>
      {inline(text, depth + 1)}
    </a>
  );
}

function inline(text: string, depth = 0): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  for (let rest = text; rest;) {
    const m = depth > DEEPEST ? null : INLINE.exec(rest);
    if (!m) {
      out.push(rest);
      break;
    }
    if (m.index) out.push(rest.slice(0, m.index));
    if (m[1]) out.push(m[1]);
    else if (m[3]) out.push(<code>{m[3].trim()}</code>);
    else if (m[4] ?? m[5]) out.push(<strong>{inline((m[4] ?? m[5])!, depth + 1)}</strong>);
    else if (m[6] ?? m[7]) out.push(<em>{inline((m[6] ?? m[7])!, depth + 1)}</em>);
    else if (m[8]) out.push(<s>{inline(m[8], depth + 1)}</s>);
    else out.push(linked(m[9]!, m[10]!, depth));
    rest = rest.slice(m.index + m[0].length);
  }
  return out;
}

const ITEM = /^( *)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const cells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((c) => c.trim());
const RULE = /^ *\|?[ :|-]*-[ :|-]*\|?[ :|-]*$/;

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
              {head.map((_, i) => (
                <td>{inline(row[i] ?? "")}</td>
              ))}
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
      heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line);
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
      out.push(h("h" + Math.min(6, heading[1].length + 1), null, inline(heading[2])));
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
    else if (line.includes("|") && RULE.test(lines[at + 1] ?? "") && lines[at + 1].includes("|"))
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
