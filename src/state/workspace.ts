// Verbs over a whole project: what must load or leave together.
import type { Project } from '../records/project.ts';
import { recover } from '../storage/files.ts';
import { adapters } from './adapters.svelte.ts';
import { batchStatus } from './batchStatus.svelte.ts';
import { comparisons } from './comparisons.svelte.ts';
import { connection } from './connection.svelte.ts';
import { demoDocuments } from './demo.ts';
import { demonstrations } from './demonstrations.svelte.ts';
import { documents } from './documents.svelte.ts';
import { embedders } from './embedders.svelte.ts';
import { eraseEverything, erasing } from './erasing.svelte.ts';
import { generations } from './generations.svelte.ts';
import { imports } from './imports.svelte.ts';
import { judging } from './judging.svelte.ts';
import { preferenceStatus } from './preferenceStatus.svelte.ts';
import { projects } from './projects.svelte.ts';
import { prompts } from './prompts.svelte.ts';
import { runLogs } from './runLogs.svelte.ts';
import { runs } from './runs.svelte.ts';
import { trainingStatus } from './trainingStatus.svelte.ts';

export async function startWorkspace(): Promise<void> {
  if (await erasing.isDue()) return eraseEverything();
  await projects.load();
  await loadCurrent();
  erasing.resume();
  void recover().catch(() => undefined); // no private file system here: nothing can be left over
}

/** Another tab may have changed what this one shows. */
export async function refreshWorkspace(): Promise<void> {
  if (connection.problem) return; // this tab is told to reload
  await embedders.refresh();
  await projects.load();
  await loadCurrent();
  runLogs.refresh();
}

async function loadCurrent(): Promise<void> {
  const id = projects.current?.id ?? '';
  await Promise.all([
    documents.load(id),
    generations.load(id),
    runs.load(id),
    adapters.load(id),
    demonstrations.load(id),
    comparisons.load(id).then(() => judging.load(id)), // its queue is made of them
    preferenceStatus.load(id),
    prompts.load(id),
  ]);
}

export async function openProject(id: string): Promise<void> {
  projects.select(id);
  await loadCurrent();
}

export async function createProject(name: string, demo = false): Promise<Project> {
  const project = await projects.create(name, demo);
  await openProject(project.id);
  return project;
}

/** The open project, or a new one of this name: so that a first text can be added anywhere. */
export async function ensureProject(name: string): Promise<Project> {
  return projects.current ?? createProject(name);
}

/** Opens the demo project, made on first use and completed if documents are missing: how many came, and came back. */
export async function openDemo(name: string): Promise<{ added: number; restored: boolean }> {
  const files = await demoDocuments(); // fetched first: no empty project is left when the site is unreachable
  const project = projects.demo ?? (await projects.create(name, true));
  await openProject(project.id);
  const restored = documents.list.length > 0;
  return { added: (await imports.add(files, project.id, { quiet: true })).added.length, restored };
}

/** The project of a run, where it is another than the open one. */
export async function openProjectOf(runId: string): Promise<void> {
  const run = runs.find(runId) ?? (await runs.read(runId));
  const project = projects.list.find(({ id }) => id === run?.projectId);
  if (project && project !== projects.current) await openProject(project.id);
}

/** Hides the project and opens another; restoreProject() takes it back. What runs in it is paused and can go on then. */
export async function removeProject(id: string): Promise<void> {
  const { under } = trainingStatus.now;
  if (under?.projectId === id) under.pause();
  const batch = batchStatus.now.under;
  if (batch?.projectId === id) batch.pause();
  const wasOpen = projects.current?.id === id;
  await projects.remove(id);
  if (wasOpen) await openProject(projects.list[0]?.id ?? '');
}

export async function restoreProject(id: string): Promise<void> {
  await projects.restore(id);
  await openProject(id);
}
