// "Erase everything": ten seconds in which it can be taken back, counted in one tab, whatever is reloaded or closed.
import { endWorkers } from '../../workers/connect.ts';
import { removeServiceWorker } from '../../workers/connect-sw.ts';
import { deleteDatabase } from '../storage/database.ts';
import { deleteAllFiles } from '../storage/files.ts';
import { connection } from './connection.svelte.ts';
import { sentence, t } from './language.svelte.ts';
import { forgetPersisted, isText, Persisted } from './persisted.svelte.ts';
import { toasts, UNDO_SECONDS } from './toasts.svelte.ts';

/** Held by the tab that shows the undo. */
const LOCK = 'atelier-erasing';

/** Since when it is wanted; '' = it is not. Read anew each time: another tab may have taken it back. */
const wanted = (): Persisted<string> => new Persisted('erasing', '', isText);

class Erasing {
  #waiting = $state(false);

  /** It can still be undone, here or in another tab. */
  get waiting(): boolean {
    return this.#waiting;
  }

  schedule(): void {
    wanted().value = new Date().toISOString();
    this.resume();
  }

  /** Its time is over and no open tab shows the undo: the tab that did was closed. */
  async isDue(): Promise<boolean> {
    const since = wanted().value;
    if (!since || Date.parse(since) + UNDO_SECONDS * 1000 > Date.now()) return false;
    return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => lock !== null);
  }

  /** Shows the undo as soon as no other tab does, if by then it is still wanted. */
  resume(): void {
    if (this.#waiting || !wanted().value) return;
    this.#waiting = true;
    void navigator.locks
      .request(LOCK, () => this.#wait())
      .catch((error: unknown) => toasts.show(sentence(error), { tone: 'error' }))
      .finally(() => (this.#waiting = false));
  }

  async #wait(): Promise<void> {
    if (!wanted().value) return;
    wanted().value = new Date().toISOString(); // the ten seconds begin again in this tab
    const undone = await new Promise<boolean>((resolve) => {
      const { settings, common } = t();
      toasts.undoable(
        settings.erasing,
        common.undo,
        () => resolve(true),
        () => resolve(false),
      );
    });
    if (undone) wanted().value = '';
    else await eraseEverything();
  }
}

export const erasing = new Erasing();

export async function eraseEverything(): Promise<void> {
  endWorkers(); // they would go on writing; with them ends what holds the page when it is left
  await connection.close();
  await Promise.all([deleteDatabase(), deleteAllFiles(), removeServiceWorker()]);
  sessionStorage.clear();
  forgetPersisted();
  location.replace(new URL('#/', document.baseURI));
  location.reload();
}
