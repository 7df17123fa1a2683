// How much room this site has, and whether the browser promised to keep it.

export interface Space {
  usedBytes: number;
  quotaBytes: number;
  /** Kept until the person deletes it, even when the disk runs low. */
  kept: boolean;
}

export async function measureSpace(): Promise<Space> {
  const [estimate, kept] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
  return { usedBytes: estimate.usage ?? 0, quotaBytes: estimate.quota ?? 0, kept };
}

/** Asks the browser to keep this site's data; it may refuse, or ask the person. */
export const keepSpace = (): Promise<boolean> => navigator.storage.persist();
