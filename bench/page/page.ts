// The page that hosts a bench in a browser; scripts/bench.mjs builds it, opens it and listens.
import { openGpu } from '../../src/engine/gpu/device.ts';
import type { Bench, BenchContext } from '../lib/context.ts';

const benches = import.meta.glob<Bench>('../*.ts');

declare global {
  interface Window {
    benchEmit(line: string): Promise<void>;
    benchNote(text: string): Promise<void>;
    runBench(name: string, only: string): Promise<void>;
  }
}

window.runBench = async (name, only) => {
  const lines: Promise<void>[] = [];
  const ctx: BenchContext = {
    home: 'browser',
    version:
      /Chrome\/[\d.]+|Firefox\/[\d.]+|Version\/[\d.]+/.exec(navigator.userAgent)?.[0].replace('/', ' ') ?? 'unknown',
    openGpu: (needs) => openGpu(navigator.gpu, needs),
    async file(path) {
      const response = await fetch(`/project/${path}`);
      if (!response.ok) throw new Error(`bench: the project must have the file ${path}, got ${response.status}.`);
      return new Uint8Array(await response.arrayBuffer());
    },
    emit: (line) => void lines.push(window.benchEmit(JSON.stringify(line))),
    note: (text) => void lines.push(window.benchNote(text)),
    only,
  };
  const bench = await benches[`../${name}.ts`]?.();
  if (!bench) throw new Error(`bench: the page must know "${name}", got none. Add bench/${name}.ts.`);
  await bench.run(ctx);
  await Promise.all(lines);
};
