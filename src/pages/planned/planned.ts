// What each stage that is not built yet will leave: its file in the project folder, and a piece of it.
import type { Messages } from '../../messages/index.ts';

export type PlannedId = keyof Messages['planned']['stages'];

export interface Planned {
  file: string;
  /** A row or a whole small file, in the exact format; none where the format is still open. */
  example?: string;
  /** The example is one file of a folder rather than one row of a file. */
  folder?: boolean;
}

const adapter = (taskType: string, more: object = {}): string =>
  JSON.stringify(
    {
      peft_type: 'LORA',
      task_type: taskType,
      base_model_name_or_path: 'nano',
      r: 8,
      lora_alpha: 16,
      target_modules: ['q_proj', 'v_proj'],
      ...more,
    },
    null,
    2,
  );

const QUESTION = 'Who runs Velmont Energy?\n\nContext:\n[1] Velmont Energy is run by Anna Roux.';

export const PLANNED: Record<PlannedId, Planned> = {
  annotate: { file: 'data/feedback.jsonl' },
  preferences: {
    file: 'data/dataset_rlhf.jsonl',
    example: JSON.stringify({
      prompt: QUESTION,
      chosen: 'Velmont Energy is run by Anna Roux [1].',
      rejected: 'Anna Roux.',
      annotator_comment: 'A full sentence with its source.',
      timestamp: '2025-10-29T18:45:02',
    }),
  },
  reward: {
    file: 'models/reward_model/adapter_config.json',
    example: adapter('SEQ_CLS', { modules_to_save: ['score'] }),
    folder: true,
  },
  align: { file: 'models/nano-rlhf/adapter_config.json', example: adapter('CAUSAL_LM'), folder: true },
  evaluate: { file: 'reports/*.json' },
};
