// SPDX-License-Identifier: GPL-3.0-or-later
// The views of a sweep, in the order of their tabs.
import {Table} from "./table";
import {Explain} from "./explain";
import type {ComponentType} from "preact";
import {Compare} from "./compare";
import {Curves} from "./curves";
import {Importance} from "./importance";
import {sweep} from "./model";
import {Parallel} from "./parallel";
import {objectives} from "./objectives";
import {Pareto} from "./pareto";
import {Scatter} from "./scatter";
import {Space} from "./space";
import {Timeline} from "./timeline";

export interface Tab {
  name: string; // as in the address
  title: string;
  View: ComponentType;
  when?: () => boolean; // it is there for some sweeps only
  trials: boolean; // it shows trials: it needs some, and has the filter above it
}

const Overview = () => (
  <>
    <div class="beside">
      <Scatter />
      <Importance few />
    </div>
    <Parallel />
    <Table />
  </>
);
const TableTab = () => <Table height={Math.max(420, innerHeight - 330)} />;
const CompareTab = () => (
  <>
    <Compare />
    <Table />
  </>
);
const ParallelTab = () => (
  <>
    <Parallel />
    <Table />
  </>
);
const ImportanceTab = () => <Importance />;
const CurvesTab = () => (
  <>
    <Curves />
    <Table />
  </>
);
const ParetoTab = () => (
  <>
    <Pareto />
    <Table />
  </>
);
const Spec = () => <pre>{JSON.stringify(sweep.value.spec, null, 2)}</pre>;

export const TABS: Tab[] = [
  {name: "overview", title: "Overview", View: Overview, trials: true},
  {name: "table", title: "Table", View: TableTab, trials: true},
  {name: "parallel", title: "Parallel", View: ParallelTab, trials: true},
  {name: "importance", title: "Importance", View: ImportanceTab, trials: true},
  {name: "space", title: "Space", View: Space, trials: true},
  {name: "curves", title: "Curves", View: CurvesTab, trials: true},
  {name: "timeline", title: "Timeline", View: Timeline, trials: true},
  {name: "compare", title: "Compare", View: CompareTab, trials: true},
  {name: "pareto", title: "Pareto", View: ParetoTab, trials: true, when: () => objectives().length > 1},
  {name: "explain", title: "Explain", View: Explain, trials: false},
  {name: "spec", title: "Spec", View: Spec, trials: false},
];
