// SPDX-License-Identifier: GPL-3.0-or-later
// Whole numbers beyond 2^53: numbers of JavaScript lose their last digits.
export class Whole {
  constructor(readonly text: string) {}
  valueOf(): number {
    return Number(this.text);
  }
  toString(): string {
    return this.text;
  }
  toJSON(): unknown {
    return (JSON as any).rawJSON(this.text);
  }
}

const LONG = /(^|[^\d.])\d{16}/;

// JSON as it is written. A browser that does not tell a number's digits rounds them.
export const parsed = (text: string): any =>
  LONG.test(text) && "rawJSON" in JSON
    ? JSON.parse(text, ((_: string, value: unknown, {source}: {source: string}) =>
        typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
          ? new Whole(source)
          : value) as any)
    : JSON.parse(text);

export const isDict = (value: unknown): value is Record<string, unknown> =>
  !!value && typeof value === "object" && !Array.isArray(value) && !(value instanceof Whole);
