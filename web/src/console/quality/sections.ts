/** The sections of the quality page, each loaded when it is first opened. */
import type { Component } from "svelte";
import { msg } from "../../engine/text";

export interface QualitySection {
  readonly id: string;
  readonly name: string;
  readonly load: () => Promise<{ default: Component }>;
}

export const qualitySections: readonly QualitySection[] = [
  { id: "overview", name: msg`Overview`, load: () => import("./Overview.svelte") },
  { id: "target", name: msg`Target and budget`, load: () => import("./Target.svelte") },
  { id: "simulation", name: msg`Simulation`, load: () => import("./Simulate.svelte") },
  { id: "audit", name: msg`Audit`, load: () => import("./Audits.svelte") },
  { id: "people", name: msg`People`, load: () => import("./People.svelte") },
  { id: "gold", name: msg`Gold`, load: () => import("./Gold.svelte") },
];

export const sectionHref = (projectId: string, section: string): string => `/projects/${projectId}?tab=quality&part=${section}`;
