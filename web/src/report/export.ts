// SPDX-License-Identifier: GPL-3.0-or-later
// A report as one file that asks nothing of anybody: its styles, its pictures and the data of its charts are in it.
import {csv, download} from "../base/chart";
import {Shot} from "./camera";

// The rules of this page, for a light page alone.
function styles(): string {
  const rules: string[] = [];
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (!/prefers-color-scheme|@import/.test(rule.cssText)) rules.push(rule.cssText);
  return rules.join("\n");
}

function dataLink(name: string, text: string, rows: number): HTMLElement {
  const link = document.createElement("a"),
    bytes = new TextEncoder().encode(text);
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32768)
    binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
  link.setAttribute("href", "data:text/csv;charset=utf-8;base64," + btoa(binary));
  link.setAttribute("download", name.replace(/[^\w.-]+/g, "-") + ".csv");
  link.textContent = `${name}: ${rows.toLocaleString("en-US")} rows as CSV`;
  return link;
}

const META: Record<string, string>[] = [
  {charset: "utf-8"},
  {
    "http-equiv": "Content-Security-Policy",
    content: "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  },
  {name: "viewport", content: "width=device-width"},
  {name: "generator", content: "besom"},
];

// article: the report as it is shown; shots: of its views, in their order.
export function fileOf(name: string, article: HTMLElement, shots: Shot[]): string {
  const doc = document.implementation.createHTMLDocument(name),
    body = doc.importNode(article, true);
  for (const meta of META) {
    const element = doc.createElement("meta");
    for (const [key, value] of Object.entries(meta)) element.setAttribute(key, value);
    doc.head.insertBefore(element, doc.head.firstChild);
  }
  doc.documentElement.lang = "en";
  doc.documentElement.dataset.theme = "light";
  for (const part of body.querySelectorAll("button,textarea,input,select,.no-export")) part.remove();
  body.querySelector("h1")!.className = "";
  for (const link of body.querySelectorAll("a[href^='/']")) link.replaceWith(...link.childNodes);
  body.querySelectorAll(".report-view").forEach((block, i) => {
    const list = doc.createElement("p");
    list.className = "report-data";
    for (const {name, twin} of shots[i]?.data ?? []) {
      list.appendChild(dataLink(name, csv(twin), twin.rows.length));
      list.append(" ");
    }
    block.appendChild(list);
  });
  const main = doc.body.appendChild(doc.createElement("main"));
  main.className = "report exported";
  main.appendChild(body);
  // As text: this page's policy allows no element with styles, not even in a document that is never shown.
  const [head, ...rest] = doc.documentElement.outerHTML.split("</head>");
  return `<!DOCTYPE html>\n${head}<style>\n${styles().replace(/<\//g, "<\\/")}\n</style></head>${rest.join("</head>")}\n`;
}

export const fileSave = (name: string, text: string): void => download(name + ".html", text, "text/html");
