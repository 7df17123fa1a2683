// What the browser throws when it cannot keep something, as sentences that say what to do.

/** `name` is what code (and the message table) tests; the message stands alone. */
export class StorageError extends Error {
  constructor(
    override name: 'StorageFull' | 'StorageOutdated' | 'StorageTwice' | 'StorageFailed' | 'StorageAbsent',
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Other errors pass through as they are. */
export function explain(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  const got = `got ${error.name}${error.message ? ` (${error.message})` : ''}`;
  switch (error.name) {
    case 'QuotaExceededError':
      return new StorageError(
        'StorageFull',
        `storage: the browser must have room left for this site, ${got}. Delete documents or projects, or free disk space, and try again; nothing that was saved before is lost.`,
        error,
      );
    case 'VersionError':
    case 'InvalidStateError':
      return new StorageError(
        'StorageOutdated',
        `storage: this tab must use the same version as the stored data, ${got}. Reload this tab.`,
        error,
      );
    case 'ConstraintError':
      return new StorageError(
        'StorageTwice',
        `storage: the same content can be stored only once, ${got}. Use what is already there.`,
        error,
      );
    default:
      return new StorageError(
        'StorageFailed',
        `storage: the browser must let this site keep data, ${got}. Leave private browsing or allow site data, then reload.`,
        error,
      );
  }
}
