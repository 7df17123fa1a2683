// README.md of an adapter's folder: what it is, what it was trained on, how, and what came of it.
import type { Adapter } from '../records/adapter.ts';
import type { BaseModel } from '../records/baseModel.ts';
import type { MetricName, Run } from '../records/run.ts';

export interface Card {
  adapter: Adapter;
  /** null where the base is not known here. */
  base: BaseModel | null;
  /** null for an adapter that was brought. */
  run: Run | null;
  /** The last value of each metric of the run. */
  metrics: Partial<Record<MetricName, number>>;
  /** The folder holds the whole model with the adapter folded in. */
  merged?: boolean;
  /** Of a reward model: the lines that load it, and its pad token. */
  scoring?: { code: string; pad: { id: number; text: string } };
  /** Of a reward model: how well it agrees with people on pairs that were kept for the test. */
  agreement?: { accuracy: number; low: number; high: number; pairs: number; longer: number };
}

const plain = (x: number): string => (Number.isInteger(x) ? `${x}` : x.toPrecision(4).replace(/\.?0+(e|$)/, '$1'));
/** In a table's cell, or a heading: one line, no marks that would end it. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|').trim();

function table(rows: readonly (readonly [string, string])[]): string {
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${oneLine(value)} |`)].join('\n');
}

export function modelCard({ adapter, base, run, metrics, merged = false, scoring, agreement }: Card): string {
  const { lora } = adapter;
  const scale = lora.rsLora ? 'alpha / √rank' : 'alpha / rank';
  const about: (readonly [string, string])[] = [
    ['Base model', base ? `${base.name} (${base.id})` : adapter.baseModelId],
    ['Weights of the base (SHA-256)', adapter.baseSha256 || 'not known'],
    ['Rank, alpha', `${lora.rank}, ${plain(lora.alpha)}; the delta is ${scale} · B · A`],
    ['Target modules', lora.targets.join(', ')],
    ['Parameters', `${adapter.parameters}`],
    ['Made', adapter.createdAt],
  ];
  const sections = [
    [
      '---',
      `base_model: ${JSON.stringify(adapter.baseModelId)}`,
      `library_name: ${merged ? 'transformers' : 'peft'}`,
      ...(base ? [`license: ${base.license.toLowerCase()}`] : []),
      `tags: [lora, ${adapter.taskType === 'SEQ_CLS' ? 'reward-model, ' : ''}atelier]`,
      '---',
    ].join('\n'),
    `# ${oneLine(adapter.name)}`,
    `${whatItIs(adapter, run)}${merged ? ', folded into the weights of its base' : ''}.`,
    scoring ? scoringWords(scoring, base) : loading(base, merged),
    table(about),
  ];
  if (run?.data) {
    const { train, test, truncated, dropped } = run.data;
    sections.push('## Data', table(counts({ train, test, truncated, dropped })));
  }
  if (run) {
    const { targets: _, ...config } = run.config;
    const told = Object.entries(config).map(([key, value]) => [key, valueText(value)] as const);
    sections.push('## Training', table([['steps done', `${run.step} of ${run.steps}`], ...told]));
  }
  if (agreement) {
    const { accuracy, low, high, pairs, longer } = agreement;
    const rows: [string, string][] = [
      ['Pairs that it was not trained on', `${pairs}`],
      [
        'Share in which it scores the chosen answer higher (95 % interval)',
        `${plain(accuracy)} (${plain(low)} – ${plain(high)})`,
      ],
      ['The same share of always taking the longer answer', plain(longer)],
    ];
    sections.push('## Agreement with people', table(rows));
  }
  const measured = Object.entries(metrics).map(([name, value]) => [name, plain(value)] as const);
  if (measured.length > 0) sections.push('## Metrics at the end', table(measured));
  return `${sections.join('\n\n')}\n`;
}

const MADE: Record<Run['kind'], string> = {
  sft: 'fine-tuned on demonstrations',
  reward: 'trained on preferences',
  ppo: 'aligned by PPO',
};

function whatItIs({ taskType }: Adapter, run: Run | null): string {
  const what =
    taskType === 'SEQ_CLS' ? 'A reward model, a LoRA adapter with a scalar head that scores answers' : 'A LoRA adapter';
  return `${what}${run ? `, ${MADE[run.kind]} with Atelier` : ' that was brought to Atelier'}`;
}

const valueText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

function scoringWords({ code, pad }: NonNullable<Card['scoring']>, base: BaseModel | null): string {
  const where = base ? `, as Atelier serves them under \`${base.url}\`` : '';
  return [
    `\`\`\`python\n${code}\n\`\`\``,
    `The folder of the base holds its \`config.json\` and weights${where}; the tokenizer lies here.`,
    `The score is read at the last token that is no padding, and that must be the end token: \`pad_token_id\` is ${pad.id} ` +
      `(\`${pad.text}\`) and must not be the id of an end token, or the token before the end is read instead.`,
  ].join('\n\n');
}

/** Lines that run as they stand once the folders are named, and where those are. */
function loading(base: BaseModel | null, merged: boolean): string {
  const python = merged
    ? [
        'from transformers import AutoModelForCausalLM, AutoTokenizer',
        '',
        'model = AutoModelForCausalLM.from_pretrained("this/folder")',
        'tokenizer = AutoTokenizer.from_pretrained("this/folder")',
      ]
    : [
        'from peft import PeftModel',
        'from transformers import AutoModelForCausalLM',
        '',
        'base = AutoModelForCausalLM.from_pretrained("folder/of/the/base")',
        'model = PeftModel.from_pretrained(base, "this/folder")',
      ];
  const where = base ? `, as Atelier serves them under \`${base.url}\`` : '';
  const words = merged
    ? []
    : [
        `The folder of the base holds its \`config.json\`, tokenizer and weights${where}. A merged export from Atelier needs no base: it holds the whole model.`,
      ];
  return [['```python', ...python, '```'].join('\n'), ...words].join('\n\n');
}

const counts = (of: Record<'train' | 'test' | 'truncated' | 'dropped', number>): (readonly [string, string])[] => [
  ['Rows trained on', `${of.train}`],
  ['Rows tested on', `${of.test}`],
  ['Rows cut to the longest length', `${of.truncated}`],
  ['Rows left out: too long, or nothing in them carries loss', `${of.dropped}`],
];
