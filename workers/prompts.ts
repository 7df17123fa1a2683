// Files of prompts for the data worker: good lines come in one strict write, bad ones are told by their numbers.
import { readPromptFile } from '../src/formats/promptFile.ts';
import type { ProjectPrompt } from '../src/records/prompt.ts';
import { piecesOf } from '../src/storage/files.ts';
import { addPrompts } from '../src/storage/prompts.ts';
import { database } from './database.ts';

export async function importPrompts(
  file: File,
  { projectId, createdAt }: { projectId: string; createdAt: string },
): Promise<{ added: ProjectPrompt[]; known: number; problems: { line: number; problem: string }[] }> {
  const { prompts, problems } = await readPromptFile(piecesOf(file));
  const rows = prompts.map((line) => ({ ...line, source: file.name, createdAt }));
  return { ...(await addPrompts(await database(), projectId, rows)), problems };
}
