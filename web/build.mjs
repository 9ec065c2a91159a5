// SPDX-License-Identifier: GPL-3.0-or-later
// node build.mjs FOLDER: bundles src/ into FOLDER, compresses it, names each file by its content, and writes
// page_assets.S, which puts them into besom (orchestrator/server/page/page_assets.h).
import {createHash} from "node:crypto";
import {cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2],
  modules = process.env.BESOM_WEB_MODULES;
const MOST = 120000; // bytes of all files, compressed
const TYPES = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
};

mkdirSync(out, {recursive: true});
for (const name of ["src", "node_modules"]) rmSync(join(out, name), {recursive: true, force: true});
cpSync(join(here, "src"), join(out, "src"), {recursive: true});
cpSync(join(here, "tsconfig.json"), join(out, "tsconfig.json"));
symlinkSync(join(modules, "node_modules"), join(out, "node_modules"));

const packages = createRequire(join(modules, "package.json")),
  {build} = packages("esbuild"),
  {gzipAsync} = packages("@gfx/zopfli");
const hash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);
const files = [];
const add = (name, content) =>
  files.push({name, content, type: TYPES[name.split(".").pop()], tag: hash(content)});
const named = {};
async function bundle(source, name, more) {
  const result = await build({
    entryPoints: [join(out, "src", source)],
    outdir: join(out, "bundle"),
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    // Elements as calls of createElement take fewer bytes than those of preact/jsx-runtime. (A variable h would hide h.)
    jsx: "transform",
    jsxFactory: "createElement",
    jsxFragment: "Fragment",
    tsconfigRaw: "{}",
    legalComments: "eof",
    logLevel: "warning",
    ...more,
  });
  for (const file of result.outputFiles) {
    const end = file.path.split(".").pop();
    named[`${name}.${end}`] = `${name}-${hash(file.contents)}.${end}`;
    add(named[`${name}.${end}`], file.contents);
  }
}
await bundle("base/stream-worker.ts", "stream");
await bundle("main.tsx", "page", {
  inject: [join(out, "src/base/element.ts")],
  define: {STREAM_WORKER: JSON.stringify("/assets/" + named["stream.js"])},
});
const page = readFileSync(join(here, "src", "index.html"), "utf8");
add("index.html", page.replace("page.css", named["page.css"]).replace("page.js", named["page.js"]));

let size = 0;
const text = [],
  rows = [];
for (const [i, {name, content, type, tag}] of files.entries()) {
  const path = join(out, `${name}.gz`);
  const packed = await gzipAsync(content, {numiterations: 5});
  size += packed.length;
  if (!existsSync(path) || !readFileSync(path).equals(packed)) writeFileSync(path, packed);
  text.push(
    `name${i}: .asciz "${name}"`,
    `type${i}: .asciz "${type}"`,
    `tag${i}: .asciz "\\"${tag}\\""`,
    `bytes${i}: .incbin "${path}"`,
    `end${i}:`,
  );
  rows.push(`    .quad name${i}, type${i}, tag${i}, bytes${i}, end${i} - bytes${i}`);
}
if (size > MOST) {
  console.error(`the page has ${size} bytes compressed, more than ${MOST}`);
  process.exit(1);
}
writeFileSync(
  join(out, "page_assets.S"),
  `/* Written by web/build.mjs: ${size} bytes. ${files.map((f) => f.tag).join(" ")} */
    .section .rodata
${text.join("\n")}
    .section .data.rel.ro, "aw"
    .balign 8
    .globl page_assets
page_assets:
${rows.join("\n")}
    .quad 0, 0, 0, 0, 0
    .section .note.GNU-stack, "", %progbits
`,
);
console.log(`the page: ${files.length} files, ${size} bytes compressed`);
