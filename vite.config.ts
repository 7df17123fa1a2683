// Builds the studio: a static folder for any host and any sub-path, with our own service worker.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { contentSecurityPolicy, headersFile, isolationHeaders, siteHeaders } from './tools/headers.ts';
import { serviceWorker } from './tools/sw-plugin.ts';

const hubOrigins = process.env.HUB_ORIGINS;

/** The policy in the page itself and in `_headers`, for hosts that send no headers and for those that read that file. */
const policy = (): Plugin => ({
  name: 'policy',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy(hubOrigins) },
        injectTo: 'head-prepend',
      },
    ],
  },
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: '_headers', source: headersFile(hubOrigins) });
  },
});

export default defineConfig({
  base: './',
  appType: 'mpa', // no fallback page: a missing model file must be a 404, not index.html
  plugins: [svelte(), policy(), serviceWorker('workers/sw/sw.ts', siteHeaders(hubOrigins))],
  worker: { format: 'es' },
  optimizeDeps: { include: ['comlink', 'idb'] },
  build: { target: 'es2023', assetsInlineLimit: 0, sourcemap: true },
  server: { headers: isolationHeaders },
  preview: { headers: siteHeaders(hubOrigins) },
});
