// Builds the engine for plain Node into dist-node/, because Node itself cannot import shaders as text.
import { defineConfig } from 'vite';

export default defineConfig({
  appType: 'custom',
  publicDir: false,
  build: {
    ssr: true,
    target: 'es2023',
    outDir: 'dist-node',
    emptyOutDir: true,
    minify: false,
    rolldownOptions: { input: { engine: 'tools/engine-node.ts' }, output: { entryFileNames: '[name].mjs' } },
  },
  ssr: { noExternal: [/^@huggingface\//], external: ['webgpu'] },
});
