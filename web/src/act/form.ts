// SPDX-License-Identifier: GPL-3.0-or-later
// Which form is open: it needs more than a yes.
import {signal} from "@preact/signals";

export interface Form {
  kind: "enqueue" | "edit" | "tag";
  sweep: any; // as GET sweeps/ID has it
  trials?: {number: number; tags: string[]}[]; // of tag; else the sweep itself
  params?: any; // of enqueue: where it starts
  from?: string; // whose they are: "trial 12"
  cap?: number; // of edit: it begins with this run_cap
}
export const form = signal<Form | null>(null);
