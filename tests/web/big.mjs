// SPDX-License-Identifier: GPL-3.0-or-later
// The sweep BIG of the store that fixture.py makes, as tests of several views have it: see checks.mjs.
import {api, at, BIG, page, ready, settled} from "./checks.mjs";

export const columns = (query = "") => api("sweeps/bigbig01/columns" + query);
// The values of one of them, as their words.
export const column = (all, name) => {
  const c = all.columns.find((one) => one.name === name);
  return c.values.map((v) => (v === null || !c.words ? v : c.words[v]));
};
export const query = (name) => new URL(page.url()).searchParams.get(name) ?? "";
export async function fresh(search = "") {
  await page.goto(at(BIG + search));
  await ready();
}

// Where the axis of parallel coordinates is grasped.
export const axis = (name) =>
  page.$eval(`.of-axis:has(> title:text-is("${name}")) > .grip`, (e) => {
    const b = e.getBoundingClientRect();
    return {x: b.x + b.width / 2, y: b.y, height: b.height};
  });
export async function drag(x, from, to) {
  await page.mouse.move(x, from);
  await page.mouse.down();
  await page.mouse.move(x, (from + to) / 2);
  await page.mouse.move(x, to);
  await page.mouse.up();
  await settled();
}
