// Holds every source file against the import table, the doors and the habits that keep the code in its shape.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Folder → folders that it may import; a folder may always import itself. `app` is src/main.ts and src/App.svelte. */
const TABLE: Record<string, string[]> = {
  app: ['pages', 'state', 'components', 'styles', 'messages', 'records', 'connect', 'connect-sw', 'api'],
  pages: ['state', 'components', 'records', 'messages'],
  components: ['styles'],
  styles: [],
  messages: [],
  state: ['connect', 'connect-sw', 'api', 'storage', 'curation', 'records', 'messages'],
  workers: ['api', 'engine', 'retrieval', 'curation', 'formats', 'storage', 'records'],
  api: ['engine', 'retrieval', 'curation', 'formats', 'storage', 'records'],
  connect: ['api', 'workers', 'records'],
  'connect-sw': [],
  sw: [],
  engine: ['shaders', 'formats', 'records'],
  retrieval: ['formats', 'records'],
  curation: ['formats', 'records'],
  storage: ['formats', 'records'],
  formats: ['records'],
  records: [],
};

/** Package → the only files that may import it. */
const PACKAGES: [name: RegExp, door: RegExp][] = [
  [/^comlink$/, /^workers\//],
  [/^idb$/, /^src\/storage\/database\.ts$/],
  [/^voy-search/, /^src\/retrieval\/vectorIndex\.ts$/],
  [/^@huggingface\/transformers/, /^src\/retrieval\/embed\.ts$/],
  [/^onnxruntime-web/, /^src\/retrieval\/runtime\.ts$/],
  [/^@huggingface\/(tokenizers|jinja)$/, /^src\/(engine\/tokenizer|retrieval\/tokens)\.ts$/],
  [/^pdfjs-dist/, /^src\/retrieval\/read\/pdf\.ts$/],
  [/^htmlparser2$/, /^src\/retrieval\/read\/markup\.ts$/],
  [/^papaparse$/, /^src\/retrieval\/read\/csv\.ts$/],
  [/^chardet$/, /^src\/retrieval\/read\/encoding\.ts$/],
  [/^@zip\.js\/zip\.js/, /^src\/formats\/zip\.ts$/],
  [/^diff$/, /^src\/components\/wordDiff\.ts$/],
  [/^hyparquet-writer$/, /^src\/formats\/parquet\.ts$/],
  [/^uplot/, /^src\/components\/uplot\.ts$/],
  [/^svelte(\/|$)/, /^src\/(main\.ts|App\.svelte|(pages|components|state)\/)/],
  [/^@lucide\/svelte/, /^src\/(App\.svelte|(pages|components)\/)/],
];

/** What may be written only behind its door. */
const DOORS: [what: string, pattern: RegExp, door: RegExp][] = [
  ['the GPU', /\bnavigator\.gpu\b/, /^src\/engine\/gpu\/device\.ts$/],
  ['the private file system', /\bstorage\.getDirectory\b/, /^src\/storage\/files\.ts$/],
  ['threads', /\bnew (Shared)?Worker\b|\bpostMessage\(|\bComlink\./, /^workers\//],
  ['the service worker', /\bnavigator\.serviceWorker\b|\.serviceWorker\.register\b/, /^workers\/connect-sw\.ts$/],
  ['the database', /\bindexedDB\b/, /^src\/storage\/database\.ts$/],
  [
    'small storage',
    /\b(local|session)Storage\b/,
    /^(src\/state\/(persisted|router|erasing)\.svelte|workers\/connect-sw)\.ts$/,
  ],
  ['the page caches', /\bcaches\.(open|match|has|keys|delete)\(/, /^workers\//],
  [
    'the page', // a variable `document` may also be one of the corpus
    /\bwindow\.|\bdocument\.(body|head|title|hidden|cookie|baseURI|documentElement|activeElement|visibilityState|(create|querySelector|getElement|addEvent|removeEvent|dispatch)\w*)\b/,
    /^(?!src\/(engine|retrieval|formats|curation|records)\/)/,
  ],
  ['chance and the clock', /\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)/, /^(?!src\/(engine|curation)\/)/],
];

const IMPORT =
  /(?:\bfrom|\bimport|\bimport\(|\bimport\.meta\.glob(?:<[^(]*>)?\(|\bnew URL\((?=\s*['"`]\.\.?\/))\s*(['"`])([^'"`\n]+)\1/g;
/** Statements that leave nothing behind when types are stripped. */
const TYPE_IMPORT = /\b(?:import|export) type\b[^;]*;/g;
const COMMENT = /(?<=^|[\s;{(,])\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(?<=^|\s)\/\/.*$/gm;
const MACHINE_PATH = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', '/ho' + 'me/\\w', '/Us' + 'ers/\\w'].join('|'));
const CODE = /\.(ts|svelte)$/;
const SIZED = /\.(ts|mjs|svelte|wgsl|css)$/; // Python recipes stay whole
const SOURCE = /\.(ts|mjs|svelte|wgsl|css|py)$/;

function folder(path: string): string {
  const alone = /^workers\/(api|connect|connect-sw)\.ts$/.exec(path)?.[1];
  if (alone) return alone;
  if (path.startsWith('workers/sw/')) return 'sw';
  const [top, second] = path.split('/');
  if (top !== 'src') return top ?? '';
  return second && posix.extname(second) === '' ? second : 'app';
}

/** Every rule that `text`, stored at `path`, breaks; in words. */
function faults(path: string, text: string): string[] {
  const found: string[] = [];
  const lines = text.trimEnd().split('\n');
  if (SOURCE.test(path) && !/^(#!|\/\/|\/\*|<!--|#|""")/.test(lines[0] ?? '')) found.push('first line is no comment');
  if (SIZED.test(path) && lines.length > 400) found.push(`${lines.length} lines, 400 at most`);
  if (MACHINE_PATH.test(text)) found.push('a path of one machine');
  if (!CODE.test(path) || !/^(src|workers)\//.test(path)) return found;

  const code = text.replace(COMMENT, '');
  for (const [what, pattern, door] of DOORS) if (pattern.test(code) && !door.test(path)) found.push(`uses ${what}`);
  const own = folder(path);
  if (own === 'api' || own === 'connect')
    for (const [, , specifier = ''] of code.replace(TYPE_IMPORT, '').matchAll(IMPORT))
      if (specifier.startsWith('../src/')) found.push(`${own} imports more than types of ${specifier}`);
  for (const [, , specifier = ''] of code.matchAll(IMPORT)) {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(path), specifier.replace(/\?.*$/, ''));
      const to = folder(target);
      if (to !== own && !(TABLE[own] ?? []).includes(to)) found.push(`${own} imports ${to}`);
    } else {
      const rule = PACKAGES.find(([name]) => name.test(specifier));
      if (!rule) found.push(`unknown package ${specifier}`);
      else if (!rule[1].test(path)) found.push(`imports ${specifier} outside its door`);
    }
  }
  return found;
}

function files(top: string): string[] {
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath.replaceAll('\\', '/'), entry.name));
}

describe('every file keeps the architecture', () => {
  const tops = ['src', 'workers', 'shaders', 'tests', 'tools', 'scripts', 'bench', 'docs', '.ci', '.github'];
  const all = tops.flatMap(files).filter((path) => /\.(ts|mjs|svelte|wgsl|css|py|md|yml)$|^\.ci\//.test(path));
  it.each(tops)('%s', (top) => {
    const own = all.filter((path) => path.startsWith(`${top}/`));
    const wrong = own.flatMap((path) => faults(path, readFileSync(path, 'utf8')).map((fault) => `${path}: ${fault}`));
    expect(wrong).toEqual([]);
  });
});

describe('each rule can fail', () => {
  const long = '// Long.\n' + 'let a;\n'.repeat(400);
  it.each([
    ['src/pages/ask/Ask.svelte', "<!-- Ask. -->\nimport { run } from '../../engine/run.ts'", 'pages imports engine'],
    ['src/components/Toast.svelte', "<!-- T. -->\nimport { app } from '../state/app.ts'", 'components imports state'],
    ['src/state/app.ts', "// App.\nimport { x } from '../engine/x.ts'", 'state imports engine'],
    ['src/state/app.ts', "// App.\nconst x = await import('../../workers/data.worker.ts')", 'state imports workers'],
    ['src/engine/run.ts', "// Run.\nexport * from '../storage/files.ts'", 'engine imports storage'],
    ['src/engine/run.ts', "// Run.\nimport { mount } from 'svelte'", 'imports svelte outside its door'],
    ['src/records/a.ts', "// A.\nimport type { B } from '../formats/b.ts'", 'records imports formats'],
    ['src/formats/a.ts', "// A.\nimport '../engine/b.ts'", 'formats imports engine'],
    ['workers/connect.ts', "// C.\nimport { x } from '../src/engine/x.ts'", 'connect imports engine'],
    ['workers/engine.worker.ts', "// W.\nimport { x } from '../src/state/x.ts'", 'workers imports state'],
    ['src/state/app.ts', "// App.\nimport { openDB } from 'idb'", 'imports idb outside its door'],
    ['src/state/app.ts', "// App.\nimport { wrap } from 'comlink'", 'imports comlink outside its door'],
    ['src/engine/run.ts', "// R.\nimport { T } from '@huggingface/tokenizers'", 'outside its door'],
    ['src/engine/run.ts', "// R.\nimport left from 'left-pad'", 'unknown package left-pad'],
    ['src/engine/run.ts', '// R.\nawait navigator.gpu.requestAdapter()', 'uses the GPU'],
    ['src/state/app.ts', '// A.\nawait navigator.storage.getDirectory()', 'uses the private file system'],
    ['src/state/app.ts', "// A.\nnew Worker(new URL('./x.ts', import.meta.url))", 'uses threads'],
    ['src/state/app.ts', '// A.\nself.postMessage(1)', 'uses threads'],
    ['src/state/app.ts', "// A.\nnavigator.serviceWorker.register('sw.js')", 'uses the service worker'],
    [
      'workers/api.ts',
      "// A.\nimport { E } from '../src/engine/e.ts';",
      'imports more than types of ../src/engine/e.ts',
    ],
    ['workers/api.ts', "// A.\nexport * from '../src/engine/e.ts';", 'imports more than types of ../src/engine/e.ts'],
    ['workers/connect.ts', "// C.\nimport { type R } from '../src/records/r.ts';", 'imports more than types of'],
    ['src/state/app.ts', "// A.\nindexedDB.deleteDatabase('atelier')", 'uses the database'],
    ['src/pages/ask/Ask.svelte', "<!-- A. -->\nlocalStorage.getItem('a')", 'uses small storage'],
    ['src/state/app.ts', "// A.\nawait caches.delete('a')", 'uses the page caches'],
    ['src/engine/run.ts', '// R.\nwindow.setTimeout(run)', 'uses the page'],
    ['src/retrieval/read.ts', "// R.\ndocument.createElement('p')", 'uses the page'],
    ['src/engine/random.ts', '// R.\nexport const r = () => Math.random()', 'uses chance and the clock'],
    ['src/curation/split.ts', '// S.\nexport const t = Date.now()', 'uses chance and the clock'],
    ['src/engine/run.ts', 'export const a = 1;', 'first line is no comment'],
    ['tests/long.test.ts', long, '401 lines, 400 at most'],
    ['docs/deploying.md', `# Deploying\ncd ${'/ro' + 'ot/'}site`, 'a path of one machine'],
  ])('%s (%#)', (path, text, fault) => {
    expect(faults(path, text).join('\n')).toContain(fault);
  });
  it('accepts files that keep all rules', () => {
    const types = "// A.\nimport type { E } from '../src/engine/e.ts';\nexport type { R } from '../src/records/r.ts';";
    expect(faults('workers/api.ts', types)).toEqual([]);
    const text =
      "// Ops. Never Math.random.\nimport code from '../../../shaders/add.wgsl?raw';\nimport { k } from '../gpu/k.ts';";
    expect(faults('src/engine/ops/add.ts', text)).toEqual([]);
  });
});
