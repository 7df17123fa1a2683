// One data worker for merging: it keeps what it has read while the page is shown, so that a policy redraws at once.
import type { DataApi } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';

class MergeData {
  #connection: Connection<DataApi> | null = null;
  #holders = 0;

  /** Kept until the last one that holds it lets go: a page that is left does not end a merge under way. */
  hold(): () => void {
    this.#holders++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders > 0) return;
      this.#connection?.terminate();
      this.#connection = null;
    };
  }

  async use<T>(run: (api: DataApi) => Promise<T>): Promise<T> {
    const release = this.hold();
    try {
      this.#connection ??= connectData();
      return await run(this.#connection.api);
    } finally {
      release();
    }
  }
}

export const mergeData = new MergeData();
