// What each stage that is not built yet will leave: its file in the project folder, and one of its files.
import type { Messages } from '../../messages/index.ts';

export type PlannedId = keyof Messages['planned']['stages'];

export interface Planned {
  file: string;
  /** A whole small file, in the exact format; none where the format is still open. */
  example?: string;
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

export const PLANNED: Record<PlannedId, Planned> = {
  reward: {
    file: 'models/reward_model/adapter_config.json',
    example: adapter('SEQ_CLS', { modules_to_save: ['score'] }),
  },
  evaluate: { file: 'reports/*.json' },
};
