// The route table: every page, its name in the address, and how it is loaded.
import type { Component } from 'svelte';
import type { Messages } from '../messages/index.ts';

export type PageId = keyof Messages['pages'];

/** Pages take no props: what they show is in the address, read from state/router. */
export interface Page {
  id: PageId;
  load: () => Promise<{ default: Component<Record<string, never>> }>;
}

const missing = (): ReturnType<Page['load']> => import('./missing/Missing.svelte');
const planned = (): ReturnType<Page['load']> => import('./planned/Planned.svelte');

export const PAGES: readonly Page[] = [
  { id: 'start', load: () => import('./start/Start.svelte') },
  { id: 'documents', load: () => import('./documents/Documents.svelte') },
  { id: 'ask', load: () => import('./ask/Ask.svelte') },
  { id: 'fine-tune', load: () => import('./fine-tune/FineTune.svelte') },
  { id: 'runs', load: () => import('./runs/RunPage.svelte') },
  { id: 'demo', load: () => import('./demo/Demo.svelte') },
  { id: 'annotate', load: () => import('./annotate/Annotate.svelte') },
  { id: 'preferences', load: () => import('./preferences/Preferences.svelte') },
  { id: 'reward', load: () => import('./reward/Reward.svelte') },
  { id: 'align', load: () => import('./align/Align.svelte') },
  { id: 'evaluate', load: planned },
  { id: 'monitor', load: () => import('./monitor/Monitor.svelte') },
  { id: 'models', load: () => import('./models/Models.svelte') },
  { id: 'project', load: () => import('./project/Project.svelte') },
  { id: 'settings', load: () => import('./settings/Settings.svelte') },
  { id: 'check', load: () => import('./check/Check.svelte') },
];

const MISSING: Page = { id: 'missing', load: missing };

/** The page for the first segment of the address; "" is Start. */
export function pageOf(name: string): Page {
  return PAGES.find((page) => page.id === (name || 'start')) ?? MISSING;
}

/** "#/ask"; Start is "#/". */
export const href = (id: PageId): string => (id === 'start' ? '#/' : `#/${id}`);
