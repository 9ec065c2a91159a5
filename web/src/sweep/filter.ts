// SPDX-License-Identifier: GPL-3.0-or-later
// Which trials are shown: `state:finished,running lr<1e-2 has:acc -(optimizer:sgd OR depth>4)`. The controller reads the
// same grammar (orchestrator/view/filter/filter.h); tests/web/filter_cases.json holds for both.
import {Column, columnNew, MISSING, Sheet} from "./sheet";

type Test = (row: number) => boolean;
interface Filter {
  test: Test;
  wrong: string[]; // what is ignored of it, and why
}
interface Token {
  text: string;
  kind: "word" | "(" | ")";
  at: number; // of the operator in the text; -1: none
  operator: string;
  quoted: boolean; // its first letter is
}
const BYTES_MAX = 2000;
const TERMS_MAX = 200,
  DEPTH_MAX = 32;
const ALIASES: Record<string, string> = {why: "reason", host: "agent", tag: "tags"};

const COMMA = "\x1f"; // one in quotes

class Wrong extends Error {}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length;) {
    const c = text[at];
    if (c === "(" || c === ")") {
      found.push({text: c, kind: c, at: -1, operator: "", quoted: false});
      at++;
      continue;
    }
    if (c === " " || c === "\t" || c === "\n") {
      at++;
      continue;
    }
    if (c === "-" && text[at + 1] === "(") {
      found.push({text: "NOT", kind: "word", at: -1, operator: "", quoted: false});
      at++;
      continue;
    }
    const token: Token = {text: "", kind: "word", at: -1, operator: "", quoted: c === '"'};
    for (; at < text.length && !/[ \t\n()]/.test(text[at]); at++) {
      if (text[at] === '"') {
        for (at++; text[at] !== '"'; at++) {
          if (at >= text.length) throw new Wrong('a " is missing at the end');
          if (text[at] === "\\" && at + 1 < text.length) at++;
          // A comma in quotes does not end a value of a list.
          token.text += text[at] === "," ? COMMA : text[at];
        }
        continue;
      }
      const operator = token.at < 0 ? /^(<=|>=|!=|<|>|=|:)/.exec(text.slice(at))?.[0] : undefined;
      if (operator) {
        token.at = token.text.length;
        token.operator = operator;
        at += operator.length - 1;
      } else token.text += text[at];
    }
    found.push(token);
  }
  return found;
}

const commas = (text: string): string => text.replaceAll(COMMA, ",");
const lower = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase());

function numberOf(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const word = lower(text).replace(/^[+-]/, "");
  if (word === "nan") return NaN;
  return word === "inf" ? (text[0] === "-" ? -Infinity : Infinity) : undefined;
}

function equal(column: Column, row: number, text: string, number: number | undefined): boolean {
  const value = column.words ? column.words[column.values[row]] : column.values[row];
  if (typeof value === "number")
    return number !== undefined && (value === number || (value !== value && number !== number));
  const has = lower(column.raw[column.values[row]]);
  return column.name === "tags" ? has.split(",").includes(lower(text)) : has === lower(text);
}

function compared(column: Column, operator: string, text: string): Test {
  const number = numberOf(text);
  if (operator === "=") return (row) => equal(column, row, text, number);
  if (operator === "!=") return (row) => !equal(column, row, text, number);
  const holds: Record<string, (x: number) => boolean> = {
    "<": (x) => x < number!,
    "<=": (x) => x <= number!,
    ">": (x) => x > number!,
    ">=": (x) => x >= number!,
  };
  if (number === undefined) throw new Wrong(`${operator} needs a number, not '${text}'`);
  return (row) => {
    const value = column.words ? column.words[column.values[row]] : column.values[row];
    return typeof value === "number" && holds[operator](value);
  };
}

class Reader {
  found: Token[];
  at = 0;
  depth = 0;
  terms = 0;
  wrong: string[] = [];
  constructor(
    public sheet: Sheet,
    public metric: string | undefined,
    text: string,
  ) {
    if (new TextEncoder().encode(text).length > BYTES_MAX)
      throw new Wrong(`it is longer than ${BYTES_MAX} bytes`);
    this.found = tokens(text);
  }
  is(word: string): boolean {
    const next = this.found[this.at];
    return next?.kind === "word" && !next.quoted && next.at < 0 && next.text === word;
  }
  any(): Test {
    const all = [this.every()];
    while (this.is("OR")) {
      this.at++;
      all.push(this.every());
    }
    return all.length === 1 ? all[0] : (row) => all.some((test) => test(row));
  }
  every(): Test {
    const all: Test[] = [];
    for (;;) {
      const next = this.found[this.at];
      if (!next || next.kind === ")" || this.is("OR")) break;
      if (all.length && this.is("AND")) this.at++;
      all.push(this.one());
    }
    if (!all.length) throw new Wrong("a term is missing");
    return (row) => all.every((test) => test(row));
  }
  one(): Test {
    const next = this.found[this.at];
    if (!next || next.kind === ")" || this.is("AND") || this.is("OR")) throw new Wrong("a term is missing");
    if (++this.depth > DEPTH_MAX) throw new Wrong(`it is nested more than ${DEPTH_MAX} deep`);
    let test: Test;
    if (this.is("NOT")) {
      this.at++;
      const turned = this.one();
      test = (row) => !turned(row);
    } else if (next.kind === "(") {
      this.at++;
      test = this.any();
      if (this.found[this.at++]?.kind !== ")") throw new Wrong("a ) is missing");
    } else {
      this.at++;
      test = this.term(next);
    }
    this.depth--;
    return test;
  }
  term(token: Token): Test {
    if (++this.terms > TERMS_MAX) throw new Wrong(`it has more than ${TERMS_MAX} terms`);
    const {text, at, operator, quoted} = token;
    if (!quoted && text.length > 1 && text[0] === "-" && at !== 0) {
      const turned = this.named(text.slice(1), at - 1, operator);
      return (row) => !turned(row);
    }
    return this.named(text, at, operator);
  }
  named(text: string, at: number, operator: string): Test {
    if (!operator) return this.searched(commas(text));
    const name = commas(text.slice(0, at)),
      value = text.slice(at);
    if (!name || !value)
      throw new Wrong(`'${commas(text.slice(0, at))}${operator}' has no ${name ? "value" : "name"}`);
    const list = value.split(",").map(commas);
    if (name === "has" && operator === ":") {
      const columns = list.map((one) => this.column(one));
      return (row) => columns.some((c) => c === undefined || c.kinds[row] !== MISSING);
    }
    if (name === "why" && (operator === ":" || operator === "="))
      return this.why(operator === ":" ? list : [commas(value)]);
    const column = this.column(name);
    if (!column) return () => true;
    const test =
      operator === ":"
        ? (
            (tests: Test[]) => (row: number) =>
              tests.some((t) => t(row))
          )(list.map((one) => compared(column, "=", one)))
        : compared(column, operator, commas(value));
    return (row) => column.kinds[row] !== MISSING && test(row);
  }
  // The reason is one of these, or the cause says it: "out of GPU memory" is oom too.
  why(list: string[]): Test {
    const reason = this.column("reason")!,
      cause = this.column("cause")!,
      same = list.map((one) => compared(reason, "=", one)),
      says = cause.raw.map((text) =>
        list.some((one) =>
          lower(one) === "oom" ? /^out of .*memory/.test(text) : lower(text).includes(lower(one)),
        ),
      );
    return (row) =>
      (reason.kinds[row] !== MISSING && same.some((test) => test(row))) ||
      (cause.kinds[row] !== MISSING && says[cause.values[row]]);
  }
  column(name: string): Column | undefined {
    const {columns, n} = this.sheet,
      known = ALIASES[name] ?? (name === this.metric ? "objective" : name);
    const column = columns.get(known) ?? columns.get("params." + name) ?? columns.get("metrics." + name);
    if (!column && FIXED.includes(known)) return columnNew(known, null, n);
    if (!column) this.wrong.push(`part of the filter ignored: no trial has '${name}'`);
    return column;
  }
  searched(text: string): Test {
    const sought = lower(text),
      number = /^\d+$/.test(text) ? Number(text) : -1,
      numbers = this.sheet.columns.get("number");
    const hits = [...this.sheet.columns.values()]
      .filter((c) => c.words)
      .map((c) => ({
        c,
        hit: c.words!.map((w, i) => typeof w !== "number" && lower(c.raw[i]).includes(sought)),
      }));
    return (row) =>
      numbers?.values[row] === number || hits.some(({c, hit}) => c.kinds[row] === 0 && hit[c.values[row]]);
  }
}

// Each trial may have these, so a filter may name them though no trial has.
const FIXED = [
  "number",
  "state",
  "reason",
  "agent",
  "attempts",
  "step",
  "created",
  "started",
  "ended",
  "duration",
  "objective",
  "cause",
  "tags",
];

// metric: its name is that of the objective.
export function filterOf(sheet: Sheet, text: string, metric?: string): Filter {
  if (!text.trim()) return {wrong: [], test: () => true};
  try {
    const reader = new Reader(sheet, metric, text),
      test = reader.any();
    if (reader.at < reader.found.length) throw new Wrong("a ( is missing");
    return {wrong: reader.wrong, test};
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return {wrong: ["filter ignored: " + error.message], test: () => true};
  }
}

// As it is written in a filter.
export const quoted = (text: string): string =>
  /^[\w.+/-]+$/.test(text) && text[0] !== "-" && !/^(AND|OR|NOT)$/.test(text)
    ? text
    : '"' + text.replace(/["\\]/g, "\\$&") + '"';
