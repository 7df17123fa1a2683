// Builds the studio: a static folder for any host and any sub-path, with our own service worker.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { contentSecurityPolicy, isolationHeaders } from './tools/headers.ts';
import { serviceWorker } from './tools/sw-plugin.ts';

const csp = contentSecurityPolicy(process.env.HUB_ORIGINS);

const cspMeta = (): Plugin => ({
  name: 'csp-meta',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: csp }, injectTo: 'head-prepend' },
    ],
  },
});

export default defineConfig({
  base: './',
  appType: 'mpa', // no fallback page: a missing model file must be a 404, not index.html
  plugins: [svelte(), cspMeta(), serviceWorker('workers/sw/sw.ts', { __CSP__: csp })],
  worker: { format: 'es' },
  optimizeDeps: { include: ['comlink', 'idb'] },
  build: { target: 'es2023', assetsInlineLimit: 0, sourcemap: true },
  server: { headers: isolationHeaders },
  preview: { headers: { ...isolationHeaders, 'Content-Security-Policy': csp } },
});
