// A data worker whose files hang, hang even when cancelled, or tell some progress first: as their names say.
import * as Comlink from 'comlink';
import type { Document } from '../../src/records/document.ts';
import type { DataApi, Imported } from '../../workers/api.ts';

const cancelled = new Map<string, () => void>();
let reading = 0;

const api = {
  async importFile(jobId, file, { projectId, createdAt, name = file.name }, _siteUrl, onProgress) {
    if (++reading > 1) throw new Error('two files at once');
    const end = new Promise<Imported>((resolve) =>
      cancelled.set(jobId, () => resolve({ problem: 'cancelled', detail: '' })),
    );
    try {
      if (file.name.startsWith('deaf')) return await new Promise<Imported>(() => undefined);
      if (file.name.startsWith('slow'))
        for (let done = 0; done < 8; done++) {
          onProgress({ done, total: 8, unit: 'pages' });
          await new Promise((resolve) => setTimeout(resolve, 60));
        }
      if (file.name.startsWith('hang')) return await end;
      if (file.name.startsWith('full')) throw Object.assign(new Error('no room'), { name: 'StorageFull' });
      if (file.name.endsWith('.xyz')) return { problem: 'type', detail: '' };
      return { document: { id: `id of ${name}`, projectId, name, createdAt } as Document };
    } finally {
      reading--;
    }
  },
  async cancel(jobId) {
    cancelled.get(jobId)?.();
  },
} satisfies Partial<DataApi>;

Comlink.expose(api);
