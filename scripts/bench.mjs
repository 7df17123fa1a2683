// npm run bench -- [NAME] [--json] [--node] [--hardware] [--only WORD] [--save]      without a name: lists the benches
import { spawnSync } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, createServer } from 'vite';
import { CHROMIUM_ARGS, findChromium } from './chromium.mjs';
import { RUNTIME_ALIAS } from '../tools/runtime-alias.mjs';
import { dawnEnv, root } from './env.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    node: { type: 'boolean', default: false },
    hardware: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const [name] = positionals;
const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (name !== undefined && !names.includes(name)) {
  console.error(`bench: the name must be one of ${names.join(', ')}, got ${name}. Choose one of them.`);
  process.exit(1);
}
// Dawn's driver must be in the environment before Node starts.
if (name !== undefined && flags.node && process.env.ATELIER_BENCH !== '1') {
  const env = { ...(flags.hardware ? process.env : dawnEnv()), ATELIER_BENCH: '1' };
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    env,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}

const lines = [];
function emit(line) {
  lines.push(line);
  const fields = Object.entries(JSON.parse(line)).map(([key, value]) => `${key} ${value}`);
  console.log(flags.json ? line : fields.slice(1).join('  '));
}
const note = (text) => console.error(text);

/** The benches as plain modules, through Vite: shaders are imported as text. */
async function withModules(use) {
  const vite = await createServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    ssr: { noExternal: ['voy-search'] }, // its .wasm is loaded by Vite
  });
  try {
    return await use((path) => vite.ssrLoadModule(path));
  } finally {
    await vite.close();
  }
}

async function list() {
  await withModules(async (load) => {
    for (const each of names) console.log(`${each.padEnd(12)}${(await load(`/bench/${each}.ts`)).description}`);
  });
}

async function runInNode() {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const gpu = create([]); // kept while the bench runs: Dawn dies with it
  await withModules(async (load) => {
    const { openGpu } = await load('/src/engine/gpu/device.ts');
    const { run } = await load(`/bench/${name}.ts`);
    await run({
      home: 'node',
      version: `Node ${process.version} with Dawn`,
      openGpu: (needs) => openGpu(gpu, needs),
      file: async (path) => Uint8Array.from(await readFile(join(root, path))),
      emit: (line) => emit(JSON.stringify(line)),
      note,
      only: flags.only,
    });
  });
}

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
  '.json': 'application/json',
};
const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Serves the built page, and the project's files under /project/. */
function serve(folder) {
  const server = createHttpServer(async (request, response) => {
    const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0]));
    const file = path.startsWith('/project/') ? join(root, path.slice('/project/'.length)) : join(folder, path);
    try {
      const body = await readFile(file);
      response
        .writeHead(200, { ...HEADERS, 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' })
        .end(body);
    } catch {
      response.writeHead(404, HEADERS).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function runInBrowser() {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-bench-'));
  let server, browser;
  try {
    await build({
      root,
      configFile: false,
      publicDir: false,
      logLevel: 'error',
      resolve: { alias: RUNTIME_ALIAS },
      build: { outDir: folder, target: 'es2023', rolldownOptions: { input: join(root, 'bench/page/index.html') } },
    });
    server = await serve(folder);
    const { chromium } = await import('playwright');
    const args = flags.hardware ? CHROMIUM_ARGS.filter((flag) => !flag.includes('swiftshader')) : CHROMIUM_ARGS;
    browser = await chromium.launch({ executablePath: findChromium(), args });
    const page = await browser.newPage();
    page.on('console', (message) => message.type() === 'error' && note(message.text()));
    await page.exposeFunction('benchEmit', emit);
    await page.exposeFunction('benchNote', note);
    await page.goto(`http://127.0.0.1:${server.address().port}/bench/page/index.html`);
    await page.waitForFunction('window.runBench');
    await page.evaluate(([bench, only]) => window.runBench(bench, only), [name, flags.only]);
  } finally {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (name === undefined) await list();
else if (flags.node) await runInNode();
else await runInBrowser();

if (flags.save && name !== undefined) {
  const results = join(root, 'bench/results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${name}-${flags.node ? 'node' : 'browser'}.jsonl`), `${lines.join('\n')}\n`);
}
process.exit(0); // Dawn keeps threads of its own
