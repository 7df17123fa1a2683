// Builds the studio: a static folder for any host and any sub-path, with our own service worker.
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { datasets } from './tools/datasets-plugin.ts';
import { embedder } from './tools/embedder-plugin.ts';
import { isolationHeaders, siteHeaders } from './tools/headers.ts';
import { pdf, readerPackages } from './tools/pdf-plugin.ts';
import { policy } from './tools/policy-plugin.ts';
import { RUNTIME_ALIAS } from './tools/runtime-alias.mjs';
import { serviceWorker } from './tools/sw-plugin.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };
const hubOrigins = process.env.HUB_ORIGINS;

/** The WebGPU runtime of the embedder lies apart: it is fetched where it is tried, not in the background for everybody. */
const assetFileNames = ({ names }: { names: string[] }): string =>
  names.some((name) => name.includes('.jspi.')) ? 'optional/[name]-[hash][extname]' : 'assets/[name]-[hash][extname]';

export default defineConfig({
  base: './',
  appType: 'mpa', // no fallback page: a missing model file must be a 404, not index.html
  plugins: [
    svelte(),
    datasets(),
    embedder(),
    pdf(),
    policy(hubOrigins),
    serviceWorker('workers/sw/sw.ts', siteHeaders(hubOrigins)),
  ],
  resolve: { alias: RUNTIME_ALIAS },
  define: { __VERSION__: JSON.stringify(version) },
  worker: { format: 'es', rolldownOptions: { output: { assetFileNames } } },
  // A dependency found on the way would reload the page in the middle of work.
  optimizeDeps: {
    include: [
      'comlink',
      'diff',
      'hyparquet-writer',
      'idb',
      '@huggingface/transformers',
      'onnxruntime-web/wasm',
      'onnxruntime-web/jspi',
      ...readerPackages,
    ],
    exclude: ['voy-search'],
  },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    sourcemap: true,
    rolldownOptions: { checks: { bundlerTimings: false }, output: { assetFileNames } },
  },
  server: { headers: isolationHeaders },
  preview: { headers: siteHeaders(hubOrigins) },
});
