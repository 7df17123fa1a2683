// What this site keeps on the device, how much room there is, and whether it is promised to stay.
import { keepSpace, measureSpace, type Space } from '../storage/space.ts';

class SpaceState {
  #space = $state.raw<Space | null>(null);

  /** null until measured. */
  get value(): Space | null {
    return this.#space;
  }

  async measure(): Promise<void> {
    this.#space = await measureSpace();
  }

  async keep(): Promise<boolean> {
    const kept = await keepSpace();
    await this.measure();
    return kept;
  }
}

export const space = new SpaceState();
