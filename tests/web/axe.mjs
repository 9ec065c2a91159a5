// SPDX-License-Identifier: GPL-3.0-or-later
// What axe-core finds in a page, of what is serious or critical: a line for each rule.
import {readFileSync} from "node:fs";

const axe = readFileSync(process.env.BESOM_WEB_MODULES + "/node_modules/axe-core/axe.min.js", "utf8");

// The colours alone, for a page that was examined in the other theme.
export const COLOURS = {runOnly: ["color-contrast"]};

export async function axeFinds(page, options = {}, where = "html") {
  if (!(await page.evaluate(() => !!window.axe))) await page.evaluate(axe);
  return page.evaluate(
    async ([where, options]) =>
      (await window.axe.run(where, {resultTypes: ["violations"], ...options})).violations
        .filter((v) => /serious|critical/.test(v.impact))
        .map((v) => {
          const nodes = v.nodes
            .slice(0, 3)
            .map((n) => n.target.join(" ") + " " + n.failureSummary.split("\n")[1]);
          return `${v.id}: ${nodes.join(" | ")}`;
        }),
    [where, options],
  );
}
