// A folder in hub layout as it was dropped or picked: where it begins, and which of its files an embedder needs.

export interface Parts<Bytes> {
  /** Of the folder; "" when only its files came. */
  name: string;
  /** By path in the folder. */
  parts: ReadonlyMap<string, Bytes>;
  /** The model's own file and every small text: the same weights in other precisions are left. */
  needed(model: string): { path: string; file: Bytes }[];
}

/** The folder is where config.json lies nearest to the top. */
export function rootOf<Bytes>(files: readonly { path: string; file: Bytes }[]): Parts<Bytes> {
  const depth = (path: string): number => path.split('/').length;
  const [config] = files
    .map(({ path }) => path)
    .filter((path) => /(^|\/)config\.json$/.test(path))
    .sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  if (config === undefined)
    throw new Error(
      `embedder: the folder must hold config.json, tokenizer.json and an ONNX file, got ${files.length} files and no config.json. Choose the folder that holds them.`,
    );
  const root = config.slice(0, config.lastIndexOf('/') + 1);
  const parts = new Map(
    files.filter(({ path }) => path.startsWith(root)).map(({ path, file }) => [path.slice(root.length), file]),
  );
  return {
    name: root.split('/').at(-2) ?? '',
    parts,
    needed: (model) =>
      [...parts]
        .filter(([path]) => path === model || /\.(json|txt)$/.test(path))
        .map(([path, file]) => ({ path, file })),
  };
}
