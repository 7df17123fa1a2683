// Builds the engine and the merging command for plain Node into dist-node/: Node itself imports neither shaders nor types.
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
    rolldownOptions: {
      input: { engine: 'tools/engine-node.ts', merge: 'tools/merge.ts' },
      output: { entryFileNames: '[name].mjs' },
    },
  },
  ssr: { noExternal: [/^@huggingface\//], external: ['webgpu'] },
});
