// The files of a drop or a paste, folders walked; what the system hides is left out.

/** Reads the entries at once: they are gone after the event. */
export async function droppedFiles(data: DataTransfer | null): Promise<File[]> {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file');
  const taken = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files = await Promise.all(
    taken.map(async (one) => (one === null ? [] : one instanceof File ? [one] : walk(one))),
  );
  return files.flat().filter(isShown);
}

/** ".DS_Store", "Thumbs.db" and whatever lies in a folder that begins with a dot. */
export function isShown({ name, webkitRelativePath }: File): boolean {
  const parts = (webkitRelativePath || name).split('/');
  return !parts.some((part) => part.startsWith('.')) && !/^(thumbs\.db|desktop\.ini)$/i.test(name);
}

async function walk(entry: FileSystemEntry): Promise<File[]> {
  if (entry.name.startsWith('.')) return [];
  if (entry.isFile) return [await new Promise<File>((...ends) => (entry as FileSystemFileEntry).file(...ends))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  for (;;) {
    // A reader gives some entries at a time and none at its end.
    const some = await new Promise<FileSystemEntry[]>((...ends) => reader.readEntries(...ends));
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await walk(inner)));
  }
}
