// A worker's connection to the database: one for all calls; once it had to close for another tab, the next use opens anew.
import { openDatabase, type Database } from '../src/storage/database.ts';

let opening: Promise<Database> | null = null;

export function database(): Promise<Database> {
  const forget = (): void => {
    opening = null;
  };
  opening ??= openDatabase({ onOutdated: forget, onErased: forget, onLost: forget }).catch((error: unknown) => {
    forget();
    throw error;
  });
  return opening;
}
