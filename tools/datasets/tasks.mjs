// Makes datasets/tasks.jsonl: the shipped model answers the demo's prompts twice, and what differs is to be judged.
//   npm run build:node && node tools/datasets/tasks.mjs
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dawnEnv, root } from '../../scripts/env.mjs';

const MODEL = join(root, 'public/models/nano');
const TASKS = 40;
/** Alternating, so that they are near one another in both languages: likely words, and less likely ones. */
const TEMPERATURES = [0.8, 1];
const SEEDS = [1, 2, 3, 4];
const AT_ONCE = 5; // prompts: one batch of rows each

const HEAD = {
  atelier_tasks: 1,
  title: 'Which answer would you rather read?',
  return_to: 'mailto:feedback@example.org',
  guidelines:
    'Choose the answer that is right according to the passages, says it in a full sentence and names its source. ' +
    'If both are as good, say so; if both are wrong, say that too. / ' +
    "Choisissez la réponse qui est juste d'après les passages, en une phrase complète et avec sa source.",
  tags: ['wrong fact', 'no source', 'not a sentence', 'off topic'],
};

// Dawn's driver must be in the environment before Node starts.
if (process.env.ATELIER_TASKS !== '1') {
  const env = { ...dawnEnv(), ATELIER_TASKS: '1' };
  process.exit(spawnSync(process.execPath, [fileURLToPath(import.meta.url)], { env, stdio: 'inherit' }).status ?? 1);
}

const { create, globals } = await import('webgpu');
Object.assign(globalThis, globals);
const { Decoder, generate, loadLlama, openGpu, Tokenizer } = await import('../../dist-node/engine.mjs');

const files = {
  text: async (name) => (existsSync(join(MODEL, name)) ? readFileSync(join(MODEL, name), 'utf8') : null),
  stream: async (name) => ({ stream: createReadStream(join(MODEL, name)), bytes: statSync(join(MODEL, name)).size }),
};
const api = create([]); // must outlive its device
const gpu = await openGpu(api);
const decoder = new Decoder(gpu, await loadLlama(gpu, files));
const tokenizer = await Tokenizer.load(files);

/** The answers to some prompts, one for each seed. */
async function answersTo(prompts, firstIndex) {
  const rows = prompts.flatMap((content, i) =>
    SEEDS.map((seed) => ({
      promptIds: tokenizer.chat([{ role: 'user', content }]),
      sampling: {
        temperature: TEMPERATURES[(firstIndex + i) % TEMPERATURES.length],
        topK: 0,
        topP: 1,
        repetitionPenalty: 1,
        maxNewTokens: 48,
        seed,
      },
    })),
  );
  const run = generate({ decoder, tokenizer, rows });
  for (;;) {
    const { done, value } = await run.next();
    if (done) return prompts.map((_, i) => value.slice(i * SEEDS.length, (i + 1) * SEEDS.length));
  }
}

const prompts = readFileSync(join(root, 'datasets/prompts.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line).prompt);
const tasks = [];
for (let at = 0; at < prompts.length && tasks.length < TASKS; at += AT_ONCE) {
  const asked = prompts.slice(at, at + AT_ONCE);
  for (const [i, answers] of (await answersTo(asked, at)).entries()) {
    const ended = answers.map(({ text, finish }, n) => ({ text: text.trim(), model: 'nano', seed: SEEDS[n], finish }));
    const first = ended.find(({ text, finish }) => text !== '' && finish === 'eos');
    const second = ended.find(({ text, finish }) => text !== '' && finish === 'eos' && text !== first?.text);
    if (!first || !second || tasks.length === TASKS) continue; // all draws alike: nothing to judge
    tasks.push({ prompt: asked[i], responses: [first, second].map(({ text, model, seed }) => ({ text, model, seed })) });
  }
  console.error(`${at + asked.length} prompts, ${tasks.length} tasks`);
}
decoder.dispose();
gpu.destroy();
writeFileSync(join(root, 'datasets/tasks.jsonl'), [HEAD, ...tasks].map((row) => `${JSON.stringify(row)}\n`).join(''));
