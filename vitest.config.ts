// The test projects: Node and Chromium, with and without the GPU, and the slow and interop lanes.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_ARGS, findChromium } from './scripts/chromium.mjs';
import { embedder } from './tools/embedder-plugin.ts';
import { isolationHeaders } from './tools/headers.ts';
import { pdf, readerPackages } from './tools/pdf-plugin.ts';
import { RUNTIME_ALIAS } from './tools/runtime-alias.mjs';

const node = (name: string, include: string[], seconds: number) => ({
  test: {
    name,
    include,
    environment: 'node' as const,
    server: { deps: { inline: ['voy-search'] } }, // Vite loads its .wasm; Node alone does not
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
  },
});

const chromium = (name: string, include: string[], seconds: number) => ({
  plugins: [svelte(), embedder(), pdf()],
  resolve: { alias: RUNTIME_ALIAS },
  worker: { format: 'es' as const },
  // Bundled before the first test, and nothing later: a dependency found on the way would reload the page under a test.
  optimizeDeps: {
    include: [
      'comlink',
      'idb',
      '@huggingface/tokenizers',
      '@huggingface/jinja',
      '@huggingface/transformers',
      'onnxruntime-web/wasm',
      'onnxruntime-web/jspi',
      ...readerPackages,
    ],
    exclude: ['voy-search'],
    noDiscovery: true,
  },
  server: { headers: isolationHeaders },
  test: {
    name,
    include,
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    fileParallelism: false,
    retry: 1, // as in the e2e tests: a shared machine may starve a browser; the reporter says what was tried again
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS } }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
});

/** Dawn holds the GPU and all cores: one file at a time, each in its own process. */
const dawn = (name: string, include: string[], seconds: number) => {
  const project = node(name, include, seconds);
  return { test: { ...project.test, pool: 'forks' as const, fileParallelism: false, maxWorkers: 1 } };
};

const special = ['tests/**/*.{gpu,browser,slow,interop}.test.ts'];

/** About order and bookkeeping rather than kernels, and minutes long: Dawn in Node is proof enough, the built site another. */
const nodeAlone = ['tests/engine/{engine,training,sft,plan,reward}.gpu.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { test: { ...node('unit', ['tests/**/*.test.ts'], 20).test, exclude: special } },
      dawn('gpu-node', ['tests/**/*.gpu.test.ts'], 120),
      chromium('gpu-browser', ['tests/**/*.gpu.test.ts', ...nodeAlone.map((glob) => `!${glob}`)], 120),
      chromium('browser', ['tests/**/*.browser.test.ts'], 30),
      dawn('slow', ['tests/**/*.slow.test.ts'], 900),
      dawn('interop', ['tests/**/*.interop.test.ts'], 300),
    ],
  },
});
