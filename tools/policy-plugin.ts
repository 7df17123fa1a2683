// Vite plugin: the content security policy in the page itself, and the file `_headers` for hosts that read it.
import type { Plugin } from 'vite';
import { contentSecurityPolicy, headersFile } from './headers.ts';

export const policy = (hubOrigins = ''): Plugin => ({
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
