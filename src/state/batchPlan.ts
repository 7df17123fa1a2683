// What a batch will do, before it is started: its prompts out of pasted lines or a file, and who answers them how. Pure.
import type { Contender } from '../records/batch.ts';
import { joinPrompt } from '../records/comparison.ts';
import type { Sampling } from '../records/sampling.ts';

/** Draws that differ, and answers that still make sense. */
export const BATCH_TEMPERATURE = 0.8;
export const MOST_ANSWERS = 8;

/** One who answers, as the form has it. */
export interface Drawing {
  adapterId: string | null;
  temperature: number;
  /** Answers by it to each prompt. */
  draws: number;
}

export interface PromptsRead {
  prompts: string[];
  /** Numbers of lines from 1 that are no prompts. */
  refused: number[];
}

/** A prompt a line, as plain text or as JSON with "prompt" (or "question"), and "context" beside it where there is one. */
export function promptsOf(text: string): PromptsRead {
  const prompts: string[] = [];
  const refused: number[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const prompt = line.trimStart().startsWith('{') ? promptOf(line) : line.trim();
    if (prompt === null) refused.push(i + 1);
    else prompts.push(prompt);
  }
  return { prompts: [...new Set(prompts)], refused };
}

function promptOf(line: string): string | null {
  try {
    const { prompt, question, context } = JSON.parse(line) as Record<string, unknown>;
    const asked = prompt ?? question;
    if (typeof asked !== 'string' || asked.trim() === '') return null;
    const texts = (Array.isArray(context) ? (context as unknown[]) : [context]).filter(
      (one) => typeof one === 'string',
    );
    return joinPrompt(
      asked,
      texts.map((one) => ({ text: one })),
    );
  } catch {
    return null;
  }
}

/** As many contenders as answers are drawn. Draws of one model differ by their seeds; different models share them. */
export function contendersOf(drawings: readonly Drawing[], sampling: Sampling, contextLength: number): Contender[] {
  const used = new Map<string, number>();
  return drawings.flatMap(({ adapterId, temperature, draws }) =>
    Array.from({ length: Math.max(0, draws) }, (): Contender => {
      const who = `${adapterId ?? ''} ${temperature}`;
      const nth = used.get(who) ?? 0;
      used.set(who, nth + 1);
      const maxNewTokens = Math.min(sampling.maxNewTokens, Math.floor(contextLength / 2));
      return { adapterId, sampling: { ...sampling, temperature, maxNewTokens, seed: (sampling.seed + nth) % 2 ** 32 } };
    }),
  );
}
