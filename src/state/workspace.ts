// Verbs over a whole project: what must load or leave together.
import type { Project } from '../records/project.ts';
import { deleteDatabase } from '../storage/database.ts';
import { deleteAllFiles, recover } from '../storage/files.ts';
import { connection } from './connection.svelte.ts';
import { demoDocuments } from './demo.ts';
import { documents } from './documents.svelte.ts';
import { generations } from './generations.svelte.ts';
import { forgetPersisted, isText, Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';
import { clean } from './textFile.ts';

/** Set while "erase everything" can still be undone; a tab closed meanwhile erases at the next start. */
const erasing = new Persisted('erasing', '', isText);

export async function startWorkspace(): Promise<void> {
  if (erasing.value) return eraseEverything();
  await projects.load();
  await loadCurrent();
  void recover().catch(() => undefined); // no private file system here: nothing can be left over
}

async function loadCurrent(): Promise<void> {
  const id = projects.current?.id ?? '';
  await Promise.all([documents.load(id), generations.load(id)]);
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

/** Opens the demo project, made on first use and completed if documents are missing. Returns how many came. */
export async function openDemo(name: string): Promise<number> {
  const texts = await demoDocuments(); // fetched first: no empty project is left when the site is unreachable
  if (projects.demo) await openProject(projects.demo.id);
  else await createProject(name, true);
  let restored = 0;
  for (const { name: file, text } of texts) restored += (await documents.add(file, clean(text))).added.length;
  return restored;
}

/** Hides the project and opens another; restoreProject() takes it back. */
export async function removeProject(id: string): Promise<void> {
  const wasOpen = projects.current?.id === id;
  await projects.remove(id);
  if (wasOpen) await openProject(projects.list[0]?.id ?? '');
}

export async function restoreProject(id: string): Promise<void> {
  await projects.restore(id);
  await openProject(id);
}

export const scheduleErase = (): void => void (erasing.value = new Date().toISOString());
export const cancelErase = (): void => void (erasing.value = '');

export async function eraseEverything(): Promise<void> {
  await connection.close();
  await Promise.all([deleteDatabase(), deleteAllFiles()]);
  sessionStorage.clear();
  forgetPersisted();
  location.replace(new URL('#/', document.baseURI));
  location.reload();
}
