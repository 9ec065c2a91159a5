// SPDX-License-Identifier: GPL-3.0-or-later
// Modules of the page that need no browser, for tests in node: what `contents`, in web/src/sweep, exports.
import {existsSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));

export async function bundled(contents) {
  const modules = process.env.BESOM_WEB_MODULES;
  if (!modules || !existsSync(modules)) {
    console.log("SKIPPED: no packages of the page (BESOM_WEB)");
    process.exit(77);
  }
  const {build} = createRequire(join(modules, "package.json"))("esbuild");
  const built = await build({
    stdin: {contents, resolveDir: join(here, "../../web/src/sweep")},
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    jsxImportSource: "preact",
    nodePaths: [join(modules, "node_modules")],
  });
  return import(
    "data:text/javascript;base64," + Buffer.from(built.outputFiles[0].contents).toString("base64")
  );
}
