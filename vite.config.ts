// Builds the studio: a static folder for any host and any sub-path, with our own service worker.
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { datasets } from './tools/datasets-plugin.ts';
import { isolationHeaders, siteHeaders } from './tools/headers.ts';
import { policy } from './tools/policy-plugin.ts';
import { serviceWorker } from './tools/sw-plugin.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };
const hubOrigins = process.env.HUB_ORIGINS;

export default defineConfig({
  base: './',
  appType: 'mpa', // no fallback page: a missing model file must be a 404, not index.html
  plugins: [svelte(), datasets(), policy(hubOrigins), serviceWorker('workers/sw/sw.ts', siteHeaders(hubOrigins))],
  define: { __VERSION__: JSON.stringify(version) },
  worker: { format: 'es' },
  optimizeDeps: { include: ['comlink', 'idb'], exclude: ['voy-search'] },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    sourcemap: true,
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  server: { headers: isolationHeaders },
  preview: { headers: siteHeaders(hubOrigins) },
});
