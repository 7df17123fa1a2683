// The files of a drop or a paste, folders walked; what the system hides is left out.

/** Reads the entries at once: they are gone after the event. What cannot be read is left out, unless it is everything. */
export async function droppedFiles(data: DataTransfer | null): Promise<File[]> {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file');
  const taken = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files: File[] = [];
  const failures: unknown[] = [];
  for (const one of taken) {
    if (one instanceof File) files.push(one);
    else if (one) await walk(one, files, failures);
  }
  if (files.length === 0 && failures.length > 0) throw failures[0];
  return files.filter(isShown);
}

/** ".DS_Store", "Thumbs.db" and whatever lies in a folder that begins with a dot. */
export function isShown({ name, webkitRelativePath }: File): boolean {
  const parts = (webkitRelativePath || name).split('/');
  return !parts.some((part) => part.startsWith('.')) && !/^(thumbs\.db|desktop\.ini)$/i.test(name);
}

async function walk(entry: FileSystemEntry, files: File[], failures: unknown[]): Promise<void> {
  if (entry.name.startsWith('.')) return;
  try {
    if (entry.isFile) {
      files.push(await new Promise<File>((...ends) => (entry as FileSystemFileEntry).file(...ends)));
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      // A reader gives some entries at a time and none at its end.
      const some = await new Promise<FileSystemEntry[]>((...ends) => reader.readEntries(...ends));
      if (some.length === 0) return;
      for (const inner of some) await walk(inner, files, failures);
    }
  } catch (error) {
    failures.push(error);
  }
}
