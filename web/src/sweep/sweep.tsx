// SPDX-License-Identifier: GPL-3.0-or-later
import {Missing, useTitle, Waiting} from "../base/parts";
import {useLayoutEffect} from "preact/hooks";
import {reveal, usePageKeys} from "../base/keys";
import {fileOf, word} from "../base/text";
import {go, show, where} from "../base/where";
import {Views} from "../report/views";
import {Header} from "./header";
import {picked, selected} from "./marked";
import {open, sheet, sweep, trouble} from "./model";
import {front} from "./objectives";
import {filterText} from "./subset";
import {TABS} from "./tabs";
import {Tools} from "./tools";

function tabGo(name: string): void {
  show({tab: name === TABS[0].name ? "" : name});
}

// The bar scrolls to the tab that is open: a narrow one shows a few.
function inSight(link: HTMLElement | null): void {
  const bar = link?.parentElement;
  if (!bar) return;
  const [one, all] = [link.getBoundingClientRect(), bar.getBoundingClientRect()];
  bar.scrollLeft += one.left - all.left - (all.width - one.width) / 2;
}

export function Sweep({id}: {id: string}) {
  useLayoutEffect(() => open(id), [id]); // before anything of another sweep is seen
  usePageKeys((key) => {
    if (!sweep.value) return;
    const tabs = TABS.filter((t) => t.when?.() ?? true),
      at = tabs.findIndex((t) => t.name === (where.value.query.tab ?? tabs[0].name)),
      to = key === "]" ? at + 1 : key === "[" ? at - 1 : -1,
      number = selected.value;
    if (to >= 0 && to < tabs.length) tabGo(tabs[to].name);
    if (key === "f") show({f: filterText.value === "state:failed" ? "" : "state:failed"});
    if (key === "c" && picked.value.size > 1) show({tab: "compare"});
    if (key === "e" && number < 0) show({tab: "explain"});
    if ((key === "e" || key === "l") && number >= 0) {
      go(`/t/${sweep.value.id}-${number}`);
      reveal(key === "e" ? "why" : "log");
    }
  });
  const s = sweep.value,
    tab = TABS.find((t) => t.name === where.value.query.tab) ?? TABS[0],
    all = sheet.value;
  const told = front.value ? " front of " + front.value.n : s?.best ? " " + word(s.best.objective) : "";
  useTitle(s ? (s.name || [s.id, fileOf(s.path)].join(" ").trim()) + told : "");
  const missing = trouble.value && <Missing of={trouble.value} has={all} />;
  if (!s) return <main>{missing ?? <Waiting what="the sweep" />}</main>;
  return (
    <main>
      <Header />
      {missing}
      <div class="report-row">
        <nav class="tabs">
          {TABS.filter((t) => t.when?.() ?? true).map(({name, title}) => (
            <a
              href={"?tab=" + name}
              aria-current={tab.name === name ? "page" : undefined}
              ref={tab.name === name ? inSight : undefined}
              onClick={(e) => {
                e.preventDefault();
                tabGo(name);
              }}
            >
              {title}
            </a>
          ))}
        </nav>
        <Views />
      </div>
      {!tab.trials ? (
        <tab.View />
      ) : !all ? (
        <Waiting what="the trials" />
      ) : all.n === 0 ? (
        <div class="empty">
          <h2>No trial yet</h2>
          <p>
            Trials start when an agent has a free slot: <code>besom agents</code> lists them.
          </p>
        </div>
      ) : (
        <>
          <Tools />
          <tab.View />
        </>
      )}
    </main>
  );
}
